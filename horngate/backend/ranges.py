"""Ranges: numbers of rows or classes that are out of range are errors, found on the host or by the program.

The host checks arrays in NumPy's memory, before they are converted. The program checks arrays on the device and
computed ones: `check` adds the fault to the effects of the call, beside updates and losses, and `Function.checked`
makes a report of it. A report is two numbers: 0 or the code of a `Range`, and the bits of the number out of it.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from horngate.backend.frame import trace_of_now
from horngate.backend.graph import Node, Scope, Tensor, active_scope, jax_dtype, on_arrays, op
from horngate.backend.running import running_scope
from horngate.backend.types import TensorLike

MadeOf = TypeVar("MadeOf")
_BLOCK = 1 << 16  # numbers of a float array that are checked together


@dataclass(frozen=True)
class Range:
    """The whole numbers from `start` to `stop` - 1, which are the only valid ones.

    `taken` and `remedy` are the sentences of the error before and after the number that was received.
    """

    taken: str
    stop: int
    start: int = 0
    remedy: str = ""

    def error(self, number: Any) -> ValueError:
        """The error for a number out of range."""
        shown = int(number) if np.isfinite(number) and number == np.floor(number) else number
        return ValueError(f"{self.taken}; received {shown}. {self.remedy}".strip())


# A check of a run: (whether a number is wrong, that number, the range that it must lie in).
Check: TypeAlias = tuple[jax.Array, jax.Array, Range]


def range_of_rows(who: str, count: int, remedy: str = "") -> Range:
    """The numbers of the `count` rows of `who`. `remedy`: the error's sentence that says what to do."""
    return Range(f"{who} has {count} rows, for the whole numbers from 0 to {count - 1}", int(count), remedy=remedy)


def classes(whose: str, count: int) -> Range:
    """The numbers of the `count` classes of an output."""
    taken = f"{whose}: targets must be class numbers from 0 to {count - 1}, since the output has {count} classes"
    return Range(taken, int(count))


# On the host


def outlier(array: np.ndarray, limits: Range, weights: Any = None, ignored: int | None = None) -> Any:
    """The first number of a NumPy array that is not whole or not within `limits`, or None.

    Entries whose weight is 0 may hold anything (`weights`: an array over the first axes of `array`; None for all 1).
    The number `ignored` is allowed everywhere.
    """
    if _all_within(array, limits):
        return None
    if array.dtype.kind not in "iub" and array.dtype.itemsize < 4:
        array = array.astype("float32")  # which can hold the limits
    wrong = ~((array >= limits.start) & (array < limits.stop))
    if array.dtype.kind not in "iub":
        wrong |= array != np.floor(array)
    if weights is not None:
        wrong &= _stretched(np.asarray(weights) != 0, array.ndim)
    if ignored is not None:
        wrong &= array != ignored
    places = np.flatnonzero(wrong)
    return array.reshape(-1)[places[0]] if places.size else None


def refuse(array: np.ndarray, limits: Range, weights: Any = None, ignored: int | None = None) -> None:
    """Raise where `outlier` finds a number."""
    number = outlier(array, limits, weights, ignored)
    if number is not None:
        raise limits.error(number)


def _all_within(array, limits):
    """Whether all numbers are whole and within `limits`; integers need one pass."""
    unsigned, stop = _unsigned(array.dtype, limits.start, limits.stop)
    if stop is None or not array.size:
        return True
    if unsigned is not None:
        return bool(array.view(unsigned).max() < stop)
    if array.dtype.kind in "iub":
        return bool(array.min() >= limits.start and array.max() < stop)
    flat = array.reshape(-1)
    return all(_floats_within(flat[i : i + _BLOCK], limits) for i in range(0, len(flat), _BLOCK))


@functools.cache
def _unsigned(dtype, start, stop):
    """Return (unsigned type in which to view an array, its exclusive limit; None if every number fits).

    Viewed as unsigned, a negative number is larger than all valid ones.
    """
    if _always_within(dtype, start, stop):
        return None, None
    if dtype.kind == "i" and start == 0:
        return np.dtype(dtype.str.replace("i", "u")), min(stop, int(np.iinfo(dtype).max) + 1)
    return None, stop


def _floats_within(numbers, limits):
    inside = float(numbers.min()) >= limits.start and float(numbers.max()) < limits.stop
    return bool(inside and (numbers == np.floor(numbers)).all())


def _always_within(dtype, start, stop):
    """Whether a type can hold no number below `start`, and none from `stop` on."""
    if dtype.kind == "b":
        return start <= 0 and stop > 1
    return dtype.kind in "iu" and start <= np.iinfo(dtype).min and stop > np.iinfo(dtype).max


def _stretched(counted, ndim):
    """Append axes of size 1 to `counted` until it has `ndim` axes."""
    return counted.reshape(counted.shape + (1,) * (ndim - counted.ndim))


# Ranges of the inputs of a graph


