"""The steps of predict and evaluate: batches of many sizes run in programs for few, with rows that do not count."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from horngate.backend import kernels
from horngate.backend.dispatch import Dispatch
from horngate.training.step import Step

_EXACT = 4  # this many sizes get a program of their own; so does a size that comes _AGAIN times in a row
_AGAIN = 8


class RoundingStep(Step):
    """A step that does not train. From the fifth size on, it rounds sizes up where the added rows change no result."""

    def __init__(self, function: Any) -> None:
        super().__init__(function, 0)
        self._exact: dict[Any, set[int]] = {}  # shapes of a row -> sizes with programs of their own
        self._apart: dict[Any, Any] = {}  # (shapes of a row, size, rounded size) -> what is proven, or False or None
        self._programs: dict[Any, Any] = {}  # the traced programs for rounded sizes
        self._last: tuple[Any, int] = None, 0  # the last size, and how many times in a row it came

    masks = False  # whether programs for rounded sizes differ from those for just these sizes

    def rounding(self, feeds: Sequence[Any], proven: Any, size: int) -> tuple[int, Any]:
        """Return (the size in which `size` rows are to run, what is proven of it; False or None if they run as is)."""
        sizes = tuple([None if x is None else x.shape[1:] for x in feeds])
        if self._as_they_are(sizes, size):
            return size, None
        whole = rounded(size)
        if whole == size and not (self.masks and size > 1):
            return size, None
        key = sizes, size, whole
        if key not in self._apart:
            known = all(x is None or type(x) is np.ndarray for x in feeds)
            self._apart[key] = known and self._proven(feeds, proven, size, whole, sizes)
        return whole, self._apart[key]

    def _as_they_are(self, sizes, size):
        """Return whether this size has a program of its own."""
        exact = self._exact.setdefault(sizes, set())
        if size in exact:
            return True
        times = self._last[1] + 1 if self._last[0] == (sizes, size) else 1
        self._last = (sizes, size), times
        if len(exact) < _EXACT or times >= _AGAIN:
            exact.add(size)
        return size in exact

    def _proven(self, feeds, proven, size, whole, sizes):
        """Return what is proven of the programs for both sizes."""
        from horngate.training.programs import traced  # slow to import and seldom needed

        with kernels.without():  # kernels would hide their operations
            if (sizes, whole) not in self._programs:
                self._programs[sizes, whole] = traced(self.function, _like(feeds, whole), self.phase, proven)
            fewer = size if size < whole else whole - 1
            one, other = traced(self.function, _like(feeds, fewer), self.phase, proven), self._programs[sizes, whole]
        rows = [*[False] * len(self.function.variables), *[True for x in feeds if x is not None], False]
        return self._compared(one, other, rows, (fewer, whole), size)

    def _compared(self, one, other, rows, counts, size):
        raise NotImplementedError


class PredictStep(RoundingStep):
    """A prediction step; it rounds sizes up if each output row needs only its input row."""

    @functools.cached_property
    def of_own_rows(self) -> "PredictStep":
        """The step whose outputs are those of a part of the samples, if several processes share them."""
        layout = self.function.layout
        if layout is None or not layout.spans:
            return self
        from horngate.training.shared_predictions import SharedPredictStep  # not imported where there is one process

        return SharedPredictStep(self.function, layout)

    def own_batches(self, spec: Any, inputs: list[Any], count: int, batch_size: int) -> Iterator[Any]:
        """Yield batches of which this process keeps a part, as pairs (arrays for the step, number of its samples)."""
        raise NotImplementedError

    def outputs(self, feeds: Sequence[Any], proven: Any, size: int) -> list[Any]:
        """Return the outputs for arrays with `size` rows."""
        exact = self._exact.get(tuple([x.shape[1:] for x in feeds]), ())
        if size not in exact and not self.function.mutates and not self.phase:
            whole, independent = self.rounding(feeds, proven, size)
            if independent:
                found = self.function.on_device(filled(feeds, whole), 0, proven)
                return [np.asarray(output)[:size] for output in found]
        return self.function.on_device(feeds, self.phase, proven)

    def _compared(self, one, other, rows, counts, size):
        from horngate.training.row_independence import rows_are_independent

        return rows_are_independent(one, other, rows, counts, len(self.function.outputs))


class EvaluateStep(RoundingStep):
    """A step of `evaluate`; it rounds sizes up if its reductions can be masked so that the added rows do not count."""

    masks = True

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._masked: dict[Any, Dispatch] = {}  # (shapes of a row, rounded size, masks) -> its program
        self._plain: set[Any] = set()  # shapes of feeds that run as they are from now on

    def one(self, feeds: Any, proven: Any = ()) -> Any:
        shapes = tuple([x if x is None else x.shape for x in feeds])
        if shapes in self._plain:  # most calls: nothing may delay them
            return self.function.on_device(feeds, self.phase, proven)[0]
        size = next((shape[0] for shape in shapes if shape is not None), 0) if self.function.layout is None else 0
        whole, found = self.rounding(feeds, proven, size) if size else (0, None)
        if not found:
            if not size or size in self._exact[tuple([x if x is None else x[1:] for x in shapes])]:
                self._plain.add(shapes)
            return super().one(feeds, proven)
        dispatch, numbers = found
        rows = [x for x in filled(feeds, whole) if x is not None]
        outputs, report = dispatch(rows, numbers, self.function.next_key(), np.int32(size))
        self.function.settle(report)
        return outputs[0]

    def _compared(self, one, other, rows, counts, size):
        """Return (the program with masks, the numbers that it needs for `size`), or None."""
        from horngate.training.programs import number_at
        from horngate.training.row_independence import replacements

        found = replacements(one, other, rows, counts)
        if found is None:
            return None
        key = id(other), tuple(found.numbers), tuple(found.masks.items())
        if key not in self._masked:
            self._masked[key] = self._made(other, list(found.numbers), found.masks)
        exact = one if size < counts[1] else other
        return self._masked[key], tuple(number_at(exact, place) for place in found.numbers)

    def _made(self, program, places, masks):
        from horngate.training.row_independence import run_masked

        function = self.function

        def run(state, rows, numbers, key, count):
            flat = run_masked(program, masks, dict(zip(places, numbers)), count, [*state, *rows, key])
            outputs, rest = flat[: len(function.outputs)], flat[len(function.outputs) :]
            kept = len(rest) - len(state) if function.mutates else len(rest)
            return (outputs, rest[0] if kept else None), tuple(rest[kept:])

        return Dispatch(function, run, arguments=5, static=0)


def _like(feeds, count):
    return tuple([x if x is None else jax.ShapeDtypeStruct((count, *x.shape[1:]), x.dtype) for x in feeds])


def filled(feeds: Sequence[Any], whole: int) -> list[Any]:
    """Return arrays of `whole` rows that begin with `feeds`."""
    return [x if x is None else np.concatenate([x, filling(x, whole - len(x))]) for x in feeds]


def rounded(size: int) -> int:
    """Round `size` up to the next of 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: to at most 1.5 times `size`."""
    power = 1 << (size - 1).bit_length()
    return power * 3 // 4 if power >= 4 and power * 3 // 4 >= size else power


def filling(x: np.ndarray, count: int) -> np.ndarray:
    """Make `count` rows to append to `x`: copies of its last row, so that they hold valid numbers."""
    return np.broadcast_to(x[-1:], (count, *x.shape[1:]))
