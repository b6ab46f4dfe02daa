"""Functions in files: written by name and key, never as code, and found again by name or key."""

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import Any

from horngate.engine import function_keys
from horngate.utils.nearest import did_you_mean


def describe_function(function: Any) -> Any:
    """Return a function as plain data (`function_keys.keyed_name`); anything else unchanged."""
    return function_keys.keyed_name(function) if callable(function) else function


def describe_shape(shape: Any) -> Any:
    """Return a shape, or a function that computes one, as plain data."""
    return describe_function(shape) if callable(shape) else shape


def function_kind(value: Any) -> str:
    """Return the type that files of Keras 1 store with a function: `lambda`, `function` or `raw`."""
    if not callable(value):
        return "raw"
    return "lambda" if getattr(value, "__name__", "") == "<lambda>" else "function"


_code_allowed = contextvars.ContextVar("code_allowed", default=False)


@contextlib.contextmanager
def code_allowed(allowed: bool) -> Iterator[None]:
    """Within the block, run functions that a file holds as byte code if `allowed`, else refuse them."""
    token = _code_allowed.set(bool(allowed))
    try:
        yield
    finally:
        _code_allowed.reset(token)


def find_function(
    description: Any, layer_name: str, custom_objects: dict[str, Any] | None = None
) -> Callable[..., Any]:
    """Find the function that `description` names: in `custom_objects`, under its own name or `layer_name`.

    Otherwise, return the function of this process with this name and key. Byte code, which Keras 1 stored for lambdas,
    runs only within `code_allowed(True)`. Raises ValueError if nothing is found.
    """
    known = dict(custom_objects or {})
    name = function_keys.plain_name(description)
    for key in (layer_name, name if isinstance(name, str) else None):
        if key in known:
            return known[key]
    function = function_keys.resolved(description)
    if callable(function):
        return function
    if _code_allowed.get() and isinstance(description, (list, tuple)):
        return _function_from_code(description, layer_name)
    raise ValueError(
        f"layer {layer_name!r} holds a function of its own, stored as {_stored_as(name)}."
        f"{did_you_mean(name, known) if isinstance(name, str) else ''} "
        f"Pass the function: custom_objects={{{layer_name!r}: function}}."
    )


def _stored_as(name):
    if not isinstance(name, str) or not name.isidentifier() and name != "<lambda>":
        return "code (which is not run)"
    return f"{name!r}, which is not in this process"


def _function_from_code(description, layer_name):
    """Make the function that Keras 1 stored as (byte code, defaults, closure)."""
    import marshal
    import types

    import numpy

    from horngate import backend

    try:
        code = marshal.loads(description[0].encode("raw_unicode_escape"))
        defaults, closure = (tuple(part) if part else None for part in description[1:3])
        cells = tuple(types.CellType(value) for value in closure or ())
        known = {"K": backend, "np": numpy, "numpy": numpy, "__builtins__": __builtins__}
        return types.FunctionType(code, known, layer_name, defaults, cells)
    except (ValueError, TypeError, EOFError, AttributeError, IndexError) as error:
        raise ValueError(
            f"layer {layer_name!r}: the code in the file is of another version of Python than this one ({error}). "
            f"Write the function again and pass it: custom_objects={{{layer_name!r}: function}}."
        ) from error
