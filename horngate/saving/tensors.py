"""Weights as safetensors: the names of layers and weights joined by a slash, their order in the metadata."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from horngate.saving.files import FileError
from horngate.saving.hdf5 import FORMAT, IMAGES, VERSION, Weights, check_format, parsed_version, told, written_version
from horngate.saving.stored import Origin, StoredArray, StoredLayer, StoredWeights
from horngate.saving.text import read_json
from horngate.utils.generic_utils import PathLike


def _package() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "files in the safetensors format need a package that is not installed: pip install horngate[safetensors]"
        ) from error
    return safetensors


def write_layers(
    path: PathLike,
    layers: Sequence[tuple[str, Weights]],
    version: tuple[int, int] | None = None,
    unfrozen: bool = True,
    images: tuple[str | None, str | None] = (None, None),
) -> None:
    """Write layers into the file `path`; `layers`, `version`, `unfrozen` and `images` as for `hdf5.write_layers`."""
    import numpy as np

    order = [[name, [weight for weight, _ in weights]] for name, weights in layers]
    arrays = {f"{name}/{weight}": np.ascontiguousarray(a) for name, weights in layers for weight, a in weights}
    metadata = {"format": "keras", "keras_version": written_version(version), "layers": json.dumps(order)}
    metadata["horngate_format"] = str(FORMAT)
    if unfrozen:
        metadata["weight_order"] = "unfrozen"
    metadata.update({key: said for key, said in zip(IMAGES, images) if said})
    _package().numpy.save_file(arrays, path, metadata=metadata)


@contextlib.contextmanager
def opened(filepath: PathLike) -> Iterator[StoredWeights]:
    """The `StoredWeights` in the file `filepath`; they can be read while the block lasts."""
    package = _package()
    try:
        with package.safe_open(filepath, framework="numpy") as file:
            yield _stored(file)
    except package.SafetensorError as error:
        raise FileError(f"this safetensors file is damaged: {error}.") from error


def _stored(file: Any) -> StoredWeights:
    metadata = file.metadata() or {}
    if "layers" not in metadata:
        raise FileError(
            "this safetensors file does not tell the order of its layers, as horngate's do: it was written by another "
            "library. Read it with safetensors.numpy.load_file, then layer.set_weights."
        )
    check_format(metadata.get("horngate_format"))
    layers = []
    for name, weights in read_json(metadata["layers"]):
        layers.append(StoredLayer(name, [_array(file, f"{name}/{weight}") for weight in weights]))
    ordering, convention = (told(metadata.get(key)) for key in IMAGES)
    origin = Origin(parsed_version(metadata.get("keras_version", VERSION)), convention, ordering)
    return StoredWeights(layers, origin, unfrozen=metadata.get("weight_order") == "unfrozen")


def _array(file: Any, key: str) -> StoredArray:
    return StoredArray(tuple(file.get_slice(key).get_shape()), lambda: file.get_tensor(key), key.split("/", 1)[1])
