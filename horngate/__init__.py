"""horngate: Keras 1 born again on JAX."""

import importlib as _importlib
import importlib.util as _util
import sys as _sys

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
_MODULES = (
    "activations applications backend callbacks constraints datasets distribution engine export initializations "
    "initializers keras2 keras3 layers losses metrics mixed_precision models network objectives ops optimizers "
    "preprocessing random regularizers saving tree utils wrappers"
)  # those that programs import
__all__ = sorted([*_FUNCTIONS, *_MODULES.split()])  # `__init__.pyi` tells editors the same


def __getattr__(name):
    """Modules and functions are imported when first used, so that `import horngate` takes no time."""
    if name in _FUNCTIONS:
        return getattr(_importlib.import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    if not name.startswith("_") and _util.find_spec(f"{__name__}.{name}"):
        return _importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}.{_hint(name, __all__)}", name=""
    )  # Python adds no hint of its own


def _hint(name, known):
    return _importlib.import_module(f"{__name__}.dialects.strangers").hint_of_package(name, known)


class _Missing:
    """What Python asks last for a module: an `import` of what horngate lacks ends with the nearest name."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):
        """Raise the error of the import; None for those who only ask whether there is such a module."""
        parent, _, name = fullname.rpartition(".")
        frame = _sys._getframe(2)
        if parent.partition(".")[0] != __name__ or frame.f_code.co_name != "_find_and_load_unlocked":
            return
        import pkgutil

        loaded = (each.rpartition(".") for each in [*_sys.modules])
        known = {each.name for each in pkgutil.iter_modules(path)} | {
            last for first, _, last in loaded if first == parent
        }
        while frame is not None and frame.f_globals.get("__name__") == "importlib._bootstrap":
            if frame.f_code.co_name == "_handle_fromlist":  # of `from parent import name`
                hint = _hint(name, known.union(dir(_sys.modules[parent])))
                raise ImportError(f"cannot import name {name!r} from {parent!r}.{hint}", name=parent)
            frame = frame.f_back
        raise ModuleNotFoundError(f"No module named {fullname!r}.{_hint(name, known)}", name=fullname)


_sys.meta_path.append(_Missing)


def __dir__():
    return [*__all__, "__version__"]
