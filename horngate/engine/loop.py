"""The one epoch loop: many steps in one dispatch, over data that lie on the device."""
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend.function import Function, current_phase
from horngate.backend.graph import jax_dtype

# Seconds of work in one dispatch: with a live display, and without, where only Ctrl-C waits for it.
_LIVE_SPAN, _QUIET_SPAN = 0.1, 1.0


class StepLoop:
    """Runs the steps of one function, one by one or many in one dispatch.

    The function's first output are the loss and the sums of a batch; the loop adds the sums up.
    """

    def __init__(self, function: Function, phase):
        self.function, self.phase = function, phase
        donated = (0, 1) if function.mutates else (1,)
        self._many = jax.jit(self._run_many, static_argnums=(6, 7), donate_argnums=donated)

    def _run_many(self, state, totals, arrays, order, span, key, batch_size, phase):
        """Steps `span[0]` to `span[1]`, each on `batch_size` rows; `span[2]` rows come before step 0."""
        start, stop, skipped = span

        def step(i, carry):
            state, totals = carry
            rows = lax.dynamic_slice(order, (skipped + i * batch_size,), (batch_size,))
            feeds = [None if a is None else a[rows].astype(jax_dtype(x.dtype))
                     for a, x in zip(arrays, self.function.fed)]
            outputs, new_state = self.function.run(state, feeds, key + jnp.uint32([0, 1]) * i.astype(jnp.uint32), phase)
            return new_state if self.function.mutates else state, totals + outputs[0]

        return lax.fori_loop(start, stop, step, (state, totals))

    def advance(self, arrays, order, start, stop, batch_size, skipped=0):
        """Run steps `start` to `stop`; returns the sums over their samples."""
        function = self.function
        key = function.next_key()
        function.calls += stop - start - 1
        phase = current_phase(self.phase)
        key = key - np.array([0, start], np.uint32)  # step `start` draws what it would draw if run alone

        def call():
            totals = jnp.zeros(function.outputs[0].shape, function.outputs[0].dtype)
            span = np.array([start, stop, skipped], np.int32)
            return self._many(function.state(), totals, arrays, order, span, key, batch_size, phase)

        state, totals = function.retrying(call)
        if function.mutates:
            function.bind(state)
        return np.asarray(totals, np.float64)

    def pass_over(self, arrays, order, batch_size, span_of_chunks, on_chunk=None):
        """One pass in the given order; returns the sums. `on_chunk(first batch, samples, sums)` after each dispatch."""
        count = len(order)
        order = jnp.asarray(order, jnp.int32)
        full, rest = divmod(count, batch_size)
        total, start, chunk = 0.0, 0, 1
        while start < full:
            stop = min(full, start + chunk)
            began = time.perf_counter()
            sums = self.advance(arrays, order, start, stop, batch_size)
            chunk = span_of_chunks(chunk, stop - start, time.perf_counter() - began)
            total = total + sums
            proceed = on_chunk is None or on_chunk(start, (stop - start) * batch_size, sums)
            start = stop
            if proceed is False:
                return total
        if rest:
            sums = self.advance(arrays, order, 0, 1, rest, skipped=full * batch_size)
            total = total + sums
            if on_chunk is not None:
                on_chunk(full, rest, sums)
        return total


def one_by_one(chunk, steps, seconds):
    """Chunks of a single step, for callbacks that look at every batch."""
    return 1


def by_time(live):
    """Chunks that take a tenth of a second (`live`) or a second, found from how long the last one took."""
    span = _LIVE_SPAN if live else _QUIET_SPAN
    dispatches = 0

    def next_chunk(chunk, steps, seconds):
        nonlocal dispatches
        dispatches += 1
        if dispatches == 1:  # it held the compilation
            return 4
        return int(min(max(1, chunk * span / max(seconds, 1e-6)), chunk * 16))

    return next_chunk


def place(array, dtype):
    """`array` on the device, converted on the host where that makes it smaller."""
    if array is None or isinstance(array, jax.Array):
        return array
    array = np.asarray(array)
    wanted = np.dtype(jax_dtype(dtype))
    if array.dtype != wanted and array.dtype.itemsize >= wanted.itemsize or array.dtype == object:
        array = array.astype(wanted)
    return jnp.asarray(array)
