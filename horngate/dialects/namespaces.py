"""Namespaces of an era, `horngate.keras2` and `horngate.keras3`, with the names and defaults of that Keras version.

A class there is a view of a class of horngate: a call reads the arguments by the names and order of the era, and makes
an object of the class of horngate, bound to the era. So files, copies and `isinstance` know only one class. A subclass
of a view is an ordinary class of the user; its objects are made within the era.
"""

import functools
import importlib
import inspect
import re
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any

from horngate.backend import config
from horngate.backend.orders import SignatureOfEras
from horngate.dialects import later, orders
from horngate.dialects.keras3 import lacking
from horngate.dialects.reading import spoken
from horngate.dialects.strangers import hint
from horngate.dialects.words import Words
from horngate.engine.classes import Kindred
from horngate.ops import PARTS

# modules that do not depend on the era
_VALUES = ("activations", "backend", "losses", "metrics", "ops", "random", "tree")
_ASK = ("get", "hinge", "image_data_format", "image_dim_ordering", "softmax", "squared_hinge")  # the exceptions


class View(Kindred):
    """The metaclass of views and of their subclasses."""

    __era__: str
    __core__: type  # the class of horngate; only views have this name in their own dictionary
    __make__: Callable[..., Any]  # the class of horngate, or a function that makes its objects
    __words__: Words

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an object within the era, of the class of horngate or of a user's subclass."""
        with config.within_era(cls.__era__):
            if "__core__" not in vars(cls):
                return super().__call__(*args, **kwargs)
            args, kwargs = cls.__words__.read(cls.__qualname__, args, kwargs)
            with spoken(lambda: cls.__words__.targets, cls.__qualname__):
                return cls.__make__(*args, **kwargs)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return Kindred.__subclasscheck__(vars(cls).get("__core__", cls), subclass)

    @property
    def __signature__(cls: Any) -> inspect.Signature:
        if "__core__" in vars(cls):
            return cls.__words__.signature
        signature = inspect.signature(cls.__init__)
        return signature.replace(parameters=list(signature.parameters.values())[1:])


_views: dict[Any, type] = {}  # (class of horngate, maker of its objects, era) -> view


def _view(core: Any, make: Any, era: str, module: str, name: str) -> type:
    if (core, make, era) in _views:
        return _views[core, make, era]
    words = Words(make, make.__name__, era)
    given = {"__era__": era, "__core__": core, "__make__": staticmethod(make), "__words__": words}
    view: Any = View(name, (core,), {"__module__": module, "__doc__": _renamed(core.__doc__, words), **given})

    @functools.wraps(core.__init__)
    def __init__(self, *args, **kwargs):  # called by the constructors of subclasses
        args, kwargs = words.read(name, args, kwargs)
        with spoken(lambda: words.targets):
            super(view, self).__init__(*args, **kwargs)

    first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    signature = words.signature.replace(parameters=[first, *words.signature.parameters.values()])
    vars(__init__).update(__signature__=signature, generated=True)  # the core class stores the arguments
    view.__init__ = __init__
    if hasattr(core, "from_config"):

        @functools.wraps(core.from_config.__func__)
        def from_config(cls, *args, **kwargs):  # what it makes of descriptions is of the era, too
            with config.within_era(era):
                return super(view, cls).from_config(*args, **kwargs)

        view.from_config = classmethod(from_config)
    return _views.setdefault((core, make, era), view)


def _renamed(text, words):
    """Return a docstring with the argument names of the era."""
    changed = {target: word for word, target in words.targets.items() if target != word and isinstance(target, str)}
    pattern = rf"(^ +|`)({'|'.join(changed)})(?=[:`])"
    return re.sub(pattern, lambda m: m[1] + changed[m[2]], text, flags=re.M) if text and changed else text


def _bound(function: Any, key: str, era: str, module: str) -> Any:
    """Wrap a function so that it runs within the era and takes the argument names of the era."""
    words = Words(function, key, era)

    @functools.wraps(function)
    def call(*args, **kwargs):
        with config.within_era(era):
            if words.differ:
                args, kwargs = words.read(function.__name__, args, kwargs)
            return function(*args, **kwargs)

    vars(call)["__signature__"], call.__module__ = words.signature, module
    call.__doc__ = _renamed(function.__doc__, words)
    return call


class Namespace(ModuleType):
    """A module of an era; its members are made at first access."""

    __era__: str
    __names__: dict[str, str]  # name -> path of the object in horngate
    __all__: list[str]

    def __getattr__(self, name: str) -> Any:
        below = f"{self.__name__}.{name}"
        if isinstance(module := sys.modules.get(below), Namespace):
            return module
        if name in PARTS and self.__name__.endswith(".ops"):
            return self
        if name not in self.__names__:
            if name.startswith("__"):
                raise AttributeError(name)
            raise AttributeError(self._without(name), name="")  # Python adds no hint of its own
        vars(self)[name] = found = self._made(name)
        return found

    def _without(self, name):
        """Return the error text for a name that is not there."""
        inside = ".".join(self.__name__.split(".")[2:])
        told = lacking.instead(inside, name) if self.__era__ == "3" else None
        if told is not None:
            return f"{self.__name__} has no {name!r}, which Keras 3 has. Instead, {told}."
        return f"{self.__name__} has no {name!r}, nor has Keras {self.__era__}.{hint(name, self.__all__)}"

    def _made(self, name):
        place, _, maker = self.__names__[name].partition("/")
        module, _, attribute = place.rpartition(".")
        home = sys.modules.get(".".join([*self.__name__.split(".")[:2], module]), self)
        if home is not self and getattr(home, "__names__", {}).get(attribute) == self.__names__[name]:
            return getattr(home, attribute)
        source = importlib.import_module(f"horngate.{module}")
        ours, key = getattr(source, attribute), f"{self.__name__.rpartition('.')[2]}.{name}"
        if isinstance(ours, type):
            return _view(ours, getattr(source, maker) if maker else ours, self.__era__, self.__name__, name)
        if not isinstance(ours, FunctionType):
            return ours
        if name in ("serialize", "deserialize") and self.__era__ == "3" and module != "activations":
            from horngate.dialects.keras3.objects import in_words_of_keras_3  # deferred: it needs the layers

            ours = in_words_of_keras_3(ours)
        by_era = (
            isinstance(vars(ours).get("__signature__"), SignatureOfEras)
            or attribute in _ASK
            or module == "metrics"
            or (module == "ops" and "data_format" in inspect.signature(ours).parameters)
        )
        if module in _VALUES and not by_era and key not in orders.ORDERS:
            return ours
        return _bound(ours, key, self.__era__, self.__name__)

    def __dir__(self) -> list[str]:
        return self.__all__


def opened(name: str, era: str) -> None:
    """Make the package `name` the namespace of `era`, with all its modules."""
    for inside, names in later.names(era).items():
        full = f"{name}.{inside}" if inside else name
        module = sys.modules.setdefault(full, Namespace(full, f"`{inside}` of Keras {era}."))
        module.__class__ = Namespace
        below = {m.rpartition(".")[2] for m in later.names(era) if m and m.rpartition(".")[0] == inside}
        vars(module).setdefault("__path__", [])  # so that `from module import name` asks for the nearest name
        vars(module).update(__era__=era, __names__=names, __all__=sorted([*names, *below]))
        module.__spec__ = module.__spec__ or ModuleSpec(full, None, is_package=bool(below))
