"""PlainState: Python values as plain data and arrays, without pickle; the form in which callbacks are saved."""

import contextlib
import datetime
import enum
import functools
import hashlib
import json
import logging
import pathlib
import pickle
import random
import re
import sys
import types
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend.function import Function
from horngate.backend.graph import Symbolic
from horngate.engine.layer import Layer

_PLAIN = (str, int, float, bool, type(None))
_SERIES: dict[str, Any] = {kind.__name__: kind for kind in (list, tuple, set, frozenset, deque)}
_TABLES: dict[str, Any] = {kind.__name__: kind for kind in (dict, OrderedDict, Counter)}
# Types of objects that the script makes again when it runs again. The numbers in models are saved as variables.
_MADE_ANEW = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    functools.partial,
    re.Pattern,
    logging.Logger,
    np.ufunc,
    Layer,
    Symbolic,
    Function,
)
_NEW_OBJECT: Any = object().__reduce_ex__(2)[0]  # the function that makes an object with attributes only
_UNCHANGING = (enum.Enum, pathlib.PurePath, datetime.date, datetime.time, datetime.timedelta, range, slice)


class NotPlain(TypeError):
    """Raised for a value without a plain form; the message is its type."""


class PlainState:
    """A value as JSON data, `plain`, which refer to `arrays` by index."""

    plain: Any
    arrays: list[Any]

    def __init__(self, plain: Any, arrays: list[Any]) -> None:
        self.plain, self.arrays = plain, arrays

    @classmethod
    def of(cls, value: Any, without: Iterable[Any] = ()) -> "PlainState":
        """Convert a value. Raises NotPlain if it has no plain form.

        Functions, classes, layers and models are left out, as only the script can make them, and so are the objects in
        `without`. `restored` leaves them unchanged.
        """
        arrays: list[Any] = []
        return cls(_packed(value, arrays, {id(each) for each in without}), arrays)

    def restored(self, old: Any = None) -> Any:
        """Return the value. An `old` of the same type is changed in place and returned, so that references hold."""
        return _unpacked(self.plain, self.arrays, old)

    def digest(self) -> bytes:
        """Return a hash of the value."""
        found = hashlib.blake2b(json.dumps(self.plain).encode())
        for array in self.arrays:
            found.update(f"{array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return found.digest()


def _packed(value, arrays, outer):
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, _MADE_ANEW) or id(value) in outer:
        return {"anew": None}
    if isinstance(value, _UNCHANGING):
        return {"anew": repr(value)}
    if isinstance(value, (np.generic, np.ndarray, jax.Array)):
        return _packed_array(value, arrays)
    if f"{kind.__module__}.{kind.__name__}" == "torch.Tensor":
        return {"tensor": _packed_array(value.detach().cpu().numpy(), arrays)}
    if kind in (bytes, complex):
        return {kind.__name__: value.hex() if kind is bytes else [value.real, value.imag]}
    if isinstance(value, (np.random.RandomState, np.random.Generator, random.Random)):
        return {"random": _packed(_random_state(value), arrays, outer)}
    outer = outer | {id(value)}
    if kind in _SERIES.values():
        items = [_packed(item, arrays, outer) for item in value]
        if kind is list:
            return items
        items = sorted(items, key=json.dumps) if kind in (set, frozenset) else items
        return {kind.__name__: items, **({"most": value.maxlen} if kind is deque else {})}
    if isinstance(value, dict):
        pairs = [[_packed(key, arrays, outer), _packed(item, arrays, outer)] for key, item in value.items()]
        return {kind.__name__ if kind in _TABLES.values() else "dict": pairs, "kind": kind.__qualname__}
    return {"object": kind.__qualname__, "holds": _packed(_attributes(value), arrays, outer)}


def _packed_array(value, arrays):
    dtype = value.dtype.name if value.dtype.kind == "V" else value.dtype.str  # `str` does not identify bfloat16
    if value.dtype.hasobject or value.dtype.names:
        raise NotPlain(f"array of {value.dtype}")
    if isinstance(value, np.generic):
        return {"number": np.asarray(value).tobytes().hex(), "dtype": dtype}
    arrays.append(np.array(value))
    return {"array": len(arrays) - 1, "dtype": dtype, "device": isinstance(value, jax.Array)}


def _attributes(value):
    """Return the attributes of an object that holds nothing else. Raises NotPlain for others, such as open files."""
    try:
        make, arguments, state, *more = value.__reduce_ex__(2)
    except (TypeError, ValueError):
        make = None
    if make is not _NEW_OBJECT or arguments != (type(value),) or any(more) or not hasattr(value, "__dict__"):
        raise NotPlain(type(value).__name__)
    if state is not None and state != vars(value):
        raise NotPlain(type(value).__name__)
    return vars(value)


