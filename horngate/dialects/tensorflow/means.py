"""`tf.losses`: means over all numbers."""

from typing import Any

from horngate import backend as K
from horngate.backend.lazy import named
from horngate.dialects.lent import Lent


def _mean(values, weights):
    if isinstance(weights, (int, float)):
        return K.mean(values) * weights
    total = K.sum(values * weights)
    counted = K.sum(K.cast(K.not_equal(weights + K.zeros_like(values), 0), "float32"))
    return total / K.maximum(counted, 1.0)


def _huber_loss(labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0, **ignored: Any) -> Any:
    error = K.abs(predictions - labels)
    inside = K.minimum(error, delta)
    return _mean(0.5 * K.square(inside) + delta * (error - inside), weights)


def _hinge_loss(labels: Any, logits: Any, weights: Any = 1.0, **ignored: Any) -> Any:
    return _mean(K.relu(1.0 - (2.0 * labels - 1.0) * logits), weights)


def _log_loss(labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-7, **ignored: Any) -> Any:
    found = -labels * K.log(predictions + epsilon) - (1.0 - labels) * K.log(1.0 - predictions + epsilon)
    return _mean(found, weights)


def _from_logits(function: Any) -> Any:
    def loss(labels: Any, logits: Any, weights: Any = 1.0, **ignored: Any) -> Any:
        return _mean(function(output=logits, target=labels, from_logits=True), weights)

    return loss


def _difference(function: Any) -> Any:
    def loss(labels: Any, predictions: Any, weights: Any = 1.0, **ignored: Any) -> Any:
        return _mean(function(predictions - labels), weights)

    return loss


def _softmax_cross_entropy(onehot_labels: Any, logits: Any, weights: Any = 1.0, **ignored: Any) -> Any:
    return _from_logits(K.categorical_crossentropy)(onehot_labels, logits, weights)


MODULE: Lent = Lent(
    "tensorflow.losses",
    {
        "mean_squared_error": _difference(K.square),
        "absolute_difference": _difference(K.abs),
        **named(_huber_loss, _hinge_loss, _log_loss, _softmax_cross_entropy),
        "sparse_softmax_cross_entropy": _from_logits(K.sparse_categorical_crossentropy),
        "sigmoid_cross_entropy": _from_logits(K.binary_crossentropy),
    },
)
