"""K.function, where a graph becomes one compiled function, and K.gradients."""

import functools
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend import config, mesh, ranges
from horngate.backend.dispatch import Dispatch
from horngate.backend.dtypes import jax_dtype, lengthened
from horngate.backend.graph import LEARNING_PHASE, MissingVariable, Node, Scope, Tensor, Variable, ancestors
from horngate.backend.locks import ReadWriteLock, ReadWriteLocks, lock_for
from horngate.backend.running import active_scope
from horngate.backend.types import F, TensorLike

Result = TypeVar("Result")
_RUNS = 3  # traces that may make a new variable, in a row; a function that keeps its variables needs one


def random_root(random: Any = np.random) -> np.ndarray:
    """The root of random keys: read from the state of NumPy's (global) generator, which does not advance."""
    _, words, position, *_ = random.get_state()
    return np.array([zlib.crc32(words.tobytes()), position], np.uint32)


class _Counted:
    """How often something was computed outside of functions since the seed was set."""

    root: Any = None
    calls: int = 0


def key_for_once() -> np.ndarray:
    """The random key of something that is computed outside of functions: another at each call, repeated by a seed."""
    root = random_root()
    if _Counted.root is None or (root != _Counted.root).any():
        _Counted.root, _Counted.calls = root, 0
    _Counted.calls += 1
    return root + np.array([1, _Counted.calls], np.uint32)


def seeded() -> None:
    """Note that the program has set NumPy's seed, so that what is computed outside of functions repeats."""
    _Counted.root = None