def ranges_of(tensors: Iterable[Tensor], nodes: Iterable[Node]) -> tuple[tuple[Range, ...], ...]:
    """For each fed tensor, the ranges of the nodes that use its numbers directly; () if no tensor has any."""
    found: dict[Tensor, list[Range]] = {x: [] for x in tensors}
    for node in nodes:
        for x, limits in node.number_ranges():
            if x in found:
                found[x].append(limits)
    told = tuple((*taken, *_ranges_of_type(x, taken)) for x, taken in found.items())
    return told if any(told) else ()


def _ranges_of_type(x, taken):
    """Yield the range of the tensor's type: conversion would change other numbers."""
    dtype = jax_dtype(x.dtype)
    if dtype.kind in "iu" and not taken:
        yield range_of_type(x.name, dtype)
    elif dtype.kind not in "iub" and any(limits.stop > _exact(dtype) for limits in taken):
        told = f"input {x.name!r} holds whole numbers as {dtype}, exactly up to {_exact(dtype) - 1}"
        yield Range(told, _exact(dtype), remedy="Give the input the type int32: Input(shape, dtype='int32').")


def range_of_type(name: str, dtype: Any) -> Range:
    """The whole numbers of an integer type, in which an input called `name` is held."""
    kept = np.iinfo(dtype)
    return Range(f"input {name!r} takes whole numbers of type {dtype}", int(kept.max) + 1, int(kept.min))


def _exact(dtype):
    """The first whole number that a floating type cannot represent exactly, together with its neighbours."""
    return 2 ** (jnp.finfo(dtype).nmant + 1)


def refuse_all(arrays: Iterable[Any], ranges: Iterable[Sequence[Range]]) -> None:
    """Raise where one of the NumPy arrays holds a number out of one of its ranges."""
    for array, told in zip(arrays, ranges):
        if told and isinstance(array, np.ndarray):
            for limits in told:
                refuse(array, limits)


def proven(arrays: Iterable[Any], ranges: Iterable[Sequence[Range]]) -> tuple[tuple[int, int], ...]:
    """The inputs that the host has checked, all in NumPy's memory; for `Function.checked`."""
    return tuple(
        [
            (i, told[0].stop if len(told) == 1 else min(limits.stop for limits in told))
            for i, (array, told) in enumerate(zip(arrays, ranges))
            if told and isinstance(array, np.ndarray)
        ]
    )


# In a program


class _Known:
    """What a run knows about the numbers of an array: their limit, and which of them count as labels.

    `whose`: the name of the output that the labels belong to. `ignored`: the label that stands for no class.
    """

    def __init__(self, array):
        self.array = array
        self.stop: int | None = None
        self.whose: str | None = None
        self.counts: Sequence[Any] = ()
        self.ignored: int | None = None

    def wrong(self, limits):
        """Where a counted number is out of range; None if its type allows no such number."""
        wrong = _outside(self.array, limits)
        if wrong is None:
            return None
        for counts in self.counts:
            if counts.ndim <= wrong.ndim:
                wrong &= _stretched(counts != 0, wrong.ndim)
        return wrong if self.ignored is None else wrong & (self.array != self.ignored)


def check(wrong: jax.Array, numbers: jax.Array, limits: Range) -> bool:
    """Make the running call raise `limits.error(number)`, and change no state, if any of `wrong` is true.

    `number` is the first wrong one of `numbers`. Returns False in an inner trace, such as the user's own vmap or scan,
    which a check cannot leave.
    """
    frame = running_scope().frame
    if frame.trace != trace_of_now():
        return False
    if wrong.size:
        place = jnp.argmax(wrong.reshape(-1))
        frame.checks.append((wrong.reshape(-1)[place], numbers.reshape(-1)[place], limits))
    return True


def begin(
    scope: Scope,
    values: Sequence[Any],
    raw: Sequence[Any],
    ranges: Sequence[Sequence[Range]],
    proven: Mapping[int, int],
) -> None:
    """Turn on checks in the run of `scope`, and check the fed arrays before their conversion (`raw`)."""
    scope.known = {}
    for i, value in enumerate(values):
        if i in proven:
            _know(scope, value).stop = proven[i]
        elif ranges and ranges[i] and value is not None:
            for limits in ranges[i]:
                wrong = _outside(raw[i], limits)
                if wrong is not None:
                    check(wrong, jnp.asarray(raw[i]), limits)
            _know(scope, value).stop = min(limits.stop for limits in ranges[i])


def _know(scope, array):
    return scope.known.setdefault(id(array), _Known(array))  # holds the array, so that its id stays unique


def note_labels(labels: Any, whose: str | None, counts: Iterable[Any], ignored: int | None = None) -> None:
    """Note that `labels` are the targets of an output; they count where no array of `counts` is 0."""
    scope = active_scope()
    if scope is not None and scope.known is not None and labels is not None:
        known = _know(scope, labels)
        known.whose, known.counts, known.ignored = whose, [x for x in counts if x is not None], ignored


