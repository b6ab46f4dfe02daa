"""The import path at which Keras 0.3 had its containers."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("Graph", "Sequential"):
        from horngate import models

        return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
