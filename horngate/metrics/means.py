"""Metrics that are means over samples of a function of targets and predictions."""

# mypy: disable-error-code="override"
# The mean of a function is told targets and predictions, the mean of values one array.

from typing import Any

from horngate import backend as K
from horngate import metrics, objectives
from horngate.backend.config import EraDefault
from horngate.engine.arguments import argument
from horngate.losses import NumberType
from horngate.metrics.base import NAMED, Mean, _OfFunction


def _equal(y_true, y_pred):
    return K.cast(K.equal(y_true, y_pred), K.floatx())


def _cosine_similarity(y_true, y_pred, axis=-1):
    return -objectives.cosine_similarity(y_true, y_pred, axis)


class Accuracy(_OfFunction, of=_equal):
    """The mean over samples of `_equal`."""

    name: str | None = argument(NAMED, default="accuracy")


class BinaryAccuracy(_OfFunction, of=metrics.binary_accuracy):
    """The mean over samples of `metrics.binary_accuracy`."""

    name: str | None = argument(NAMED, default="binary_accuracy")
    dtype: NumberType = argument(default=None)
    threshold: float = argument("above which a prediction means 1", default=0.5)


class CategoricalAccuracy(_OfFunction, of=metrics.categorical_accuracy):
    """The mean over samples of `metrics.categorical_accuracy`."""

    name: str | None = argument(NAMED, default="categorical_accuracy")


class SparseCategoricalAccuracy(_OfFunction, of=metrics.sparse_categorical_accuracy):
    """The mean over samples of `metrics.sparse_categorical_accuracy`."""

    name: str | None = argument(NAMED, default="sparse_categorical_accuracy")


class TopKCategoricalAccuracy(_OfFunction, of=metrics.top_k_categorical_accuracy):
    """The mean over samples of `metrics.top_k_categorical_accuracy`."""

    k: int = argument("number of most probable classes that count", default=5, at_least=1)
    name: str | None = argument(NAMED, default="top_k_categorical_accuracy")


class MeanSquaredError(_OfFunction, of=objectives.mean_squared_error):
    """The mean over samples of `objectives.mean_squared_error`."""

    name: str | None = argument(NAMED, default="mean_squared_error")


class MeanAbsoluteError(_OfFunction, of=objectives.mean_absolute_error):
    """The mean over samples of `objectives.mean_absolute_error`."""

    name: str | None = argument(NAMED, default="mean_absolute_error")


class MeanAbsolutePercentageError(_OfFunction, of=objectives.mean_absolute_percentage_error):
    """The mean over samples of `objectives.mean_absolute_percentage_error`."""

    name: str | None = argument(NAMED, default="mean_absolute_percentage_error")


class MeanSquaredLogarithmicError(_OfFunction, of=objectives.mean_squared_logarithmic_error):
    """The mean over samples of `objectives.mean_squared_logarithmic_error`."""

    name: str | None = argument(NAMED, default="mean_squared_logarithmic_error")


class LogCoshError(_OfFunction, of=objectives.log_cosh):
    """The mean over samples of `objectives.log_cosh`."""

    name: str | None = argument(NAMED, default="logcosh")


class Hinge(_OfFunction, of=objectives.hinge):
    """The mean over samples of `objectives.hinge`."""

    name: str | None = argument(NAMED, default="hinge")


class SquaredHinge(_OfFunction, of=objectives.squared_hinge):
    """The mean over samples of `objectives.squared_hinge`."""

    name: str | None = argument(NAMED, default="squared_hinge")


class CategoricalHinge(_OfFunction, of=objectives.categorical_hinge):
    """The mean over samples of `objectives.categorical_hinge`."""

    name: str | None = argument(NAMED, default="categorical_hinge")


class KLDivergence(_OfFunction, of=objectives.kl_divergence):
    """The mean over samples of `objectives.kl_divergence`."""

    name: str | None = argument(NAMED, default=EraDefault("kl_name"))


