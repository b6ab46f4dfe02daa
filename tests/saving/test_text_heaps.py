"""Texts in HDF5 attributes: whatever a damaged reference claims, it is refused before memory is taken for it."""

import struct

import h5py
import numpy as np
import pytest

from horngate.layers import Dense
from horngate.models import Sequential
from horngate.saving.files import FileError
from horngate.saving.formats.hdf5_heaps import check_heaps


def written(path, value, libver):
    with h5py.File(path, "w", libver=libver) as file:
        file["weights"] = np.arange(6.0)
        file["weights"].attrs["said"] = value
    return path.read_bytes()


VALUES = {"one": "kernel", "list": ["kernel", "bias"] * 3, "none": [], "table": [["a", "b"], ["c", "d"]]}
whole = pytest.mark.parametrize("value", [np.array(v, h5py.string_dtype()) for v in VALUES.values()], ids=VALUES)
versions = pytest.mark.parametrize("libver", ["earliest", "latest"])


@whole
@versions
def test_whole_files_pass(tmp_path, value, libver):
    written(tmp_path / "x.h5", value, libver)
    assert check_heaps(tmp_path / "x.h5") == max(map(len, np.ravel(value)), default=0)


@versions
@pytest.mark.parametrize("name", ["one", "list", "table"])
@pytest.mark.parametrize("place", [0x800, 0xFFFFFFFF, 7], ids=["its heap", "beyond", "odd"])
def test_a_length_beyond_the_file_is_refused(tmp_path, name, place, libver):
    path = tmp_path / "x.h5"
    content = bytearray(written(path, np.array(VALUES[name], h5py.string_dtype()), libver))
    heap = content.index(b"GCOL")
    first = content.index(struct.pack("<Q", heap)) - 4  # length, place of the heap, number
    for at in range(first, first + 16 * np.size(VALUES[name]), 16):
        damaged = content[:]
        struct.pack_into("<IQ", damaged, at, 0xFFFFFF06, place if place != 0x800 else heap)
        path.write_bytes(damaged)
        with pytest.raises(FileError, match="longer than the file"):
            check_heaps(path)


@versions
def test_a_number_of_texts_beyond_the_file_is_refused(tmp_path, libver):
    path = tmp_path / "x.h5"
    content = written(path, np.array(VALUES["list"], h5py.string_dtype()), libver)
    end = content.index(struct.pack("<Q", content.index(b"GCOL")))  # the first reference; the shape stands before it
    start = content.rindex(b"\x19\x01", 0, end)
    assert struct.pack("<Q", 6) in content[start:end]
    huge = content[start:end].replace(struct.pack("<Q", 6), struct.pack("<Q", 2**40))
    path.write_bytes(content[:start] + huge + content[end:])
    with pytest.raises(FileError, match="claims 1,099,511,627,776 texts"):
        check_heaps(path)


def test_weights_are_refused_and_stay(tmp_path):
    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"], group["1"] = np.ones((2, 1)), np.ones(1)
        group.attrs["name"] = "dense"
    content = path.read_bytes()
    at = content.index(struct.pack("<Q", content.index(b"GCOL"))) - 4
    path.write_bytes(content[:at] + struct.pack("<IQ", 0xFFFFFF06, 0xFFFFFFFF) + content[at + 12 :])
    model = Sequential([Dense(1, input_dim=2)])
    before = model.get_weights()
    with pytest.raises(ValueError, match="w.h5.*longer than the file"):
        model.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
