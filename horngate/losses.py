"""Losses as classes, whose instances are losses; and the functions of `objectives`, at the path of Keras 2 and 3."""

from collections.abc import Callable, Sequence  # noqa: F401  Sequence is in a quoted type
from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate import objectives
from horngate.backend import config, limits
from horngate.backend.orders import elsewhere as _elsewhere
from horngate.backend.ranges import same_targets
from horngate.engine.arguments import Argument, Declared, Part, argument
from horngate.engine.kinds import Numbers
from horngate.objectives import *  # noqa: F403
from horngate.objectives import deserialize, get, serialize  # noqa: F401
from horngate.utils.generic_utils import snake_case as _snake_case

_TO_EQUAL_PARTS = "how far targets are drawn towards equal parts for all classes"
_NAME = "by which the logs know it; None for the name of its function or class"


class Reduction(Declared["str | None", "str | None"]):
    """What becomes of the losses of a batch."""

    words = (
        "what becomes of the losses of a batch: 'sum_over_batch_size' or 'mean' divide their sum by their number, "
        "'mean_with_sample_weight' by the sum of the weights, 'sum' by nothing; None leaves them, and training takes "
        "their mean"
    )

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> str | None:
        """Return `value`. Raises ValueError for unknown words; Keras 2's 'auto' and 'none' are known."""
        known = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight")
        value = {"auto": known[0], "none": None}.get(value, value)
        if value not in (*known, None):
            raise ValueError(f"must be {', '.join(map(repr, known))} or None; received {value!r}")
        return value


class NumberType(Declared["str | None", str]):
    """The number type of a computation."""

    words = "the number type in which it is computed, such as 'float16'; None for `K.floatx()`"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> str:
        """Return the name of the type. Raises ValueError unless it is one of floating-point numbers."""
        known = ("float16", "bfloat16", "float32", "float64")
        name = value if isinstance(value, str) else getattr(value, "name", None) or np.dtype(value).name
        if name not in known:
            raise ValueError(f"must be {', '.join(map(repr, known))} or None; received {value!r}")
        return name


