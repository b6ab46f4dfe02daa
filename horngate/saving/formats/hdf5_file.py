"""Safe reading of HDF5: refuses damaged heaps, huge attributes, links, and data outside of the file."""

import contextlib
import io
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving.files import FileError
from horngate.saving.formats.hdf5_heaps import check_heaps, check_heaps_in
from horngate.saving.stored_weights import StoredArray
from horngate.utils import budget
from horngate.utils.blocks import within

if TYPE_CHECKING:
    import h5py

LONGEST_ATTRIBUTE = 60_000  # bytes; HDF5 stores no list of texts beyond 64 KiB as an attribute
MOST_NAMES = 1_000_000
# HDF5's numbers of filters: those that do not compress, and those whose parameters may ask for any amount of memory.
_HARMLESS, _UNBOUNDED = {2: "shuffle", 3: "fletcher32"}, {5: "nbit", 6: "scaleoffset"}

_longest_text: ContextVar[int] = ContextVar("longest_text", default=2**16)  # in the heaps of the open file


@contextlib.contextmanager
def open_file(path: str) -> "Iterator[h5py.File]":
    """Open the HDF5 file `path` for reading in the block, within the bounds of `budget.memory_for`."""
    import h5py

    longest = check_heaps(path)
    with budget.memory_for(os.path.getsize(path)), within(_longest_text, longest), h5py.File(path, "r") as file:
        yield file


@contextlib.contextmanager
def in_place_of(group: Any, reading: bool) -> Iterator[str]:
    """Give the path of a file for the block: a copy of the open `group` if `reading`, else what the block fills."""
    import h5py

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        if reading:
            with h5py.File(path, "w") as file:
                _copy(group, file)
        yield path
        if not reading:
            with h5py.File(path, "r") as file:
                _copy(file, group)


def _copy(source, target):
    for name in source:
        if name in target:
            del target[name]
        source.copy(name, target)
    target.attrs.update(source.attrs)


@contextlib.contextmanager
def open_bytes(content: bytes) -> "Iterator[h5py.File]":
    """Open the bytes of an HDF5 file, `content`, in the same way."""
    import h5py

    with within(_longest_text, check_heaps_in(content)), h5py.File(io.BytesIO(content), "r") as file:
        yield file


@contextlib.contextmanager
def new_file(path: str) -> "Iterator[h5py.File]":
    """Make an HDF5 file for writing in the block, and write it to `path` at the end.

    The file is made in memory and written by Python, because libhdf5 ends the process if the disk is full.
    """
    content = io.BytesIO()
    with new_content(content) as file:
        yield file
    with open(path, "wb") as whole:
        whole.write(content.getvalue())


def new_content(content: io.BytesIO) -> "h5py.File":
    """Make an HDF5 file in the memory of `content`, for writing in the block.

    `content.getvalue()` gives the bytes without a copy. A view of them, held by the error of a full disk, would end
    Python 3.12.1 when it collects its garbage.
    """
    import h5py

    return h5py.File(content, "w")


def decode(value: Any) -> str:
    """The text `value` as HDF5 gives it, bytes or str."""
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    if isinstance(value, bytes):
        return value.decode("utf8")
    if not isinstance(value, str):
        raise FileError(f"a text was expected; the file holds {type(value).__name__}.")
    return str(value)


def read_attribute(group: "h5py.Group | h5py.Dataset", name: str) -> Any:
    """The attribute `name` of `group`, or None. Refuses a huge declared size, as of damaged files, before reading."""
    if name not in group.attrs:
        return None
    attribute = group.attrs.get_id(name)
    count = math.prod(attribute.shape or ())
    if count > MOST_NAMES:
        raise FileError(f"attribute {name!r} declares the size {attribute.shape}.")
    each = _longest_text.get() if attribute.dtype.kind == "O" else attribute.dtype.itemsize
    budget.pass_through(count * each, f"attribute {name!r}")
    return group.attrs[name]


def read_string(group: "h5py.Group | h5py.Dataset", name: str) -> str | None:
    """The attribute `name` of `group`, a text, or None."""
    value = read_attribute(group, name)
    return None if value is None else decode(value)


