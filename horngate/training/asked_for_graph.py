"""Losses and metrics that ask for the graph: by K.gradients, or for the layer that made their input."""

import functools
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from horngate.backend.function import NeedsSymbols
from horngate.backend.running import outside, running_scope
from horngate.engine.names import is_ours


class AskedForGraph:
    """Base of the objective: such a function is called on the symbols of its output, once."""

    targets: list[Any]
    outputs: list[Any]
    _of_graph: dict[Any, Callable[[Any, Any], Any]]  # index of an output, or metric -> its value by the graph

    def _asked(self, key, i, function, use):
        """Return `use(function)`. A function of output `i` that asks for the graph is called on symbols instead.

        It asks by K.gradients, or for the layer that made its input. `key`: which function it is.
        """
        try:
            return use(self._of_graph.get(key, function))
        except (NeedsSymbols, AttributeError) as error:
            if key in self._of_graph or not (isinstance(error, NeedsSymbols) or "_keras_history" in str(error)):
                raise
        with outside():
            score = function(self.targets[i], self.outputs[i])
        self._of_graph[key] = lambda y_true, y_pred: running_scope().value(score)
        return use(self._of_graph[key])

    def _asking(self, function, i):
        """Return a metric that may ask for the graph."""
        if is_ours(function) or not isinstance(function, FunctionType):
            return function

        @functools.wraps(function)
        def metric(y_true, y_pred):
            return self._asked(function, i, function, lambda used: used(y_true, y_pred))

        return metric


def names_after(measures: Sequence[Any], tensors: list[Any], names: list[str]) -> list[str]:
    """Return the names of further `tensors` to measure: those in `names` after the names of the `measures`."""
    known = sum(len(measure.names) for measure in measures)
    names += [f"metric_{number}" for number in range(len(names), known + len(tensors))]
    return names[known : known + len(tensors)]
