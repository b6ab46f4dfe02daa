"""Calls of layers in recorded functions, on symbols, and on tensors whose values are computed at once."""

from typing import Any

import jax

from horngate.backend.graph import recording
from horngate.engine.arrangement import arranged
from horngate.engine.forms import Form, form_of
from horngate.engine.node import Node, single, to_list
from horngate.engine.order import inputs_of
from horngate.engine.penalties import counted, symbolic
from horngate.engine.sublayers import unique, with_sublayers


def computed_call(layer: Any, inputs: list[Any], mask: Any) -> Any:
    """Call `layer` on tensors that have values. Returns such tensors."""
    kind = next(type(x) for x in inputs if getattr(x, "computed", None) is not None)
    values = [x if getattr(x, "computed", None) is None else x.computed for x in inputs]
    return jax.tree.map(kind, layer._compute(single(values), mask))


def recorded_call(layer: Any, by: Any, inputs: list[Any], mask: Any) -> Any:
    """Call `layer` while `by` records: the call is a node of the recording, and none of the layer's."""
    inputs = [by.tensor_of(x) for x in inputs]
    if by.computes and _tells_what_it_uses(layer):
        return single(layer.run_internal_graph(inputs, None if mask is None else to_list(mask))[0])
    node = _run(layer, by, inputs, mask) if by.computes else _connected(layer, by, inputs, mask)
    for output, output_mask in zip(node.outputs, node.output_masks):
        output._keras_history, output._keras_mask = None, output_mask
    return single(node.outputs) if node.structure is None else arranged(node.structure, node.outputs)


def _tells_what_it_uses(layer):
    """Return whether outputs of a model go into others, so that gradients by them need its calls one by one."""
    if not layer._is_graph or len(layer.outputs) < 2 or (form_of(layer) or Form()).training is not None:
        return False
    return any(x in layer.outputs for node in layer.container_nodes for x in inputs_of(node))


def _connected(layer, by, inputs, mask):
    with recording(None):
        layer._connect(inputs, mask)
    node = layer.inbound_nodes.pop()
    by.note(node)
    return node


def _run(layer, by, inputs, mask):
    """Make the node of a call, and run it at once; its shapes need no inference."""
    layer.assert_input_compatibility(single(inputs))
    layer._ensure_built(inputs)
    masks = [x._keras_mask for x in inputs] if mask is None else to_list(mask)
    none: list[Any] = [None] * len(inputs)
    node = Node(layer, none, none, none, inputs, [], masks, [], [tuple(x.shape) for x in inputs], [])
    by.computed(node)
    with recording(None):
        node.output_masks = layer._output_masks(inputs, masks, len(node.outputs))
    return node


def recorded_losses(layer: Any, by: Any) -> list[Any]:
    """Return the penalties on weights of a layer, and the terms that its calls and those within have added."""
    members = with_sublayers(layer)
    calls = {node.outbound_layer: node for node in by.entries if getattr(node, "outbound_layer", None) in members}
    terms = [loss for member in members for loss, of in member._losses if of is None]
    return [
        *map(symbolic, counted(layer, unique(terms))),
        *(term for node in calls.values() for term in by.losses_of(node)),
    ]
