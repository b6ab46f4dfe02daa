"""Declared arguments: a class declares in its body the arguments of its constructor.

    class Scale(Layer):
        '''Multiply the input by a number.'''

        factor: float = argument("what the input is multiplied by")

        def call(self, x, mask=None):
            return x * self.factor

The declaration gives the constructor, its signature and documentation, the checks, `get_config` and an editor's hints.
"""

import functools
import inspect
import re
import threading
import types
import typing
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Self, TypeVar, cast, dataclass_transform, overload

import numpy as np

from horngate.backend import config, limits, notices
from horngate.backend.graph import Variable
from horngate.backend.orders import dialect, of_eras
from horngate.backend.running import is_running
from horngate.engine import function_keys
from horngate.engine.description import numbered
from horngate.engine.names import is_ours
from horngate.utils.generic_utils import own_words, settings_of

Given = TypeVar("Given", contravariant=True)
Held = TypeVar("Held", covariant=True)
REQUIRED: Any = inspect.Parameter.empty  # the default of an argument that must be given


class Declared(Generic[Given, Held]):
    """A type of arguments. It converts the value given, such as a name, to the value kept, such as a function.

    A subclass defines `converted`, and `words`: the text for arguments declared without words of their own. In
    `words`, `{of}` becomes the first part of the argument's name: W of `W_regularizer`.
    """

    words: ClassVar[str] = ""
    in_config: ClassVar[bool] = True  # whether it is written into configurations
    none_stands_for_something: ClassVar[bool] = False  # whether None means a value, such as the linear activation

    if TYPE_CHECKING:  # type checkers see a descriptor: the constructor takes `Given`, reading returns `Held`

        @overload
        def __get__(self, instance: None, owner: Any = None) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: Any = None) -> Held: ...
        def __get__(self, instance: Any, owner: Any = None) -> Any: ...
        def __set__(self, instance: Any, value: Given) -> None: ...

    @classmethod
    def converted(cls, value: Any, told: "Argument", owner: type) -> Any:
        """Return the value to keep when `value` is given for the argument `told` of the class `owner`."""
        return value

    @classmethod
    def range_of(cls, told: "Argument") -> str:
        """Describe the values allowed for the argument `told`."""
        return ""

    @classmethod
    def serialized(cls, value: Any) -> Any:
        """Return `value` as plain data, from which it can be made again."""
        return plain(value, function_keys.description_of)


class _Whole(Declared[Any, int]):
    @classmethod
    def range_of(cls, told):
        """Describe the limits."""
        return f"a whole {limits.described(**told.limits).removeprefix('a ').removeprefix('finite ')}"

    @classmethod
    def converted(cls, value, told, owner):
        """Return `value` as a whole number. Raises ValueError if it is outside the limits."""
        return limits.whole(value, told.limits.get("at_least"), told.limits.get("at_most") or limits.LARGEST)


class _Number(Declared[Any, float]):
    @classmethod
    def range_of(cls, told):
        """Describe the limits."""
        return limits.described(**told.limits)

    @classmethod
    def converted(cls, value, told, owner):
        """Return `value` as a finite number. Raises ValueError if it is outside the limits."""
        return in_range(value, told)


def in_range(value: Any, told: "Argument") -> float:
    """Return `value` as a finite number. Raises ValueError if it is outside the limits of the argument `told`."""
    return limits.number(value, *(told.limits.get(name) for name in ("at_least", "at_most", "above", "below")))


class _Truth(Declared[Any, bool]):
    @classmethod
    def range_of(cls, told):
        """Describe the two values."""
        return "True or False"

    @classmethod
    def converted(cls, value, told, owner):
        """Return `value`. Raises TypeError unless it is True or False."""
        if not is_truth(value):
            raise TypeError(f"must be True or False; received {value!r}")
        return value


_KINDS: dict[Any, type[Declared[Any, Any]]] = {int: _Whole, float: _Number, bool: _Truth}


def is_truth(value: Any) -> bool:
    """Return whether `value` is True, False, 0 or 1."""
    return isinstance(value, (bool, np.bool_)) or type(value) is int and value in (0, 1)


