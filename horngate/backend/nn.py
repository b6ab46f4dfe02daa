"""What networks compute beyond array arithmetic: activations, normalization, losses."""

import jax
import jax.numpy as jnp

from horngate.backend import config
from horngate.backend.graph import lengthened, on_arrays, op
from horngate.backend.ops import clip, without_number
from horngate.backend.orders import of_eras
from horngate.backend.ranges import class_numbers
from horngate.backend.spatial import elementwise
from horngate.backend.types import Axis, TensorLike

# Activations. Probabilities are not rounded to 16 bits: those near 1 would all become 1.


@elementwise
def relu(
    x: TensorLike, alpha: TensorLike = 0.0, max_value: TensorLike | None = None, threshold: TensorLike = 0.0
) -> TensorLike:
    """max(x, 0), with slope `alpha` below 0, and at most `max_value` unless that is None.

    `threshold`: the bend, if it is not at 0: what is not above it becomes alpha * (x - threshold).
    """
    x = jnp.asarray(x)
    plain = isinstance(alpha, (int, float)) and alpha == 0
    at_zero = isinstance(threshold, (int, float)) and threshold == 0
    # written so that NaN, for which no comparison is true, stays; not by maximum, whose slope at 0 is 1/2
    below = jnp.zeros_like(x) if plain else alpha * (x if at_zero else x - threshold)
    out = jnp.where(x <= threshold, below, x)
    return out if max_value is None else on_arrays(clip)(out, None, max_value)


@elementwise
def elu(x: TensorLike, alpha: TensorLike = 1.0) -> TensorLike:
    """x where it is positive, else alpha * (exp(x) - 1).

    Source: Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2015.
    """
    return jax.nn.elu(jnp.asarray(x), alpha)


@op
def softmax(x: TensorLike, axis: Axis = -1) -> TensorLike:
    """exp(x) over its sum along `axis`, the last by default."""
    return jax.nn.softmax(lengthened(jnp.asarray(x)), axis=axis)


@elementwise
def softplus(x: TensorLike) -> TensorLike:
    """log(1 + exp(x))."""
    return jax.nn.softplus(jnp.asarray(x))


@elementwise
def softsign(x: TensorLike) -> TensorLike:
    """x / (1 + |x|)."""
    return jax.nn.soft_sign(jnp.asarray(x))


@elementwise
def tanh(x: TensorLike) -> TensorLike:
    """The hyperbolic tangent of `x`."""
    return jnp.tanh(jnp.asarray(x))


@elementwise
def sigmoid(x: TensorLike) -> TensorLike:
    """1 / (1 + exp(-x))."""
    return jax.nn.sigmoid(lengthened(jnp.asarray(x)))


@elementwise
def hard_sigmoid(x: TensorLike) -> TensorLike:
    """0.2 * x + 0.5, clipped to [0, 1]: a cheap approximation of the sigmoid."""
    return on_arrays(clip)(0.2 * jnp.asarray(x) + 0.5, 0, 1)


# Normalization


@op
def l2_normalize(x: TensorLike, axis: Axis = None) -> TensorLike:
    """`x` divided by its norm along `axis`, None for all of them; a norm below 1e-6 counts as 1e-6."""
    x = jnp.asarray(x)
    squared = jnp.sum(jnp.square(x), axis if isinstance(axis, int) or axis is None else tuple(axis), keepdims=True)
    return x * jax.lax.rsqrt(jnp.maximum(squared, 1e-12))


# Losses


def _clipped(output):
    return jnp.clip(output, config.epsilon(), 1.0 - config.epsilon())


@of_eras(key="backend.categorical_crossentropy", same=0)
@op
def categorical_crossentropy(
    output: TensorLike, target: TensorLike, from_logits: bool = False, axis: int = -1
) -> TensorLike:
    """-sum(target * log(output)) over `axis`, the last by default.

    Probabilities are divided by their sum, then clipped to [epsilon, 1 - epsilon]. `from_logits`: `output` is the
    input of a softmax.
    """
    output, target = jnp.asarray(output), jnp.asarray(target)
    if from_logits:
        logs = jax.nn.log_softmax(output, axis=axis)
    else:
        logs = jnp.log(_clipped(output / jnp.sum(output, axis=axis, keepdims=True)))
    return -jnp.sum(target * logs, axis=axis)


@of_eras(key="backend.sparse_categorical_crossentropy", same=0)
@op
def sparse_categorical_crossentropy(
    output: TensorLike, target: TensorLike, from_logits: bool = False, axis: int = -1
) -> TensorLike:
    """`categorical_crossentropy` for targets that are class numbers: (...).

    `output`: (..., classes), probabilities or, with `from_logits`, the input of a softmax. `target`: (...) or
    (..., 1), whole numbers from 0 to classes - 1. `axis`: that of the classes, the last by default.
    """
    output = jnp.moveaxis(jnp.asarray(output), axis, -1)
    target = on_arrays(class_numbers)(target, output.shape[-1], "K.sparse_categorical_crossentropy")
    target = jnp.asarray(target).reshape(output.shape[:-1])
    one_hot = jax.nn.one_hot(target.astype("int32"), output.shape[-1], dtype=output.dtype)
    return without_number(target, on_arrays(categorical_crossentropy)(output, one_hot, from_logits))


@of_eras(key="backend.binary_crossentropy", same=0)
@op
def binary_crossentropy(output: TensorLike, target: TensorLike, from_logits: bool = False) -> TensorLike:
    """-(target * log(output) + (1 - target) * log(1 - output)), element by element.

    Probabilities are clipped to [epsilon, 1 - epsilon]. `from_logits`: `output` is the input of a sigmoid.
    """
    output, target = jnp.asarray(output), jnp.asarray(target)
    if from_logits:
        return jax.nn.softplus(output) - target * output
    output = _clipped(output)
    return -(target * jnp.log(output) + (1 - target) * jnp.log(1 - output))


@op
def in_top_k(predictions: TensorLike, targets: TensorLike, k: int) -> TensorLike:
    """Whether each target class is among the `k` predicted highest: (samples,).

    `predictions`: (samples, classes). `targets`: (samples,), class numbers. Of classes with equal predictions, later
    ones count as higher, so that exactly `k` are among the highest. NaN counts as higher than any number, but a target
    whose prediction is NaN is never among the highest.
    """
    predictions = jnp.asarray(predictions)
    targets = on_arrays(class_numbers)(targets, predictions.shape[1], "K.in_top_k")
    chosen = jnp.asarray(targets).astype("int32").reshape(predictions.shape[0], 1)
    score = jnp.take_along_axis(predictions, chosen, axis=1)
    later = jnp.arange(predictions.shape[1]) > chosen
    return jnp.sum(~(predictions <= score) | ((predictions == score) & later), axis=1) < k
