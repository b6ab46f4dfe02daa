"""The part of TensorFlow 1 that Keras programs use, on K and jax.numpy; `tf.keras` is horngate."""

import importlib
from types import ModuleType
from typing import Any

import horngate as keras
from horngate.dialects.lent import missing
from horngate.dialects.tensorflow import functions, means, measures, networks, others, pictures, sessions, variables

__path__ = []  # so that tensorflow.keras can be imported
__version__ = "1.15.0"

_TABLES: tuple[dict[str, Any], ...] = (functions.TABLE, sessions.TABLE, variables.TABLE, others.TABLE)
_OF_FILES = (networks.MODULE, pictures.MODULE, means.MODULE, measures.MODULE, sessions.TRAIN, functions.MATH)
_MODULES: dict[str, ModuleType] = {module.__name__: module for module in (*_OF_FILES, *others.MODULES)}


def modules() -> dict[str, ModuleType]:
    """Return the modules of TensorFlow, full name -> module."""
    whole = importlib.import_module(__name__)
    found = {"tensorflow": whole, **_MODULES}
    found |= dict.fromkeys(("tensorflow.compat.v1", "tensorflow.compat.v2"), whole)
    return found


def __getattr__(name: str) -> Any:
    for table in _TABLES:
        if name in table:
            return table[name]
    if (below := f"tensorflow.{name}") in _MODULES:
        return _MODULES[below]
    if name == "keras":
        return keras_of_programs()
    if not name.startswith("_") and (found := functions.by_rule(name)) is not None:
        return found
    raise AttributeError(missing("tensorflow", name, [*functions.TABLE, *sessions.TABLE, *globals()]), name="")


def keras_of_programs() -> Any:
    """Return `tensorflow.keras` as programs import it, or horngate itself outside of the launcher."""
    try:
        return importlib.import_module("tensorflow.keras")
    except ImportError:
        return keras
