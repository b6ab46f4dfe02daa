"""`keras.utils.metrics_utils` and `losses_utils` of Keras 2, which metrics and losses of one's own call."""

# pyright: reportGeneralTypeIssues=false
# mypy: disable-error-code="misc"
# The arguments of their own come before the name and the dtype of all metrics, as in Keras 2.

import enum
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.engine.arguments import argument
from horngate.losses import Loss, NumberType
from horngate.metrics import confusion
from horngate.metrics.base import NAMED, Metric, MetricVariable, quotient
from horngate.objectives import reduced

NEG_INF = -1e10


class Reduction:
    """How the losses of samples become one number."""

    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """The words."""
        return cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE

    @classmethod
    def validate(cls, key: str) -> None:
        """Raise ValueError unless `key` is one of the words."""
        if key not in cls.all():
            raise ValueError(f"reduction must be one of {', '.join(map(repr, cls.all()))}; received {key!r}.")


class ConfusionMatrix(enum.Enum):
    """The counts of a binary decision."""

    TRUE_POSITIVES = "tp"
    FALSE_POSITIVES = "fp"
    TRUE_NEGATIVES = "tn"
    FALSE_NEGATIVES = "fn"


class AUCCurve(enum.Enum):
    """The curve under which an area is."""

    ROC = "ROC"
    PR = "PR"

    @staticmethod
    def from_str(key: str) -> "AUCCurve":
        """The curve that the word `key` means."""
        return AUCCurve(str(key).upper())


class AUCSummationMethod(enum.Enum):
    """How an area is added up."""

    INTERPOLATION = "interpolation"
    MAJORING = "majoring"
    MINORING = "minoring"

    @staticmethod
    def from_str(key: str) -> "AUCSummationMethod":
        """The method that the word `key` means."""
        return AUCSummationMethod(str(key).lower())


class LossFunctionWrapper(Loss):
    """A loss from the function `fn(y_true, y_pred)`.

    # Arguments
        fn: the function; it gives a loss for each sample.
        reduction: how these become one number; see `Reduction`.
        name: by which the logs know it.
        kwargs: further arguments of `fn`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str = Reduction.SUM_OVER_BATCH_SIZE,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction=reduction, name=name)
        self.fn, self._fn_kwargs = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The losses of the samples in `y_pred`, whose targets are `y_true`."""
        return self.fn(y_true, y_pred, **self._fn_kwargs)


def broadcast_weights(values: Any, sample_weight: Any) -> Any:
    """The `sample_weight` in the shape of `values`."""
    return squeeze_or_expand_dimensions(values, None, sample_weight)[-1] * K.ones_like(values)


def reduce_weighted_loss(weighted_losses: Any, reduction: str = Reduction.SUM_OVER_BATCH_SIZE) -> Any:
    """The losses of samples, `weighted_losses`, as one number, by the word `reduction`."""
    Reduction.validate(reduction)
    if reduction == Reduction.NONE:
        return weighted_losses
    return K.sum(weighted_losses) if reduction == Reduction.SUM else K.mean(weighted_losses)


def compute_weighted_loss(
    losses: Any, sample_weight: Any = None, reduction: str = Reduction.SUM_OVER_BATCH_SIZE, name: str | None = None
) -> Any:
    """The losses of samples as one number.

    # Arguments
        losses: one for each sample.
        sample_weight: by what they are multiplied; None for 1.
        reduction: see `Reduction`.
        name: has no effect.
    """
    Reduction.validate(reduction)
    return reduced(losses, sample_weight, None, None if reduction == Reduction.NONE else reduction)


def squeeze_or_expand_dimensions(y_pred: Any, y_true: Any = None, sample_weight: Any = None) -> tuple[Any, ...]:
    """Predictions, targets and weights with as many axes: a last axis of size 1 more or less makes no difference.

    `y_pred`, `y_true`, `sample_weight`: the arrays, the latter two unless None; those that are given come back.
    """
    if y_true is not None:
        if K.ndim(y_pred) - K.ndim(y_true) == 1 and K.int_shape(y_pred)[-1] == 1:
            y_pred = K.squeeze(y_pred, -1)
        elif K.ndim(y_true) - K.ndim(y_pred) == 1 and K.int_shape(y_true)[-1] == 1:
            y_true = K.squeeze(y_true, -1)
    given = [y_pred] if y_true is None else [y_pred, y_true]
    if sample_weight is None:
        return tuple(given)
    if K.ndim(sample_weight) - K.ndim(y_pred) == 1:
        sample_weight = K.squeeze(sample_weight, -1)
    elif K.ndim(sample_weight) and K.ndim(y_pred) - K.ndim(sample_weight) == 1:
        sample_weight = K.expand_dims(sample_weight, -1)
    return (*given, sample_weight)


