"""All layers, for editors and type checkers: at run time each is imported when first named."""

from horngate.engine.arguments import argument as argument
from horngate.engine.sublayers import untracked as untracked
from horngate.engine.topology import Input as Input
from horngate.engine.topology import InputLayer as InputLayer
from horngate.engine.topology import InputSpec as InputSpec
from horngate.engine.topology import Layer as Layer
from horngate.engine.topology import Merge as Merge
from horngate.engine.topology import merge as merge
from horngate.layers.adapted import Normalization as Normalization
from horngate.layers.adaptive_pooling import AdaptiveAveragePooling1D as AdaptiveAveragePooling1D
from horngate.layers.adaptive_pooling import AdaptiveAveragePooling2D as AdaptiveAveragePooling2D
from horngate.layers.adaptive_pooling import AdaptiveAveragePooling3D as AdaptiveAveragePooling3D
from horngate.layers.adaptive_pooling import AdaptiveMaxPooling1D as AdaptiveMaxPooling1D
from horngate.layers.adaptive_pooling import AdaptiveMaxPooling2D as AdaptiveMaxPooling2D
from horngate.layers.adaptive_pooling import AdaptiveMaxPooling3D as AdaptiveMaxPooling3D
from horngate.layers.advanced_activations import ELU as ELU
from horngate.layers.advanced_activations import LeakyReLU as LeakyReLU
from horngate.layers.advanced_activations import ParametricSoftplus as ParametricSoftplus
from horngate.layers.advanced_activations import PReLU as PReLU
from horngate.layers.advanced_activations import ReLU as ReLU
from horngate.layers.advanced_activations import Softmax as Softmax
from horngate.layers.advanced_activations import SReLU as SReLU
from horngate.layers.advanced_activations import ThresholdedLinear as ThresholdedLinear
from horngate.layers.advanced_activations import ThresholdedReLU as ThresholdedReLU
from horngate.layers.attention import AdditiveAttention as AdditiveAttention
from horngate.layers.attention import Attention as Attention
from horngate.layers.categories import CategoryEncoding as CategoryEncoding
from horngate.layers.categories import Discretization as Discretization
from horngate.layers.categories import HashedCrossing as HashedCrossing
from horngate.layers.categories import Hashing as Hashing
from horngate.layers.cells import RNN as RNN
from horngate.layers.cells import ConvLSTM2DCell as ConvLSTM2DCell
from horngate.layers.cells import ConvRNN2D as ConvRNN2D
from horngate.layers.cells import GRUCell as GRUCell
from horngate.layers.cells import LSTMCell as LSTMCell
from horngate.layers.cells import SimpleRNNCell as SimpleRNNCell
from horngate.layers.cells import StackedRNNCells as StackedRNNCells
from horngate.layers.changed_colours import AutoContrast as AutoContrast
from horngate.layers.changed_colours import (
    ContrastLimitedAdaptiveHistogramEqualization as ContrastLimitedAdaptiveHistogramEqualization,
)
from horngate.layers.changed_colours import Equalization as Equalization
from horngate.layers.changed_colours import RandomBrightness as RandomBrightness
from horngate.layers.changed_colours import RandomColorDegeneration as RandomColorDegeneration
from horngate.layers.changed_colours import RandomColorJitter as RandomColorJitter
from horngate.layers.changed_colours import RandomContrast as RandomContrast
from horngate.layers.changed_colours import RandomGaussianBlur as RandomGaussianBlur
from horngate.layers.changed_colours import RandomGrayscale as RandomGrayscale
from horngate.layers.changed_colours import RandomHue as RandomHue
from horngate.layers.changed_colours import RandomInvert as RandomInvert
from horngate.layers.changed_colours import RandomPosterization as RandomPosterization
from horngate.layers.changed_colours import RandomSaturation as RandomSaturation
from horngate.layers.changed_colours import RandomSharpness as RandomSharpness
from horngate.layers.changed_colours import Solarization as Solarization
from horngate.layers.convolutional import AtrousConv1D as AtrousConv1D
from horngate.layers.convolutional import AtrousConv2D as AtrousConv2D
from horngate.layers.convolutional import AtrousConvolution1D as AtrousConvolution1D
from horngate.layers.convolutional import AtrousConvolution2D as AtrousConvolution2D
from horngate.layers.convolutional import Conv1D as Conv1D
from horngate.layers.convolutional import Conv2D as Conv2D
from horngate.layers.convolutional import Conv3D as Conv3D
from horngate.layers.convolutional import Convolution1D as Convolution1D
from horngate.layers.convolutional import Convolution2D as Convolution2D
from horngate.layers.convolutional import Convolution3D as Convolution3D
from horngate.layers.convolutional import Cropping1D as Cropping1D
from horngate.layers.convolutional import Cropping2D as Cropping2D
from horngate.layers.convolutional import Cropping3D as Cropping3D
from horngate.layers.convolutional import Deconv2D as Deconv2D
from horngate.layers.convolutional import Deconvolution2D as Deconvolution2D
from horngate.layers.convolutional import SeparableConv2D as SeparableConv2D
from horngate.layers.convolutional import SeparableConvolution2D as SeparableConvolution2D
from horngate.layers.convolutional import UpSampling1D as UpSampling1D
from horngate.layers.convolutional import UpSampling2D as UpSampling2D
from horngate.layers.convolutional import UpSampling3D as UpSampling3D
from horngate.layers.convolutional import ZeroPadding1D as ZeroPadding1D
from horngate.layers.convolutional import ZeroPadding2D as ZeroPadding2D
from horngate.layers.convolutional import ZeroPadding3D as ZeroPadding3D
from horngate.layers.convolutional_recurrent import ConvLSTM1D as ConvLSTM1D
from horngate.layers.convolutional_recurrent import ConvLSTM2D as ConvLSTM2D
from horngate.layers.convolutional_recurrent import ConvLSTM3D as ConvLSTM3D
from horngate.layers.convolutional_recurrent import ConvRecurrent2D as ConvRecurrent2D
from horngate.layers.core import Activation as Activation
from horngate.layers.core import ActivityRegularization as ActivityRegularization
from horngate.layers.core import Dense as Dense
from horngate.layers.core import Dropout as Dropout
from horngate.layers.core import Flatten as Flatten
from horngate.layers.core import Highway as Highway
from horngate.layers.core import Lambda as Lambda
from horngate.layers.core import Masking as Masking
from horngate.layers.core import MaxoutDense as MaxoutDense
from horngate.layers.core import Permute as Permute
from horngate.layers.core import RepeatVector as RepeatVector
from horngate.layers.core import Rescaling as Rescaling
from horngate.layers.core import Reshape as Reshape
from horngate.layers.core import SpatialDropout1D as SpatialDropout1D
from horngate.layers.core import SpatialDropout2D as SpatialDropout2D
from horngate.layers.core import SpatialDropout3D as SpatialDropout3D
from horngate.layers.core import TimeDistributedDense as TimeDistributedDense
from horngate.layers.cut_images import CenterCrop as CenterCrop
from horngate.layers.cut_images import MaxNumBoundingBoxes as MaxNumBoundingBoxes
from horngate.layers.cut_images import RandomCrop as RandomCrop
from horngate.layers.cut_images import RandomErasing as RandomErasing
from horngate.layers.cut_images import Resizing as Resizing
from horngate.layers.depthwise import DepthwiseConv1D as DepthwiseConv1D
from horngate.layers.depthwise import DepthwiseConv2D as DepthwiseConv2D
from horngate.layers.depthwise import SeparableConv1D as SeparableConv1D
from horngate.layers.einsum_dense import EinsumDense as EinsumDense
from horngate.layers.elementwise import Identity as Identity
from horngate.layers.embeddings import Embedding as Embedding
from horngate.layers.layer_scale import LayerScale as LayerScale
from horngate.layers.local import LocallyConnected1D as LocallyConnected1D
from horngate.layers.local import LocallyConnected2D as LocallyConnected2D
from horngate.layers.merging import Add as Add
from horngate.layers.merging import Average as Average
from horngate.layers.merging import Concatenate as Concatenate
from horngate.layers.merging import Dot as Dot
from horngate.layers.merging import Maximum as Maximum
from horngate.layers.merging import Minimum as Minimum
from horngate.layers.merging import Multiply as Multiply
from horngate.layers.merging import Subtract as Subtract
from horngate.layers.merging import add as add
from horngate.layers.merging import average as average
from horngate.layers.merging import concatenate as concatenate
from horngate.layers.merging import dot as dot
from horngate.layers.merging import maximum as maximum
from horngate.layers.merging import minimum as minimum
from horngate.layers.merging import multiply as multiply
from horngate.layers.merging import subtract as subtract
from horngate.layers.mixed_images import AugMix as AugMix
from horngate.layers.mixed_images import CutMix as CutMix
from horngate.layers.mixed_images import MixUp as MixUp
from horngate.layers.mixed_images import RandAugment as RandAugment
from horngate.layers.moved_images import RandomElasticTransform as RandomElasticTransform
from horngate.layers.moved_images import RandomFlip as RandomFlip
from horngate.layers.moved_images import RandomPerspective as RandomPerspective
from horngate.layers.moved_images import RandomRotation as RandomRotation
from horngate.layers.moved_images import RandomShear as RandomShear
from horngate.layers.moved_images import RandomTranslation as RandomTranslation
from horngate.layers.moved_images import RandomZoom as RandomZoom
from horngate.layers.multi_head_attention import GroupQueryAttention as GroupQueryAttention
from horngate.layers.multi_head_attention import MultiHeadAttention as MultiHeadAttention
from horngate.layers.noise import AlphaDropout as AlphaDropout
from horngate.layers.noise import GaussianDropout as GaussianDropout
from horngate.layers.noise import GaussianNoise as GaussianNoise
from horngate.layers.normalization import BatchNormalization as BatchNormalization
from horngate.layers.normalization_of_samples import GroupNormalization as GroupNormalization
from horngate.layers.normalization_of_samples import LayerNormalization as LayerNormalization
from horngate.layers.normalization_of_samples import RMSNormalization as RMSNormalization
from horngate.layers.normalization_of_samples import UnitNormalization as UnitNormalization
from horngate.layers.pipeline import Pipeline as Pipeline
from horngate.layers.plain_data import deserialize as deserialize
from horngate.layers.plain_data import serialize as serialize
from horngate.layers.pooling import AveragePooling1D as AveragePooling1D
from horngate.layers.pooling import AveragePooling2D as AveragePooling2D
from horngate.layers.pooling import AveragePooling3D as AveragePooling3D
from horngate.layers.pooling import GlobalAveragePooling1D as GlobalAveragePooling1D
from horngate.layers.pooling import GlobalAveragePooling2D as GlobalAveragePooling2D
from horngate.layers.pooling import GlobalAveragePooling3D as GlobalAveragePooling3D
from horngate.layers.pooling import GlobalMaxPooling1D as GlobalMaxPooling1D
from horngate.layers.pooling import GlobalMaxPooling2D as GlobalMaxPooling2D
from horngate.layers.pooling import GlobalMaxPooling3D as GlobalMaxPooling3D
from horngate.layers.pooling import MaxPooling1D as MaxPooling1D
from horngate.layers.pooling import MaxPooling2D as MaxPooling2D
from horngate.layers.pooling import MaxPooling3D as MaxPooling3D
from horngate.layers.recurrent import GRU as GRU
from horngate.layers.recurrent import LSTM as LSTM
from horngate.layers.recurrent import Recurrent as Recurrent
from horngate.layers.recurrent import SimpleRNN as SimpleRNN
from horngate.layers.reversible_embedding import ReversibleEmbedding as ReversibleEmbedding
from horngate.layers.spectral_normalization import SpectralNormalization as SpectralNormalization
from horngate.layers.spectrograms import MelSpectrogram as MelSpectrogram
from horngate.layers.spectrograms import STFTSpectrogram as STFTSpectrogram
from horngate.layers.transposed import Conv1DTranspose as Conv1DTranspose
from horngate.layers.transposed import Conv2DTranspose as Conv2DTranspose
from horngate.layers.transposed import Conv3DTranspose as Conv3DTranspose
from horngate.layers.vocabularies import IntegerLookup as IntegerLookup
from horngate.layers.vocabularies import StringLookup as StringLookup
from horngate.layers.vocabularies import TextVectorization as TextVectorization
from horngate.layers.wrappers import Bidirectional as Bidirectional
from horngate.layers.wrappers import TimeDistributed as TimeDistributed
from horngate.layers.wrappers import Wrapper as Wrapper

# Other names of Keras 2 and 3.
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
GlobalMaxPool3D = GlobalMaxPooling3D
GlobalAvgPool3D = GlobalAveragePooling3D
