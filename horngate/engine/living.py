"""Functions in configurations: a key that leads back to the function in the process that made it, and in no other.

A configuration holds a function as `name@key`. The key is random and is made for one function of this process, so no
file leads to any code: what it finds is a function that the program itself put into a layer.
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

_KEPT = 1000  # functions that nothing else may hold, kept because they hold nothing themselves
_KEYED = re.compile(r"(.+)@([0-9a-f]{16})")

_functions: dict[str, Callable[[], Any]] = {}  # key -> a reference to the function
_keys: dict[Any, str] = {}  # identity of a function -> its key
_held: collections.OrderedDict[str, Any] = collections.OrderedDict()  # key -> function


def name_of(function: Any) -> str:
    """The name under which a function is spoken of."""
    inner = function.func if isinstance(function, functools.partial) else function
    return getattr(inner, "__name__", None) or type(inner).__name__


def keyed(function: Any) -> str:
    """`name@key` of a function, the same each time."""
    identity = _identity(function)
    key = _keys.get(identity)
    if key is None:
        key = os.urandom(8).hex()
        _functions[key] = _reference(function, identity, key)
        _keys[identity] = key
    if _holds_nothing(function):  # or else a saved model could not be loaded once the first one is gone
        _held.pop(key, None)
        _held[key] = function
        while len(_held) > _KEPT:
            _held.popitem(last=False)
    return f"{name_of(function)}@{key}"


def described(function: Any) -> str:
    """The name alone of a function or class that is registered under it, else `keyed`."""
    name = name_of(function)
    return name if get_custom_objects().get(name) is function else keyed(function)


def alive(description: Any) -> Any:
    """The function of which `keyed` gave this, if it lives in this process, else None."""
    found = _KEYED.fullmatch(description) if isinstance(description, str) else None
    reference = _functions.get(found[2]) if found else None
    return None if reference is None else reference()


def plain_name(description: Any) -> Any:
    """`description` without the key, where it has one."""
    found = _KEYED.fullmatch(description) if isinstance(description, str) else None
    return found[1] if found else description


def revived(value: Any) -> Any:
    """A configuration's value: for a function with its key that function, or one of the user's own by its name.

    Where neither is known, return the name: it may be one of the library's own functions.
    """
    name = plain_name(value)
    if name is value:
        return value
    own = get_custom_objects()
    function = own[name] if name in own else alive(value)
    return name if function is None else function


def argument(value: Any) -> Any:
    """Like `revived`, for an argument; raises where the name is that of a lambda, which cannot be found again."""
    found = revived(value)
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
    """A weak reference that forgets the function's key with it; a strong one to what has none, such as a ufunc."""

    def forget(reference):
        _functions.pop(key, None)
        _keys.pop(identity, None)

    try:
        return (weakref.WeakMethod if isinstance(function, types.MethodType) else weakref.ref)(function, forget)
    except TypeError:
        return lambda: function


def _holds_nothing(function):
    if not isinstance(function, types.FunctionType) or function.__closure__:
        return False
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return all(isinstance(value, (int, float, str, type(None))) for value in defaults)
