"""MobileNetV2: blocks that widen, convolve each channel by itself, and narrow again."""

from typing import Any

from horngate.applications.blocks import Asked, Features, Model, convolution, depthwise, normalized, padded, relu
from horngate.applications.building import Shape, channels_of, rows_of
from horngate.applications.imagenet_utils import between_minus_one_and_one as preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import decode_predictions  # noqa: F401
from horngate.layers import Add

# factor of the width within a block, filters, number of blocks, stride of the first
_STAGES = (
    *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1)),
    *((6, 160, 3, 2), (6, 320, 1, 1)),
)


def in_eights(size: float, least: int = 8) -> int:
    """The multiple of 8 nearest to `size` filters, at least 0.9 of them, and `least`."""
    rounded = max(least, int(size + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * size else rounded


def _normalized(x: Features, name: str) -> Features:
    return normalized(x, name, momentum=0.999)


def _block(x: Features, factor: int, filters: int, strides: int, name: str) -> Features:
    channels, before = channels_of(x), x
    if factor > 1:
        x = _normalized(convolution(x, factor * channels, 1, f"{name}_expand"), f"{name}_expand_BN")
        x = relu(x, f"{name}_expand_relu", at_most=6.0)
    x = padded(x, 3, f"{name}_pad") if strides == 2 else x
    x = _normalized(depthwise(x, 3, f"{name}_depthwise", strides), f"{name}_depthwise_BN")
    x = convolution(relu(x, f"{name}_depthwise_relu", at_most=6.0), filters, 1, f"{name}_project")
    x = _normalized(x, f"{name}_project_BN")
    return Add(name=f"{name}_add")([before, x]) if channels == filters and strides == 1 else x


def MobileNetV2(
    input_shape: Shape | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:
    """The network MobileNetV2 for images of 224 x 224 pixels or others.

    # Arguments
        input_shape: shape of an image; with the top and the weights `'imagenet'`, 224 x 224 x 3.
        alpha: factor of the numbers of filters; with the weights `'imagenet'` 0.35, 0.5, 0.75, 1, 1.3 or 1.4.
        include_top: whether to include the dense layer.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        classifier_activation: activation of the dense layer.
        name: name of the model.

    # Source
        Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks (arXiv:1801.04381).
    """
    asked = Asked(
        include_top, weights, input_tensor, input_shape, pooling, classes, "mobilenetv2", classifier_activation
    )
    start = asked.start(224)
    asked.name = name or f"mobilenetv2_{alpha:0.2f}_{rows_of(start)}"
    x = _normalized(convolution(start, in_eights(32 * alpha), 3, "Conv1", 2), "bn_Conv1")
    x, number = relu(x, "Conv1_relu", at_most=6.0), 0
    for factor, filters, count, strides in _STAGES:
        for step in (strides, *(1,) * (count - 1)):
            place = f"block_{number}" if number else "expanded_conv"
            x, number = _block(x, factor, in_eights(int(filters * alpha)), step, place), number + 1
    x = _normalized(convolution(x, in_eights(1280 * max(alpha, 1.0)), 1, "Conv_1"), "Conv_1_bn")
    x = asked.classified(relu(x, "out_relu", at_most=6.0), pool=None)
    stem = f"mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_224"
    return asked.model(start, x, stem, "_no_top")
