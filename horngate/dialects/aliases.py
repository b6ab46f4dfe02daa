"""Aliases: names in the modules of other Keras versions -> their place in horngate. Imported when first used."""

import importlib
from typing import Any

_OF_03 = "AutoEncoder LambdaMerge MaskedLambda MaskedLayer Siamese SiameseHead TimeDistributedMerge add_shared_layer"
_OF_TRAINING = "batch_shuffle generator_queue make_batches slice_X standardize_weights weighted_objective"
_GRAPH = {"Graph": "dialects.keras03.graph.Graph"}

NAMES: dict[str, dict[str, str]] = {
    "layers": {
        **{f"MaxPool{n}D": f"layers.pooling.MaxPooling{n}D" for n in (1, 2, 3)},
        **{f"AvgPool{n}D": f"layers.pooling.AveragePooling{n}D" for n in (1, 2, 3)},
        **{f"Convolution{n}DTranspose": f"layers.transposed.Conv{n}DTranspose" for n in (1, 2, 3)},
        "SeparableConvolution1D": "layers.depthwise.SeparableConv1D",
        **{f"GlobalMaxPool{n}D": f"layers.pooling.GlobalMaxPooling{n}D" for n in (1, 2, 3)},
        **{f"GlobalAvgPool{n}D": f"layers.pooling.GlobalAveragePooling{n}D" for n in (1, 2, 3)},
        "TimeDistributedMerge": "dialects.keras03.layers.TimeDistributedMerge",
    },
    "layers.core": {name: f"dialects.keras03.layers.{name}" for name in _OF_03.split()},
    "layers.containers": {**_GRAPH, "Sequential": "models.Sequential"},
    "operations": {"Operation": "dialects.keras3.operations.Operation"},
    "models": {**_GRAPH, **{name: f"engine.training.{name}" for name in _OF_TRAINING.split()}},
    "legacy.models": _GRAPH,
}


def found(module: str, name: str) -> Any:
    """Return the object that `name` means in a module of horngate."""
    if name not in NAMES[module]:
        raise AttributeError(f"module 'horngate.{module}' has no attribute {name!r}")
    place, _, what = NAMES[module][name].rpartition(".")
    return getattr(importlib.import_module(f"horngate.{place}"), what)


def layer(name: str) -> Any:
    """Return the class `name` of a layer or model that only another Keras version had; None for other names."""
    module = next((module for module in ("layers.core", "models", "operations") if name in NAMES[module]), None)
    return module and found(module, name)
