"""F scores, intersections over unions, and the coefficient of determination."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend import limits
from horngate.backend.ranges import Range, in_range, same_targets
from horngate.engine.arguments import REQUIRED, Argument, Declared, argument, fixed
from horngate.losses import NumberType
from horngate.metrics.base import NAMED, Metric, MetricVariable, quotient

_AVERAGE = (
    "over classes: 'micro' adds up counts, 'macro' takes the mean of their scores, 'weighted' by their sizes; None "
    "gives a score for each"
)
_THRESHOLD = "above which a prediction means yes; None for the most probable class"


class FBetaScore(Metric):
    """(1 + beta^2) precision recall / (beta^2 precision + recall), for each class or their mean."""

    average: str | None = argument(_AVERAGE, default=None, choices=("micro", "macro", "weighted"))
    beta: float = argument("the weight of recall relative to precision", default=1.0, above=0)
    threshold: float | None = argument(_THRESHOLD, default=None, at_least=0, at_most=1)
    name: str | None = argument(NAMED, default="fbeta_score")
    dtype: NumberType = argument(default=None)

    def build(self, y_shape: Sequence[int | None], p_shape: Sequence[int | None]) -> None:
        """Make the counts for targets of shape `y_shape` and predictions of shape `p_shape`."""
        for name in (
            () if self.variables else ("true_positives", "false_positives", "false_negatives", "intermediate_weights")
        ):
            self.add_variable((p_shape[-1],), name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p = (K.array_function("asarray")(x).astype(self.dtype) for x in (y_true, y_pred))
        self.check_columns(y, p, sample_weight)
        self.build(y.shape, p.shape)
        weights = 1.0 if sample_weight is None else K.reshape(K.cast(sample_weight, self.dtype), (-1, 1))
        if self.threshold is None:
            p = K.cast(K.equal(p, K.max(p, axis=-1, keepdims=True)), self.dtype)
        else:
            p = K.cast(p > self.threshold, self.dtype)
        found = (p * y, p * (1.0 - y), (1.0 - p) * y, y)
        for variable, each in zip(self.variables, found):
            variable.assign_add(K.sum(K.reshape(each, (-1, each.shape[-1])) * weights, axis=0))

    def result(self) -> Any:
        hits, alarms, misses, sizes = self.known()
        if self.average == "micro":
            hits, alarms, misses = K.sum(hits), K.sum(alarms), K.sum(misses)
        precision, recall = quotient(hits, hits + alarms), quotient(hits, hits + misses)
        square = self.beta**2
        score = quotient((1 + square) * precision * recall, square * precision + recall)
        if self.average == "weighted":
            return K.sum(score * quotient(sizes, K.sum(sizes)))
        return K.mean(score) if self.average == "macro" else score


class F1Score(FBetaScore):
    """2 precision recall / (precision + recall), for each class or their mean."""

    name: str | None = argument(NAMED, default="f1_score")
    beta: float = fixed(1.0)


class _Confusions(Metric):
    """Base of intersections over unions: counts how often each class is predicted for each class."""

    num_classes: int = argument("number of classes", default=REQUIRED, at_least=1)
    name: str | None = argument(NAMED, default=None)
    dtype: NumberType = argument(default=None)
    ignore_class: int | None = argument("a label that stands for none: its positions do not count", default=None)
    sparse_y_true: bool = argument("whether targets are class numbers, not one-hot", default=True)
    sparse_y_pred: bool = argument("whether predictions are class numbers, not probabilities", default=True)
    axis: int = argument("the axis of the classes, where there is one", default=-1)

    def __post_init__(self) -> None:
        super().__post_init__()
        shape = (self.num_classes, self.num_classes)
        self.total_cm: MetricVariable = self.add_variable(shape, name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p = (K.array_function("asarray")(x) for x in (y_true, y_pred))
        self.check_rows(y, p, sample_weight)
        if self.sparse_y_true:
            self._check_labels(y, "targets", sample_weight)
        if self.sparse_y_pred:
            self._check_labels(p, "predictions", sample_weight)
        y = y if self.sparse_y_true else K.argmax(y, axis=self.axis)
        p = p if self.sparse_y_pred else K.argmax(p, axis=self.axis)
        self.add(K.reshape(y, (-1,)), K.reshape(p, (-1,)), sample_weight)

    def _check_labels(self, labels, whose, weights):
        """Raise ValueError if `labels` that count are no class numbers: on the host, or by the compiled step."""
        taken = f"{type(self).__name__}: {whose} must be class numbers from 0 to {self.num_classes - 1}, by num_classes"
        numbers = same_targets(labels, K.cast(labels, "int32"))
        if self.ignore_class is not None and whose == "targets":
            numbers = same_targets(labels, K.switch(K.equal(numbers, self.ignore_class), 0 * numbers, numbers))
        if weights is not None:
            weights = K.array_function("asarray")(weights)
            if weights.ndim <= numbers.ndim and weights.shape == numbers.shape[: weights.ndim]:
                apart = weights.reshape(weights.shape + (1,) * (numbers.ndim - weights.ndim))
                numbers = same_targets(labels, K.switch(K.equal(apart + 0 * numbers, 0), 0 * numbers, numbers))
        in_range(numbers, Range(taken, self.num_classes))

    def add(self, y: Any, p: Any, weights: Any) -> None:
        """Count pairs of class numbers `y` and `p`, each as often as its `weights`, or None, say."""
        if y.size != p.size:
            raise ValueError(
                f"{type(self).__name__}.update_state: there must be a prediction for each target; received {y.size} "
                f"targets and {p.size} predictions. For probabilities of classes, give sparse_y_pred=False."
            )
        y, p = K.cast(y, "int32"), K.cast(p, "int32")
        if weights is None:
            weights = K.ones_like(K.cast(y, self.dtype))
        weights = K.cast(K.array_function("asarray")(weights), self.dtype)
        if weights.size != y.size:  # one for each sample, which has several places
            weights = K.repeat_elements(K.reshape(weights, (-1,)), y.size // weights.size, 0)
        weights = K.reshape(weights, (-1,))
        if self.ignore_class is not None:
            weights = weights * K.cast(K.not_equal(y, self.ignore_class), self.dtype)
            y = K.switch(K.equal(y, self.ignore_class), 0 * y, y)
        rows, columns = (K.cast(K.one_hot(each, self.num_classes), self.dtype) for each in (y, p))
        self.total_cm.assign_add(K.dot(K.transpose(rows * K.expand_dims(weights, -1)), columns))

    def mean_over(self, classes: Any) -> Any:
        """Return the mean of intersection over union for `classes` that occur."""
        matrix = self.total_cm.value
        both = K.array_function("diagonal")(matrix)[np.asarray(classes)]
        either = (K.sum(matrix, axis=0) + K.sum(matrix, axis=1))[np.asarray(classes)] - both
        occurring = K.sum(K.cast(K.not_equal(either, 0), self.dtype))
        return quotient(K.sum(quotient(both, either)), occurring)

    def result(self) -> Any:
        return self.mean_over(range(self.num_classes))


class Classes(Declared["Sequence[int]", Any]):
    """Numbers of classes."""

    words = "the classes whose mean is taken: whole numbers from 0"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Check the numbers; returned in the form given."""
        if isinstance(value, str) or not np.ndim(value) or not len(value):
            raise ValueError(f"must be a list of class numbers, such as [0, 1]; received {value!r}")
        for each in value:
            limits.whole(each, 0)
        return value