def assert_thresholds_range(thresholds: Any) -> None:
    """Raise ValueError unless all `thresholds` are numbers from 0 to 1."""
    wrong = [each for each in thresholds or () if each is None or not 0 <= each <= 1]
    if wrong:
        raise ValueError(f"thresholds must be numbers from 0 to 1; received {wrong}.")


def parse_init_thresholds(thresholds: Any, default_threshold: float = 0.5) -> list[float]:
    """The `thresholds` as a list, checked; `default_threshold` for None."""
    chosen = default_threshold if thresholds is None else thresholds
    found: list[Any] = list(chosen) if isinstance(chosen, (list, tuple)) else [chosen]
    assert_thresholds_range(found)
    return found


def filter_top_k(x: Any, k: int) -> Any:
    """`x` with all but the `k` largest numbers along the last axis replaced by -1e10."""
    rank = K.array_function("argsort")(K.array_function("argsort")(-x, axis=-1), axis=-1)
    return K.switch(rank < k, x, NEG_INF + 0.0 * x)


def weighted_assign_add(label: Any, pred: Any, weights: Any, var: Any) -> Any:
    """Add to the state `var` how often both `label` and `pred` hold, along their last axis; `weights`: or None."""
    both = K.cast(K.all(K.stack([label, pred]), axis=0), var.dtype)
    return var.assign_add(K.sum(both if weights is None else both * weights, axis=1))


def update_confusion_matrix_variables(
    variables_to_update: Mapping[Any, Any],
    y_true: Any,
    y_pred: Any,
    thresholds: Any = 0.5,
    top_k: int | None = None,
    class_id: int | None = None,
    sample_weight: Any = None,
) -> None:
    """Add the counts of a batch to states of a metric.

    # Arguments
        variables_to_update: a member of `ConfusionMatrix` -> the state that counts it.
        y_true, y_pred: targets, 0 or 1, and predictions from 0 to 1.
        thresholds: above which a prediction means yes.
        top_k: how many of the largest predictions mean yes; None for all above a threshold.
        class_id: the class that counts; None for all.
        sample_weight: how often samples count; None for once.
    """
    levels = np.ravel(thresholds).tolist()
    found = confusion.counts(*confusion.chosen(y_true, y_pred, sample_weight, top_k, class_id), levels)
    order = "TRUE_POSITIVES", "TRUE_NEGATIVES", "FALSE_POSITIVES", "FALSE_NEGATIVES"
    for key, count in zip(order, found):
        if (state := variables_to_update.get(ConfusionMatrix[key])) is not None:
            state.assign_add(count)


def update_state_wrapper(update_state_fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function `update_state_fn` of a metric itself: its assignments count without a list of updates."""
    return update_state_fn


def result_wrapper(result_fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function `result_fn` of a metric, whose result is a number of floatx."""

    @functools.wraps(result_fn)
    def result(*args: Any, **kwargs: Any) -> Any:
        return K.cast(result_fn(*args, **kwargs), K.floatx())

    return result


def clone_metric(metric: Any) -> Any:
    """Another metric like `metric`, with a state of its own; functions are themselves."""
    return type(metric).from_config(metric.get_config()) if hasattr(metric, "get_config") else metric


def clone_metrics(metrics: Any) -> Any:
    """A copy of a list, or a dictionary by output, of `metrics`."""
    if isinstance(metrics, dict):
        return {name: clone_metric(metric) for name, metric in metrics.items()}
    return [clone_metric(metric) for metric in metrics]


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """Whether each entry of `y_pred` equals that of `y_true`, as 0 or 1."""
    return K.cast(K.equal(y_true, y_pred), K.floatx())


def is_categorical_crossentropy(loss: Any) -> bool:
    """Whether `loss` is the crossentropy of one-hot targets."""
    named = getattr(loss, "fn", loss)
    return getattr(named, "__name__", named) in ("categorical_crossentropy", "CategoricalCrossentropy")


class Reduce(Metric):
    """The sum or mean of all values."""

    reduction: str = argument("what becomes of them", choices=("sum", "sum_over_batch_size", "weighted_mean"))
    name: str | None = argument(NAMED)
    dtype: NumberType = argument(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.total: MetricVariable = self.add_variable(name="total")
        self.count: MetricVariable = self.add_variable(name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add `values`, multiplied by `sample_weight` unless it is None."""
        values = K.cast(values, self.dtype)
        weights = K.ones_like(values) if sample_weight is None else broadcast_weights(values, sample_weight)
        counted = weights if self.reduction == "weighted_mean" else K.ones_like(values)
        self.total.assign_add(K.sum(values * weights))
        self.count.assign_add(K.sum(counted))

    def result(self) -> Any:
        return self.total.value if self.reduction == "sum" else quotient(self.total.value, self.count.value)


class SensitivitySpecificityBase(confusion.AtThresholds):
    """Base of metrics that search thresholds for the best rate where another one is large enough."""

    value: float = argument("the least value of the other rate", at_least=0, at_most=1)
    num_thresholds: int = argument("how many thresholds are tried, from 0 to 1", default=200, at_least=1)
