"""Xception, a network for images, built of separable convolutions."""

from typing import Any

from horngate import backend as K
from horngate import layers
from horngate.applications import building
from horngate.applications.building import Features
from horngate.applications.imagenet_utils import between_minus_one_and_one as preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import decode_predictions  # noqa: F401
from horngate.backend.orders import of_eras
from horngate.models import Model

_EPSILON = 1e-3  # of the published weights


def _normalized(x: Features, name: Any = None) -> Features:
    return layers.BatchNormalization(axis=building.channel_axis(), epsilon=_EPSILON, name=name)(x)


def _separable(x: Features, filters: int, name: str, relu: str | None = None) -> Features:
    """A separable convolution and its normalization; `relu`: the name of an activation layer before them, or None."""
    x = x if relu is None else layers.Activation("relu", name=relu)(x)
    x = layers.SeparableConvolution2D(filters, 3, 3, border_mode="same", bias=False, name=name)(x)
    return _normalized(x, f"{name}_bn")


def _entry(x: Features, filters: tuple[int, int], number: int) -> Features:
    """A block that halves rows and columns: separable convolutions and a maximum, with a shortcut of stride 2."""
    shortcut = layers.Convolution2D(filters[1], 1, 1, subsample=(2, 2), border_mode="same", bias=False)(x)
    shortcut = _normalized(shortcut)
    block = f"block{number}"
    x = _separable(x, filters[0], f"{block}_sepconv1", None if number == 2 else f"{block}_sepconv1_act")
    x = _separable(x, filters[1], f"{block}_sepconv2", f"{block}_sepconv2_act")
    x = layers.MaxPooling2D((3, 3), strides=(2, 2), border_mode="same", name=f"{block}_pool")(x)
    return layers.merge([x, shortcut], mode="sum")


@of_eras(same=4)
def Xception(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: building.Shape | None = None,
    classes: int = 1000,
    pooling: str | None = None,
) -> Model:
    """The network Xception for images of 299 x 299 pixels, channels last.

    # Arguments
        include_top: whether to include the pooling over all pixels and the dense layer.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        input_shape: shape of an image, at least 71 x 71; only without the top.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.

    # Raises
        ValueError: for published weights, if images have channels first.

    # Source
        Chollet, Xception: Deep Learning with Depthwise Separable Convolutions (arXiv:1610.02357).
    """
    if weights == "imagenet" and K.image_dim_ordering() != "tf":
        raise ValueError(
            "xception: the weights 'imagenet' are for images with channels last. Call "
            "K.set_image_dim_ordering('tf') first."
        )
    asked = building.Asked(include_top, weights, input_tensor, input_shape, pooling, classes, "xception")
    x = start = asked.image_input(299, 71)
    for number, (filters, steps) in enumerate(((32, (2, 2)), (64, (1, 1))), 1):
        name = f"block1_conv{number}"
        x = layers.Convolution2D(filters, 3, 3, subsample=steps, bias=False, name=name)(x)
        x = layers.Activation("relu", name=f"{name}_act")(_normalized(x, f"{name}_bn"))
    for number, pair in enumerate(((128, 128), (256, 256), (728, 728)), 2):
        x = _entry(x, pair, number)
    for number in range(5, 13):
        before = x
        for k in (1, 2, 3):
            x = _separable(x, 728, f"block{number}_sepconv{k}", f"block{number}_sepconv{k}_act")
        x = layers.merge([x, before], mode="sum")
    x = _entry(x, (728, 1024), 13)
    for k, filters in ((1, 1536), (2, 2048)):
        x = _separable(x, filters, f"block14_sepconv{k}")
        x = layers.Activation("relu", name=f"block14_sepconv{k}_act")(x)
    if include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dense(classes, activation="softmax", name="predictions")(x)
    return asked.released(start, x, "v0.4")
