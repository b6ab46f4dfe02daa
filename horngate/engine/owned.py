"""owned: a batch in arrays that its source cannot reach any more, copied only where it could."""
import sys

import jax
import numpy as np

# Whether the number of references to an object tells how many others hold it.
_COUNTED = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()


def owned(box):
    """The batch in `box`, a list of that batch alone, such that nothing its source does can change it.

    A source may fill one array again and again, hand out views of one buffer, or keep the list that it yielded.
    Lists, tuples and dictionaries are made anew, the arrays in them copied, each once. An array that owns its memory
    and that nobody but the batch holds, such as one made in the `yield` itself, is taken as it is.
    """
    return _own(box, 0, False, {})


def _held_once(container, key):
    """How often `container[key]` is referred to, where only the container holds it."""
    return sys.getrefcount(container[key])


_ONCE = _held_once([np.empty(1)], 0)


def _own(container, key, reachable, copies):
    """`container[key]` for ourselves; `reachable`: whether the source holds something in which it stands."""
    reachable = reachable or not _COUNTED or _held_once(container, key) > _ONCE
    value = container[key]
    kind = type(value)
    if isinstance(value, (tuple, list)):
        items = [_own(value, i, reachable, copies) for i in range(len(value))]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {name: _own(value, name, reachable, copies) for name in value}
    if not reachable and kind is np.ndarray and value.base is None and value.flags.owndata:
        return value
    if id(value) not in copies:
        copies[id(value)] = _copy(value)
    return copies[id(value)]


def _copy(value):
    """A copy of an array of any library; what is no array, or cannot be changed, as it is."""
    if isinstance(value, (jax.Array, np.generic)):
        return value
    if hasattr(value, "iloc") or hasattr(value, "tocsr"):  # a frame, a sparse matrix
        return value.copy()
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu()
    return np.array(np.asarray(value)) if hasattr(value, "__array__") else value
