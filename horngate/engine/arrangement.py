"""Arrangements: tensors in dictionaries and nested lists, as a flat list and a structure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

# A structure is plain data, which files can hold: {"tensor": 2} for the third tensor; {"list": [...]},
# {"tuple": [...]} and {"dict": [[key, ...], ...]} of structures; {"plain": value} for what is no tensor.
Structure = dict[str, Any]


def is_array(item: Any) -> bool:
    """Return whether `item` is an array or a tensor."""
    return hasattr(item, "shape") and hasattr(item, "dtype")


def in_order(keys: Iterable[Any]) -> list[Any]:
    """Sort `keys` if they are of one kind."""
    try:
        return sorted(keys)
    except TypeError:  # numbers and texts
        return list(keys)


def flattened(value: Any, is_tensor: Callable[[Any], bool] = is_array) -> tuple[list[Any], Structure]:
    """Return (the tensors in `value`, which may be nested lists, tuples and dictionaries; its structure).

    The tensors of a dictionary come in the order of its sorted keys, as in Keras 2 and 3, so that two dictionaries with
    the same keys match however they are written. `is_tensor`: tells which items are tensors.
    """
    tensors: list[Any] = []

    def structure(item):
        if is_tensor(item):
            tensors.append(item)
            return {"tensor": len(tensors) - 1}
        if isinstance(item, dict):
            found = {key: structure(item[key]) for key in in_order(item)}
            return {"dict": [[key, found[key]] for key in item]}
        if isinstance(item, (list, tuple)):
            return {"list" if isinstance(item, list) else "tuple": [structure(each) for each in item]}
        return {"plain": item}

    found = structure(value)
    return tensors, found


def arranged(structure: Structure, items: Sequence[Any]) -> Any:
    """Return `items`, one for each tensor, in the `structure` that `flattened` found."""
    ((kind, held),) = structure.items()
    if kind == "tensor":
        return items[held]
    if kind == "plain":
        return held
    if kind == "dict":
        return {key: arranged(each, items) for key, each in held}
    found = [arranged(each, items) for each in held]
    return found if kind == "list" else tuple(found)


def names_in(structure: Structure) -> list[str]:
    """Return a name for each tensor of a structure: its keys and places, such as `"image"` or `"pair/1"`."""
    names: dict[int, str] = {}

    def walk(part, path):
        ((kind, held),) = part.items()
        if kind == "tensor":
            names[held] = "/".join(path)
        elif kind == "dict":
            for key, each in held:
                walk(each, (*path, str(key)))
        elif kind != "plain":
            for place, each in enumerate(held):
                walk(each, (*path, str(place)))

    walk(structure, ())
    return [names[place] for place in sorted(names)]


def as_arrays(value: Any, parts: type | tuple[type, ...]) -> Any:
    """Return `value` with lists of numbers, data frames and the like as arrays; None stays.

    `parts`: the types of an item by which a list holds several arrays, not one.
    """
    if isinstance(value, dict):
        return {key: as_arrays(each, parts) for key, each in value.items()}
    if isinstance(value, (list, tuple)) and any(hasattr(x, "shape") or isinstance(x, parts) for x in value):
        return type(value)([as_arrays(each, parts) for each in value])
    return value if value is None or is_array(value) else np.asarray(value)


def as_text(structure: Structure, array: str = "an array", plain: Callable[[Any], str] = repr) -> str:
    """Return a structure as text, with `array` for each tensor, and `plain(value)` for what is no tensor."""
    ((kind, held),) = structure.items()
    if kind in ("tensor", "plain"):
        return array if kind == "tensor" else plain(held)
    keys = [f"{key!r}: " for key, _ in held] if kind == "dict" else [""] * len(held)
    parts = [each for _, each in held] if kind == "dict" else held
    return f"{kind}({', '.join(key + as_text(part, array, plain) for key, part in zip(keys, parts))})"


def is_nested(value: Any) -> bool:
    """Return whether `value` holds tensors in a dictionary, or in lists within lists."""
    if isinstance(value, dict):
        return True
    parts = value if isinstance(value, (list, tuple)) else ()
    return any(isinstance(part, (dict, list, tuple)) and flattened(part)[0] for part in parts)


def flat_outputs(y: Any) -> tuple[list[Any], Structure | None]:
    """Return (the outputs of a call as a flat list, their structure or None for one tensor or a flat list of them)."""
    if is_nested(y):
        return flattened(y)
    return y if isinstance(y, list) else list(y) if isinstance(y, tuple) else [y], None
