"""Tools, and the names that Keras 2 and 3 have here."""

import importlib
from typing import Any

_PLACES = {  # name -> the module that it is in
    "to_categorical": "np_utils",
    "normalize": "np_utils",
    "plot_model": "visualize_util",
    "get_file": "data_utils",
    "Progbar": "generic_utils",
    "CustomObjectScope": "generic_utils",
    "custom_object_scope": "generic_utils",
    "get_custom_objects": "generic_utils",
    "HDF5Matrix": "io_utils",
    "set_random_seed": "np_utils",
    "register_keras_serializable": "generic_utils",
    "Sequence": "data_utils",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
