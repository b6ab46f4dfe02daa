"""Effects of a layer's call: the updates and losses that it adds to its outputs, as tensors of the graph."""

from collections.abc import Callable
from typing import Any, ClassVar

from horngate.backend import graph
from horngate.backend.graph import Tensor
from horngate.backend.inference import infer


class Effects:
    """The updates and losses of one call of a layer. An update is a pair (variable, tensor of the new value)."""

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

        updates, losses = infer(probe, node.symbols())
        source = _EffectsNode(node.outputs[0], run)
        source.outputs = [Tensor(x.shape, x.dtype, source, i) for i, x in enumerate(updates + losses)]
        self.updates = list(zip(found["variables"], source.outputs))
        self.losses = source.outputs[len(updates) :]


def effects_of(node: Any) -> Any:
    """Return the effects of the call `node`; they are found at the first request."""
    if node.input_tensors is node.output_tensors or not node.outputs:  # an Input, or a graph as a whole: nothing runs
        return _NO_EFFECTS
    if not hasattr(node, "effects"):
        node.effects = Effects(node)
    return node.effects


class _EffectsNode(graph.Node):
    """A node whose outputs are the updates and losses returned by `run_call(scope)`, in one list."""

    gives_list = True

    def __init__(self, output: Tensor, run_call: Callable[[graph.Scope], list[list[Any]]]) -> None:
        super().__init__(None)
        self.output, self.run_call = output, run_call

    def run(self, scope: graph.Scope) -> list[Any]:
        updates, losses = self.run_call(scope)
        return updates + losses

    def symbols(self) -> list[Any]:
        return [self.output]


class _NO_EFFECTS:
    updates: ClassVar[list[Any]] = []
    losses: ClassVar[list[Any]] = []
