"""Layers, the graph of their calls, and training: what every model is made of."""

import importlib
from typing import Any

_TOPOLOGY = "Input InputLayer InputSpec Layer Merge merge get_source_inputs Container"
# what Keras 1 had here -> the module that it is in; `training` stands above, but the path is Keras's
_PUBLIC = {**dict.fromkeys(_TOPOLOGY.split(), "topology"), "Model": "training"}


def __getattr__(name: str) -> Any:
    """Import the name when it is first used: the modules of the engine import each other."""
    if name in _PUBLIC:
        return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