class Function:
    """A compiled graph: `function(inputs)` gives the outputs and applies the updates.

    # Arguments
        inputs: a list of placeholders, and `K.learning_phase()` where the caller chooses the phase.
        outputs: a tensor or variable, or a list of them.
        updates: pairs (variable, new value), all computed from the values before the call.
        collect: which updates of the layers that run to apply as well: `'all'`, only the `'state'` of stateful
            layers, or None. What a `call` assigns is kept anyway.
        phase: 0 (test) or 1 (train), where the caller does not choose it; None for the one that
            `K.set_learning_phase` has fixed, or else 0.
        name: for messages.
        collect_if: a tensor; if it is False, only the updates of states are applied.
        layout: the `mesh.Layout` of the devices that it runs on; None for one device.
    """

    nodes: list[Node]

    def __init__(
        self,
        inputs: Sequence[Tensor],
        outputs: Any,
        updates: Iterable[Sequence[Any]] = (),
        collect: str | None = None,
        phase: int | None = None,
        name: str | None = None,
        collect_if: TensorLike | None = None,
        layout: mesh.Layout | None = None,
    ) -> None:
        self.several: bool = isinstance(outputs, (list, tuple))
        self.outputs: list[Any] = list(outputs) if self.several else [outputs]
        self.inputs: list[Tensor] = list(inputs)
        self.fed: list[Tensor] = [x for x in self.inputs if x is not LEARNING_PHASE]
        self.updates: list[tuple[Any, ...]] = [tuple(pair) for pair in updates]
        self.collect: str | None = collect
        self.phase: int | None = phase
        self.collect_if: TensorLike | None = collect_if
        self.name: str = name or "function"
        self.layout: mesh.Layout | None = layout
        self.places: dict[Node, int] = {}
        self.calls: int = 0
        self.root: np.ndarray | None = None
        # called with each variable that only a trace finds
        self.met: Callable[[Variable], None] = lambda variable: None
        # (range, whether its numbers are floating) -> the code of a number out of range in reports
        self.faults: dict[tuple[ranges.Range, bool], int] = {}
        self.nodes = ancestors([s for s in self._targets() if isinstance(s, Tensor)])
        self.variables: list[Variable] = list(dict.fromkeys(self._announced_variables()))
        self.announced: int = len(self.variables)  # the rest was found by traces
        self.mutates: bool = bool(self.updates or collect)
        self.lock: ReadWriteLock | ReadWriteLocks = lock_for(self.variables)
        self.ranges: tuple[tuple[ranges.Range, ...], ...] = ranges.ranges_of(self.fed, self.nodes)
        self.dispatch: Dispatch = Dispatch(self, self.checked, arguments=5, static=2, rows=True)

    def _targets(self) -> list[Tensor | Variable]:
        return [s for s in self.outputs + [new for _, new in self.updates] if isinstance(s, (Tensor, Variable))]

    def _announced_variables(self) -> Iterator[Variable]:
        yield from (s for s in self._targets() if isinstance(s, Variable))
        for node in self.nodes:
            yield from node.variables()
        yield from (variable for variable, _ in self.updates)

    def run(
        self, state: Sequence[Any], feeds: Sequence[Any], key: Any, phase: Any
    ) -> tuple[list[Any], tuple[Any, ...]]:
        """The pure function, from the values of variables and inputs to (outputs, new values of the variables)."""
        return self._run(state, feeds, key, phase)[:2]

    def checked(
        self,
        state: Sequence[Any],
        feeds: Sequence[Any],
        key: Any,
        phase: Any,
        proven: Iterable[tuple[int, int]],
        before: Any = None,
    ) -> tuple[tuple[list[Any], Any], tuple[Any, ...]]:
        """Like `run`, and check numbers: ((outputs, report), new values). After a fault the values are the old ones.

        `proven`: pairs (place of an input, n) of inputs known to hold whole numbers from 0 to n - 1. `before`: the
        report of the step before; if it holds a fault, it is returned. The report is None if nothing needs a check.
        """
        outputs, new_state, checks = self._run(state, feeds, key, phase, proven)
        if not checks:
            return (outputs, None), new_state
        report = ranges.report(checks, self.faults)
        report = report if before is None else ranges.earlier(before, report)
        report = report if self.layout is None else self.layout.hold_whole(report)
        return (outputs, report), ranges.kept(report, state, new_state)

    def settle(self, report: Any) -> None:
        """Raise the error of a `report` from `checked`, if it holds one."""
        if report is not None:
            ranges.settle(np.asarray(report), self.faults)

    def _run(self, state, feeds, key, phase, proven=None):
        layout, variables = self.layout, self.variables
        if layout is None:
            return self._computed(state, feeds, key, phase, proven)
        with layout.traced():
            used, feeds = layout.hold_used(variables, state), [layout.hold_rows(feed) for feed in feeds]
            outputs, new_state, checks = self._computed(used, feeds, key, phase, proven)
            return layout.hold_outputs(outputs), layout.hold_kept(variables, new_state), checks

    def _computed(self, state, feeds, key, phase, proven):
        raw, feeds = feeds, {x: _in_type_of(x, value) for x, value in zip(self.fed, feeds)}
        scope = Scope(dict(zip(self.variables, state)), feeds, phase, key, self.places)
        with scope:
            if proven is not None:
                ranges.begin(scope, list(feeds.values()), raw, self.ranges, dict(proven))
            for node in self.nodes:  # first, since a gradient also computes its forward pass
                if node.is_gradient and node.outputs[0] not in scope.memo:
                    scope.value(node.outputs[0])
            outputs = [_as_declared(scope.resolve(output), output) for output in self.outputs]
            new_values = {variable: scope.resolve(new) for variable, new in self.updates}
            new_values.update(self._collected(scope))
        self.mutates = self.mutates or bool(new_values)  # the trace tells whether a `call` assigns variables
        checks = [*scope.frame.checks, *(check for frame in scope.records.values() for check in frame.checks)]
        if not self.mutates:
            return outputs, (), checks
        for variable in new_values:
            if variable not in scope.variables:
                raise MissingVariable(variable)
        new_state = [as_before(v, new_values.get(v), old) for v, old in zip(self.variables, state)]
        return outputs, tuple(new_state), checks

    def _collected(self, scope):
        """The updates of the layers that `collect` selects: pairs (variable, new value)."""
        condition = scope.resolve(self.collect_if)
        for frame in scope.records.values():
            for variable, new, is_state in frame.updates:
                if is_state and (self.collect or variable in frame.assigned):
                    yield variable, new
                elif self.collect == "all":
                    before = scope.variables[variable] if variable in scope.variables else scope.value(variable)
                    yield variable, new if condition is None else jnp.where(condition, new, before)

    def retrying(self, call: Callable[[], Result]) -> Result:
        """Return `call()`. Each time the graph meets an unknown variable, add the variable and call again."""
        anew = 0.0  # runs in a row that met a variable which they had made
        while anew < _RUNS:
            known = Variable.count
            try:
                return call()
            except MissingVariable as missing:
                variable = missing.variable
                self.variables.append(variable)
                self.lock = lock_for(self.variables)
                self.met(variable)
                anew = anew + (1 if not variable.is_kept else 1 / 32) if variable.number > known else 0
        raise RuntimeError(
            f"{self.name}: the variable {variable.label!r} of shape {variable.shape} is made anew each time the graph "
            "runs, so that nothing could ever be kept in it. Make it once: in a layer's build() or __init__, or "
            "outside of the function."
        )

    def state(self) -> tuple[Any, ...]:
        """The values of the variables, on the device, or in their places on the mesh."""
        if self.layout is not None:
            return self.layout.state(self.variables)
        values = [variable.value for variable in self.variables]
        for value in values:
            if type(value) is np.ndarray:
                break
        else:
            return tuple(values)
        new = [(v, value) for v, value in zip(self.variables, values) if type(value) is np.ndarray]
        for (variable, value), placed in zip(new, jax.device_put([value for _, value in new])):
            if variable.value is value:  # and no other thread has set it
                variable.value = placed
        return self.state()

    def bind(self, new_state: Sequence[Any]) -> None:
        """Set the variables to their new values; their old arrays were donated."""
        for variable, value in zip(self.variables, new_state):
            variable.value = value

    def set_root(self) -> np.ndarray:
        """Read the root of the random keys from NumPy's generator at the first call; returns it."""
        root = self.root
        if root is None:
            root = random_root()
            self.root = root = root if self.layout is None else self.layout.of_first(root)
        return root

    def next_key(self, calls: int = 1) -> np.ndarray:
        """The random key of the next call, or of the first of the next `calls`."""
        last = self.calls = self.calls + calls  # set at once: another thread may call now
        return self.set_root() + np.array([0, last - calls + 1], np.uint32)

    def on_device(self, feeds: Sequence[Any], phase: int, proven: Iterable[tuple[int, int]] = ()) -> list[Any]:
        """Call on arrays that fit the placeholders and leave the outputs on the device. `proven`: see `checked`."""
        outputs, report = self.dispatch(feeds, self.next_key(), phase, proven)
        if report is not None:
            self.settle(report)
        return outputs

    def __call__(self, inputs: Sequence[Any]) -> Any:
        if len(inputs) != len(self.inputs):
            raise ValueError(f"this function takes {len(self.inputs)} inputs; received {len(inputs)}")
        phase = self.phase
        feeds: list[Any] = []
        for placeholder, value in zip(self.inputs, inputs):
            if placeholder is LEARNING_PHASE:
                phase = int(value)
            else:
                feeds.append(as_fed(placeholder, value, self.ranges[len(feeds)] if self.ranges else ()))
        phase = current_phase() if phase is None else phase
        outputs = [writable(x) for x in self.on_device(feeds, phase, ranges.proven(feeds, self.ranges))]
        return outputs if self.several else outputs[0]


