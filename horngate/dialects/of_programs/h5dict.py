"""H5Dict: an HDF5 file as a dictionary of dictionaries, as Keras 2.2 and 2.3 wrote models."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np


class H5Dict:
    """A dictionary of arrays, plain values and further dictionaries, in an HDF5 file.

    Arrays are datasets; numbers, texts and lists of them are attributes. A name that is not there is made into an empty
    group when it is read, unless the file was opened for reading.

    # Arguments
        path: the name of a file, an open h5py file or group, or a plain dict.
        mode: as for h5py.File: `'r'`, `'w'`, `'a'`.
    """

    data: Any
    read_only: bool

    def __init__(self, path: Any, mode: str = "a") -> None:
        self._opened = isinstance(path, (str, os.PathLike))
        if self._opened:
            import h5py

            path = h5py.File(path, mode)
        if not self.is_supported_type(path):
            raise TypeError(f"H5Dict, argument 'path': must be a file, a group or a dict; received {path!r}.")
        self.data, self.read_only = path, getattr(getattr(path, "file", None), "mode", "w") == "r"
        self._attributes: Any = getattr(path, "attrs", path)

    @staticmethod
    def is_supported_type(path: Any) -> bool:
        """Whether `path` is something that an H5Dict can be made of."""
        is_name = isinstance(path, (str, os.PathLike))
        return is_name or hasattr(path, "__contains__") and hasattr(path, "__setitem__")

    def __getitem__(self, attr: str) -> Any:
        if attr in self._attributes:
            found = self._attributes[attr]
        elif attr in self.data:
            found = self.data[attr]
        elif self.read_only:
            raise ValueError(f"H5Dict: there is nothing called {attr!r}, and the file was opened for reading.")
        elif isinstance(self.data, dict):
            found = self.data[attr] = {}
        else:
            found = self.data.create_group(attr)
        if hasattr(found, "keys"):
            return H5Dict(found)
        if hasattr(found, "chunks"):  # a dataset
            return found[()]
        return found.tolist() if isinstance(found, np.ndarray) and not isinstance(self.data, dict) else found

    def __setitem__(self, attr: str, val: Any) -> None:
        if self.read_only:
            raise ValueError(f"H5Dict: {attr!r} cannot be written: the file was opened for reading.")
        if attr in self:
            raise KeyError(f"H5Dict: {attr!r} is there already.")
        if isinstance(val, dict):
            self[attr].update(val)
        elif isinstance(val, np.ndarray) and not isinstance(self.data, dict):
            self.data.create_dataset(attr, data=val)
        else:
            self._attributes[attr] = val

    def __contains__(self, key: str) -> bool:
        return key in self._attributes or key in self.data

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.data, *self._attributes]))

    iter = __iter__

    def __len__(self) -> int:
        return len(list(iter(self)))

    def keys(self) -> list[str]:
        """The names of what is in it."""
        return list(iter(self))

    def get(self, key: str, default: Any = None) -> Any:
        """Return what `key` names, or `default`."""
        try:
            return self[key] if key in self.keys() else default
        except KeyError:
            return default

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set what the dictionary `args`, or `kwargs`, holds."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._opened:
            self.data.close()

    def __enter__(self) -> "H5Dict":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
