"""Regularizers: penalties on weights and activities, added to the loss."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate.backend.config import EraDefault, of_era
from horngate.engine.arguments import Argument, Part, argument, attribute
from horngate.engine.hyperparameters import Amount
from horngate.utils.generic_utils import deserialized, get_from_module, public_in, serialized


class Regularizer(Part):
    """A penalty: calling it on a weight (or a layer's output) returns a number to add to the loss.

    A subclass defines `penalty(x)`, or `__call__(x)` as in Keras 1, and declares its arguments or has its own
    constructor. In the style of Keras 1.0, `r.set_param(W)` and then `r(loss=loss)` returns the loss plus the penalty.
    """

    p: Any = attribute()
    layer: Any = attribute()

    def __call__(self, x: Any = None, *, loss: Any = None) -> Any:
        """The penalty on `x`, a weight or an output; with a `loss`, the loss plus the penalty."""
        return self.penalty(x) if loss is None else loss + self.penalty(self.p)

    def penalty(self, x: Any) -> Any:
        """The penalty on `x`, a weight or an output."""
        return 0.0

    def set_param(self, _: Any = None, *, p: Any = None) -> None:
        """Kept for old layers, which told a regularizer its weight `p`, by place or by name."""
        self.p = _ if p is None else p

    def set_layer(self, _: Any = None, *, layer: Any = None) -> None:
        """Kept for old layers, which told an activity regularizer its `layer`, by place or by name."""
        self.layer = _ if layer is None else layer

    def _settings(self) -> dict[str, Any]:
        """The arguments that make it again, as plain data."""
        return {"name": type(self).__name__, **super()._settings()}


class PenaltyFactor(Amount):
    """The factor of a penalty, rounded as in Keras 1, so that files are the same."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Round a number to the precision of `K.floatx()`; a Variable is returned as it is."""
        kept = super().converted(value, told, owner)
        return kept if cls.gives_a_number(kept) else float(K.cast_to_floatx(kept))


class L1L2Regularizer(Regularizer):
    """l1 sum(|x|) + l2 sum(x^2)."""

    l1: PenaltyFactor = argument("the factor of the sum of absolute values", default=0.0, at_least=0)
    l2: PenaltyFactor = argument("the factor of the sum of squares", default=0.0, at_least=0)

    def penalty(self, x: Any) -> Any:
        penalty = 0.0
        if self.l1:
            penalty = penalty + self.l1 * K.sum(K.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * K.sum(K.square(x))
        return penalty


WeightRegularizer = ActivityRegularizer = L1L2Regularizer  # the names of Keras 1.0


class EigenvalueRegularizer(Regularizer):
    """k times the largest singular value of W: the root of the largest eigenvalue of W^T W, by the power method."""

    k: Amount = argument("the factor of the penalty", at_least=0)

    _STEPS: ClassVar[int] = 9

    def penalty(self, x: Any) -> Any:
        if K.ndim(x) != 2:
            raise ValueError(f"EigenvalueRegularizer works on matrices; received a weight of shape {K.int_shape(x)}")
        gram = K.dot(K.transpose(x), x)
        v = K.dot(gram, np.ones((K.int_shape(x)[1], 1), K.floatx()))
        for _ in range(self._STEPS - 1):
            v = K.dot(gram, v)
        rayleigh = K.dot(K.transpose(v), K.dot(gram, v)) / K.dot(K.transpose(v), v)
        return self.k * K.sqrt(rayleigh[0, 0])


class OrthogonalRegularizer(Regularizer):
    """factor times the mean of the absolute products of different rows (or columns) of a matrix, brought to length 1.

    For columns, what Keras 3.15 computes is another number, or an error if the matrix is not square.
    """

    factor: Amount = argument("the factor of the penalty", default=0.01, at_least=0)
    mode: str = argument("whether rows or columns are made orthogonal", default="rows", choices=("rows", "columns"))

    def penalty(self, x: Any) -> Any:
        if K.ndim(x) != 2:
            raise ValueError(f"OrthogonalRegularizer works on matrices; received a weight of shape {K.int_shape(x)}")
        x = x if self.mode == "rows" else K.transpose(x)
        x = K.l2_normalize(x, axis=1)
        size = K.int_shape(x)[0]
        products = K.dot(x, K.transpose(x)) * (1.0 - np.eye(size, dtype=K.floatx()))
        return self.factor * 0.5 * K.sum(K.abs(products)) / max(1.0, size * (size - 1) / 2)


L1L2 = L1L2Regularizer
orthogonal_regularizer = OrthogonalRegularizer


def L1(l1: float = 0.01) -> L1L2Regularizer:
    """The penalty l1 sum(|W|), where `l1` is a number of at least 0."""
    return L1L2Regularizer(l1=l1)


def L2(l2: float = 0.01) -> L1L2Regularizer:
    """The penalty l2 sum(W^2), where `l2` is a number of at least 0."""
    return L1L2Regularizer(l2=l2)


def l1(l: float = 0.01) -> L1L2Regularizer:  # noqa: E741
    """The penalty l sum(|W|), where `l` is a number of at least 0."""
    return L1L2Regularizer(l1=l)


def l2(l: float = 0.01) -> L1L2Regularizer:  # noqa: E741
    """The penalty l sum(W^2), where `l` is a number of at least 0."""
    return L1L2Regularizer(l2=l)


def l1l2(l1: float = 0.01, l2: float = 0.01) -> L1L2Regularizer:
    """The penalty l1 sum(|W|) + l2 sum(W^2), where `l1` and `l2` are numbers of at least 0."""
    return L1L2Regularizer(l1=l1, l2=l2)


def l1_l2(l1: Any = EraDefault("penalty_factor"), l2: Any = EraDefault("penalty_factor")) -> L1L2Regularizer:
    """The penalty l1 sum(|W|) + l2 sum(W^2), where `l1` and `l2` are numbers of at least 0, by default 0 in Keras 3."""
    return L1L2Regularizer(l1=of_era(l1), l2=of_era(l2))


activity_l1: Callable[..., L1L2Regularizer] = l1
activity_l2: Callable[..., L1L2Regularizer] = l2
activity_l1l2: Callable[..., L1L2Regularizer] = l1l2

_BY_NAME = public_in(vars(), "PenaltyFactor")


def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> Callable[..., Any] | None:
    """Return the regularizer that `identifier` stands for.

    # Arguments
        identifier: a name, a configuration, a regularizer or any function of a weight; None for no regularizer.
        kwargs: arguments for the constructor of the named regularizer.

    >>> get('l2').get_config()['l2'] > 0
    True
    """
    if identifier is None:
        return None
    if not isinstance(identifier, (str, dict)) and not callable(identifier):
        raise TypeError(f"a regularizer is a name or a function of a weight; received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "regularizer", instantiate=True, kwargs=kwargs)


def serialize(regularizer: Any) -> Any:
    """Describe a `regularizer` as plain data: its class and configuration, or the name of a function."""
    return serialized(regularizer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Return the regularizer that `config`, of `serialize`, describes; `custom_objects`: the user's own by name."""
    return deserialized(config, custom_objects, get)
