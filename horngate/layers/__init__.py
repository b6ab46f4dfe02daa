"""All layers, under one name."""

from typing import TYPE_CHECKING

from horngate.backend.orders import elsewhere
from horngate.engine.arguments import argument  # noqa: F401
from horngate.engine.sublayers import untracked  # noqa: F401
from horngate.engine.topology import Input, InputLayer, InputSpec, Layer, Merge, merge  # noqa: F401
from horngate.layers.adaptive_pooling import (  # noqa: F401
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from horngate.layers.advanced_activations import (  # noqa: F401
    ELU,
    LeakyReLU,
    ParametricSoftplus,
    PReLU,
    ReLU,
    Softmax,
    SReLU,
    ThresholdedLinear,
    ThresholdedReLU,
)
from horngate.layers.attention import AdditiveAttention, Attention  # noqa: F401
from horngate.layers.cells import RNN, GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells  # noqa: F401
from horngate.layers.convolutional import (  # noqa: F401
    AtrousConv1D,
    AtrousConv2D,
    AtrousConvolution1D,
    AtrousConvolution2D,
    Conv1D,
    Conv2D,
    Conv3D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Deconv2D,
    Deconvolution2D,
    SeparableConv2D,
    SeparableConvolution2D,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from horngate.layers.convolutional_recurrent import ConvLSTM2D, ConvRecurrent2D  # noqa: F401
from horngate.layers.core import (  # noqa: F401
    Activation,
    ActivityRegularization,
    Dense,
    Dropout,
    Flatten,
    Highway,
    Lambda,
    Masking,
    MaxoutDense,
    Permute,
    RepeatVector,
    Rescaling,
    Reshape,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
    TimeDistributedDense,
)
from horngate.layers.depthwise import DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D  # noqa: F401
from horngate.layers.einsum_dense import EinsumDense  # noqa: F401
from horngate.layers.embeddings import Embedding  # noqa: F401
from horngate.layers.identity import AlphaDropout, Identity  # noqa: F401
from horngate.layers.local import LocallyConnected1D, LocallyConnected2D  # noqa: F401
from horngate.layers.merging import (  # noqa: F401
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from horngate.layers.multi_head_attention import GroupQueryAttention, MultiHeadAttention  # noqa: F401
from horngate.layers.noise import GaussianDropout, GaussianNoise  # noqa: F401
from horngate.layers.normalization import BatchNormalization  # noqa: F401
from horngate.layers.normalization_of_samples import (  # noqa: F401
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from horngate.layers.pooling import (  # noqa: F401
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from horngate.layers.recurrent import GRU, LSTM, Recurrent, SimpleRNN  # noqa: F401
from horngate.layers.transposed import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose  # noqa: F401
from horngate.layers.wrappers import Bidirectional, TimeDistributed, Wrapper  # noqa: F401

if TYPE_CHECKING:  # other names of Keras 2 and 3
    MaxPool1D = MaxPooling1D
    MaxPool2D = MaxPooling2D
    MaxPool3D = MaxPooling3D
    Convolution1DTranspose = Conv1DTranspose
    Convolution2DTranspose = Conv2DTranspose
    Convolution3DTranspose = Conv3DTranspose
    SeparableConvolution1D = SeparableConv1D
    AvgPool1D = AveragePooling1D
    AvgPool2D = AveragePooling2D
    AvgPool3D = AveragePooling3D
    GlobalMaxPool1D = GlobalMaxPooling1D
    GlobalMaxPool2D = GlobalMaxPooling2D
    GlobalAvgPool1D = GlobalAveragePooling1D
    GlobalAvgPool2D = GlobalAveragePooling2D
else:
    _OTHERS = (
        "AvgPool1D AvgPool2D AvgPool3D Convolution1DTranspose Convolution2DTranspose Convolution3DTranspose "
        "GlobalAvgPool1D GlobalAvgPool2D GlobalMaxPool1D GlobalMaxPool2D MaxPool1D MaxPool2D MaxPool3D "
        "SeparableConvolution1D TimeDistributedMerge"
    )
    _PUBLIC = {name for name in globals() if not name.startswith("_")} - {"TYPE_CHECKING", "elsewhere"}
    __all__ = sorted([*_PUBLIC, *_OTHERS.split()])

    def __getattr__(name):
        """Other names of layers, and what only another Keras has here."""
        return elsewhere(__name__, name)