def as_fed(placeholder: Tensor, value: Any, told: Sequence[ranges.Range] = ()) -> Any:
    """Return `value` as an array of the placeholder's shape and type; numbers must lie in the ranges `told`.

    An array on the device keeps its type if it has a range: the program checks it before the conversion.
    """
    if hasattr(value, "tocoo"):
        value = value.toarray()
    if not isinstance(value, jax.Array):
        value = np.asarray(value)
    ranges.refuse_all([value], [told])
    if value.dtype != placeholder.dtype and not (told and isinstance(value, jax.Array)):
        value = value.astype(jax_dtype(placeholder.dtype))
    fits = len(value.shape) == len(placeholder.shape) and all(
        want in (None, got) for want, got in zip(placeholder.shape, value.shape)
    )
    if not fits:
        raise ValueError(f"input {placeholder.name!r} expects shape {placeholder.shape}; received {value.shape}")
    return value


def _in_type_of(placeholder, value):
    """Convert a fed value to the type of its placeholder; None stays None."""
    wanted = jax_dtype(placeholder.dtype)
    return value if value is None or value.dtype == wanted else value.astype(wanted)


def _as_declared(value, output):
    if isinstance(output, Tensor):
        return lengthened(jnp.asarray(value), output.dtype)
    return jnp.array(value)  # a copy: the variable's own array may be donated before it is read


