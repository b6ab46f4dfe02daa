"""Step: the compiled step of a model. It runs chunks: many steps in one dispatch, or one for each batch of a stream."""

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
from horngate.engine.arguments import changes

# Seconds of work in one dispatch: with a live display, and without one, when only Ctrl-C must wait for it.
LIVE, QUIET = 0.1, 1.0
_SMALL = 2**26  # numbers computed and held by a step of about a millisecond on a GPU


def longest(seconds: float, steps: int) -> float:
    """Return the longest of the times that `steps` took in the processes. Raises RuntimeError if they took others."""
    from horngate.backend import processes  # not imported where there is one process

    if processes.differing([steps]) is not None:
        raise RuntimeError(
            f"{processes.told()} has come {steps} batches further, and another process has not: the iterables of "
            "batches must be of one length in all processes."
        )
    return processes.longest(seconds)


class Pace:
    """The number of steps in one dispatch: as many as take `span` seconds, judging by the last dispatch.

    # Arguments
        span: seconds; None for one step per dispatch, for callbacks on every batch.
        steps: number of steps in the first dispatch.
        shared: whether several processes keep this pace: that of the slowest.
    """

    span: float | None
    steps: int
    shared: bool

    def __init__(self, span: float | None, steps: int = 1, shared: bool = False) -> None:
        self.span, self.steps, self.shared, self._begun = span, steps, shared, False

    def took(self, steps: int, seconds: float) -> None:
        """Update the number of steps: a dispatch of `steps` steps took `seconds`."""
        if self.span is None:
            return
        if self.shared:
            seconds = longest(seconds, steps)
        held_compilation, self._begun = not self._begun and self.steps == 1, True
        wanted = min(max(1, steps * self.span / max(seconds, 1e-6)), steps * 16)
        self.steps = 4 if held_compilation else int(wanted)


