"""Stacks of equal models: the steps of several in one compiled program, and stacks side by side on the cores."""

import math
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr

from horngate.backend.compilation import compiler_options
from horngate.backend.function import current_phase, random_root
from horngate.backend.graph import jax_dtype
from horngate.backend.kernels.rows import gathered
from horngate.backend.ranges import earlier, kept
from horngate.training import programs
from horngate.training.batches import drawn_order

# Measured on CPU: models in one stack, of those whose variables take at most so many bytes, and of larger ones.
_SMALL, _SMALL_STACK, _LARGE_STACK = 2**17, 4, 2
# Side by side in one operation these are slower on CPU than one after the other.
_NOT_STACKED = {"conv_general_dilated", "ffi_call sequential"}
_SPAN = 1.0  # seconds of work in one dispatch, which Ctrl-C waits for
_FIRST_STEPS = 16  # in the first dispatch, before it is known how long one takes


class Member:
    """One of many models: its functions, its rows of the data, its own random state, its callbacks.

    # Arguments
        arrays, test_arrays: inputs, targets and weights, in one list; no test for None.
        rows, test_rows: which rows of them are this model's.
        random: a `RandomState` for the order of the rows.
        callbacks: a `CallbackList`; `looked_at`: whether one of them may look at the model, or change it.
    """

    def __init__(
        self,
        model: Any,
        random: np.random.RandomState,
        arrays: Any,
        rows: Any,
        test_arrays: Any = None,
        test_rows: Any = None,
    ) -> None:
        self.model, self.random = model, random
        self.data = {"train": arrays, "test": test_arrays}
        self.rows = {"train": rows, "test": test_rows}
        self.functions = {"train": model._make_train_function().function}
        if test_arrays is not None:
            self.functions["test"] = model._make_test_function().function
        self.callbacks: Any = None
        self.looked_at = False
        self._traces: dict[tuple[str, int], ClosedJaxpr] = {}

    def trace(self, batch_size: int) -> None:
        """Trace a step of each kind; from then on `variables` are all that the steps read and change."""
        self.programs = {kind: self.program(kind, min(batch_size, len(self.rows[kind]))) for kind in self.functions}
        self.variables = list(dict.fromkeys(v for f in self.functions.values() for v in f.variables))

    def program(self, kind: str, batch_size: int) -> ClosedJaxpr:
        """The traced step of a kind (`train` or `test`) on so many samples."""
        if (kind, batch_size) not in self._traces:
            self._traces[kind, batch_size] = self._traced(kind, batch_size)
        return self._traces[kind, batch_size]

    def _traced(self, kind, batch_size):
        function = self.functions[kind]
        feeds = [
            None if array is None else jax.ShapeDtypeStruct((batch_size, *array.shape[1:]), jax_dtype(x.dtype))
            for array, x in zip(self.data[kind], function.fed)
        ]
        proven = self.model._proven(self.data[kind])
        return programs.traced(function, feeds, current_phase(int(kind == "train")), proven)

    def places(self, kind: str) -> list[int]:
        """Which of the variables the steps of a kind read."""
        return [self.variables.index(variable) for variable in self.functions[kind].variables]

    def order(self, kind: str, batch_size: int, shuffle: bool | str) -> np.ndarray:
        """The member's rows in the order of one pass."""
        rows = self.rows[kind]
        return rows[drawn_order(len(rows), batch_size, kind == "train" and shuffle, self.random)]

    def key(self, kind: str, start: int) -> Any:
        """The random key from which step `start` and those after it make theirs: what a step run alone would draw."""
        function = self.functions[kind]
        if function.root is None:
            function.root = random_root(self.random)
        return function.root + np.array([0, function.calls + 1], np.uint32) - np.array([0, start], np.uint32)


