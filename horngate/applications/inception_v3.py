"""InceptionV3, a network for images, built of blocks with branches of several window sizes."""

from collections.abc import Sequence
from typing import Any

from horngate.applications import building
from horngate.applications.building import Features
from horngate.applications.imagenet_utils import between_minus_one_and_one as preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import decode_predictions  # noqa: F401
from horngate.backend.orders import of_eras
from horngate.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Convolution2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    merge,
)
from horngate.models import Model

_EPSILON = 1e-3  # of the published weights


def conv2d_bn(
    x: Features,
    nb_filter: int,
    nb_row: int,
    nb_col: int,
    border_mode: str = "same",
    subsample: tuple[int, int] = (1, 1),
    name: str | None = None,
) -> Features:
    """A convolution, relu and batch normalization of `x`, named `<name>_conv` and `<name>_bn` unless `name` is None.

    Since Keras 2, whose published weights are others, relu comes last, and there are neither biases nor scales.
    `nb_filter`, `nb_row`, `nb_col`, `border_mode` and `subsample` are those of `Convolution2D`.
    """
    names: Any = (f"{name}_conv", f"{name}_bn", name) if name else (None, None, None)
    told: dict[str, Any] = {"subsample": subsample, "border_mode": border_mode, "name": names[0]}
    normal: dict[str, Any] = {"axis": building.channel_axis(), "epsilon": _EPSILON, "name": names[1]}
    if building.of_keras_2():
        x = Convolution2D(nb_filter, nb_row, nb_col, bias=False, **told)(x)
        return Activation("relu", name=names[2])(BatchNormalization(scale=False, **normal)(x))
    return BatchNormalization(**normal)(Convolution2D(nb_filter, nb_row, nb_col, activation="relu", **told)(x))


def _chain(x: Features, *convolutions: tuple[int, int, int]) -> Features:
    """Convolutions (filters, rows, columns) one after the other."""
    for nb_filter, nb_row, nb_col in convolutions:
        x = conv2d_bn(x, nb_filter, nb_row, nb_col)
    return x


def _averaged(x: Features) -> Features:
    return AveragePooling2D((3, 3), strides=(1, 1), border_mode="same")(x)


def _joined(branches: list[Features], name: str) -> Features:
    return merge(branches, mode="concat", concat_axis=building.channel_axis(), name=name)


def _stem(x: Features) -> Features:
    x = conv2d_bn(x, 32, 3, 3, subsample=(2, 2), border_mode="valid")
    x = conv2d_bn(x, 32, 3, 3, border_mode="valid")
    x = MaxPooling2D((3, 3), strides=(2, 2))(conv2d_bn(x, 64, 3, 3))
    x = conv2d_bn(conv2d_bn(x, 80, 1, 1, border_mode="valid"), 192, 3, 3, border_mode="valid")
    return MaxPooling2D((3, 3), strides=(2, 2))(x)


def _wide(x: Features, pooled: int, name: str) -> Features:
    """A block at 35 x 35 pixels."""
    branches = [
        _chain(x, (64, 1, 1)),
        _chain(x, (48, 1, 1), (64, 5, 5)),
        _chain(x, (64, 1, 1), (96, 3, 3), (96, 3, 3)),
        _chain(_averaged(x), (pooled, 1, 1)),
    ]
    return _joined(branches, name)


def _middle(x: Features, inner: int, name: str) -> Features:
    """A block at 17 x 17 pixels, of convolutions 1 x 7 and 7 x 1."""
    branches = [
        _chain(x, (192, 1, 1)),
        _chain(x, (inner, 1, 1), (inner, 1, 7), (192, 7, 1)),
        _chain(x, (inner, 1, 1), (inner, 7, 1), (inner, 1, 7), (inner, 7, 1), (192, 1, 7)),
        _chain(_averaged(x), (192, 1, 1)),
    ]
    return _joined(branches, name)


def _narrow(x: Features, name: str) -> Features:
    """A block at 8 x 8 pixels, whose branches split again."""
    second, third = _chain(x, (384, 1, 1)), _chain(x, (448, 1, 1), (384, 3, 3))
    branches = [_chain(x, (320, 1, 1))]
    for number, branch in enumerate((second, third)):
        halves = [_chain(branch, (384, 1, 3)), _chain(branch, (384, 3, 1))]
        branches.append(_joined(halves, f"{name}_{number}"))
    return _joined([*branches, _chain(_averaged(x), (192, 1, 1))], name)


def _halved(x: Features, branches: Sequence[tuple[Any, ...]], name: str) -> Features:
    """A block that halves rows and columns: branches with stride 2, and a maximum."""
    halving: dict[str, Any] = {"subsample": (2, 2), "border_mode": "valid"}
    stepped = [conv2d_bn(_chain(x, *before), filters, 3, 3, **halving) for *before, filters in branches]
    return _joined([*stepped, MaxPooling2D((3, 3), strides=(2, 2))(x)], name)


@of_eras(same=4)
def InceptionV3(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    input_shape: building.Shape | None = None,
    classes: int = 1000,
    pooling: str | None = None,
) -> Model:
    """The network InceptionV3 for images of 299 x 299 pixels.

    # Arguments
        include_top: whether to include the dense layer.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        input_shape: shape of an image, at least 139 x 139; only without the top.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.

    # Source
        Szegedy et al., Rethinking the Inception Architecture for Computer Vision (arXiv:1512.00567).
    """
    asked = building.Asked(include_top, weights, input_tensor, input_shape, pooling, classes, "inception_v3")
    start = asked.image_input(299, building.least(139, 75))
    x = _stem(start)
    for number, pooled in enumerate((32, 64, 64)):
        x = _wide(x, pooled, f"mixed{number}")
    x = _halved(x, [(384,), ((64, 1, 1), (96, 3, 3), 96)], "mixed3")
    for number, inner in enumerate((128, 160, 160, 192), 4):
        x = _middle(x, inner, f"mixed{number}")
    x = _halved(x, [((192, 1, 1), 320), ((192, 1, 1), (192, 1, 7), (192, 7, 1), 192)], "mixed8")
    for number in (9, 10):
        x = _narrow(x, f"mixed{number}")
    if include_top:
        if building.of_keras_2():
            x = GlobalAveragePooling2D(name="avg_pool")(x)
        else:
            x = Flatten(name="flatten")(AveragePooling2D((8, 8), strides=(8, 8), name="avg_pool")(x))
        x = Dense(classes, activation="softmax", name="predictions")(x)
    return asked.released(start, x, "v0.5" if building.of_keras_2() else "v0.2")
