"""All layers, under one name."""

from horngate.engine.arguments import argument  # noqa: F401
from horngate.engine.inner import untracked  # noqa: F401
from horngate.engine.topology import Input, InputLayer, InputSpec, Layer, Merge, merge  # noqa: F401
from horngate.layers.advanced_activations import (  # noqa: F401
    ELU,
    LeakyReLU,
    ParametricSoftplus,
    PReLU,
    SReLU,
    ThresholdedLinear,
    ThresholdedReLU,
)
from horngate.layers.cells import RNN  # noqa: F401
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
    Reshape,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
    TimeDistributedDense,
)
from horngate.layers.embeddings import Embedding  # noqa: F401
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
from horngate.layers.noise import GaussianDropout, GaussianNoise  # noqa: F401
from horngate.layers.normalization import BatchNormalization  # noqa: F401
from horngate.layers.past import TimeDistributedMerge  # noqa: F401
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
from horngate.layers.renamed import (  # noqa: F401
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    Conv2DTranspose,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    ReLU,
    Rescaling,
    Softmax,
)
from horngate.layers.wrappers import Bidirectional, TimeDistributed, Wrapper  # noqa: F401
