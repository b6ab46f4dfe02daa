"""Layers as pure functions: outputs and new values from values of the weights, for JAX's own transformations."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from horngate.backend import graph
from horngate.backend.function import random_root
from horngate.backend.graph import Scope, active_scope, recording
from horngate.engine.penalties import Penalty
from horngate.engine.sublayers import with_sublayers

_calls = 0


def stateless_call(
    self: Any,
    trainable_variables: Sequence[Any],
    non_trainable_variables: Sequence[Any],
    *args: Any,
    return_losses: bool = False,
    training: Any = None,
    **kwargs: Any,
) -> Any:
    """Return (outputs, new values of the variables that training does not change), as a pure function of arrays.

    # Arguments
        trainable_variables: values of `trainable_variables`, in their order.
        non_trainable_variables: values of `non_trainable_variables`.
        args: arguments of the call.
        return_losses: whether to return the terms that the layer adds to the loss, too.
        training: whether to run in training mode.
        kwargs: further arguments of the call.
    """
    trained, kept = self.trainable_weights, self.non_trainable_weights
    for name, variables, values in (
        ("trainable_variables", trained, trainable_variables),
        ("non_trainable_variables", kept, non_trainable_variables),
    ):
        if len(variables) != len(values):
            raise ValueError(
                f"{type(self).__name__} {self.name}.stateless_call: {name} must hold {len(variables)} values; received "
                f"{len(values)}. Build the layer first: call it, or its build()."
            )
    values = {**dict(zip(trained, trainable_variables)), **dict(zip(kept, non_trainable_variables))}
    scope = Scope(values, phase=int(bool(training)), key=_key(), live=True)
    told = {} if training is None else {"training": training}
    with recording(None), scope:
        outputs = self(*args, **kwargs, **told)
        losses = [*scope.frame.losses, *_penalties(self, scope)]
    now = {v: new for v, new, is_state in scope.frame.updates if training or is_state}
    new_values = [jnp.asarray(now.get(v, values[v])) for v in kept]
    return (outputs, new_values, losses) if return_losses else (outputs, new_values)


def _key():
    """Return the random key of the call: of the graph that runs, else a new one."""
    global _calls
    outer = active_scope()
    if outer is not None:
        return outer.frame.next_key()
    _calls += 1
    return random_root() + np.array([2, _calls], np.uint32)


def _penalties(layer, scope):
    terms = [loss for member in with_sublayers(layer) for loss, of in member._losses if of is None]
    return [term.value(scope) if isinstance(term, Penalty) else graph.lengthened(scope.value(term)) for term in terms]
