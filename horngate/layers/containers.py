"""The import path at which Keras 0.3 had its containers."""


def __getattr__(name):
    if name in ("Graph", "Sequential"):
        from horngate import models

        return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
