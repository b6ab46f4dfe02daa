"""Functions that are called in the words of every era: what is unknown here, the dialects read.

What is defined has the names and places of Keras 1. A name that a function does not have, or an argument in a place
behind the first, may be meant in the words of another era: then `horngate.dialects.orders` is loaded, and asked.
"""

import functools
import importlib
import inspect
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, overload

from horngate.backend.types import F


@functools.cache
def dialect(name: str) -> Any:
    """A module of the dialects, which stand on top of everything: loaded when a program speaks in one."""
    return importlib.import_module(f"horngate.dialects.{name}")


class SignatureOfEras(inspect.Signature):
    """What `inspect` shows of a function that takes the words of every era: found when somebody looks."""

    __slots__ = ("_key", "_today")

    def __init__(self, key: str, today: inspect.Signature) -> None:
        super().__init__()
        self._key, self._today = key, today

    @property
    def parameters(self) -> MappingProxyType[str, inspect.Parameter]:
        """Those of today, and what other eras took."""
        return dialect("orders").shown(self._key, self._today).parameters

    def replace(self, **changes: Any) -> Any:
        """A plain signature with other parameters."""
        return inspect.Signature(list(self.parameters.values())).replace(**changes)


@overload
def of_eras(function: F) -> F: ...
@overload
def of_eras(function: F, key: str) -> F: ...
@overload
def of_eras(*, key: str) -> Callable[[F], F]: ...
def of_eras(function: Any = None, key: Any = None) -> Any:
    """A function or method that takes its arguments in the names and places of every era.

    # Arguments
        key: what it is called in the table of the dialects; by default its name, that of its class in front.
    """
    if function is None:
        return lambda function: of_eras(function, key)
    key = key or function.__qualname__.removesuffix(".__init__")
    today = inspect.signature(function)
    parameters = today.parameters.values()
    ours = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    known = frozenset(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    method = ours[:1] == ["self"]
    ours = ours[method:]
    places = method + bool(ours)  # the first one means the same in every era

    @functools.wraps(function)
    def taking_all(*args, **kwargs):
        if len(args) > places or not kwargs.keys() <= known:
            rest, kwargs = dialect("orders").arranged(key, ours, args[method:], kwargs)
            args = (*args[:method], *rest)
        return function(*args, **kwargs)

    vars(taking_all)["__signature__"] = SignatureOfEras(key, today)
    return taking_all
