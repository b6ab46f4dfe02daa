"""Predictions of which each of several processes keeps its own rows. Not used with one process."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from horngate.backend import processes
from horngate.backend.function import Function
from horngate.backend.mesh import Layout, on_host
from horngate.training.arrays import rows_of
from horngate.training.predict_step import PredictStep
from horngate.training.shared_batches import own_part
from horngate.training.spec import Spec


class SharedPredictStep(PredictStep):
    """A prediction step of a function whose outputs stay on their devices, and of which each process reads its rows."""

    def __init__(self, function: Function, layout: Layout) -> None:
        apart = layout.in_parts()
        super().__init__(Function(function.inputs, function.outputs, name=function.name, layout=apart))
        self._read = own_part(apart, rows_of)
        self._kept = slice(0)  # of the rows of the current batch, those of this process

    def own_batches(self, spec: Spec, inputs: list[Any], count: int, batch_size: int) -> Iterator[Any]:
        for chosen, kept in shared(count, batch_size, jax.process_count(), processes.index()):
            self._kept = kept
            yield spec.fed_inputs([self._read(array, chosen) for array in inputs], inputs), kept.stop - kept.start

    def outputs(self, feeds: Sequence[Any], proven: Any, size: int) -> list[Any]:
        return [_own_rows(output, self._kept) for output in self.function.on_device(feeds, self.phase, proven)]


def shared(count: int, batch_size: int, among: int, index: int) -> Iterator[tuple[np.ndarray, slice]]:
    """Yield batches of `count` samples, as their rows, and which of them belong to process `index` of `among`.

    Each process has consecutive samples, and gives as many to each batch but the last, which holds what is left.
    """
    parts = np.array_split(np.arange(count), among)
    each = max(1, batch_size // among)
    full = len(parts[-1]) // each  # none has fewer
    for start in range(0, full * each, each):
        yield np.concatenate([part[start : start + each] for part in parts]), slice(index * each, (index + 1) * each)
    rest = [part[full * each :] for part in parts]
    if any(map(len, rest)):
        first = sum(map(len, rest[:index]))
        yield np.concatenate(rest), slice(first, first + len(rest[index]))


def _own_rows(output, kept):
    """Read the rows `kept` of an output from the devices of this process, or from all if they are not there."""
    held = {shard.index[0].indices(len(output))[:2]: shard.data for shard in output.addressable_shards}
    spans = sorted(held)
    first, whole = spans[0][0], all(one[1] == other[0] for one, other in zip(spans, spans[1:]))
    if not whole or kept.start < first or kept.stop > spans[-1][1]:
        return np.asarray(on_host(output))[kept]
    rows = np.concatenate([np.asarray(held[span]) for span in spans])
    return rows[kept.start - first : kept.stop - first]
