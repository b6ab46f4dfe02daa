"""The HDF5 layouts of Keras 0.3, 1 and 2: read all, write that of 1.2."""

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving.files import FileError
from horngate.saving.hdf5_check import check_heaps
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
Weights = list[tuple[str, np.ndarray]]

FORMAT = 1  # of what horngate writes; 0.1 gave no number
VERSION = "1.2.2"  # of the layout that is written
LONGEST_ATTRIBUTE = 60_000  # bytes; HDF5 takes no list of texts beyond 64 KiB as an attribute
MOST_NAMES = 1_000_000
IMAGES = "image_dim_ordering", "conv_convention"  # what files of horngate tell of the images that a model sees


@contextlib.contextmanager
def opened(filepath: PathLike) -> "Iterator[h5py.File]":
    """The HDF5 file `filepath`, open for reading, that does not lead libhdf5 astray."""
    import h5py

    check_heaps(filepath)
    with h5py.File(filepath, "r") as file:
        yield file


def text(value: Any) -> str:
    """The text `value` as HDF5 gives it, bytes or str."""
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    if isinstance(value, bytes):
        return value.decode("utf8")
    if not isinstance(value, str):
        raise FileError(f"a text was expected; the file holds {type(value).__name__}.")
    return str(value)


def attribute(group: "h5py.Group | h5py.Dataset", name: str) -> Any:
    """The attribute `name` of `group`, or None. A damaged one may declare any size: such are refused unread."""
    if name not in group.attrs:
        return None
    declared = group.attrs.get_id(name).shape or ()
    if int(np.prod([int(n) for n in declared], dtype=float)) > MOST_NAMES:
        raise FileError(f"attribute {name!r} declares the size {declared}.")
    return group.attrs[name]


