"""Metrics from counts of true and false positives and negatives, at one threshold or at many."""

from collections.abc import Sequence  # noqa: F401  in a quoted type
from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate.backend import limits
from horngate.engine.arguments import REQUIRED, Argument, Declared, argument
from horngate.losses import NumberType
from horngate.metrics.base import NAMED, Metric, MetricVariable, quotient

COUNTS = ("true_positives", "false_positives", "true_negatives", "false_negatives")
_FAR_BELOW = -1e10  # the threshold for the most probable classes, and the prediction for all others


class Thresholds(Declared["float | Sequence[float] | None", Any]):
    """Numbers from 0 to 1."""

    words = "above which a prediction means yes: a number from 0 to 1, or several, which give as many values"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Check the numbers; returned in the form given."""
        several = isinstance(value, (list, tuple))
        if several and not value:
            raise ValueError(f"must be a number from 0 to 1, or several; received {value!r}")
        kept = [limits.number(each, 0, 1) for each in (value if several else [value])]
        return kept if several else kept[0]


class LabelWeights(Declared["Sequence[float] | None", Any]):
    """A number of at least 0 for each label."""

    words = "how much each label counts, as a list of numbers of at least 0; None for all alike"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Check the numbers; returned in the form given."""
        if isinstance(value, str) or not np.ndim(value) or not len(value):
            raise ValueError(f"must be a list of numbers, one for each label; received {value!r}")
        for each in np.ravel(np.asarray(value)).tolist():
            limits.number(each, 0)
        return value


def counts(y: Any, p: Any, weights: Any, thresholds: Any) -> list[Any]:
    """Return true positives, false positives, true negatives and false negatives at each threshold.

    # Arguments
        y: targets, 0 or 1: (samples,), or (samples, labels) to count each label.
        p: predictions of the same shape.
        weights: how often each counts, of the same shape.
        thresholds: above which a prediction means yes.
    """
    levels = np.asarray(thresholds, str(p.dtype)).reshape((-1,) + (1,) * p.ndim)
    above = K.cast(K.expand_dims(p, 0) > levels, K.dtype(p)) * K.expand_dims(weights, 0)
    yes = K.cast(K.cast(y, "bool"), K.dtype(p))
    hits, alarms = K.sum(above * yes, axis=1), K.sum(above * (1.0 - yes), axis=1)
    return [hits, alarms, K.sum(weights * (1.0 - yes), axis=0) - alarms, K.sum(weights * yes, axis=0) - hits]


def chosen(y: Any, p: Any, weights: Any, top_k: int | None = None, class_id: int | None = None) -> tuple[Any, Any, Any]:
    """Return targets, predictions and weights as arrays of one axis.

    # Arguments
        y, p, weights: targets, predictions, and how often each of them counts, or None.
        top_k: how many of the most probable classes mean yes; None for those above a threshold.
        class_id: the class that counts; None for all.
    """
    if top_k is not None:
        among = K.array_function("argsort")(K.array_function("argsort")(-p, axis=-1), axis=-1) < top_k
        p = K.switch(among, p, _FAR_BELOW + 0.0 * p)
    weights = K.ones_like(p) if weights is None else weights
    while weights.ndim < p.ndim:
        weights = K.expand_dims(weights, -1)
    weights = weights + K.zeros_like(p)
    if class_id is not None:
        y, p, weights = (each[..., class_id] for each in (y, p, weights))
    return K.reshape(y, (-1,)), K.reshape(p, (-1,)), K.reshape(weights, (-1,))


class _Count(Metric):
    """Base of the four counts."""

    thresholds: Thresholds = argument(default=None)
    name: str | None = argument(NAMED, default=None)
    dtype: NumberType = argument(default=None)

    count: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._levels: Any = [0.5] if self.thresholds is None else np.ravel(self.thresholds).tolist()
        self.accumulator: MetricVariable = self.add_variable((len(self._levels),), name="accumulator")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        found = counts(*chosen(*self.read(y_true, y_pred, sample_weight)), self._levels)
        self.accumulator.assign_add(found[COUNTS.index(type(self).count)])

    def result(self) -> Any:
        return self.accumulator.value[0] if len(self._levels) == 1 else self.accumulator.value


class TruePositives(_Count):
    """How many samples are positive, and predicted so."""

    count: ClassVar[str] = "true_positives"


class TrueNegatives(_Count):
    """How many samples are negative, and predicted so."""

    count: ClassVar[str] = "true_negatives"


class FalsePositives(_Count):
    """How many samples are negative, but predicted to be positive."""

    count: ClassVar[str] = "false_positives"


