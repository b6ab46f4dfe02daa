"""Stacks of equal models: one compiled program runs the steps of several models; cores run stacks in parallel."""

import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from horngate.backend.compilation import compiler_options
from horngate.backend.function import current_phase, random_root
from horngate.backend.graph import jax_dtype
from horngate.backend.kernels.rows import gathered
from horngate.backend.loops import block_of, host_is_asked, repeated
from horngate.backend.mesh import Layout
from horngate.backend.ranges import earlier, kept
from horngate.training import programs
from horngate.training.arrays import converted, place
from horngate.training.batches import drawn_order, slices
from horngate.training.epochs import Epochs, Trainee
from horngate.training.spec import Samples
from horngate.training.step import QUIET, Pace, Slice

# Number of models in a stack, measured on CPU: for models whose variables take at most so many bytes, and larger ones.
_SMALL, _SMALL_STACK, _LARGE_STACK = 2**17, 4, 2
# Operations that are slower on CPU for several models at once than for one after the other.
_NOT_STACKED = {"conv_general_dilated", "ffi_call sequential"}
_MODELS = "models"  # the axis of a mesh along which the models of a stack are divided among its devices
_FIRST_STEPS = 16  # number of steps in the first dispatch, before a step's time is known


class Member(Trainee):
    """One of many models: its functions, rows of the data, random state and callbacks.

    # Arguments
        callbacks: the user's callbacks, which may read or change the model.
        random: a `RandomState` for the order of the rows.
        samples, rows: checked data, and the indices of this model's rows.
        test_samples, test_rows: the same for validation; None for no validation.
        layout: the layout of the model's arrays on several devices, of which it uses one; None for one device.
    """

    programs: dict[str, ClosedJaxpr]
    variables: list[Any]

    def __init__(
        self,
        model: Any,
        callbacks: Sequence[Any],
        random: np.random.RandomState,
        samples: Samples,
        rows: Any,
        test_samples: Samples | None = None,
        test_rows: Any = None,
        layout: Layout | None = None,
    ) -> None:
        super().__init__(model, model.objective.metrics_names, callbacks)
        self.mesh: Mesh | None = None if layout is None else Mesh(layout.mesh.devices.reshape(-1), (_MODELS,))
        self.random: np.random.RandomState = random
        self.looked_at: bool = bool(callbacks)
        self.data: dict[str, Any] = {"train": samples.arrays, "test": test_samples and test_samples.arrays}
        self.rows: dict[str, Any] = {"train": rows, "test": test_rows}
        kinds = ["train", "test"] if test_samples else ["train"]
        self.functions: dict[str, Any] = {kind: model.steps[kind].function for kind in kinds}
        self._layout = layout
        self.lay_out(None)
        self._traces: dict[tuple[str, int], ClosedJaxpr] = {}

    def lay_out(self, layout: Layout | None) -> None:
        """Let the functions compute on the devices of `layout`; by None, on one, as while many models train."""
        for function in self.functions.values():
            function.layout = layout

    def end(self) -> None:
        """Let the functions compute on all devices of the model again."""
        self.lay_out(self._layout)

    def trace(self, batch_size: int) -> None:
        """Trace a step of each kind. From then on, `variables` holds all variables that the steps read or change."""
        self.programs = {kind: self.program(kind, min(batch_size, len(self.rows[kind]))) for kind in self.functions}
        self.variables = list(dict.fromkeys(v for f in self.functions.values() for v in f.variables))

    def program(self, kind: str, batch_size: int) -> ClosedJaxpr:
        """Return the traced step of a kind (`train` or `test`) for `batch_size` samples."""
        if (kind, batch_size) not in self._traces:
            self._traces[kind, batch_size] = self._traced(kind, batch_size)
        return self._traces[kind, batch_size]

    def _traced(self, kind, batch_size):
        function = self.functions[kind]
        feeds = [
            None if array is None else jax.ShapeDtypeStruct((batch_size, *array.shape[1:]), jax_dtype(x.dtype))
            for array, x in zip(self.data[kind], function.fed)
        ]
        proven = self.model.spec().proven(self.data[kind])
        return programs.traced(function, feeds, current_phase(int(kind == "train")), proven)

    def places(self, kind: str) -> list[int]:
        """Return the indices of the variables that the steps of a kind read."""
        return [self.variables.index(variable) for variable in self.functions[kind].variables]

    def order(self, kind: str, batch_size: int, shuffle: bool | str) -> np.ndarray:
        """Return the member's rows in the order of one pass."""
        rows = self.rows[kind]
        return rows[drawn_order(len(rows), batch_size, kind == "train" and shuffle, self.random)]

    def key(self, kind: str, start: int) -> Any:
        """Return the random key for step `start` and those after it, so that they draw as if each ran alone."""
        function = self.functions[kind]
        if function.root is None:
            function.root = random_root(self.random)
        return function.root + np.array([0, function.calls + 1], np.uint32) - np.array([0, start], np.uint32)


