"""Steps of one's own: `train_step` and `test_step`, recorded as one node of a graph, or run by Python call by call."""

import contextlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from horngate import backend as K
from horngate.backend import notices
from horngate.backend.eager_tensors import EagerRecorder, EagerTensor
from horngate.backend.function import Function
from horngate.backend.graph import Node, Scope, Tensor, Variable, outside, record, recorder, recording
from horngate.backend.locks import lock_for
from horngate.backend.recording import Program, Recorder
from horngate.backend.running import NeedsPython
from horngate.engine.arrangement import Structure, arranged, flattened
from horngate.engine.sublayers import with_sublayers
from horngate.metrics.recorded import states_of
from horngate.training.open_spec import unpacked
from horngate.training.plain_state import random_states, same_states, set_random_states
from horngate.training.step import Step


class Logs:
    """What a step of one's own returns for the logs; it stands where a model has an `Objective`.

    # Arguments
        model: the model.
        era: that of the model.
    """

    model: Any
    era: Any

    kept: tuple[Any, ...] = ()

    def __init__(self, model: Any, era: Any) -> None:
        self.model, self.era = model, era
        self.metrics_names: list[str] = []
        self.shapes: list[tuple[int, ...]] = []
        self.targets: list[Any] = []
        self.weights: list[Any] = []
        self.losses: list[Any] = []
        self.names: list[str] = []
        self.may_be_labels: list[Any] = []

    def take(self, logs: Any) -> list[Any]:
        """Return the values of a step's `logs` in a list, and note their names."""
        found = logs_of(logs)
        if list(found) != self.metrics_names:
            self.metrics_names[:] = list(found)
        for name, value in found.items():
            if (
                not isinstance(name, str)
                or isinstance(value, (str, bytes))
                or not hasattr(value, "dtype")
                and not _is_number(value)
            ):
                raise TypeError(
                    f"{type(self.model).__name__}: a step returns a dictionary from names to numbers, which the logs "
                    f"tell; received {name!r}: {value!r}."
                )
        self.shapes = [tuple(np.shape(value)) for value in found.values()]
        return list(found.values())

    def begin(self) -> None:
        """Begin an epoch or a test: the metrics of the model begin anew."""
        for metric in self.model.metrics:
            if hasattr(metric, "reset_state"):
                metric.reset_state()

    def total(self, rows: np.ndarray) -> np.ndarray:
        """Return the values after the steps whose values are `rows`: those of the last."""
        return rows[-1]

    def values(self, sums: np.ndarray, count: int, whole: bool = True) -> list[Any]:
        """Return the values for the logs."""
        found, start = [], 0
        for shape in self.shapes:
            size = int(np.prod(shape, dtype=int))
            part = sums[start : start + size]
            found.append(float(part[0]) if not shape else part.reshape(shape))
            start += size
        return found


def _is_number(value):
    return isinstance(value, (int, float, np.ndarray, list, tuple)) or hasattr(value, "__float__")


def logs_of(logs: Any) -> dict[str, Any]:
    """Return what a step returned as a dictionary: of a number, the loss; a metric's dictionary is spread."""
    if logs is None:
        return {}
    if not isinstance(logs, dict):
        return {"loss": logs}
    found: dict[str, Any] = {}
    for name, value in logs.items():
        found.update(value if isinstance(value, dict) else {name: value})
    return found


