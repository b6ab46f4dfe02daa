"""Constructors of classes that declare their arguments and are no layers, such as generators of images."""

import inspect
from collections.abc import Callable
from typing import Any, cast

from horngate.backend import orders
from horngate.engine.arguments import Argument, Declares, _documented, did_you_mean


class Constructed(Declares, init=False):
    """A class that declares its arguments: the constructor sets them, and then calls `__post_init__`.

    A subclass that defines `__init__` has its own constructor instead, as any class of Python's.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" not in vars(cls) and any(isinstance(item, Argument) for item in vars(cls).values()):
            cast("Any", cls).__init__ = _constructor(cls)  # which a method's type does not allow
        if hasattr(cls.__init__, "generated") and vars(cls).get("__doc__"):  # also where it adds no arguments
            cls.__doc__ = _documented(cls)

    def __post_init__(self) -> None:
        """What a class does with its arguments when they are set; it calls `super().__post_init__()` first."""


def _constructor(cls: type[Constructed]) -> Callable[..., None]:
    """A constructor that takes what `cls` declares, in the orders of all eras where those differ."""
    declared = cls.__declared__
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    signature = inspect.Signature([*parameters, *(item.parameter() for item in declared.values())])

    def __init__(self: Constructed, *args: Any, **kwargs: Any) -> None:
        try:
            given = signature.bind(self, *args, **kwargs)
        except TypeError as error:
            unknown = next((name for name in kwargs if name not in declared), None)
            hint = "" if unknown is None else did_you_mean(unknown, declared)
            raise TypeError(f"{type(self).__name__}: {error}.{hint}") from None
        given.apply_defaults()
        for name, item in declared.items():
            setattr(self, item.attribute, given.arguments[name])
        self.__post_init__()

    vars(__init__)["__signature__"], vars(__init__)["generated"] = signature, True
    __init__.__qualname__, __init__.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    return orders.of_eras(__init__)