class Poisson(_OfFunction, of=objectives.poisson):
    """The mean over samples of `objectives.poisson`."""

    name: str | None = argument(NAMED, default="poisson")


class BinaryCrossentropy(_OfFunction, of=objectives.binary_crossentropy):
    """The mean over samples of `objectives.binary_crossentropy`."""

    name: str | None = argument(NAMED, default="binary_crossentropy")
    dtype: NumberType = argument(default=None)
    from_logits: bool = argument("whether predictions are what comes before the sigmoid", default=False)
    label_smoothing: float = argument("how far targets are drawn towards equal parts", default=0, at_least=0, at_most=1)


class CategoricalCrossentropy(_OfFunction, of=objectives.categorical_crossentropy):
    """The mean over samples of `objectives.categorical_crossentropy`."""

    name: str | None = argument(NAMED, default="categorical_crossentropy")
    dtype: NumberType = argument(default=None)
    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    label_smoothing: float = argument("how far targets are drawn towards equal parts", default=0, at_least=0, at_most=1)
    axis: int = argument("the axis of the classes", default=-1)


class SparseCategoricalCrossentropy(_OfFunction, of=objectives.sparse_categorical_crossentropy):
    """The mean over samples of `objectives.sparse_categorical_crossentropy`."""

    name: str | None = argument(NAMED, default="sparse_categorical_crossentropy")
    dtype: NumberType = argument(default=None)
    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    ignore_class: int | None = argument(
        "a label whose loss is 0; where samples have weights, its weight is 0 as well, as in Keras 3", default=None
    )
    axis: int = argument("the axis of the classes", default=-1)

    def read(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[Any, Any, Any]:
        y, p, weights = super().read(y_true, y_pred, sample_weight)
        if weights is not None and self.ignore_class is not None:
            labels = y[..., 0] if y.ndim == weights.ndim + 1 else y
            weights = weights * K.cast(K.not_equal(labels, self.ignore_class), self.dtype)
        return y, p, weights


class CosineSimilarity(_OfFunction, of=_cosine_similarity):
    """The mean over samples of `_cosine_similarity`."""

    name: str | None = argument(NAMED, default="cosine_similarity")
    dtype: NumberType = argument(default=None)
    axis: int = argument("the axis along which vectors lie", default=-1)


class PearsonCorrelation(_OfFunction, of=metrics.pearson_correlation):
    """The mean over samples of `metrics.pearson_correlation`."""

    name: str | None = argument(NAMED, default="pearson_correlation")
    dtype: NumberType = argument(default=None)
    axis: int = argument("along which values are compared", default=-1)


class ConcordanceCorrelation(_OfFunction, of=metrics.concordance_correlation):
    """The mean over samples of `metrics.concordance_correlation`."""

    name: str | None = argument(NAMED, default="concordance_correlation")
    dtype: NumberType = argument(default=None)
    axis: int = argument("along which values are compared", default=-1)


class SparseTopKCategoricalAccuracy(_OfFunction, of=metrics.sparse_top_k_categorical_accuracy):
    """The mean over samples of `metrics.sparse_top_k_categorical_accuracy`."""

    k: int = argument("number of most probable classes that count", default=5, at_least=1)
    name: str | None = argument(NAMED, default="sparse_top_k_categorical_accuracy")
    dtype: NumberType = argument(default=None)
    from_sorted_ids: bool = argument(
        "whether predictions are class numbers, the most probable ones first", default=False
    )


class RootMeanSquaredError(Mean):
    """The root of the mean of (p - t)^2, of predictions p and targets t."""

    name: str | None = argument(NAMED, default="root_mean_squared_error")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p, weights = self.read(y_true, y_pred, sample_weight)
        super().update_state(K.square(K.cast(p, self.dtype) - K.cast(y, self.dtype)), weights)

    def result(self) -> Any:
        return K.sqrt(super().result())
