"""Functions that take the argument names and places of every era.

They are defined with the names and places of Keras 1. An unknown name, or an argument in a place whose meaning differs
between eras, is looked up in `horngate.dialects.reading`, which is loaded then.
"""

import functools
import importlib
import inspect
import os
import sys
from collections.abc import Callable
from itertools import takewhile
from types import MappingProxyType
from typing import Any, TypeVar, overload

from horngate.backend.types import F

C = TypeVar("C", bound=type)


@functools.cache
def dialect(name: str) -> Any:
    """A module of `horngate.dialects`, imported at the first use: the dialects stand above all other rooms."""
    return importlib.import_module(f"horngate.dialects.{name}")


def elsewhere(module: str, name: str) -> Any:
    """The object that another Keras has as `name` in a module; for the `__getattr__` of that module."""
    folders = vars(sys.modules[module]).get("__path__", ())
    if name.startswith("__") or any(os.path.exists(os.path.join(folder, name + ".py")) for folder in folders):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")  # Python then imports a module below
    return dialect("aliases").found(module.removeprefix("horngate."), name)


def same_function(base_fun: F) -> F:
    """The function `base_fun` itself, where another Keras has a decorator without effect here."""
    return base_fun


class SignatureOfEras(inspect.Signature):
    """The signature of a function that takes the words of every era, computed when it is read."""

    __slots__ = ("_key", "_today")

    def __init__(self, key: str, today: inspect.Signature) -> None:
        super().__init__()
        self._key, self._today = key, today

    @property
    def parameters(self) -> MappingProxyType[str, inspect.Parameter]:
        """The parameters in the order of the era in force."""
        return dialect("reading").shown(self._key, self._today).parameters

    def replace(self, **changes: Any) -> Any:
        """A plain signature with other parameters."""
        return inspect.Signature(list(self.parameters.values())).replace(**changes)


def as_written(function: Any) -> inspect.Signature:
    """Return the signature of `function` in horngate's own words, whatever the era."""
    told = inspect.signature(function)
    return told._today if isinstance(told, SignatureOfEras) else told


class _Lent:
    """An attribute of a class that a module of the dialects defines, imported at the first access."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        found = getattr(dialect(self.module), self.name)
        return found.__get__(instance, owner) if hasattr(found, "__get__") else found


class _LentToSet(_Lent):
    """Such an attribute, which is asked when it is set, too."""

    def __set__(self, instance: Any, value: Any) -> None:
        getattr(dialect(self.module), self.name).__set__(instance, value)


def answers_to(names: str, module: str, to_set: bool = False) -> Callable[[C], C]:
    """Decorate a class: add the attributes `names` of other Kerases to it.

    # Arguments
        names: names of methods and attributes, separated by blanks.
        module: the module of the dialects that defines them, as functions, properties and values.
        to_set: whether the module also says what happens when they are set.
    """

    def lent(cls):
        for name in names.split():
            setattr(cls, name, (_LentToSet if to_set else _Lent)(module, name))
        return cls

    return lent


def same_places(places: int) -> Callable[[F], F]:
    """Decorate a constructor whose first `places` arguments mean the same in every era: they need no reading."""

    def marked(init):
        init.same_places = places
        return init

    return marked


def shown_in_eras(function: F) -> F:
    """Decorate a method that reads the words of other eras itself: its signature is shown in those of the era."""
    vars(function)["__signature__"] = SignatureOfEras(function.__qualname__, inspect.signature(function))
    return function


@overload
def of_eras(function: F) -> F: ...
@overload
def of_eras(function: F, key: str | None, same: int = 1) -> F: ...
@overload
def of_eras(*, key: str | None = None, same: int = 1) -> Callable[[F], F]: ...
def of_eras(function: Any = None, key: Any = None, same: int = 1) -> Any:
    """Decorate a function or method: it takes the argument names and places of every era.

    # Arguments
        key: its name in the table of the dialects; by default its own, with the class in front.
        same: number of first arguments that have the same place in every era, unless 0 at least the required ones.
    """
    if function is None:
        return lambda function: of_eras(function, key, same)
    key = key or function.__qualname__.removesuffix(".__init__")
    today = as_written(function)
    parameters = today.parameters.values()
    ours = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    known = frozenset(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    takes_no_more = function.__name__ != "__init__" and all(p.kind is not p.VAR_KEYWORD for p in parameters)
    method = ours[:1] == ["self"]
    ours = ours[method:]
    must = list(takewhile(lambda p: p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD, parameters))
    same = max(len(must) - method, min(same, len(ours))) if same else 0

    @functools.wraps(function)
    def taking_all(*args, **kwargs):
        if len(args) > method + same or not kwargs.keys() <= known:
            era = getattr(args[0], "_era", None) if method else None  # the era of the object
            rest, kwargs = dialect("reading").arranged(key, ours, args[method:], kwargs, era)
            if not kwargs.keys() <= known:
                kwargs = dialect("reading").by_meaning(kwargs, known)
            if takes_no_more and (unknown := [name for name in kwargs if name not in known]):
                hint = dialect("reading").argument_meant(unknown[0], known - {"self"})
                raise TypeError(f"{function.__name__} has no argument {unknown[0]!r}.{hint}")
            args = (*args[:method], *rest)
        return function(*args, **kwargs)

    vars(taking_all).update(__signature__=SignatureOfEras(key, today), _same_places=same)
    return taking_all