def _unpacked(plain: Any, arrays: Any, old: Any) -> Any:
    if isinstance(plain, list):
        return _refilled(old, list, [_unpacked(*item) for item in _beside(plain, arrays, old)])
    if not isinstance(plain, dict):
        return plain
    kind = next(iter(plain))
    content = plain[kind]
    if kind in _SERIES:
        items = [_unpacked(*item) for item in _beside(content, arrays, old)]
        return _refilled(old, _SERIES[kind], items, *([plain["most"]] if kind == "deque" else []))
    if kind in _TABLES:
        return _refilled_table(old, _TABLES[kind], plain, arrays)
    return _READERS[kind](plain, arrays, old)


def _beside(items, arrays, old):
    """Yield each item with the item of `old` at the same index, if there is one."""
    there = list(old) if type(old) in (list, tuple, deque) else []
    return [(item, arrays, there[i] if i < len(there) else None) for i, item in enumerate(items)]


def _refilled(old, kind, items, *options):
    if type(old) is not kind or kind in (tuple, frozenset):
        return kind(items, *options)
    old.clear()
    old.update(items) if kind is set else old.extend(items)
    return old


def _refilled_table(old, kind, plain, arrays):
    in_place = isinstance(old, dict) and type(old).__qualname__ == plain["kind"]
    there, items = old if isinstance(old, dict) else {}, {}
    for key, item in plain[kind.__name__]:
        key = _unpacked(key, arrays, None)
        items[key] = _unpacked(item, arrays, there.get(key))
    if not in_place:
        if plain["kind"] != kind.__qualname__:
            raise NotPlain(plain["kind"])
        return kind(items)
    old.clear()
    old.update(items)
    return old


def _read_array(plain, arrays, old):
    array = in_type(arrays[plain["array"]], plain["dtype"])
    if plain["device"]:
        return jnp.asarray(array)
    if type(old) is np.ndarray and (old.shape, old.dtype) == (array.shape, array.dtype) and old.flags.writeable:
        old[...] = array
        return old
    return array


def in_type(array: Any, dtype: Any) -> np.ndarray:
    """Return an array from an archive in the dtype that was written: NumPy reads bfloat16 as raw bytes."""
    return array.view(np.dtype(dtype)) if array.dtype.kind == "V" else array


def _read_anew(plain, arrays, old):
    if old is None or plain["anew"] not in (None, repr(old)):
        raise NotPlain(plain["anew"] or "a function, class or layer")
    return old


def _read_object(plain, arrays, old):
    if type(old).__qualname__ != plain["object"]:
        raise NotPlain(plain["object"])
    _unpacked(plain["holds"], arrays, vars(old))
    return old


def _read_random(plain, arrays, old):
    state = _unpacked(plain["random"], arrays, None)
    if isinstance(old, np.random.Generator):
        old.bit_generator.state = state
    elif isinstance(old, np.random.RandomState):
        old.set_state(state)
    elif isinstance(old, random.Random):
        old.setstate(state)
    else:
        raise NotPlain("a generator of random numbers")
    return old


def _random_state(value):
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    return value.getstate() if isinstance(value, random.Random) else value.get_state(legacy=False)


def _read_tensor(plain, arrays, old):
    if (torch := sys.modules.get("torch")) is None:
        raise NotPlain("a tensor of PyTorch, which is not imported")
    return torch.from_numpy(np.array(_read_array(plain["tensor"], arrays, None)))


_READERS = {
    "tensor": _read_tensor,
    "anew": _read_anew,
    "number": lambda plain, arrays, old: np.frombuffer(bytes.fromhex(plain["number"]), np.dtype(plain["dtype"]))[0],
    "array": _read_array,
    "bytes": lambda plain, arrays, old: bytes.fromhex(plain["bytes"]),
    "complex": lambda plain, arrays, old: complex(*plain["complex"]),
    "random": _read_random,
    "object": _read_object,
}


def random_states() -> list[Any]:
    """Return the states of the global random generators of NumPy and Python, and of PyTorch if it is loaded."""
    torch: Any = sys.modules.get("torch")
    own = [] if torch is None or not hasattr(torch, "get_rng_state") else [torch.get_rng_state().numpy()]
    return [np.random.get_state(legacy=False), random.getstate(), *own]


@contextlib.contextmanager
def random_states_of(states: Any) -> Iterator[None]:
    """Within the block, use the random `states`, unless they are None; afterwards, restore the previous ones."""
    if states is None:
        yield
        return
    now = random_states()
    set_random_states(states)
    try:
        yield
    finally:
        set_random_states(now)


def same_states(states: Any, others: Any) -> bool:
    """Return whether `states` and `others`, as `random_states` returned them, are equal."""
    return pickle.dumps(states) == pickle.dumps(others)


def set_random_states(states: Any) -> None:
    """Set the random generators to `states`, as `random_states` returned them."""
    np.random.set_state(states[0])
    random.setstate(states[1])
    torch: Any = sys.modules.get("torch")
    if torch is not None and len(states) > 2:
        torch.set_rng_state(torch.from_numpy(np.array(states[2], np.uint8)))
