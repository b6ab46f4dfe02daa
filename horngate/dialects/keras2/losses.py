"""Losses of Keras 2 and 3: functions, and classes whose instances are losses."""

from collections.abc import Callable
from typing import Any, ClassVar

from horngate import backend as K
from horngate import objectives
from horngate.engine.arguments import Part, argument
from horngate.objectives import *  # noqa: F403
from horngate.objectives import get  # noqa: F401


class Loss(Part):
    """Base of losses: `loss(y_true, y_pred)` returns a number for each sample, from its target and its prediction.

    A subclass defines `call(y_true, y_pred)`.
    """

    name: str | None = argument("by which the logs know it", default=None, kw_only=True)
    reduction: str | None = argument(
        "what Keras 3 does with the samples' losses; here always their mean, whatever is said",
        default=None,
        kw_only=True,
    )
    dtype: str | None = argument("taken and left: losses are of type `K.floatx()`", default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.__name__: str = self.name or type(self).__name__

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample: `y_true` are the targets, `y_pred` the predictions."""
        return self.call(y_true, y_pred)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of each sample from targets `y_true` and predictions `y_pred`."""
        raise TypeError(f"{type(self).__name__} must define call(y_true, y_pred).")


class _OfFunction(Loss):
    """Base of losses that call a function of `objectives`."""

    function: ClassVar[Callable[..., Any]]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.__name__: str = self.name or type(self).function.__name__

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return type(self).function(y_true, y_pred)


class CategoricalCrossentropy(_OfFunction):
    """See `objectives.categorical_crossentropy`."""

    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    label_smoothing: float = argument(
        "how far targets are drawn towards equal parts for all classes", default=0.0, at_least=0, at_most=1
    )
    axis: int = argument("the axis of the classes, which is the last", default=-1, choices=(-1,))

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.categorical_crossentropy)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        targets = _smoothed(y_true, self.label_smoothing, K.int_shape(y_pred)[-1])
        return super().call(targets, K.softmax(y_pred) if self.from_logits else y_pred)


class SparseCategoricalCrossentropy(_OfFunction):
    """See `objectives.sparse_categorical_crossentropy`."""

    from_logits: bool = argument("whether predictions are what comes before the softmax", default=False)
    ignore_class: int | None = argument(
        "a label that stands for none, such as -1: its positions do not count", default=None
    )
    axis: int = argument("the axis of the classes, which is the last", default=-1, choices=(-1,), kw_only=True)

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.sparse_categorical_crossentropy)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        probabilities = K.softmax(y_pred) if self.from_logits else y_pred
        if self.ignore_class is None:
            return super().call(y_true, probabilities)
        counts = K.reshape(K.not_equal(y_true, self.ignore_class), K.shape(y_pred)[:-1])
        numbers = K.class_numbers(y_true, K.int_shape(y_pred)[-1], self.__name__, ignored=self.ignore_class)
        score = super().call(numbers, probabilities) * K.cast(counts, K.floatx())
        return score / K.maximum(K.mean(K.cast(counts, K.floatx())), K.epsilon())


class BinaryCrossentropy(_OfFunction):
    """See `objectives.binary_crossentropy`."""

    from_logits: bool = argument("whether predictions are what comes before the sigmoid", default=False)
    label_smoothing: float = argument("how far targets are drawn towards a half", default=0.0, at_least=0, at_most=1)
    axis: int = argument("the axis over which the mean is taken, which is the last", default=-1, choices=(-1,))

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.binary_crossentropy)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        targets = _smoothed(y_true, self.label_smoothing, classes=2)
        return super().call(targets, K.sigmoid(y_pred) if self.from_logits else y_pred)


def _smoothed(targets: Any, amount: float, classes: int) -> Any:
    return targets * (1 - amount) + amount / classes if amount else targets


class MeanSquaredError(_OfFunction):
    """See `objectives.mean_squared_error`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_squared_error)


class MeanAbsoluteError(_OfFunction):
    """See `objectives.mean_absolute_error`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_absolute_error)


class MeanAbsolutePercentageError(_OfFunction):
    """See `objectives.mean_absolute_percentage_error`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_absolute_percentage_error)


class MeanSquaredLogarithmicError(_OfFunction):
    """See `objectives.mean_squared_logarithmic_error`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.mean_squared_logarithmic_error)


class Hinge(_OfFunction):
    """See `objectives.hinge`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.hinge)


class SquaredHinge(_OfFunction):
    """See `objectives.squared_hinge`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.squared_hinge)


class Poisson(_OfFunction):
    """See `objectives.poisson`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.poisson)


class KLDivergence(_OfFunction):
    """See `objectives.kullback_leibler_divergence`."""

    function: ClassVar[Callable[..., Any]] = staticmethod(objectives.kullback_leibler_divergence)
