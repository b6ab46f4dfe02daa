"""The one epoch loop: many steps in one dispatch, over data that lie on the device."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend.dispatch import Dispatch
from horngate.backend.function import Function, current_phase
from horngate.backend.graph import jax_dtype
from horngate.backend.kernels.rows import at_hand, gathered

# Seconds of work in one dispatch: with a live display, and without, where only Ctrl-C waits for it.
_LIVE_SPAN, _QUIET_SPAN = 0.1, 1.0


class StepLoop:
    """Runs the steps of one function, one by one or many in one dispatch.

    The function's first output are the sums of a batch: its loss and what its metrics are made of. The loop keeps
    them apart, a row for each step: they are added up later, so that how many steps went into one dispatch does
    not show in the last digit.
    """

    def __init__(self, function: Function, phase: int) -> None:
        self.function, self._phase = function, phase
        self._many = Dispatch(function, self._run_many, arguments=8, static=3)
        self._seldom = Dispatch(function, self._run_many, arguments=8, static=3, seldom=True)

    @property
    def phase(self) -> int:
        """0 test, 1 train."""
        return current_phase(self._phase)

    def _run_many(self, state, arrays, order, span, key, size, phase, proven):
        """Steps `span[0]` to `span[1]`; `span[2]` samples come before step 0.

        `size`: the number of steps in a pass, and of samples in a step. `proven`: see `Function.checked`.
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

    def _arguments(self, arrays, order, span, batch_size, key, proven):
        steps = 1 if span[2] else max(1, len(order) // batch_size)
        return arrays, order, np.array(span, np.int32), key, (steps, batch_size), self.phase, proven

    def run(
        self,
        arrays: Any,
        order: Any,
        start: int,
        stop: int,
        batch_size: int,
        skipped: int = 0,
        seldom: bool = False,
        proven: Any = (),
    ) -> np.ndarray:
        """Run steps `start` to `stop`; returns their sums, a row for each.

        `proven`: see `Function.checked`. A step with numbers out of range raises, and neither it nor those after it
        change anything. `seldom`: batches of that size come once behind many others, and need not be fast.
        """
        function = self.function
        # step `start` draws what it would draw if it were run alone
        key = function.next_key() - np.array([0, start], np.uint32)
        function.calls += stop - start - 1
        dispatch = self._seldom if seldom else self._many
        rows, report = dispatch(*self._arguments(arrays, order, (start, stop, skipped), batch_size, key, proven))
        function.settle(report)
        return np.asarray(rows)[start:stop].astype(np.float64)

    def prepare(
        self, arrays: Any, order: Any, batch_size: int, skipped: int = 0, seldom: bool = False, proven: Any = ()
    ) -> None:
        """Begin to compile what `run` will need, in the background."""
        key, dispatch = np.zeros(2, np.uint32), self._seldom if seldom else self._many
        dispatch.prepare_in_background(*self._arguments(arrays, order, (0, 1, skipped), batch_size, key, proven))

    def run_one(self, feeds: Any, proven: Any = ()) -> Any:
        """One step on arrays that fit the function's inputs; its sums, still on the device. `proven`: see `run`."""
        (sums,) = self.function.on_device(feeds, self.phase, proven)
        return sums


def one_by_one(steps: int, done: int, seconds: float) -> int:
    """Chunks of a single step, for callbacks that look at every batch."""
    return 1


def by_time(live: bool) -> Callable[[int, int, float], int]:
    """Chunks that take a tenth of a second (`live`) or a second, found from how long the last one took."""
    span = _LIVE_SPAN if live else _QUIET_SPAN
    dispatches = 0

    def next_steps(steps, done, seconds):
        nonlocal dispatches
        dispatches += 1
        if dispatches == steps == 1:  # it held the compilation
            return 4
        return int(min(max(1, done * span / max(seconds, 1e-6)), done * 16))

    return next_steps


def converted(array: Any, dtype: Any) -> Any:
    """`array` in the type in which it goes to the device: smaller ones than `dtype` are converted there."""
    if array is None or isinstance(array, jax.Array):
        return array
    array, wanted = np.asarray(array), jax_dtype(dtype)
    if array.dtype == wanted:
        return array
    return array.astype(wanted) if array.dtype.itemsize >= wanted.itemsize or array.dtype == object else array


def place(array: Any, dtype: Any) -> Any:
    """`array` where programs find its rows, converted on the host where that makes it smaller."""
    array = converted(array, dtype)
    return array if array is None or isinstance(array, jax.Array) else at_hand(array)


def fits_on_device(arrays: Any) -> bool:
    """Whether these arrays leave at least half of the device's memory free."""
    limit = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")
    return limit is None or sum(array.nbytes for array in arrays if array is not None) <= limit / 2
