"""The VGG networks, which differ only in the number of convolutions of each block."""

from collections.abc import Sequence

from horngate.applications import building
from horngate.layers import Convolution2D, Dense, Flatten, MaxPooling2D
from horngate.models import Model

_FILTERS = (64, 128, 256, 512, 512)


def vgg(asked: building.Asked, convolutions: Sequence[int]) -> Model:
    """The VGG network that a program has `asked` for, of five blocks of `convolutions` layers each."""
    x = start = asked.image_input(224, building.least(48, 32))
    for block, (count, filters) in enumerate(zip(convolutions, _FILTERS), 1):
        for number in range(1, count + 1):
            layer = f"block{block}_conv{number}"
            x = Convolution2D(filters, 3, 3, activation="relu", border_mode="same", name=layer)(x)
        x = MaxPooling2D((2, 2), strides=(2, 2), name=f"block{block}_pool")(x)
    if asked.include_top:
        x = Flatten(name="flatten")(x)
        x = Dense(4096, activation="relu", name="fc1")(x)
        x = Dense(4096, activation="relu", name="fc2")(x)
        x = Dense(asked.classes, activation="softmax", name="predictions")(x)
    return asked.released(start, x, "v0.1")
