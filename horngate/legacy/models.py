"""The path at which Keras 1.0 had Graph."""

from typing import Any

from horngate.backend.orders import elsewhere


def __getattr__(name: str) -> Any:
    return elsewhere(__name__, name)
