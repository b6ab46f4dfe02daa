"""The VGG networks, which differ only in the number of convolutions of each block."""

from collections.abc import Sequence
from typing import Any

from horngate.applications import building
from horngate.layers import Convolution2D, Dense, Flatten, MaxPooling2D
from horngate.models import Model

_FILTERS = (64, 128, 256, 512, 512)


def vgg(
    name: str,
    convolutions: Sequence[int],
    include_top: bool,
    weights: str | None,
    input_tensor: Any,
    input_shape: building.Shape | None,
    classes: int,
    pooling: str | None = None,
) -> Model:
    """The VGG network `name` of five blocks of `convolutions` layers each.

    `include_top`, `weights`, `input_tensor`, `input_shape`, `classes` and `pooling` as for `VGG16`.
    """
    x = start = building.image_input(
        name, input_tensor, input_shape, 224, building.least(48, 32), include_top, weights, classes
    )
    for block, (count, filters) in enumerate(zip(convolutions, _FILTERS), 1):
        for number in range(1, count + 1):
            layer = f"block{block}_conv{number}"
            x = Convolution2D(filters, 3, 3, activation="relu", border_mode="same", name=layer)(x)
        x = MaxPooling2D((2, 2), strides=(2, 2), name=f"block{block}_pool")(x)
    if include_top:
        x = Flatten(name="flatten")(x)
        x = Dense(4096, activation="relu", name="fc1")(x)
        x = Dense(4096, activation="relu", name="fc2")(x)
        x = Dense(classes, activation="softmax", name="predictions")(x)
    model = building.network(start, x, name, input_tensor, None if include_top else pooling)
    return building.load_trained(model, weights, {"imagenet": building.published("v0.1", name, include_top)})
