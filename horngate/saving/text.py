"""Reads configurations from JSON and YAML, as plain data of bounded size."""

import json
from typing import Any

import numpy as np

from horngate.saving.files import FileError

LARGEST = 1_000_000  # items in a YAML text, with aliases expanded


def read_json(text: str | bytes) -> Any:
    """Read the JSON text `text` as plain data."""
    try:
        return json.loads(text)
    except RecursionError:
        raise FileError("this JSON text is nested too deeply to be a model's configuration.") from None
    except ValueError as error:
        raise FileError(f"this is no JSON text: {error}.") from error


def read_yaml(text: str) -> Any:
    """Read the YAML text `text` as plain data. Tags that Keras 1 wrote are understood; other tags are refused."""
    import yaml

    try:
        node = yaml.compose(text, Loader=_loader())
        if node is not None and _size(node, {}, ()) > LARGEST:
            raise FileError(f"this YAML text stands for more than {LARGEST:,} items: it is no model's configuration.")
        return yaml.load(text, Loader=_loader())
    except RecursionError:
        raise FileError("this YAML text is nested too deeply, or in itself, to be a model's configuration.") from None
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise FileError(f"this is no YAML text of a model's configuration: {said}") from error


def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def whole(loader: Any, node: Any) -> Any:
        return tuple(loader.construct_sequence(node, deep=True))

    def scalar(loader: Any, node: Any) -> Any:
        dtype, data = node.value
        code = str(loader.construct_mapping(dtype, deep=True)["args"][0])
        if code.lstrip("<>=|")[:1] not in tuple("biuf"):
            raise yaml.constructor.ConstructorError(None, None, f"{code!r} is no type of numbers", node.start_mark)
        return np.frombuffer(loader.construct_yaml_binary(data), dtype=np.dtype(code))[0].item()

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
