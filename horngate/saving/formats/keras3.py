"""Weights of Keras 3: `.weights.h5`, and the same inside a `.keras` archive, read and written."""

import contextlib
import io
import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving.files import FileError, dialect
from horngate.saving.formats import hdf5_file
from horngate.saving.formats.hdf5_file import read_array, read_item, read_string, write_array
from horngate.saving.formats.metadata import IMAGES, origin_of_keras
from horngate.saving.stored_weights import StoredArray, StoredLayer, StoredWeights
from horngate.saving.text import read_json
from horngate.utils import budget
from horngate.utils.generic_utils import snake_case

if TYPE_CHECKING:
    import h5py

    from horngate.engine.layer import Layer

ENDING = ".weights.h5"  # of files of weights of Keras 3
WEIGHTS, METADATA = "model.weights.h5", "metadata.json"
ASSETS, WORDS = "assets/", "/vocabulary.txt"  # where vocabularies lie that layers learned
_OBJECTS = 30  # bytes of Python objects for a byte of JSON
_FIRST, _LAST = ("vars", "forward_layer", "cell", "layer"), ("backward_layer",)
_NOT_WEIGHTS = ("seed_generator", "states", "idf_weights")
_NOT_OF_MODEL = ("optimizer", "horngate")


@contextlib.contextmanager
def read(path: str) -> Iterator[StoredWeights]:
    """Open the `StoredWeights` in the `.keras` archive `path`, within `budget.memory_for`; to be read in the block."""
    with open_archive(path) as archive:
        yield archive.weights


@dataclass
class Archive:
    """The parts of an open `.keras` archive.

    `config`, `metadata`: the texts of the model's configuration and of the file's origin. `file`: the HDF5 file of its
    weights and of the state of its training. `vocabularies`: the words that layers learned, by the paths of the layers.
    """

    config: str
    metadata: dict[str, Any]
    file: "h5py.File"
    vocabularies: dict[str, str]

    @property
    def weights(self) -> StoredWeights:
        """The weights of the model."""
        return read_group(self.file, self.config)

    def described(self) -> Any:
        """Return the model's configuration, in which layers are told the vocabularies that they had learned."""
        config = read_json(self.config)
        for key, told in _described(config):
            path, given = f"layers/{key.replace('/', '/layers/')}", told.get("config")
            if path in self.vocabularies and isinstance(given, dict) and given.get("vocabulary") is None:
                given["vocabulary"] = self.vocabularies[path].split("\n")
                if (weights := f"{path}/vars/idf_weights") in self.file:
                    given["idf_weights"] = read_array(self.file, weights).read().tolist()
        return config


@contextlib.contextmanager
def open_archive(path: str) -> Iterator[Archive]:
    """Open the `.keras` archive `path`, within `budget.memory_for`; its numbers can be read in the block."""
    with budget.memory_for(os.path.getsize(path)):
        try:
            with zipfile.ZipFile(path) as archive:
                content, config = _unpacked(archive, WEIGHTS), _unpacked(archive, "config.json", _OBJECTS)
                about = _unpacked(archive, METADATA, _OBJECTS) if METADATA in archive.namelist() else b"{}"
                found = [n for n in archive.namelist() if n.startswith(ASSETS) and n.endswith(WORDS)]
                words = {n[len(ASSETS) : -len(WORDS)]: _unpacked(archive, n, _OBJECTS).decode("utf8") for n in found}
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError) as error:
            raise FileError(f"this .keras archive is damaged: {error}.") from error
        told = read_json(about)
        if not isinstance(told, dict):
            raise FileError(f"{METADATA} of this .keras archive is no dictionary.")
        with hdf5_file.open_bytes(content) as file:
            yield Archive(config.decode("utf8"), told, file, words)


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
    layers = list(_layers(read_item(group, "layers"), "", set())) if "layers" in group else []
    inside = [read_item(group, name) for name in map(str, group) if name not in _NOT_OF_MODEL]
    whole = StoredLayer(
        "", [a for each in inside for a in _arrays(each, set(), f"{str(each.name).strip('/')}/")], key=""
    )
    origin = origin_of_keras((3, 0), config)
    if (ordering := read_string(group, IMAGES[0])) in ("th", "tf"):  # horngate wrote the file
        origin = replace(origin, ordering=ordering, flattens_last=False)
    if config:
        places = {key: place for place, (key, _) in enumerate(_described(read_json(config)))}
        layers.sort(key=lambda layer: places.get(layer.key, len(places)))
    return StoredWeights(layers, origin, by_key=True, whole=whole)


