"""`metrics` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.metrics

def cosine_proximity(y_true: Any, y_pred: Any, axis: int = -1) -> Any: ...
class AUC(Metric, horngate.metrics.AUC):
    r"""The area under the curve of true over false positive rates ('ROC'), or of precision over recall ('PR')."""
    def __init__(self, num_thresholds: int = 200, curve: Any = 'ROC', summation_method: Any = 'interpolation', name: Any = None, dtype: str | None = None, thresholds: float | _Sequence[float] | None = None, multi_label: bool = False, num_labels: int | None = None, label_weights: _Sequence[float] | None = None, from_logits: bool = False) -> None: ...
    if not TYPE_CHECKING:
        curve: Any
        from_logits: Any
        def interpolate_pr_auc(self) -> Any: ...
        label_weights: Any
        multi_label: Any
        num_labels: Any
        num_thresholds: Any
        summation_method: Any
        thresholds: Any
class Accuracy(Mean, horngate.metrics.Accuracy):
    r"""The mean over samples of `_equal`."""
    def __init__(self, name: Any = 'accuracy', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class BinaryAccuracy(Mean, horngate.metrics.BinaryAccuracy):
    r"""The mean over samples of `metrics.binary_accuracy`."""
    def __init__(self, name: Any = 'binary_accuracy', dtype: str | None = None, threshold: float = 0.5) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
        threshold: Any
class BinaryCrossentropy(Mean, horngate.metrics.BinaryCrossentropy):
    r"""The mean over samples of `objectives.binary_crossentropy`."""
    def __init__(self, from_logits: bool = False, label_smoothing: float = 0, *, name: Any = 'binary_crossentropy') -> None: ...
    if not TYPE_CHECKING:
        from_logits: Any
        function: Any
        label_smoothing: Any
        takes_mask: Any
class CategoricalAccuracy(Mean, horngate.metrics.CategoricalAccuracy):
    r"""The mean over samples of `metrics.categorical_accuracy`."""
    def __init__(self, name: Any = 'categorical_accuracy', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class CategoricalCrossentropy(Mean, horngate.metrics.CategoricalCrossentropy):
    r"""The mean over samples of `objectives.categorical_crossentropy`."""
    def __init__(self, from_logits: bool = False, label_smoothing: float = 0, *, name: Any = 'categorical_crossentropy') -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        from_logits: Any
        function: Any
        label_smoothing: Any
        takes_mask: Any
class CategoricalHinge(Mean, horngate.metrics.CategoricalHinge):
    r"""The mean over samples of `objectives.categorical_hinge`."""
    def __init__(self, name: Any = 'categorical_hinge', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class CosineSimilarity(Mean, horngate.metrics.CosineSimilarity):
    r"""The mean over samples of `_cosine_similarity`."""
    def __init__(self, name: Any = 'cosine_similarity', dtype: str | None = None, axis: int = -1) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        function: Any
        takes_mask: Any
class FalseNegatives(Metric, horngate.metrics.FalseNegatives):
    r"""How many samples are positive, but predicted to be negative."""
    def __init__(self, thresholds: float | _Sequence[float] | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        accumulator: Any
        count: Any
        thresholds: Any
class FalsePositives(Metric, horngate.metrics.FalsePositives):
    r"""How many samples are negative, but predicted to be positive."""
    def __init__(self, thresholds: float | _Sequence[float] | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        accumulator: Any
        count: Any
        thresholds: Any
class Hinge(Mean, horngate.metrics.Hinge):
    r"""The mean over samples of `objectives.hinge`."""
    def __init__(self, name: Any = 'hinge', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class KLDivergence(Mean, horngate.metrics.KLDivergence):
    r"""The mean over samples of `objectives.kl_divergence`."""
    def __init__(self, name: Any = 'kullback_leibler_divergence', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class LogCoshError(Mean, horngate.metrics.LogCoshError):
    r"""The mean over samples of `objectives.log_cosh`."""
    def __init__(self, name: Any = 'logcosh', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class Mean(Metric, horngate.metrics.Mean):
    r"""The mean of all values, by their weights."""
    def __init__(self, name: Any = 'mean', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        count: Any
        total: Any
class MeanAbsoluteError(Mean, horngate.metrics.MeanAbsoluteError):
    r"""The mean over samples of `objectives.mean_absolute_error`."""
    def __init__(self, name: Any = 'mean_absolute_error', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class MeanAbsolutePercentageError(Mean, horngate.metrics.MeanAbsolutePercentageError):
    r"""The mean over samples of `objectives.mean_absolute_percentage_error`."""
    def __init__(self, name: Any = 'mean_absolute_percentage_error', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class MeanIoU(Metric, horngate.metrics.MeanIoU):
    r"""The mean over all classes of intersection over union: hits / (hits + false alarms + misses)."""
    def __init__(self, num_classes: int, name: Any = None, dtype: str | None = None, ignore_class: int | None = None, sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1) -> None: ...
    if not TYPE_CHECKING:
        def add(self, y, p, weights) -> None: ...
        axis: Any
        ignore_class: Any
        def mean_over(self, classes) -> Any: ...
        num_classes: Any
        sparse_y_pred: Any
        sparse_y_true: Any
        total_cm: Any
class MeanMetricWrapper(Mean, horngate.metrics.MeanMetricWrapper):
    r"""The mean of a function of targets and predictions, which gives a value for each sample."""
    def __init__(self, fn: _Callable[..., Any], name: Any = None, dtype: str | None = None, **kwargs: Any) -> None: ...
    if not TYPE_CHECKING:
        takes_mask: Any
class MeanSquaredError(Mean, horngate.metrics.MeanSquaredError):
    r"""The mean over samples of `objectives.mean_squared_error`."""
    def __init__(self, name: Any = 'mean_squared_error', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class MeanSquaredLogarithmicError(Mean, horngate.metrics.MeanSquaredLogarithmicError):
    r"""The mean over samples of `objectives.mean_squared_logarithmic_error`."""
    def __init__(self, name: Any = 'mean_squared_logarithmic_error', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class Metric(horngate.metrics.Metric):
    r"""Base of metrics. A metric adds up its state over batches, and computes its value from the state."""
    def __init__(self, dtype: str | None = None, name: Any = None) -> None: ...
    def add_weight(self, name: str | None = None, shape: _Sequence[int] = (), initializer: Any = None, dtype: Any = None) -> Any: ...
    if not TYPE_CHECKING:
        def add_variable(self, shape=(), initializer='zeros', dtype=None, aggregation='sum', name=None) -> Any: ...
        def build(self, y_shape, p_shape) -> None: ...
        def check_columns(self, y, p, weights=None) -> None: ...
        def check_rows(self, y, p, weights=None) -> None: ...
        dtype: Any
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        def known(self) -> list[Any]: ...
        name: Any
        def read(self, y_true, y_pred, sample_weight=None) -> tuple[Any, Any, Any]: ...
        def reset_state(self) -> None: ...
        def reset_states(self) -> None: ...
        def result(self) -> Any: ...
        def stateless_reset_state(self) -> list[Any]: ...
        def stateless_result(self, metric_variables) -> Any: ...
        def stateless_update_state(self, metric_variables, *args, **kwargs) -> list[Any]: ...
        def update_state(self, *args, **kwargs) -> Any: ...
        variables: Any
class Poisson(Mean, horngate.metrics.Poisson):
    r"""The mean over samples of `objectives.poisson`."""
    def __init__(self, name: Any = 'poisson', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class Precision(Metric, horngate.metrics.Precision):
    r"""The fraction of positive predictions that are right."""
    def __init__(self, thresholds: float | _Sequence[float] | None = None, top_k: int | None = None, class_id: int | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        class_id: Any
        other: Any
        others: Any
        thresholds: Any
        top_k: Any
        true_positives: Any
class Recall(Metric, horngate.metrics.Recall):
    r"""The fraction of positive samples that are predicted."""
    def __init__(self, thresholds: float | _Sequence[float] | None = None, top_k: int | None = None, class_id: int | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        class_id: Any
        other: Any
        others: Any
        thresholds: Any
        top_k: Any
        true_positives: Any
class RootMeanSquaredError(Mean, horngate.metrics.RootMeanSquaredError):
    r"""The root of the mean of (p - t)^2, of predictions p and targets t."""
    def __init__(self, name: Any = 'root_mean_squared_error', dtype: str | None = None) -> None: ...
class SensitivityAtSpecificity(Metric, horngate.metrics.SensitivityAtSpecificity):
    r"""The largest sensitivity (recall) at thresholds where the specificity is large enough."""
    def __init__(self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        def best(self, wanted, bounded, bound) -> Any: ...
        class_id: Any
        num_thresholds: Any
        specificity: Any
        thresholds: Any
class SparseCategoricalAccuracy(Mean, horngate.metrics.SparseCategoricalAccuracy):
    r"""The mean over samples of `metrics.sparse_categorical_accuracy`."""
    def __init__(self, name: Any = 'sparse_categorical_accuracy', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class SparseCategoricalCrossentropy(Mean, horngate.metrics.SparseCategoricalCrossentropy):
    r"""The mean over samples of `objectives.sparse_categorical_crossentropy`."""
    def __init__(self, from_logits: bool = False, *, name: Any = 'sparse_categorical_crossentropy') -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        from_logits: Any
        function: Any
        ignore_class: Any
        takes_mask: Any
class SparseTopKCategoricalAccuracy(Mean, horngate.metrics.SparseTopKCategoricalAccuracy):
    r"""The mean over samples of `metrics.sparse_top_k_categorical_accuracy`."""
    def __init__(self, k: int = 5, name: Any = 'sparse_top_k_categorical_accuracy', dtype: str | None = None, from_sorted_ids: bool = False) -> None: ...
    if not TYPE_CHECKING:
        from_sorted_ids: Any
        function: Any
        k: Any
        takes_mask: Any
class SpecificityAtSensitivity(Metric, horngate.metrics.SpecificityAtSensitivity):
    r"""The largest specificity at thresholds where the sensitivity (recall) is large enough."""
    def __init__(self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        def best(self, wanted, bounded, bound) -> Any: ...
        class_id: Any
        num_thresholds: Any
        sensitivity: Any
        thresholds: Any
class SquaredHinge(Mean, horngate.metrics.SquaredHinge):
    r"""The mean over samples of `objectives.squared_hinge`."""
    def __init__(self, name: Any = 'squared_hinge', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        takes_mask: Any
class Sum(Metric, horngate.metrics.Sum):
    r"""The sum of all values, by their weights."""
    def __init__(self, name: Any = 'sum', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        total: Any
class TopKCategoricalAccuracy(Mean, horngate.metrics.TopKCategoricalAccuracy):
    r"""The mean over samples of `metrics.top_k_categorical_accuracy`."""
    def __init__(self, k: int = 5, name: Any = 'top_k_categorical_accuracy', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        k: Any
        takes_mask: Any
class TrueNegatives(Metric, horngate.metrics.TrueNegatives):
    r"""How many samples are negative, and predicted so."""
    def __init__(self, thresholds: float | _Sequence[float] | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        accumulator: Any
        count: Any
        thresholds: Any
class TruePositives(Metric, horngate.metrics.TruePositives):
    r"""How many samples are positive, and predicted so."""
    def __init__(self, thresholds: float | _Sequence[float] | None = None, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        accumulator: Any
        count: Any
        thresholds: Any
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any: ...
def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any: ...
def categorical_accuracy(y_true: Any, y_pred: Any) -> Any: ...
def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any: ...
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> _Callable[..., Any]: ...
def get(identifier: Any) -> _Callable[..., Any]: ...
def hinge(y_true: Any, y_pred: Any) -> Any: ...
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any: ...
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any: ...
def mean_squared_error(y_true: Any, y_pred: Any) -> Any: ...
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any: ...
def poisson(y_true: Any, y_pred: Any) -> Any: ...
def serialize(metric: Any) -> Any: ...
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any: ...
def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1) -> Any: ...
def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any: ...
def squared_hinge(y_true: Any, y_pred: Any) -> Any: ...
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any: ...
