"""The weight files of Keras 3: `.weights.h5`, and the one inside a `.keras` archive."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from horngate.saving.files import FileError
from horngate.saving.hdf5 import attribute
from horngate.saving.hdf5_check import check_heaps_in
from horngate.saving.stored import (
    Origin,
    StoredArray,
    StoredLayer,
    StoredWeights,
    flattens_last,
    own_item,
    stored_dataset,
)
from horngate.saving.text import read_json
from horngate.utils.generic_utils import PathLike

if TYPE_CHECKING:
    import h5py

    from horngate.engine.layer import Layer

WEIGHTS = "model.weights.h5"
_FIRST, _LAST = ("vars", "forward_layer", "cell", "layer"), ("backward_layer",)
_NOT_WEIGHTS = ("seed_generator", "states")


def read_layers(file: "h5py.Group", config: str = "") -> StoredWeights:
    """The `StoredWeights` in an open HDF5 `file` of Keras 3, its layers with the key of their place in it.

    `config` is the text of the model's configuration.
    """
    first = '"data_format": "channels_first"' in config
    last = bool(first) and flattens_last(read_json(config))
    origin = Origin(version=(3, 0), ordering="th" if first else "tf", kernels="tf", flattens_last=last)
    return StoredWeights(list(_layers(own_item(file, "layers"), "")), origin, by_key=True)


def _layers(group: Any, path: str) -> Iterator[StoredLayer]:
    for name in sorted(group, key=_natural):
        inner = own_item(group, name)
        if "layers" in inner:
            yield from _layers(own_item(inner, "layers"), f"{path}{name}/")
        else:
            given = attribute(own_item(inner, "vars"), "name") if "vars" in inner else None
            yield StoredLayer(str(given or name), list(_arrays(inner)), keys=(path + name,))


def _arrays(group: Any) -> Iterator[StoredArray]:
    """The arrays of a layer: its own, then those of what it holds."""

    def place(name):
        rank = _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name in _LAST)
        return rank, _natural(name)

    for name in sorted(group, key=place):
        if name not in _NOT_WEIGHTS:
            item = own_item(group, name)
            if hasattr(item, "dtype"):
                yield stored_dataset(item)
            else:
                yield from _arrays(item)


def _natural(name: str) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


_NAMES = {"Deconvolution2D": "Conv2DTranspose", "Model": "Functional"}  # ours -> of Keras 3, beside the rule below


def keys_of(layers: Iterable[Any], path: str = "") -> "Iterator[tuple[str, Layer]]":
    """(key, layer) of each of `layers` that has weights, nested models taken apart; the key is its place in a file.

    Files of Keras 3 count the layers of each class: `dense`, `dense_1`, ... `path` is what all keys begin with.
    """
    counts = {}
    for layer in layers:
        name = _snake_case(type(layer).__name__)
        number = counts[name] = counts.get(name, -1) + 1
        key = f"{path}{name}_{number}" if number else path + name
        if layer._is_graph:
            yield from keys_of(layer.layers, key + "/")
        elif layer.weights:
            yield key, layer


def _snake_case(name: str) -> str:
    """How Keras 3 writes the name of one of our classes.

    >>> _snake_case("Convolution2D"), _snake_case("PReLU"), _snake_case("GlobalMaxPooling1D")
    ('conv2d', 'p_re_lu', 'global_max_pooling1d')
    """
    name = _NAMES.get(name, name).replace("Atrous", "").replace("Convolution", "Conv")
    return re.sub(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", name).lower()


def open_archive(filepath: PathLike) -> "tuple[h5py.File, str]":
    """The weights in the `.keras` archive `filepath`, as an open HDF5 file, and the text of the configuration."""
    import h5py

    try:
        with zipfile.ZipFile(filepath) as archive:
            described = archive.getinfo(WEIGHTS)
            if described.file_size > 100 * described.compress_size + 2**20:
                raise FileError(f"{WEIGHTS} in this archive declares {described.file_size:,} bytes: it is no model.")
            content = archive.read(WEIGHTS)
            config = archive.read("config.json").decode("utf8")
    except (zipfile.BadZipFile, KeyError, NotImplementedError) as error:
        raise FileError(f"this .keras archive is damaged: {error}.") from error
    check_heaps_in(content)
    return h5py.File(io.BytesIO(content), "r"), config