def write_names(group: "h5py.Group", attribute_name: str, names: Sequence[str]) -> None:
    """Write a list of `names` as the attribute `attribute_name` of `group`.

    A long one is written in numbered pieces, as Keras 2 does.
    """
    encoded = [name.encode("utf8") for name in names]
    longest = max(map(len, encoded), default=1)
    count = max(1, LONGEST_ATTRIBUTE // longest)
    if len(encoded) <= count:
        group.attrs[attribute_name] = np.array(encoded, dtype=f"S{longest}")
        return
    for number, first in enumerate(range(0, len(encoded), count)):
        group.attrs[f"{attribute_name}{number}"] = np.array(encoded[first : first + count])


def read_names(group: "h5py.Group", attribute_name: str) -> list[str] | None:
    """A list of names that `write_names` wrote as `attribute_name` of `group`; None if there is none."""
    values = attribute(group, attribute_name)
    if values is None:
        pieces, number = [], 0
        while (piece := attribute(group, f"{attribute_name}{number}")) is not None:
            pieces.extend(np.ravel(piece))
            number += 1
        if not number:
            return None
        values = pieces
    return [text(value) for value in np.ravel(values)]


def told(said: str | None) -> str | None:
    """The ordering or convention of images that a file tells, `said`, or None; any other word is refused."""
    if said not in (None, "th", "tf", "theano", "tensorflow"):
        raise FileError(f"the file says {said!r} of its images, where 'th', 'tf', 'theano' or 'tensorflow' can stand.")
    return said


def era(file: "h5py.File") -> str | None:
    """The era in which the model of the open `file` was made; None where it does not tell."""
    from horngate.backend.config import ERAS  # files of weights are written without JAX

    said = attribute(file, "horngate_era")
    name = None if said is None else text(said)
    if name is not None and name not in ERAS:
        raise FileError(f"the file says {name!r} of its era, where {', '.join(map(repr, ERAS))} can stand.")
    return name


def write_layers(
    group: "h5py.Group",
    layers: Sequence[tuple[str, Weights]],
    version: tuple[int, int] | None = None,
    unfrozen: bool = True,
    images: tuple[str | None, str | None] = (None, None),
) -> None:
    """Write layers into a group, in the layout of Keras 1.2.

    # Arguments
        group: the open group, or file.
        layers: for each layer (name, [(weight name, array)]).
        version: of the Keras whose weights they are, as a pair of ints, if it is another.
        unfrozen: whether the arrays stand in the order of unfrozen layers.
        images: (ordering, convention) of the images that the model sees.
    """
    for key, said in zip(IMAGES, images):
        if said:
            group.attrs[key] = said.encode()
    if unfrozen:
        group.attrs["weight_order"] = b"unfrozen"
    write_names(group, "layer_names", [name for name, _ in layers])
    group.attrs["keras_version"] = written_version(version).encode()
    group.attrs["horngate_format"] = FORMAT
    for name, weights in layers:
        inner = group.create_group(name)
        write_names(inner, "weight_names", [weight_name for weight_name, _ in weights])
        for weight_name, array in weights:
            inner.create_dataset(weight_name, data=array)


def read_layers(group: "h5py.Group") -> StoredWeights:
    """The `StoredWeights` in an HDF5 `group`, whichever Keras before 3 wrote it."""
    check_format(attribute(group, "horngate_format"))
    count = attribute(group, "nb_layers")
    if count is not None:
        return StoredWeights(_numbered_layers(group, int(count)), Origin(version=(0, 3)))
    names = read_names(group, "layer_names")
    if names is not None:
        layers = [_named_layer(group, name) for name in names]
        said = attribute(group, "weight_order")
        return StoredWeights(layers, _origin(group), unfrozen=said is not None and text(said) == "unfrozen")
    if "graph" in group:
        arrays = _numbered_arrays(own_item(group, "graph"))
        return StoredWeights([StoredLayer("graph", arrays)], Origin(version=(0, 3)), flat=True)
    raise FileError("this HDF5 file holds no Keras weights: it has neither layer_names nor nb_layers.")


def check_format(said: Any) -> None:
    """Raise FileError where the format number `said` is of a later horngate; files of 0.1 and of Keras have none."""
    number = None if said is None else str(said)
    if number is not None and not (number.isdecimal() and int(number) <= FORMAT):
        raise FileError(
            f"a later horngate wrote this file, in format {number[:20]}; this one reads formats up to {FORMAT}. Update "
            "it: pip install -U horngate."
        )


def _named_layer(group: "h5py.Group", name: str) -> StoredLayer:
    inner = own_item(group, name)
    names = read_names(inner, "weight_names")
    if names is None:
        raise FileError(f"layer {name!r} lists no weight_names.")
    arrays = [stored_dataset(own_item(inner, weight)) for weight in names]
    return StoredLayer(name, [dataclasses.replace(array, name=weight) for array, weight in zip(arrays, names)])


def _numbered_layers(group: "h5py.Group", count: int) -> list[StoredLayer]:
    if not 0 <= count <= MOST_NAMES:
        raise FileError(f"the file says that it holds {count} layers.")
    return [StoredLayer(f"layer_{i}", _numbered_arrays(own_item(group, f"layer_{i}"))) for i in range(count)]


def _numbered_arrays(group: "h5py.Group") -> list[StoredArray]:
    count = attribute(group, "nb_params")
    if count is None or not 0 <= int(count) <= MOST_NAMES:
        raise FileError(f"{group.name!r} does not say how many arrays it holds.")
    return [stored_dataset(own_item(group, f"param_{k}")) for k in range(int(count))]


def _origin(group: "h5py.Group") -> Origin:
    """What the file tells of itself: Keras 2 and 3 keep kernels in one ordering, whatever that of the images."""
    said = attribute(group, "keras_version")
    said = attribute(group.file, "keras_version") if said is None else said
    version = parsed_version(text(said)) if said is not None else None
    if version is None or version < (2, 0):
        ordering, convention = (told(_said(group, key)) for key in IMAGES)
        return Origin(version, convention, ordering)
    config = attribute(group.file, "model_config")
    first = config is not None and re.search(r'"data_format": *"channels_first"', text(config))
    last = bool(first) and flattens_last(read_json(text(config)))
    return Origin(version=version, ordering="th" if first else "tf", kernels="tf", flattens_last=last)


def _said(group: "h5py.Group", key: str) -> str | None:
    said = attribute(group, key)
    return None if said is None else text(said)


def written_version(version: tuple[int, int] | None) -> str:
    """`version`, a pair of ints, as a file holds it; None stands for the version of the layout."""
    return ".".join(map(str, (*version, 0))) if version else VERSION


def parsed_version(said: Any) -> tuple[int, int]:
    """(major, minor) of a version such as '1.2.2', which is `said`."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})", str(said))
    if not found:
        raise FileError(f"a version such as '1.2.2' was expected; received {said!r}.")
    return int(found[1]), int(found[2])
