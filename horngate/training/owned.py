"""owned: a batch in arrays that its source cannot reach any more, copied only where it could."""

import sys
from sys import getrefcount
from typing import Any

import jax
import numpy as np

# Whether the number of references to an object tells how many others hold it.
_COUNTED = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()


def owned(box: list[Any]) -> Any:
    """The batch in `box`, a list of that batch alone, such that nothing its source does can change it.

    A source may fill one array again and again, hand out views of one buffer, or keep the list that it yielded.
    Lists, tuples and dictionaries are made anew, the arrays in them copied, each once. An array that owns its memory
    and that nobody but the batch holds, such as one made in the `yield` itself, is taken as it is.
    """
    return _own(box, not _COUNTED, {})[0]


def _own(items, reachable, copies):
    """A list of `items` for ourselves; `reachable`: whether the source holds something in which they stand."""
    mine = []
    for value in items:
        shared = reachable or getrefcount(value) > _ALONE
        kind = type(value)
        if kind is np.ndarray:
            if shared or value.base is not None or not value.flags.owndata:
                value = copies[id(value)] if id(value) in copies else _kept(value, value.copy(), copies)
        elif isinstance(value, (tuple, list)):
            inside = _own(value, shared, copies)
            value = inside if isinstance(value, list) else tuple(inside)
        elif isinstance(value, dict):
            value = dict(zip(value, _own(value.values(), shared, copies)))
        else:
            value = copies[id(value)] if id(value) in copies else _kept(value, _copy(value), copies)
        mine.append(value)
    return mine


def _kept(value, copy, copies):
    """The copy of a value, where it is found for the next time."""
    copies[id(value)] = copy
    return copy


def _count(items):
    """What `_own` counts for something that stands in `items` alone."""
    for value in items:
        return getrefcount(value)
    return 0


_ALONE = _count([np.empty(1)])


def _copy(value):
    """A copy of an array of any library; what is no array, or cannot be changed, as it is."""
    if isinstance(value, (jax.Array, np.generic, float, int, str, type(None))):
        return value
    if hasattr(value, "iloc") or hasattr(value, "tocsr"):  # a frame, a sparse matrix
        return value.copy()
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu()
    return np.array(np.asarray(value)) if hasattr(value, "__array__") else value
