"""private_copy: a batch whose arrays its source cannot change any more; only shared arrays are copied."""

import sys
from sys import getrefcount
from typing import Any

import jax
import numpy as np

# Whether the reference count of an object tells how many others hold it.
_COUNTED = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()


def private_copy(box: list[Any]) -> Any:
    """Return the batch in `box`, a list of that batch alone, so that its source cannot change it.

    A source may fill one array again and again, yield views of one buffer, or keep the list that it yielded. So
    lists, tuples and dictionaries are made anew, and the arrays in them copied, each once. An array is not copied if
    it owns its memory and only the batch holds it, such as one made in the `yield` itself.
    """
    return _own(box, not _COUNTED, {})[0]


def _own(items, reachable, copies):
    """List private copies of `items`; `reachable`: whether the source holds a container of them."""
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
    """The reference count that `_own` sees for an item that only `items` holds."""
    for value in items:
        return getrefcount(value)
    return 0


_ALONE = _count([np.empty(1)])


def _copy(value):
    """Copy an array of any library; return anything that is no array, or is immutable, as it is."""
    if isinstance(value, (jax.Array, np.generic, float, int, str, type(None))):
        return value
    if hasattr(value, "iloc") or hasattr(value, "tocsr"):  # a frame, a sparse matrix
        return value.copy()
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu()
    return np.array(np.asarray(value)) if hasattr(value, "__array__") else value
