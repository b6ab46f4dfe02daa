"""The path at which Keras 0.3 had Sequential and Graph."""

from typing import Any

from horngate.backend.orders import elsewhere


def __getattr__(name: str) -> Any:
    return elsewhere(__name__, name)
