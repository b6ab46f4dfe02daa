"""What a call of a layer hands in besides its outputs, updates and losses, as tensors of the graph."""

from typing import Any

from horngate.backend import graph
from horngate.backend.graph import Tensor


class HandedIn:
    """Tensors that stand for what one call of a layer hands in besides its outputs."""

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
        carrier = graph.Node(None)
        carrier.run = lambda scope: sum(run(scope), [])
        carrier.symbols = lambda: [node.outputs[0]]
        carrier.gives_list = True
        carrier.outputs = [Tensor(x.shape, x.dtype, carrier, i) for i, x in enumerate(updates + losses)]
        self.updates = list(zip(found["variables"], carrier.outputs))
        self.losses = carrier.outputs[len(updates) :]


def handed_in_by(node: Any) -> Any:
    """What a call of a layer hands in."""
    if node.input_tensors is node.output_tensors:  # an input hands in nothing
        return _NOTHING
    if not hasattr(node, "handed_in"):
        node.handed_in = HandedIn(node)
    return node.handed_in


class _NOTHING:
    updates, losses = [], []