def plain(value: Any, function: Callable[[Any], str] = function_keys.name_of) -> Any:
    """Convert `value` to types of JSON: arrays become lists, objects their configuration, functions their name."""
    if hasattr(value, "get_config"):
        return numbered(value, {"class_name": type(value).__name__, "config": settings_of(value)})
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        items = [plain(item, function) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: plain(item, function) for key, item in value.items()}
    return function(value) if callable(value) else value


class _Changes:
    """Counts the changes of objects in use, so that models compile anew what was compiled before a change."""

    count = 0
    _lock = threading.Lock()  # or changes of two threads could get one number, and the second be missed

    def note(self, changed: Any) -> None:
        """Note that the object `changed` computes otherwise from now on."""
        with self._lock:
            self.count += 1
            vars(changed)["_changed"] = self.count

    def since(self, count: int, parts: Iterable[Any]) -> bool:
        """Return whether one of `parts` has changed since the counter was at `count`."""
        return self.count != count and any(getattr(part, "_changed", 0) > count for part in parts)


changes = _Changes()


def _same(held: Any, value: Any) -> bool:
    return held is value or type(held) is type(value) and isinstance(value, (int, float, str, tuple)) and held == value


class Argument:
    """One declared argument: an attribute that checks and converts each value set. See `argument`."""

    kind: type[Declared[Any, Any]] = Declared
    optional: bool = False  # whether None may be given
    name: str = ""  # of the constructor's argument
    attribute: str = ""  # the attribute that holds the value
    words: str
    default: Any
    alias: str | None
    choices: tuple[Any, ...]
    limits: dict[str, Any]
    kw_only: bool
    later: bool = False  # whether Keras 1 lacked it: configurations leave its default out

    def __init__(
        self,
        words: str,
        default: Any,
        alias: str | None,
        kw_only: bool,
        choices: tuple[Any, ...],
        **limits: float | None,
    ) -> None:
        self.words, self.default, self.alias, self.choices, self.limits = words, default, alias, choices, limits
        self.kw_only = kw_only

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.attribute = self.alias or name, name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        mine = vars(instance)
        if "_reads" in mine:
            mine["_reads"].add(self.attribute)
        try:
            return mine[self.attribute]
        except KeyError:
            hint = "" if is_ours(type(instance)) else ": its constructor must call super().__init__() to have it"
            raise AttributeError(
                f"{type(instance).__name__} object has no attribute {self.attribute!r}{hint}"
            ) from None

    def __set__(self, instance: Any, value: Any) -> None:
        if self.kind is _Truth and not is_ours(type(instance)) and (value is None or isinstance(value, Variable)):
            value = value is not None and value  # `self.bias = self.add_weight(...)` in the words of Keras 2
        else:
            value = self.held(value, type(instance))
            if not _same(vars(instance).get(self.attribute, value), value) and not is_running():
                self._check_weights(instance, value)
                changes.note(instance)
        vars(instance)[self.attribute] = value

    def _check_weights(self, instance, value):
        """Refuse a size from which the weights are made already; warn of other arguments that only tell how."""
        if self.attribute not in instance._read_in_build:
            return
        if type(value) in (int, tuple):
            raise ValueError(
                f"{type(instance).__name__}, argument {self.name!r}: the weights of {instance.name} are made, with "
                f"{getattr(instance, self.attribute)!r}; received {value!r}. Make a new layer."
            )
        if not isinstance(value, (bool, str)):
            notices.remark(
                f"{type(instance).__name__} {instance.name}: its weights are made, and stay as they are, though "
                f"{self.name!r} has changed. A layer or model made of its configuration, as by clone_model, follows it."
            )

    def __delete__(self, instance: Any) -> None:
        del vars(instance)[self.attribute]

    def held(self, value: Any, owner: type) -> Any:
        """Convert `value` for an object of the class `owner`. Errors name the class and the argument."""
        if isinstance(value, config.EraDefault):
            value = value.value()
        try:
            value = function_keys.resolved_argument(value) if isinstance(value, str) else value
            if value is None and (self.optional or self.default is None):
                return self.kind.converted(None, self, owner) if self.kind.none_stands_for_something else None
            if isinstance(value, str) and value.lower() in self.choices:
                value = value.lower()
            if self.choices and value not in self.choices:
                raise ValueError(f"must be {_either(self.choices)}; received {value!r}")
            return self.kind.converted(value, self, owner)
        except (ValueError, TypeError) as error:
            raise type(error)(f"{owner.__name__}, argument {self.name!r}: {error}") from None

    @functools.cached_property
    def holds_default(self) -> bool:
        """Whether the default is held as it stands, unconverted: most arguments of most layers are not given."""
        if self.default is None:
            return not self.kind.none_stands_for_something
        return type(self.default) is bool and self.kind is _Truth

    def parameter(self) -> inspect.Parameter:
        """Return the argument as a parameter of a signature."""
        kind = inspect.Parameter.KEYWORD_ONLY if self.kw_only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Parameter(self.name, kind, default=self.default)

    def sentence(self) -> str:
        """Return the line that documents the argument."""
        words = self.words or self.kind.words.format(of=_spoken_of(self.name)) or _SHARED.get(self.attribute)
        range_ = _either(self.choices) if self.choices else self.kind.range_of(self)
        return f"{self.name}: {'; '.join(filter(None, (words, range_)))}."


