"""The loss and the metrics that `compile` was told, for steps of one's own."""

from typing import Any

from horngate import backend as K
from horngate import metrics as metrics_module
from horngate import objectives
from horngate.backend import config
from horngate.backend.graph import call_op
from horngate.engine.arrangement import flattened, names_in
from horngate.training.by_output import collect_metrics, per_output
from horngate.training.labels import accuracy
from horngate.training.objective import weighted_objective


def _flat(value: Any) -> tuple[list[Any], list[str]]:
    """Return (the tensors in targets or predictions, their names)."""
    tensors, structure = flattened(value)
    return tensors, names_in(structure)


class CompiledLoss:
    """The loss of `compile` as a function of targets and predictions.

    # Arguments
        loss: a name or function, or a list or dictionary of them.
        loss_weights: factors of the outputs' losses.
        tracker: the metric that holds the mean loss.
        era: the era of the model.
    """

    loss: Any
    loss_weights: Any
    tracker: Any

    def __init__(self, loss: Any, loss_weights: Any, tracker: Any, era: config.Era) -> None:
        self.loss, self.loss_weights, self.tracker, self._era = loss, loss_weights, tracker, era

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
        """Return the loss of a batch, and let the logs know it, as in Keras 2.

        # Arguments
            y_true: targets.
            y_pred: predictions.
            sample_weight: weights of the samples.
            regularization_losses: further terms.
        """
        total = self.total(y_true, y_pred, sample_weight)
        for term in regularization_losses or []:
            total = total + term
        self.tracker.update_state(total)
        return total

    def total(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the weighted sum of the losses of all outputs."""
        outputs, names = _flat(y_pred)
        targets = _flat(y_true)[0]
        if len(targets) != len(outputs):
            raise ValueError(f"the model has {len(outputs)} outputs, and there are {len(targets)} targets.")
        losses = [objectives.get(each) for each in per_output(self.loss, names, "loss")]
        weights = per_output(self.loss_weights, names, "loss_weights", missing=1.0)
        of_samples = _flat(sample_weight)[0] if sample_weight is not None else [None]
        of_samples = of_samples if len(of_samples) == len(outputs) else of_samples * len(outputs)
        parts = [call_op(self._part, loss, y, p, w) for loss, y, p, w in zip(losses, targets, outputs, of_samples)]
        return sum((1.0 if w is None else w) * part for w, part in zip(weights, parts))

    def _part(self, loss, y, p, weights):
        with config.within_era(self._era.name):
            return weighted_objective(loss, self._era.loss_mean)(_like(y, p), p, weights)


def _like(y, p):
    """Return targets with the axis of size 1 that predictions have and they lack."""
    y = K.array_function("asarray")(y)
    return y[..., None] if y.ndim == p.ndim - 1 and p.shape[-1] == 1 else y


class CompiledMetrics:
    """The metrics of `compile` as objects with a state.

    # Arguments
        metrics: a list, or a dictionary or lists by output.
        weighted_metrics: those to which sample weights apply.
        loss: the loss of `compile`, by which `'accuracy'` is chosen.
        era: the era of the model.
    """

    def __init__(self, metrics: Any, weighted_metrics: Any, loss: Any, era: config.Era) -> None:
        self._given, self._loss, self._era = (metrics, weighted_metrics), loss, era
        self._made: list[tuple[int, Any, bool]] = []  # (output, metric, whether weighted)
        self._names: list[str] | None = None
        self._log_names: dict[int, str] = {}  # id of a metric that was given -> its name in the logs
        flat = all(not isinstance(each, dict) and not _nested(each) for each in self._given)
        if flat and not isinstance(loss, (list, tuple, dict)):
            self._make([""])

    @property
    def metrics(self) -> list[Any]:
        """The metrics, in order."""
        return [metric for _, metric, _ in self._made]

    def name_of(self, metric: Any) -> str:
        """Return the name of `metric` in the logs: after that of its output, where there are several."""
        return self._log_names.get(id(metric)) or str(metric.name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: targets, predictions, and weights of the samples."""
        outputs, names = _flat(y_pred)
        if self._names is None or len(self._names) != len(names):
            self._make(names)
        targets = _flat(y_true)[0] if y_true is not None else [None] * len(outputs)
        weights = _flat(sample_weight)[0] if sample_weight is not None else [None]
        for place, metric, weighted in self._made:
            given = [weights[min(place, len(weights) - 1)]] if weighted and weights[0] is not None else []
            metric.update_state(targets[place], outputs[place], *given)

    def _make(self, names):
        self._names, self._made = list(names), []
        for given, weighted in zip(self._given, (False, True)):
            for place, wanted in enumerate(collect_metrics(given, self._names)):
                prefix = f"{names[place]}_" if len(names) > 1 else ""
                self._made += [(place, self._metric(each, prefix), weighted) for each in wanted]
                self._log_names |= {id(x): f"{prefix}{x.name}" for x in wanted if hasattr(x, "stateless_update_state")}

    def _metric(self, wanted, prefix):
        if hasattr(wanted, "stateless_update_state"):
            return wanted
        function: Any
        name, function = wanted, metrics_module.get(wanted) if wanted not in ("acc", "accuracy") else None
        if function is None:
            loss = objectives.get(self._loss) if isinstance(self._loss, str) else self._loss
            era, word = self._era.generation, name if self._era.metrics_as_written else "acc"

            function, name = (lambda y, p: accuracy(word, p.shape, loss, None, era)(y, p)), word
        if hasattr(function, "stateless_update_state"):
            return function
        name = name if isinstance(name, str) else getattr(function, "__name__", type(function).__name__)
        return metrics_module.MeanMetricWrapper(function, name=f"{prefix}{name}")


def _nested(each):
    return isinstance(each, (list, tuple)) and any(isinstance(item, (list, tuple)) for item in each)
