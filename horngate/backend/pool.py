"""Pooling over windows of any rank, in both conventions."""

import functools
import itertools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend import config
from horngate.backend.conv import window_pads
from horngate.backend.derivatives import with_gradient
from horngate.backend.graph import op
from horngate.backend.kernels import pooling as native
from horngate.backend.limits import TooSmall
from horngate.backend.orders import of_eras
from horngate.backend.spatial import check_rank, from_last, layout, one_of, per_axis, to_last
from horngate.backend.types import PerAxis, TensorLike


def _pads(sizes, window, strides, border_mode):
    one_of("border_mode", border_mode, ("valid", "same"))
    if border_mode == "valid" or config.conv_convention() == "tensorflow":
        return window_pads(sizes, window, strides, border_mode)
    before = [k - 2 if k > 2 and k % 2 else k - 1 for k in window]
    return [(first, (-(-n // s) - 1) * s + k - n - first) for first, n, k, s in zip(before, sizes, window, strides)]


@op
def pooling(
    x: TensorLike,
    pool_size: Sequence[int],
    strides: PerAxis | None = None,
    border_mode: str = "valid",
    ordering: str = "default",
    mode: str = "max",
) -> TensorLike:
    """The maximum or mean over windows, on one, two or three spatial axes.

    # Arguments
        x: data, (samples, channels, ...) or, with `'tf'`, (samples, ..., channels).
        pool_size: the size of a window along each spatial axis.
        strides: distance between windows, one number or one for each axis; None: side by side.
        border_mode: `'valid'` or `'same'`; padding does not count in maxima and means.
        ordering: `'th'`, `'tf'` or `'default'` (that of the settings).
        mode: `'max'` or `'avg'`.
    """
    x, rank = jnp.asarray(x), len(pool_size)
    one_of("pool_mode", mode, ("max", "avg"))
    check_rank("pooling", x, rank)
    form = layout(rank, ordering)
    window, sizes = per_axis("pool_size", pool_size, rank), form.sizes(x)
    strides = window if strides is None else per_axis("strides", strides, rank)
    pads = _pads(sizes, window, strides, border_mode)
    if any(n + before + after < k for n, (before, after), k in zip(sizes, pads, window)):
        raise TooSmall(
            f"pooling: a window of {window} does not fit into data of {sizes}. "
            "Use border_mode='same' or smaller windows."
        )
    if mode == "avg" and not jnp.issubdtype(x.dtype, jnp.inexact):
        x = x.astype(config.floatx())
    if native.serves(x):
        return from_last(native.pool(mode, window, strides, pads, to_last(x, form.last)), form.last)
    padded = _padded(x, form.spread(pads, (0, 0)), _lowest(x.dtype) if mode == "max" else 0)
    pooled = _windows(padded, form.spread(window, 1), form.spread(strides, 1), mode)
    return pooled if mode == "max" else pooled / _counts(sizes, window, strides, pads, form).astype(pooled.dtype)


def _lowest(dtype):
    return -np.inf if jnp.issubdtype(dtype, jnp.inexact) else np.iinfo(dtype).min


def _padded(x, pads, value):
    if not any(map(any, pads)):
        return x
    return lax.pad(x, jnp.asarray(value, x.dtype), [(before, after, 0) for before, after in pads])


def _windows(x, window, strides, mode):
    """The maximum or sum over windows that start at 0."""
    if window == strides:
        whole = x[tuple(slice(n // k * k) for n, k in zip(x.shape, window))]
        return _block_max(tuple(window), whole) if mode == "max" else _blocks(whole, window).sum(_within(x.ndim))
    window, strides = tuple(window), tuple(strides)
    return _window_max(window, strides, x) if mode == "max" else _over_windows(0, lax.add, window, strides, x)


def _over_windows(start, reduce, window, strides, x):
    # JAX knows the gradient only if it sees that the initial value is neutral: a NumPy scalar, not a traced one.
    return lax.reduce_window(x, x.dtype.type(start), reduce, window, strides, "VALID")


@with_gradient(constants=2)
def _window_max(window, strides, x):
    """The maximum of overlapping windows; its gradient goes to the first of equal elements, or to the first NaN."""
    return _over_windows(_lowest(x.dtype), lax.max, window, strides, x)


def _window_max_backward(window, strides, x, g):
    """The gradient, computed with infinity in place of NaN: XLA searches for the maximum by comparisons."""
    walk = functools.partial(_over_windows, -np.inf, lax.max, window, strides)
    return jax.vjp(walk, jnp.where(x != x, jnp.inf, x))[1](g)


_window_max.defvjp(lambda window, strides, x: (_window_max(window, strides, x), x), _window_max_backward)


def _counts(sizes, window, strides, pads, form):
    """The number of elements of the data in each window, in a shape that broadcasts against the result."""
    counts = np.ones((1,) * (form.rank + 2))
    for axis, n, k, s, (before, after) in zip(form.spatial_axes, sizes, window, strides, pads):
        start = np.arange((n + before + after - k) // s + 1) * s - before
        held = np.minimum(start + k, n) - np.maximum(start, 0)
        counts = counts * held.reshape([-1 if i == axis else 1 for i in range(form.rank + 2)])
    return counts


# Adjacent windows: every axis n becomes (n // k, k).


def _blocks(x, window):
    return x.reshape([part for n, k in zip(x.shape, window) for part in (n // k, k)])


def _within(ndim):
    """The axes of `_blocks` inside a window."""
    return tuple(range(1, 2 * ndim, 2))


@with_gradient(constants=1)
def _block_max(window, x):
    """The maximum of each block; its gradient goes to the first of equal elements, or the first NaN.

    Several times faster on CPU than `lax.reduce_window`, whose gradient searches for the maximum again.
    """
    return functools.reduce(jnp.maximum, _elements(x, window))


def _elements(x, window):
    """The first elements of all blocks, then the second ones, and so on."""
    blocks = _blocks(x, window)
    for place in itertools.product(*map(range, window)):
        yield blocks[tuple(part for i in place for part in (slice(None), i))]


def _block_max_forward(window, x):
    out = _block_max(window, x)
    return out, (x, out)


def _block_max_backward(window, kept, g):
    x, out = kept
    volume = int(np.prod(window))
    kind = jnp.int8 if volume <= 127 else jnp.int32
    first = jnp.full(out.shape, volume - 1, kind)
    for number, element in reversed(list(enumerate(_elements(x, window)))):
        first = jnp.where((element == out) | (element != element), kind(number), first)
    places = np.arange(volume).reshape([part for k in window for part in (1, k)])
    within = _within(x.ndim)
    chosen = jnp.expand_dims(first, within) == jnp.asarray(places, kind)
    return (jnp.where(chosen, jnp.expand_dims(g, within), 0).reshape(x.shape),)


_block_max.defvjp(_block_max_forward, _block_max_backward)


@of_eras(key="backend.pool2d", same=6)
def pool2d(
    x: TensorLike,
    pool_size: PerAxis,
    strides: PerAxis | None = (1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    pool_mode: str = "max",
) -> TensorLike:
    """Pooling of images: see `pooling`.

    # Arguments
        x: images.
        pool_size: (rows, columns) of a window; one number stands for both.
        strides: distance between windows, in (rows, columns); None: side by side.
        border_mode: `'valid'` or `'same'`.
        dim_ordering: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
        pool_mode: `'max'` or `'avg'`.
    """
    return pooling(x, per_axis("pool_size", pool_size, 2), strides, border_mode, dim_ordering, pool_mode)


@of_eras(key="backend.pool3d", same=6)
def pool3d(
    x: TensorLike,
    pool_size: PerAxis,
    strides: PerAxis | None = (1, 1, 1),
    border_mode: str = "valid",
    dim_ordering: str = "default",
    pool_mode: str = "max",
) -> TensorLike:
    """Pooling of volumes: see `pooling`.

    # Arguments
        x: volumes.
        pool_size: the size of a window along the three axes; one number stands for all.
        strides: distance between windows along each; None: side by side.
        border_mode: `'valid'` or `'same'`.
        dim_ordering: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
        pool_mode: `'max'` or `'avg'`.
    """
    return pooling(x, per_axis("pool_size", pool_size, 3), strides, border_mode, dim_ordering, pool_mode)