@dataclass
class Slice:
    """A chunk of a pass over arrays: steps `first` to `stop` on `size` rows each, in the order `order`.

    Every chunk has `first`, `size`, `samples` (number of samples in all its steps), and `feeds()`, which yields the
    arrays of each step again for a diagnosis. A chunk runs the same steps each time.

    `skipped`: for the short last batch, the number of rows before it. `seldom`: whether it runs too seldom for its
    speed to matter. `proven`: see `Function.checked`. `pace`: is told how long the chunk took. `block`: number of steps
    without a return to the host. `then`: a slice of the same chunk that is dispatched after this one, before the sums
    of this one are read.
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
        """This slice, and those after it."""
        return [self] if self.then is None else [self, *self.then.parts]

    @property
    def span(self) -> tuple[int, int, int]:
        """(start, stop, rows before step 0)."""
        return (0, 1, self.skipped) if self.skipped else (self.first, self.stop, 0)

    @property
    def samples(self) -> int:
        """The number of rows in all steps."""
        return sum((part.stop - part.first) * part.size for part in self.parts)

    def feeds(self) -> Iterator[Any]:
        """Yield the arrays of each step."""
        for part in self.parts:
            start, stop, skipped = part.span
            for i in range(start, stop):
                chosen = part.order[skipped + i * part.size : skipped + (i + 1) * part.size]
                yield tuple(None if array is None else array[chosen] for array in part.arrays)


class Step:
    """A compiled step: its function, its phase, and the variables that it trains.

    The first output of the function holds the sums of a batch, from which its loss and metrics are computed. The sums
    are kept in a row per step and added up later, so that the last digits do not depend on the number of steps in a
    dispatch.
    """

    function: Function
    trained: Sequence[Variable]
    measures: Any = None  # what its values mean, if not those of the model's `Objective`
    successor: "Step | None" = None  # the step that has taken its place, as arguments of layers have changed

    def __init__(self, function: Function, phase: int, trained: Sequence[Variable] = ()) -> None:
        self.function, self._phase, self.trained = function, phase, trained
        self._many = Dispatch(function, self._run_many, arguments=8, static=3)
        self._seldom = Dispatch(function, self._run_many, arguments=8, static=3, seldom=True)
        self.seen: set[int] = set()  # see `data.prepared_to_test`

    @property
    def programs(self) -> int:
        """The number of programs compiled for single batches."""
        return self.function.dispatch.made

    @property
    def phase(self) -> int:
        """The learning phase: 0 in testing, 1 in training."""
        return current_phase(self._phase)

    def run(self, chunk: Any) -> np.ndarray:
        """Run the steps of a chunk. Returns their sums, a row for each.

        A step with numbers out of range raises an error; neither it nor those after it change anything.
        """
        with explained_out_of_memory(self.function):
            began = time.perf_counter()
            if isinstance(chunk, Slice):
                rows = self._run_slice(chunk)
            else:
                waiting = [self.one(*fed) for fed in chunk.fed()]  # the sums stay on the device till the end
                rows = np.array([np.asarray(sums, np.float64) for sums in waiting])
            if chunk.pace is not None:
                chunk.pace.took(len(rows), time.perf_counter() - began)
            return rows

    def one(self, feeds: Any, proven: Any = ()) -> Any:
        """Run one step on arrays that fit the function's inputs. Returns its sums, still on the device."""
        return self.function.on_device(feeds, self.phase, proven)[0]

    def prepare(self, chunk: Slice) -> None:
        """Start to compile the program of `chunk` in the background."""
        for part in chunk.parts:
            self._dispatch(part).prepare_in_background(*self._arguments(part, np.zeros(2, np.uint32), self._no_report))

    def _run_slice(self, chunk):
        waiting, report = [], None
        for part in chunk.parts:
            rows, report = self._begun(part, self._no_report if report is None else report)
            waiting.append(rows)
        if host_is_asked():
            for array in waiting if report is None else [*waiting, report]:
                array.copy_to_host_async()  # start all transfers before waiting for the first
        self.function.settle(report)
        rows = [np.asarray(rows)[slice(*part.span[:2])].astype(np.float64) for rows, part in zip(waiting, chunk.parts)]
        return rows[0] if len(rows) == 1 else np.concatenate(rows)

    def _begun(self, part, report):
        """Dispatch a slice. Returns its sums and its report, not computed yet; `report`: that of the slice before."""
        function, (start, stop, _) = self.function, part.span
        # step `start` draws the same numbers as if it ran alone
        key = function.next_key(stop - start) - np.array([0, start], np.uint32)
        return self._dispatch(part)(*self._arguments(part, key, report))

    def _dispatch(self, part):
        return self._seldom if part.seldom else self._many

    @functools.cached_property
    def _no_report(self):
        return jnp.zeros(2, "int32")

    def _arguments(self, part, key, report):
        steps = 1 if part.skipped else max(1, len(part.order) // part.size)
        span = np.array((*part.span, *key.view(np.int32)), np.int32)  # one array: each is a transfer of its own
        return part.arrays, part.order, span, report, (steps, part.size, part.block), self.phase, part.proven

    def block(self, steps: int, batch_size: int) -> int:
        """Return how many of `steps` run without a return to the host: several if one takes at most about 1 ms."""
        if not host_is_asked():
            return 1
        computed, once = self._numbers
        return block_of(steps) if batch_size * computed + once <= _SMALL else 1

    @functools.cached_property
    def _numbers(self):
        """Return (numbers that the graph computes per sample, numbers that it computes or holds once)."""
        shapes = [x.shape for node in self.function.nodes for x in node.outputs]
        computed = sum(math.prod(n or 1 for n in shape) for shape in shapes if shape[:1] == (None,))
        once = sum(math.prod(n or 1 for n in shape) for shape in shapes if shape[:1] != (None,))
        return computed, once + sum(math.prod(variable.shape) for variable in self.function.variables)

    def _run_many(self, state, arrays, order, span, report, size, phase, proven):
        """Run steps `span[0]` to `span[1]`; `span[2]`: number of samples before step 0; the rest is the random key.

        `report`: see `Function.checked`. `size`: (steps in a pass, samples in a step, steps in a block of the loop).
        """
        start, stop, skipped, key = span[0], span[1], span[2], lax.bitcast_convert_type(span[3:], jnp.uint32)
        function, sums, (steps, batch_size, block) = self.function, self.function.outputs[0], size
        layout = function.layout
        reports = False

        def step(i, carry):
            nonlocal reports
            state, rows, report = carry
            chosen = lax.dynamic_slice(order, (skipped + i * batch_size,), (batch_size,))
            if layout is not None:  # otherwise every device would gather and compute the whole batch
                chosen = layout.hold_rows(chosen)
            feeds = [None if array is None else gathered(array, chosen, layout) for array in arrays]
            i = jnp.asarray(i)
            key_now = key + jnp.uint32([0, 1]) * i.astype(jnp.uint32)
            (outputs, now), new_state = function.checked(state, feeds, key_now, phase, proven, report)
            reports = now is not None
            rows = lax.dynamic_update_slice(rows, outputs[0].astype(rows.dtype)[None], (i, jnp.zeros_like(i)))
            return new_state if function.mutates else state, rows, now if reports else report

        rows = jnp.zeros((steps, *sums.shape), jax_dtype(sums.dtype))
        state, rows, report = repeated(start, stop, step, (state, rows, report), block)
        found = rows, report if reports else None
        return found if layout is None else layout.hold_whole(found), state if function.mutates else ()


class Steps:
    """The steps of a model by kind, `"train"`, `"test"` and `"predict"`; each is made when first requested.

    # Arguments
        make: kind -> function that makes the step.
    """

    made: dict[str, Step]

    def __init__(self, make: dict[str, Callable[[], Step]]) -> None:
        self._make, self.made, self._making = make, dict[str, Step](), threading.RLock()
        self.seen = changes.count  # the changes of layers that the programs know

    def __getitem__(self, kind: str) -> Step:
        if kind not in self.made:
            with self._making:  # otherwise two threads could make an optimizer's slots twice
                if kind not in self.made:
                    self.made[kind] = self._make[kind]()
        return self.made[kind]

    def forget(self, *kinds: str) -> None:
        """Forget the steps of these kinds, or all: they are made again when needed."""
        for kind in kinds or self._make:
            self.made.pop(kind, None)

    def functions(self, *kinds: str) -> dict[str, Function]:
        """Return kind -> compiled function for the steps that exist; those of `kinds` are made first."""
        return {kind: self[kind].function for kind in self._make if kind in kinds or kind in self.made}
