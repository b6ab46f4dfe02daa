"""Updates and losses of a layer's call, which it hands in beside its outputs, as tensors of the graph."""

from collections.abc import Callable
from typing import Any, ClassVar

from horngate.backend import graph
from horngate.backend.graph import Tensor


class HandedIn:
    """The updates and losses of one call of a layer, as tensors."""

    updates: list[tuple[Any, Any]]
    losses: list[Any]

    def __init__(self, node: Any) -> None:
        def run(scope):
            scope.value(node.outputs[0])
            frame = scope.records.get(node)
            return [[], []] if frame is None else [[new for _, new, _ in frame.updates], frame.losses]

        found = {}

        def probe(scope):
            scope.run_node(node)
            frame = scope.records.get(node)
            found["variables"] = [variable for variable, _, _ in frame.updates] if frame else []
            return run(scope)

        updates, losses = graph.infer(probe, node.symbols())
        carrier = _Carrier(node.outputs[0], run)
        carrier.outputs = [Tensor(x.shape, x.dtype, carrier, i) for i, x in enumerate(updates + losses)]
        self.updates = list(zip(found["variables"], carrier.outputs))
        self.losses = carrier.outputs[len(updates) :]


def handed_in_by(node: Any) -> Any:
    """Return the updates and losses of a call."""
    if node.input_tensors is node.output_tensors:  # an input hands in nothing
        return _NOTHING
    if not hasattr(node, "handed_in"):
        node.handed_in = HandedIn(node)
    return node.handed_in


class _Carrier(graph.Node):
    """The node whose outputs are the updates and losses of a call, `handed_in(scope)`, as one list."""

    gives_list = True

    def __init__(self, output: Tensor, handed_in: Callable[[graph.Scope], list[list[Any]]]) -> None:
        super().__init__(None)
        self.output, self.handed_in = output, handed_in

    def run(self, scope: graph.Scope) -> list[Any]:
        updates, losses = self.handed_in(scope)
        return updates + losses

    def symbols(self) -> list[Any]:
        return [self.output]


class _NOTHING:
    updates: ClassVar[list[Any]] = []
    losses: ClassVar[list[Any]] = []
