"""The registry of file formats: a format of one's own is a module beside this one and a line in `FORMATS`."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from horngate.saving.formats import hdf5, keras3, safetensors
from horngate.saving.stored_weights import StoredWeights
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import path_of


@dataclass(frozen=True)
class Format:
    """How weights of one format are read and written.

    # Arguments
        read: function of a path: a context manager that gives a `StoredWeights`, whose numbers can be read within it.
        write: function of a path and a `StoredWeights`; None where horngate only reads the format.
    """

    read: Callable[[str], AbstractContextManager[StoredWeights]]
    write: Callable[[str, StoredWeights], None] | None = None


HDF5 = Format(hdf5.read, hdf5.write)

FORMATS: dict[str, Format] = {
    ".h5": HDF5,
    ".hdf5": HDF5,
    ".keras": Format(keras3.read),
    ".safetensors": Format(safetensors.read, safetensors.write),
}


_OTHERS = {
    **dict.fromkeys((".json", ".yaml", ".yml"), "write what model.to_json() or model.to_yaml() gives into it"),
    **dict.fromkeys((".npy", ".npz"), "give model.get_weights() to numpy"),
    **dict.fromkeys((".pkl", ".pickle"), "give the model to pickle.dump"),
    ".onnx": "see horngate.export",
}


def writer_for(filepath: PathLike) -> Callable[[str, StoredWeights], None]:
    """The function that writes a file named `filepath`: of the format that its name ends in, else HDF5.

    Programs of Keras 3 call their files .keras, a format that horngate reads: they get HDF5, and are told. So are those
    that name a file as if it would hold something else.
    """
    found = _by_name(filepath)
    suffix = os.path.splitext(path_of(filepath))[1]
    if found.write is None:
        from horngate.backend.notices import remark  # weights are written without JAX

        remark(
            f"{os.path.basename(os.fspath(filepath))} is written as HDF5, which horngate knows under any name; Keras 3 "
            "wants such a file to end in .h5."
        )
        return hdf5.write
    if suffix in _OTHERS:
        from horngate.backend.notices import remark

        remark(
            f"{os.path.basename(filepath)} is written as HDF5, not as {suffix} says: call it .h5, or {_OTHERS[suffix]}."
        )
    return found.write


def format_of(filepath: PathLike) -> Format:
    """The format of the file `filepath`: HDF5 where it begins as such, whatever its name; else by its name."""
    with open(filepath, "rb") as file:
        return HDF5 if file.read(len(hdf5.SIGNATURE)) == hdf5.SIGNATURE else _by_name(filepath)


def _by_name(filepath: PathLike) -> Format:
    name = path_of(filepath)
    return next((found for suffix, found in FORMATS.items() if name.endswith(suffix)), HDF5)
