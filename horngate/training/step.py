"""Step: the compiled step of a model. It runs chunks: many steps in one dispatch, or one on each batch of a stream."""

import functools
import math
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
from horngate.backend.loops import block_of, host_is_asked, repeated
from horngate.backend.memory import explained_out_of_memory

# Seconds of work in one dispatch: with a live display, and without, where only Ctrl-C waits for it.
LIVE, QUIET = 0.1, 1.0
_SMALL = 2**26  # numbers computed and held in a step, which a GPU does in about a millisecond


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
    not be fast. `proven`: see `Function.checked`. `pace` is told how long it took. `block`: how many steps are run
    without asking the host. `then`: the slice that is run behind this one, before its sums are waited for, and belongs
    to the same chunk.
    """

    arrays: Sequence[Any]
    order: Any
    proven: Any
    first: int
    stop: int
    size: int
    pace: Pace | None = None
    block: int = 1
    skipped: int = 0
    seldom: bool = False
    then: "Slice | None" = None

    @property
    def parts(self) -> "list[Slice]":
        """This slice, and the one behind it."""
        return [self] if self.then is None else [self, self.then]

    @property
    def span(self) -> tuple[int, int, int]:
        """(start, stop, rows before step 0)."""
        return (0, 1, self.skipped) if self.skipped else (self.first, self.stop, 0)

    @property
    def samples(self) -> int:
        """How many rows its steps take."""
        return sum((part.stop - part.first) * part.size for part in self.parts)

    def feeds(self) -> Iterator[Any]:
        """The arrays of each step."""
        for part in self.parts:
            start, stop, skipped = part.span
            for i in range(start, stop):
                chosen = part.order[skipped + i * part.size : skipped + (i + 1) * part.size]
                yield tuple(None if array is None else array[chosen] for array in part.arrays)


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
        with explained_out_of_memory(self.function):
            if isinstance(chunk, Slice):
                return self._run_slice(chunk)
            waiting = [self.one(*fed) for fed in chunk.fed()]  # the sums stay on the device till the end
            return np.array([np.asarray(sums, np.float64) for sums in waiting])

    def one(self, feeds: Any, proven: Any = ()) -> Any:
        """One step on arrays that fit the function's inputs; its sums, still on the device."""
        return self.function.on_device(feeds, self.phase, proven)[0]

    def prepare(self, chunk: Slice) -> None:
        """Begin to compile what such a chunk needs, in the background."""
        for part in chunk.parts:
            self._dispatch(part).prepare_in_background(*self._arguments(part, np.zeros(2, np.uint32), self._no_report))

    def _run_slice(self, chunk):
        began, waiting, report = time.perf_counter(), [], None
        for part in chunk.parts:
            rows, report = self._begun(part, self._no_report if report is None else report)
            waiting.append(rows)
        if report is not None:
            waiting[0].copy_to_host_async()  # all are on their way before the first is waited for
            self.function.settle(report)
        rows = [np.asarray(rows)[slice(*part.span[:2])].astype(np.float64) for rows, part in zip(waiting, chunk.parts)]
        if chunk.pace is not None:
            chunk.pace.took(sum(map(len, rows)), time.perf_counter() - began)
        return rows[0] if len(rows) == 1 else np.concatenate(rows)

    def _begun(self, part, report):
        """The sums and the report of a slice, on their way; `report`: that of the slice before."""
        function, (start, stop, _) = self.function, part.span
        # step `start` draws what it would draw if it were run alone
        key = function.next_key(stop - start) - np.array([0, start], np.uint32)
        return self._dispatch(part)(*self._arguments(part, key, report))

    def _dispatch(self, part):
        return self._seldom if part.seldom else self._many

    @functools.cached_property
    def _no_report(self):
        return jnp.zeros(2, "int32")

    def _arguments(self, part, key, report):
        steps = 1 if part.skipped else max(1, len(part.order) // part.size)
        span = np.array((*part.span, *key.view(np.int32)), np.int32)  # one array, since each is sent by itself
        return part.arrays, part.order, span, report, (steps, part.size, part.block), self.phase, part.proven

    def block(self, steps: int, batch_size: int) -> int:
        """How many of `steps` to run without asking the host: several where one takes about a millisecond or less."""
        if not host_is_asked():
            return 1
        computed, held = self._numbers
        return block_of(steps) if batch_size * computed + held <= _SMALL else 1

    @functools.cached_property
    def _numbers(self):
        """How many numbers the graph computes for a sample, and how many the variables hold."""
        computed = sum(math.prod(n or 1 for n in x.shape) for node in self.function.nodes for x in node.outputs)
        return computed, sum(math.prod(variable.shape) for variable in self.function.variables)

    def _run_many(self, state, arrays, order, span, report, size, phase, proven):
        """Steps `span[0]` to `span[1]`; `span[2]` samples come before step 0, and what follows is the random key.

        `report`: see `Function.checked`. `size`: the number of steps in a pass, of samples in a step, and of steps in a
        block of the loop.
        """
        start, stop, skipped, key = span[0], span[1], span[2], lax.bitcast_convert_type(span[3:], jnp.uint32)
        function, sums, (steps, batch_size, block) = self.function, self.function.outputs[0], size
        layout = function.layout
        reports = False

        def step(i, carry):
            nonlocal reports
            state, rows, report = carry
            chosen = lax.dynamic_slice(order, (skipped + i * batch_size,), (batch_size,))
            if layout is not None:  # or every device would gather, and compute, the whole batch
                chosen = layout.hold_rows(chosen)
            feeds = [None if array is None else gathered(array, chosen, layout) for array in arrays]
            key_now = key + jnp.uint32([0, 1]) * i.astype(jnp.uint32)
            (outputs, now), new_state = function.checked(state, feeds, key_now, phase, proven, report)
            reports = now is not None
            rows = lax.dynamic_update_slice(rows, outputs[0].astype(rows.dtype)[None], (i, jnp.zeros_like(i)))
            return new_state if function.mutates else state, rows, now if reports else report

        rows = jnp.zeros((steps, *sums.shape), jax_dtype(sums.dtype))
        state, rows, report = repeated(start, stop, step, (state, rows, report), block)
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
