"""GradientTape: gradients of what was computed within a block, as TensorFlow's programs ask for them."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Self

import jax
import jax.numpy as jnp

from horngate.backend.graph import Node, Scope, Tensor, Variable, call_op, map_within
from horngate.backend.recording import Assignment
from horngate.backend.running import recorder, recording


class TapeGradient(Node):
    """The gradient of the sums of `targets`, as computed by the `region` of a tape.

    # Arguments
        targets: tensors.
        wrt: the tensors and variables to differentiate by.
        region: the nodes that were recorded; what others gave is constant.
        weights: factors of the elements of `targets`; None for 1.
        assigned: variables that were assigned within the block.
    """

    nodes: list[Node]
    constants: list[Tensor]

    is_gradient = True
    gives_list = True

    def __init__(
        self,
        targets: Sequence[Any],
        wrt: Sequence[Any],
        region: dict[Node, bool],
        weights: Sequence[Any],
        assigned: set[Variable],
    ) -> None:
        super().__init__(None)
        self.targets: list[Any] = list(targets)
        self.wrt: list[Any] = list(wrt)
        self.weights: list[Any] = list(weights)
        self.assigned: set[Variable] = assigned
        self.nodes, self.constants = _cut(self.targets, region, {x for x in wrt if isinstance(x, Tensor)})
        self.outputs = [Tensor(x.shape, x.dtype, self, i) for i, x in enumerate(self.wrt)]

    def symbols(self) -> list[Any]:
        given = [x for x in self.wrt if isinstance(x, Tensor)]
        return [*self.constants, *given, *(w for w in self.weights if isinstance(w, Tensor))]

    def variables(self) -> list[Variable]:
        read = [variable for node in self.nodes for variable in node.variables()]
        return [*(x for x in self.wrt if isinstance(x, Variable)), *read]

    def connected(self) -> list[bool]:
        """Return for each of `wrt` whether the targets depend on it."""
        read: set[Any] = {v for node in self.nodes for v in node.variables()} | set(self.targets)
        read |= {s for node in self.nodes for s in node.symbols()}
        return [x in read for x in self.wrt]

    def run(self, scope: Scope) -> list[Any]:
        known, values, computed = self._given(scope)
        weights = [scope.resolve(w) for w in self.weights]
        before = dict(scope.records)
        ran = {node for node in self.nodes if any(x in scope.memo or x.computed is not None for x in node.outputs[:1])}
        inner: Any = None

        def total_of(values):
            nonlocal inner
            inner = self._inner(scope, known, values, computed)
            with inner:
                found = [jnp.asarray(inner.value(x)) for x in self.targets]
                total = sum(jnp.sum(y if w is None else y * w) for y, w in zip(found, weights))
            return total, inner.findings()

        gradients, findings = jax.grad(total_of, has_aux=True)(values)
        scope.adopt(inner, findings)
        for node in inner.records:
            if node in ran:  # its updates count once
                scope.records.pop(node, None)
                scope.records.update({node: before[node]} if node in before else {})
            elif scope.changed is not None:
                scope.records[node].node = node
                scope.records[node].apply(scope.variables, scope.changed)
        return gradients

    def _given(self, scope):
        """Return the values of the constants, those to differentiate by, and which of these the region computes.

        Of variables, the values are those that the region read; of what it computes, a summand: 0.
        """
        known, versions = {x: scope.value(x) for x in self.constants}, self._versions(scope)
        values = [jnp.asarray(versions[x] if x in versions else scope.value(x)) for x in self.wrt]
        computed = [isinstance(x, Tensor) and x.node in self.nodes for x in self.wrt]
        return known, [jnp.zeros_like(x) if inside else x for x, inside in zip(values, computed)], computed

    def _versions(self, scope):
        """Return variable -> the value that the region read, for those that are known."""
        found: dict[Any, Any] = {}
        for node in self.nodes:
            for variable in node.variables():
                then = scope.versions.get(node, {}).get(variable)
                if then is None or variable in scope.held:
                    continue
                if found.setdefault(variable, then) is not then and variable in self.assigned:
                    raise TypeError(
                        f"GradientTape: {variable.label} was assigned within the block, between two uses. Assign it "
                        "after the block, or use its new value as a tensor."
                    )
        return found

    def _inner(self, scope, known, values, computed):
        """Return the scope in which the targets are differentiated by `values`."""
        variables, feeds, offsets = {**scope.variables, **self._versions(scope)}, dict(known), dict(scope.offsets)
        for x, value, inside in zip(self.wrt, values, computed):
            if isinstance(x, Variable):
                variables[x] = value
            elif inside:
                offsets[x] = value + scope.offsets.get(x, 0)
            else:
                feeds[x] = value
        held = scope.held | {x for x in self.wrt if isinstance(x, Variable)}
        kept = {"offsets": offsets, "keys": scope.keys, "versions": scope.versions}
        changed = None if scope.changed is None else {}
        return scope.inner(variables, feeds, held=held, recomputes=True, changed=changed, **kept)


class TapeJacobian(TapeGradient):
    """The derivatives of each element of the first of `targets`; arguments as for `TapeGradient`."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        of = tuple(self.targets[0].shape)
        self.outputs = [Tensor((*of, *x.shape), x.dtype, self, i) for i, x in enumerate(self.wrt)]

    def run(self, scope: Scope) -> list[Any]:
        known, values, computed = self._given(scope)

        def target_of(values):
            with self._inner(scope, known, values, computed) as inner:
                return jnp.asarray(inner.value(self.targets[0]))

        return jax.jacrev(target_of)(values)


