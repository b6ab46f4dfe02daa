"""MobileNet, a small network for images: depthwise convolutions, then convolutions of single pixels."""

from typing import Any

from horngate.applications.blocks import Asked, Features, Model, convolution, depthwise, normalized, relu
from horngate.applications.building import Shape, rows_of
from horngate.applications.imagenet_utils import between_minus_one_and_one as preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import decode_predictions  # noqa: F401
from horngate.layers import Activation, Dropout, GlobalAveragePooling2D, Reshape, ZeroPadding2D

# filters and stride of each block
_BLOCKS = (*((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)), *((512, 1),) * 5, *((1024, 2), (1024, 1)))


def _activated(x: Features, name: str) -> Features:
    return relu(normalized(x, f"{name}_bn"), f"{name}_relu", at_most=6.0)


def _block(x: Features, filters: int, strides: int, multiplier: int, number: int) -> Features:
    if strides == 2:
        x = ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
    x = _activated(depthwise(x, 3, f"conv_dw_{number}", strides, multiplier), f"conv_dw_{number}")
    return _activated(convolution(x, filters, 1, f"conv_pw_{number}"), f"conv_pw_{number}")


def MobileNet(
    input_shape: Shape | None = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 1e-3,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:
    """The network MobileNet for images of 224 x 224 pixels or others.

    # Arguments
        input_shape: shape of an image; with the top and the weights `'imagenet'`, 224 x 224 x 3.
        alpha: factor of the numbers of filters; with the weights `'imagenet'` 0.25, 0.5, 0.75 or 1.
        depth_multiplier: number of outputs of each channel in the depthwise convolutions.
        dropout: fraction of the features to drop before the classes.
        include_top: whether to include the classes.
        weights: `'imagenet'` for those trained on ImageNet, a path, or None for new ones.
        input_tensor: a tensor to use instead of a new input.
        pooling: without the top, `'avg'` or `'max'` over all pixels; None for none.
        classes: number of classes, with a top and weights other than `'imagenet'`.
        classifier_activation: activation of the classes.
        name: name of the model.

    # Source
        Howard et al., MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications
        (arXiv:1704.04861).
    """
    asked = Asked(include_top, weights, input_tensor, input_shape, pooling, classes, "mobilenet", classifier_activation)
    start = asked.start(224)
    asked.name = name or f"mobilenet_{alpha:0.2f}_{rows_of(start)}"
    x = _activated(convolution(start, int(32 * alpha), 3, "conv1", 2), "conv1")
    for number, (filters, strides) in enumerate(_BLOCKS, 1):
        x = _block(x, int(filters * alpha), strides, depth_multiplier, number)
    if include_top:
        x = Dropout(dropout, name="dropout")(GlobalAveragePooling2D(keepdims=True)(x))
        x = Reshape((classes,))(convolution(x, classes, 1, "conv_preds", bias=True))
        x = Activation(classifier_activation, name="predictions")(x)
    stem = f"mobilenet/mobilenet_{f'{alpha:g}'.replace('.', '_') if alpha != 1 else '1_0'}_224_tf"
    return asked.model(start, x, stem, "_no_top")
