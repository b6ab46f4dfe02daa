"""A metric with a state of its own, within the compiled steps."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from horngate.backend.graph import Variable
from horngate.backend.running import running_scope


class Stateful:
    """A `Metric` whose state lives in variables, which the compiled steps update.

    # Arguments
        metric: the metric.
        name: its name in the logs.
        shape: that of the output.
    """

    name: str

    metric: Any
    states: list[Variable]

    def __init__(self, metric: Any, name: str, shape: Sequence[int | None]) -> None:
        self.metric, self.name = metric, name
        self.takes_mask = getattr(metric, "takes_mask", False)
        metric.build(shape, shape)
        self.states = [Variable(v.initial, v.dtype, f"{name}_{v.name}") for v in metric.variables]

    def begin(self) -> None:
        """Forget all batches."""
        for state, value in zip(self.states, self.metric.stateless_reset_state()):
            state.set_value(value)

    def collect(self, y_true: Any, y_pred: Any, weights: Any = None) -> None:
        """Within a step, add targets `y_true`, predictions `y_pred` and `weights`, or None, to the state."""
        scope = running_scope()
        given = {} if weights is None else {"sample_weight": weights}
        before = [scope.value(state) for state in self.states]
        after = self.metric.stateless_update_state(before, y_true, y_pred, **given)
        scope.frame.updates.extend((state, jnp.asarray(new), True) for state, new in zip(self.states, after))

    def value(self) -> Any:
        """Return the metric of all batches since `begin`; the metric itself has their state from then on."""
        for variable, state in zip(self.metric.variables, self.states):
            variable.value = state.get_value()
        return self.metric.result()
