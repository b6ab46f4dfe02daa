"""ResNet50V2, ResNet101V2 and ResNet152V2: residual networks that normalize before each convolution."""

import functools

from horngate.applications.blocks import Asked, Features, Model, convolution, network, normalized, relu
from horngate.applications.imagenet_utils import between_minus_one_and_one as preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import decode_predictions  # noqa: F401
from horngate.applications.resnet import STAGES, begun, pooled
from horngate.layers import Add, MaxPooling2D, ZeroPadding2D

_EPSILON = 1.001e-5
_SOURCE = "He et al., Identity Mappings in Deep Residual Networks (arXiv:1603.05027)."


def _activated(x: Features, name: str) -> Features:
    return relu(normalized(x, f"{name}_bn", _EPSILON), f"{name}_relu")


def _block(x: Features, filters: int, name: str, strides: int, first: bool) -> Features:
    """1x1, 3x3 and 1x1 convolutions of normalized features, added to x; the last of a stage has a stride of 2."""
    before = _activated(x, f"{name}_preact")
    if first:
        shortcut = convolution(before, 4 * filters, 1, f"{name}_0_conv", strides, "valid", bias=True)
    else:
        shortcut = MaxPooling2D((1, 1), strides=(strides, strides))(x) if strides > 1 else x
    x = _activated(convolution(before, filters, 1, f"{name}_1_conv"), f"{name}_1")
    x = ZeroPadding2D((1, 1), name=f"{name}_2_pad")(x)
    x = _activated(convolution(x, filters, 3, f"{name}_2_conv", strides, "valid"), f"{name}_2")
    x = convolution(x, 4 * filters, 1, f"{name}_3_conv", bias=True)
    return Add(name=f"{name}_out")([shortcut, x])


def _build(number: str, asked: Asked) -> Model:
    start = asked.start(224)
    x = pooled(begun(start))
    for stage, count in enumerate(STAGES[number]):
        for block in range(1, count + 1):
            strides = 2 if stage < 3 and block == count else 1
            x = _block(x, 64 * 2**stage, f"conv{stage + 2}_block{block}", strides, block == 1)
    x = asked.classified(_activated(x, "post"))
    return asked.model(start, x, f"resnet/resnet{number}v2_weights_tf_dim_ordering_tf_kernels")


ResNet50V2 = network(functools.partial(_build, "50"), __name__, "ResNet50V2", 224, _SOURCE)
ResNet101V2 = network(functools.partial(_build, "101"), __name__, "ResNet101V2", 224, _SOURCE)
ResNet152V2 = network(functools.partial(_build, "152"), __name__, "ResNet152V2", 224, _SOURCE)