def as_before(variable: Variable, new: Any, old: Any) -> Any:
    """Convert the new value of a variable to its shape and type; return `old` if `new` is None."""
    if new is None:
        return old
    new = jnp.asarray(new)
    if new.size == 1:
        new = jnp.broadcast_to(new, old.shape)
    if new.shape != old.shape:
        name = variable.label
        raise ValueError(f"an update gives variable {name!r} of shape {old.shape} a value of shape {new.shape}.")
    if jnp.issubdtype(new.dtype, jnp.floating) and jnp.issubdtype(old.dtype, jnp.integer):
        raise TypeError(f"an update gives variable {variable.label!r} of type {old.dtype} a value of type {new.dtype}.")
    return new.astype(old.dtype)


_chosen_phase = None


def learning_phase() -> TensorLike:
    """The phase: 0 or 1 in a running graph or if it was fixed, else a placeholder to feed."""
    scope = active_scope()
    if scope is not None:
        return scope.phase
    return LEARNING_PHASE if _chosen_phase is None else _chosen_phase


def set_learning_phase(value: int) -> None:
    """Fix the phase of all later runs to `value`: 0 (test) or 1 (train)."""
    global _chosen_phase
    if value not in (0, 1):
        raise ValueError(f"the learning phase is 0 (test) or 1 (train); received {value!r}")
    _chosen_phase = int(value)


def forget_learning_phase() -> None:
    """Undo `set_learning_phase`."""
    global _chosen_phase
    _chosen_phase = None


def current_phase(wanted: int = 0) -> int:
    """The phase in which to run: the fixed one, else `wanted`."""
    return wanted if _chosen_phase is None else _chosen_phase


def function(inputs: Sequence[Tensor], outputs: Any, updates: Iterable[Sequence[Any]] = (), **kwargs: Any) -> Function:
    """A function of NumPy arrays compiled from a graph.

    # Arguments
        inputs: a list of placeholders, and `K.learning_phase()` where the caller chooses the phase.
        outputs: a tensor or variable, or a list of them; a call returns their values in the same form.
        updates: pairs (variable, new value); each call applies them, all computed from the values before the call.
        kwargs: arguments of other engines, which are ignored.

    >>> from horngate import backend as K
    >>> x = K.placeholder(shape=(None, 2))
    >>> K.function([x], [K.sum(x, axis=1)])([[[1, 2], [3, 4]]])[0].tolist()
    [3.0, 7.0]
    """
    updates = [tuple(pair) for pair in updates]
    for i, (variable, _) in enumerate(updates):
        if any(variable is other for other, _ in updates[:i]):
            raise ValueError(f"K.function: two updates of variable {variable.label!r}; put them together into one.")
    return Function(inputs, outputs, updates, layout=mesh.layout_in_force())


