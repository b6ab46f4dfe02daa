"""Layers, the graph of their calls, and training: what every model is made of."""

import importlib
from typing import Any

_PUBLIC = {  # what Keras 1 had here -> the module that it is in
    "Input": "topology",
    "InputLayer": "topology",
    "InputSpec": "topology",
    "Layer": "topology",
    "Merge": "topology",
    "merge": "topology",
    "get_source_inputs": "topology",
    "Container": "topology",
    "Model": "training",  # which stands above; the path is Keras's
}


def __getattr__(name: str) -> Any:
    """Import the name when it is first used: the modules of the engine import each other."""
    if name in _PUBLIC:
        return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
