"""DenseNet121, DenseNet169 and DenseNet201: each block of a stage gets the features of all blocks before it."""

import functools

from horngate.applications.blocks import Asked, Features, Model, convolution, joined, network, normalized, relu
from horngate.applications.imagenet_utils import decode_predictions, standardized  # noqa: F401
from horngate.applications.imagenet_utils import standardized as preprocess_input  # noqa: F401
from horngate.layers import AveragePooling2D, MaxPooling2D, ZeroPadding2D

_EPSILON = 1.001e-5
_GROWTH = 32  # filters that a block adds
_SOURCE = "Huang et al., Densely Connected Convolutional Networks (arXiv:1608.06993)."


def _activated(x: Features, name: str) -> Features:
    return relu(normalized(x, f"{name}_bn", _EPSILON), f"{name}_relu")


def _block(x: Features, name: str) -> Features:
    y = convolution(_activated(x, f"{name}_0"), 4 * _GROWTH, 1, f"{name}_1_conv")
    y = convolution(_activated(y, f"{name}_1"), _GROWTH, 3, f"{name}_2_conv")
    return joined([x, y], f"{name}_concat")


def _halved(x: Features, name: str, filters: int) -> Features:
    """Half of the channels, and of the rows and columns."""
    x = convolution(_activated(x, name), filters, 1, f"{name}_conv")
    return AveragePooling2D((2, 2), name=f"{name}_pool")(x)


def _build(blocks: tuple[int, ...], asked: Asked) -> Model:
    """The network with as many blocks in each stage."""
    start = asked.start(224)
    x = convolution(ZeroPadding2D((3, 3))(start), 64, 7, "conv1_conv", strides=2, border_mode="valid")
    x = relu(normalized(x, "conv1_bn", _EPSILON), "conv1_relu")
    x = MaxPooling2D((3, 3), strides=(2, 2), name="pool1")(ZeroPadding2D((1, 1))(x))
    filters = 64
    for stage, count in enumerate(blocks, 2):
        for block in range(1, count + 1):
            x = _block(x, f"conv{stage}_block{block}")
        filters += count * _GROWTH
        if stage <= len(blocks):
            filters //= 2
            x = _halved(x, f"pool{stage}", filters)
    output = asked.classified(relu(normalized(x, "bn", _EPSILON), "relu"))
    depth = 2 * sum(blocks) + 5
    return asked.model(start, output, f"densenet/densenet{depth}_weights_tf_dim_ordering_tf_kernels")


DenseNet121 = network(functools.partial(_build, (6, 12, 24, 16)), __name__, "DenseNet121", 224, _SOURCE)
DenseNet169 = network(functools.partial(_build, (6, 12, 32, 32)), __name__, "DenseNet169", 224, _SOURCE)
DenseNet201 = network(functools.partial(_build, (6, 12, 48, 32)), __name__, "DenseNet201", 224, _SOURCE)
