"""The registry of file formats. A new format is a module beside this one and a line in `FORMATS`."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from horngate.saving.files import FileError
from horngate.saving.formats import hdf5, keras3, safetensors
from horngate.saving.stored_weights import StoredWeights
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import path_of


@dataclass(frozen=True)
class Format:
    """A format of weights.

    # Arguments
        read: function of a path; returns a context manager of a `StoredWeights`, read in its block.
        write: function of a path and a `StoredWeights`; None if horngate only reads the format.
    """

    read: Callable[[str], AbstractContextManager[StoredWeights]]
    write: Callable[[str, StoredWeights], None] | None = None


HDF5 = Format(hdf5.read, hdf5.write)
KERAS = Format(keras3.read)
SAFETENSORS = Format(safetensors.read, safetensors.write)

FORMATS: dict[str, Format] = {
    ".h5": HDF5,
    ".hdf5": HDF5,
    ".keras": KERAS,  # only a model writes it
    ".safetensors": SAFETENSORS,
}


_OTHERS = {
    **dict.fromkeys((".json", ".yaml", ".yml"), "write what model.to_json() or model.to_yaml() gives into it"),
    **dict.fromkeys((".npy", ".npz"), "give model.get_weights() to numpy"),
    **dict.fromkeys((".pkl", ".pickle"), "give the model to pickle.dump"),
    **dict.fromkeys((".onnx", ".stablehlo"), "see horngate.export"),
    **dict.fromkeys((".pt", ".pth"), "write .safetensors, which PyTorch reads, by save_weights"),
}


def writer_for(filepath: PathLike) -> Callable[[str, StoredWeights], None]:
    """The function that writes a file named `filepath`: by the ending of the name, else HDF5.

    A name that promises another format, such as .json, gets HDF5 and a remark. Raises FileError for `.keras`, which
    only a model can write.
    """
    found = format_of_name(filepath)
    suffix = os.path.splitext(path_of(filepath))[1]
    if found.write is None:
        raise FileError(
            f"{os.fspath(filepath)}: a {suffix} file holds a configuration beside the weights. Load the model, and "
            "save it under this name; weights alone go into a .h5 file."
        )
    if found is HDF5 and suffix in _OTHERS:
        from horngate.backend.notices import remark  # imports JAX, which writing does not need

        remark(
            f"{os.path.basename(filepath)} is written as HDF5, not as {suffix} says: call it .h5, or {_OTHERS[suffix]}."
        )
    return found.write


def format_of(filepath: PathLike) -> Format:
    """The format of the file `filepath`: HDF5 or .keras if it begins as these do, else by its name."""
    with open(filepath, "rb") as file:
        begins = file.read(len(hdf5.SIGNATURE))
    by_name = format_of_name(filepath)
    if begins == hdf5.SIGNATURE:
        return HDF5
    return KERAS if begins.startswith(b"PK\3\4") and by_name is HDF5 else by_name


def format_of_name(filepath: PathLike) -> Format:
    """The format that the name `filepath` tells by its ending; HDF5 for any other name."""
    name = path_of(filepath)
    return next((found for suffix, found in FORMATS.items() if name.endswith(suffix)), HDF5)
