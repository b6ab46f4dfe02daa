"""Accuracy on request: in Keras 0.3 each call asked for it, by `show_accuracy=True` or `accuracy=True`."""

from typing import Any

from horngate.engine.node import to_list
from horngate.training.objective import Objective


class Loss(float):
    """A loss as a number that `[0]` may index too, as programs of Keras 0.3 did."""

    def __getitem__(self, place: int) -> float:
        return [float(self)][place]


def asked(model: Any, kwargs: dict[str, Any]) -> bool:
    """Take both arguments out of `kwargs`. If one is true, have the model measure the accuracy, and return True."""
    wants = [kwargs.pop(name, False) for name in ("show_accuracy", "accuracy")]
    if any(wants) and not _measures(model):
        _measure_too(model)
    model.accuracy_asked = any(wants)
    return any(wants)


def names_reported(model: Any) -> list[str]:
    """The names of what the call reports; the accuracy is among them if this call or `compile` asked for it."""
    return model.objective.metrics_names if model.accuracy_asked else model.metrics_names


def _measures(model):
    return "acc" in model.objective.metrics_names or "accuracy" in to_list(model.metrics)


def _measure_too(model):
    """Add the accuracy to the metrics of the compiled model; the optimizer keeps its state."""
    model.names_compiled = model.metrics_names
    model.metrics = [*to_list(model.metrics), "accuracy"]
    model.objective = Objective(
        model, model.loss, model.metrics, model.loss_weights, model.sample_weight_mode, model.weighted_metrics
    )
    began = "train" in model.steps.made
    model.steps.forget("train", "test")
    if began:
        state = [variable.get_value() for variable in model.optimizer.state]
        model.steps["train"]  # noqa: B018  which makes the step
        for variable, value in zip(model.optimizer.state, state):
            variable.set_value(value)


def reported(model: Any, values: Any, wants_accuracy: bool) -> Any:
    """Return what a call gives of the measured `values`: a number or a list, the accuracy only if `wants_accuracy`."""
    if not wants_accuracy:
        names = model.metrics_names
        values = [value for name, value in zip(model.objective.metrics_names, values) if name in names]
    return Loss(values[0]) if len(values) == 1 else list(values)
