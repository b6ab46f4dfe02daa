"""Functions of nested structures of dictionaries, lists and tuples, under the names of Keras 3 (`keras.tree`).

What is none of these is a leaf, None as well. Dictionaries go by their sorted keys.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from horngate.engine.arrangement import in_order

Path = tuple[Any, ...]


class MAP_TO_NONE:
    """What a function of `traverse` returns for a None in the place of a part of the structure."""


def is_nested(structure: Any) -> bool:
    """Return whether `structure` is a dictionary, a list or a tuple.

    >>> is_nested([]), is_nested("ab")
    (True, False)
    """
    return isinstance(structure, (Mapping, list, tuple))


def _items(structure: Any) -> list[tuple[Any, Any]]:
    """Return pairs (key or place, part) of a nested structure."""
    if isinstance(structure, Mapping):
        return [(key, structure[key]) for key in in_order(structure)]
    return list(enumerate(structure))


def _like(structure: Any, parts: Mapping[Any, Any]) -> Any:
    """Return a structure like this one of other `parts`, by key or place."""
    made: Any = type(structure)
    if isinstance(structure, Mapping):
        return made({key: parts[key] for key in structure})
    values = [parts[place] for place in range(len(structure))]
    return made(*values) if hasattr(structure, "_fields") else made(values)


def _leaves(structure: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if not is_nested(structure):
        yield path, structure
        return
    for key, part in _items(structure):
        yield from _leaves(part, (*path, key))


def flatten(structure: Any) -> list[Any]:
    """Return the leaves of `structure` in a list.

    >>> flatten({"b": [1, (2, 3)], "a": 0})
    [0, 1, 2, 3]
    """
    return [leaf for _, leaf in _leaves(structure)]


def flatten_with_path(structure: Any) -> list[tuple[Path, Any]]:
    """Return pairs (path, leaf) of `structure`; a path is the tuple of keys and places that lead to the leaf."""
    return list(_leaves(structure))


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any]) -> Any:
    """Return a structure like `structure` whose leaves are those of `flat_sequence`, in the order of `flatten`."""
    count = len(flatten(structure))
    if count != len(flat_sequence):
        raise ValueError(
            f"tree.pack_sequence_as: the structure has {count} leaves; received {len(flat_sequence)} in flat_sequence."
        )
    rest = iter(flat_sequence)
    return map_structure(lambda leaf: next(rest), structure)


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """Return a structure of what `func` gives for the leaves of `structures`, which must be alike.

    `none_is_leaf`: whether it is called on None; else None stays.
    """
    if not structures:
        raise ValueError("tree.map_structure: give at least one structure.")
    for other in structures[1:]:
        assert_same_structure(structures[0], other)
    return _mapped(func, structures, none_is_leaf)


def _mapped(func, structures, none_is_leaf):
    first = structures[0]
    if first is None and not none_is_leaf:
        return None
    if not is_nested(first):
        return func(*structures)
    parts = [dict(_items(each)) for each in structures]
    return _like(first, {key: _mapped(func, [each[key] for each in parts], none_is_leaf) for key in parts[0]})


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """Return a structure like `shallow_structure` of what `func` gives for the parts of `structures` at its leaves."""
    if not is_nested(shallow_structure):
        return func(*structures)
    parts = [dict(_items(each)) if is_nested(each) else {} for each in structures]
    for each in parts:
        _check_keys("map_structure_up_to", dict(_items(shallow_structure)), each)
    found = {k: map_structure_up_to(s, func, *[each[k] for each in parts]) for k, s in _items(shallow_structure)}
    return _like(shallow_structure, found)


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """Return a structure of what `func` gives for the shapes in `structure`, lists or tuples of sizes or None."""
    if isinstance(structure, (list, tuple)) and all(isinstance(size, (int, type(None))) for size in structure):
        return func(structure)
    if not is_nested(structure):
        raise ValueError(f"tree.map_shape_structure: {structure!r} is no shape and holds none.")
    return _like(structure, {key: map_shape_structure(func, part) for key, part in _items(structure)})


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """Return `structure` with parts replaced by what `func` gives for them; where it gives None, they stay.

    `func` is called on every part, those that are nested before their own parts with `top_down`, else after them; what
    it has replaced is not searched. It returns `MAP_TO_NONE` for a None.
    """
    found = func(structure) if top_down else None
    if found is None:
        if is_nested(structure):
            structure = _like(structure, {k: traverse(func, part, top_down) for k, part in _items(structure)})
        found = None if top_down else func(structure)
    return structure if found is None else None if found is MAP_TO_NONE else found


def lists_to_tuples(structure: Any) -> Any:
    """Return `structure` with tuples in the place of lists."""
    return traverse(lambda part: tuple(part) if isinstance(part, list) else None, structure, top_down=False)


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise ValueError unless `a` and `b` have the same nested structure, of the same kinds.

    `check_types`: must be None: the kinds are always compared.
    """
    if check_types is not None:
        raise ValueError("tree.assert_same_structure: check_types must be None: the kinds are always compared.")
    if is_nested(a) != is_nested(b) or is_nested(a) and type(a) is not type(b):
        raise ValueError(f"the structures differ: one has {a!r} where the other has {b!r}.")
    if is_nested(a):
        parts = dict(_items(a)), dict(_items(b))
        _check_keys("the structures differ", *parts)
        for key, part in parts[0].items():
            assert_same_structure(part, parts[1][key])


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise ValueError unless the leaves of `a` and `b` have the same paths, whatever kinds of sequences lead there."""
    first, second = ({path for path, _ in _leaves(each)} for each in (a, b))
    if first != second:
        raise ValueError(f"the paths differ: only in a {sorted(first - second)}, only in b {sorted(second - first)}.")


def _check_keys(what, first, second):
    if set(first) != set(second):
        raise ValueError(f"{what}: one has {in_order(first)}, the other {in_order(second)}.")
