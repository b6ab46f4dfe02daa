"""Files of weights and models: written whole or not at all, read from every era without running code."""

from typing import Any

from horngate.saving import model  # noqa: F401
from horngate.saving.files import file_errors  # noqa: F401
from horngate.saving.text import read_json, read_yaml  # noqa: F401
from horngate.saving.weights import load_weights, read_weights, save_weights, write_weights  # noqa: F401
from horngate.utils.generic_utils import register_keras_serializable  # noqa: F401
from horngate.utils.whole_files import atomic_write  # noqa: F401


def __getattr__(name: str) -> Any:
    from horngate.backend.orders import elsewhere  # imports JAX, which files alone do not need

    return elsewhere(__name__, name)