class RecordedStep(Node):
    """A step as a node: it is called on symbols once for each shape of its batches, and runs what was recorded.

    # Arguments
        method: `train_step` or `test_step` of a model.
        inputs: the tensors that are fed.
        structure: how they make up the data.
        logs: takes what the step returns.
        shapes: those of a batch, for the first recording.
    """

    method: Callable[..., Any]
    inputs: list[Tensor]
    structure: Structure
    logs: Logs
    outputs: list[Any]

    gives_list = True

    def __init__(
        self, method: Callable[..., Any], inputs: Sequence[Tensor], structure: Structure, logs: Logs, shapes: Any
    ) -> None:
        super().__init__(None)
        self.method, self.inputs, self.structure, self.logs = method, list(inputs), structure, logs
        self._programs: dict[Any, Program] = {}
        first = self._program(tuple(map(tuple, shapes)))
        self._variables = first.variables()
        width = sum(int(np.prod(shape, dtype=int)) for shape in logs.shapes)
        self.outputs = [Tensor((width,), K.floatx(), self)]

    def symbols(self) -> list[Tensor]:
        return self.inputs

    def variables(self) -> list[Variable]:
        return self._variables

    def run(self, scope: Scope) -> list[Any]:
        values = [scope.value(x) for x in self.inputs]
        with outside():
            program = self._program(tuple(tuple(value.shape) for value in values))
        return program.run_on(scope, values)

    def _program(self, shapes):
        if shapes not in self._programs:
            self._programs[shapes] = self._recorded(shapes)
        return self._programs[shapes]

    def _recorded(self, shapes):
        inputs = [Tensor(shape, x.dtype, name=x.name) for shape, x in zip(shapes, self.inputs)]
        made = None
        while made != Variable.count:  # again if the step has made weights or slots, which draw random numbers
            made = Variable.count
            program = self._recorded_once(inputs)
        return program

    def _recorded_once(self, inputs):
        made, by, hidden = Variable.count, Recorder(), _Hidden(self.logs.model)
        with recording(by):
            values = self.logs.take(self.method(arranged(self.structure, inputs)))
            hidden.check(made == Variable.count)
            row = K.concatenate([_vector(value) for value in values]) if values else np.zeros(0, K.floatx())
        return Program(inputs, [row], by.entries)


def _vector(value):
    """Return a value of the logs as a vector of numbers."""
    return (
        K.reshape(K.cast(value, K.floatx()), (-1,))
        if isinstance(value, Tensor)
        else np.ravel(np.asarray(value, K.floatx()))
    )


_OURS = frozenset(("built", "stop_training", "accuracy_asked", "trainable", "_building"))


class _Hidden:
    """State that a step may change without the recorder's notice: random generators, and numbers of the model."""

    def __init__(self, model: Any) -> None:
        self._model, self._attributes = model, self._numbers(model)
        self._random = random_states()

    def _numbers(self, model):
        return {name: value for name, value in vars(model).items() if isinstance(value, (int, float, str))}

    def check(self, judged: bool) -> None:
        """Set changed numbers back. If `judged`, raise NeedsPython if there are any, or random numbers were drawn."""
        before, now = self._attributes, self._numbers(self._model)
        changed = [name for name in now if name in before and now[name] != before[name] and name not in _OURS]
        vars(self._model).update({name: before[name] for name in changed})
        if not judged:
            return
        drew = not same_states(self._random, random_states())
        if drew:
            set_random_states(self._random)
        if changed or drew:
            raise NeedsPython(f"it changes {changed[0]!r}" if changed else "it draws random numbers of NumPy or Python")


class EagerStep(Step):
    """A step that Python runs on arrays, batch by batch.

    # Arguments
        method: `train_step` or `test_step` of a model.
        inputs: the tensors that are fed.
        structure: how they make up the data.
        logs: takes what the step returns.
        variables: function that returns the variables of the model; no other thread uses them during a step.
    """

    method: Callable[..., Any]
    structure: Structure

    def __init__(self, method: Callable[..., Any], inputs: Sequence[Tensor], structure: Structure, logs: Logs) -> None:
        super().__init__(Function(list(inputs), [inputs[0]], name="step"), 1)
        self.method, self.structure, self.measures = method, structure, logs
        self._met_first = self.function.met
        self._meet([*logs.model.weights, *logs.model.metrics_variables])

    def _meet(self, variables):
        """Note the `variables` of the step, for snapshots of a training; one that goes on gives them their values."""
        function = self.function
        known = set(function.variables)
        for variable in dict.fromkeys(variables):
            if variable not in known:
                function.variables.append(variable)
                function.met(variable)

    def one(self, feeds: Any, proven: Any = ()) -> Any:
        """Run one step on the arrays of a batch. Returns the values for the logs in one vector."""
        if self.function.met is not self._met_first:
            self._make_variables(feeds)
        by, row = self._run(feeds)
        self._meet(by.met)
        return row

    def _make_variables(self, feeds):
        """Run a step for the variables that it makes, where a training goes on whose snapshot has values for them."""
        kept, calls = [(v, v.get_value()) for v in self.function.variables], self.function.calls
        states = random_states()
        by = self._run(feeds)[0]
        for variable, value in kept:
            variable.set_value(value)
        self.function.calls = calls
        set_random_states(states)
        self._meet(by.met)
        self._met_first = self.function.met

    def _run(self, feeds):
        """Run the step. Returns (the recorder, the values for the logs)."""
        data = arranged(self.structure, [EagerTensor(x) for x in feeds if x is not None])
        lock = lock_for(self.function.variables)
        lock.acquire_write()
        try:
            with recording(EagerRecorder(self.function.next_key())) as by:
                values = self.measures.take(self.method(data))
        finally:
            lock.release_write()
        parts = [np.ravel(np.asarray(value, np.float64)) for value in values]
        return by, np.concatenate(parts) if parts else np.zeros(0)

    def run(self, chunk: Any) -> np.ndarray:
        """Run the steps of a chunk, one after the other. Returns a row of values for each."""
        batches = chunk.feeds() if hasattr(chunk, "feeds") else (fed for fed, _ in chunk.fed())
        return np.array([self.one(feeds) for feeds in batches])

    def prepare(self, chunk: Any) -> None:
        """Compile nothing."""


