"""Stand-ins for the parts of Theano and TensorFlow that Keras programs use directly.

A function that K or NumPy has under the same name and in the same meaning is lent without a row; the tables of
`theano` and `tensorflow` hold those that differ, and what only these engines had.
"""

import difflib
import functools
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.running import NeedsValues

# Functions that K has under a name by which the engines mean another one, or with other arguments.
_OTHERWISE = frozenset(
    ("function", "variable", "gradients", "map_fn", "foldl", "foldr", "eval", "backend", "update", "setdiff1d")
)


class Lent(ModuleType):
    """A stand-in for a module of another engine.

    # Arguments
        name: its full name.
        table: the names in it.
        rule: finds what `table` lacks by name, or returns None; None finds nothing.
    """

    def __init__(
        self, name: str, table: Mapping[str, Any] | None = None, rule: Callable[[str], Any] | None = None
    ) -> None:
        super().__init__(name, f"The part of {name} that horngate lends to programs.")
        vars(self).update(table or {})
        vars(self).update(_rule=rule, __path__=[])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self._rule(name) if self._rule else None
        if found is None:
            known = [*vars(self), *K.__all__]
            raise AttributeError(missing(self.__name__, name, known), name="")  # Python adds no hint of its own
        vars(self)[name] = found
        return found


def same_meaning(name: str) -> Any:
    """Return the function of K or NumPy of that `name`, which means the same in the engines; None if there is none."""
    if name in K.__all__ and name not in _OTHERWISE and callable(found := getattr(K, name)):
        return found
    try:
        found = K.array_function(name) if not name[:1].isupper() else None
        return found if callable(found) else None
    except (AttributeError, TypeError):
        return None


def reworded(words: Mapping[str, str], dropped: Iterable[str] = ("name",)) -> Callable[[Any], Any]:
    """Return a decorator: the function takes arguments under further `words`, and those `dropped`, without effect."""
    left_out = frozenset(dropped)

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def lent(*args: Any, **kwargs: Any) -> Any:
            given = {words.get(name, name): value for name, value in kwargs.items() if name not in left_out}
            return function(*args, **given)

        return lent

    return decorate


def known(x: Any, called: str) -> np.ndarray:
    """Return the numbers of `x`. Raises NeedsValues within a compiled program, which then runs uncompiled."""
    try:
        return np.asarray(x)
    except TypeError:
        raise NeedsValues(f"{called} gives as many rows as the numbers say.") from None


def missing(module: str, name: str, known: Iterable[str]) -> str:
    """Return the error message for a name that the stand-in lacks."""
    near = difflib.get_close_matches(name, [k for k in known if not k.startswith("_")], 1)
    hint = f" There is {near[0]}." if near else ""
    if module == "tensorflow" and name == "data":
        return "tensorflow.data is not lent to programs: `fit` takes any iterable of batches (x, y), and arrays whole."
    return (
        f"{module}.{name} is not among the parts of {module.split('.')[0]} that horngate lends to old programs.{hint} "
        "Write it with the functions of `from keras import backend as K`, or with jax.numpy in a Lambda layer."
    )


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules of an engine: those of `modules`, and packages above them."""

    def __init__(self, engine: str, modules: Mapping[str, ModuleType]) -> None:
        self.engine, self.modules = engine, modules

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.modules:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return self.modules[spec.name]

    def exec_module(self, module):
        """Nothing is left to do: the module was made whole."""


def lend(engine: str, modules: Mapping[str, ModuleType]) -> None:
    """Make the stand-ins in `modules`, full name -> module, importable: they hide an installed `engine`."""
    sys.modules[engine] = modules[engine]
    for name, module in modules.items():
        above, _, last = name.rpartition(".")
        if above in modules:
            vars(modules[above]).setdefault(last, module)
    if not any(isinstance(finder, _Finder) and finder.engine == engine for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(engine, modules))
