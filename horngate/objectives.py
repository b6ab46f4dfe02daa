"""Losses: from targets and predictions, a number for each sample. The last axis is reduced."""

from horngate import backend as K
from horngate.utils.generic_utils import get_from_module


def mean_squared_error(y_true, y_pred):
    """mean((p - t)^2)."""
    return K.mean(K.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true, y_pred):
    """mean(|p - t|)."""
    return K.mean(K.abs(y_pred - y_true), axis=-1)


def mean_absolute_percentage_error(y_true, y_pred):
    """100 mean(|t - p| / max(|t|, epsilon))."""
    size = K.maximum(K.abs(y_true), K.epsilon())
    return 100.0 * K.mean(K.abs(y_true - y_pred) / size, axis=-1)


def mean_squared_logarithmic_error(y_true, y_pred):
    """mean((log(max(p, epsilon) + 1) - log(max(t, epsilon) + 1))^2)."""
    p = K.log(K.maximum(y_pred, K.epsilon()) + 1.0)
    t = K.log(K.maximum(y_true, K.epsilon()) + 1.0)
    return K.mean(K.square(p - t), axis=-1)


def squared_hinge(y_true, y_pred):
    """mean(max(1 - t p, 0)^2), targets -1 or 1."""
    return K.mean(K.square(K.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


def hinge(y_true, y_pred):
    """mean(max(1 - t p, 0)), targets -1 or 1."""
    return K.mean(K.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)


def categorical_crossentropy(y_true, y_pred):
    """-sum(t log p), targets one column for each class."""
    return K.categorical_crossentropy(y_pred, y_true)


def sparse_categorical_crossentropy(y_true, y_pred):
    """-log p[t], targets one class number for each sample, shape (samples, 1)."""
    return K.sparse_categorical_crossentropy(y_pred, y_true)


def binary_crossentropy(y_true, y_pred):
    """-mean(t log p + (1 - t) log(1 - p)), targets 0 or 1."""
    return K.mean(K.binary_crossentropy(y_pred, y_true), axis=-1)


def kullback_leibler_divergence(y_true, y_pred):
    """sum(t log(t / p)), both clipped to [epsilon, 1]."""
    t, p = K.clip(y_true, K.epsilon(), 1), K.clip(y_pred, K.epsilon(), 1)
    return K.sum(t * K.log(t / p), axis=-1)


def poisson(y_true, y_pred):
    """mean(p - t log(p + epsilon))."""
    return K.mean(y_pred - y_true * K.log(y_pred + K.epsilon()), axis=-1)


def cosine_proximity(y_true, y_pred):
    """-mean(t/|t| p/|p|)."""
    return -K.mean(K.l2_normalize(y_true, axis=-1) * K.l2_normalize(y_pred, axis=-1), axis=-1)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence
cosine = cosine_proximity

_BY_NAME = {name: item for name, item in vars().copy().items() if callable(item) and name != "get_from_module"}


def get(identifier):
    """A loss from its name, or a function as it is.

    >>> get('mse') is mean_squared_error
    True
    """
    if not isinstance(identifier, str) and not callable(identifier):
        raise TypeError(f"a loss is a name or a function (y_true, y_pred); received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "loss")