def write_names(group: "h5py.Group", attribute: str, names: Sequence[str]) -> None:
    """Write the list `names` as the `attribute` of `group`; long lists in numbered pieces, as Keras 2 does."""
    encoded = [name.encode("utf8") for name in names]
    longest = max(map(len, encoded), default=1)
    count = max(1, LONGEST_ATTRIBUTE // longest)
    if len(encoded) <= count:
        group.attrs[attribute] = np.array(encoded, dtype=f"S{longest}")
        return
    for number, first in enumerate(range(0, len(encoded), count)):
        group.attrs[f"{attribute}{number}"] = np.array(encoded[first : first + count])


def read_names(group: "h5py.Group", attribute: str) -> list[str] | None:
    """Read the list of names that `write_names` wrote as the `attribute` of `group`; None if there is none."""
    values = read_attribute(group, attribute)
    if values is None:
        pieces: list[Any] = []
        while (piece := read_attribute(group, f"{attribute}{len(pieces)}")) is not None:
            pieces.append(np.ravel(piece))
        if not pieces:
            return None
        values = [value for piece in pieces for value in piece]
    return [decode(value) for value in np.ravel(values)]


def write_places(group: "h5py.Group", attribute: str, names: Sequence[str]) -> list[str]:
    """Write the list `names` as the `attribute` of `group`; returns the HDF5 path of each.

    The path is the name itself, unless HDF5 would read it as another path: `a//b`, or `a/b` beside `a`. If any path
    differs from its name, all paths are written to a second attribute.
    """
    write_names(group, attribute, names)
    used: set[str] = set()
    above: set[str] = set()
    paths = []
    for number, name in enumerate(names):
        path = name
        if "\0" in name or not all(part not in ("", ".") for part in name.split("/")):
            path = f"number_{number}"
        while path in used or path in above or not used.isdisjoint(_prefixes(path)):
            path = f"number_{number}" if path == name else path + "_"
        used.add(path)
        above.update(_prefixes(path))
        paths.append(path)
    if paths != list(names):
        write_names(group, f"{attribute}_paths", paths)
    return paths


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts))]


def read_places(group: "h5py.Group", attribute: str, names: list[str]) -> list[str]:
    """Read the path of each of the `names` that `write_places` wrote as the `attribute` of `group`."""
    if len(set(names)) < len(names):
        raise FileError(f"{attribute} of {group.name!r} lists a name twice.")
    paths = read_names(group, f"{attribute}_paths")
    if paths is None:
        return names
    if len(paths) != len(names):
        raise FileError(f"{attribute} of {group.name!r} lists {len(names)} names with {len(paths)} paths.")
    return paths


def read_item(group: "h5py.Group", name: str) -> Any:
    """The group or dataset `name` in `group`; refuses links to elsewhere."""
    import h5py

    place = group
    for part in str(name).strip("/").split("/"):
        if not isinstance(place, h5py.Group) or part not in place:
            raise FileError(f"{group.name!r} should hold {name!r}, and does not.")
        if not isinstance(place.get(part, getlink=True), h5py.HardLink):
            raise FileError(f"{part!r} in {place.name!r} is a link to elsewhere; weights must lie in the file itself.")
        place = place[part]
    return place


def read_array(group: "h5py.Group", name: str) -> StoredArray:
    """The dataset `name` in `group` as a `StoredArray` of this name."""
    return stored_array(read_item(group, name), name)


def stored_array(dataset: Any, name: str = "") -> StoredArray:
    """The HDF5 `dataset` as a `StoredArray` of the given `name`; refuses data outside of the file."""
    if not hasattr(dataset, "dtype"):
        raise FileError(f"{dataset.name!r} is a group where an array of numbers was expected.")
    if dataset.external or dataset.is_virtual:
        raise FileError(f"{dataset.name!r} points at data in another file; weights must lie in the file itself.")
    short = dataset.dtype == "V2"  # bfloat16, which HDF5 has not
    if not short and dataset.dtype.kind not in "fiub" or dataset.shape is None:
        raise FileError(f"{dataset.name!r} holds {dataset.dtype} where numbers were expected.")
    _check_packing(dataset)
    size = dataset.dtype.itemsize
    budget.pass_through(size * math.prod(dataset.chunks or ()), f"a piece of array {dataset.name!r}")
    budget.take(size * math.prod(dataset.shape), f"array {dataset.name!r}")
    return StoredArray(tuple(dataset.shape), lambda: _numbers(dataset[()], short), name)


def _numbers(value: Any, short: bool) -> Any:
    if not short:
        return np.asarray(value)
    from ml_dtypes import bfloat16  # deferred: few files need it

    return np.asarray(value).view(bfloat16)


def write_array(group: "h5py.Group", name: str, value: Any) -> None:
    """Write the array `value` as the dataset `name` of `group`; bfloat16, which HDF5 has not, is noted as by Keras 3."""
    array = np.asarray(value)
    made = group.create_dataset(name, data=array)
    if array.dtype.name == "bfloat16":
        made.attrs["dtype"] = "bfloat16"


def _check_packing(dataset: Any) -> None:
    """Refuse numbers that are compressed twice, or by a filter that may take any amount of memory."""
    made = dataset.id.get_create_plist()
    filters = [made.get_filter(i)[0] for i in range(made.get_nfilters())]
    unbounded = [_UNBOUNDED[number] for number in filters if number in _UNBOUNDED]
    if unbounded or len([number for number in filters if number not in _HARMLESS]) > 1:
        named = ", ".join(unbounded) or f"{len(filters)} filters"
        raise FileError(f"{dataset.name!r} is packed by {named}, which is not read: h5repack -f NONE unpacks it.")
