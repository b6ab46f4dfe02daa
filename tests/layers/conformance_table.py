"""A row for each public layer: the arguments to make it with, and the shape of what it is called on."""

from horngate import backend as K
from horngate import layers
from horngate.utils.generic_utils import register_keras_serializable

IMAGE, VIDEO, STEPS, FLAT = (3, 6, 7), (2, 4, 5, 6), (6, 4), (5,)


def row(input_shape, *args, **kwargs):
    """One row; several input shapes in a list make several inputs."""
    return input_shape, args, kwargs


@register_keras_serializable()
class Averaging(layers.Layer):
    """A cell for `RNN`: half of what it was and half of what it sees."""

    def __init__(self, state_size, **kwargs):
        self.state_size = state_size
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.W = self.add_weight((input_shape[1], self.state_size), "uniform", name="W")

    def call(self, x, states):
        h = 0.5 * states[0] + 0.5 * K.dot(x, self.W)
        return h, [h]


def inner(name="inner"):
    return layers.Dense(3, name=name)


ROWS = {
    # core
    "Activation": [row(FLAT, "tanh")],
    "ActivityRegularization": [row(FLAT, l1=0.1, l2=0.1)],
    "Dense": [row(FLAT, 3, activation="tanh", W_regularizer="l2", b_constraint="nonneg")],
    "Dropout": [row(FLAT, 0.3)],
    "Flatten": [row(IMAGE)],
    "Highway": [row(FLAT, activation="tanh")],
    "Lambda": [row(FLAT, lambda x: x * 2.0)],
    "Masking": [row(STEPS, 0.0)],
    "MaxoutDense": [row(FLAT, 3, nb_feature=2)],
    "Merge": [row([FLAT, FLAT], mode=mode) for mode in ("sum", "mul", "concat", "ave", "max")],
    "Permute": [row(STEPS, (2, 1))],
    "RepeatVector": [row(FLAT, 3)],
    "Reshape": [row(STEPS, (8, 3)), row(STEPS, (-1, 2))],
    "SpatialDropout1D": [row(STEPS, 0.3)],
    "SpatialDropout2D": [row(IMAGE, 0.3)],
    "SpatialDropout3D": [row(VIDEO, 0.3)],
    "TimeDistributedDense": [row(STEPS, 3)],
    # convolution
    "AtrousConvolution1D": [row(STEPS, 3, 2, atrous_rate=2)],
    "AtrousConvolution2D": [row(IMAGE, 3, 2, 2, atrous_rate=(2, 2))],
    "Convolution1D": [row(STEPS, 3, 2, border_mode="same", W_regularizer="l1")],
    "Convolution2D": [row(IMAGE, 4, 3, 2, subsample=(1, 2)), row(IMAGE, 2, 3, 3, border_mode="full")],
    "Convolution3D": [row(VIDEO, 3, 2, 2, 2)],
    "Cropping1D": [row(STEPS, (1, 2))],
    "Cropping2D": [row(IMAGE, ((1, 1), (2, 0)))],
    "Cropping3D": [row(VIDEO, ((1, 0), (0, 2), (1, 1)))],
    "Deconvolution2D": [row(IMAGE, 2, 3, 3, output_shape=(None, 2, 8, 9))],
    "SeparableConvolution2D": [row(IMAGE, 4, 3, 3, depth_multiplier=2)],
    "UpSampling1D": [row(STEPS, 2)],
    "UpSampling2D": [row(IMAGE, (2, 3))],
    "UpSampling3D": [row(VIDEO, (2, 1, 2))],
    "ZeroPadding1D": [row(STEPS, 2)],
    "ZeroPadding2D": [row(IMAGE, (1, 2))],
    "ZeroPadding3D": [row(VIDEO, (1, 0, 2))],
    # pooling
    "AveragePooling1D": [row(STEPS, 2)],
    "AveragePooling2D": [row(IMAGE, (2, 3), border_mode="same")],
    "AveragePooling3D": [row(VIDEO, (2, 2, 2))],
    "GlobalAveragePooling1D": [row(STEPS)],
    "GlobalAveragePooling2D": [row(IMAGE)],
    "GlobalAveragePooling3D": [row(VIDEO)],
    "GlobalMaxPooling1D": [row(STEPS)],
    "GlobalMaxPooling2D": [row(IMAGE)],
    "GlobalMaxPooling3D": [row(VIDEO)],
    "MaxPooling1D": [row(STEPS, 2, stride=1)],
    "MaxPooling2D": [row(IMAGE, (3, 2), strides=(2, 2))],
    "MaxPooling3D": [row(VIDEO, (2, 2, 2))],
    # local, recurrent
    "LocallyConnected1D": [row(STEPS, 3, 2)],
    "LocallyConnected2D": [row(IMAGE, 2, 2, 3)],
    "SimpleRNN": [row(STEPS, 3, return_sequences=True), row(STEPS, 3, unroll=True)],
    "GRU": [row(STEPS, 3, consume_less="gpu"), row(STEPS, 3, go_backwards=True)],
    "LSTM": [row(STEPS, 3, consume_less="gpu"), row(STEPS, 3, dropout_W=0.2, dropout_U=0.2)],
    "ConvLSTM2D": [row((3, 2, 5, 5), 2, 3, 3, border_mode="same")],
    # the rest
    "Embedding": [row((4,), 7, 3), row((4,), 7, 3, mask_zero=True, dropout=0.2)],
    "BatchNormalization": [row(FLAT), row(IMAGE, axis=1), row(FLAT, mode=1), row(FLAT, mode=2)],
    "GaussianDropout": [row(FLAT, 0.2)],
    "GaussianNoise": [row(FLAT, 0.2)],
    "ELU": [row(FLAT, 0.7)],
    "LeakyReLU": [row(FLAT, 0.2)],
    "PReLU": [row(FLAT), row(IMAGE, shared_axes=[2, 3])],
    "ParametricSoftplus": [row(FLAT)],
    "SReLU": [row(FLAT)],
    "ThresholdedReLU": [row(FLAT, 0.4)],
    "ThresholdedLinear": [row(FLAT, 0.4)],
    "TimeDistributed": [row(STEPS, inner())],
    # names and forms of Keras 2, 3 and 0.3
    **{name: [row([FLAT, FLAT])] for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")},
    "Concatenate": [row([FLAT, FLAT]), row([STEPS, STEPS], axis=1)],
    "Dot": [row([FLAT, FLAT], axes=-1), row([FLAT, FLAT], axes=1, normalize=True)],
    "Conv2DTranspose": [row(IMAGE, 2, 3, 2, subsample=(2, 1)), row(IMAGE, 2, 3, 3, border_mode="same")],
    "ReLU": [row(FLAT, max_value=0.8, negative_slope=0.1)],
    "Softmax": [row(FLAT)],
    "Rescaling": [row(FLAT, 0.5, offset=1.0)],
    "AdditiveAttention": [row([STEPS, STEPS])],
    "Attention": [row([STEPS, STEPS], use_scale=True), row([STEPS, (5, 3), (5, 4)], score_mode="concat")],
    "EinsumDense": [row(STEPS, "abc,cde->abde", (None, 2, 3), bias_axes="de"), row(STEPS, "...a,ab->...b", 3)],
    "Conv1DTranspose": [row(STEPS, 3, 3, strides=2), row(STEPS, 3, 3, padding="same", output_padding=0)],
    "Conv3DTranspose": [row(VIDEO, 2, 2, strides=(1, 2, 1), data_format="channels_first")],
    "DepthwiseConv1D": [row(STEPS, 3, depth_multiplier=2, dilation_rate=2)],
    "DepthwiseConv2D": [row(IMAGE, (3, 2), strides=(2, 1), padding="same", data_format="channels_first")],
    "SeparableConv1D": [row(STEPS, 3, 2, depth_multiplier=2)],
    **{f"Adaptive{kind}Pooling1D": [row(STEPS, 4)] for kind in ("Average", "Max")},
    **{f"Adaptive{kind}Pooling2D": [row(IMAGE, (4, 3))] for kind in ("Average", "Max")},
    **{f"Adaptive{kind}Pooling3D": [row(VIDEO, 2)] for kind in ("Average", "Max")},
    "AlphaDropout": [row(FLAT, 0.3)],
    "ConvLSTM1D": [row((3, 5, 2), 2, 3, padding="same", data_format="channels_last")],
    "ConvLSTM3D": [row((2, 3, 2, 3, 2), 2, 2, data_format="channels_last")],
    "Identity": [row(STEPS)],
    "GroupQueryAttention": [row([STEPS, (5, 3)], 3, 4, 2, use_gate=True)],
    "MultiHeadAttention": [row([STEPS, (5, 3)], 2, 3), row([STEPS, STEPS], 2, 3, dropout=0.2, sliding_window=2)],
    "GroupNormalization": [row(IMAGE, 3, axis=1), row(STEPS, -1, center=False)],
    "LayerNormalization": [row(STEPS), row(STEPS, axis=(1, 2), scale=False)],
    "RMSNormalization": [row(STEPS), row(IMAGE, axis=(-1, -2))],
    "UnitNormalization": [row(STEPS), row(STEPS, axis=1)],
    "LayerScale": [row(FLAT, 0.1, 5)],
    "Normalization": [row(IMAGE), row(STEPS, mean=0.5, variance=2.0, invert=True)],
    "MelSpectrogram": [row((64,), fft_length=16, sequence_stride=8, num_mel_bins=3, power_to_db=False)],
    "STFTSpectrogram": [row((40, 2), "real", 8)],
    **{name: [row(IMAGE, 4, 5)] for name in ("CenterCrop", "RandomCrop", "Resizing")},
    **{name: [row(IMAGE)] for name in ("AugMix", "CutMix", "MixUp", "RandAugment", "RandomFlip", "RandomPerspective")},
    **{name: [row(IMAGE)] for name in ("AutoContrast", "Equalization", "RandomErasing", "RandomElasticTransform")},
    **{name: [row(IMAGE)] for name in ("RandomGaussianBlur", "RandomGrayscale", "RandomInvert", "Solarization")},
    **{
        f"Random{name}": [row(IMAGE, 0.3)]
        for name in ("Brightness", "ColorDegeneration", "Contrast", "Hue", "Rotation")
    },
    **{f"Random{name}": [row(IMAGE, 0.3)] for name in ("Saturation", "Sharpness", "Shear", "Zoom")},
    "RandomColorJitter": [row(IMAGE, brightness_factor=0.2, hue_factor=0.3)],
    "ContrastLimitedAdaptiveHistogramEqualization": [row(IMAGE, tile_grid_size=(2, 2))],
    "MaxNumBoundingBoxes": [row(IMAGE, 3)],
    "RandomPosterization": [row(IMAGE, 4)],
    "RandomTranslation": [row(IMAGE, 0.2, 0.3)],
    "TimeDistributedMerge": [row(STEPS, mode) for mode in ("sum", "mul", "ave")],
    "RNN": [row(STEPS, Averaging(3)), row(STEPS, Averaging(3), return_sequences=True)],
    "ConvRNN2D": [row((3, 2, 5, 4), layers.ConvLSTM2DCell(2, 3, 3, border_mode="same"), return_sequences=True)],
    "Bidirectional": [row(STEPS, layers.GRU(2, return_sequences=True), merge_mode=m) for m in ("concat", "sum", "ave")],
}

# Bases, and what is no layer of its own: with no formula there is nothing to hold to.
ABSTRACT = {"Layer", "Wrapper", "Recurrent", "ConvRecurrent2D", "InputLayer", "Model", "Sequential", "Container"}
