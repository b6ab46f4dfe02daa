"""Step: the compiled step of a model. It runs chunks: many steps in one dispatch, or one on each batch of a stream."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend.dispatch import Dispatch
from horngate.backend.function import Function, current_phase
from horngate.backend.graph import Variable, jax_dtype
from horngate.backend.kernels.rows import gathered

# Seconds of work in one dispatch: with a live display, and without, where only Ctrl-C waits for it.
LIVE, QUIET = 0.1, 1.0


class Pace:
    """How many steps go into one dispatch: as many as take `span` seconds, found from how long the last ones took.

    # Arguments
        span: seconds; None for a single step each time, for callbacks that look at every batch.
        steps: how many are in the first dispatch.
    """

    span: float | None
    steps: int

    def __init__(self, span: float | None, steps: int = 1) -> None:
        self.span, self.steps, self._begun = span, steps, False

    def took(self, steps: int, seconds: float) -> None:
        """Learn how long a dispatch took."""
        if self.span is None:
            return
        held_compilation, self._begun = not self._begun and self.steps == 1, True
        wanted = min(max(1, steps * self.span / max(seconds, 1e-6)), steps * 16)
        self.steps = 4 if held_compilation else int(wanted)


@dataclass
class Slice:
    """A chunk of a pass over arrays: steps `first` to `stop` on `size` rows each, one after the other in `order`.

    Every chunk has `first`, `size`, `samples` (how many its steps take in all), and `feeds()`: the arrays of each step
    once more, for a look at what went wrong. It means the same steps whenever it is run.

    `skipped`: where it is the short last batch, the rows before it. `seldom`: so many steps come before it that it need
    not be fast. `proven`: see `Function.checked`. `pace` is told how long it took.
    """

    arrays: Sequence[Any]
    order: Any
    proven: Any
    first: int
    stop: int
    size: int
    pace: Pace | None = None
    skipped: int = 0
    seldom: bool = False

    @property
    def span(self) -> tuple[int, int, int]:
        """(start, stop, rows before step 0)."""
        return (0, 1, self.skipped) if self.skipped else (self.first, self.stop, 0)

    @property
    def samples(self) -> int:
        """How many rows its steps take."""
        return (self.stop - self.first) * self.size

    def feeds(self) -> Iterator[Any]:
        """The arrays of each step."""
        start, stop, skipped = self.span
        for i in range(start, stop):
            chosen = self.order[skipped + i * self.size : skipped + (i + 1) * self.size]
            yield tuple(None if array is None else array[chosen] for array in self.arrays)


class Step:
    """A compiled step: what it runs, in which phase, and which variables it trains.

    The function's first output are the sums of a batch: its loss and what its metrics are made of. They are kept apart,
    a row for each step, and added up later, so that how many steps went into one dispatch does not show in the last
    digit.
    """

    function: Function
    trained: Sequence[Variable]

    def __init__(self, function: Function, phase: int, trained: Sequence[Variable] = ()) -> None:
        self.function, self._phase, self.trained = function, phase, trained
        self._many = Dispatch(function, self._run_many, arguments=8, static=3)
        self._seldom = Dispatch(function, self._run_many, arguments=8, static=3, seldom=True)
        self.seen: set[int] = set()  # see `data.prepared_to_test`

    @property
    def programs(self) -> int:
        """How many programs have been compiled for batches that came by themselves."""
        return self.function.dispatch.made

    @property
    def phase(self) -> int:
        """0 test, 1 train."""
        return current_phase(self._phase)

    def run(self, chunk: Any) -> np.ndarray:
        """Run the steps of a chunk; returns their sums, a row for each.

        A step with numbers out of range raises, and neither it nor those after it change anything.
        """
        if isinstance(chunk, Slice):
            return self._run_slice(chunk)
        waiting = [self.one(*fed) for fed in chunk.fed()]  # the sums stay on the device till the end
        return np.array([np.asarray(sums, np.float64) for sums in waiting])

    def one(self, feeds: Any, proven: Any = ()) -> Any:
        """One step on arrays that fit the function's inputs; its sums, still on the device."""
        return self.function.on_device(feeds, self.phase, proven)[0]

    def prepare(self, chunk: Slice) -> None:
        """Begin to compile what such a chunk needs, in the background."""
        self._dispatch(chunk).prepare_in_background(*self._arguments(chunk, np.zeros(2, np.uint32)))

    def _run_slice(self, chunk):
        began, function, (start, stop, _) = time.perf_counter(), self.function, chunk.span
        # step `start` draws what it would draw if it were run alone
        key = function.next_key(stop - start) - np.array([0, start], np.uint32)
        rows, report = self._dispatch(chunk)(*self._arguments(chunk, key))
        function.settle(report)
        rows = np.asarray(rows)[start:stop].astype(np.float64)
        if chunk.pace is not None:
            chunk.pace.took(stop - start, time.perf_counter() - began)
        return rows

    def _dispatch(self, chunk):
        return self._seldom if chunk.seldom else self._many

    def _arguments(self, chunk, key):
        steps = 1 if chunk.skipped else max(1, len(chunk.order) // chunk.size)
        span = np.array(chunk.span, np.int32)
        return chunk.arrays, chunk.order, span, key, (steps, chunk.size), self.phase, chunk.proven

    def _run_many(self, state, arrays, order, span, key, size, phase, proven):
        """Steps `span[0]` to `span[1]`; `span[2]` samples come before step 0.

        `size`: the number of steps in a pass, and of samples in a step.
        """
        start, stop, skipped = span[0], span[1], span[2]
        function, sums, (steps, batch_size) = self.function, self.function.outputs[0], size
        reports = False

        def step(i, carry):
            nonlocal reports
            state, rows, report = carry
            chosen = lax.dynamic_slice(order, (skipped + i * batch_size,), (batch_size,))
            feeds = [None if array is None else gathered(array, chosen) for array in arrays]
            key_now = key + jnp.uint32([0, 1]) * i.astype(jnp.uint32)
            (outputs, now), new_state = function.checked(state, feeds, key_now, phase, proven, report)
            reports = now is not None
            rows = lax.dynamic_update_slice(rows, outputs[0].astype(rows.dtype)[None], (i, jnp.zeros_like(i)))
            return new_state if function.mutates else state, rows, now if reports else report

        rows = jnp.zeros((steps, *sums.shape), jax_dtype(sums.dtype))
        state, rows, report = lax.fori_loop(start, stop, step, (state, rows, jnp.zeros(2, "int32")))
        return (rows, report if reports else None), state if function.mutates else ()


class Steps:
    """The steps of a model by kind, `"train"`, `"test"` and `"predict"`, each made when it is first asked for.

    # Arguments
        make: for each kind what makes it.
    """

    made: dict[str, Step]

    def __init__(self, make: dict[str, Callable[[], Step]]) -> None:
        self._make, self.made, self._making = make, dict[str, Step](), threading.RLock()

    def __getitem__(self, kind: str) -> Step:
        if kind not in self.made:
            with self._making:  # two threads would make an optimizer's slots twice
                if kind not in self.made:
                    self.made[kind] = self._make[kind]()
        return self.made[kind]

    def forget(self, *kinds: str) -> None:
        """Have these, or all, be made anew."""
        for kind in kinds or self._make:
            self.made.pop(kind, None)

    def functions(self, *kinds: str) -> dict[str, Function]:
        """The compiled functions by kind: those that are there, and `kinds`, which are made."""
        return {kind: self[kind].function for kind in self._make if kind in kinds or kind in self.made}