class Program:
    """The steps of one kind for a group of members. They are compiled for each batch size when first needed."""

    def __init__(
        self, members: list[Member], kind: str, size: int, pool: Any, place: Callable[[Any, Any], Any]
    ) -> None:
        self.members: list[Member] = members
        self.kind: str = kind
        self.size: int = size
        self.pool: Any = pool
        self.mesh: Mesh | None = members[0].mesh
        self.function: Any = members[0].functions[kind]
        self.places: list[int] = members[0].places(kind)
        arrays = zip(members[0].data[kind], self.function.fed)
        self.arrays: tuple[Any, ...] = tuple(place(array, x) for array, x in arrays)
        self.mutates: bool = self.function.mutates
        self.count: int = len(members[0].rows[kind])
        self.block: int = 1
        self._compiled: dict[tuple[int, int], Any] = {}

    def prepare(self, batch_size: int) -> None:
        """Start to compile for batches of `batch_size` samples, in blocks of steps, and for the short last one."""
        full, rest = divmod(self.count, batch_size)
        self.block = block_of(full) if host_is_asked() else 1
        needed = [(batch_size, self.block)] * (full > 0) + [(batch_size, 1)] * (full % self.block > 0)
        for size in [*needed, (rest, 1)] if rest else needed:
            self._compiled[size] = self.pool.submit(self._compile, *size)

    def __call__(self, chunk: Slice) -> tuple[Any, list[tuple[Any, ...]]]:
        """Return (the compiled steps for a chunk, each member's own numbers for them)."""
        return self._compiled[chunk.size, chunk.block].result()

    def _compile(self, batch_size, block):
        traced = self.members if _varied([member.programs[self.kind] for member in self.members]) else self.members[:1]
        traces = [member.program(self.kind, batch_size) for member in traced]
        varied = _varied(traces)
        numbers = [tuple(programs.number_at(trace, place) for place in varied) for trace in traces]
        numbers = numbers if varied else [()] * len(self.members)
        if jax.config.values["jax_disable_jit"]:
            raise RuntimeError("fit_many runs compiled programs only: leave out JAX_DISABLE_JIT, or train by `fit`.")
        steps = jax.jit(
            self._divided(self._steps(traces[0], varied, batch_size, block)),
            donate_argnums=0 if self.mutates else (),
            compiler_options=compiler_options(),
        )
        return steps.lower(*self._avals(numbers[0])).compile(), numbers

    def _divided(self, steps):
        """Let each device of the mesh run the steps for its share of the models, without a word to the others."""
        if self.mesh is None:
            return steps
        each, all_alike = PartitionSpec(_MODELS), PartitionSpec()
        given = each, each, all_alike, each, each, all_alike
        return jax.shard_map(steps, mesh=self.mesh, in_specs=given, out_specs=each, check_vma=False)

    def _avals(self, numbers):
        place = models_on(self.mesh)

        def stacked(shape, dtype):
            return jax.ShapeDtypeStruct((self.size, *shape), dtype, sharding=place)

        return (
            tuple(stacked(v.shape, jax_dtype(v.dtype)) for v in self.members[0].variables),
            tuple(stacked(number.shape, number.dtype) for number in numbers),
            self.arrays,
            stacked((self.count,), "uint32"),
            stacked((2,), "uint32"),
            jax.ShapeDtypeStruct((3,), "int32"),
        )

    def _steps(self, program, varied, batch_size, block):
        """Return the pure function that runs steps `span[0]` to `span[1]` of all models in a stack; see `Step`."""
        size = self.size // (1 if self.mesh is None else self.mesh.size)  # of the models on a device
        function, arrays_of, many = self.function, self.places, size > 1
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
            rows = jnp.zeros((size, max(1, self.count // batch_size), *sums.shape), sums.dtype)
            report = jnp.zeros((size, 2), "int32") if reports else None
            state, rows, report = repeated(start, stop, step, (state, rows, report), block)
            return (rows, report), state if self.mutates else ()

        return steps


def models_on(mesh: Mesh | None) -> NamedSharding | None:
    """Return the sharding of an array with a row for each model; None on one device."""
    return None if mesh is None else NamedSharding(mesh, PartitionSpec(_MODELS))


def data_on(mesh: Mesh | None, array: Any, dtype: Any) -> Any:
    """Return data ready for the programs of all models: each device of the mesh holds all of it."""
    if mesh is None or array is None:
        return place(array, dtype)
    return jax.device_put(converted(array, dtype), NamedSharding(mesh, PartitionSpec()))


def _fed(function, arrays, chosen):
    """Return the rows `chosen` of each array, in the dtypes that the function takes."""
    pairs = zip(arrays, function.fed)
    return [None if a is None else gathered(a, chosen).astype(jax_dtype(x.dtype)) for a, x in pairs]


def _varied(traces):
    """Return the places where programs differ in numbers."""
    return sorted({place for trace in traces[1:] for place in programs.differing(traces[0], trace)})


def can_be_stacked(one: Member, other: Member) -> bool:
    """Return whether two traced members differ only in numbers, on the same data."""
    if one.mesh != other.mesh or one.functions.keys() != other.functions.keys():
        return False
    if len(one.variables) != len(other.variables):
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
    """Return how many of `count` models like `member` share one program; a multiple of the devices of its mesh."""
    if member.mesh is not None:
        devices = member.mesh.size
        at_once = None if at_once is None else max(1, at_once // devices)
        return devices * _size_on_one(member, math.ceil(count / devices), 1, at_once)
    return _size_on_one(member, count, cores(), at_once)


def _size_on_one(member, count, stacks, at_once):
    """Return how many of `count` models share a program on one device, which runs so many `stacks` in parallel."""
    state = sum(int(np.prod(v.shape)) * jax_dtype(v.dtype).itemsize for v in member.variables)
    if jax.default_backend() == "cpu":
        stacked = _NOT_STACKED.isdisjoint(programs.operations(member.programs["train"]))
        most = (_SMALL_STACK if state <= _SMALL else _LARGE_STACK) if stacked else 1
        size = min(math.ceil(count / stacks), most)
    else:
        limit = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit", math.inf)
        size = min(count, max(1, limit / 2 // (3 * state + programs.bytes_made(member.programs["train"]))))
    size = int(min(size, at_once or size))
    return math.ceil(count / math.ceil(count / size))


def cores() -> int:
    """Return the number of stacks that run in parallel: one for each CPU core that this process may use."""
    if jax.default_backend() != "cpu":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class Course:
    """The state shared by all stacks of a `fit_many`: options, progress bar, lock for callbacks, and stop flag."""

    batch_size: int
    nb_epoch: int
    shuffle: bool | str
    bar: Any
    lock: Any = field(default_factory=threading.Lock)
    stopping: bool = False


class Stack(Epochs):
    """Some members of a group, trained together. The last stack may be filled up with copies of its first member."""

    held: list[list[Any]]
    state: tuple[Any, ...]

    def __init__(self, course: Course, programs: dict[str, Program], numbers: list[int]) -> None:
        """Make a stack. `programs`: kind -> `Program`. `numbers`: indices of its members in the group."""
        super().__init__(course.nb_epoch, "test" in programs)
        self.course: Course = course
        self.programs: dict[str, Program] = programs
        self.numbers: list[int] = numbers
        self.members: list[Member] = [programs["train"].members[i] for i in numbers]
        self.filling: list[int] = [0] * (programs["train"].size - len(numbers))
        self.pace: Pace = Pace(QUIET, _FIRST_STEPS)

    def train(self) -> None:
        """Run all epochs. However they end, the models then hold their latest values."""
        self._take_values()
        try:
            self._loop()
        except _Interrupted:
            return
        if self.course.bar and self.progress.epoch < self.nb_epoch:
            with self.course.lock:
                self.course.bar.add((self.nb_epoch - self.progress.epoch) * len(self.members))

    def _running(self):
        return any(self._each_running())

    def _each_running(self):
        return [not member.model.stop_training for member in self.members]

    def _tell(self, hook, epoch=None, logs=None):
        """Call the callbacks of the models that still train; changes that they make to variables take effect."""
        with self.course.lock:
            if logs is not None and any(member.looked_at for member in self.members):
                self._settle()
            for i, member in enumerate(self.members):
                if not member.model.stop_training or epoch is None:
                    member.tell(hook, *[] if epoch is None else [epoch] if logs is None else [epoch, logs[i]])
            pairs = (zip(member.variables, values) for member, values in zip(self.members, self.held))
            if any(variable.value is not held for each in pairs for variable, held in each):
                self._take_values()
            if logs is not None and self.course.bar:
                losses = [("loss", float(np.mean([log["loss"] for log in logs])))]
                self.course.bar.add(len(self.members), losses)

    def _trained(self, progress):
        return self._pass("train")

    def _tested(self):
        return self._pass("test")

    def _pass(self, kind):
        """Run a pass over all batches. Returns the logs of each member."""
        program, size = self.programs[kind], self.course.batch_size
        order = self.filled([member.order(kind, size, self.course.shuffle) for member in self.members])
        chunks = slices(program.arrays, order.astype(np.uint32), program.count, size, self.pace, block=program.block)
        rows = np.concatenate([self._run(program, part) for chunk in chunks for part in chunk.parts], axis=1).astype(
            np.float64
        )
        return [member.logs(its_rows, program.count) for member, its_rows in zip(self.members, rows)]

    def _run(self, program, chunk):
        """Run a chunk, like `Step`. Returns the sums, with a leading axis of members."""
        kind, (start, stop, _) = program.kind, chunk.span
        if self.course.stopping:
            raise _Interrupted
        compiled, numbers = program(chunk)
        began = time.perf_counter()  # without the time of compilation
        keys = self.filled([member.key(kind, start) for member in self.members])
        given = tuple(self.filled(column) for column in zip(*(numbers[i] for i in self.numbers)))
        span = np.array(chunk.span, np.int32)
        (rows, report), state = compiled(self.state, given, chunk.arrays, chunk.order, keys, span)
        self.state = state if program.mutates else self.state
        for member in self.members:
            member.functions[kind].calls += stop - start
        for member, told in zip(self.members, report if report is not None else ()):
            member.functions[kind].settle(told)
        rows = np.asarray(rows)[: len(self.members), start:stop]
        if chunk.pace is not None:
            chunk.pace.took(stop - start, time.perf_counter() - began)
        return rows

    def filled(self, items: Any) -> np.ndarray:
        """Return the items of the members, and of the copies that fill the stack, in one array."""
        return np.stack([*items, *(items[i] for i in self.filling)])

    def _take_values(self):
        """Stack the current values of the variables."""
        self.held = [[v.value for v in member.variables] for member in self.members]
        columns = zip(*([np.asarray(value) for value in values] for values in self.held))
        dtypes = [jax_dtype(v.dtype) for v in self.members[0].variables]
        where = models_on(self.programs["train"].mesh)
        rows = [np.asarray(self.filled(column), dtype) for column, dtype in zip(columns, dtypes)]
        self.state = tuple(jax.device_put(rows, where))

    def _settle(self):
        """Set the variables of the models that still train to their current values."""
        arrays = [np.array(array) for array in self.state]
        for i, (member, running) in enumerate(zip(self.members, self._each_running())):
            if running:
                self.held[i] = [array[i, ...] for array in arrays]
                for variable, value in zip(member.variables, self.held[i]):
                    variable.value = value


class _Interrupted(Exception):
    """Raised after Ctrl-C, between two dispatches."""
