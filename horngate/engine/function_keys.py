"""Function keys: a configuration holds a function as `name@key`, which only the same process can resolve.

The key is random and belongs to one function of this process. So no file can run code: a key finds only functions that
the program itself gave to a layer.
"""

import collections
import functools
import os
import re
import types
import weakref
from collections.abc import Callable
from typing import Any

from horngate.utils.generic_utils import get_custom_objects

_MOST_HELD = 1000  # functions without data of their own that are kept after their layer is gone
_KEYED_NAME = re.compile(r"(.+)@([0-9a-f]{16})")

_functions: dict[str, Callable[[], Any]] = {}  # key -> a reference to the function
_keys: dict[Any, str] = {}  # identity of a function -> its key
_held: collections.OrderedDict[str, Any] = collections.OrderedDict()  # key -> function


def name_of(function: Any) -> str:
    """Return the name of a function or other callable, for messages and files."""
    while isinstance(function, functools.partial) and not hasattr(function, "__name__"):
        function = function.func
    return getattr(function, "__name__", None) or type(function).__name__


def keyed_name(function: Any) -> str:
    """Return `name@key`: always the same for the same function."""
    identity = _identity(function)
    key = _keys.get(identity)
    if key is None:
        key = os.urandom(8).hex()
        _functions[key] = _reference(function, identity, key)
        _keys[identity] = key
    if _holds_no_data(function):  # kept, so that a saved model can be loaded after the original is gone
        _held.pop(key, None)
        _held[key] = function
        while len(_held) > _MOST_HELD:
            _held.popitem(last=False)
    return f"{name_of(function)}@{key}"


def description_of(function: Any) -> str:
    """Return the name of a function or class if it is registered under that name, else `keyed_name`."""
    name = name_of(function)
    return name if get_custom_objects().get(name) is function else keyed_name(function)


def function_of(description: Any) -> Any:
    """Return the function described by `keyed_name`; None if it does not exist in this process."""
    found = _KEYED_NAME.fullmatch(description) if isinstance(description, str) else None
    reference = _functions.get(found[2]) if found else None
    return None if reference is None else reference()


def plain_name(description: Any) -> Any:
    """Return `description` without its key; anything without a key is returned unchanged."""
    found = _KEYED_NAME.fullmatch(description) if isinstance(description, str) else None
    return found[1] if found else description


def resolved(value: Any) -> Any:
    """Return the object that `name@key` means: the user's object of that name, else the function of that key.

    Returns the name if neither exists: it may be a function of the library. Other values are returned unchanged.
    """
    name = plain_name(value)
    if name is value:
        return value
    own = get_custom_objects()
    function = own[name] if name in own else function_of(value)
    return name if function is None else function


def resolved_argument(value: Any) -> Any:
    """Return `resolved(value)`. Raises ValueError for a lambda of another process: it has no name to be found by."""
    found = resolved(value)
    if found is not value and isinstance(found, str) and not found.isidentifier():
        raise ValueError(
            f"stands for a function without a name, {found}, that is not in this process. Write it with `def`, save "
            "again, and load with custom_objects={'its name': function}"
        )
    return found


def _identity(function):
    """Return a key that identifies a function. An id would not do: Python makes a new bound method at each access."""
    if isinstance(function, types.MethodType):
        return id(function.__self__), id(function.__func__)
    return id(function)


def _reference(function, identity, key):
    """Make a weak reference; when it dies, the key is removed. Callables without weak references are kept."""

    def forget(reference):
        _functions.pop(key, None)
        _keys.pop(identity, None)

    try:
        return (weakref.WeakMethod if isinstance(function, types.MethodType) else weakref.ref)(function, forget)
    except TypeError:
        return lambda: function


def _holds_no_data(function):
    if not isinstance(function, types.FunctionType) or function.__closure__:
        return False
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return all(isinstance(value, (int, float, str, type(None))) for value in defaults)
