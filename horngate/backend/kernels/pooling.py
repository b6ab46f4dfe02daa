"""Pooling by native kernels, for one to three spatial axes, samples first and channels last; with gradients."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_batching import custom_vmap

from horngate.backend import kernels
from horngate.backend.derivatives import with_gradient

_AXES = 5  # of the kernels' arrays; missing spatial axes get size 1


def serves(x: Any) -> bool:
    """Whether native kernels compute with this array in the current trace."""
    return x.ndim <= _AXES and kernels.serve(x)


def pool(
    mode: str, window: Sequence[int], strides: Sequence[int], pads: Sequence[Sequence[int]], x: jax.Array
) -> jax.Array:
    """The maximum (`mode` 'max') or mean ('avg') of each window; positions outside of `x` do not count."""
    axes = zip(x.shape[1:-1], window, strides, pads)
    outputs = tuple((n + before + after - k) // s + 1 for n, k, s, (before, after) in axes)
    places = tuple(window), tuple(strides), tuple(before for before, _ in pads)
    return _max_pool(places, outputs, x) if mode == "max" else _mean_pool(places, outputs, x)


@with_gradient(constants=2)
def _max_pool(places, outputs, x):
    return _call("max_pool", places, outputs, x)


@with_gradient(constants=1)
def _max_pool_gradient(places, x, y, g):
    """Give the gradient g of each window to the first position of its maximum."""
    return _call("max_pool_gradient", places, x.shape[1:-1], x, y, g)


@with_gradient(constants=1)
def _max_pool_pick(places, x, y, t):
    """t at the first position of the maximum in each window."""
    return _call("max_pool_pick", places, y.shape[1:-1], x, y, t)


@with_gradient(constants=2)
def _mean_pool(places, outputs, x):
    return _call("mean_pool", places, outputs, x)


@with_gradient(constants=2)
def _mean_pool_gradient(places, sizes, g):
    return _call("mean_pool_gradient", places, sizes, g)


def _keeping_maxima(places, outputs, x):
    y = _max_pool(places, outputs, x)
    return y, (x, y)


def _by_the_last(gradient):
    """The backward pass of a function that is linear in its last argument and constant in x and y."""
    return lambda places, kept, given: (*map(jnp.zeros_like, kept), gradient(places, *kept, given))


def _keeping_both(function):
    return lambda places, x, y, last: (function(places, x, y, last), (x, y))


_max_pool.defvjp(_keeping_maxima, lambda places, outputs, kept, g: (_max_pool_gradient(places, kept[0], kept[1], g),))
_max_pool_gradient.defvjp(_keeping_both(_max_pool_gradient), _by_the_last(_max_pool_pick))
_max_pool_pick.defvjp(_keeping_both(_max_pool_pick), _by_the_last(_max_pool_gradient))
_mean_pool.defvjp(
    lambda places, outputs, x: (_mean_pool(places, outputs, x), x.shape[1:-1]),
    lambda places, outputs, sizes, g: (_mean_pool_gradient(places, sizes, g),),
)
_mean_pool_gradient.defvjp(
    lambda places, sizes, g: (_mean_pool_gradient(places, sizes, g), g.shape[1:-1]),
    lambda places, sizes, outputs, t: (_mean_pool(places, outputs, t),),
)


def _call(name: str, places: Any, sizes: Sequence[int], *arrays: jax.Array) -> jax.Array:
    """Call a kernel whose result has the spatial `sizes`; models that `vmap` stacks count as more samples."""
    ones = (1,) * (_AXES - arrays[0].ndim)
    window, strides, before = places
    numbers = np.array([*ones, *window, *ones, *strides, *(0 for _ in ones), *before], np.int64)

    @custom_vmap
    def run(*arrays: jax.Array) -> jax.Array:
        filled = [x.reshape(x.shape[0], *ones, *x.shape[1:]) for x in arrays]
        shape = (arrays[0].shape[0], *ones, *sizes, arrays[0].shape[-1])
        (out,) = kernels.call(name, [shape], *filled, numbers=numbers)
        return out.reshape(shape[0], *sizes, shape[-1])

    @run.def_vmap
    def several(count, batched, *arrays):
        every = [x if among else jnp.broadcast_to(x, (count, *x.shape)) for x, among in zip(arrays, batched)]
        out = _call(name, places, sizes, *[x.reshape(-1, *x.shape[2:]) for x in every])
        return out.reshape(count, -1, *out.shape[1:]), True

    return run(*arrays)
