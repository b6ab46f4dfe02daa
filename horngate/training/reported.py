"""The metrics of a compiled model as Keras 3 lists them: objects that tell what was measured last."""

from typing import Any

from horngate.metrics.base import Metric
from horngate.metrics.means import Mean


class _Reported(Mean):
    """The mean that the logs know by a name: over the samples of the epoch or test so far, or the last one."""

    def follow(self, objective: Any, place: int) -> "_Reported":
        """Tell the number at `place` of what `objective` told last; returns the metric."""
        self._objective, self._place, self._told = objective, place, None
        return self

    def result(self) -> Any:
        """Return the number; 0 before anything was measured."""
        if (told := self._objective.told) is not None and told is not self._told:
            self._told = told
            super().reset_state()
            self.update_state(told[self._place])
        return super().result()

    def reset_state(self) -> None:
        """Let this metric, and those told beside it, be 0 until something is measured."""
        if (objective := vars(self).get("_objective")) is not None and objective.told is not None:
            objective.told = [*objective.told]
            objective.told[self._place] = 0.0
        super().reset_state()


class CompileMetrics(Metric):
    """The metrics that `compile` was told, as one: its result is a dictionary.

    `metrics`: the metrics, in order.
    """

    metrics: Any = ()

    def result(self) -> Any:
        """Return name -> number for each of the metrics."""
        return {metric.name: metric.result() for metric in self.metrics}

    def reset_state(self) -> None:
        """Let all of the metrics be 0 until something is measured."""
        for metric in self.metrics:
            metric.reset_state()


def reported(model: Any) -> list[Any]:
    """Return the metrics of a compiled `model` in the order of Keras 3: the loss, the others, the outputs' losses.

    The latter are there from the first training or test on. Metrics that are attributes of the model follow.
    """
    own = [value for value in vars(model).values() if isinstance(value, Metric)]
    if (objective := getattr(model, "objective", None)) is None:
        return own
    if (shown := vars(objective).get("reported")) is None:
        names, losses = objective.metrics_names, 1 + len(objective.names) * (len(objective.names) > 1)
        total, *rest = [_Reported(name=name).follow(objective, place) for place, name in enumerate(names)]
        whole = CompileMetrics(name="compile_metrics")
        whole.metrics = rest[losses - 1 :]
        shown = objective.reported = [total, whole], rest[: losses - 1]
    (total, whole), parts = shown
    return [total, *([whole] if whole.metrics else []), *(parts if objective.told is not None else []), *own]
