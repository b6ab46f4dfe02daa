"""Arrays in HDF5 files."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.saving.formats.hdf5_file import new_file
from horngate.utils.generic_utils import PathLike
from horngate.utils.whole_files import ask_to_proceed_with_overwrite, atomic_write  # noqa: F401  the path of Keras

if TYPE_CHECKING:
    import h5py


def _dataset(file: "h5py.File", name: str) -> "h5py.Dataset":
    import h5py

    found = file[name]
    if not isinstance(found, h5py.Dataset):
        raise TypeError(f"{file.filename}: {name!r} is a group or a type; an array was expected.")
    return found


class HDF5Matrix(Sequence[Any]):
    """Rows of an HDF5 dataset as an array that reads from the file when indexed.

    # Arguments
        datapath: the file.
        dataset: name of the dataset in it.
        start, end: first row, and the row after the last; None for the end of the dataset.
        normalizer: function applied to the rows that are read, or None.
    """

    def __init__(
        self,
        datapath: PathLike,
        dataset: str,
        start: int = 0,
        end: int | None = None,
        normalizer: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        import h5py

        self._file = h5py.File(datapath, "r")
        self.data: h5py.Dataset = _dataset(self._file, dataset)
        self.start: int = start
        self.end: int = self.data.shape[0] if end is None else end
        self.normalizer: Callable[[np.ndarray], np.ndarray] | None = normalizer

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all rows together."""
        return (len(self), *self.data.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        """The type of the numbers."""
        return self.data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return int(np.prod(self.shape))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            first, stop, step = key.indices(len(self))
            rows = self.data[self.start + first : self.start + stop : step]
        elif isinstance(key, (int, np.integer)):
            if not -len(self) <= key < len(self):
                raise IndexError(f"row {key} of {len(self)}")
            rows = self.data[self.start + key % len(self)]
        else:  # HDF5 reads rows in increasing order, each once
            wanted = np.asarray(key) % len(self)
            unique, places = np.unique(wanted, return_inverse=True)
            rows = self.data[self.start + unique][places]
        return rows if self.normalizer is None else self.normalizer(rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)


def save_array(array: np.ndarray, name: PathLike) -> None:
    """Write `array` into an HDF5 file of that `name`."""
    with atomic_write(name) as path, new_file(path) as file:
        file.create_dataset("data", data=array)


def load_array(name: PathLike) -> np.ndarray:
    """Read the array from the file `name`, which `save_array` wrote."""
    import h5py

    with h5py.File(name, "r") as file:
        return _dataset(file, "data")[()]
