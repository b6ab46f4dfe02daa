"""Normalization by the statistics of a batch, in as few passes over the data as possible."""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp

from horngate.backend import kernels
from horngate.backend.derivatives import with_gradient
from horngate.backend.dtypes import float_array
from horngate.backend.graph import op
from horngate.backend.orders import of_eras
from horngate.backend.spatial import elementwise, from_last, to_last
from horngate.backend.types import TensorLike

# Below, x and g have the shape (rows, channels), everything else (channels,).


@with_gradient()
def moments(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The mean and the biased variance of each channel."""
    if kernels.serve(x):
        mean, var = kernels.call("moments", [x.shape[1:]] * 2, x)
        return mean, var
    mean = jnp.mean(x, 0)
    return mean, jnp.mean(jnp.square(x - mean), 0)


def _moments_backward(kept, given):
    x, mean = kept
    g_mean, g_var = given
    return ((g_mean + 2 * g_var * (x - mean)) / x.shape[0],)


moments.defvjp(lambda x: (found := moments(x), (x, found[0])), _moments_backward)


@with_gradient()
def paired_sums(g: jax.Array, x: jax.Array, mean: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The sums over rows of g, and of g (x - mean)."""
    if kernels.serve(g, x):
        of_g, of_product = kernels.call("paired_sums", [x.shape[1:]] * 2, g, x, mean)
        return of_g, of_product
    return jnp.sum(g, 0), jnp.sum(g * (x - mean), 0)


def _paired_sums_backward(kept, given):
    g, x, mean = kept
    to_sum, to_product = given
    return to_sum + (x - mean) * to_product, g * to_product, -jnp.sum(g, 0) * to_product


paired_sums.defvjp(lambda *operands: (paired_sums(*operands), operands), _paired_sums_backward)


@with_gradient(constants=1)
def _normalized(epsilon, x, gamma, beta):
    """Return gamma (x - mean) / sqrt(var + epsilon) + beta, the mean and the variance."""
    mean, var = moments(x)
    return (x - mean) * (jax.lax.rsqrt(var + epsilon) * gamma) + beta, mean, var


def _normalized_forward(epsilon, x, gamma, beta):
    y, mean, var = _normalized(epsilon, x, gamma, beta)
    return (y, mean, var), (x, gamma, mean, var)


def _normalized_backward(epsilon, kept, given):
    x, gamma, mean, var = kept
    g, g_mean, g_var = given
    inverse = jax.lax.rsqrt(var + epsilon)
    total, product = paired_sums(g, x, mean)
    by_mean = (g_mean - gamma * inverse * total) / x.shape[0]
    by_var = (2 * g_var - gamma * inverse**3 * product) / x.shape[0]
    return g * (gamma * inverse) + by_mean + (x - mean) * by_var, product * inverse, total


_normalized.defvjp(_normalized_forward, _normalized_backward)


@op
def normalize_batch_in_training(
    x: TensorLike,
    gamma: TensorLike | None,
    beta: TensorLike | None,
    reduction_axes: Sequence[int],
    epsilon: float = 0.001,
) -> list[TensorLike]:
    """`x` normalized by its own statistics over `reduction_axes`; returns (normalized, mean, biased variance).

    `gamma`, `beta`: scale and offset over the remaining axes, or None. `epsilon`: a small number added to the variance.

    Source: Ioffe and Szegedy, "Batch normalization", 2015.
    """
    x = jnp.asarray(x)
    axes = [axis % x.ndim for axis in reduction_axes]
    features = [axis for axis in range(x.ndim) if axis not in axes]
    shape = tuple(x.shape[axis] for axis in features)
    turned = to_last(x, (*axes, *features))
    rows = turned.reshape(-1, _size(shape))
    scale = jnp.ones(rows.shape[1], x.dtype) if gamma is None else jnp.asarray(gamma).reshape(-1)
    offset = jnp.zeros(rows.shape[1], x.dtype) if beta is None else jnp.asarray(beta).reshape(-1)
    out, mean, var = _normalized(epsilon, rows, scale, offset)
    return [from_last(out.reshape(turned.shape), (*axes, *features)), mean.reshape(shape), var.reshape(shape)]


def _size(shape):
    return functools.reduce(lambda a, b: a * b, shape, 1)


@op
def normalized(x: TensorLike, axes: Sequence[int], epsilon: float, centered: bool = True) -> TensorLike:
    """`x`, less its mean over `axes`, by its standard deviation over them: (x - mean) / sqrt(var + epsilon).

    `epsilon`: a number above 0. `centered`: whether the mean is taken off; else x / sqrt(mean(x^2) + epsilon).
    """
    x, axes = float_array(x), tuple(axes)
    x = x - jnp.mean(x, axes, keepdims=True) if centered else x
    return x * jax.lax.rsqrt(jnp.mean(jnp.square(x), axes, keepdims=True) + epsilon)


@op
def unit_length(x: TensorLike, axes: Sequence[int], least: float = 1e-12) -> TensorLike:
    """`x` by the root of its sum of squares over `axes`; `least`: a length above 0, below which vectors stay short."""
    x = float_array(x)
    return x * jax.lax.rsqrt(jnp.maximum(jnp.sum(jnp.square(x), tuple(axes), keepdims=True), least**2))


@of_eras(key="backend.batch_normalization", same=5)
@elementwise
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    var: TensorLike,
    beta: TensorLike | None,
    gamma: TensorLike | None,
    epsilon: float = 0.001,
    axis: int = -1,
) -> TensorLike:
    """gamma * (x - mean) / sqrt(var + epsilon) + beta; `beta` and `gamma` may be None.

    `mean`, `var`, `beta` and `gamma` broadcast against `x`, or hold a number for each place along `axis`. `epsilon`: a
    small number that keeps the root above 0.
    """
    if axis not in (-1, jnp.ndim(x) - 1):
        mean, var, beta, gamma = (_along(part, axis, jnp.ndim(x)) for part in (mean, var, beta, gamma))
    scale = jax.lax.rsqrt(jnp.asarray(var) + epsilon)
    scale = scale if gamma is None else scale * gamma
    centered = (jnp.asarray(x) - mean) * scale
    return centered if beta is None else centered + beta


def _along(part, axis, ndim):
    """A vector of numbers for each place along `axis` as it broadcasts; anything else as it is."""
    if part is None or jnp.ndim(part) != 1:
        return part
    return jnp.reshape(part, [-1 if place == axis % ndim else 1 for place in range(ndim)])
