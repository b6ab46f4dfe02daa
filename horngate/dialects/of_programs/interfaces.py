"""`keras.legacy.interfaces` of Keras 2: decorators that read Keras 1's words, which every layer here reads itself."""

from typing import Any

from horngate.backend.orders import same_function


def generate_legacy_interface(*args: Any, **kwargs: Any) -> Any:
    """A decorator that changes nothing, whatever it is told."""
    return same_function


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    return same_function
