"""The prediction step: batches of many sizes run in programs for few sizes, padded with rows that are dropped."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from horngate.backend import kernels
from horngate.training.step import Step

_EXACT = 4  # this many sizes get a program of their own; so does a size that comes _AGAIN times in a row
_AGAIN = 8


class PredictStep(Step):
    """A prediction step. From the fifth size on, it rounds sizes up if each output row needs only its input row."""

    def __init__(self, function: Any) -> None:
        super().__init__(function, 0)
        self._exact: dict[Any, set[int]] = {}  # shape of a row -> sizes with programs of their own
        self._apart: dict[Any, bool] = {}  # (shape of a row, size, rounded size) -> whether rows are independent
        self._programs: dict[Any, Any] = {}  # the traced programs for rounded sizes
        self._last: tuple[Any, int] = None, 0  # the last size, and how many times in a row it came

    @functools.cached_property
    def of_own_rows(self) -> "PredictStep":
        """The step whose outputs are those of a part of the samples, if several processes share them."""
        layout = self.function.layout
        if layout is None or not layout.spans:
            return self
        from horngate.training.shared_predictions import OwnPredictStep  # not imported where there is one process

        return OwnPredictStep(self.function, layout)

    def own_batches(self, spec: Any, inputs: list[Any], count: int, batch_size: int) -> Iterator[Any]:
        """Yield batches of which this process keeps a part, as pairs (arrays for the step, number of its samples)."""
        raise NotImplementedError

    def outputs(self, feeds: Sequence[Any], proven: Any, size: int) -> list[Any]:
        """Return the outputs for arrays with `size` rows."""
        sizes = tuple([x.shape[1:] for x in feeds])
        if not self._as_they_are(sizes, size):
            whole = rounded(size)
            if whole != size and self._independent(feeds, proven, (sizes, size, whole)):
                filled = [np.concatenate([x, filling(x, whole - size)]) for x in feeds]
                return [np.asarray(output)[:size] for output in self.function.on_device(filled, 0, proven)]
        return self.function.on_device(feeds, 0, proven)

    def _as_they_are(self, sizes, size):
        """Return whether this size has a program of its own."""
        exact = self._exact.setdefault(sizes, set())
        if size in exact:
            return True
        times = self._last[1] + 1 if self._last[0] == (sizes, size) else 1
        self._last = (sizes, size), times
        if len(exact) < _EXACT or times >= _AGAIN or self.function.mutates:
            exact.add(size)
        return size in exact

    def _independent(self, feeds, proven, key):
        if key not in self._apart:
            sizes, size, whole = key
            known = all(type(x) is np.ndarray for x in feeds)
            self._apart[key] = known and self._proven(feeds, proven, size, whole, sizes)
        return self._apart[key]

    def _proven(self, feeds, proven, size, whole, sizes):
        """Return whether rows are independent in the programs for both sizes."""
        from horngate.training.programs import traced  # slow to import and seldom needed
        from horngate.training.row_independence import rows_are_independent

        with kernels.without():  # kernels would hide their operations
            if (sizes, whole) not in self._programs:
                self._programs[sizes, whole] = traced(self.function, _like(feeds, whole), 0, proven)
            one, other = traced(self.function, _like(feeds, size), 0, proven), self._programs[sizes, whole]
        state = len(self.function.variables)
        rows = [*[False] * state, *[True] * len(feeds), False]
        return rows_are_independent(one, other, rows, (size, whole), len(self.function.outputs))


def _like(feeds, count):
    return tuple([jax.ShapeDtypeStruct((count, *x.shape[1:]), x.dtype) for x in feeds])


def rounded(size: int) -> int:
    """Round `size` up to the next of 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: to at most 1.5 times `size`."""
    power = 1 << (size - 1).bit_length()
    return power * 3 // 4 if power >= 4 and power * 3 // 4 >= size else power


def filling(x: np.ndarray, count: int) -> np.ndarray:
    """Make `count` rows to append to `x`: copies of its last row, so that they hold valid numbers."""
    return np.broadcast_to(x[-1:], (count, *x.shape[1:]))
