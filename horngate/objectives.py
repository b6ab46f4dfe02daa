"""Losses: functions from targets and predictions to a number for each sample. They reduce the last axis."""

import types
from collections.abc import Callable
from typing import Any

from horngate import backend as K
from horngate.backend.orders import dialect
from horngate.utils.generic_utils import get_from_module


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """mean((p - t)^2), of predictions p (`y_pred`) and targets t (`y_true`)."""
    return K.mean(K.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """mean(|p - t|), of predictions p (`y_pred`) and targets t (`y_true`)."""
    return K.mean(K.abs(y_pred - y_true), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """100 mean(|t - p| / max(|t|, epsilon)), of targets t (`y_true`) and predictions p (`y_pred`)."""
    size = K.maximum(K.abs(y_true), K.epsilon())
    return 100.0 * K.mean(K.abs(y_true - y_pred) / size, axis=-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """mean((log(max(p, epsilon) + 1) - log(max(t, epsilon) + 1))^2), of p (`y_pred`) and targets t (`y_true`)."""
    p = K.log(K.maximum(y_pred, K.epsilon()) + 1.0)
    t = K.log(K.maximum(y_true, K.epsilon()) + 1.0)
    return K.mean(K.square(p - t), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - t p, 0)^2), of targets t (`y_true`), -1 or 1, and predictions p (`y_pred`)."""
    return K.mean(K.square(K.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


def hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - t p, 0)), of targets t (`y_true`), -1 or 1, and predictions p (`y_pred`)."""
    return K.mean(K.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)


def categorical_crossentropy(y_true: Any, y_pred: Any) -> Any:
    """-sum(t log p), of targets t (`y_true`), one column for each class, and probabilities p (`y_pred`)."""
    return K.categorical_crossentropy(y_pred, y_true)


def sparse_categorical_crossentropy(y_true: Any, y_pred: Any) -> Any:
    """-log p[t], of targets t (`y_true`), class numbers of shape (samples, 1), and probabilities p (`y_pred`)."""
    return K.sparse_categorical_crossentropy(y_pred, y_true)


def binary_crossentropy(y_true: Any, y_pred: Any) -> Any:
    """-mean(t log p + (1 - t) log(1 - p)), of targets t (`y_true`), 0 or 1, and probabilities p (`y_pred`)."""
    return K.mean(K.binary_crossentropy(y_pred, y_true), axis=-1)


def kullback_leibler_divergence(y_true: Any, y_pred: Any) -> Any:
    """sum(t log(t / p)), of targets t (`y_true`) and predictions p (`y_pred`), both clipped to [epsilon, 1]."""
    t, p = K.clip(y_true, K.epsilon(), 1), K.clip(y_pred, K.epsilon(), 1)
    return K.sum(t * K.log(t / p), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """mean(p - t log(p + epsilon)), of predictions p (`y_pred`) and targets t (`y_true`)."""
    return K.mean(y_pred - y_true * K.log(y_pred + K.epsilon()), axis=-1)


def cosine_proximity(y_true: Any, y_pred: Any) -> Any:
    """-mean(t/|t| p/|p|), of targets t (`y_true`) and predictions p (`y_pred`)."""
    return -K.mean(K.l2_normalize(y_true, axis=-1) * K.l2_normalize(y_pred, axis=-1), axis=-1)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence
cosine = cosine_proximity

_BY_NAME = {
    name: item
    for name, item in vars().copy().items()
    if isinstance(item, types.FunctionType) and item.__module__ == __name__
}


def get(identifier: Any) -> Callable[..., Any]:
    """Return the loss that `identifier` stands for.

    # Arguments
        identifier: a name, the description of one of `losses` from a file, or a function (y_true, y_pred), returned as
            it is.

    >>> get('mse') is mean_squared_error
    True
    """
    if _describes_loss(identifier):
        return get_from_module(identifier, vars(dialect("keras2.losses")), "loss")
    if not isinstance(identifier, str) and not callable(identifier):
        raise TypeError(f"a loss is a name or a function (y_true, y_pred); received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "loss")


def revived(stored: Any) -> Any:
    """Convert the losses `stored` in a file (one, a list, or a dictionary by output) to the form for `compile`."""
    if _describes_loss(stored):
        return get(stored)
    if isinstance(stored, list):
        return [revived(item) for item in stored]
    return {name: revived(item) for name, item in stored.items()} if isinstance(stored, dict) else stored


def _describes_loss(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"class_name", "config"}
