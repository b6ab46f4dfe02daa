"""Metrics that are means over samples of a function of targets and predictions."""

# mypy: disable-error-code="override"
# The mean of a function is told targets and predictions, the mean of values one array.

from collections.abc import Callable
from typing import Any, ClassVar

from horngate import backend as K
from horngate import metrics, objectives
from horngate.engine.arguments import argument
from horngate.losses import NumberType
from horngate.metrics.base import NAMED, Mean, _OfFunction


def _equal(y_true, y_pred):
    return K.cast(K.equal(y_true, y_pred), K.floatx())


def _cosine_similarity(y_true, y_pred, axis=-1):
    return -objectives.cosine_similarity(y_true, y_pred, axis)


class Accuracy(_OfFunction):
    """The mean over samples of `_equal`."""

    name: str | None = argument(NAMED, default="accuracy")

    function: ClassVar[Callable[..., Any]] = staticmethod(_equal)


class BinaryAccuracy(_OfFunction):
    """The mean over samples of `metrics.binary_accuracy`."""

    name: str | None = argument(NAMED, default="binary_accuracy")
    dtype: NumberType = argument(default=None)
    threshold: float = argument("above which a prediction means 1", default=0.5)

    function: ClassVar[Callable[..., Any]] = staticmethod(metrics.binary_accuracy)


class CategoricalAccuracy(_OfFunction):
    """The mean over samples of `metrics.categorical_accuracy`."""

    name: str | None = argument(NAMED, default="categorical_accuracy")

    function: ClassVar[Callable[..., Any]] = staticmethod(metrics.categorical_accuracy)


class SparseCategoricalAccuracy(_OfFunction):
    """The mean over samples of `metrics.sparse_categorical_accuracy`."""

    name: str | None = argument(NAMED, default="sparse_categorical_accuracy")

    function: ClassVar[Callable[..., Any]] = staticmethod(metrics.sparse_categorical_accuracy)


class TopKCategoricalAccuracy(_OfFunction):
    """The mean over samples of `metrics.top_k_categorical_accuracy`."""

    k: int = argument("number of most probable classes that count", default=5, at_least=1)
    name: str | None = argument(NAMED, default="top_k_categorical_accuracy")
    dtype: NumberType = argument(default=None)

    function: ClassVar[Callable[..., Any]] = staticmethod(metrics.top_k_categorical_accuracy)


class MeanSquaredError(_OfFunction):
    """The mean over samples of `objectives.mean_squared_error`."""

    name: str | None = argument(NAMED, default="mean_squared_error")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_squared_error)


class MeanAbsoluteError(_OfFunction):
    """The mean over samples of `objectives.mean_absolute_error`."""

    name: str | None = argument(NAMED, default="mean_absolute_error")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_absolute_error)


class MeanAbsolutePercentageError(_OfFunction):
    """The mean over samples of `objectives.mean_absolute_percentage_error`."""

    name: str | None = argument(NAMED, default="mean_absolute_percentage_error")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(_OfFunction):
    """The mean over samples of `objectives.mean_squared_logarithmic_error`."""

    name: str | None = argument(NAMED, default="mean_squared_logarithmic_error")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_squared_logarithmic_error)


class LogCoshError(_OfFunction):
    """The mean over samples of `objectives.log_cosh`."""

    name: str | None = argument(NAMED, default="logcosh")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.log_cosh)


class Hinge(_OfFunction):
    """The mean over samples of `objectives.hinge`."""

    name: str | None = argument(NAMED, default="hinge")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.hinge)


class SquaredHinge(_OfFunction):
    """The mean over samples of `objectives.squared_hinge`."""

    name: str | None = argument(NAMED, default="squared_hinge")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.squared_hinge)


class CategoricalHinge(_OfFunction):
    """The mean over samples of `objectives.categorical_hinge`."""

    name: str | None = argument(NAMED, default="categorical_hinge")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.categorical_hinge)


