"""ResNet50, ResNet101 and ResNet152: what a block computes is added to its input."""

import functools

from horngate.applications.blocks import Asked, Features, Model, convolution, network, normalized, relu
from horngate.applications.imagenet_utils import decode_predictions, preprocess_input  # noqa: F401
from horngate.layers import Add, MaxPooling2D, ZeroPadding2D

_EPSILON = 1.001e-5
# network -> number of blocks in each stage
STAGES = {"50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
_SOURCE = "He et al., Deep Residual Learning for Image Recognition (arXiv:1512.03385)."


def _normalized(x: Features, name: str) -> Features:
    return normalized(x, f"{name}_bn", _EPSILON)


def _block(x: Features, filters: int, name: str, strides: int, first: bool) -> Features:
    """1x1, 3x3 and 1x1 convolutions, added to x; the first block of a stage changes the sizes of x as well."""
    shortcut = x
    if first:
        shortcut = convolution(x, 4 * filters, 1, f"{name}_0_conv", strides, "valid", bias=True)
        shortcut = _normalized(shortcut, f"{name}_0")
    x = convolution(x, filters, 1, f"{name}_1_conv", strides, "valid", bias=True)
    x = relu(_normalized(x, f"{name}_1"), f"{name}_1_relu")
    x = relu(_normalized(convolution(x, filters, 3, f"{name}_2_conv", bias=True), f"{name}_2"), f"{name}_2_relu")
    x = _normalized(convolution(x, 4 * filters, 1, f"{name}_3_conv", bias=True), f"{name}_3")
    return relu(Add(name=f"{name}_add")([shortcut, x]), f"{name}_out")


def begun(start: Features) -> Features:
    """The first convolution, of the input `start`."""
    x = ZeroPadding2D((3, 3), name="conv1_pad")(start)
    return convolution(x, 64, 7, "conv1_conv", 2, "valid", bias=True)


def pooled(x: Features) -> Features:
    """Maxima of `x` over windows of 3 x 3, two apart."""
    return MaxPooling2D((3, 3), strides=(2, 2), name="pool1_pool")(ZeroPadding2D((1, 1), name="pool1_pad")(x))


def _build(number: str, asked: Asked) -> Model:
    start = asked.start(224)
    x = pooled(relu(_normalized(begun(start), "conv1"), "conv1_relu"))
    for stage, count in enumerate(STAGES[number]):
        for block in range(1, count + 1):
            strides = 2 if stage and block == 1 else 1
            x = _block(x, 64 * 2**stage, f"conv{stage + 2}_block{block}", strides, block == 1)
    return asked.model(start, asked.classified(x), f"resnet/resnet{number}_weights_tf_dim_ordering_tf_kernels")


ResNet50 = network(functools.partial(_build, "50"), __name__, "ResNet50", 224, _SOURCE)
ResNet101 = network(functools.partial(_build, "101"), __name__, "ResNet101", 224, _SOURCE)
ResNet152 = network(functools.partial(_build, "152"), __name__, "ResNet152", 224, _SOURCE)
