"""`tf.metrics`: measures of all batches so far, for functions that `compile` takes as metrics."""

from collections.abc import Callable
from typing import Any

from horngate import backend as K
from horngate import metrics
from horngate.backend.running import active_scope
from horngate.dialects.lent import Lent


def _of_all_batches(make: Callable[..., Any]) -> Any:
    """Return the function of `tf.metrics` for the metric of `make(*args)`: it gives (value, value after the update)."""

    def measure(labels: Any, predictions: Any, *args: Any, weights: Any = None, **ignored: Any) -> Any:
        scope, metric = active_scope(), make(*args)
        if scope is None:
            raise ValueError(
                "tf.metrics is lent to functions that compile(metrics=[...]) takes. Elsewhere, use keras.metrics: "
                "metric.update_state(labels, predictions), then metric.result()."
            )
        metric.build(K.int_shape(labels), K.int_shape(predictions))
        states = [K.variable(v.initial, dtype=v.dtype) for v in metric.variables]
        given = {} if weights is None else {"sample_weight": weights}
        before = [scope.value(state) for state in states]
        after = metric.stateless_update_state(before, labels, predictions, **given)
        for state, new in zip(states, after):
            scope.frame.assign(state, new)
        value = metric.stateless_result(after)
        return value, value

    return measure


MODULE: Lent = Lent(
    "tensorflow.metrics",
    {
        "accuracy": _of_all_batches(metrics.Accuracy),
        "auc": _of_all_batches(metrics.AUC),
        "precision": _of_all_batches(metrics.Precision),
        "recall": _of_all_batches(metrics.Recall),
        "mean_iou": _of_all_batches(metrics.MeanIoU),
        "mean_absolute_error": _of_all_batches(metrics.MeanAbsoluteError),
        "mean_squared_error": _of_all_batches(metrics.MeanSquaredError),
    },
)
