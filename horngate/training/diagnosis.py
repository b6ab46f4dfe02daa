"""Diagnosis: find the first number that is not finite, in the data, a layer, the loss, a gradient or a weight."""

from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.function import Function
from horngate.backend.graph import ancestors, call_op


def where_not_finite(training: Any) -> Any:
    """Return a sentence that names the place. The training must be in its state before the last chunk of steps.

    The steps of the chunk run again, one by one and with the same random numbers, and are inspected.
    """
    model, step, fed = training.model, training.step, training.spec.feeds
    probes = [] if step.measures is not None else _probes(model, step.trained)  # a step of one's own has no graph
    probe = Function(fed, [finite for _, finite in probes], name="diagnosis")
    probe.places = step.function.places  # so that random layers draw the same numbers
    for feeds in training.chunk.feeds():
        for tensor, array in zip(fed, feeds):
            if array is not None and not np.isfinite(np.asarray(array, np.float64)).all():
                return f"in the data for {tensor.name!r}"
        finite, _ = probe.dispatch(feeds, step.function.next_key(), step.phase, ())
        step.function.calls -= 1  # the step itself draws with the same key
        for (place, _), is_finite in zip(probes, finite):
            if not is_finite:
                return place
        step.one(feeds)
        for weight in model.weights:
            if not np.isfinite(weight.get_value()).all():
                return f"in the step that the optimizer took on weight {weight.label!r}: its rate may be too large"
    return "in a sum of the logs only: a metric gave it"


def _probes(model, trained):
    """Return pairs (place, tensor: whether all numbers there are finite), in the order of computation."""
    found = []
    for node in ancestors(model.outputs):
        layer = getattr(node, "outbound_layer", None)
        if layer is not None:
            found += [(f"in the output of layer {layer.name!r} ({type(layer).__name__})", x) for x in node.outputs]
    found.append(("in the loss: its targets may not fit, or an output reached 0 or 1", model.total_loss))
    trained = list(reversed(trained))
    gradients = K.gradients(model.total_loss, trained) if trained else []
    found += [(f"in the gradient of weight {weight.label!r}", g) for weight, g in zip(trained, gradients)]
    return [(place, call_op(_all_finite, x)) for place, x in found]


def _all_finite(x):
    return K.all(K.equal(x - x, 0 * x))