class GradientNode(Node):
    """The gradient of the sum of `loss` with respect to symbols anywhere in its graph."""

    is_gradient: bool = True
    gives_list: bool = True

    def __init__(self, loss: Tensor | Variable, wrt: Iterable[Tensor | Variable]) -> None:
        super().__init__(None)
        self.loss: Tensor | Variable = loss
        self.wrt: list[Tensor | Variable] = list(wrt)
        self.outputs = [Tensor(x.shape, x.dtype, self, i) for i, x in enumerate(self.wrt)]

    def symbols(self) -> list[Tensor | Variable]:
        return [symbol for symbol in self.wrt if isinstance(symbol, Tensor)]

    def variables(self) -> list[Variable]:
        found = [node.variables() for node in ancestors([self.loss])] if isinstance(self.loss, Tensor) else []
        return [s for s in self.wrt if isinstance(s, Variable)] + [v for variables in found for v in variables]

    def run(self, scope: Scope) -> list[Any]:
        inner: Any = None  # the scope of the inner trace

        def loss_of(values):
            nonlocal inner
            inner = scope.shifted(dict(zip(self.wrt, values)))
            with inner:
                total = jnp.sum(inner.value(self.loss))
            return total, inner.findings()

        given = [isinstance(x, Variable) or x in scope.feeds for x in self.wrt]
        values = [jnp.asarray(scope.value(x)) for x in self.wrt]
        values = [value if as_given else jnp.zeros_like(value) for value, as_given in zip(values, given)]
        gradients, findings = jax.grad(loss_of, has_aux=True)(values)
        scope.adopt(inner, findings)
        return gradients


class NeedsSymbols(TypeError):
    """K.gradients was asked for the gradient of an array, which does not tell how it was computed."""


def gradients(loss: Tensor | Variable, variables: TensorLike) -> list[Tensor]:
    """The gradients of the sum of `loss` with respect to each of `variables`, as a list.

    `variables`: one or a list of placeholders, intermediate tensors or variables. Where `loss` does not depend
    on one, its gradient is zero. Within a layer's `call` there is no graph to differentiate: use `jax.grad` there.
    """
    if not isinstance(loss, (Tensor, Variable)):
        raise NeedsSymbols(
            "K.gradients needs a symbolic loss. Inside a layer's call or a Lambda everything is an array: "
            "write the differentiated part as a function and use jax.grad or jax.vjp."
        )
    wrt = variables if isinstance(variables, (list, tuple)) else [variables]
    return list(GradientNode(loss, wrt).outputs)


def evaluate(x: TensorLike) -> np.ndarray:
    """The value, as NumPy, of a tensor `x` that depends on variables alone."""
    if isinstance(x, Tensor):
        return Function([], [x])([])[0]
    return x.get_value() if isinstance(x, Variable) else np.asarray(x)


def within(body: F) -> F:
    """Wrap `body` for an inner trace (a loop, a branch): it runs in a child scope that ends with it."""

    @functools.wraps(body)
    def run(*args):
        scope = active_scope()
        if scope is None:
            return body(*args)
        with scope.child():
            return body(*args)

    return cast(F, run)


def writable(x: Any) -> np.ndarray:
    """`x` as an array of NumPy that its owner may change."""
    array = np.asarray(x)
    return array if array.flags.writeable else array.copy()


def flatten_tree(tree: Any) -> tuple[list[Any], Callable[[Iterable[Any]], Any]]:
    """Return the arrays in the nested containers of `tree`, and a function that rebuilds it from other arrays."""
    leaves, structure = jax.tree.flatten(tree)
    return leaves, lambda leaves: jax.tree.unflatten(structure, leaves)


def scheduled(schedule: Callable[[Any], Any], step: TensorLike) -> jax.Array:
    """The number `schedule(step)`: compiled if it uses array functions, else Python computes it at each step."""
    step = jnp.asarray(step, jnp.int32)
    try:
        return jnp.asarray(schedule(step), config.floatx())
    except TypeError:  # Python's `if` or the math module met a traced number
        like = jax.ShapeDtypeStruct((), config.floatx())
        return jax.pure_callback(lambda step: np.asarray(schedule(int(step)), like.dtype), like, step)