def same_numbers(array: Any, made: MadeOf) -> MadeOf:
    """Return `made`, noting that it holds the numbers of `array` in another shape."""
    scope = active_scope()
    if scope is not None and scope.known and id(array) in scope.known:
        _know(scope, made).stop = scope.known[id(array)].stop
    return made


def same_targets(labels: Any, made: MadeOf) -> MadeOf:
    """Return `made`, noting that it stands for the targets `labels`; see `note_labels`."""
    scope = active_scope()
    if scope is not None and scope.known and id(labels) in scope.known:
        known = scope.known[id(labels)]
        note_labels(made, known.whose, known.counts, known.ignored)
    return same_numbers(labels, made)


def numbers_below(made: MadeOf, count: int) -> MadeOf:
    """Return `made`, noting that its numbers are whole ones from 0 to `count` - 1 by construction."""
    scope = active_scope()
    if scope is not None and scope.known is not None:
        _know(scope, made).stop = count
    return made


@op
def in_range(x: TensorLike, limits: Range) -> TensorLike:
    """Check that `x` holds whole numbers within the `Range` `limits`; returns `x`.

    In a trace that a check cannot leave, such as the user's own vmap, a number out of range becomes one that no row
    has, so that no other row is taken in its place.
    """
    scope = active_scope()
    checking = scope is not None and scope.known is not None
    if not isinstance(x, jax.Array) or not checking and not isinstance(x, Tracer):
        refuse(np.asarray(x), limits)
        return x
    if not checking:
        return x
    known = _know(scope, x)
    if known.stop is not None and known.stop <= limits.stop:
        return x
    wrong = known.wrong(limits)
    if wrong is None or check(wrong, x, limits):
        known.stop = limits.stop
        return x
    return jnp.where(wrong, jnp.asarray(np.iinfo(np.int32).max, x.dtype), x)


@op
def class_numbers(labels: TensorLike, count: int, who: str, ignored: int | None = None) -> TensorLike:
    """Check that `labels` are numbers of `count` classes, as `in_range` does; returns them.

    `who`: the function that takes them, for the error, unless an output is known. `ignored`: a label that stands for no
    class, which becomes 0.
    """
    scope = active_scope()
    known = scope.known.get(id(labels)) if scope is not None and scope.known else None
    limits = classes(who if known is None else known.whose or who, count)
    if ignored is None:
        return on_arrays(in_range)(labels, limits)
    numbers = jnp.where(jnp.asarray(labels) == ignored, 0, labels)
    if known is None:
        return on_arrays(in_range)(numbers, limits)
    return same_numbers(on_arrays(in_range)(labels, limits), numbers)


def _outside(x, limits):
    """Where the numbers of a traced array are not whole or not within `limits`; None if its type allows no others."""
    x = jnp.asarray(x)
    if _always_within(x.dtype, limits.start, limits.stop):
        return None
    if jnp.issubdtype(x.dtype, jnp.floating):
        stop = min(limits.stop, _exact(x.dtype))
        return ~((x >= limits.start) & (x < stop) & (x == jnp.floor(x)))
    x = x.astype("int32") if x.dtype == bool else x
    kept, wrong = jnp.iinfo(x.dtype), jnp.zeros(x.shape, bool)
    wrong = wrong | (x < limits.start) if limits.start > kept.min else wrong
    return wrong | (x >= limits.stop) if limits.stop <= kept.max else wrong


def report(checks: Sequence[Check], codes: dict[tuple[Range, bool], int]) -> jax.Array:
    """The report of `checks`; `codes`: (range, whether numbers are floating) -> code, extended by new ranges."""
    found = jnp.zeros(2, "int32")
    for wrong, number, limits in reversed(checks):
        floating = jnp.issubdtype(number.dtype, jnp.floating)
        code = codes.setdefault((limits, floating), len(codes) + 1)
        if floating:
            bits = jax.lax.bitcast_convert_type(number.astype("float32"), "int32")
        else:
            bits = _as_int32(number)
        found = jnp.where(wrong, jnp.stack([jnp.int32(code), bits]), found)
    return found


def _as_int32(number):
    if jnp.can_cast(number.dtype, "int32"):
        return number.astype("int32")
    least = None if jnp.iinfo(number.dtype).min == 0 else np.iinfo(np.int32).min
    return jnp.clip(number, least, np.iinfo(np.int32).max).astype("int32")


def earlier(before: Any, now: Any) -> jax.Array:
    """The report `before` if it holds a fault, else `now`."""
    return jnp.where(before[0] != 0, before, now)


def kept(report: jax.Array, state: Sequence[Any], new_state: Sequence[Any]) -> tuple[Any, ...]:
    """The old values of the variables if the report holds a fault, else the new ones."""
    return tuple(new if new is old else jnp.where(report[0] != 0, old, new) for old, new in zip(state, new_state))


def settle(report: np.ndarray, codes: dict[tuple[Range, bool], int]) -> None:
    """Raise the error of a report, if it holds one."""
    code, bits = (int(x) for x in report)
    if code:
        limits, floating = list(codes)[code - 1]
        raise limits.error(np.int32(bits).view(np.float32) if floating else bits)