class IoU(_Confusions):
    """The mean over chosen classes of intersection over union: hits / (hits + false alarms + misses)."""

    num_classes: int = argument("number of classes", default=REQUIRED, at_least=1)
    target_class_ids: Classes = argument(default=REQUIRED)

    def __post_init__(self) -> None:
        super().__post_init__()
        if max(self.target_class_ids) >= self.num_classes:
            raise ValueError(
                f"{type(self).__name__}, argument 'target_class_ids': must be below num_classes, {self.num_classes}; "
                f"received {self.target_class_ids!r}"
            )

    def result(self) -> Any:
        return self.mean_over(self.target_class_ids)


class MeanIoU(_Confusions):
    """The mean over all classes of intersection over union: hits / (hits + false alarms + misses)."""


class OneHotIoU(IoU):
    """`IoU` of one-hot targets."""

    sparse_y_true: bool = fixed(False)
    sparse_y_pred: bool = argument("whether predictions are class numbers, not probabilities", default=False)


class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` of one-hot targets."""

    sparse_y_true: bool = fixed(False)
    sparse_y_pred: bool = argument("whether predictions are class numbers, not probabilities", default=False)


class BinaryIoU(IoU):
    """`IoU` of two classes: of predictions below a threshold, and of those from it on."""

    target_class_ids: Classes = argument(default=(0, 1))
    threshold: float = argument("from which on a prediction means 1", default=0.5)
    num_classes: int = fixed(2)
    ignore_class: int | None = fixed(None)
    sparse_y_true: bool = fixed(True)
    sparse_y_pred: bool = fixed(True)
    axis: int = fixed(-1)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        super().update_state(y_true, K.array_function("asarray")(y_pred) >= self.threshold, sample_weight)


class R2Score(Metric):
    """1 - sum((t - p)^2) / sum((t - mean(t))^2), of targets t and predictions p."""

    class_aggregation: str | None = argument(
        "over the columns of the output: their mean, their mean by variance, or None for all of them",
        default="uniform_average",
        choices=("uniform_average", "variance_weighted_average"),
    )
    num_regressors: int = argument(
        "number of inputs, for the adjusted coefficient; 0 for the plain one", default=0, at_least=0
    )
    name: str | None = argument(NAMED, default="r2_score")
    dtype: NumberType = argument(default=None)

    def build(self, y_shape: Sequence[int | None], p_shape: Sequence[int | None]) -> None:
        """Make the sums for targets of shape `y_shape` and predictions of shape `p_shape`."""
        for name in () if self.variables else ("num_samples", "squared_sum", "sum", "residual", "count"):
            self.add_variable((p_shape[-1],) if name != "num_samples" else (), name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p = (K.array_function("asarray")(x).astype(self.dtype) for x in (y_true, y_pred))
        y = K.reshape(y, (-1, 1)) if y.ndim == 1 else y
        self.check_columns(y, p, sample_weight)
        self.build(y.shape, p.shape)
        weights = K.ones_like(p)
        if sample_weight is not None:
            weights = weights * K.reshape(K.cast(sample_weight, self.dtype), (-1,) + (1,) * (p.ndim - 1))
        found = (y * y * weights, y * weights, K.square(y - p) * weights, weights)
        self.variables[0].assign_add(float(y.size))
        for variable, each in zip(self.variables[1:], found):
            variable.assign_add(K.sum(K.reshape(each, (-1, each.shape[-1])), axis=0))

    def result(self) -> Any:
        samples, squares, sums, residuals, counts = self.known()
        total = squares - sums * quotient(sums, counts)
        score = K.switch(K.equal(total, 0), 0.0 * total, 1.0 - residuals / K.switch(K.equal(total, 0), 1.0, total))
        if self.class_aggregation == "uniform_average":
            score = K.mean(score)
        elif self.class_aggregation is not None:
            score = quotient(K.sum(score * total), K.sum(total))
        if not self.num_regressors:
            return score
        return 1.0 - (1.0 - score) * (samples - 1.0) / (samples - self.num_regressors - 1.0)