def _of_same_rows(jacobian, rank):
    """Return the entries of a Jacobian in which the rows of target and source are the same."""
    return jnp.moveaxis(jnp.diagonal(jnp.asarray(jacobian), axis1=0, axis2=rank), -1, 0)


def _cut(targets, region, given):
    """Return (the nodes of the region that the targets need, each after those it needs; the tensors from outside)."""
    order: dict[Node, bool] = {}
    outside: dict[Tensor, bool] = {}
    stack = [(x, False) for x in reversed(targets)]
    while stack:
        x, expanded = stack.pop()
        if not isinstance(x, Tensor):
            continue
        if x.node is None or x.node not in region:
            if x not in given:
                outside[x] = True
        elif expanded:
            order[x.node] = True
        elif x.node not in order:
            stack.append((x, True))
            stack.extend((s, False) for s in reversed(list(x.node.symbols())))
    return list(order), list(outside)


class GradientTape:
    """Records what is computed within its block, to differentiate it.

    In `train_step` and functions decorated by `function`, it is a region of the recorded graph; elsewhere, layers and
    functions of K compute at once within its block, and are recorded.

    # Arguments
        persistent: whether `gradient` may be asked several times.
        watch_accessed_variables: whether variables are watched without being told.

    >>> from horngate import backend as K
    >>> x = K.variable(3.0)
    >>> with GradientTape() as tape:
    ...     y = x * x
    >>> float(tape.gradient(y, x))
    6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent, self._watches_all = persistent, watch_accessed_variables
        self._recorder: Any = None
        self._spans: list[list[Any]] = []  # [start, stop] in the recorder's entries; stop is None while it records
        self._watched: list[Any] = []
        self._used = False
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._recorder = recorder()
        if self._recorder is None:
            from horngate.backend.eager_tensors import EagerRecorder  # for programs that differentiate by themselves

            self._recorder = self._opened.enter_context(recording(EagerRecorder()))
        self._spans.append([len(self._recorder.entries), None])
        self._recorder.tapes += 1
        self._recorder.keeps |= self._persistent or self._recorder.tapes > 1
        return self

    def __exit__(self, *exception: Any) -> None:
        self._recorder.tapes -= 1
        self._spans[-1][1] = len(self._recorder.entries)
        self._opened.close()

    def watch(self, tensor: Any) -> None:
        """Let `tensor`, or each tensor in a list of them, be differentiated by, though no variable."""
        for x in tensor if isinstance(tensor, (list, tuple)) else [tensor]:
            self._watched.append(x if isinstance(x, (Tensor, Variable)) else self._recorder.tensor_of(x))

    def watched_variables(self) -> list[Variable]:
        """Return the variables that were read."""
        found = dict.fromkeys(v for node in self._region() for v in node.variables())
        return [v for v in found if self._watches_all or any(v is w for w in self._watched)]

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Within the block, nothing is recorded: its results are constants."""
        self._spans[-1][1] = len(self._recorder.entries)
        try:
            yield
        finally:
            self._spans.append([len(self._recorder.entries), None])

    def reset(self) -> None:
        """Forget what was recorded."""
        self._spans = [[len(self._recorder.entries), None]]

    def _entries(self) -> list[Any]:
        return [entry for start, stop in self._spans for entry in self._recorder.entries[start:stop]]

    def _region(self) -> dict[Node, bool]:
        return {entry: True for entry in self._entries() if isinstance(entry, Node)}

    def _assigned(self) -> set[Variable]:
        return {v for entry in self._entries() if isinstance(entry, Assignment) for v, _ in entry.pairs}

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None, unconnected_gradients: Any = "none"
    ) -> Any:
        """Return the gradients of the sum of `target` by `sources`, in the structure of these.

        # Arguments
            target: a tensor, or a list of them.
            sources: a variable or tensor, or a list or dictionary of them.
            output_gradients: factors of the elements of `target`.
            unconnected_gradients: `'none'` to return None, or `'zero'` for zeros, where `target` does not depend on
                a source.
        """
        if self._used and not self._persistent:
            raise RuntimeError("GradientTape.gradient was asked twice: make the tape by GradientTape(persistent=True).")
        self._used = True
        wrt, targets = self._sources(sources), self._targets(target)
        weights = [None] * len(targets) if output_gradients is None else _listed(output_gradients)
        node = TapeGradient(targets, wrt, self._region(), weights, self._assigned())
        connected = node.connected()
        if not self._watches_all:
            watched = {id(x) for x in self._watched}
            connected = [found and id(x) in watched for x, found in zip(wrt, connected)]
        gradients = iter(self._gradients(node))
        zeros = getattr(unconnected_gradients, "value", unconnected_gradients) == "zero"
        found = [g if there or zeros else None for g, there in zip(gradients, connected)]
        return _in_structure(sources, iter(found))

    def jacobian(self, target: Any, sources: Any) -> Any:
        """Return the derivatives of each element of the tensor `target` by `sources`, in the structure of these.

        Each has the shape of `target`, then that of the source.
        """
        node = TapeJacobian(self._targets(target)[:1], self._sources(sources), self._region(), [None], self._assigned())
        return _in_structure(sources, iter(self._gradients(node)))

    def batch_jacobian(self, target: Any, source: Any) -> Any:
        """Return the derivatives of each row of the tensor `target` by the same row of `source`."""
        return call_op(_of_same_rows, self.jacobian(target, source), len(target.shape))

    def _sources(self, sources):
        wrt: list[Any] = []
        map_within(wrt.append, _as_lists(sources, self._recorder), (Tensor, Variable))
        return wrt

    def _targets(self, target):
        targets = _listed(target)
        for each in targets:
            if not isinstance(each, (Tensor, Variable)):
                raise TypeError(
                    f"GradientTape: the target is {type(each).__name__}, an array that no tape followed: it was not "
                    "computed from variables or watched tensors by layers and the functions of horngate.ops."
                )
        return targets

    def _gradients(self, node):
        by = recorder()
        if by is None:
            by = self._recorder
        if by.computes:
            return by.computed_list(node)
        by.note(node)
        return node.outputs


def _listed(target):
    target = list(target.values()) if isinstance(target, dict) else target
    return list(target) if isinstance(target, (list, tuple)) else [target]


def _as_lists(sources, by):
    if isinstance(sources, dict):
        return [_as_lists(each, by) for each in sources.values()]
    if isinstance(sources, (list, tuple)):
        return [_as_lists(each, by) for each in sources]
    return sources if isinstance(sources, (Tensor, Variable)) else by.tensor_of(sources)


def _in_structure(sources, found):
    if isinstance(sources, dict):
        return {key: _in_structure(each, found) for key, each in sources.items()}
    if isinstance(sources, (list, tuple)):
        return [_in_structure(each, found) for each in sources]
    return next(found)
