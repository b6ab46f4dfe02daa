"""Weights in HDF5: reads the layouts of Keras 0.3 to 3, writes that of 1.2."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from horngate.saving.files import FileError
from horngate.saving.formats import hdf5_file, keras3, metadata
from horngate.saving.stored_weights import Origin, StoredArray, StoredLayer, StoredWeights

if TYPE_CHECKING:
    import h5py

SIGNATURE = b"\x89HDF\r\n\x1a\n"  # the first bytes of every HDF5 file


@contextlib.contextmanager
def read(path: str) -> Iterator[StoredWeights]:
    """Open the `StoredWeights` in the file `path`; their numbers can be read in the block."""
    with hdf5_file.open_file(path) as file:
        yield read_group(file)


def write(path: str, weights: StoredWeights) -> None:
    """Write `weights` into the file `path`."""
    with hdf5_file.new_file(path) as file:
        write_group(file, weights)


def write_group(group: "h5py.Group", weights: StoredWeights) -> None:
    """Write `weights` into an open `group`, or file."""
    for key, text in metadata.metadata_of(weights).items():
        group.attrs[key] = int(text) if key == "horngate_format" else text.encode()
    keys = hdf5_file.write_places(group, "layer_names", [layer.name for layer in weights.layers])
    for key, layer in zip(keys, weights.layers):
        inner, arrays = group.create_group(key), layer.named_arrays()
        inner_keys = hdf5_file.write_places(inner, "weight_names", [name for name, _ in arrays])
        for inner_key, (_, array) in zip(inner_keys, arrays):
            hdf5_file.write_array(inner, inner_key, array.read())


def read_group(group: "h5py.Group") -> StoredWeights:
    """The `StoredWeights` in an open `group` or file, which holds weights alone or a whole model."""
    if "layer_names" not in group.attrs and "nb_layers" not in group.attrs:
        if "layers" in group or "vars" in group:
            return keras3.read_group(group)
        if "model_weights" in group:
            group = hdf5_file.read_item(group, "model_weights")
    metadata.check_format(hdf5_file.read_attribute(group, "horngate_format"))
    count = hdf5_file.read_attribute(group, "nb_layers")
    if count is not None:
        return StoredWeights(_numbered_layers(group, int(count)), Origin(version=(0, 3)))
    names = hdf5_file.read_names(group, "layer_names")
    if names is not None:
        keys = hdf5_file.read_places(group, "layer_names", names)
        return _with_origin(group, [_named_layer(group, key, name) for key, name in zip(keys, names)])
    if "graph" in group:
        arrays = _numbered_arrays(hdf5_file.read_item(group, "graph"))
        return StoredWeights([StoredLayer("graph", arrays)], Origin(version=(0, 3)), flat=True)
    raise FileError("this HDF5 file holds no Keras weights: it has neither layer_names nor nb_layers.")


def _named_layer(group: "h5py.Group", key: str, name: str) -> StoredLayer:
    inner = hdf5_file.read_item(group, key)
    names = hdf5_file.read_names(inner, "weight_names")
    if names is None:
        raise FileError(f"layer {name!r} lists no weight_names.")
    keys = hdf5_file.read_places(inner, "weight_names", names)
    items = [hdf5_file.read_item(inner, key) for key in keys]
    return StoredLayer(name, [hdf5_file.stored_array(item, weight) for item, weight in zip(items, names)])


def _numbered_layers(group: "h5py.Group", count: int) -> list[StoredLayer]:
    if not 0 <= count <= hdf5_file.MOST_NAMES:
        raise FileError(f"the file says that it holds {count} layers.")
    return [StoredLayer(f"layer_{i}", _numbered_arrays(hdf5_file.read_item(group, f"layer_{i}"))) for i in range(count)]


def _numbered_arrays(group: "h5py.Group") -> list[StoredArray]:
    count = hdf5_file.read_attribute(group, "nb_params")
    if count is None or not 0 <= int(count) <= hdf5_file.MOST_NAMES:
        raise FileError(f"{group.name!r} does not say how many arrays it holds.")
    return [hdf5_file.read_array(group, f"param_{k}") for k in range(int(count))]


def _with_origin(group: "h5py.Group", layers: list[StoredLayer]) -> StoredWeights:
    found = ((key, hdf5_file.read_string(group, key)) for key in metadata.KEYS if key != "horngate_format")
    texts = {key: text for key, text in found if text is not None}
    if "keras_version" not in texts and (of_file := hdf5_file.read_string(group.file, "keras_version")) is not None:
        texts["keras_version"] = of_file
    if "horngate_format" not in group.attrs and "keras_version" in texts:
        version = metadata.parse_version(texts["keras_version"])
        config = hdf5_file.read_string(group.file, "model_config")
        if version >= (2, 0):
            return StoredWeights(layers, metadata.origin_of_keras(version, config or ""))
    return metadata.with_metadata(layers, texts)
