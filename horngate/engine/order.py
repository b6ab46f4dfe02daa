"""The order of the calls in a graph of layers: what outputs depend on, and how far each call lies from them."""

from collections.abc import Sequence
from typing import Any

from horngate.backend.graph import Tensor


def layer_nodes(outputs: Sequence[Tensor]) -> list[Any]:
    """Return all calls of layers that `outputs` depend on, in the order of a walk from the outputs to the inputs.

    Each call stands before those that it depends on. Keras 1 uses this order for layers of the same depth.
    """
    met, seen = [], set()
    stack = list(reversed(outputs))
    while stack:
        tensor = stack.pop()
        node = layer_node(tensor)
        if node is None:
            stack.extend(s for s in reversed(_symbols(tensor)) if s.node is not None or s._keras_history)
        elif node not in seen:
            seen.add(node)
            met.append(node)
            stack.extend(reversed(inputs_of(node)))
    return met


def layer_node(tensor: Tensor) -> Any:
    """Return the call of a layer that made `tensor`; None if a function of K made it."""
    history = tensor._keras_history
    return history[0].inbound_nodes[history[1]] if history else None


def functions_before(outputs: Sequence[Any]) -> list[Any]:
    """Return the calls of functions, not of layers, that `outputs` depend on, each after those it depends on."""
    order, seen, stack = [], set(), [(x, False) for x in outputs if isinstance(x, Tensor)]
    while stack:
        x, ready = stack.pop()
        node = layer_node(x) or x.node
        if ready:
            order.append(node)
        elif node is not None and node not in seen:
            seen.add(node)
            is_layer = x._keras_history is not None
            stack.extend([] if is_layer else [(x, True)])
            stack.extend((s, False) for s in (inputs_of(node) if is_layer else _symbols(x)))
    return order


def _symbols(tensor):
    return [s for s in tensor.node.symbols() if isinstance(s, Tensor)] if tensor.node is not None else []


def inputs_of(node: Any) -> list[Tensor]:
    """Return the tensors that a call of a layer takes; none for that of an input."""
    return [] if node.input_tensors is node.output_tensors else [x for x in node.taken if isinstance(x, Tensor)]


def depths_of(nodes: Sequence[Any]) -> dict[Any, int]:
    """Return call -> length of the longest path to an output, in calls."""
    depths = dict.fromkeys(nodes, 0)
    uses: dict[Any, list[Any]] = {node: [] for node in nodes}  # call -> the calls that take its outputs
    for node in nodes:
        for source in _sources(node):
            uses[source].append(node)
    for node in reversed(_topological(nodes)):
        depths[node] = max((depths[user] + 1 for user in uses[node]), default=0)
    return depths


def _sources(node):
    """Return the calls whose outputs a call takes, directly or through functions of K."""
    found, stack = [], list(reversed(inputs_of(node)))
    while stack:
        tensor = stack.pop()
        source = layer_node(tensor)
        if source is None:
            stack.extend(_symbols(tensor))
        else:
            found.append(source)
    return found


def _topological(nodes):
    """Sort `nodes`: each after those it depends on."""
    order, seen = [], set()
    for start in nodes:
        stack = [(start, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((source, False) for source in _sources(node))
    return order
