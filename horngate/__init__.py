"""horngate: Keras 1 born again on JAX."""

import importlib as _importlib
import importlib.util as _util

__version__ = "0.2.0"

_FUNCTIONS = {  # name -> the module that it is in
    "GradientTape": "backend.tape",
    "function": "training.functions",
    "pure": "training.pure",
    "set_era": "backend.config",
    "distribute": "training.layouts",
    "Distribution": "backend.mesh",
    "fit_many": "training.many",
    "install_as": "dialects.install",
    "show_config": "backend.report",
    "Input": "layers",
    "Model": "models",
    "Sequential": "models",
}
_MODULES = (  # those that programs import
    "activations",
    "applications",
    "backend",
    "callbacks",
    "constraints",
    "datasets",
    "distribution",
    "engine",
    "export",
    "initializations",
    "initializers",
    "keras2",
    "keras3",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "network",
    "objectives",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "saving",
    "tree",
    "utils",
    "wrappers",
)
__all__ = sorted([*_FUNCTIONS, *_MODULES])  # `__init__.pyi` tells editors the same


def __getattr__(name):
    """Modules and functions are imported when first used, so that `import horngate` takes no time."""
    if name in _FUNCTIONS:
        return getattr(_importlib.import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    if not name.startswith("_") and _util.find_spec(f"{__name__}.{name}"):
        return _importlib.import_module(f"{__name__}.{name}")
    import difflib

    near = difflib.get_close_matches(name, __all__, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}.{hint}", name=""
    )  # Python adds no hint of its own


def __dir__():
    return [*__all__, "__version__"]