class KLDivergence(_OfFunction):
    """The mean over samples of `objectives.kl_divergence`."""

    name: str | None = argument(NAMED, default="kl_divergence")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.kl_divergence)


class Poisson(_OfFunction):
    """The mean over samples of `objectives.poisson`."""

    name: str | None = argument(NAMED, default="poisson")

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.poisson)


class BinaryCrossentropy(_OfFunction):
    """The mean over samples of `objectives.binary_crossentropy`."""

    name: str | None = argument(NAMED, default="binary_crossentropy")
    dtype: NumberType = argument(default=None)
    from_logits: bool = argument("whether predictions are what comes before the sigmoid", default=False)
    label_smoothing: float = argument("how far targets are drawn towards equal parts", default=0, at_least=0, at_most=1)

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.binary_crossentropy)


class CategoricalCrossentropy(_OfFunction):
    """The mean over samples of `objectives.categorical_crossentropy`."""

    name: str | None = argument(NAMED, default="categorical_crossentropy")
    dtype: NumberType = argument(default=None)
    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    label_smoothing: float = argument("how far targets are drawn towards equal parts", default=0, at_least=0, at_most=1)
    axis: int = argument("the axis of the classes", default=-1)

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.categorical_crossentropy)


class SparseCategoricalCrossentropy(_OfFunction):
    """The mean over samples of `objectives.sparse_categorical_crossentropy`."""

    name: str | None = argument(NAMED, default="sparse_categorical_crossentropy")
    dtype: NumberType = argument(default=None)
    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    ignore_class: int | None = argument("a label whose loss is 0", default=None)
    axis: int = argument("the axis of the classes", default=-1)

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.sparse_categorical_crossentropy)


class CosineSimilarity(_OfFunction):
    """The mean over samples of `_cosine_similarity`."""

    name: str | None = argument(NAMED, default="cosine_similarity")
    dtype: NumberType = argument(default=None)
    axis: int = argument("the axis along which vectors lie", default=-1)

    function: ClassVar[Callable[..., Any]] = staticmethod(_cosine_similarity)


class PearsonCorrelation(_OfFunction):
    """The mean over samples of `metrics.pearson_correlation`."""

    name: str | None = argument(NAMED, default="pearson_correlation")
    dtype: NumberType = argument(default=None)
    axis: int = argument("along which values are compared", default=-1)

    function: ClassVar[Callable[..., Any]] = staticmethod(metrics.pearson_correlation)


class ConcordanceCorrelation(_OfFunction):
    """The mean over samples of `metrics.concordance_correlation`."""

    name: str | None = argument(NAMED, default="concordance_correlation")
    dtype: NumberType = argument(default=None)
    axis: int = argument("along which values are compared", default=-1)

    function: ClassVar[Callable[..., Any]] = staticmethod(metrics.concordance_correlation)


class SparseTopKCategoricalAccuracy(_OfFunction):
    """The mean over samples of `metrics.sparse_top_k_categorical_accuracy`."""

    k: int = argument("number of most probable classes that count", default=5, at_least=1)
    name: str | None = argument(NAMED, default="sparse_top_k_categorical_accuracy")
    dtype: NumberType = argument(default=None)
    from_sorted_ids: bool = argument(
        "whether predictions are class numbers, the most probable ones first", default=False
    )

    function: ClassVar[Callable[..., Any]] = staticmethod(metrics.sparse_top_k_categorical_accuracy)


class RootMeanSquaredError(Mean):
    """The root of the mean of (p - t)^2, of predictions p and targets t."""

    name: str | None = argument(NAMED, default="root_mean_squared_error")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p, weights = self.read(y_true, y_pred, sample_weight)
        super().update_state(K.square(K.cast(p, self.dtype) - K.cast(y, self.dtype)), weights)

    def result(self) -> Any:
        return K.sqrt(super().result())
