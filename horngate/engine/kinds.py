"""Types of arguments that many layers share: each with the values taken, the value kept, and its documentation."""

import math
from collections.abc import Callable, Sequence  # noqa: F401  Sequence is in quoted types
from typing import Any, ClassVar

import numpy as np

from horngate import activations, constraints, initializations, regularizers
from horngate.backend import config, limits
from horngate.engine import function_keys
from horngate.engine.arguments import Declared, Given, Held, in_range
from horngate.engine.hyperparameters import Hyperparameter  # noqa: F401
from horngate.engine.names import is_ours
from horngate.utils.generic_utils import settings_of

Function = Callable[..., Any]


class _Part(Declared[Given, Held]):
    """A function or object of the library or the user, given by name or directly."""

    get: ClassVar[Callable[..., Any]]
    none_stands_for_something = True

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return the object that the name or description `value` stands for."""
        return cls.get(value)

    @classmethod
    def serialized(cls, value: Any) -> Any:
        """Return a configuration, or the name by which the object is found again."""
        if value is None or isinstance(value, (str, int, float)):
            return value
        return _described(value) if hasattr(value, "get_config") else _leading_back(value, cls.get)


def _described(part):
    """Return the configuration of an object, with the name of its class if `get_config` leaves it out."""
    config = settings_of(part)
    named = not isinstance(config, dict) or {"name", "class_name"} & config.keys()
    return config if named else {"class_name": type(part).__name__, "config": config}


def _leading_back(function, get):
    """Return the name by which `get` finds the function, else its name and key (see `function_keys`)."""
    name = function_keys.name_of(function)
    try:
        found = get(name)
    except (ValueError, TypeError):
        found = None
    return name if found is function or _of_the_library(function, found) else function_keys.description_of(function)


def _of_the_library(function, found):
    """Return whether both are the same item of the library; a class or factory returns a new object each time."""
    return type(found).__module__ == getattr(function, "__module__", None) and hasattr(found, "get_config")


class Activation(_Part["str | Function | None", Function]):
    """A function applied to the output, such as `relu`."""

    words = "what is applied to the result: the name of an activation, a function of K, or None for none"
    get: ClassVar[Callable[..., Any]] = staticmethod(activations.get)

    @classmethod
    def serialized(cls, value: Any) -> Any:
        """Return the name of a function of the library, whose meaning the era of a file tells."""
        return activations.name_of(value) or super().serialized(value)


class Initializer(_Part["str | Function", Function]):
    """A function that makes the first value of a weight."""

    words = "how {of} begins: the name of an initialization, or a function of a shape"
    get: ClassVar[Callable[..., Any]] = staticmethod(initializations.get)

    @classmethod
    def serialized(cls, value: Any) -> Any:
        """Return the name and key of an object of a user's class; a configuration for the library's own."""
        if hasattr(value, "get_config") and not is_ours(type(value)):
            return _leading_back(value, cls.get)
        return super().serialized(value)


class InitializerOrNone(Initializer):
    """An initializer, or None for that of another weight."""

    none_stands_for_something = False


class Regularizer(_Part["Function | str | None", "Function | None"]):
    """A penalty added to the training loss."""

    words = "the penalty on {of} in the training loss: a regularizer such as `l2(0.01)`, or None"
    get: ClassVar[Callable[..., Any]] = staticmethod(lambda value: None if value is None else regularizers.get(value))
    none_stands_for_something = False


class Constraint(_Part["Function | str | None", "Function | None"]):
    """A function applied to a weight after each step, such as `maxnorm`."""

    words = "what {of} is brought to after each step: a constraint such as `maxnorm(2)`, or None"
    get: ClassVar[Callable[..., Any]] = staticmethod(lambda value: None if value is None else constraints.get(value))
    none_stands_for_something = False


class Ordering(Declared["str | None", str]):
    """The place of the channels of images: first or last."""

    words = "'th' (channels first), 'tf' (channels last) or 'default', which is `K.image_dim_ordering()`"
    none_stands_for_something = True

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return `'th'` or `'tf'`; takes the names of Keras 2 too."""
        value = {"channels_first": "th", "channels_last": "tf"}.get(value, value)
        if value in (None, "default"):
            return config.image_dim_ordering()
        if value not in ("th", "tf"):
            raise ValueError(f"must be 'th' (channels first), 'tf' (channels last) or 'default'; received {value!r}")
        return value


class DataFormat(Ordering):
    """The place of the channels, in the words of Keras 2 and 3."""

    words = "'channels_last', 'channels_first' or None, which is `K.image_data_format()`, and last for sequences"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return `'th'` or `'tf'`."""
        return super().converted("tf" if value is None and getattr(owner, "rank", None) == 1 else value, told, owner)

    @classmethod
    def serialized(cls, value: Any) -> Any:
        """Return `'channels_first'` or `'channels_last'`."""
        return {"th": "channels_first", "tf": "channels_last"}[value]


class Sizes(Declared["int | Sequence[int] | None", Any]):
    """A whole number of at least 1 for each spatial axis of the class; one number stands for all."""

    words = "whole numbers of at least 1, one for each spatial axis, or one that stands for all"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a tuple; a single number for one axis."""
        return limits.sizes(value, getattr(owner, "rank", None))