class FalseNegatives(_Count):
    """How many samples are positive, but predicted to be negative."""

    count: ClassVar[str] = "false_negatives"


class _Fraction(Metric):
    """Base of precision and recall."""

    thresholds: Thresholds = argument(default=None)
    top_k: int | None = argument(
        "how many of the most probable classes mean yes; None for those above a threshold", default=None, at_least=1
    )
    class_id: int | None = argument("the class that counts; None for all", default=None, at_least=0)
    name: str | None = argument(NAMED, default=None)
    dtype: NumberType = argument(default=None)

    other: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        usual = 0.5 if self.top_k is None else _FAR_BELOW
        self._levels: Any = [usual] if self.thresholds is None else np.ravel(self.thresholds).tolist()
        self.true_positives: MetricVariable = self.add_variable((len(self._levels),), name="true_positives")
        self.others: MetricVariable = self.add_variable((len(self._levels),), name=type(self).other)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p, weights = self.read(y_true, y_pred, sample_weight)
        found = counts(*chosen(y, p, weights, self.top_k, self.class_id), self._levels)
        self.true_positives.assign_add(found[0])
        self.others.assign_add(found[COUNTS.index(type(self).other)])

    def result(self) -> Any:
        hits = self.true_positives.value
        value = quotient(hits, hits + self.others.value)
        return value[0] if len(self._levels) == 1 else value


class Precision(_Fraction):
    """The fraction of positive predictions that are right."""

    other: ClassVar[str] = "false_positives"


class Recall(_Fraction):
    """The fraction of positive samples that are predicted."""

    other: ClassVar[str] = "false_negatives"


