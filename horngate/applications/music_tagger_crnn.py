"""MusicTaggerCRNN, a network that tags music."""

from typing import Any

from horngate import backend as K
from horngate import layers
from horngate.applications import building
from horngate.applications.audio_conv_utils import decode_predictions, preprocess_input  # noqa: F401
from horngate.models import Model

_EPSILON = 1e-3  # of the published weights
_BLOCKS = ((64, 2), (128, 3), (128, 4), (128, 4))  # filters, and the size of the max pooling after them


def MusicTaggerCRNN(
    weights: str | None = "msd", input_tensor: Any = None, include_top: bool = True, classes: int = 50
) -> Model:
    """Convolutions over a spectrogram, then two GRU layers over time: which of 50 tags fit a piece of music.

    # Arguments
        weights: `'msd'` for those trained on the Million Song Dataset, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input of 96 frequencies at 1,366 times.
        include_top: whether to include the dense layer.
        classes: number of tags, with a top and weights other than `'msd'`.

    # Source
        Choi et al., Convolutional Recurrent Neural Networks for Music Classification (arXiv:1609.04243).
    """
    if weights == "msd" and include_top and classes != 50:
        raise ValueError(
            f"music_tagger_crnn: the weights 'msd' with include_top=True are of 50 tags; received classes={classes}."
        )
    ordering, channels = K.image_dim_ordering(), building.channel_axis()
    first = ordering == "th"
    start = building.placed_input(input_tensor, (1, 96, 1366) if first else (96, 1366, 1))
    x = layers.ZeroPadding2D(padding=(0, 37))(start)
    x = layers.BatchNormalization(axis=3 if first else 2, epsilon=_EPSILON, name="bn_0_freq")(x)
    for number, (filters, pool) in enumerate(_BLOCKS, 1):
        x = layers.Convolution2D(filters, 3, 3, border_mode="same", name=f"conv{number}")(x)
        x = layers.BatchNormalization(axis=channels, epsilon=_EPSILON, name=f"bn{number}")(x)
        x = layers.MaxPooling2D((pool, pool), strides=(pool, pool), name=f"pool{number}")(layers.ELU()(x))
        x = layers.Dropout(0.1, name=f"dropout{number}")(x)
    x = layers.Permute((3, 1, 2))(x) if first else layers.Permute((2, 1, 3))(x)  # time, then the rest
    x = layers.Reshape((15, 128))(x)
    x = layers.GRU(32, return_sequences=True, name="gru1")(x)
    x = layers.Dropout(0.3, name="final_drop")(layers.GRU(32, return_sequences=False, name="gru2")(x))
    if include_top:
        x = layers.Dense(classes, activation="sigmoid", name="output")(x)
    model = building.network(start, x, "music_tagger_crnn", input_tensor)
    address = f"v0.3/music_tagger_crnn_weights_tf_kernels_{ordering}_dim_ordering.h5"
    return building.load_trained(model, weights, {"msd": address}, kernels="tf")
