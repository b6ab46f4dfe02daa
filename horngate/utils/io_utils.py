"""Arrays in HDF5 files."""

from collections.abc import Sequence

import numpy as np


class HDF5Matrix(Sequence):
    """Rows of an HDF5 dataset as an array that is read when looked at.

    # Arguments
        datapath: the file.
        dataset: name of the dataset in it.
        start, end: first row, and the row after the last.
        normalizer: function applied to what is read.
    """

    def __init__(self, datapath, dataset, start=0, end=None, normalizer=None):
        import h5py

        self._file = h5py.File(datapath, "r")
        self.data = self._file[dataset]
        self.start, self.end = start, self.data.shape[0] if end is None else end
        self.normalizer = normalizer

    def __len__(self):
        return self.end - self.start

    @property
    def shape(self):
        """The shape of the rows together."""
        return (len(self), *self.data.shape[1:])

    @property
    def dtype(self):
        """The type of the numbers."""
        return self.data.dtype

    @property
    def ndim(self):
        """The number of axes."""
        return self.data.ndim

    def __getitem__(self, key):
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

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:], dtype=dtype)


def save_array(array, name):
    """Write an array into an HDF5 file."""
    import h5py

    with h5py.File(name, "w") as file:
        file.create_dataset("data", data=array)


def load_array(name):
    """Read an array from a file of `save_array`."""
    import h5py

    with h5py.File(name, "r") as file:
        return file["data"][()]


def ask_to_proceed_with_overwrite(filepath):
    """Ask on the terminal whether a file may be replaced."""
    answer = ""
    while answer not in ("y", "n"):
        answer = input(f"{filepath} exists already. Replace it? [y/n] ").strip().lower()[:1]
    return answer == "y"
