"""horngate: Keras 1 born again on JAX."""

import importlib
import pkgutil

__version__ = "0.1.0"

_FUNCTIONS = {  # name -> the module that it is in
    "set_era": "backend.config",
    "fit_many": "training.many",
    "install_as": "dialects.install",
    "show_config": "backend.report",
    "Input": "layers",
    "Model": "models",
    "Sequential": "models",
}
_MODULES = {module.name for module in pkgutil.iter_modules(__path__)}


def __getattr__(name):
    """Modules and functions are imported when first used, so that `import horngate` takes no time."""
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_FUNCTIONS, *_MODULES})