class Steps:
    """The steps of one kind for a group of members: compiled for each size of a batch when they are first needed."""

    def __init__(
        self, members: list[Member], kind: str, size: int, pool: Any, place: Callable[[Any, Any], Any]
    ) -> None:
        self.members, self.kind, self.size, self.pool = members, kind, size, pool
        self.function, self.places = members[0].functions[kind], members[0].places(kind)
        self.arrays = tuple(place(array, x) for array, x in zip(members[0].data[kind], self.function.fed))
        self.mutates, self.count = self.function.mutates, len(members[0].rows[kind])
        self._compiled: dict[int, Any] = {}

    def prepare(self, batch_size: int) -> None:
        """Begin to compile for batches of that size, and for the short last one."""
        full, rest = divmod(self.count, batch_size)
        for size in [batch_size] * (full > 0) + [rest] * (rest > 0):
            self._compiled[size] = self.pool.submit(self._compile, size)

    def __call__(self, batch_size: int) -> tuple[Any, list[tuple[Any, ...]]]:
        """The compiled steps, and each member's own numbers for them."""
        return self._compiled[batch_size].result()

    def _compile(self, batch_size):
        traced = self.members if _varied([member.programs[self.kind] for member in self.members]) else self.members[:1]
        traces = [member.program(self.kind, batch_size) for member in traced]
        varied = _varied(traces)
        numbers = [tuple(programs.number_at(trace, place) for place in varied) for trace in traces]
        numbers = numbers if varied else [()] * len(self.members)
        steps = jax.jit(
            self._steps(traces[0], varied, batch_size),
            donate_argnums=0 if self.mutates else (),
            compiler_options=compiler_options(),
        )
        return steps.lower(*self._avals(numbers[0])).compile(), numbers

    def _avals(self, numbers):
        def stacked(shape, dtype):
            return jax.ShapeDtypeStruct((self.size, *shape), dtype)

        return (
            tuple(stacked(v.shape, jax_dtype(v.dtype)) for v in self.members[0].variables),
            tuple(stacked(number.shape, number.dtype) for number in numbers),
            self.arrays,
            stacked((self.count,), "uint32"),
            stacked((2,), "uint32"),
            jax.ShapeDtypeStruct((3,), "int32"),
        )

    def _steps(self, program, varied, batch_size):
        """The pure function of steps `span[0]` to `span[1]` of all models in a stack: see `StepLoop`."""
        function, arrays_of, many = self.function, self.places, self.size > 1
        reports = len(program.jaxpr.outvars) > 1 + len(arrays_of) * self.mutates

        def one(state, numbers, arrays, chosen, key):
            given = jax.tree.leaves([[state[i] for i in arrays_of], _fed(function, arrays, chosen), key])
            sums, *news = programs.run(program, dict(zip(varied, numbers)), given)
            after, report = list(state), news.pop(0) if reports else None
            for i, new in zip(arrays_of, news):
                after[i] = new
            return sums, report, tuple(after)

        def each(state, numbers, arrays, chosen, keys):
            if many:
                return jax.vmap(one, in_axes=(0, 0, None, 0, 0))(state, numbers, arrays, chosen, keys)
            state, numbers, chosen, keys = jax.tree.map(lambda x: x[0], (state, numbers, chosen, keys))
            return jax.tree.map(lambda x: x[None], one(state, numbers, arrays, chosen, keys))

        def steps(state, numbers, arrays, order, keys, span):
            start, stop, skipped = span

            def step(i, carry):
                state, rows, report = carry
                chosen = lax.dynamic_slice_in_dim(order, skipped + i * batch_size, batch_size, axis=1)
                keys_now = keys + jnp.uint32([0, 1]) * i.astype(jnp.uint32)
                sums, now, after = each(state, numbers, arrays, chosen, keys_now)
                rows = lax.dynamic_update_index_in_dim(rows, sums.astype(rows.dtype), i, axis=1)
                if not reports:
                    return after, rows, report
                return jax.vmap(kept)(report, state, after), rows, jax.vmap(earlier)(report, now)

            sums = function.outputs[0]
            rows = jnp.zeros((self.size, max(1, self.count // batch_size), *sums.shape), sums.dtype)
            report = jnp.zeros((self.size, 2), "int32") if reports else None
            state, rows, report = lax.fori_loop(start, stop, step, (state, rows, report))
            return (rows, report), state if self.mutates else ()

        return steps


def _fed(function, arrays, chosen):
    """The rows `chosen` of each array, in the number types that the function takes."""
    pairs = zip(arrays, function.fed)
    return [None if a is None else gathered(a, chosen).astype(jax_dtype(x.dtype)) for a, x in pairs]


def _varied(traces):
    """The places where the numbers of programs differ."""
    return sorted({place for trace in traces[1:] for place in programs.differing(traces[0], trace)})


def can_be_stacked(one: Member, other: Member) -> bool:
    """Whether two traced members do the same on the same data, but for numbers."""
    if one.functions.keys() != other.functions.keys() or len(one.variables) != len(other.variables):
        return False
    for kind in one.functions:
        if len(one.rows[kind]) != len(other.rows[kind]) or one.places(kind) != other.places(kind):
            return False
        if not all(map(_same_array, one.data[kind], other.data[kind])):
            return False
        try:
            programs.differing(one.programs[kind], other.programs[kind])
        except programs.Different:
            return False
    return True


def _same_array(a, b):
    return a is b or a is not None and b is not None and a.dtype == b.dtype and np.array_equal(a, b)


def stack_size(member: Member, count: int, at_once: int | None = None) -> int:
    """How many of `count` models like this one go into one program."""
    state = sum(int(np.prod(v.shape)) * jax_dtype(v.dtype).itemsize for v in member.variables)
    if jax.default_backend() == "cpu":
        stacked = _NOT_STACKED.isdisjoint(programs.operations(member.programs["train"]))
        most = (_SMALL_STACK if state <= _SMALL else _LARGE_STACK) if stacked else 1
        size = min(math.ceil(count / cores()), most)
    else:
        limit = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit", math.inf)
        size = min(count, max(1, limit / 2 // (3 * state + programs.bytes_made(member.programs["train"]))))
    size = int(min(size, at_once or size))
    return math.ceil(count / math.ceil(count / size))


def cores() -> int:
    """The number of stacks that run at the same time: one for each core of a CPU that this process may use."""
    if jax.default_backend() != "cpu":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Course:
    """What all stacks of one `fit_many` share: options, the bar, the lock under which callbacks are told, an end."""

    def __init__(self, batch_size: int, nb_epoch: int, shuffle: bool | str, bar: Any) -> None:
        self.batch_size, self.nb_epoch, self.shuffle, self.bar = batch_size, nb_epoch, shuffle, bar
        self.lock, self.stopping = threading.Lock(), False


class Stack:
    """Some members of a group, trained together; the last stack may compute its first member more than once."""

    def __init__(self, course: Course, steps: dict[str, Steps], numbers: list[int]) -> None:
        """`steps`: by kind; `numbers`: which members of the group these are."""
        self.course, self.steps, self.numbers = course, steps, numbers
        self.members = [steps["train"].members[i] for i in numbers]
        self.filling = [0] * (steps["train"].size - len(numbers))
        self.pace = None  # seconds of a step

    def train(self) -> None:
        """All epochs; whatever ends them, the models then hold what they had come to."""
        self.held = [[v.value for v in member.variables] for member in self.members]
        self._put()
        epoch = 0
        try:
            with self.course.lock:
                self._tell("on_train_begin")
            while epoch < self.course.nb_epoch and any(self._running()):
                self._epoch(epoch)
                epoch += 1
        except _Interrupted:
            return
        finally:
            self._show()
        with self.course.lock:
            for member in self.members:
                member.callbacks.on_train_end()
            if self.course.bar and epoch < self.course.nb_epoch:
                self.course.bar.add((self.course.nb_epoch - epoch) * len(self.members))

    def _running(self):
        return [not member.model.stop_training for member in self.members]

    def _epoch(self, epoch):
        with self.course.lock:
            self._tell("on_epoch_begin", epoch)
        sums = self._pass("train")
        count = self.steps["train"].count
        logs = [dict(self._values(member, rows, count)) for member, rows in zip(self.members, sums)]
        if "test" in self.steps:
            tested, count = self._pass("test"), self.steps["test"].count
            for member, rows, log in zip(self.members, tested, logs):
                log.update((f"val_{name}", value) for name, value in self._values(member, rows, count))
        with self.course.lock:
            if any(member.looked_at for member in self.members):
                self._show()
            self._tell("on_epoch_end", epoch, logs)
            if self.course.bar:
                losses = [("loss", float(np.mean([log["loss"] for log in logs])))]
                self.course.bar.add(len(self.members), losses)

    @staticmethod
    def _values(member, rows, count):
        objective = member.model.objective
        return zip(objective.metrics_names, objective.values(rows.sum(axis=0), count))

    def _pass(self, kind):
        """All batches once; the sums of each member's steps."""
        steps, size = self.steps[kind], self.course.batch_size
        orders = [member.order(kind, size, self.course.shuffle) for member in self.members]
        order = self._filled(orders).astype(np.uint32)
        full, rest = divmod(steps.count, size)
        rows, done = [], 0
        if full:
            steps(size)  # the time that compilation takes is none of the steps'
        while done < full:
            stop = min(full, done + (_FIRST_STEPS if self.pace is None else max(1, int(_SPAN / self.pace))))
            began = time.perf_counter()
            rows.append(self._dispatch(kind, size, order, (done, stop, 0)))
            self.pace, done = (time.perf_counter() - began) / (stop - done), stop
        if rest:
            rows.append(self._dispatch(kind, rest, order, (0, 1, full * size)))
        return np.concatenate(rows, axis=1).astype(np.float64)

    def _dispatch(self, kind, batch_size, order, span):
        if self.course.stopping:
            raise _Interrupted
        steps, (start, stop, _) = self.steps[kind], span
        compiled, numbers = steps(batch_size)
        keys = self._filled([member.key(kind, start) for member in self.members])
        given = [self._filled(column) for column in zip(*(numbers[i] for i in self.numbers))]
        span = np.array(span, np.int32)
        (rows, report), state = compiled(self.state, tuple(given), steps.arrays, order, keys, span)
        self.state = state if steps.mutates else self.state
        for member in self.members:
            member.functions[kind].calls += stop - start
        for member, told in zip(self.members, report if report is not None else ()):
            member.functions[kind].settle(told)
        return np.asarray(rows)[: len(self.members), start:stop]

    def _filled(self, items):
        return np.stack([*items, *(items[i] for i in self.filling)])

    def _tell(self, hook, epoch=None, logs=None):
        """Tell the callbacks of the models that still run; what they change counts from now on."""
        for i, member in enumerate(self.members):
            if not member.model.stop_training or epoch is None:
                arguments = [] if epoch is None else [epoch] if logs is None else [epoch, logs[i]]
                getattr(member.callbacks, hook)(*arguments)
        changed = [
            variable.value is not held
            for member, values in zip(self.members, self.held)
            for variable, held in zip(member.variables, values)
        ]
        if any(changed):
            self.held = [[v.value for v in member.variables] for member in self.members]
            self._put()

    def _put(self):
        """Stack the values that the variables hold now."""
        columns = zip(*([np.asarray(value) for value in values] for values in self.held))
        dtypes = [jax_dtype(v.dtype) for v in self.members[0].variables]
        self.state = tuple(jnp.array(self._filled(column), dtype) for column, dtype in zip(columns, dtypes))

    def _show(self):
        """Give the variables of the models that still run their values of now."""
        arrays = [np.array(array) for array in self.state]
        for i, (member, running) in enumerate(zip(self.members, self._running())):
            if running:
                self.held[i] = [array[i, ...] for array in arrays]
                for variable, value in zip(member.variables, self.held[i]):
                    variable.value = value


class _Interrupted(Exception):
    """Ctrl-C, noticed between two dispatches."""
