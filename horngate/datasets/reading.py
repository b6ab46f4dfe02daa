"""Reads data files of other programs without executing anything in them."""

import gzip
import pickle
import zipfile
from io import BufferedIOBase
from typing import IO, Any

import numpy as np

from horngate.utils.generic_utils import PathLike

Readable = IO[bytes] | BufferedIOBase
Parts = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

# The functions that a pickled NumPy array names; any other name in a file is refused.
_ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): lambda text, encoding="utf-8": str(text).encode(encoding),
}
_REBUILDS = ("numpy.core.multiarray", "numpy._core.multiarray")


class _PlainData(pickle.Unpickler):
    """Reads numbers, text, lists, dictionaries and arrays of them; refuses every function and class."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        if module in _REBUILDS and name in ("_reconstruct", "scalar"):
            return _reconstruct if name == "_reconstruct" else _scalar
        raise ValueError(f"the file names {module}.{name}: only plain data are read, nothing is executed.")


def _reconstruct(kind: Any, shape: Any, code: Any) -> np.ndarray:
    return np.ndarray((0,), code)  # the pickled state fills it afterwards


def _scalar(dtype: Any, content: bytes) -> Any:
    return np.frombuffer(content, dtype)[0]


def plain_data(file: Readable) -> Any:
    """The next object in the open `file` of pickled plain data.

    # Raises
        ValueError: if it holds anything but numbers, text, lists, dictionaries and arrays.
    """
    try:
        return _PlainData(file, encoding="latin1").load()
    except (pickle.UnpicklingError, EOFError, AttributeError, TypeError, IndexError) as error:
        raise ValueError(f"{getattr(file, 'name', 'the file')} cannot be read: {error}") from error


def pickled(path: PathLike) -> list[Any]:
    """All objects in the file `path` of pickled plain data, one after the other; it may be gzipped."""
    opened = gzip.open(path, "rb") if str(path).endswith(".gz") else open(path, "rb")
    with opened as file:
        found = [plain_data(file)]
        while file.peek(1):
            found.append(plain_data(file))
    return found


def arrays(path: PathLike) -> dict[str, np.ndarray]:
    """The arrays in the `.npz` file `path` by name; also arrays of lists, which NumPy reads only with pickle."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            with archive.open(member) as file:
                found[member.removesuffix(".npy")] = _array(file)
    return found


def _array(file: Readable) -> np.ndarray:
    version = np.lib.format.read_magic(file)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, in_columns, dtype = read_header[version](file)
    if dtype.hasobject:
        return np.asarray(plain_data(file), object).reshape(shape)
    values = np.frombuffer(file.read(), dtype)
    return values.reshape(shape, order="F" if in_columns else "C").copy()
