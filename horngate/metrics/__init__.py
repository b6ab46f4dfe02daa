"""Metrics: functions from targets and predictions to one number, exact over an epoch.

For a mean over samples, the mean over batches weighted by their size is exact. Other metrics, such as precision, are
made by `from_counts`: their `sums(y_true, y_pred)`, `width` in number, add up over batches, and `from_sums(total)` is
the metric.
"""

import functools
import importlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from horngate import backend as K
from horngate import objectives
from horngate.backend import notices
from horngate.backend.orders import elsewhere
from horngate.utils.generic_utils import deserialized, get_custom_objects, get_from_module, public_in, serialized

if TYPE_CHECKING:
    from horngate.metrics.base import *  # noqa: F403
    from horngate.metrics.confusion import *  # noqa: F403
    from horngate.metrics.means import *  # noqa: F403
    from horngate.metrics.scores import *  # noqa: F403

_Function = Callable[..., Any]  # of targets and predictions


def _in_all(values):
    """Return the mean over all samples; from Keras 2 on, functions give a value for each."""
    values = K.cast(values, K.floatx()) if str(values.dtype) == "bool" else values
    return values if K.era().generation in ("2", "3") else K.mean(values)


def _remark_on_columns(y_true, y_pred, sparse):
    """Warn of targets of another form than a metric of classes takes: numbers if `sparse`, else a column for each."""
    columns, classes = K.int_shape(y_true)[-1:], K.int_shape(y_pred)[-1:]
    if classes in ((1,), (None,)) or len(K.int_shape(y_true)) > len(K.int_shape(y_pred)):
        return
    numbers = len(K.int_shape(y_true)) < len(K.int_shape(y_pred)) or columns == (1,)
    if numbers == sparse or not numbers and columns != classes:
        return
    takes, other = ("class numbers", "") if sparse else ("a column for each class", "sparse_")
    notices.remark(
        f"metrics: {'sparse_' * sparse}categorical accuracies take {takes}; the targets have shape "
        f"{K.int_shape(y_true)}, the outputs {K.int_shape(y_pred)}. The metric says nothing: take '{other}categorical_"
        "accuracy' (or 'accuracy', which sees it)."
    )


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """The fraction of predictions `y_pred`, 1 where above `threshold`, that equal the targets `y_true`.

    Before Keras 3 and TensorFlow's Keras, 0.5 stands for rounding: predictions beyond 1.5 and -0.5 are never right.
    """
    rounds = threshold == 0.5 and K.era().generation != "3"
    predicted = K.round(y_pred) if rounds else K.cast(K.greater(y_pred, threshold), K.floatx())
    return _in_all(K.mean(K.equal(y_true, predicted), axis=-1))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The fraction of samples whose most probable class in `y_pred` is that of the one-hot rows `y_true`."""
    _remark_on_columns(y_true, y_pred, sparse=False)
    return _in_all(K.equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1)))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The fraction of samples whose most probable class in `y_pred` is the class number in `y_true`."""
    _remark_on_columns(y_true, y_pred, sparse=True)
    classes, best = K.int_shape(y_pred)[-1], K.cast(K.argmax(y_pred, axis=-1), K.floatx())
    labels = K.class_numbers(y_true, classes, "sparse_categorical_accuracy")
    return _in_all(K.equal(labels if K.ndim(labels) < K.ndim(y_pred) else K.max(labels, axis=-1), best))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """The fraction of samples whose one-hot target in `y_true` is among the `k` most probable classes in `y_pred`."""
    _remark_on_columns(y_true, y_pred, sparse=False)
    return sparse_top_k_categorical_accuracy(K.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """The fraction of samples whose class number in `y_true` is among the `k` most probable classes in `y_pred`.

    # Arguments
        y_true: class numbers.
        y_pred: predictions.
        k: number of classes that count.
        from_sorted_ids: whether `y_pred` holds class numbers, the most probable ones first.
    """
    shape = K.int_shape(y_pred)
    numbers = K.reshape(y_true, shape[:-1] if None not in shape else (-1,))
    if from_sorted_ids:
        return _in_all(K.any(K.equal(K.expand_dims(numbers, -1), y_pred[..., :k]), axis=-1))
    found = K.in_top_k(K.reshape(y_pred, (-1, shape[-1])), K.reshape(numbers, (-1,)), k)
    return _in_all(K.reshape(found, K.shape(numbers)))


def _centred(y, axis):
    return y - K.mean(y, axis=axis, keepdims=True)


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The linear correlation of predictions `y_pred` with targets `y_true` along `axis`, from -1 to 1."""
    t, p = _centred(y_true, axis), _centred(y_pred, axis)
    return _in_all(K.sum(K.l2_normalize(t, axis) * K.l2_normalize(p, axis), axis=axis))


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The correlation of predictions `y_pred` with targets `y_true` along `axis`, less where means or spreads differ.

    # Source
        Lin, A concordance correlation coefficient to evaluate reproducibility (Biometrics 1989).
    """
    t, p = _centred(y_true, axis), _centred(y_pred, axis)
    apart = K.square(K.mean(y_true, axis=axis) - K.mean(y_pred, axis=axis))
    spread = K.mean(K.square(t), axis=axis) + K.mean(K.square(p), axis=axis) + apart
    return _in_all(2.0 * K.mean(t * p, axis=axis) / (spread + K.epsilon()))


def _mean_of(objective: Callable[..., Any]) -> _Function:
    @functools.wraps(objective)
    def metric(y_true, y_pred, *args, **kwargs):
        return _in_all(objective(y_true, y_pred, *args, **kwargs))

    metric.__doc__ = f"The mean over all samples of {objective.__doc__}"
    metric.__module__ = __name__
    return metric


mean_squared_error: _Function = _mean_of(objectives.mean_squared_error)
mean_absolute_error: _Function = _mean_of(objectives.mean_absolute_error)
mean_absolute_percentage_error: _Function = _mean_of(objectives.mean_absolute_percentage_error)
mean_squared_logarithmic_error: _Function = _mean_of(objectives.mean_squared_logarithmic_error)
hinge: _Function = _mean_of(objectives.hinge)
squared_hinge: _Function = _mean_of(objectives.squared_hinge)
categorical_crossentropy: _Function = _mean_of(objectives.categorical_crossentropy)
sparse_categorical_crossentropy: _Function = _mean_of(objectives.sparse_categorical_crossentropy)
binary_crossentropy: _Function = _mean_of(objectives.binary_crossentropy)
kullback_leibler_divergence: _Function = _mean_of(objectives.kullback_leibler_divergence)
poisson: _Function = _mean_of(objectives.poisson)
cosine_proximity: _Function = _mean_of(objectives.cosine_proximity)
categorical_hinge: _Function = _mean_of(objectives.categorical_hinge)
huber: _Function = _mean_of(objectives.huber)
log_cosh: _Function = _mean_of(objectives.log_cosh)
binary_focal_crossentropy: _Function = _mean_of(objectives.binary_focal_crossentropy)
categorical_focal_crossentropy: _Function = _mean_of(objectives.categorical_focal_crossentropy)


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
kld = KLD = kl_divergence = kullback_leibler_divergence
bce = BCE = binary_crossentropy
fscore = fmeasure
f1score: _Function = fmeasure

_BY_NAME = public_in(vars(), "from_counts")

_CLASSES = {  # module -> classes, imported when first named
    "base": "Mean MeanMetricWrapper Metric Sum",
    "means": "Accuracy BinaryAccuracy BinaryCrossentropy CategoricalAccuracy CategoricalCrossentropy CategoricalHinge "
    "ConcordanceCorrelation CosineSimilarity Hinge KLDivergence LogCoshError MeanAbsoluteError "
    "MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError PearsonCorrelation Poisson "
    "RootMeanSquaredError SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy "
    "SquaredHinge TopKCategoricalAccuracy",
    "confusion": "AUC FalseNegatives FalsePositives Precision PrecisionAtRecall Recall RecallAtPrecision "
    "SensitivityAtSpecificity SpecificityAtSensitivity TrueNegatives TruePositives",
    "scores": "BinaryIoU F1Score FBetaScore IoU MeanIoU OneHotIoU OneHotMeanIoU R2Score",
}
_HOMES = {name: module for module, names in _CLASSES.items() for name in names.split()}
_SNAKES = {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower(): name for name in _HOMES}
_SNAKES["cosine_similarity"] = "CosineSimilarity"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        return elsewhere(__name__, name)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def get(identifier: Any) -> Callable[..., Any]:
    """Return the metric that `identifier` stands for.

    # Arguments
        identifier: a name of a function, or of a class, with or without capital letters; a configuration; or a function
            (y_true, y_pred) or a `Metric`, returned as it is.

    >>> get('f1score').__name__
    'fmeasure'
    """
    if isinstance(identifier, str):
        ours = (
            identifier not in _BY_NAME
            or K.era().generation == "3"
            and identifier in ("precision", "recall", "fbeta_score")
        )
        name = _SNAKES.get(identifier, identifier) if ours else None
        if name in _HOMES and identifier not in get_custom_objects():
            return __getattr__(name)()
        return get_from_module(identifier, {**dict.fromkeys(_SNAKES), **_BY_NAME}, "metric")  # all names, for the error
    if isinstance(identifier, dict):
        name = identifier.get("class_name")
        return get_from_module(identifier, {name: __getattr__(name)} if name in _HOMES else _BY_NAME, "metric")
    if not callable(identifier):
        raise TypeError(f"a metric is a name or a function (y_true, y_pred); received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "metric")


def serialize(metric: Any) -> Any:
    """Describe a `metric` as plain data: the name of a function, or the class and configuration of an object."""
    return serialized(metric)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Callable[..., Any]:
    """Return the metric that `config`, of `serialize`, describes; `custom_objects`: the user's own by name."""
    return deserialized(config, custom_objects, get)