# Documentation of arguments that mean the same in every class.
_SHARED = {
    "input_dim": "size of the last axis of the input, for a model's first layer",
    "input_length": "number of steps of the input, for a model's first layer",
    "bias": "whether there is a b",
    "border_mode": "how windows at the border are treated",
    "dropout": "the fraction of the weights that is dropped in training",
    "dropout_U": "the fraction of the inputs of U to drop, the same ones at all steps",
    "dropout_W": "the fraction of the inputs of W to drop, the same ones at all steps",
    "return_sequences": "give the outputs of all steps instead of the last",
    "return_state": "give a list of the output and the last states",
    "stateful": "begin each batch with the last states of the batch before; needs a fixed batch size",
    "unit_forget_bias": "whether b_f begins as `forget_bias_init` says; else as `bias_initializer`",
    "zero_output_for_mask": "whether the outputs of masked steps are 0, and do not repeat those before",
    "seed": "what makes the draws of this layer differ from those of others",
    "groups": "into how many groups channels and filters fall",
    "sliding_window": "how many steps a query sees on one side, its own included; None for all",
    "flash_attention": "whether one kernel that never holds the weights computes all; None: where it is faster",
}


def _either(choices):
    *most, last = map(repr, choices)
    return f"{', '.join(most)} or {last}" if most else last


def _spoken_of(name):
    """Return the subject of an argument: W for W_regularizer, "the output" for activity_regularizer."""
    head, _, tail = name.rpartition("_")
    return {"": "the kernel", "activity": "the output"}.get(head, head) if tail else name


def argument(
    words: str = "",
    *,
    default: Any = REQUIRED,
    alias: str | None = None,
    kw_only: bool = False,
    choices: tuple[Any, ...] = (),
    at_least: float | None = None,
    at_most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    later: bool = False,
) -> Any:
    """Declare an argument in the body of a class, after its name and type: `rate: float = argument("...")`.

    # Arguments
        words: documentation: the meaning of the argument, with unit and range.
        default: default value, as plain data; without a default the argument is required.
        alias: name of the argument in the constructor, if it differs from the attribute's name.
        kw_only: whether the argument is taken by name only.
        choices: the values allowed; empty for any.
        at_least, at_most, above, below: limits of a number; None for no limit.
        later: whether Keras 1 lacked it: it is taken by name only, and configurations leave its default out.
    """
    limited = {"at_least": at_least, "at_most": at_most, "above": above, "below": below}
    made = Argument(words, default, alias, kw_only or later, choices, **limited)
    made.later = later
    return made


_NO_ARGUMENT: Any = object()


def attribute(*, init: Literal[False] = False) -> Any:
    """Declare an attribute that is not an argument, such as a weight: `W: Variable = attribute()`."""
    return _NO_ARGUMENT


class _Fixed:
    def __init__(self, value):
        self.value = value


def fixed(value: Any, *, init: Literal[False] = False) -> Any:
    """Remove an argument of the base classes, and fix its attribute: `unroll: bool = fixed(False)`.

    # Arguments
        value: value of the attribute.
    """
    return _Fixed(value)


