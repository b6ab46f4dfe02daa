"""Checks of numbers given as arguments: each function returns the checked number, or raises an error.

A whole number may be an int of Python or NumPy, or a float without a fraction, as `n / 2` gives. Truth values, text and
NaN are refused.
"""

import contextlib
import math
import numbers
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

LARGEST = 2**31 - 1  # sizes, indices and native kernels use 32 bits


class TooSmall(ValueError):
    """Data that are too small for an operation; a running layer adds its name to the message."""


def _refusal(wanted: str, value: Any, kind: type[Exception] = ValueError) -> Exception:
    return kind(f"must be {wanted}; received {value!r}")


@contextlib.contextmanager
def named(what: str) -> Iterator[None]:
    """Begin the messages of errors in the block with `what`, such as "Input, argument 'batch_size'"."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise type(error)(f"{what}: {error}") from None


def _number(value: Any, wanted: str) -> Any:
    """Convert `value`, which may be an array of one number, to a Python number."""
    plain = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value
    if isinstance(plain, bool) or not isinstance(plain, numbers.Real):
        raise _refusal(wanted, value, TypeError)
    return plain


def whole(value: Any, least: int | None = 1, most: int = LARGEST) -> int:
    """A whole number from `least` to `most`.

    >>> whole(3.0)
    3
    """
    if type(value) is int and least is not None and least <= value <= most:
        return value
    wanted = "a whole number" if least is None else f"a whole number of at least {least}"
    number = _number(value, wanted)
    if not math.isfinite(number) or number != int(number) or least is not None and number < least:
        raise _refusal(wanted, value)
    if abs(number) > most:
        raise _refusal(f"at most {most}", value)
    return int(number)


def number(
    value: Any,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> int | float:
    """A finite number: at least `least`, at most `most`, above `above` and below `below`, each unless None."""
    plain = value if type(value) in (int, float) else _number(value, described(least, most, above, below))
    good = (
        math.isfinite(plain)
        and (least is None or plain >= least)
        and (most is None or plain <= most)
        and (above is None or plain > above)
        and (below is None or plain < below)
    )
    if not good:
        raise _refusal(described(least, most, above, below), value)
    return float(plain) if abs(plain) > LARGEST else plain  # JAX takes no larger int


def described(
    at_least: float | None = None, at_most: float | None = None, above: float | None = None, below: float | None = None
) -> str:
    """The limits of a number, in words."""
    lower = f"above {above}" if above is not None else f"of at least {at_least}" if at_least is not None else None
    upper = f"below {below}" if below is not None else f"at most {at_most}" if at_most is not None else None
    limits = " and ".join(filter(None, (lower, upper)))
    return f"a number {limits}" if limits else "a finite number"


def numbers_of(value: Any) -> int | float | np.ndarray:
    """A finite number, or an array of them."""
    if not getattr(value, "ndim", 0) and not isinstance(value, (list, tuple)):
        return number(value)
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or not array.size or not np.isfinite(array).all():
        raise _refusal("a finite number, or an array of them", value)
    return array


def _listed(value):
    """List the items of `value`; None if it is no sequence."""
    return list(value) if isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) == 1 else None


def sizes(value: Any, count: int | None = None, least: int = 1) -> int | tuple[int, ...]:
    """A tuple of `count` whole numbers of at least `least`; one number stands for all. For a count of 1, the number.

    >>> sizes(2, count=2), sizes([3, 2.0], count=2)
    ((2, 2), (3, 2))
    """
    wanted = f"a whole number of at least {least}"
    if count not in (None, 1):
        wanted = f"{count} whole numbers of at least {least}, or one that stands for all"
    parts = _listed(value)
    try:
        if parts is None:
            return (whole(value, least),) * count if count not in (None, 1) else whole(value, least)
        if count not in (None, len(parts)):
            raise _refusal(wanted, value)
        kept = tuple(whole(part, least) for part in parts)
    except (ValueError, TypeError) as error:
        raise _of_the_whole(error, wanted, value) from None
    return kept[0] if count == 1 else kept


def _of_the_whole(error: Exception, wanted: str, value: Any) -> Exception:
    """Reword the error of one item as an error of the whole argument; an error about an upper limit stays."""
    return error if "at most" in str(error) else _refusal(wanted, value, type(error))


def margins(value: Any, count: int | None = None, sides: Sequence[str] = ()) -> Any:
    """Check what is added before and after each of `count` axes, at least 0; returned in its own form.

    Forms: one number; one for each axis; a pair for each; all pairs in one flat list; a dictionary by `sides`.
    """
    wanted = f"{_axes(count)} at least 0" + (f", or a dictionary of {', '.join(sides)}" if sides else "")
    try:
        if isinstance(value, dict):
            if unknown := sorted(set(map(str, value)) - set(sides)):
                raise _refusal(wanted, unknown)
            return {side: whole(n, 0) for side, n in value.items()}
        parts = _listed(value) if not hasattr(value, "tolist") else _listed(value.tolist())
        if parts is None:
            return whole(value, 0)
        if count is not None and len(parts) not in (count, 2 * count):
            raise _refusal(wanted, value)
        return tuple(_margin(part, paired=count == len(parts)) for part in parts)
    except (ValueError, TypeError) as error:
        raise _of_the_whole(error, wanted, value) from None


def _axes(count):
    if count == 1:
        return "a whole number or a pair (before, after), each"
    return f"a whole number, {count} of them, or {count} pairs (before, after), each"


def _margin(part, paired):
    parts = _listed(part)
    if parts is None or not paired:
        return whole(part, 0)
    if len(parts) != 2:
        raise _refusal("a pair (before, after)", part)
    return tuple(whole(n, 0) for n in parts)


def pairs(value: Any, count: int | None = None) -> Any:
    """Convert `margins` to a pair (before, after) for each axis; for a count of 1, to the pair itself."""
    kept = margins(value, count)
    if count == 1:
        kept = kept if isinstance(kept, tuple) else (kept, kept)
        return kept[0] if isinstance(kept[0], tuple) else kept * 2 if len(kept) == 1 else kept
    kept = (kept,) * (count or 1) if not isinstance(kept, tuple) else kept
    if count is not None and len(kept) != count:
        raise _refusal(f"{_axes(count)} at least 0", value)
    return tuple(part if isinstance(part, tuple) else (part, part) for part in kept)


def shape(value: Any, count: int | None = None, unknown: int | None = None) -> tuple[int | None, ...]:
    """A tuple of sizes: at least 1, or `unknown` (None or -1).

    >>> shape([28, None])
    (28, None)
    """
    wanted = f"a tuple of {'sizes' if count is None else f'{count} sizes'}, whole numbers of at least 1 or {unknown}"
    parts = _listed(value)
    if parts is None:
        raise _refusal(wanted + (", such as (784,)" if count is None else ""), value, TypeError)
    if count not in (None, len(parts)):
        raise _refusal(wanted, value)
    try:
        return tuple(part if _is(part, unknown) else whole(part) for part in parts)
    except (ValueError, TypeError) as error:
        raise _of_the_whole(error, wanted, value) from None


def _is(part, unknown):
    return part is None if unknown is None else not isinstance(part, bool) and part == unknown


def two_axes(value: Any) -> Any:
    """Check the number of an axis, or two of them, returned in their form; negative ones count from the last."""
    parts = _listed(value)
    try:
        if parts is None:
            return whole(value, None)
        if len(parts) != 2:
            raise ValueError
        return tuple(_one_axis(part) for part in parts)
    except (ValueError, TypeError):
        raise _refusal("the number of an axis, or one for each of two inputs", value) from None


def _one_axis(part):
    """An axis; Keras 0.3 wrote each in a list."""
    if isinstance(part, (list, tuple)):
        (axis,) = part
        return (whole(axis, None),)
    return whole(part, None)
