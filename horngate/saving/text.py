"""Reads configurations from JSON and YAML, as plain data of bounded size."""

import json
from typing import Any

import numpy as np

from horngate.saving.files import FileError

LARGEST = 1_000_000  # items in a YAML text, with aliases expanded
DEEPEST = 300  # items within items in a YAML text
LONGEST = 400  # characters of a number in it: in base 60, many of them take hours


def read_json(text: str | bytes) -> Any:
    """Read the JSON text `text` as plain data."""
    if not isinstance(text, (str, bytes, bytearray)):
        raise FileError(f"this is no text but {text!r}.")
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise FileError("this JSON text is nested too deeply to be a model's configuration.") from None
    except ValueError as error:
        is_name = len(text) < 4096 and str(text).endswith(".json")
        hint = " It looks like the name of a file: give what stands in it, open(name).read()." if is_name else ""
        raise FileError(f"this is no JSON text: {error}.{hint}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return `pairs` as a dictionary. Raises ValueError if a key comes twice: readers differ in which they take."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} comes twice in one object")
        found[key] = value
    return found


def read_yaml(text: str) -> Any:
    """Read the YAML text `text` as plain data. Tags that Keras 1 wrote are understood; other tags are refused."""
    import yaml

    if not isinstance(text, (str, bytes, bytearray)):
        raise FileError(f"this is no text but {text!r}.")
    kind = _loader()
    try:
        _check_depth(text, kind)
        loader = kind(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}, ()) > LARGEST:
            raise FileError(f"this YAML text stands for more than {LARGEST:,} items: it is no model's configuration.")
        return loader.construct_document(node)
    except RecursionError:
        raise FileError("this YAML text is nested too deeply, or in itself, to be a model's configuration.") from None
    except FileError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        raise FileError(f"this is no YAML text of a model's configuration: {said}") from error


def _check_depth(text: str, kind: Any) -> None:
    """Raise RecursionError where the text is nested too deeply, before anything follows it into its depth."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=kind):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RecursionError


def _loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the one in C, where it is
        pass

    def number(loader: Any, node: Any) -> Any:
        if len(node.value) > LONGEST:
            raise yaml.constructor.ConstructorError(
                None, None, f"a number of {len(node.value):,} characters", node.start_mark
            )
        return getattr(loader, f"construct_yaml_{node.tag.rpartition(':')[2]}")(node)

    def whole(loader: Any, node: Any) -> Any:
        return tuple(loader.construct_sequence(node, deep=True))

    def scalar(loader: Any, node: Any) -> Any:
        dtype, data = node.value
        code = str(loader.construct_mapping(dtype, deep=True)["args"][0])
        if code.lstrip("<>=|")[:1] not in tuple("biuf"):
            raise yaml.constructor.ConstructorError(None, None, f"{code!r} is no type of numbers", node.start_mark)
        return np.frombuffer(loader.construct_yaml_binary(data), dtype=np.dtype(code))[0].item()

    for plain in ("int", "float"):
        Loader.add_constructor("tag:yaml.org,2002:" + plain, number)
    prefix = "tag:yaml.org,2002:python/"
    Loader.add_constructor(prefix + "tuple", whole)
    for text in ("unicode", "str"):
        Loader.add_constructor(prefix + text, Loader.construct_scalar)
    Loader.add_constructor(prefix + "object/apply:numpy.core.multiarray.scalar", scalar)
    return Loader


def _size(node: Any, known: dict[int, int], within: tuple[int, ...]) -> int:
    """The number of items in a YAML node, with aliases expanded."""
    if isinstance(node.value, str):
        return 1
    if id(node) in within:
        raise RecursionError
    if id(node) not in known:
        parts = [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
        known[id(node)] = 1 + sum(_size(part, known, (*within, id(node))) for part in parts)
    return known[id(node)]
