"""Weights of Keras 3: reads `.weights.h5`, and the same inside a `.keras` archive."""

import contextlib
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from horngate.saving.files import FileError
from horngate.saving.formats.hdf5_file import open_bytes, read_item, read_string, stored_array
from horngate.saving.formats.metadata import origin_of_keras
from horngate.saving.stored_weights import StoredArray, StoredLayer, StoredWeights
from horngate.utils import budget
from horngate.utils.generic_utils import snake_case

if TYPE_CHECKING:
    import h5py

    from horngate.engine.layer import Layer

WEIGHTS = "model.weights.h5"
_OBJECTS = 30  # bytes of Python objects for a byte of JSON
_FIRST, _LAST = ("vars", "forward_layer", "cell", "layer"), ("backward_layer",)
_NOT_WEIGHTS = ("seed_generator", "states")


@contextlib.contextmanager
def read(path: str) -> Iterator[StoredWeights]:
    """Open the `StoredWeights` in the `.keras` archive `path`, within `budget.memory_for`; to be read in the block."""
    with budget.memory_for(os.path.getsize(path)):
        try:
            with zipfile.ZipFile(path) as archive:
                content, config = _unpacked(archive, WEIGHTS), _unpacked(archive, "config.json", _OBJECTS)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError) as error:
            raise FileError(f"this .keras archive is damaged: {error}.") from error
        with open_bytes(content) as file:
            yield read_group(file, config.decode("utf8"))


def _unpacked(archive: zipfile.ZipFile, member: str, times: int = 1) -> bytes:
    """Read `member`, whose content will take `times` its bytes in memory."""
    if member not in archive.namelist():
        raise FileError(f"this .keras archive holds no {member}.")
    budget.pass_through(times * archive.getinfo(member).file_size, member)
    return archive.read(member)


def read_group(group: "h5py.Group", config: str = "") -> StoredWeights:
    """The `StoredWeights` in an open HDF5 `group` of Keras 3; the key of a layer is its place in the group.

    `config` is the text of the model's configuration.
    """
    layers = list(_layers(read_item(group, "layers"), "", set()))
    return StoredWeights(layers, origin_of_keras((3, 0), config), by_key=True)


def _entered(group: Any, seen: set[int]) -> Any:
    """Note the `group` in `seen`; raise FileError if another path led to it, which valid files do not have."""
    from h5py import h5o  # pyright: ignore[reportAttributeAccessIssue]  its stubs leave it out

    place = h5o.get_info(group.id).addr
    if place in seen:
        raise FileError(f"several paths lead to {group.name!r}, or it lies within itself.")
    seen.add(place)
    return group


def _layers(group: Any, path: str, seen: set[int]) -> Iterator[StoredLayer]:
    for name in sorted(_entered(group, seen), key=_natural_key):
        inner = read_item(group, name)
        if "layers" in inner:
            yield from _layers(read_item(inner, "layers"), f"{path}{name}/", seen)
        else:
            given = read_string(read_item(inner, "vars"), "name") if "vars" in inner else None
            yield StoredLayer(given or name, list(_arrays(inner, seen)), key=path + name)


def _arrays(group: Any, seen: set[int]) -> Iterator[StoredArray]:
    """The arrays of a layer: its own, then those of its sublayers."""

    def rank(name: str) -> tuple[int, list[int | str]]:
        place = _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name in _LAST)
        return place, _natural_key(name)

    for name in sorted(_entered(group, seen), key=rank):
        if name not in _NOT_WEIGHTS:
            item = read_item(group, name)
            if hasattr(item, "dtype"):
                yield stored_array(item)
            else:
                yield from _arrays(item, seen)


def _natural_key(name: str) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def keys_of(layers: Iterable[Any], path: str = "") -> "Iterator[tuple[str, Layer]]":
    """Yield (key, layer) for each of `layers` that has weights, also in nested models; the key is its place in a file.

    Files of Keras 3 number the layers of each class: `dense`, `dense_1`, ... `path`: the beginning of all keys.
    """
    counts: dict[str, int] = {}
    for layer in layers:
        name = snake_case(type(layer).__name__)
        number = counts[name] = counts.get(name, -1) + 1
        key = f"{path}{name}_{number}" if number else path + name
        if layer._is_graph:
            yield from keys_of(layer.layers, key + "/")
        elif layer.weights:
            yield key, layer
