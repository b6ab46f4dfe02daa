"""Batches that several processes share: each reads its own rows. Not used with one process."""

import contextlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from horngate.backend.mesh import Layout
from horngate.training.arrays import dense, rows_of
from horngate.training.spec import Samples

_SOME = 64  # rows of an array that are compared


def own_part(layout: Layout, read: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a function like `read` that reads only the rows of this process; the others are zeros, and not used."""

    def read_own(array, chosen):
        if array is None:
            return None
        own = layout.own_rows(len(chosen))
        return _filled(read(array, chosen[own]), own.start, len(chosen))

    return read_own


def _filled(rows, start, count):
    """Return an array of `count` rows that holds `rows` from `start` on; the system gives no memory for the rest."""
    if len(rows) == count:
        return rows
    whole = np.zeros((count, *rows.shape[1:]), rows.dtype)
    whole[start : start + len(rows)] = rows
    return whole


def agree_on_arrays(arrays: Sequence[Any]) -> None:
    """Raise ValueError if the processes have different arrays, judging by some rows of each."""
    found = [0]
    for array in arrays:
        if array is not None:
            count = int(array.shape[0])
            chosen = np.unique(np.linspace(0, count - 1, min(count, _SOME)).astype(int))
            found += [count, _checksum([np.asarray(rows_of(array, chosen))])]
    _refuse_others(found, "other data", "Let each make or read the same arrays: with a seed, or from one file")


def _checksum(arrays):
    total = 0
    for array in arrays:
        if array is not None and array.size:
            total = zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data, total)
    return total


def _refuse_others(numbers, what, advice):
    from horngate.backend import processes  # not imported where there is one process

    other = processes.differing([len(numbers), zlib.crc32(np.array(numbers, np.int64).data)])
    if other is not None:
        raise ValueError(f"process {other} has {what} than process 0. {advice}.")


def joined(batches: Iterator[Samples], layout: Layout, source: Any, compared: bool) -> Iterator[Samples]:
    """Yield the batches of an iterable: drawn alike by all processes, or each put together of all their shares.

    `source`: the iterable. If it has an attribute `needs`, such as iterators over files of images, it is told which
    samples of a batch this process uses, after the first batch. `compared`: whether that has been compared before.
    """
    with contextlib.closing(batches):  # type: ignore[type-var]  # they come from a generator
        yield from _put_together(batches, layout) if layout.own else _compared(batches, layout, source, compared)


def _compared(batches, layout, source, compared):
    for number, batch in enumerate(batches):
        if not number and hasattr(source, "needs"):
            source.needs = layout.own_rows
        if not number and not compared:
            arrays = [None if array is None else np.asarray(dense(array)) for array in batch.arrays]
            _refuse_others(
                [batch.size, _checksum(arrays)],
                "another first batch",
                "Let the iterable give the same batches in every process, or only the samples of each, and say so: "
                "horngate.distribute(batches='own')",
            )
        yield batch


def _put_together(batches, layout):
    """Yield batches of which each process has drawn its share; they end where those of one process end."""
    from horngate.backend import processes

    while True:
        batch = next(batches, None)
        sizes = processes.gathered(np.array([0 if batch is None else batch.size], np.uint32))[:, 0].tolist()
        if batch is None or 0 in sizes:
            return
        first = sum(sizes[: processes.index()])
        own = layout.own_rows(sum(sizes))
        if (own.start, own.stop) != (first, first + batch.size) or len(set(sizes)) > 1:
            raise ValueError(
                f"with batches='own', each process must give as many samples, a multiple of its "
                f"{layout.shares // len(sizes)} devices; they gave {sizes}."
            )
        yield Samples(*([_share(array, first, sum(sizes)) for array in part] for part in batch))


def _share(array, first, count):
    return None if array is None else _filled(np.asarray(dense(array)), first, count)
