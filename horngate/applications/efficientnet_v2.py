"""EfficientNetV2: like EfficientNet, but the first stages convolve all channels together."""

import functools
from typing import Any

import numpy as np

from horngate.applications.blocks import Asked, Features, Model, convolution, depthwise, network, normalized
from horngate.applications.building import channel_axis, channels_of
from horngate.applications.efficientnet import DEPTHWISE, KERNEL, TOP, activated, added, places, weighed
from horngate.applications.efficientnet import preprocess_input as preprocess_input
from horngate.applications.imagenet_utils import DEVIATION, MEAN, decode_predictions  # noqa: F401
from horngate.layers import Normalization, Rescaling

_SOURCE = "Tan and Le, EfficientNetV2: Smaller Models and Faster Training (arXiv:2104.00298)."
_MOMENTUM, _DROP = 0.9, 0.2
# factor of the width within a block, number of blocks, filters, stride of the first
_SMALL = ((1, 1, 16, 1), (4, 2, 32, 2), (4, 2, 48, 2), (4, 3, 96, 2), (6, 5, 112, 1), (6, 8, 192, 2))
_STAGES = {
    "s": ((1, 2, 24, 1), (4, 4, 48, 2), (4, 4, 64, 2), (4, 6, 128, 2), (6, 9, 160, 1), (6, 15, 256, 2)),
    "m": (
        *((1, 3, 24, 1), (4, 5, 48, 2), (4, 5, 80, 2), (4, 7, 160, 2)),
        *((6, 14, 176, 1), (6, 18, 304, 2), (6, 5, 512, 1)),
    ),
    "l": (
        *((1, 4, 32, 1), (4, 7, 64, 2), (4, 7, 96, 2), (4, 10, 192, 2)),
        *((6, 19, 224, 1), (6, 25, 384, 2), (6, 7, 640, 1)),
    ),
}
_FUSED = 3  # stages whose blocks convolve all channels together


def _in_eights(size: float) -> int:
    """The multiple of 8 nearest to `size` filters: here it may be less than 0.9 of them."""
    return int(size + 4) // 8 * 8


def _block(x: Features, name: str, filters: int, factor: int, strides: int, fused: bool) -> Features:
    """A block that widens `x` by `factor`, and convolves all channels together (`fused`) or each by itself."""
    channels = channels_of(x)
    if fused and factor == 1:
        x = convolution(x, filters, 3, f"{name}project_conv", strides, **KERNEL)
        return activated(x, f"{name}project", _MOMENTUM)
    size, steps = (3, strides) if fused else (1, 1)
    x = convolution(x, factor * channels, size, f"{name}expand_conv", steps, **KERNEL)
    x = activated(x, f"{name}expand", _MOMENTUM)
    if not fused:
        x = depthwise(x, 3, f"{name}dwconv2", strides, padding="same", **DEPTHWISE)
        x = weighed(activated(x, name[:-1], _MOMENTUM), max(1, channels // 4), f"{name}se_")
    x = convolution(x, filters, 1, f"{name}project_conv", **KERNEL)
    return normalized(x, f"{name}project_bn", momentum=_MOMENTUM)


def _build(variant: str, width: float, depth: float, size: int, asked: Asked) -> Model:
    start, stages = asked.start(size), _STAGES.get(variant, _SMALL)
    x = start
    if asked.include_preprocessing and variant in _STAGES:
        x = Rescaling(1 / 128, offset=-1)(x)
    elif asked.include_preprocessing:
        x = Normalization(channel_axis(), list(MEAN), np.square(DEVIATION).tolist())(Rescaling(1 / 255)(x))
    first_filters = 32 if variant not in _STAGES else stages[0][2]
    x = activated(convolution(x, _in_eights(first_filters * width), 3, "stem_conv", 2, **KERNEL), "stem", _MOMENTUM)
    for stage, name, first, far in places(stages, depth):
        factor, _, filters, strides = stage
        before, filters, strides = x, _in_eights(filters * width), strides if first else 1
        x = _block(x, name, filters, factor, strides, stages.index(stage) < _FUSED)
        if channels_of(before) == filters and strides == 1:
            x = added(x, before, name, _DROP * far)
    x = activated(convolution(x, _in_eights(1280 * width), 1, "top_conv", **KERNEL), "top", _MOMENTUM)
    return asked.model(start, asked.classified(x, dropout=0.2, **TOP), f"efficientnet_v2/efficientnetv2-{variant}")


_NETWORKS = {  # factor of the filters, of the blocks, rows of the images
    "B0": (1.0, 1.0, 224),
    "B1": (1.0, 1.1, 240),
    "B2": (1.1, 1.2, 260),
    "B3": (1.2, 1.4, 300),
    "S": (1.0, 1.0, 384),
    "M": (1.0, 1.0, 480),
    "L": (1.0, 1.0, 480),
}


def _made(variant: str) -> Any:
    told, name = _NETWORKS[variant], f"efficientnetv2-{variant.lower()}"
    build, shown = functools.partial(_build, variant.lower(), *told), f"EfficientNetV2{variant}"
    return network(build, __name__, shown, told[2], _SOURCE, model_name=name, preprocessing=7)


EfficientNetV2B0, EfficientNetV2B1, EfficientNetV2B2, EfficientNetV2B3 = map(_made, ("B0", "B1", "B2", "B3"))
EfficientNetV2S, EfficientNetV2M, EfficientNetV2L = map(_made, ("S", "M", "L"))
