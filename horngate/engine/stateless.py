"""Layers called as pure functions, and calls that keep no intermediate values, as in Keras 3."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from horngate.backend import graph
from horngate.backend.function import current_phase, key_for_once
from horngate.backend.graph import Variable
from horngate.engine.penalties import Penalty, counted


def stateless_call(
    self: Any,
    trainable_variables: Any,
    non_trainable_variables: Any,
    *args: Any,
    return_losses: bool = False,
    **kwargs: Any,
) -> Any:
    """Call the layer with other values of its variables; changes nothing.

    # Arguments
        trainable_variables, non_trainable_variables: values for the variables of these names, one for each.
        args, kwargs: those of the call.
        return_losses: whether to give the terms that the call adds to the training loss as well.

    Returns (outputs, next values of the non-trainable variables), and the losses if asked for.
    """
    if not self.built:
        raise ValueError(
            f"{type(self).__name__} {self.name}.stateless_call: the layer has no variables yet. Call it, or its "
            "build(input_shape), first."
        )
    kept, trained = self.non_trainable_weights, self.trainable_weights
    for which, given, held in (
        ("trainable", trainable_variables, trained),
        ("non_trainable", non_trainable_variables, kept),
    ):
        if len(given) != len(held):
            raise ValueError(
                f"{type(self).__name__} {self.name}.stateless_call: {which}_variables must be {len(held)} arrays; "
                f"received {len(given)}."
            )
    values = {v: jnp.asarray(x) for v, x in zip([*trained, *kept], [*trainable_variables, *non_trainable_variables])}
    outputs, after, losses = called_on(self, values, args, kwargs)
    new = [after[v] for v in kept]
    return (outputs, new, losses) if return_losses else (outputs, new)


def called_on(
    layer: Any, values: dict[Variable, Any], args: Any, kwargs: dict[str, Any], key: Any = None
) -> tuple[Any, dict[Variable, Any], list[Any]]:
    """Call a layer with other values of its variables; changes nothing.

    `key`: the random key; None for one of the running graph, or a new one. Returns (outputs, the values of the
    variables after the call, the terms that the call adds to the training loss).
    """
    outer = graph.active_scope()
    if key is None and outer is not None:
        key = outer.frame.next_key()
    elif key is None:
        key = key_for_once()
    with graph.recording(None), graph.Scope(dict(values), phase=current_phase(), key=key, live=True) as scope:
        outputs = layer(*args, **kwargs)
        frames = [scope.frame, *scope.records.values()]
        losses = [_term(loss, scope) for loss in counted(layer, layer._added("losses"))]
    phase = kwargs.get("training", current_phase())
    updates = [pair for frame in frames for pair in frame.updates]
    new = {v: value for v, value, is_state in updates if phase or is_state}
    return outputs, {**values, **new}, [*(loss for frame in frames for loss in frame.losses), *losses]


def _term(loss, scope):
    return loss.value(scope) if isinstance(loss, Penalty) else scope.value(loss)


def symbolic_call(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Call the layer on symbolic tensors: the same as calling it; `args` and `kwargs` as there."""
    return self(*args, **kwargs)


def rematerialized_call(self: Any, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return `layer_call`, the `call` of a layer, so that training computes its intermediate values anew.

    That saves memory and takes time. `args` and `kwargs` say nothing, as the function takes them when it is called.
    """

    def called(*args: Any, **kwargs: Any) -> Any:
        scope = graph.active_scope()
        if scope is None:
            return layer_call(*args, **kwargs)
        effects = scope.frame.updates, scope.frame.losses, scope.frame.checks
        before = [len(each) for each in effects]
        outputs = jax.checkpoint(lambda *given: layer_call(*given, **kwargs))(*args)
        if [len(each) for each in effects] != before:
            raise ValueError(
                f"{type(self).__name__} {self.name}.rematerialized_call: the call adds updates, losses or checks of "
                "numbers, which would be added twice. Use it for layers without them."
            )
        return outputs

    return called
