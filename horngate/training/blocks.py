"""Blocks: the rows of files that are read at once, the order of an epoch that reads each once, and parts of files."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate.training.arrays import in_memory, rows_of, slice_X

_BYTES = 2**22  # of a block, for arrays without chunks


def block_rows(arrays: Sequence[Any], batch_size: int) -> int:
    """Return the number of rows in a block: those of the files' largest chunk; without chunks, at least a batch."""
    chunks = [rows for array in arrays if (rows := _chunk(array)) is not None]
    if chunks:
        return max(chunks)
    widest = max(math.prod(array.shape[1:]) * array.dtype.itemsize for array in arrays if array is not None)
    return max(batch_size, _BYTES // max(1, widest))


def _chunk(array):
    """Return the number of rows in a chunk of a file of HDF5 or zarr; None without chunks."""
    rows = (getattr(array, "chunks", None) or (None,))[0]
    return rows if isinstance(rows, int) and rows > 0 else None


def in_blocks(count: int, rows: int, random: Any = np.random) -> np.ndarray:
    """Draw an order of `count` rows: blocks of `rows` rows in random order, and within each its rows."""
    starts = np.arange(0, count, rows)
    random.shuffle(starts)
    return np.concatenate([start + random.permutation(min(rows, count - start)) for start in starts])


class BlockReader:
    """A function like `rows_of` that reads whole blocks of `rows` rows, and keeps those of the last batch.

    `whole`: whether to read blocks of arrays without chunks too; otherwise only the rows asked for.
    """

    def __init__(self, rows: int, whole: bool = True) -> None:
        self._rows, self._whole = rows, whole
        self._held: dict[int, dict[int, np.ndarray]] = {}

    def __call__(self, array: Any, chosen: np.ndarray) -> Any:
        if in_memory(array) or hasattr(array, "tocsr") or not self._whole and _chunk(array) is None:
            return rows_of(array, chosen)
        numbers, before = chosen // self._rows, self._held.get(id(array), {})
        blocks = {n: before[n] if n in before else self._read(array, n) for n in np.unique(numbers).tolist()}
        self._held[id(array)] = blocks
        found = np.empty((len(chosen), *array.shape[1:]), array.dtype)
        for number, block in blocks.items():
            found[numbers == number] = block[chosen[numbers == number] - number * self._rows]
        return found

    def _read(self, array, number):
        return np.asarray(array[number * self._rows : (number + 1) * self._rows])


class Part:
    """Some consecutive rows of a file, read only when they are asked for.

    # Arguments
        file: an array in a file.
        start, stop: its first row, and the one after its last; None for all.
    """

    shape: tuple[int, ...]
    dtype: Any
    ndim: int
    chunks: Any

    def __init__(self, file: Any, start: int | None, stop: int | None) -> None:
        self._file, (self._start, stop, _) = file, slice(start, stop).indices(len(file))
        self.shape, self.dtype = (max(0, stop - self._start), *file.shape[1:]), file.dtype
        self.ndim, self.chunks = len(self.shape), getattr(file, "chunks", None)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, chosen: Any) -> np.ndarray:
        if isinstance(chosen, slice):
            first, last, step = chosen.indices(len(self))
            return np.asarray(self._file[self._start + first : self._start + last : step])
        return np.asarray(self._file[self._start + np.asarray(chosen)])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype)


def part_of(array: Any, start: int | None, stop: int | None) -> Any:
    """Return the rows from `start` to `stop` of an array; of a file, without reading them. None for None."""
    if array is None:
        return None
    of_memory = in_memory(array) or isinstance(array, np.ndarray) or hasattr(array, "tocsr")
    return slice_X(array, start, stop) if of_memory else Part(array, start, stop)