class AtThresholds(Metric):
    """Base of metrics that search thresholds from 0 to 1 for the best value under a condition."""

    num_thresholds: int = argument("how many thresholds are tried, from 0 to 1", default=200, at_least=1)
    class_id: int | None = argument("the class that counts; None for all", default=None, at_least=0)
    name: str | None = argument(NAMED, default=None)
    dtype: NumberType = argument(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        count = self.num_thresholds
        self.thresholds: list[float] = [0.5] if count == 1 else np.linspace(0, 1, count).tolist()
        for name in COUNTS:
            setattr(self, name, self.add_variable((len(self.thresholds),), name=name))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p, weights = self.read(y_true, y_pred, sample_weight)
        found = counts(*chosen(y, p, weights, None, self.class_id), self.thresholds)
        for variable, more in zip(self.variables, found):
            variable.assign_add(more)

    def best(self, wanted: str, bounded: str, bound: float) -> Any:
        """Return the largest value of `wanted` among thresholds where `bounded` is at least `bound`; 0 if none is."""
        hits, alarms, rejections, misses = (variable.value for variable in self.variables)
        rates = {
            "precision": quotient(hits, hits + alarms),
            "sensitivity": quotient(hits, hits + misses),
            "specificity": quotient(rejections, rejections + alarms),
        }
        return K.max(K.switch(rates[bounded] >= bound, rates[wanted], 0.0 * hits))


class SensitivityAtSpecificity(AtThresholds):
    """The largest sensitivity (recall) at thresholds where the specificity is large enough."""

    specificity: float = argument("the least specificity", default=REQUIRED, at_least=0, at_most=1)
    num_thresholds: int = argument("how many thresholds are tried, from 0 to 1", default=200, at_least=1)

    def result(self) -> Any:
        return self.best("sensitivity", "specificity", self.specificity)


class SpecificityAtSensitivity(AtThresholds):
    """The largest specificity at thresholds where the sensitivity (recall) is large enough."""

    sensitivity: float = argument("the least sensitivity", default=REQUIRED, at_least=0, at_most=1)
    num_thresholds: int = argument("how many thresholds are tried, from 0 to 1", default=200, at_least=1)

    def result(self) -> Any:
        return self.best("specificity", "sensitivity", self.sensitivity)


class PrecisionAtRecall(AtThresholds):
    """The largest precision at thresholds where the recall is large enough."""

    recall: float = argument("the least recall", default=REQUIRED, at_least=0, at_most=1)
    num_thresholds: int = argument("how many thresholds are tried, from 0 to 1", default=200, at_least=1)

    def result(self) -> Any:
        return self.best("precision", "sensitivity", self.recall)


class RecallAtPrecision(AtThresholds):
    """The largest recall at thresholds where the precision is large enough."""

    precision: float = argument("the least precision", default=REQUIRED, at_least=0, at_most=1)
    num_thresholds: int = argument("how many thresholds are tried, from 0 to 1", default=200, at_least=1)

    def result(self) -> Any:
        return self.best("sensitivity", "precision", self.precision)


class AUC(Metric):
    """The area under the curve of true over false positive rates ('ROC'), or of precision over recall ('PR').

    The curve goes through the points of the thresholds. For the exact area, give `compile` a function of whole arrays,
    such as `sklearn.metrics.roc_auc_score`.

    # Source
        Davis, Goadrich, The relationship between precision-recall and ROC curves (ICML 2006).
    """

    num_thresholds: int = argument("how many thresholds there are", default=200, at_least=2)
    curve: str = argument("which curve", default="ROC", choices=("ROC", "PR"))
    summation_method: str = argument(
        "how areas between thresholds are found: by the mean of both heights (for PR, by the paper), or the smaller or "
        "the larger height",
        default="interpolation",
        choices=("interpolation", "minoring", "majoring"),
    )
    name: str | None = argument(NAMED, default=None)
    dtype: NumberType = argument(default=None)
    thresholds: Thresholds = argument("the thresholds between 0 and 1; None for equal distances", default=None)
    multi_label: bool = argument("whether each label has its own curve; the value is the mean of all", default=False)
    num_labels: int | None = argument(
        "number of labels with `multi_label`; None finds it in the data", default=None, at_least=1
    )
    label_weights: LabelWeights = argument(default=None)
    from_logits: bool = argument("whether predictions are what comes before the sigmoid", default=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        inner = self.thresholds
        if inner is None:
            inner = np.linspace(0, 1, self.num_thresholds)[1:-1].tolist()
        self.num_thresholds = len(inner) + 2
        self._levels: list[float] = [-K.epsilon(), *sorted(inner), 1.0 + K.epsilon()]
        if not self.multi_label or self.num_labels is not None:
            self.build((None, self.num_labels), (None, self.num_labels))

    def _check_label_weights(self, labels):
        if self.label_weights is not None and labels is not None and len(self.label_weights) != labels:
            raise ValueError(
                f"{type(self).__name__}, argument 'label_weights': must have a number for each of {labels} labels; "
                f"received {self.label_weights!r}"
            )

    def build(self, y_shape: "Sequence[int | None]", p_shape: "Sequence[int | None]") -> None:
        """Make the counts for targets of shape `y_shape` and predictions of shape `p_shape`."""
        self._check_label_weights(p_shape[-1] if len(p_shape) > 1 else 1)
        labels = (p_shape[-1],) if self.multi_label else ()
        for name in () if self.variables else COUNTS:
            setattr(self, name, self.add_variable((len(self._levels), *labels), name=name))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p, weights = self.read(y_true, y_pred, sample_weight)
        self.build(y.shape, p.shape)
        p = K.sigmoid(p) if self.from_logits else p
        shape = p.shape
        y, p, weights = chosen(y, p, weights)
        if self.multi_label:
            y, p, weights = (K.reshape(each, (-1, shape[-1])) for each in (y, p, weights))
        elif self.label_weights is not None:
            weights = weights * K.reshape(np.asarray(self.label_weights) + np.zeros(shape), (-1,))
        for variable, more in zip(self.variables, counts(y, p, weights, self._levels)):
            variable.assign_add(more)

    def result(self) -> Any:
        hits, alarms, rejections, misses = self.known()
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolate_pr_auc()
        recall = quotient(hits, hits + misses)
        x, y = (quotient(alarms, alarms + rejections), recall)
        if self.curve == "PR":
            x, y = recall, quotient(hits, hits + alarms)
        between = {"interpolation": lambda a, b: (a + b) / 2, "minoring": K.minimum, "majoring": K.maximum}
        return self._mean(K.sum((x[:-1] - x[1:]) * between[self.summation_method](y[:-1], y[1:]), axis=0))

    def interpolate_pr_auc(self) -> Any:
        """Return the area under the curve of precision over recall, whose points are joined as in the paper."""
        hits, alarms, _, misses = self.known()
        steps, positive = hits[:-1] - hits[1:], hits + alarms
        slope = quotient(steps, K.maximum(positive[:-1] - positive[1:], 0))
        begin = hits[1:] - slope * positive[1:]
        both = (positive[:-1] > 0) & (positive[1:] > 0)
        ratio = K.switch(both, quotient(positive[:-1], K.maximum(positive[1:], 0)), K.ones_like(slope))
        areas = quotient(slope * (steps + begin * K.log(ratio)), K.maximum(hits[1:] + misses[1:], 0))
        return self._mean(K.sum(areas, axis=0))

    def _mean(self, areas):
        if not self.multi_label:
            return areas
        weights = np.ones(areas.shape) if self.label_weights is None else np.asarray(self.label_weights)
        return K.sum(areas * weights.astype(self.dtype)) / weights.sum()
