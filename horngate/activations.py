"""Activation functions, and finding one by its name."""

import functools
from collections.abc import Callable
from typing import Any

from horngate import backend as K
from horngate.backend.graph import lengthened
from horngate.backend.orders import of_eras
from horngate.backend.spatial import elementwise
from horngate.backend.types import TensorLike
from horngate.utils.generic_utils import deserialized, get_from_module, public_in, serialized


@functools.cache
def _of_jax(name: str) -> Callable[..., Any]:
    """The function `name` of jax.numpy or jax.nn that works element by element, as a function of K."""
    return elementwise(K.array_function(name))


def softmax(x: TensorLike, axis: int = -1) -> TensorLike:
    """exp(x) / sum(exp(x)), over `axis` of a tensor of two or more axes; in Keras 3 one is enough."""
    if K.ndim(x) < 2 and K.era().generation != "3":
        raise ValueError(
            f"softmax needs a tensor of at least 2 axes (samples, classes); received shape {K.int_shape(x)}"
        )
    return K.softmax(x) if axis == -1 else _softmax_over(x, axis)


@K.op
def _softmax_over(x, axis):
    return K.array_function("softmax")(lengthened(x), axis=axis)


@K.op
def elu(x: TensorLike, alpha: float = 1.0) -> TensorLike:
    """x where x > 0, else alpha (exp(x) - 1)."""
    return K.elu(x, alpha)


def softplus(x: TensorLike) -> TensorLike:
    """log(1 + exp(x))."""
    return K.softplus(x)


def softsign(x: TensorLike) -> TensorLike:
    """x / (1 + |x|)."""
    return K.softsign(x)