@dataclass_transform(eq_default=False, field_specifiers=(argument, attribute, fixed))
class Declares:
    """Base of classes with declared arguments. The constructor sets them, then calls that of the base class."""

    __declared__: ClassVar[dict[str, Argument]] = {}  # name -> argument, in order
    __fixed__: ClassVar[frozenset[str]] = frozenset()  # attributes that this class declares with `fixed`
    _changed: ClassVar[int] = 0  # which of the `changes` was the last of this object
    _reads: ClassVar[Any] = None  # while its weights are made: the arguments read so far
    _read_in_build: ClassVar[Any] = ()  # the arguments that were read when its weights were made

    def __init_subclass__(cls, init: bool = True, **options: Any) -> None:  # only type checkers read `init`
        super().__init_subclass__(**options)
        for name in [name for name, value in vars(cls).items() if value is _NO_ARGUMENT]:
            delattr(cls, name)
        left_out = {name: item.value for name, item in vars(cls).items() if isinstance(item, _Fixed)}
        for name, value in left_out.items():
            setattr(cls, name, value)
        cls.__fixed__ = frozenset(left_out)
        own = [item for item in vars(cls).values() if isinstance(item, Argument)]
        annotated = _annotations(cls) if own else {}
        for item in own:
            item.kind, item.optional = _kind_of(annotated.get(item.attribute))
        cls.__declared__ = _declared_by(cls)
        inherits = vars(cls).get("__doc__") and "__init__" not in vars(cls) and hasattr(cls.__init__, "generated")
        if own or cls.__declared__ and inherits:
            cls.__doc__ = _documented(cls)


def _declared_by(cls):
    """Return name -> argument. Those of the bases come first, unless the class declares the first one again."""
    found = {}
    for base in reversed(cls.__mro__):
        own = {item.name: item for item in vars(base).values() if isinstance(item, Argument)}
        gone = {*vars(base).get("__fixed__", ()), *(item.attribute for item in own.values())}
        found = {name: item for name, item in found.items() if item.attribute not in gone or name in own}
        places = [name for name, item in found.items() if not item.kw_only]
        found = {**own, **found, **own} if places and places[0] in own else {**found, **own}
    return dict(sorted(found.items(), key=lambda pair: pair[1].kw_only))


def _annotations(cls):
    try:
        return inspect.get_annotations(cls, eval_str=True)
    except (NameError, SyntaxError):  # a name that only a type checker knows
        return inspect.get_annotations(cls)


def _kind_of(annotation: Any) -> tuple[type[Declared[Any, Any]], bool]:
    """Return the `Declared` type of an annotation, and whether None is allowed."""
    parts = [annotation]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = list(typing.get_args(annotation))
    wanted = [part for part in parts if part is not types.NoneType]
    kind = wanted[0] if len(wanted) == 1 else None
    if not (isinstance(kind, type) and issubclass(kind, Declared)):
        kind = _KINDS.get(kind, Declared)
    return kind, len(wanted) < len(parts)


def wants_constructor(cls: type[Declares]) -> bool:
    """Return whether `cls` lacks a constructor of its own and takes other arguments than its base class."""
    if "__init__" in vars(cls):
        return False
    declares = any(isinstance(item, Argument) for item in vars(cls).values())
    fewer = cls.__declared__.keys() != getattr(cls.__base__, "__declared__", {}).keys()
    return declares or fewer and hasattr(cls.__init__, "generated")


def constructor_of(cls: type[Declares]) -> Callable[..., None]:
    """Make a constructor that takes the arguments declared by `cls`, and passes all others to the base class."""
    declared = cls.__declared__
    base = next(b for b in cls.__mro__[1:] if "__init__" in vars(b) and not hasattr(vars(b)["__init__"], "generated"))

    def __init__(self, **given):
        base.__init__(self, **{name: value for name, value in given.items() if name not in declared})

    places = [item.parameter() for item in declared.values()]
    kind = inspect.Parameter
    more = [kind("kwargs", kind.VAR_KEYWORD)] if base is not object else []
    parameters = [kind("self", kind.POSITIONAL_OR_KEYWORD), *places, *more]
    vars(__init__)["__signature__"] = inspect.Signature(parameters)
    vars(__init__)["generated"] = True
    __init__.__qualname__, __init__.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    return __init__