def step_of(model: Any, name: str, spec: Any, logs: Logs, phase: int) -> Step:
    """Return the step `name` of a model, recorded and compiled if its code allows it."""
    method = getattr(model, name)
    if _takes_state(method):
        method = _with_state(model, method)
    if not model.run_eagerly:
        try:
            node = RecordedStep(method, spec.feeds, spec.structure, logs, spec.batch_shapes())
            function = Function(spec.feeds, [node.outputs[0]], collect="all", name=name, layout=spec.layout)
            step = Step(function, phase, model.trainable_weights if phase else ())
            step.measures = logs
            return step
        except NeedsPython as reason:
            notices.remark(
                f"{type(model).__name__}.{name} runs by Python, batch by batch, and not as one compiled program: "
                f"{reason}"
            )
    with contextlib.suppress(Exception):  # a model without `call`; what is wrong otherwise, the step itself will tell
        _build_model(model, arranged(spec.structure, spec.feeds))
    return EagerStep(method, spec.feeds, spec.structure, logs)


def _takes_state(method):
    """Return whether a step is in the form of JAX: `train_step(state, data)`."""
    return len([p for p in inspect.signature(method).parameters.values() if p.default is p.empty]) > 1


def _build_model(model, data):
    """Make the weights, if they are not there yet, so that a snapshot of a training can give them their values."""
    with recording(None):
        if not all(member.built for member in with_sublayers(model)):
            model(unpacked(data)[0])
            model.inbound_nodes.pop()


def _build(model, data):
    """Make the weights and the slots, if they are not there yet."""
    _build_model(model, data)
    with recording(None):
        model.optimizer.build(model.trainable_variables)


def predicting(model: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the `predict_step` of a model as a function of the data alone, also if it is in the form of JAX."""
    if not _takes_state(method):
        return method

    def step(data):
        tensors, structure = flattened(data)
        _build_model(model, data)
        kinds: list[Any] = []

        def run(states, tensors):
            found, kind = flattened(method(tuple(states), arranged(structure, tensors))[0])
            kinds[:] = [kind]
            return [jnp.asarray(y) for y in found]

        states = [list(model.trainable_variables), list(model.non_trainable_variables)]
        found = record(run, (states, tensors), {})
        return arranged(kinds[0], found)

    return step


def _with_state(model, method):
    """Return a step of one argument for one in the form of JAX, `train_step(state, data)`, which returns its state.

    The state of a test is without the optimizer's variables.
    """
    trains = method.__name__ != "test_step"

    def step(data):
        tensors, structure = flattened(data)
        _build(model, data)
        states = [
            list(model.trainable_variables),
            list(model.non_trainable_variables),
            *([list(model.optimizer.variables)] if trains else []),
            [state for metric in model.metrics for state in states_of(metric)],
        ]
        count = [len(part) for part in states]
        names: list[str] = []

        def run(states, tensors):
            logs, new = method(tuple(states), arranged(structure, tensors))
            found = logs_of(logs)
            names[:] = found
            full = [*new, *states[len(new) :]]
            return [jnp.asarray(value) for value in (*found.values(), *(x for part in full for x in part))]

        found = record(run, (states, tensors), {})
        values, new = found[: len(names)], found[len(names) :]
        assert len(new) == sum(count), "the state has the variables that it was given"
        recorder().assign(list(zip([v for part in states for v in part], new)))
        return dict(zip(names, values))

    return step
