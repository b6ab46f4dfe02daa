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
    "PyDataset": "data_utils",
    "GeneratorEnqueuer": "enqueuers",
    "OrderedEnqueuer": "enqueuers",
    "SequenceEnqueuer": "enqueuers",
    "ask_to_proceed_with_overwrite": "io_utils",
    "convert_all_kernels_in_model": "layer_utils",
    "func_dump": "generic_utils",
    "func_load": "generic_utils",
    "model_to_dot": "visualize_util",
    "print_summary": "layer_utils",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    from horngate.backend.orders import elsewhere  # imports JAX, which files alone do not need

    return elsewhere(__name__, name)


def __dir__() -> list[str]:
    return sorted([*_PLACES, "Any"])
