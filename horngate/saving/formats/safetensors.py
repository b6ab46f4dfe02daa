"""Weights as safetensors: the names of layers and weights joined by a slash, their order in the metadata."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from horngate.saving.files import FileError
from horngate.saving.formats.metadata import metadata_of, with_metadata
from horngate.saving.stored_weights import StoredArray, StoredLayer, StoredWeights
from horngate.saving.text import read_json


def _package() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "files in the safetensors format need a package: pip install '.[safetensors]' where horngate was unpacked"
        ) from error
    return safetensors


def write(path: str, weights: StoredWeights) -> None:
    """Write `weights` into the file `path`."""
    order = [[layer.name, [name for name, _ in layer.named_arrays()]] for layer in weights.layers]
    arrays = {
        f"{layer.name}/{name}": np.asarray(array.read(), order="C")
        for layer in weights.layers
        for name, array in layer.named_arrays()
    }
    metadata = {"format": "keras", "layers": json.dumps(order), **metadata_of(weights)}
    _package().numpy.save_file(arrays, path, metadata=metadata)


@contextlib.contextmanager
def read(path: str) -> Iterator[StoredWeights]:
    """The `StoredWeights` in the file `path`; their numbers can be read while the block lasts."""
    package = _package()
    try:
        with package.safe_open(path, framework="numpy") as file:
            yield _weights(file)
    except package.SafetensorError as error:
        raise FileError(f"this safetensors file is damaged: {error}.") from error


def _weights(file: Any) -> StoredWeights:
    metadata = file.metadata() or {}
    if "layers" not in metadata:
        raise FileError(
            "this safetensors file does not tell the order of its layers, as horngate's do: it was written by another "
            "library. Read it with safetensors.numpy.load_file, then layer.set_weights."
        )
    layers = (
        StoredLayer(layer, [_array(file, f"{layer}/{name}", name) for name in names])
        for layer, names in read_json(metadata["layers"])
    )
    return with_metadata(layers, metadata)


def _array(file: Any, key: str, name: str) -> StoredArray:
    return StoredArray(tuple(file.get_slice(key).get_shape()), lambda: file.get_tensor(key), name)
