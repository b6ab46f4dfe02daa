"""private_copy: copy the arrays of a batch that its source could still change."""

import sys
from sys import getrefcount
from typing import Any

import jax
import numpy as np

# Whether the reference count of an object tells how many references there are (CPython).
_COUNTED = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()


def private_copy(box: list[Any]) -> Any:
    """Return the batch in `box`, a list of only that batch, so that its source cannot change it.

    A source may fill the same array again, yield views of one buffer, or keep the list that it yielded. So lists,
    tuples and dictionaries are made again, and the arrays in them are copied, each once. An array is not copied if it
    owns its memory and only the batch refers to it, such as one made in the `yield` expression.
    """
    return _own(box, not _COUNTED, {})[0]


def _own(items, reachable, copies):
    """Return private copies of `items`; `reachable`: whether the source may hold their container."""
    mine = []
    for value in items:
        shared = reachable or getrefcount(value) > _ALONE
        kind = type(value)
        if kind is np.ndarray:
            if shared or value.base is not None or not value.flags.owndata:
                value = copies[id(value)] if id(value) in copies else _recorded(value, value.copy(), copies)
        elif isinstance(value, (tuple, list)):
            inside = _own(value, shared, copies)
            value = inside if isinstance(value, list) else tuple(inside)
        elif isinstance(value, dict):
            value = dict(zip(value, _own(value.values(), shared, copies)))
        else:
            value = copies[id(value)] if id(value) in copies else _recorded(value, _copy(value), copies)
        mine.append(value)
    return mine


def _recorded(value, copy, copies):
    """Record `copy` for `value` in `copies`; returns it."""
    copies[id(value)] = copy
    return copy


def _count(items):
    """Return the reference count that `_own` sees for an item that only `items` holds."""
    for value in items:
        return getrefcount(value)
    return 0


_ALONE = _count([np.empty(1)])


def _copy(value):
    """Copy an array of any library; return immutable arrays and other objects unchanged."""
    if isinstance(value, (jax.Array, np.generic, float, int, str, type(None))):
        return value
    if any(hasattr(value, name) for name in ("iloc", "tocsr", "mask")):  # a frame, a sparse matrix, a masked array
        return value.copy()
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu()
    return np.array(np.asarray(value)) if hasattr(value, "__array__") else value
