"""ResNet50, a residual network for images of 50 layers with weights."""

from typing import Any

from horngate import layers
from horngate.applications import building
from horngate.applications.building import Features
from horngate.applications.imagenet_utils import decode_predictions, preprocess_input  # noqa: F401
from horngate.backend.orders import of_eras
from horngate.models import Model

_EPSILON = 1e-3  # of the published weights
# stage -> (filters of its blocks, number of blocks)
_STAGES = {2: ((64, 64, 256), 3), 3: ((128, 128, 512), 4), 4: ((256, 256, 1024), 6), 5: ((512, 512, 2048), 3)}


def _convolved(x: Features, filters: int, size: int, place: str, **options: Any) -> Features:
    """A convolution and its normalization, named after their place."""
    x = layers.Convolution2D(filters, size, size, name=f"res{place}", **options)(x)
    return layers.BatchNormalization(axis=building.channel_axis(), epsilon=_EPSILON, name=f"bn{place}")(x)


def _bottleneck(
    x: Features, kernel_size: int, filters: tuple[int, int, int], place: str, strides: tuple[int, int] = (1, 1)
) -> Features:
    """1x1, k x k and 1x1 convolutions, to be added to the input of the block."""
    x = layers.Activation("relu")(_convolved(x, filters[0], 1, place + "2a", subsample=strides))
    x = layers.Activation("relu")(_convolved(x, filters[1], kernel_size, place + "2b", border_mode="same"))
    return _convolved(x, filters[2], 1, place + "2c")


def identity_block(
    input_tensor: Features, kernel_size: int, filters: tuple[int, int, int], stage: int, block: str
) -> Features:
    """relu(x + bottleneck(x)).

    # Arguments
        input_tensor: x.
        kernel_size: size of the middle convolution.
        filters: numbers of filters of its three convolutions.
        stage, block: number and letter, for the layers' names.
    """
    x = _bottleneck(input_tensor, kernel_size, filters, f"{stage}{block}_branch")
    return layers.Activation("relu")(layers.merge([x, input_tensor], mode="sum"))


def conv_block(
    input_tensor: Features,
    kernel_size: int,
    filters: tuple[int, int, int],
    stage: int,
    block: str,
    strides: tuple[int, int] = (2, 2),
) -> Features:
    """relu(convolution(x) + bottleneck(x)), which changes the number of channels and, by `strides`, that of pixels.

    # Arguments
        input_tensor: x.
        kernel_size: size of the middle convolution.
        filters: numbers of filters of its three convolutions.
        stage, block: number and letter, for the layers' names.
        strides: strides of the first convolution and of the shortcut, for rows and columns.
    """
    place = f"{stage}{block}_branch"
    x = _bottleneck(input_tensor, kernel_size, filters, place, strides)
    shortcut = _convolved(input_tensor, filters[2], 1, place + "1", subsample=strides)
    return layers.Activation("relu")(layers.merge([x, shortcut], mode="sum"))


@of_eras(same=4)
def ResNet50(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: building.Shape | None = None,
    classes: int = 1000,
    pooling: str | None = None,
) -> Model:
    """The residual network ResNet50 for images of 224 x 224 pixels.

    # Arguments
        include_top: whether to include the dense layer.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        input_shape: shape of an image, at least 197 x 197; only without the top.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.

    # Source
        He et al., Deep Residual Learning for Image Recognition (arXiv:1512.03385).
    """
    asked = building.Asked(include_top, weights, input_tensor, input_shape, pooling, classes, "resnet50")
    start = asked.image_input(224, building.least(197, 32))
    x = layers.Convolution2D(64, 7, 7, subsample=(2, 2), name="conv1")(layers.ZeroPadding2D((3, 3))(start))
    x = layers.BatchNormalization(axis=building.channel_axis(), epsilon=_EPSILON, name="bn_conv1")(x)
    x = layers.MaxPooling2D((3, 3), strides=(2, 2))(layers.Activation("relu")(x))
    for stage, (filters, blocks) in _STAGES.items():
        x = conv_block(x, 3, filters, stage, "a", strides=(1, 1) if stage == 2 else (2, 2))
        for block in "bcdef"[: blocks - 1]:
            x = identity_block(x, 3, filters, stage, block)
    if include_top or not building.of_keras_2():
        x = layers.AveragePooling2D((7, 7), name="avg_pool")(x)
    if include_top:
        x = layers.Dense(classes, activation="softmax", name="fc1000")(layers.Flatten()(x))
    return asked.released(start, x, "v0.2")
