"""Rounding: predictions for many numbers of samples run in programs for a few, filled up with rows that are dropped."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from horngate.backend import kernels
from horngate.training.step import Step

_EXACT = 4  # so many numbers of samples have programs of their own, and each that comes _AGAIN times in turn
_AGAIN = 8


class PredictStep(Step):
    """The step that predicts. From the fifth number of samples on it rounds them up, where rows are kept apart."""

    def __init__(self, function: Any) -> None:
        super().__init__(function, 0)
        self._exact: dict[Any, set[int]] = {}  # sizes of a row -> the numbers of rows that are run as they are
        self._apart: dict[Any, bool] = {}  # (sizes of a row, number, rounded number) -> whether rows are kept apart
        self._programs: dict[Any, Any] = {}  # the traced programs for rounded numbers
        self._last: tuple[Any, int] = None, 0  # what came last, and how often in turn

    def outputs(self, feeds: Sequence[Any], proven: Any, size: int) -> list[Any]:
        """The outputs for arrays with `size` rows."""
        sizes = tuple([x.shape[1:] for x in feeds])
        if not self._as_they_are(sizes, size):
            whole = rounded(size)
            if whole != size and self._keeps_apart(feeds, proven, (sizes, size, whole)):
                filled = [np.concatenate([x, filling(x, whole - size)]) for x in feeds]
                return [np.asarray(output)[:size] for output in self.function.on_device(filled, 0, proven)]
        return self.function.on_device(feeds, 0, proven)

    def _as_they_are(self, sizes, size):
        """Whether so many rows have a program of their own."""
        exact = self._exact.setdefault(sizes, set())
        if size in exact:
            return True
        times = self._last[1] + 1 if self._last[0] == (sizes, size) else 1
        self._last = (sizes, size), times
        if len(exact) < _EXACT or times >= _AGAIN or self.function.mutates:
            exact.add(size)
        return size in exact

    def _keeps_apart(self, feeds, proven, key):
        if key not in self._apart:
            sizes, size, whole = key
            known = all(type(x) is np.ndarray for x in feeds)
            self._apart[key] = known and self._proven(feeds, proven, size, whole, sizes)
        return self._apart[key]

    def _proven(self, feeds, proven, size, whole, sizes):
        """Whether the programs for the two numbers of rows keep them apart."""
        from horngate.training.programs import traced  # which takes JAX's slow public paths: few need it
        from horngate.training.rows import keeps_apart

        with kernels.without():  # whose inside nobody sees
            if (sizes, whole) not in self._programs:
                self._programs[sizes, whole] = traced(self.function, _like(feeds, whole), 0, proven)
            one, other = traced(self.function, _like(feeds, size), 0, proven), self._programs[sizes, whole]
        state = len(self.function.variables)
        rows = [*[False] * state, *[True] * len(feeds), False]
        return keeps_apart(one, other, rows, (size, whole), len(self.function.outputs))


def _like(feeds, count):
    return tuple([jax.ShapeDtypeStruct((count, *x.shape[1:]), x.dtype) for x in feeds])


def rounded(size: int) -> int:
    """The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: at most half as many again."""
    power = 1 << (size - 1).bit_length()
    return power * 3 // 4 if power >= 4 and power * 3 // 4 >= size else power


def filling(x: np.ndarray, count: int) -> np.ndarray:
    """So many rows to add to those of `x`: copies of the last, which no layer refuses where it takes that one."""
    return np.broadcast_to(x[-1:], (count, *x.shape[1:]))
