"""Facades: the modules that a program sees as `keras` while `python -m horngate` runs it.

A facade is called `keras.layers.core`, answers for `horngate.layers.core`, and knows besides what programs of the time
took from there: private helpers, names that have moved since, and the modules that Keras's own file had imported.
"""

import importlib
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from horngate.backend import config
from horngate.dialects import aliases

VERSIONS = {"0.3": "0.3.3", "1.0": "1.0.8", "1.2": "1.2.2", "2": "2.3.1", "3": "3.0.0", "2.2": "2.2.4", "tf2": "2.15.0"}
_OURS = "horngate"
_NOTHING = object()

# Beginning of a module's path -> modules that are searched for a name that the module lacks: names moved between them.
_KIN = {
    "layers": ("layers", "engine.topology", "engine.merge"),
    "engine": ("engine.topology", "engine.training", "models", "layers", "utils.layer_utils"),
    "legacy": ("layers", "models"),
    "models": ("layers", "utils", "engine.topology", "optimizers"),
    "utils": ("utils", "utils.generic_utils", "utils.data_utils", "utils.np_utils", "utils.layer_utils"),
    **dict.fromkeys(("datasets", "preprocessing"), ("utils.data_utils",)),
    "losses": ("objectives", "metrics"),
    "objectives": ("losses",),
    "metrics": ("losses", "objectives"),
    "initializers": ("initializations",),
    "initializations": ("initializers",),
    "applications": ("applications.imagenet_utils", "layers", "models"),
    **dict.fromkeys(("callbacks", "optimizers", "regularizers"), ("utils",)),
    "wrappers": ("utils", "models"),
}
# Beginning of a path -> modules that the files there had imported, which `from keras.layers import *` gave as well.
_PARTS = "activations regularizers constraints"
_AROUND = {
    "layers": f"K np copy inspect warnings {_PARTS} initializers initializations",
    "engine": f"K np copy inspect warnings json re {_PARTS} initializers initializations",
    "models": "K np os json copy warnings layers optimizers",
    **dict.fromkeys(("objectives", "metrics", "initializations", "initializers"), "K np"),
    **dict.fromkeys(("losses", "regularizers", "constraints", "activations"), "K"),
    **dict.fromkeys(("utils", "datasets"), "np os sys"),
    "optimizers": "K copy",
    "callbacks": "K np os csv json warnings",
    "preprocessing": "K np os re warnings",
    "backend": "np os",
    "applications": "K np os warnings layers",
}
# Names that the star of a module gave besides, since they were defined there at the time.
_STARRED: dict[str, str] = {
    "models": "Input Layer Model Sequential",
    "layers": "Layer InputSpec Input Merge merge Recurrent Wrapper",
    "layers.convolutional": "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D Layer InputSpec",
    "layers.core": "Layer InputSpec Merge",
    "layers.recurrent": "Layer InputSpec",
}


def _family(inside: str, table: Any) -> Any:
    """Return the entry of `table` for a module or for the package that it is in; None if there is none."""
    return table.get(inside) or table.get(inside.partition(".")[0])


class Facade(ModuleType):
    """A module `keras.x` that answers for `horngate.x`.

    # Arguments
        name: its full name.
        root: the part of the name that stands for `horngate`.
        ours: the module that it answers for.
    """

    def __init__(self, name: str, root: str, ours: ModuleType) -> None:
        super().__init__(name, ours.__doc__)
        vars(self).update(_root=root, _inside=name[len(root) + 1 :], _ours=ours)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute of the module behind, so that what a program replaces is replaced for all."""
        if name.startswith("__") or isinstance(value, Facade):
            vars(self)[name] = value
        else:
            vars(self).pop(name, None)
            setattr(self._ours, name, value)

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return self._starred()
        if name == "__version__":
            return VERSIONS[config.era().name]
        if name.startswith("__"):
            return getattr(self._ours, name)
        for found in self._found(name):
            if isinstance(found, (type, FunctionType)):  # these stay; settings may change
                vars(self)[name] = found
            return found
        return getattr(self._modern() or self._ours, name)  # raises the module's own error

    def _found(self, name: str) -> Iterator[Any]:
        """Yield what a name may mean, the likeliest first."""
        if (told := aliases.of_programs(self._inside, name, _NOTHING)) is not _NOTHING:
            yield told
        kin = [self._ours, *(_module(inside) for inside in _family(self._inside, _KIN) or ())]
        for word in dict.fromkeys((name, name.strip("_"))):
            for module in kin:
                found = _attribute(module, word)
                if isinstance(found, ModuleType):
                    if module is self._ours:
                        yield self._facade_of(found)
                elif found is not _NOTHING:
                    yield found
        if not name.startswith("_"):
            try:
                yield importlib.import_module(f"{self.__name__}.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"{self.__name__}.{name}":
                    raise
        if name in (_family(self._inside, _AROUND) or "").split():
            yield self._around(name)
        if not name.startswith("_") and (found := _attribute(self._modern(), name)) is not _NOTHING:
            yield found

    def _modern(self):
        """Return the namespace of Keras 3 for this module; None in other eras, or if there is none."""
        return _module(f"keras3.{self._inside}".rstrip(".")) if config.era().generation == "3" else None

    def _around(self, name):
        """Return a module that Keras's own file had imported."""
        if name in ("K", *f"{_PARTS} initializers initializations layers optimizers".split()):
            return importlib.import_module(f"{self._root}.{'backend' if name == 'K' else name}")
        return importlib.import_module("numpy" if name == "np" else name)

    def _facade_of(self, module):
        """Return the facade of a module of horngate; other modules are what they are."""
        if module.__name__.partition(".")[0] != _OURS:
            return module
        return importlib.import_module(f"{self._root}.{module.__name__[len(_OURS) + 1 :]}".rstrip("."))

    def _starred(self):
        """Return the names that `from keras.x import *` gives."""
        names = getattr(self._ours, "__all__", None) or [n for n in dir(self._ours) if not n.startswith("_")]
        plain = [n for n in names if not isinstance(vars(self._ours).get(n), ModuleType)]
        ours = self._ours.__name__[len(_OURS) + 1 :]
        known = [*aliases.NAMES.get(ours, ()), *aliases.OF_PROGRAMS.get(self._inside, ())]
        rows = [n for n in known if not n.startswith("_")]
        more = f"{_STARRED.get(self._inside, '')} {self._inside and _family(self._inside, _AROUND) or ''}".split()
        return [n for n in dict.fromkeys([*plain, *rows, *more]) if n not in ("annotations", "Any", "TYPE_CHECKING")]

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *dir(self._ours)})


def _module(inside: str) -> Any:
    """Return a module of horngate, or None if there is none of that name."""
    try:
        return importlib.import_module(f"{_OURS}.{inside}")
    except ModuleNotFoundError:
        return None


def _attribute(module: Any, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        return _NOTHING
