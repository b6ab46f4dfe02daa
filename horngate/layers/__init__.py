"""All layers, under one name. Their modules are imported when one of their layers is first named."""

import importlib

from horngate.backend.orders import elsewhere
from horngate.engine.arguments import argument  # noqa: F401
from horngate.engine.layer import LAYER_CLASSES
from horngate.engine.sublayers import untracked  # noqa: F401
from horngate.engine.topology import Input, InputLayer, InputSpec, Layer, Merge, merge  # noqa: F401

_HOMES = {  # module -> its public names; `__init__.pyi` tells editors the same
    "adapted": "Normalization",
    "adaptive_pooling": "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D "
    "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D",
    "advanced_activations": "ELU LeakyReLU PReLU ParametricSoftplus ReLU SReLU Softmax ThresholdedLinear "
    "ThresholdedReLU",
    "attention": "AdditiveAttention Attention",
    "changed_colours": "AutoContrast ContrastLimitedAdaptiveHistogramEqualization Equalization RandomBrightness "
    "RandomColorDegeneration RandomColorJitter RandomContrast RandomGaussianBlur RandomGrayscale RandomHue "
    "RandomInvert RandomPosterization RandomSaturation RandomSharpness Solarization",
    "cut_images": "CenterCrop MaxNumBoundingBoxes RandomCrop RandomErasing Resizing",
    "moved_images": "RandomElasticTransform RandomFlip RandomPerspective RandomRotation RandomShear "
    "RandomTranslation RandomZoom",
    "categories": "CategoryEncoding Discretization HashedCrossing Hashing",
    "cells": "ConvLSTM2DCell ConvRNN2D GRUCell LSTMCell RNN SimpleRNNCell StackedRNNCells",
    "convolutional": "AtrousConv1D AtrousConv2D AtrousConvolution1D AtrousConvolution2D Conv1D Conv2D Conv3D "
    "Convolution1D Convolution2D Convolution3D Cropping1D Cropping2D Cropping3D Deconv2D Deconvolution2D "
    "SeparableConv2D SeparableConvolution2D UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D "
    "ZeroPadding3D",
    "convolutional_recurrent": "ConvLSTM1D ConvLSTM2D ConvLSTM3D ConvRecurrent2D",
    "core": "Activation ActivityRegularization Dense Dropout Flatten Highway Lambda Masking MaxoutDense Permute "
    "RepeatVector Rescaling Reshape SpatialDropout1D SpatialDropout2D SpatialDropout3D TimeDistributedDense",
    "depthwise": "DepthwiseConv1D DepthwiseConv2D SeparableConv1D",
    "einsum_dense": "EinsumDense",
    "elementwise": "Identity",
    "embeddings": "Embedding",
    "layer_scale": "LayerScale",
    "local": "LocallyConnected1D LocallyConnected2D",
    "merging": "Add Average Concatenate Dot Maximum Minimum Multiply Subtract add average concatenate dot maximum "
    "minimum multiply subtract",
    "mixed_images": "AugMix CutMix MixUp RandAugment",
    "multi_head_attention": "GroupQueryAttention MultiHeadAttention",
    "noise": "AlphaDropout GaussianDropout GaussianNoise",
    "normalization": "BatchNormalization",
    "pipeline": "Pipeline",
    "plain_data": "deserialize serialize",
    "spectral_normalization": "SpectralNormalization",
    "reversible_embedding": "ReversibleEmbedding",
    "normalization_of_samples": "GroupNormalization LayerNormalization RMSNormalization UnitNormalization",
    "pooling": "AveragePooling1D AveragePooling2D AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D "
    "GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D MaxPooling1D MaxPooling2D "
    "MaxPooling3D",
    "spectrograms": "MelSpectrogram STFTSpectrogram",
    "recurrent": "GRU LSTM Recurrent SimpleRNN",
    "transposed": "Conv1DTranspose Conv2DTranspose Conv3DTranspose",
    "vocabularies": "IntegerLookup StringLookup TextVectorization",
    "wrappers": "Bidirectional TimeDistributed Wrapper",
}
_OTHERS = (  # of Keras 2 and 3
    "AvgPool1D AvgPool2D AvgPool3D Convolution1DTranspose Convolution2DTranspose Convolution3DTranspose "
    "GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D MaxPool1D "
    "MaxPool2D MaxPool3D "
    "SeparableConvolution1D TimeDistributedMerge"
)
_MODULE_OF = {name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names.split()}
__all__ = sorted(
    ["Input", "InputLayer", "InputSpec", "Layer", "Merge", "argument", "merge", "untracked"]
    + [*_MODULE_OF, *_OTHERS.split()]
)
for _name, _module in _MODULE_OF.items():
    if _name[0].isupper():
        LAYER_CLASSES.promise(_module, _name)


def __getattr__(name):
    """A layer, a module of layers, another name of a layer, or what only another Keras has here."""
    if name in _MODULE_OF:
        globals()[name] = found = getattr(importlib.import_module(_MODULE_OF[name]), name)
        return found
    if name in _HOMES or name == "containers":
        return importlib.import_module(f"{__name__}.{name}")
    return elsewhere(__name__, name)


def __dir__():
    return __all__
