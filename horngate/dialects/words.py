"""Words: the arguments of a class or function of horngate in Keras 2 or 3, by the names and order of that era."""

import inspect
from typing import Any

from horngate.backend import config
from horngate.backend.orders import as_written
from horngate.dialects import orders
from horngate.dialects.strangers import hint
from horngate.engine.container import Container
from horngate.engine.layer import BASE_NAMES, Layer
from horngate.optimizers import Optimizer

_KIND = inspect.Parameter
_SEVERAL = (_KIND.VAR_KEYWORD, _KIND.VAR_POSITIONAL)
_ONLY_KERAS_1 = ("weights", "consume_less")  # arguments of layers
_AS_GIVEN = ("kernel_size", "strides", "pool_size", "dilation_rate")  # stored as given: a tuple of one may be a number
_ORDERINGS = {None: "default", "channels_first": "th", "channels_last": "tf"}
_OF_LAYERS = {
    "name": None,
    "trainable": True,
    "input_shape": None,
    "dtype": None,
    "activity_regularizer": None,
    "autocast": True,
}  # further arguments of layers -> default


class Words:
    """The arguments of a class or function in an era.

    # Arguments
        of: the class or function.
        key: its name in `orders`, if preceded there by the last part of its module.
        era: the era.
    """

    takes_any: bool
    closed: bool
    known: set[str]

    def __init__(self, of: Any, key: str, era: str) -> None:
        self.is_class: bool = isinstance(of, type)
        told = orders.row(key, era)
        told = orders.row(of.__name__, era) if told is None else told
        ours, self.takes_any, more = _parameters(of)
        self._arrange(ours, told, era)
        besides = {word: value for word, value in _besides(of, era, ours).items() if word not in self.targets}
        parameters = [*self.parameters, *(_KIND(word, _KIND.KEYWORD_ONLY, default=besides[word]) for word in besides)]
        self.closed, self.known = bool(besides), {*ours, *self.targets, *orders.SPELLINGS, *besides, *BASE_NAMES}
        if self.takes_any:
            parameters.insert(0, _KIND("args", _KIND.VAR_POSITIONAL))
        self.signature: inspect.Signature = inspect.Signature(parameters + ([] if besides or self.differ else more))

    def _arrange(self, ours, told, era):
        """Find the words of the era for the parameters `ours`, and their order, from a row of `orders`."""
        self.differ: bool = told is not None
        self.targets: dict[str, Any] = {}  # word -> name in horngate, or a tuple of names
        self.places: list[str] = []
        whole = True
        for word, target in orders.parameters(told or "", _today(ours) if self.is_class else ours):
            target = target or orders.meaning(word, ours)
            whole = whole and target is not None
            if target is not None:
                self.targets[word] = target
                self.places += [word] if whole else []
        with config.within_era(era):
            self.parameters: list[inspect.Parameter] = [self._parameter(word, ours) for word in self.targets]

    @classmethod
    def arranged(cls, key: str, era: str, today: inspect.Signature) -> inspect.Signature:
        """Return the signature `today` of a class or function with the words and the order of Keras 2 or 3.

        `key`: its name in `orders`. What its era did not have follows by name.
        """
        words, ours = cls.__new__(cls), {p.name: p for p in today.parameters.values() if p.kind not in _SEVERAL}
        first = [ours.pop("self")] if "self" in ours else []
        words.is_class = key.rpartition(".")[2][0].isupper()
        words._arrange(ours, orders.row(key, era), era)
        parts = {p.name: p for p in words.parameters if p.kind is _KIND.POSITIONAL_OR_KEYWORD}
        rest = [p for p in words.parameters if p.kind is _KIND.KEYWORD_ONLY]
        meant = {each for found in words.targets.values() for each in (found if isinstance(found, tuple) else [found])}
        rest += [p.replace(kind=_KIND.KEYWORD_ONLY) for name, p in ours.items() if name not in meant]
        more = [p for p in today.parameters.values() if p.kind is _KIND.VAR_KEYWORD]
        return today.replace(parameters=[*first, *parts.values(), *rest, *more])

    def _parameter(self, word, ours):
        target = self.targets[word]
        meant = ours[target[0] if isinstance(target, tuple) else target]
        default = config.of_era(meant.default)
        default = None if word == "data_format" and default == "default" else default
        kind = _KIND.POSITIONAL_OR_KEYWORD if word in self.places else _KIND.KEYWORD_ONLY
        return _KIND(word, kind, default=default, annotation=meant.annotation)

    def read(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of a call under the names of horngate; words unknown to the era stay unchanged.

        # Arguments
            name: name of the class or function, for an error.
            args: positional arguments.
            kwargs: keyword arguments.
        """
        if self.takes_any:
            return args, kwargs
        if len(args) > len(self.places):
            taken = f"({', '.join(self.places)}) in places" if self.places else "all arguments by name"
            raise TypeError(f"{name} takes {taken}; got {len(args)}. Give what follows by name.")
        if twice := kwargs.keys() & set(self.places[: len(args)]):
            raise TypeError(f"{name} got {sorted(twice)[0]!r} twice, in its place and by its name.")
        if unknown := [word for word in kwargs if word not in self.known] if self.closed else ():
            instead = hint(unknown[0], words := self.signature.parameters) or f" It takes {', '.join(words)}."
            raise TypeError(f"{name} has no argument {unknown[0]!r}.{instead}")
        found = {}
        for word, value in {**dict(zip(self.places, args)), **kwargs}.items():
            target = self.targets.get(word, word)
            if isinstance(target, tuple) or self.is_class and word in _AS_GIVEN:
                target = word  # split by the constructors of layers
            elif target == "dim_ordering" and not self.is_class:
                value = _ORDERINGS.get(value, value)
            found[target] = value
        return (), found


def _parameters(of):
    """Return (name -> parameter, whether it takes `*args`, [the parameter `**kwargs`] or [])."""
    signature = as_written(of.__init__ if isinstance(of, type) else of)
    parameters = list(signature.parameters.values())
    if isinstance(of, type):
        parameters = [] if of.__init__ is object.__init__ else parameters
    named = {p.name: p for p in parameters if p.kind not in _SEVERAL and p.name != "self"}
    takes_any = any(p.kind is _KIND.VAR_POSITIONAL for p in parameters)
    return named, takes_any, [p for p in parameters if p.kind is _KIND.VAR_KEYWORD]


def _today(ours: dict[str, Any]) -> list[str]:
    """Return the names in `ours` as spelled in Keras 2 and 3: the order, unless `orders` has another."""
    spelled = {name: word for word, names in reversed(orders.SPELLINGS.items()) for name in names}
    return [spelled.get(name, name) for name in ours if name not in _ONLY_KERAS_1]


def _besides(of, era, ours):
    """Return name -> default for arguments that a class takes beyond its own signature."""
    if not isinstance(of, type) or issubclass(of, Container):
        return {}
    if issubclass(of, Layer):
        told = ("input_dim", "input_length", "weights") if era == "2" else ("input_dim",)
        shapes = dict.fromkeys(("batch_input_shape" if era == "2" else "batch_shape", *(n for n in told if n in ours)))
        return {**_OF_LAYERS, **shapes}
    return {"name": None} if issubclass(of, Optimizer) else {}
