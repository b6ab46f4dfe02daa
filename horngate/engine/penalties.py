"""Penalties: the terms that regularizers of weights and outputs add to the training loss."""

import functools
from collections.abc import Iterable
from typing import Any

from horngate.backend import graph
from horngate.backend.graph import Scope, Variable
from horngate.backend.orders import dialect
from horngate.engine import constructors


class Penalty:
    """The loss term `regularizer(weight)`; computed when the graph runs."""

    def __init__(self, regularizer: Any, weight: Variable) -> None:
        self.regularizer: Any = regularizer
        self.weight: Variable = weight

    def value(self, scope: Scope) -> Any:
        """Return the term for the value that the weight has in a run."""
        return penalty_on(self.regularizer, self.weight, scope.value(self.weight))


def penalty_on(regularizer: Any, of: Any, value: Any) -> Any:
    """Return the penalty on `value`, which is a weight or the output of a layer."""
    if getattr(regularizer, "set_param", None) and constructors.names_of(type(regularizer).__call__)[:1] == ["loss"]:
        return dialect("keras03.parts").penalty(regularizer, of, value)
    return regularizer(value)


def counted(layer: Any, losses: Iterable[Any]) -> list[Any]:
    """Return `losses` of a layer and of those within, without penalties on frozen weights if its era counts none."""
    if layer._era.frozen_penalties:
        return list(losses)
    trained = set(layer.trainable_weights)
    return [loss for loss in losses if not isinstance(loss, Penalty) or loss.weight in trained]


def symbolic(loss: Any) -> Any:
    """Return a term of the training loss as a tensor."""
    if isinstance(loss, Penalty):
        function = functools.partial(penalty_on, loss.regularizer, loss.weight)
        outside = graph.active_scope() is None and graph.recorder() is None
        return graph.record(function, (loss.weight,), {}) if outside else graph.call_op(function, loss.weight)
    return loss
