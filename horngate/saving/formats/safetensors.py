"""Weights in safetensors: keys are the names of layer and weight, joined by a slash; the metadata hold their order.

This module writes files itself, array by array: the package would hold all numbers twice, and make temporary files.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator
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
    read = (array.read() for layer in weights.layers for _, array in layer.named_arrays())
    found = {key: _little_endian(array) for key, array in zip(_keys(order), read)}
    arrays = sorted(found.items(), key=lambda item: -item[1].itemsize)  # so that each array is aligned
    metadata = {"format": "keras", "layers": json.dumps(order), **metadata_of(weights)}
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for name, array in arrays:
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": _code(array.dtype), "shape": array.shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, array in arrays:
            file.write(array.reshape(-1).view(np.uint8).data)


def _little_endian(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array, order="C")
    return array.astype(array.dtype.newbyteorder("<")) if array.dtype.byteorder == ">" else array


def _code(dtype: np.dtype) -> str:
    """The format's name of a number type, such as `F32`."""
    special = {"bool": "BOOL", "bfloat16": "BF16"}.get(dtype.name)
    if special is None and dtype.kind not in "fiu":
        raise ValueError(f"safetensors cannot hold {dtype.name}: save into a .h5 file.")
    return special or f"{dtype.kind.upper()}{8 * dtype.itemsize}"


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Any]:
    package = _package()
    try:
        with package.safe_open(path, framework="numpy") as file:
            yield file
    except package.SafetensorError as error:
        raise FileError(f"this safetensors file is damaged: {error}.") from error


@contextlib.contextmanager
def read(path: str) -> Iterator[StoredWeights]:
    """Open the `StoredWeights` in the file `path`; their numbers can be read in the block."""
    with _opened(path) as file:
        yield _weights(file)


@contextlib.contextmanager
def open_arrays(path: str) -> Iterator[dict[str, StoredArray]]:
    """Open the arrays in the file `path` by their names, whoever wrote it; their numbers can be read in the block."""
    with _opened(path) as file:
        yield {key: _array(file, key, key) for key in file.keys()}  # noqa: SIM118  it is no dictionary


def _weights(file: Any) -> StoredWeights:
    metadata = file.metadata() or {}
    if "layers" not in metadata:
        raise FileError(
            "this safetensors file does not tell the order of its layers, as horngate's do: it was written by another "
            "library. Tell which array is which weight: load_weights(file, names={'dense/kernel': 'their.name', ...})."
        )
    order = read_json(metadata["layers"])
    if not isinstance(order, list) or not all(isinstance(each, list) and len(each) == 2 for each in order):
        raise FileError("this safetensors file does not list its layers as pairs of a name and names of weights.")
    keys = _keys(order)
    layers = (StoredLayer(layer, [_array(file, next(keys), name) for name in names]) for layer, names in order)
    return with_metadata(layers, metadata)


def _keys(order: Iterable[Any]) -> Iterator[str]:
    """The key of each array, from a list of (layer, names of its arrays); an underscore makes equal keys differ."""
    seen: set[str] = set()
    for layer, names in order:
        for name in names:
            key = f"{layer}/{name}"
            while key in seen:
                key += "_"
            seen.add(key)
            yield key


def _array(file: Any, key: str, name: str) -> StoredArray:
    return StoredArray(tuple(file.get_slice(key).get_shape()), lambda: file.get_tensor(key), name)