@of_eras(key="activations.relu")
def relu(x: TensorLike, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> TensorLike:
    """x where x is above `threshold`, else alpha (x - threshold); at most `max_value`.

    # Arguments
        x: any tensor.
        alpha: the slope below the threshold, which Keras 3 calls `negative_slope`.
        max_value: the largest value, at least 0; None for no limit.
        threshold: up to which values are damped; with it, values above stay what they are.
    """
    if threshold == 0:
        return K.relu(x, alpha=alpha, max_value=max_value)
    kept = K.switch(K.greater(x, threshold), x, alpha * (x - threshold))
    return kept if max_value is None else K.clip(kept, None, max_value)


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


@K.op
def hard_sigmoid_of_keras_3(x: TensorLike) -> TensorLike:
    """x / 6 + 1/2, clipped to [0, 1]: what Keras 3 calls `hard_sigmoid`."""
    return _of_jax("hard_sigmoid")(x)


hard_sigmoid_of_keras_3.__name__ = "hard_sigmoid"  # by which files know it


def exponential(x: TensorLike) -> TensorLike:
    """exp(x)."""
    return K.exp(x)


@K.op
def gelu(x: TensorLike, approximate: bool = False) -> TensorLike:
    """x times the normal distribution function of x.

    # Arguments
        x: any tensor.
        approximate: whether to compute it by the hyperbolic tangent, as GPT-2 does.

    # Source
        Hendrycks, Gimpel, Gaussian Error Linear Units (arXiv:1606.08415).
    """
    return _of_jax("gelu")(x, approximate=approximate)


@K.op
def silu(x: TensorLike) -> TensorLike:
    """x sigmoid(x), which is called swish too."""
    return _of_jax("silu")(x)


@K.op
def hard_silu(x: TensorLike) -> TensorLike:
    """x relu6(x + 3) / 6, a cheap form of `silu`."""
    return _of_jax("hard_silu")(x)


@K.op
def selu(x: TensorLike) -> TensorLike:
    """1.0507 elu(x, 1.6733), which keeps mean 0 and variance 1 from layer to layer.

    # Source
        Klambauer et al., Self-Normalizing Neural Networks (arXiv:1706.02515).
    """
    return _of_jax("selu")(x)


@K.op
def celu(x: TensorLike, alpha: float = 1.0) -> TensorLike:
    """x where x > 0, else alpha (exp(x / alpha) - 1)."""
    return _of_jax("celu")(x, alpha)


@K.op
def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> TensorLike:
    """x where x > 0, else `negative_slope` x."""
    return K.relu(x, alpha=negative_slope)


@K.op
def relu6(x: TensorLike) -> TensorLike:
    """x clipped to [0, 6]."""
    return _of_jax("relu6")(x)


@K.op
def hard_tanh(x: TensorLike) -> TensorLike:
    """x clipped to [-1, 1]."""
    return _of_jax("hard_tanh")(x)


def mish(x: TensorLike) -> TensorLike:
    """x tanh(log(1 + exp(x))).

    # Source
        Misra, Mish: A Self Regularized Non-Monotonic Activation Function (arXiv:1908.08681).
    """
    return _of_jax("mish")(x)


@K.op
def log_sigmoid(x: TensorLike) -> TensorLike:
    """log(sigmoid(x))."""
    return _of_jax("log_sigmoid")(x)


@K.op
def log_softmax(x: TensorLike, axis: int = -1) -> TensorLike:
    """log(softmax(x)) over `axis`."""
    return K.array_function("log_softmax")(lengthened(x), axis=axis)


@K.op
def glu(x: TensorLike, axis: int = -1) -> TensorLike:
    """a sigmoid(b), where a and b are the halves of x along `axis`, which becomes half as long."""
    return K.array_function("glu")(x, axis=axis)


@K.op
def squareplus(x: TensorLike, b: float = 4) -> TensorLike:
    """(x + sqrt(x^2 + b)) / 2, which is smooth, and near relu for a small `b` of at least 0."""
    return _of_jax("squareplus")(x, b)


@K.op
def sparse_plus(x: TensorLike) -> TensorLike:
    """0 up to -1, (x + 1)^2 / 4 up to 1, then x."""
    return _of_jax("sparse_plus")(x)


@K.op
def sparse_sigmoid(x: TensorLike) -> TensorLike:
    """(x + 1) / 2, clipped to [0, 1]."""
    return _of_jax("sparse_sigmoid")(x)


@elementwise
def threshold(x: TensorLike, threshold: float, default_value: float) -> TensorLike:
    """x where it is above `threshold`, else `default_value`."""
    return K.switch(x > threshold, x, default_value)


@elementwise
def hard_shrink(x: TensorLike, threshold: float = 0.5) -> TensorLike:
    """x where |x| is above `threshold`, else 0."""
    return K.switch(K.abs(x) > threshold, x, 0.0 * x)


@elementwise
def soft_shrink(x: TensorLike, threshold: float = 0.5) -> TensorLike:
    """x drawn towards 0 by `threshold`; 0 where |x| is no larger."""
    return K.switch(K.abs(x) > threshold, x - threshold * K.sign(x), 0.0 * x)


@elementwise
def tanh_shrink(x: TensorLike) -> TensorLike:
    """x - tanh(x)."""
    return x - K.tanh(x)


@K.op
def sparsemax(x: TensorLike, axis: int = -1) -> TensorLike:
    """The nearest probabilities to x along `axis`: max(x - t, 0), with t such that they add up to 1.

    What Keras 3.15 computes does not add up to 1; this is the paper's.

    # Source
        Martins, Astudillo, From Softmax to Sparsemax (arXiv:1602.02068), equation 6.
    """
    x = K.array_function("moveaxis")(lengthened(x), axis, -1)
    falling = -K.array_function("sort")(-x, axis=-1)
    place = K.arange(1, x.shape[-1] + 1, dtype=str(x.dtype))
    kept = K.cast(1 + place * falling > K.cumsum(falling, -1), str(x.dtype))
    t = (K.sum(falling * kept, -1, keepdims=True) - 1) / K.sum(kept, -1, keepdims=True)
    return K.array_function("moveaxis")(K.relu(x - t), -1, axis)


swish = silu
hard_swish = hard_silu

_BY_NAME = public_in(vars(), "hard_sigmoid_of_keras_3")
_OVER_AN_AXIS = (softmax, K.softmax, log_softmax, glu, sparsemax)


def along_last_axis(activation: Any) -> bool:
    """Whether an activation depends on the whole last axis, instead of on each element alone."""
    return activation in _OVER_AN_AXIS


def get(identifier: str | Callable[..., Any] | None) -> Callable[..., Any]:
    """Return the activation with the name `identifier`; a function is returned as it is, None gives `linear`.

    >>> get('relu').__name__
    'relu'
    """
    if identifier is None:
        return linear
    if not isinstance(identifier, (str, dict)) and not callable(identifier):
        raise TypeError(f"an activation is a name or a function; received {identifier!r}")
    known = {**_BY_NAME, "hard_sigmoid": hard_sigmoid_of_keras_3} if K.era().name == "3" else _BY_NAME
    return get_from_module(identifier, known, "activation")


def name_of(activation: Any) -> str | None:
    """The name by which files know an activation of the library; None for a user's own."""
    known = (*_BY_NAME.values(), hard_sigmoid_of_keras_3)
    return next((item.__name__ for item in known if item is activation), None)


def serialize(activation: Callable[..., Any]) -> Any:
    """Describe an `activation` as plain data: its name, or the class and configuration of an object."""
    return serialized(activation)


@of_eras(key="activations.deserialize")
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Callable[..., Any]:
    """Return the activation that `config`, of `serialize`, describes; `custom_objects`: the user's own by name."""
    return deserialized(config, custom_objects, get)
