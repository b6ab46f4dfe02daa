"""Function keys: a configuration holds a function as `name@key`, which only the process that made it can resolve.

The key is random and belongs to one function of this process. So no file leads to code: a key finds nothing but a
function that the program itself gave to a layer.
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

_MOST_HELD = 1000  # functions held here so that they outlive their layer: those that hold no data themselves
_KEYED_NAME = re.compile(r"(.+)@([0-9a-f]{16})")

_functions: dict[str, Callable[[], Any]] = {}  # key -> a reference to the function
_keys: dict[Any, str] = {}  # identity of a function -> its key
_held: collections.OrderedDict[str, Any] = collections.OrderedDict()  # key -> function


def name_of(function: Any) -> str:
    """The name of a function or other callable, for messages and files."""
    inner = function.func if isinstance(function, functools.partial) else function
    return getattr(inner, "__name__", None) or type(inner).__name__


def keyed_name(function: Any) -> str:
    """Return `name@key`, the same at each call for the same function."""
    identity = _identity(function)
    key = _keys.get(identity)
    if key is None:
        key = os.urandom(8).hex()
        _functions[key] = _reference(function, identity, key)
        _keys[identity] = key
    if _holds_no_data(function):  # held, so that a saved model can be loaded after the first one is gone
        _held.pop(key, None)
        _held[key] = function
        while len(_held) > _MOST_HELD:
            _held.popitem(last=False)
    return f"{name_of(function)}@{key}"


def description_of(function: Any) -> str:
    """Return the name of a function or class where it is registered under that name, else `keyed_name`."""
    name = name_of(function)
    return name if get_custom_objects().get(name) is function else keyed_name(function)


def function_of(description: Any) -> Any:
    """Return the function that `keyed_name` described, if it exists in this process, else None."""
    found = _KEYED_NAME.fullmatch(description) if isinstance(description, str) else None
    reference = _functions.get(found[2]) if found else None
    return None if reference is None else reference()


def plain_name(description: Any) -> Any:
    """Return `description` without its key; anything that has none is returned as it is."""
    found = _KEYED_NAME.fullmatch(description) if isinstance(description, str) else None
    return found[1] if found else description


def resolved(value: Any) -> Any:
    """Replace a `name@key` from a configuration by the user's object of that name, or by the function of that key.

    Where neither exists, return the name: it may be one of the library's own functions.
    """
    name = plain_name(value)
    if name is value:
        return value
    own = get_custom_objects()
    function = own[name] if name in own else function_of(value)
    return name if function is None else function


def resolved_argument(value: Any) -> Any:
    """Like `resolved`, but raise ValueError for a lambda of another process, which no name can find."""
    found = resolved(value)
    if found is not value and isinstance(found, str) and not found.isidentifier():
        raise ValueError(
            f"stands for a function without a name, {found}, that is not in this process. Write it with `def`, save "
            "again, and load with custom_objects={'its name': function}"
        )
    return found


def _identity(function):
    """Return what identifies a function. The id does not: Python makes a bound method anew each time."""
    if isinstance(function, types.MethodType):
        return id(function.__self__), id(function.__func__)
    return id(function)


def _reference(function, identity, key):
    """Make a weak reference, whose end also removes the key. Callables that allow none, such as ufuncs, are held."""

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
