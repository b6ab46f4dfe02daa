"""Activation functions, and finding one by its name."""

from collections.abc import Callable
from typing import Any

from horngate import backend as K
from horngate.backend.types import TensorLike
from horngate.utils.generic_utils import get_from_module


def softmax(x: TensorLike) -> TensorLike:
    """exp(x) / sum(exp(x)), over the last axis of a tensor of two or more axes."""
    if K.ndim(x) < 2:
        raise ValueError(
            f"softmax needs a tensor of at least 2 axes (samples, classes); received shape {K.int_shape(x)}"
        )
    return K.softmax(x)


def elu(x: TensorLike, alpha: float = 1.0) -> TensorLike:
    """x where x > 0, else alpha (exp(x) - 1)."""
    return K.elu(x, alpha)


def softplus(x: TensorLike) -> TensorLike:
    """log(1 + exp(x))."""
    return K.softplus(x)


def softsign(x: TensorLike) -> TensorLike:
    """x / (1 + |x|)."""
    return K.softsign(x)


def relu(x: TensorLike, alpha: float = 0.0, max_value: float | None = None) -> TensorLike:
    """x where x > 0, else alpha x; at most `max_value`."""
    return K.relu(x, alpha=alpha, max_value=max_value)


def tanh(x: TensorLike) -> TensorLike:
    """The hyperbolic tangent of `x`."""
    return K.tanh(x)


def sigmoid(x: TensorLike) -> TensorLike:
    """1 / (1 + exp(-x))."""
    return K.sigmoid(x)


def hard_sigmoid(x: TensorLike) -> TensorLike:
    """0.2 x + 0.5, clipped to [0, 1]."""
    return K.hard_sigmoid(x)


def linear(x: TensorLike) -> TensorLike:
    """x."""
    return x


_BY_NAME = {f.__name__: f for f in (softmax, elu, softplus, softsign, relu, tanh, sigmoid, hard_sigmoid, linear)}


def along_last_axis(activation: Any) -> bool:
    """Whether an activation depends on the whole last axis, instead of on each element alone."""
    return activation in (softmax, K.softmax)


def get(identifier: str | Callable[..., Any] | None) -> Callable[..., Any]:
    """Return the activation with the name `identifier`; a function is returned as it is, None gives `linear`.

    >>> get('relu') is relu
    True
    """
    if identifier is None:
        return linear
    if not isinstance(identifier, str) and not callable(identifier):
        raise TypeError(f"an activation is a name or a function; received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "activation")
