"""Classes of layers: how they are defined, and what their methods are wrapped in."""

import abc
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from horngate.backend.graph import Variable
from horngate.backend.orders import dialect
from horngate.engine.constructors import names_of
from horngate.engine.names import is_ours

_OF_03 = frozenset(("get_output", "get_output_mask", "output_shape", "supports_masked_input"))


class Kindred(abc.ABCMeta):
    """The metaclass of a class to which the classes in its own `_kin` count as subclasses though they share no code."""

    def __subclasscheck__(cls, subclass: type) -> bool:
        return not {cls, *vars(cls).get("_kin", ())}.isdisjoint(subclass.__mro__)

    def __instancecheck__(cls, instance: Any) -> bool:
        return issubclass(type(instance), cls)


def speaks_otherwise(cls: type) -> bool:
    """Return whether a class defines methods of Keras 0.3, or a `build` without arguments."""
    build = vars(cls).get("build")
    return not _OF_03.isdisjoint(vars(cls)) or build is not None and len(inspect.signature(build).parameters) < 2


def marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """Wrap a layer's `build` so that each call of it sets `built`."""

    @functools.wraps(build)
    def wrapper(self, input_shape=None, **kwargs):
        if input_shape is None and self.built and self._asked is None:  # asked for by a program of 0.3: makes them anew
            self._trainable_weights, self._non_trainable_weights, self._losses = [], [], []
        input_shape = self.told_shape() if input_shape is None else input_shape
        mine, asked = vars(self), self._asked
        reads = mine.setdefault("_reads", set())
        mine["_asked"] = input_shape  # as within `asked_for`, in half the time
        try:
            build(self, input_shape, **kwargs)
        finally:
            mine["_asked"] = asked
            mine.pop("_reads", None)
        mine["_read_in_build"] = reads
        self.built = True
        if not is_ours(type(self)) and not {"kernel", "embeddings"}.isdisjoint(vars(self)):
            dialect("keras2.attributes").under_our_names(self)
        if self._era.bias_is_weight and vars(self).get("bias") is True and isinstance(vars(self).get("b"), Variable):
            vars(self)["bias"] = self.b  # the argument is `use_bias` there; a weight counts as True

    return wrapper


def without_call(self: Any, x: Any, mask: Any = None) -> NoReturn:
    """Stand for the `call` of a layer that defines `forward` only, as in PyTorch. Raises TypeError."""
    raise TypeError(f"{type(self).__name__} {self.name} has no `call`: rename its `forward` to `call`.")


def unknown_argument(cls: Any, name: str, of_all: Sequence[str]) -> str:
    """Return the message for an argument `name` that `cls` does not have; `of_all`: the arguments of every layer."""
    known = [n for ancestor in cls.__mro__ if "__init__" in vars(ancestor) for n in names_of(ancestor.__init__)]
    hint = dialect("reading").argument_meant(name, [*known, *of_all])
    taken = ", ".join(dict.fromkeys(known)) or "none of its own"
    return f"{cls.__name__} has no argument {name!r}.{hint} It takes {taken}."
