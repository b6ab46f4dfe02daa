"""Accuracy on request: in Keras 0.3, a call reports it if given `show_accuracy=True` or `accuracy=True`."""

from typing import Any

from horngate.engine.node import to_list
from horngate.training.objective import Objective


class Loss(float):
    """A loss as a number that also takes the index `[0]`, for programs of Keras 0.3."""

    def __getitem__(self, place: int) -> float:
        return [float(self)][place]


def asked(model: Any, kwargs: dict[str, Any]) -> bool:
    """Remove both arguments from `kwargs`. If one is true, make the model measure the accuracy, and return True."""
    wants = [kwargs.pop(name, False) for name in ("show_accuracy", "accuracy")]
    if any(wants) and not _measures(model):
        _measure_too(model)
    model.accuracy_asked = any(wants)
    return any(wants)


def names_reported(model: Any) -> list[str]:
    """Return the names of the reported values; the accuracy is included if this call or `compile` requested it."""
    return model.objective.metrics_names if model.accuracy_asked else model.metrics_names


def _measures(model):
    return "acc" in model.objective.metrics_names or "accuracy" in to_list(model.metrics_given)


def _measure_too(model):
    """Add the accuracy to the metrics of the compiled model; the optimizer keeps its state."""
    model.names_compiled = model.metrics_names
    model.metrics = [*to_list(model.metrics_given), "accuracy"]
    model.objective = Objective(
        model, model.loss, model.metrics_given, model.loss_weights, model.sample_weight_mode, model.weighted_metrics
    )
    began = "train" in model.steps.made
    model.steps.forget("train", "test")
    if began:
        state = [variable.get_value() for variable in model.optimizer.state]
        model.steps["train"]  # noqa: B018  access makes the step
        for variable, value in zip(model.optimizer.state, state):
            variable.set_value(value)


def reported(model: Any, values: Any, wants_accuracy: bool) -> Any:
    """Return the measured `values` as a number or a list, with the accuracy only if `wants_accuracy`."""
    if not wants_accuracy:
        names = model.metrics_names
        values = [value for name, value in zip(model.objective.metrics_names, values) if name in names]
    return Loss(values[0]) if len(values) == 1 else list(values)