def _described(config: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (key, description) for each of the layers that a configuration describes, in the order of the model."""
    counts: dict[str, int] = {}
    inner = config.get("config") if isinstance(config, dict) else None
    layers = inner.get("layers") if isinstance(inner, dict) else None
    for told in layers if isinstance(layers, list) else ():
        name = told.get("class_name") if isinstance(told, dict) else None
        if isinstance(name, str):
            name = snake_case(name)
            number = counts[name] = counts.get(name, -1) + 1
            key = f"{path}{name}_{number}" if number else path + name
            yield key, told
            yield from _described(told, key + "/")


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


def _arrays(group: Any, seen: set[int], path: str = "") -> Iterator[StoredArray]:
    """The arrays of a layer: its own, then those of its sublayers. Their names are their paths within the layer."""

    def rank(name: str) -> tuple[int, list[int | str]]:
        place = _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name in _LAST)
        return place, _natural_key(name)

    for name in sorted(_entered(group, seen), key=rank):
        if name not in _NOT_WEIGHTS:
            item = read_item(group, name)
            if hasattr(item, "dtype"):
                yield hdf5_file.stored_array(item, path + name)
            else:
                yield from _arrays(item, seen, f"{path}{name}/")


def _natural_key(name: str) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def write(path: str, model: Any) -> None:
    """Write the weights of `model` into the file `path`, a `.weights.h5`."""
    with hdf5_file.new_file(path) as file:
        write_group(file, model)


def write_group(group: "h5py.Group", model: Any) -> None:
    """Write the weights of `model` into an open HDF5 `group`, as Keras 3 does, with the ordering of its images."""
    from horngate.engine.sublayers import is_graph

    ordering, convention = getattr(model, "images_seen", (None, None))
    for key, told in zip(IMAGES, (ordering, convention)):
        if told:
            group.attrs[key] = told
    group.create_group("vars").attrs["name"] = model.name
    if is_graph(model):
        for path, layer, _ in dialect("keras3.weights").groups(model):
            variables = group.require_group(f"layers/{path}/vars")
            variables.attrs["name"] = layer.name
            if getattr(layer, "idf_weights", None) is not None:
                variables.create_dataset("idf_weights", data=layer.weights_of_places())
    for path, _, variable in dialect("keras3.weights").paths(model):
        write_array(group, path, variable.join([np.asarray(weight.value) for weight in variable.weights]))


def write_archive(path: str, config: str, metadata: dict[str, Any], write_into: "Callable[[h5py.File], None]") -> None:
    """Write a `.keras` archive.

    # Arguments
        path: the file.
        config: the text of the model's configuration.
        metadata: the file's origin, plain data.
        write_into: function that writes weights and state into an open HDF5 file.
    """
    content = io.BytesIO()
    with hdf5_file.new_content(content) as file:
        write_into(file)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(METADATA, json.dumps(metadata))
        archive.writestr("config.json", config)
        archive.writestr(WEIGHTS, content.getvalue())


def keys_of(model: Any) -> "Iterator[tuple[str, Layer]]":
    """Yield (key, layer) for each layer of `model` that has weights, also in nested models; as in files of Keras 3.

    They number the layers of each class: `dense`, `dense_1`, ... A shared layer is listed where it stands first.
    """
    weights = dialect("keras3.weights")
    for key, layer in weights.keys_of(model.layers, "", set()):
        if layer.filed_weights:
            yield key.replace("/layers/", "/"), layer


def holds_class(model: Any) -> bool:
    """Whether `model`, or one in it, computes in its `call`."""
    return bool(dialect("keras3.weights").holds_class(model))


def in_order(layer: "Layer", stored: StoredLayer) -> StoredLayer:
    """The arrays `stored` in the order of the weights of `layer`; unchanged if their paths are others than its own."""
    variables = list(dialect("keras3.weights").variables(layer))
    arrays = {array.name: array for array in stored.arrays}
    if len(arrays) < len(stored.arrays) or arrays.keys() != {variable.path for variable in variables}:
        return stored
    if any(len(variable.weights) > 1 for variable in variables):
        return replace(stored, arrays=[arrays[variable.path] for variable in variables])
    found = {variable.weights[0]: arrays[variable.path] for variable in variables}
    if set(found) != set(layer.filed_weights):
        return stored
    return replace(stored, arrays=[found[weight] for weight in layer.filed_weights])


def assign(model: Any, stored: StoredWeights) -> None:
    """Set the weights of `model` to the `stored` ones, all or none; it was made from the configuration beside them.

    Each variable of Keras 3 is laid out as the layer has it, so no ordering of images needs to be told.
    """
    from horngate.backend.locks import set_values

    wanted = {path: (layer, variable) for path, layer, variable in dialect("keras3.weights").paths(model)}
    held = [] if stored.whole is None else stored.whole.arrays
    arrays = {array.name: array for array in held if _is_of_layer(array.name, model)}
    if arrays.keys() != wanted.keys():
        theirs, ours = sorted(arrays.keys() - wanted.keys()), sorted(wanted.keys() - arrays.keys())
        raise FileError(
            f"the variables of {model.name} are others than in the file: only the file has "
            f"{', '.join(theirs) or 'no others'}; only the model has {', '.join(ours) or 'no others'}."
        )
    new: dict[Any, Any] = {}
    for path, (layer, variable) in wanted.items():
        new.update(_split(layer, variable, arrays[path]))
    set_values(list(new), new.values())


def _is_of_layer(path: str, model: Any) -> bool:
    """Whether the array at `path` is of a layer: the attributes of a model may also be optimizers and metrics."""
    from horngate.engine.sublayers import is_graph

    first = path.partition("/")[0]
    return is_graph(model) or first in ("layers", "vars") or _holds_layers(getattr(model, first, None))


def _holds_layers(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]
    return any(hasattr(each, "_trainable_weights") for each in inside)


def _split(layer: "Layer", variable: Any, array: StoredArray) -> dict[Any, Any]:
    """The values of the weights of horngate that one variable of Keras 3 holds."""
    wanted = variable.shape
    if array.shape != wanted:
        raise FileError(f"layer {layer.name!r}: {variable.path} has the shape {wanted}; the file holds {array.shape}.")
    return dict(zip(variable.weights, variable.split(array.read())))