class Configured(Declares):
    """Base of classes that tell the declared arguments of their objects as plain data."""

    _era: config.Era = attribute()  # in force when it was made

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls)
        vars(made)["_era"] = config.era()
        return made

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make the object again, as plain data, in the words of the era when it was made."""
        later = self._era.generation in ("2", "3") and not own_words.get()
        return dialect("configurations").of_part(self, self._settings()) if later else self._settings()

    def _settings(self) -> dict[str, Any]:
        """Return the arguments that make the object again, as plain data, in the words of the library."""
        told = {name: item for name, item in self.__declared__.items() if item.kind.in_config}
        return {name: item.kind.serialized(getattr(self, item.attribute)) for name, item in told.items()}


_class = inspect.Parameter("cls", inspect.Parameter.POSITIONAL_OR_KEYWORD)
vars(Configured.__new__)["__signature__"] = inspect.Signature([_class])  # that of the constructor is shown


class Part(Configured):
    """Base of classes with declared arguments that are not layers, such as constraints.

    The declaration gives the constructor, `get_config` and `from_config`; a class may also define its own.
    """

    _room: ClassVar[str] = ""  # stands before the name of the class in the table of orders

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if wants_constructor(cls):
            key = cls._room + cls.__qualname__
            cast("Any", cls).__init__ = of_eras(_setting(cls), key)  # cast: type checkers forbid setting a method

    def __post_init__(self) -> None:
        """Check arguments against each other; called when all are set."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make an object from `config`, as returned by `get_config`; the class name that Keras 1 adds is ignored."""
        return cls(**{name: value for name, value in config.items() if name != "name" or name in cls.__declared__})


def _setting(cls):
    """Make a constructor that sets the arguments of `cls`, passes on the rest, then calls `__post_init__`."""
    hand_on, declared = constructor_of(cls), cls.__declared__
    places = [name for name, item in declared.items() if not item.kw_only]
    takes_more = "kwargs" in inspect.signature(hand_on).parameters
    constant = functools.cache(lambda: _constant_defaults(cls))  # found when the first object is made

    @functools.wraps(hand_on)
    def __init__(self, *args, **kwargs):
        given = {**dict(zip(places, args)), **kwargs}
        if len(given) < len(args) + len(kwargs) or not takes_more and not given.keys() <= declared.keys():
            raise TypeError(_why_not(type(self), places, args, kwargs))
        ready = constant() if type(self) is cls else {}
        vars(self).update(ready)
        for name, item in declared.items():
            if name not in given and item.attribute in ready:
                continue
            value = given.pop(name, item.default)
            if value is REQUIRED:
                raise TypeError(f"{type(self).__name__}({', '.join(declared)}): {name!r} is missing.")
            setattr(self, item.attribute, value)
        hand_on(self, **given)
        self.__post_init__()

    return __init__


def _constant_defaults(cls):
    """Return attribute -> default, for defaults kept unchanged: these need no check for each object."""
    plain_kinds = (bool, int, float, str, types.NoneType)
    told = [item for item in cls.__declared__.values() if is_ours(cls) and type(item.default) in plain_kinds]
    return {item.attribute: item.default for item in told if item.held(item.default, cls) is item.default}


def _why_not(cls, places, args, given):
    """Say why a class does not take the positional arguments `args` and the named ones in `given`."""
    known = cls.__declared__
    for name in given:
        if name not in known:
            taken = ", ".join(known)
            hint = dialect("reading").argument_meant(name, known)
            return f"{cls.__name__} has no argument {name!r}.{hint} It takes {taken}."
    if len(args) > len(places):
        return f"{cls.__name__}({', '.join(known)}) takes at most {len(places)} arguments in places; got {len(args)}."
    return f"{cls.__name__}({', '.join(known)}) got an argument twice, in its place and by its name."


def _documented(cls):
    """Return a class's docstring with a line for each argument, before the shapes and the source."""
    text = vars(cls).get("__doc__") or ""
    if "# Arguments" in text:
        return text
    second = re.search(r"\n( *)\S", text)
    margin = second[1] if second else "    "  # Python 3.13 takes it away
    lines = "\n".join(f"{margin}    {item.sentence()}" for item in cls.__declared__.values())
    section = f"{margin}# Arguments\n{lines}\n"
    if after := re.search(rf"^{margin}# [A-Z]", text, re.MULTILINE):
        return f"{text[: after.start()]}{section}\n{text[after.start() :]}"
    return f"{text.rstrip()}\n\n{section}{margin}"