class Axes(Declared["int | Sequence[int] | None", Any]):
    """The axes over which sums go."""

    words = "the axis, or the axes, over which sums go; None for all, also those of the samples"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Check `value`; lists become tuples."""
        return tuple(map(int, value)) if isinstance(value, (list, tuple)) else limits.whole(value, None)


def check_name(part: Any) -> None:
    """Raise TypeError unless the name of a loss or metric, `part`, is text or None."""
    if not isinstance(part.name, (str, type(None))):
        raise TypeError(f"{type(part).__name__}, argument 'name': must be text or None; received {part.name!r}")


class Loss(Part):
    """Base of losses. `loss(y_true, y_pred, sample_weight)` returns one number for a batch.

    A subclass defines `call(y_true, y_pred)`, which returns the loss of each sample.
    """

    name: str | None = argument(_NAME, default=None)
    reduction: Reduction = argument(default="sum_over_batch_size")
    dtype: NumberType = argument(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name(self)
        self._era: config.Era = K.era()
        if self.name is None and self._era.snake_names:
            self.name = _snake_case(type(self).__name__)
        self.__name__: str = self.name or type(self).__name__

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the loss of a batch.

        # Arguments
            y_true: targets.
            y_pred: predictions.
            sample_weight: by what the losses of samples are multiplied; None for 1.
        """
        return _reduced_losses(self, y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of each sample from targets `y_true` and predictions `y_pred`."""
        raise TypeError(f"{type(self).__name__} must define call(y_true, y_pred).")

    def counted(self, y_true: Any, y_pred: Any) -> Any:
        """Return which losses count, given targets `y_true` and predictions `y_pred`; None for all."""
        return None

    def each(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample from `y_true` and `y_pred`, computed in the number type of the loss."""
        dtype = self.dtype or K.floatx()
        whole = type(self).call is Loss.call and type(self).__call__ is not Loss.__call__  # it reduces by itself
        with config.within_era(self._era.name):
            return (self if whole else self.call)(in_type(y_true, dtype), in_type(y_pred, dtype))

    def total(self, y_true: Any, y_pred: Any, weights: Any = None, mask: Any = None) -> Any:
        """Return the loss of a batch.

        # Arguments
            y_true: targets.
            y_pred: predictions.
            weights: of the samples or steps; None for 1.
            mask: which of them count; None for all.
        """
        score, own = self.each(y_true, y_pred), self.counted(y_true, y_pred)
        if own is not None:
            mask = own if mask is None else K.cast(mask, "bool") & own
        return objectives.reduced(score, weights, mask, self.reduction)


@K.op
def _reduced_losses(loss, y_true, y_pred, weights):
    y_true, y_pred = (K.array_function("asarray")(y) for y in (y_true, y_pred))
    return loss.total(y_true, y_pred, weights)


def in_type(x: Any, dtype: str) -> Any:
    """Return `x` in the number type `dtype` if it holds floating-point numbers of another type."""
    floats = str(x.dtype).startswith(("float", "bfloat")) and str(x.dtype) != dtype
    return same_targets(x, K.cast(x, dtype)) if floats else x


class OfFunction(Part):
    """Base of parts that compute a function, which their class names: `class Hinge(_OfFunction, of=hinge)`."""

    function: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, of: Callable[..., Any] | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if of is not None:
            cls.function = staticmethod(of)


class _OfFunction(Loss, OfFunction):
    """Base of losses that call a function of `objectives` with their own arguments."""

    reduction: Reduction = argument(default="sum_over_batch_size")
    name: str | None = argument(_NAME, default=None)
    dtype: NumberType = argument(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.__name__: str = self.name or type(self).function.__name__

    def call(self, y_true: Any, y_pred: Any) -> Any:
        own = {name: getattr(self, name) for name in self.__declared__ if name not in Loss.__declared__}
        return type(self).function(y_true, y_pred, **own)

    def _settings(self) -> dict[str, Any]:
        """Return the arguments that make the loss again, as plain data."""
        return {**super()._settings(), "name": self.__name__}


class CategoricalCrossentropy(_OfFunction, of=objectives.categorical_crossentropy):
    """See `objectives.categorical_crossentropy`."""

    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    label_smoothing: float = argument(_TO_EQUAL_PARTS, default=0.0, at_least=0, at_most=1)
    axis: int = argument("the axis of the classes", default=-1)
    reduction: Reduction = argument(default="sum_over_batch_size")


class SparseCategoricalCrossentropy(_OfFunction, of=objectives.sparse_categorical_crossentropy):
    """See `objectives.sparse_categorical_crossentropy`."""

    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    ignore_class: int | None = argument(
        "a label that stands for none, such as -1: its positions do not count", default=None
    )
    reduction: Reduction = argument(default="sum_over_batch_size")
    axis: int = argument("the axis of the classes", default=-1)

    def counted(self, y_true: Any, y_pred: Any) -> Any:
        if self.ignore_class is None:
            return None
        axis = self.axis % K.ndim(y_pred)
        shape = [size for i, size in enumerate(K.int_shape(y_pred)) if i != axis]
        return K.reshape(K.not_equal(y_true, self.ignore_class), shape)


class BinaryCrossentropy(_OfFunction, of=objectives.binary_crossentropy):
    """See `objectives.binary_crossentropy`."""

    from_logits: bool = argument("whether predictions are what comes before the sigmoid", default=False)
    label_smoothing: float = argument("how far targets are drawn towards a half", default=0.0, at_least=0, at_most=1)
    axis: int = argument("the axis over which the mean is taken", default=-1)
    reduction: Reduction = argument(default="sum_over_batch_size")


class BinaryFocalCrossentropy(_OfFunction, of=objectives.binary_focal_crossentropy):
    """See `objectives.binary_focal_crossentropy`."""

    apply_class_balancing: bool = argument("whether `alpha` and 1 - alpha weigh the classes", default=False)
    alpha: float = argument("the weight of the class 1", default=0.25, at_least=0, at_most=1)
    gamma: float = argument("how much less counts what is predicted well", default=2.0, at_least=0)
    from_logits: bool = argument("whether predictions are what comes before the sigmoid", default=False)
    label_smoothing: float = argument("how far targets are drawn towards a half", default=0.0, at_least=0, at_most=1)
    axis: int = argument("the axis over which the mean is taken", default=-1)
    reduction: Reduction = argument(default="sum_over_batch_size")


class CategoricalFocalCrossentropy(_OfFunction, of=objectives.categorical_focal_crossentropy):
    """See `objectives.categorical_focal_crossentropy`."""

    alpha: Numbers = argument("the weight of all classes, or a list with one for each", default=0.25)
    gamma: float = argument("how much less counts what is predicted well", default=2.0, at_least=0)
    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    label_smoothing: float = argument(_TO_EQUAL_PARTS, default=0.0, at_least=0, at_most=1)
    axis: int = argument("the axis of the classes", default=-1)
    reduction: Reduction = argument(default="sum_over_batch_size")


class CategoricalGeneralizedCrossEntropy(_OfFunction, of=objectives.categorical_generalized_cross_entropy):
    """See `objectives.categorical_generalized_cross_entropy`."""

    q: float = argument("near 0, it is the crossentropy; at 1, the absolute error", default=0.5, above=0, at_most=1)
    reduction: Reduction = argument(default="sum_over_batch_size")


class MeanSquaredError(_OfFunction, of=objectives.mean_squared_error):
    """See `objectives.mean_squared_error`."""


class MeanAbsoluteError(_OfFunction, of=objectives.mean_absolute_error):
    """See `objectives.mean_absolute_error`."""


class MeanAbsolutePercentageError(_OfFunction, of=objectives.mean_absolute_percentage_error):
    """See `objectives.mean_absolute_percentage_error`."""


class MeanSquaredLogarithmicError(_OfFunction, of=objectives.mean_squared_logarithmic_error):
    """See `objectives.mean_squared_logarithmic_error`."""


class LogCosh(_OfFunction, of=objectives.log_cosh):
    """See `objectives.log_cosh`."""


class Hinge(_OfFunction, of=objectives.hinge):
    """See `objectives.hinge`."""


class SquaredHinge(_OfFunction, of=objectives.squared_hinge):
    """See `objectives.squared_hinge`."""


class CategoricalHinge(_OfFunction, of=objectives.categorical_hinge):
    """See `objectives.categorical_hinge`."""


class Poisson(_OfFunction, of=objectives.poisson):
    """See `objectives.poisson`."""


class KLDivergence(_OfFunction, of=objectives.kl_divergence):
    """See `objectives.kl_divergence`."""


class CTC(_OfFunction, of=objectives.ctc):
    """See `objectives.ctc`."""


class Huber(_OfFunction, of=objectives.huber):
    """See `objectives.huber`."""

    delta: float = argument("the error from which on the loss is linear", default=1.0, above=0)
    reduction: Reduction = argument(default="sum_over_batch_size")
    name: str | None = argument(_NAME, default="huber_loss")


class CosineSimilarity(_OfFunction, of=objectives.cosine_similarity):
    """See `objectives.cosine_similarity`."""

    axis: int = argument("the axis along which vectors lie", default=-1)
    reduction: Reduction = argument(default="sum_over_batch_size")


class Dice(_OfFunction, of=objectives.dice):
    """See `objectives.dice`."""

    reduction: Reduction = argument(default="sum_over_batch_size")
    name: str | None = argument(_NAME, default=None)
    axis: Axes = argument(default=None)


class Tversky(_OfFunction, of=objectives.tversky):
    """See `objectives.tversky`."""

    alpha: float = argument("the weight of false positives", default=0.5, at_least=0)
    beta: float = argument("the weight of false negatives", default=0.5, at_least=0)
    reduction: Reduction = argument(default="sum_over_batch_size")
    name: str | None = argument(_NAME, default=None)
    axis: Axes = argument(default=None)


class Circle(_OfFunction, of=objectives.circle):
    """See `objectives.circle`."""

    gamma: float = argument("the scale of similarities", default=80.0, above=0)
    margin: float = argument("how near embeddings must come", default=0.4, at_least=0, at_most=1)
    remove_diagonal: bool = argument(
        "whether the references are the batch itself, in which a sample is not compared with itself", default=True
    )
    reduction: Reduction = argument(default="sum_over_batch_size")

    def counted(self, y_true: Any, y_pred: Any) -> Any:
        labels = K.reshape(y_true, (-1,))
        alike = K.cast(K.equal(K.expand_dims(labels, 1), K.expand_dims(labels, 0)), K.floatx())
        return K.sum(alike, axis=1) > (1 if self.remove_diagonal else 0)


def __getattr__(name: str) -> Any:
    return _elsewhere(__name__, name)
