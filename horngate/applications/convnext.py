"""ConvNeXt: convolutional networks built in the manner of transformers."""

import functools
from typing import Any

import numpy as np

from horngate import layers
from horngate.applications.blocks import Asked, Features, Model, network
from horngate.applications.building import channel_axis
from horngate.applications.efficientnet import preprocess_input  # noqa: F401
from horngate.applications.imagenet_utils import DEVIATION, MEAN, decode_predictions  # noqa: F401
from horngate.engine.layer import Layer
from horngate.models import Sequential

_SOURCE = "Liu et al., A ConvNet for the 2020s (arXiv:2201.03545)."
_NETWORKS = {  # blocks of each stage, their filters
    "Tiny": ((3, 3, 9, 3), (96, 192, 384, 768)),
    "Small": ((3, 3, 27, 3), (96, 192, 384, 768)),
    "Base": ((3, 3, 27, 3), (128, 256, 512, 1024)),
    "Large": ((3, 3, 27, 3), (192, 384, 768, 1536)),
    "XLarge": ((3, 3, 27, 3), (256, 512, 1024, 2048)),
}


def _smoothed(**named: Any) -> Layer:
    return layers.LayerNormalization(epsilon=1e-6, **named)


def _block(x: Features, filters: int, name: str) -> Features:
    y = layers.Convolution2D(filters, 7, 7, border_mode="same", groups=filters, name=f"{name}_depthwise_conv")(x)
    y = layers.Dense(4 * filters, name=f"{name}_pointwise_conv_1")(_smoothed(name=f"{name}_layernorm")(y))
    y = layers.Dense(filters, name=f"{name}_pointwise_conv_2")(layers.Activation("gelu", name=f"{name}_gelu")(y))
    y = layers.LayerScale(1e-6, filters, name=f"{name}_layer_scale")(y)
    return layers.Add()([x, layers.Activation("linear", name=f"{name}_identity")(y)])


def _classified(x: Features, asked: Asked) -> Features:
    if asked.include_top:
        x = layers.GlobalAveragePooling2D(name=f"{asked.name}_head_gap")(x)
        x = _smoothed(name=f"{asked.name}_head_layernorm")(x)
        return layers.Dense(asked.classes, activation=asked.classifier_activation, name=f"{asked.name}_head_dense")(x)
    pooling = {"avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}.get(asked.pooling or "")
    asked.pooling = asked.pooling if pooling is None else None
    return _smoothed()(x if pooling is None else pooling()(x))


def _build(variant: str, asked: Asked) -> Model:
    counts, filters = _NETWORKS[variant]
    start, name = asked.start(224), asked.name
    if channel_axis() == 1:
        raise ValueError(f"{name} takes images with channels last. Call K.set_image_dim_ordering('tf') first.")
    x = start
    if asked.include_preprocessing:
        mean, variance = (255 * np.array(MEAN)).tolist(), ((255 * np.array(DEVIATION)) ** 2).tolist()
        x = layers.Normalization(mean=mean, variance=variance, name=f"{name}_prestem_normalization")(x)
    for stage, (count, wide) in enumerate(zip(counts, filters)):
        if stage == 0:
            first = layers.Convolution2D(wide, 4, 4, subsample=(4, 4), name=f"{name}_stem_conv")
            x = Sequential([first, _smoothed(name=f"{name}_stem_layernorm")], name=f"{name}_stem")(x)
        else:
            told = f"{name}_downsampling_{{}}_{stage - 1}"
            halving = layers.Convolution2D(wide, 2, 2, subsample=(2, 2), name=told.format("conv"))
            x = Sequential([_smoothed(name=told.format("layernorm")), halving], name=told.format("block"))(x)
        for block in range(count):
            x = _block(x, wide, f"{name}_stage_{stage}_block_{block}")
    return asked.model(start, _classified(x, asked), f"convnext/convnext_{variant.lower()}")


def _made(variant: str) -> Any:
    build, model_name = functools.partial(_build, variant), f"convnext_{variant.lower()}"
    return network(build, __name__, f"ConvNeXt{variant}", 224, _SOURCE, model_name=model_name, preprocessing=1)


ConvNeXtTiny, ConvNeXtSmall, ConvNeXtBase, ConvNeXtLarge, ConvNeXtXLarge = map(_made, _NETWORKS)
