"""EfficientNet: blocks that widen, convolve each channel by itself, weigh the channels, and narrow again."""

import functools
import math
from typing import Any

import numpy as np

from horngate import layers
from horngate.applications.blocks import Asked, Features, Model, convolution, depthwise, network, normalized, padded
from horngate.applications.building import channel_axis, channels_of
from horngate.applications.imagenet_utils import DEVIATION, MEAN, decode_predictions  # noqa: F401
from horngate.applications.mobilenet_v2 import in_eights

_SOURCE = "Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (arXiv:1905.11946)."
# size of the windows, number of blocks, filters, factor of the width within a block, stride of the first
_STAGES = (
    *((3, 1, 16, 1, 1), (3, 2, 24, 6, 2), (5, 2, 40, 6, 2), (3, 3, 80, 6, 2)),
    *((5, 3, 112, 6, 1), (5, 4, 192, 6, 2), (3, 1, 320, 6, 1)),
)
_DROP = 0.2  # with what probability the last block is left out; the first never is


def drawn(scale: float, distribution: str) -> dict[str, Any]:
    """An initializer of weights whose variance is `scale` / outputs, drawn from a `distribution`."""
    config = {"scale": scale, "mode": "fan_out", "distribution": distribution}
    return {"class_name": "VarianceScaling", "config": config}


KERNEL: dict[str, Any] = {"init": drawn(2.0, "truncated_normal")}
TOP: dict[str, Any] = {"init": drawn(1 / 3, "uniform")}
DEPTHWISE: dict[str, Any] = {"depthwise_initializer": KERNEL["init"]}


def activated(x: Features, name: str, momentum: float = 0.99) -> Features:
    """Features `x`, normalized with `momentum` and activated by `silu`; `name` begins the layers' names."""
    return layers.Activation("silu", name=f"{name}_activation")(normalized(x, f"{name}_bn", momentum=momentum))


def weighed(x: Features, filters: int, name: str) -> Features:
    """Each channel of `x` times a number in (0, 1) that all means tell, by way of `filters`; `name` as above."""
    channels = channels_of(x)
    y = layers.GlobalAveragePooling2D(name=f"{name}squeeze")(x)
    y = layers.Reshape((channels, 1, 1) if channel_axis() == 1 else (1, 1, channels), name=f"{name}reshape")(y)
    y = convolution(y, filters, 1, f"{name}reduce", bias=True, activation="silu", **KERNEL)
    y = convolution(y, channels, 1, f"{name}expand", bias=True, activation="sigmoid", **KERNEL)
    return layers.Multiply(name=f"{name}excite")([x, y])


def added(x: Features, before: Features, name: str, rate: float) -> Features:
    """`x` plus what was `before`; in training `x` is left out with probability `rate`; `name` as above."""
    x = layers.Dropout(rate, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x) if rate else x
    return layers.Add(name=f"{name}add")([x, before])


def places(stages: Any, depth: float = 1.0) -> Any:
    """Yield (stage, name, whether it is the first of the stage, how far it is of all) for each block.

    `depth`: factor of the numbers of blocks, which each stage of `stages` has in its second place.
    """
    counts = [math.ceil(depth * stage[1]) for stage in stages]
    number = 0
    for place, (stage, count) in enumerate(zip(stages, counts), 1):
        for block in range(count):
            yield stage, f"block{place}{chr(ord('a') + block)}_", block == 0, number / sum(counts)
            number += 1


def _block(x: Features, name: str, size: int, filters: int, factor: int, strides: int, rate: float) -> Features:
    channels, before = channels_of(x), x
    if factor > 1:
        x = activated(convolution(x, factor * channels, 1, f"{name}expand_conv", **KERNEL), f"{name}expand")
    x = padded(x, size, f"{name}dwconv_pad") if strides == 2 else x
    x = activated(depthwise(x, size, f"{name}dwconv", strides, **DEPTHWISE), name[:-1])
    x = weighed(x, max(1, channels // 4), f"{name}se_")
    x = normalized(convolution(x, filters, 1, f"{name}project_conv", **KERNEL), f"{name}project_bn")
    return added(x, before, name, rate) if channels == filters and strides == 1 else x


def _build(number: str, width: float, depth: float, size: int, dropout: float, asked: Asked) -> Model:
    start = asked.start(size)
    x = layers.Normalization(axis=channel_axis())(layers.Rescaling(1 / 255)(start))
    if asked.weights == "imagenet":  # these were trained on pixels that were divided by the root of the deviation
        x = layers.Rescaling((1 / np.sqrt(DEVIATION)).tolist())(x)
    x = convolution(padded(x, 3, "stem_conv_pad"), in_eights(32 * width), 3, "stem_conv", 2, "valid", **KERNEL)
    x = activated(x, "stem")
    for (window, _, filters, factor, strides), name, first, far in places(_STAGES, depth):
        x = _block(x, name, window, in_eights(filters * width), factor, strides if first else 1, _DROP * far)
    x = activated(convolution(x, in_eights(1280 * width), 1, "top_conv", **KERNEL), "top")
    x = asked.classified(x, dropout=dropout, **TOP)
    return asked.model(start, x, f"/keras-applications/efficientnet{number}")


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Return `x`: the networks take pixels of 0 ... 255 as they are. `data_format`: changes nothing."""
    return x


_NETWORKS = {  # factor of the filters, of the blocks, rows of the images, fraction of the means to drop
    "B0": (1.0, 1.0, 224, 0.2),
    "B1": (1.0, 1.1, 240, 0.2),
    "B2": (1.1, 1.2, 260, 0.3),
    "B3": (1.2, 1.4, 300, 0.3),
    "B4": (1.4, 1.8, 380, 0.4),
    "B5": (1.6, 2.2, 456, 0.4),
    "B6": (1.8, 2.6, 528, 0.5),
    "B7": (2.0, 3.1, 600, 0.5),
}


def _made(number: str) -> Any:
    told = _NETWORKS[number]
    build = functools.partial(_build, number.lower(), *told)
    return network(build, __name__, f"EfficientNet{number}", told[2], _SOURCE)


EfficientNetB0, EfficientNetB1, EfficientNetB2, EfficientNetB3 = map(_made, ("B0", "B1", "B2", "B3"))
EfficientNetB4, EfficientNetB5, EfficientNetB6, EfficientNetB7 = map(_made, ("B4", "B5", "B6", "B7"))
