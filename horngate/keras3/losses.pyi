"""`losses` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.losses import binary_crossentropy as binary_crossentropy
from horngate.losses import binary_focal_crossentropy as binary_focal_crossentropy
from horngate.losses import categorical_crossentropy as categorical_crossentropy
from horngate.losses import categorical_focal_crossentropy as categorical_focal_crossentropy
from horngate.losses import categorical_generalized_cross_entropy as categorical_generalized_cross_entropy
from horngate.losses import categorical_hinge as categorical_hinge
from horngate.losses import circle as circle
from horngate.losses import cosine_similarity as cosine_similarity
from horngate.losses import ctc as ctc
from horngate.losses import dice as dice
from horngate.losses import huber as huber
from horngate.losses import kullback_leibler_divergence as _kullback_leibler_divergence
from horngate.losses import log_cosh as log_cosh
from horngate.losses import mean_absolute_error as mean_absolute_error
from horngate.losses import mean_absolute_percentage_error as mean_absolute_percentage_error
from horngate.losses import mean_squared_error as mean_squared_error
from horngate.losses import mean_squared_logarithmic_error as mean_squared_logarithmic_error
from horngate.losses import poisson as poisson
from horngate.losses import tversky as tversky

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.losses

class BinaryFocalCrossentropy(Loss, horngate.losses.BinaryFocalCrossentropy):
    r"""See `objectives.binary_focal_crossentropy`."""
    def __init__(self, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
        apply_class_balancing: Any
        axis: Any
        from_logits: Any
        function: Any
        gamma: Any
        label_smoothing: Any
class CTC(Loss, horngate.losses.CTC):
    r"""See `objectives.ctc`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class CategoricalFocalCrossentropy(Loss, horngate.losses.CategoricalFocalCrossentropy):
    r"""See `objectives.categorical_focal_crossentropy`."""
    def __init__(self, alpha: float | _Sequence[float] = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
        axis: Any
        from_logits: Any
        function: Any
        gamma: Any
        label_smoothing: Any
class CategoricalGeneralizedCrossEntropy(Loss, horngate.losses.CategoricalGeneralizedCrossEntropy):
    r"""See `objectives.categorical_generalized_cross_entropy`."""
    def __init__(self, q: float = 0.5, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        q: Any
class Circle(Loss, horngate.losses.Circle):
    r"""See `objectives.circle`."""
    def __init__(self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
        gamma: Any
        margin: Any
        remove_diagonal: Any
class CosineSimilarity(Loss, horngate.losses.CosineSimilarity):
    r"""See `objectives.cosine_similarity`."""
    def __init__(self, axis: int = -1, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        function: Any
class Dice(Loss, horngate.losses.Dice):
    r"""See `objectives.dice`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, axis: int | _Sequence[int] | None = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        function: Any
class Tversky(Loss, horngate.losses.Tversky):
    r"""See `objectives.tversky`."""
    def __init__(self, alpha: float = 0.5, beta: float = 0.5, reduction: str | None = 'sum_over_batch_size', name: Any = None, axis: int | _Sequence[int] | None = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
        axis: Any
        beta: Any
        function: Any
kl_divergence = _kullback_leibler_divergence
class BinaryCrossentropy(Loss, horngate.losses.BinaryCrossentropy):
    r"""See `objectives.binary_crossentropy`."""
    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        from_logits: Any
        function: Any
        label_smoothing: Any
class CategoricalCrossentropy(Loss, horngate.losses.CategoricalCrossentropy):
    r"""See `objectives.categorical_crossentropy`."""
    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        from_logits: Any
        function: Any
        label_smoothing: Any
class CategoricalHinge(Loss, horngate.losses.CategoricalHinge):
    r"""See `objectives.categorical_hinge`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class Hinge(Loss, horngate.losses.Hinge):
    r"""See `objectives.hinge`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class Huber(Loss, horngate.losses.Huber):
    r"""See `objectives.huber`."""
    def __init__(self, delta: float = 1.0, reduction: str | None = 'sum_over_batch_size', name: Any = 'huber_loss', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        delta: Any
        function: Any
class KLDivergence(Loss, horngate.losses.KLDivergence):
    r"""See `objectives.kl_divergence`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class LogCosh(Loss, horngate.losses.LogCosh):
    r"""See `objectives.log_cosh`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class Loss(horngate.losses.Loss):
    r"""Base of losses. `loss(y_true, y_pred, sample_weight)` returns one number for a batch."""
    def __init__(self, name: Any = None, reduction: str | None = 'sum_over_batch_size', dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        def call(self, y_true, y_pred) -> Any: ...
        def counted(self, y_true, y_pred) -> Any: ...
        dtype: Any
        def each(self, y_true, y_pred) -> Any: ...
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        name: Any
        reduction: Any
        def total(self, y_true, y_pred, weights=None, mask=None) -> Any: ...
class MeanAbsoluteError(Loss, horngate.losses.MeanAbsoluteError):
    r"""See `objectives.mean_absolute_error`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class MeanAbsolutePercentageError(Loss, horngate.losses.MeanAbsolutePercentageError):
    r"""See `objectives.mean_absolute_percentage_error`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class MeanSquaredError(Loss, horngate.losses.MeanSquaredError):
    r"""See `objectives.mean_squared_error`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class MeanSquaredLogarithmicError(Loss, horngate.losses.MeanSquaredLogarithmicError):
    r"""See `objectives.mean_squared_logarithmic_error`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class Poisson(Loss, horngate.losses.Poisson):
    r"""See `objectives.poisson`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
class SparseCategoricalCrossentropy(Loss, horngate.losses.SparseCategoricalCrossentropy):
    r"""See `objectives.sparse_categorical_crossentropy`."""
    def __init__(self, from_logits: bool = False, ignore_class: int | None = None, reduction: str | None = 'sum_over_batch_size', axis: int = -1, name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        from_logits: Any
        function: Any
        ignore_class: Any
class SquaredHinge(Loss, horngate.losses.SquaredHinge):
    r"""See `objectives.squared_hinge`."""
    def __init__(self, reduction: str | None = 'sum_over_batch_size', name: Any = None, dtype: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        function: Any
def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> _Callable[..., Any]: ...
def get(identifier: Any) -> _Callable[..., Any]: ...
def hinge(y_true: Any, y_pred: Any) -> Any: ...
def serialize(loss: Any) -> Any: ...
def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1) -> Any: ...
def squared_hinge(y_true: Any, y_pred: Any) -> Any: ...
