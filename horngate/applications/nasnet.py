"""NASNetLarge and NASNetMobile, built of two cells that a search has found."""

from typing import Any

from horngate.applications.blocks import Asked, convolution, joined, normalized, padded, relu, separable
from horngate.applications.building import Features, Shape, channels_of, rows_of
from horngate.applications.imagenet_utils import between_minus_one_and_one as preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import decode_predictions  # noqa: F401
from horngate.layers import Add, AveragePooling2D, Cropping2D, MaxPooling2D, ZeroPadding2D
from horngate.models import Model


def _normalized(x: Features, name: str) -> Features:
    return normalized(x, name, momentum=0.9997)


def _twice(x: Features, filters: int, size: int, name: str, strides: int = 1) -> Features:
    """Two separable convolutions, the first with `strides`."""
    x = relu(x)
    x = padded(x, size, f"separable_conv_1_pad_{name}") if strides == 2 else x
    x = _normalized(separable(x, filters, size, f"separable_conv_1_{name}", strides), f"separable_conv_1_bn_{name}")
    return _normalized(separable(relu(x), filters, size, f"separable_conv_2_{name}"), f"separable_conv_2_bn_{name}")


def _pooled(pooling: Any, x: Features, name: str, size: int = 3, strides: int = 1) -> Features:
    border_mode = "same" if strides == 1 else "valid"
    return pooling((size, size), strides=(strides, strides), border_mode=border_mode, name=name)(x)


def _adjusted(p: Features, x: Features, filters: int, cell: str) -> Features:
    """The input `p` of the cell before, in the sizes of `x` and with `filters` channels."""
    if p is None:
        return x
    if rows_of(p) != rows_of(x):
        p = relu(p, f"adjust_relu_1_{cell}")
        shifted = Cropping2D(((1, 0), (1, 0)))(ZeroPadding2D(((0, 1), (0, 1)))(p))
        halves = []
        for n, part in ((1, p), (2, shifted)):
            part = _pooled(AveragePooling2D, part, f"adjust_avg_pool_{n}_{cell}", 1, 2)
            halves.append(convolution(part, filters // 2, 1, f"adjust_conv_{n}_{cell}"))
        return _normalized(joined(halves), f"adjust_bn_{cell}")
    if channels_of(p) != filters:
        return _normalized(convolution(relu(p), filters, 1, f"adjust_conv_projection_{cell}"), f"adjust_bn_{cell}")
    return p


def _begun(kind: str, x: Features, p: Features, filters: int, cell: str) -> tuple[Features, Features]:
    """The two inputs of a cell, both with `filters` channels."""
    p = _adjusted(p, x, filters, cell)
    h = convolution(relu(x), filters, 1, f"{kind}_conv_1_{cell}")
    return _normalized(h, f"{kind}_bn_1_{cell}"), p


def _normal(x: Features, p: Features, filters: int, cell: str) -> Features:
    """The cell that keeps the sizes."""

    def average(x, place):
        return _pooled(AveragePooling2D, x, f"normal_{place}_{cell}")

    def twice(x, size, place):
        return _twice(x, filters, size, f"normal_{place}_{cell}")

    h, p = _begun("normal", x, p, filters, cell)
    pairs = [
        [twice(h, 5, "left1"), twice(p, 3, "right1")],
        [twice(p, 5, "left2"), twice(p, 3, "right2")],
        [average(h, "left3"), p],
        [average(p, "left4"), average(p, "right4")],
        [twice(h, 3, "left5"), h],
    ]
    sums = [Add(name=f"normal_add_{n}_{cell}")(pair) for n, pair in enumerate(pairs, 1)]
    return joined([p, *sums], f"normal_concat_{cell}")


def _reduced(x: Features, p: Features, filters: int, cell: str) -> Features:
    """The cell that halves the sizes."""

    def name(place):
        return f"reduction_{place}_{cell}"

    def twice(x, size, place, strides=2):
        return _twice(x, filters, size, name(place), strides)

    h, p = _begun("reduction", x, p, filters, cell)
    wide = padded(h, 3, name("pad_1"))
    first = Add(name=name("add_1"))([twice(h, 5, "left1"), twice(p, 7, "right1")])
    second = Add(name=name("add_2"))([_pooled(MaxPooling2D, wide, name("left2"), 3, 2), twice(p, 7, "right2")])
    third = Add(name=name("add3"))([_pooled(AveragePooling2D, wide, name("left3"), 3, 2), twice(p, 5, "right3")])
    fourth = Add()([second, _pooled(AveragePooling2D, first, name("left4"))])
    last = [twice(first, 3, "left4", 1), _pooled(MaxPooling2D, wide, name("right5"), 3, 2)]
    parts = [second, third, fourth, Add(name=name("add4"))(last)]
    return joined(parts, name("concat"))


def _build(asked: Asked, size: int, filters: int, cells: int, stem: int, keeps: bool) -> Model:
    """Three stages of as many normal cells; `keeps`: a reduction is no cell before."""
    start = asked.start(size)
    x = _normalized(convolution(start, stem, 3, "stem_conv1", 2, "valid"), "stem_bn1")
    p: Features = None
    for cell, part in (("stem_1", 4), ("stem_2", 2)):
        x, p = _reduced(x, p, filters // part, cell), x
    for stage in range(3):
        width = filters * 2**stage
        if stage:
            before = x
            x = _reduced(x, p, width, f"reduce_{stage * cells}")
            p = p if keeps else before
        for place in range(cells):
            x, p = _normal(x, p, width, str(stage * cells + place + (stage > 0))), x
    x = asked.classified(relu(x), pool=None)
    return asked.model(start, x, f"nasnet/NASNet-{'mobile' if size == 224 else 'large'}", "-no-top")


def NASNetMobile(
    input_shape: Shape | None = None,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "nasnet_mobile",
) -> Model:
    """The network NASNetMobile for images of 224 x 224 pixels.

    # Arguments
        input_shape: shape of an image; with the top and the weights `'imagenet'`, 224 x 224 x 3.
        include_top: whether to include the dense layer.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        classifier_activation: activation of the dense layer.
        name: name of the model.

    # Source
        Zoph et al., Learning Transferable Architectures for Scalable Image Recognition (arXiv:1707.07012).
    """
    asked = Asked(include_top, weights, input_tensor, input_shape, pooling, classes, name, classifier_activation)
    return _build(asked, 224, 44, 4, 32, keeps=False)


def NASNetLarge(
    input_shape: Shape | None = None,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "nasnet_large",
) -> Model:
    """The network NASNetLarge for images of 331 x 331 pixels.

    # Arguments
        input_shape: shape of an image; with the top and the weights `'imagenet'`, 331 x 331 x 3.
        include_top: whether to include the dense layer.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        classifier_activation: activation of the dense layer.
        name: name of the model.

    # Source
        Zoph et al., Learning Transferable Architectures for Scalable Image Recognition (arXiv:1707.07012).
    """
    asked = Asked(include_top, weights, input_tensor, input_shape, pooling, classes, name, classifier_activation)
    return _build(asked, 331, 168, 6, 96, keeps=True)
