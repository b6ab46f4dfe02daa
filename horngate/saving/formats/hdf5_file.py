"""HDF5 files read with care: no damaged heap, no attribute of any size, no link and no data outside of the file."""

import contextlib
import io
import math
import os
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving.files import FileError
from horngate.saving.formats.hdf5_heaps import check_heaps, check_heaps_in
from horngate.saving.stored_weights import StoredArray
from horngate.utils import budget

if TYPE_CHECKING:
    import h5py

LONGEST_ATTRIBUTE = 60_000  # bytes; HDF5 takes no list of texts beyond 64 KiB as an attribute
MOST_NAMES = 1_000_000
# HDF5's numbers for filters: those that pack nothing, and those that take whatever memory their own parameters ask for.
_HARMLESS, _UNBOUNDED = {2: "shuffle", 3: "fletcher32"}, {5: "nbit", 6: "scaleoffset"}

_longest_text: ContextVar[int] = ContextVar("longest_text", default=2**16)  # in the heaps of the file that is read


@contextlib.contextmanager
def open_file(path: str) -> "Iterator[h5py.File]":
    """The HDF5 file `path`, open for reading while the block lasts, within the bounds of `budget.memory_for`."""
    import h5py

    longest = check_heaps(path)
    with budget.memory_for(os.path.getsize(path)), _texts_of(longest), h5py.File(path, "r") as file:
        yield file


@contextlib.contextmanager
def open_bytes(content: bytes) -> "Iterator[h5py.File]":
    """The same for the bytes of a file, `content`."""
    import h5py

    with _texts_of(check_heaps_in(content)), h5py.File(io.BytesIO(content), "r") as file:
        yield file


@contextlib.contextmanager
def _texts_of(longest: int) -> Iterator[None]:
    token = _longest_text.set(longest)
    try:
        yield
    finally:
        _longest_text.reset(token)


@contextlib.contextmanager
def new_file(path: str) -> "Iterator[h5py.File]":
    """An HDF5 file, open for writing while the block lasts, and at `path` after it.

    It is made in memory, and its bytes are written by Python: libhdf5 ends the process where a disk is full.
    """
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        yield file
    with open(path, "wb") as whole:
        whole.write(content.getbuffer())


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
    """The attribute `name` of `group`, or None. A damaged one may declare any size: such are refused unread."""
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
    """Write a list of `names` as the `attribute` of `group`; a long one in numbered pieces, as Keras 2 does."""
    encoded = [name.encode("utf8") for name in names]
    longest = max(map(len, encoded), default=1)
    count = max(1, LONGEST_ATTRIBUTE // longest)
    if len(encoded) <= count:
        group.attrs[attribute] = np.array(encoded, dtype=f"S{longest}")
        return
    for number, first in enumerate(range(0, len(encoded), count)):
        group.attrs[f"{attribute}{number}"] = np.array(encoded[first : first + count])


def read_names(group: "h5py.Group", attribute: str) -> list[str] | None:
    """A list of names that `write_names` wrote as the `attribute` of `group`; None if there is none."""
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
    """Write a list of `names` as the `attribute` of `group`; returns the path that each has in it.

    That is the name itself, unless HDF5 takes it for the path of another, as `a//b`, or `a/b` where there is an `a`.
    Where one has another path, all stand in a second attribute.
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
    """The path of each of the `names` that `write_places` wrote as the `attribute` of `group`."""
    if len(set(names)) < len(names):
        raise FileError(f"{attribute} of {group.name!r} lists a name twice.")
    paths = read_names(group, f"{attribute}_paths")
    if paths is None:
        return names
    if len(paths) != len(names):
        raise FileError(f"{attribute} of {group.name!r} lists {len(names)} names with {len(paths)} paths.")
    return paths


def read_item(group: "h5py.Group", name: str) -> Any:
    """The group or dataset `name` in `group`; links that lead elsewhere are refused."""
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
    """The HDF5 `dataset` as a `StoredArray` of this `name`. One whose numbers lie outside the file is refused."""
    if not hasattr(dataset, "dtype"):
        raise FileError(f"{dataset.name!r} is a group where an array of numbers was expected.")
    if dataset.external or dataset.is_virtual:
        raise FileError(f"{dataset.name!r} points at data in another file; weights must lie in the file itself.")
    if dataset.dtype.kind not in "fiub" or dataset.shape is None:
        raise FileError(f"{dataset.name!r} holds {dataset.dtype} where numbers were expected.")
    _check_packing(dataset)
    size = dataset.dtype.itemsize
    budget.pass_through(size * math.prod(dataset.chunks or ()), f"a piece of array {dataset.name!r}")
    budget.take(size * math.prod(dataset.shape), f"array {dataset.name!r}")
    return StoredArray(tuple(dataset.shape), lambda: np.asarray(dataset[()]), name)


def _check_packing(dataset: Any) -> None:
    """Refuse numbers that were packed twice, or in a way that takes memory without bound."""
    made = dataset.id.get_create_plist()
    filters = [made.get_filter(i)[0] for i in range(made.get_nfilters())]
    unbounded = [_UNBOUNDED[number] for number in filters if number in _UNBOUNDED]
    if unbounded or len([number for number in filters if number not in _HARMLESS]) > 1:
        named = ", ".join(unbounded) or f"{len(filters)} filters"
        raise FileError(f"{dataset.name!r} is packed by {named}, which is not read: h5repack -f NONE unpacks it.")
