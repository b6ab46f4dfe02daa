"""Recordings: what a function does that is called on symbols, as nodes and assignments in their order.

A step written by a user (`train_step`) is called once on symbols, and its recording is one node of a graph: a
`Program`. It runs the nodes in stages, from assignment to assignment, so that a variable read after an assignment has
its new value.
"""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from horngate.backend import config
from horngate.backend.function import as_before
from horngate.backend.graph import Node, Scope, Tensor, Variable, ancestors, map_symbols, record, symbols_in
from horngate.backend.inference import infer


class Assignment:
    """New values for variables, all computed before any of them changes."""

    def __init__(self, pairs: Sequence[tuple[Variable, Any]]) -> None:
        self.pairs: list[tuple[Variable, Any]] = list(pairs)


class Recorder:
    """The nodes and assignments of a function that is called on symbols, in their order."""

    computes = False  # whether tensors have values at once
    tapes = 0  # number of tapes that record now
    keeps = False  # whether a tape may be asked after variables were assigned

    def __init__(self) -> None:
        self.entries: list[Node | Assignment] = []

    def note(self, node: Node) -> None:
        """Record a node."""
        self.entries.append(node)

    def noted(self, arguments: Any) -> Any:
        """Return arguments with arrays that a tape watches as tensors."""
        return arguments

    def losses_of(self, node: Any) -> list[Any]:
        """Return the terms that the call `node` of a layer adds to the loss, as symbols."""
        made = LossesOfCall(node)
        found: list[Any] = []
        infer(lambda scope: _noted(found, made.losses(scope)), list(node.symbols()))
        made.outputs = [Tensor((), config.floatx(), made, i) for i in range(found[0] if found else 0)]
        if made.outputs:
            self.note(made)
        return made.outputs

    def tensor_of(self, x: Any) -> Tensor:
        """Return the symbol `x`; an array becomes one, a constant."""
        if isinstance(x, Tensor):
            return x
        return record(jnp.asarray, (x,), {})

    def assign(self, pairs: Sequence[tuple[Variable, Any]]) -> None:
        """Record the assignment of values, symbols or arrays, to variables."""
        self.entries.append(Assignment(pairs))


def _noted(counts, losses):
    """Note how many terms there are. Returns a number, as what is traced must."""
    counts.append(len(losses))
    return 0.0


class Program(Node):
    """A recorded function as one node.

    # Arguments
        inputs: the symbols that it was called on.
        outputs: the symbols or arrays that it returned.
        entries: what was recorded.
    """

    gives_list = True

    def __init__(self, inputs: Sequence[Tensor], outputs: Sequence[Any], entries: Sequence[Node | Assignment]) -> None:
        super().__init__(None)
        self.inputs: list[Tensor] = list(inputs)
        self.given: list[Any] = list(outputs)
        self.stages: list[Any] = _stages(entries)
        self.places: dict[Node, int] = {}
        self.outputs = [
            Tensor(getattr(x, "shape", ()), getattr(x, "dtype", "float32"), self, i) for i, x in enumerate(outputs)
        ]

    def symbols(self) -> list[Tensor]:
        return self.inputs

    def variables(self) -> list[Variable]:
        read = [v for nodes, _ in self.stages for node in nodes for v in node.variables()]
        assigned = [v for _, pairs in self.stages for v, value in pairs for v in (v, *symbols_in(value))]
        given = list(symbols_in(self.given))
        return list(dict.fromkeys(v for v in (*read, *assigned, *given) if isinstance(v, Variable)))

    def run(self, scope: Scope) -> list[Any]:
        return self.run_on(scope, [scope.value(x) for x in self.inputs])

    def run_on(self, scope: Scope, values: Sequence[Any]) -> list[Any]:
        """Run on `values` for the inputs; assignments become updates of the node that runs in `scope`."""
        feeds, key = dict(zip(self.inputs, values)), scope.frame.next_key()
        inner = Scope(dict(scope.variables), feeds, 0, key, self.places, scope.live)
        inner.known, inner.stand_in, inner.guessed, inner.changed = scope.known, scope.stand_in, scope.guessed, {}
        with inner:
            for nodes, pairs in self.stages:
                now = dict(inner.variables)
                inner.versions.update(dict.fromkeys(nodes, now))
                for node in sorted(nodes, key=lambda node: not node.is_gradient):  # they compute what they derive too
                    if any(x is not None and x not in inner.memo for x in node.outputs):
                        inner.value(node.outputs[0])
                news = [(variable, inner.resolve(value)) for variable, value in pairs]
                for variable, value in news:
                    inner.variables[variable] = as_before(variable, value, inner.value(variable))
                    inner.changed[variable] = True
            outputs = inner.resolve(self.given)
        scope.frame.updates.extend((variable, inner.variables[variable], True) for variable in inner.changed)
        scope.frame.checks.extend(check for frame in inner.records.values() for check in frame.checks)
        return outputs


def _stages(entries):
    """Return pairs (nodes, assignments (variable, value)): the assignments are made when the nodes have run."""
    stages: list[Any] = [([], [])]
    for entry in entries:
        if isinstance(entry, Assignment):
            stages[-1][1].extend(entry.pairs)
            stages.append(([], []))
        else:
            stages[-1][0].append(entry)
    return stages


class Replay(Node):
    """A graph run again on other values of its inputs.

    # Arguments
        inputs: placeholders of the graph.
        results: its outputs.
        values: what takes the place of the inputs.
    """

    gives_list = True

    def __init__(self, inputs: Sequence[Tensor], results: Sequence[Any], values: Sequence[Any]) -> None:
        super().__init__(None, (list(values),))
        self.inputs: list[Tensor] = list(inputs)
        self.results: list[Any] = list(results)
        self.places: dict[Node, int] = {}
        self.outputs = [Tensor(x.shape, x.dtype, self, i) for i, x in enumerate(results)]

    def variables(self) -> list[Variable]:
        nodes = ancestors([x for x in self.results if isinstance(x, Tensor)])
        return [*super().variables(), *(v for node in nodes for v in node.variables())]

    def run(self, scope: Scope) -> list[Any]:
        values = map_symbols(scope.value, self.args[0])
        feeds, key = dict(zip(self.inputs, values)), scope.frame.next_key()
        with Scope(scope.variables, feeds, scope.phase, key, self.places, scope.live) as inner:
            return [inner.resolve(result) for result in self.results]


class LossesOfCall(Node):
    """The terms that a call of a layer adds to the loss, once it has run.

    # Arguments
        call: the node of the call.
    """

    gives_list = True

    def __init__(self, call: Node) -> None:
        super().__init__(None, (call.outputs[0],))
        self._call = call

    def losses(self, scope: Scope) -> list[Any]:
        """Return the terms; the call has run in `scope`, or runs now."""
        scope.value(self._call.outputs[0])
        frame = scope.records.get(self._call)
        return [] if frame is None else frame.losses

    def run(self, scope: Scope) -> list[Any]:
        return [jnp.sum(loss) for loss in self.losses(scope)]
