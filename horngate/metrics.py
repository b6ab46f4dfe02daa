"""Metrics: functions from targets and predictions to one number, exact over an epoch.

For a mean over samples, the mean over batches weighted by their size is exact. Other metrics, such as precision, are
made by `from_counts`: their `sums(y_true, y_pred)`, `width` in number, add up over batches, and `from_sums(total)` is
the metric.
"""

import functools
import types
from collections.abc import Callable
from typing import Any

from horngate import backend as K
from horngate import objectives
from horngate.utils.generic_utils import get_from_module

Metric = Callable[[Any, Any], Any]  # of targets and predictions


def binary_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The fraction of predictions `y_pred`, rounded, that equal the targets `y_true`."""
    return K.mean(K.equal(y_true, K.round(y_pred)))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The fraction of samples whose most probable class in `y_pred` is that of the one-hot rows `y_true`."""
    return K.mean(K.equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1)))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The fraction of samples whose most probable class in `y_pred` is the class number in `y_true`."""
    classes, best = K.int_shape(y_pred)[-1], K.cast(K.argmax(y_pred, axis=-1), K.floatx())
    labels = K.class_numbers(y_true, classes, "sparse_categorical_accuracy")
    return K.mean(K.equal(labels if K.ndim(labels) < K.ndim(y_pred) else K.max(labels, axis=-1), best))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """The fraction of samples whose one-hot target in `y_true` is among the `k` most probable classes in `y_pred`."""
    return K.mean(K.in_top_k(y_pred, K.argmax(y_true, axis=-1), k))


def _mean_of(objective: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    @functools.wraps(objective)
    def metric(y_true, y_pred):
        return K.mean(objective(y_true, y_pred))

    metric.__doc__ = f"The mean over all samples of {objective.__doc__}"
    metric.__module__ = __name__
    return metric


mean_squared_error: Metric = _mean_of(objectives.mean_squared_error)
mean_absolute_error: Metric = _mean_of(objectives.mean_absolute_error)
mean_absolute_percentage_error: Metric = _mean_of(objectives.mean_absolute_percentage_error)
mean_squared_logarithmic_error: Metric = _mean_of(objectives.mean_squared_logarithmic_error)
hinge: Metric = _mean_of(objectives.hinge)
squared_hinge: Metric = _mean_of(objectives.squared_hinge)
categorical_crossentropy: Metric = _mean_of(objectives.categorical_crossentropy)
sparse_categorical_crossentropy: Metric = _mean_of(objectives.sparse_categorical_crossentropy)
binary_crossentropy: Metric = _mean_of(objectives.binary_crossentropy)
kullback_leibler_divergence: Metric = _mean_of(objectives.kullback_leibler_divergence)
poisson: Metric = _mean_of(objectives.poisson)
cosine_proximity: Metric = _mean_of(objectives.cosine_proximity)


def _counts(y_true, y_pred):
    """Count hits, predicted positives, real positives, both, and all entries, rounded to 0 or 1.

    With soft targets, a hit is a product that rounds to 1, while `both` counts entries where each rounds to 1.
    """
    real, predicted = K.round(K.clip(y_true, 0, 1)), K.round(K.clip(y_pred, 0, 1))
    hits = K.round(K.clip(y_true * y_pred, 0, 1))
    return K.stack([K.sum(x) for x in (hits, predicted, real, real * predicted, K.ones_like(predicted))])


def from_counts(function: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Decorate a function of counts: it becomes a metric of rounded targets and predictions that adds up over batches.

    # Arguments
        function: computes the metric from an array of five sums: hits, predicted positives, real positives, entries
            that are both, all entries.
    """

    def metric(y_true, y_pred):
        return function(_counts(y_true, y_pred))

    metric.__name__ = metric.__qualname__ = function.__name__
    metric.__doc__ = function.__doc__
    vars(metric).update(sums=_counts, from_sums=function, width=5)
    return metric


def _precision(counts):
    return counts[0] / (counts[1] + K.epsilon())


def _recall(counts):
    return counts[0] / (counts[2] + K.epsilon())


@from_counts
def precision(counts):
    """The fraction of positive predictions in `y_pred`, rounded, whose target in `y_true` is 1."""
    return _precision(counts)


@from_counts
def recall(counts):
    """The fraction of positive targets in `y_true` whose prediction in `y_pred`, rounded, is 1."""
    return _recall(counts)


def _fbeta(counts: Any, beta: float = 1) -> Any:
    p, r = _precision(counts), _recall(counts)
    score = (1 + beta**2) * p * r / (beta**2 * p + r + K.epsilon())
    return K.switch(counts[2] <= 0, 0 * counts[2], score)


def fbeta_score(y_true: Any, y_pred: Any, beta: float = 1) -> Any:
    """(1 + beta^2) precision recall / (beta^2 precision + recall); 0 where no target is positive.

    # Arguments
        y_true: targets, 0 or 1.
        y_pred: predictions, which are rounded.
        beta: the weight of recall relative to precision, at least 0.
    """
    if beta < 0:
        raise ValueError(f"fbeta_score: beta must be at least 0; received {beta}")
    return _fbeta(_counts(y_true, y_pred), beta)


@from_counts
def fmeasure(counts):
    """The harmonic mean of precision and recall of predictions `y_pred`, rounded, by the targets `y_true`, 0 or 1."""
    return _fbeta(counts)


@from_counts
def matthews_correlation(counts):
    """The correlation of predictions `y_pred`, rounded, with targets `y_true`, 0 or 1.

    # Source
        Matthews, Comparison of the predicted and observed secondary structure of T4 phage lysozyme (1975).
    """
    predicted, real, hits, total = counts[1], counts[2], counts[3], counts[4]
    false_alarms, misses = predicted - hits, real - hits
    rejections = total - predicted - misses
    numerator = hits * rejections - false_alarms * misses
    denominator = K.sqrt(predicted * real * (rejections + false_alarms) * (rejections + misses))
    return numerator / (denominator + K.epsilon())


vars(fbeta_score).update(sums=_counts, from_sums=_fbeta, width=5)

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
cosine = cosine_proximity
kld = KLD = kullback_leibler_divergence
fscore = fmeasure
f1score: Metric = fmeasure

_BY_NAME = {
    name: item
    for name, item in vars().copy().items()
    if isinstance(item, types.FunctionType) and item.__module__ == __name__ and not name.startswith("_")
}
del _BY_NAME["from_counts"]


def get(identifier: Any) -> Callable[..., Any]:
    """Return the metric that `identifier` stands for.

    # Arguments
        identifier: a name, or a function (y_true, y_pred), returned as it is.

    >>> get('f1score') is fmeasure
    True
    """
    if not isinstance(identifier, str) and not callable(identifier):
        raise TypeError(f"a metric is a name or a function (y_true, y_pred); received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "metric")
