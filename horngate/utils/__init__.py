"""Tools, and the names that Keras 2 and 3 have here."""

import importlib
from typing import Any

_MODULES = {  # module -> what is found here, too
    "data_utils": "PyDataset Sequence get_file",
    "enqueuers": "GeneratorEnqueuer OrderedEnqueuer SequenceEnqueuer",
    "generic_utils": "CustomObjectScope Progbar custom_object_scope func_dump func_load get_custom_objects "
    "register_keras_serializable",
    "io_utils": "HDF5Matrix ask_to_proceed_with_overwrite",
    "layer_utils": "convert_all_kernels_in_model print_summary",
    "np_utils": "normalize set_random_seed to_categorical",
    "visualize_util": "model_to_dot plot_model",
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    from horngate.backend.orders import elsewhere  # imports JAX, which files alone do not need

    return elsewhere(__name__, name)


def __dir__() -> list[str]:
    return sorted([*_PLACES, "Any"])