class SizesFromZero(Declared["int | Sequence[int] | None", Any]):
    """A whole number of at least 0 for each spatial axis of the class; one number stands for all."""

    words = "whole numbers of at least 0, one for each spatial axis, or one that stands for all"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a tuple; a single number for one axis."""
        return limits.sizes(value, getattr(owner, "rank", None), least=0)


class Margins(Declared["int | Sequence[Any] | dict[str, int]", Any]):
    """Padding before and after each spatial axis, at least 0; kept in the form given."""

    words = "what is added before and after each spatial axis: one number, one for each axis, or pairs"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Check `value`, and return it in the form given."""
        return limits.margins(value, getattr(owner, "rank", None), getattr(owner, "sides", ()))


class Pairs(Declared["int | Sequence[Any]", Any]):
    """The number of entries cut off before and after each spatial axis, at least 0."""

    words = "what is taken away before and after each spatial axis: one number, one for each axis, or pairs"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a pair for each axis; a single pair for one axis."""
        return limits.pairs(value, getattr(owner, "rank", None))


class Shape(Declared["Sequence[int | None] | None", "tuple[int | None, ...]"]):
    """Sizes of at least 1; None for an unknown size."""

    words = "a tuple of sizes"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a tuple."""
        return limits.shape(value)


class ShapeToFill(Declared["Sequence[int]", "tuple[int, ...]"]):
    """Sizes of at least 1; -1 for one size that follows from the others."""

    words: ClassVar[str] = Shape.words

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a tuple."""
        return limits.shape(value, unknown=-1)


class OutputShape(Declared["Sequence[int | None] | Function | None", Any]):
    """The shape of an output, or a function from the input's shape to it."""

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a function unchanged, sizes as a tuple; with samples and channels if the class has a `rank`."""
        rank = getattr(owner, "rank", None)
        if value is None or callable(value):
            return value
        if not isinstance(value, (tuple, list)) and rank is None:
            return limits.sizes(value)
        return limits.shape(value, None if rank is None else rank + 2)


class Axes(Declared["int | Sequence[Any]", Any]):
    """The index of an axis, or one index for each of two inputs; negative ones count from the last axis."""

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Check `value`, and return it in the form given."""
        return limits.two_axes(value)


class SomeAxes(Declared["int | Sequence[int]", "int | tuple[int, ...]"]):
    """The index of an axis, or several; negative ones count from the last axis."""

    words = "the number of an axis, or several; negative ones count from the last"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Check `value`; lists become tuples."""
        several = isinstance(value, (list, tuple))
        return tuple(limits.whole(axis, None) for axis in value) if several else limits.whole(value, None)


class SomeAxesOrNone(Declared["int | Sequence[int] | None", "int | tuple[int, ...] | None"]):
    """`SomeAxes`, or None."""

    words = SomeAxes.words

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Check `value`; lists become tuples."""
        return None if value is None else SomeAxes.converted(value, told, owner)


class Range(Declared["float | Sequence[float]", "tuple[float, float]"]):
    """The least and the largest of numbers that are drawn; one number stands for those from 0, or from -n, to n."""

    words = "a number, or the least and the largest"

    @classmethod
    def range_of(cls, told: Any) -> str:
        """Describe the limits."""
        low = told.limits.get("at_least", told.limits.get("above"))
        spread = "n: from -n to n" if low is not None and low < 0 else "n: from 0 to n"
        return f"a number {spread}, or the two ends, {limits.described(**told.limits)}"

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return the two ends in order."""
        low = told.limits.get("at_least", told.limits.get("above"))
        pair = isinstance(value, (list, tuple, np.ndarray)) and len(value) == 2
        found = [in_range(n, told) for n in (value if pair else [low if low and low > 0 else 0.0, value])]
        if not pair and low is not None and low < 0:
            found[0], found[1] = -abs(found[1]), abs(found[1])
        return min(found), max(found)


class Numbers(Declared["float | Sequence[float]", Any]):
    """A finite number, or an array of finite numbers."""

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Check `value`; lists become arrays."""
        return limits.numbers_of(value)


class Indices(Declared["int | Sequence[int] | None", Any]):
    """Whole numbers of at least 1."""

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a tuple, also for a single number."""
        found = limits.sizes(value)
        return (found,) if isinstance(found, int) else found


class NotHere(Declared[None, None]):
    """An argument of Keras 3 for a feature that horngate lacks: it must be None."""

    words = "must be None: horngate neither quantizes weights nor adapts them by matrices of low rank"
    in_config = False

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Raise ValueError: only None is taken."""
        raise ValueError(f"{cls.words}; received {value!r}")


class InitialWeights(Declared["list[Any] | None", "list[Any] | None"]):
    """Values for new weights."""

    words = "values for the weights to begin with, as `get_weights` gives them"
    in_config = False


class MaskValue(Declared[float, float]):
    """The number that marks masked steps; it may be NaN or infinite."""

    @classmethod
    def converted(cls, value: Any, told: Any, owner: Any) -> Any:
        """Return a number, finite or not."""
        return value if isinstance(value, float) and not math.isfinite(value) else limits.number(value)
