"""The three products of a convolution by native kernels: one to three spatial axes, samples first, channels last."""

from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax import lax
from jax.custom_batching import custom_vmap

from horngate.backend import kernels

if TYPE_CHECKING:
    from horngate.backend.conv import Geometry

_AXES = 5  # of the kernels' arrays; missing spatial axes get size 1


def serves(*arrays: Any) -> bool:
    """Whether native kernels compute with these arrays in the current trace."""
    return all(x.ndim <= _AXES for x in arrays) and kernels.serve(*arrays)


def correlate(geometry: "Geometry", relu: bool, x: jax.Array, W: jax.Array, bias: Any = None) -> jax.Array:
    """y: the correlation of x with W, plus the bias; with `relu`, negative results become 0."""
    shape = (x.shape[0], *geometry.outputs, W.shape[-1])
    bias = np.zeros(0, np.float32) if bias is None else bias

    @custom_vmap
    def run(x, W, bias):
        (y,) = _call("correlate", geometry, [_of_images(shape)], _images(x), _kernel(W), bias, relu=relu)
        return y.reshape(shape)

    @run.def_vmap
    def several(count, batched, x, W, bias):
        if batched[0] and not any(batched[1:]):  # they count as more samples
            y = correlate(geometry, relu, x.reshape(-1, *x.shape[2:]), W, bias)
            return y.reshape(count, *shape), True
        return _one_by_one(run, batched, x, W, bias), True

    return run(x, W, bias)


def input_gradient(geometry: "Geometry", y: jax.Array, W: jax.Array) -> jax.Array:
    """x: the transpose of the correlation with W."""
    shape = (y.shape[0], *geometry.sizes, W.shape[-2] * geometry.groups)

    @custom_vmap
    def run(y, W):
        return _call("input_gradient", geometry, [_of_images(shape)], _images(y), _kernel(W))[0].reshape(shape)

    @run.def_vmap
    def several(count, batched, y, W):
        if not batched[1]:
            return input_gradient(geometry, y.reshape(-1, *y.shape[2:]), W).reshape(count, *shape), True
        return _one_by_one(run, batched, y, W), True

    return run(y, W)


def kernel_gradient(
    geometry: "Geometry", biased: bool, x: jax.Array, y: jax.Array
) -> tuple[jax.Array, jax.Array | None]:
    """The gradients of W (the correlation of x with y, summed over samples) and of the bias (the sum of y), or None."""
    shape = (*geometry.window, x.shape[-1] // geometry.groups, y.shape[-1])
    shapes = [_of_kernel(shape), (y.shape[-1] if biased else 0,)]

    @custom_vmap
    def run(x, y):
        W, bias = _call("kernel_gradient", geometry, shapes, _images(x), _images(y))
        return W.reshape(shape), bias

    @run.def_vmap
    def several(count, batched, x, y):
        return _one_by_one(run, batched, x, y), (True, True)

    W, bias = run(x, y)
    return W, bias if biased else None


def _of_images(shape):
    return (shape[0], *(1,) * (_AXES - len(shape)), *shape[1:])


def _of_kernel(shape):
    return (*(1,) * (_AXES - len(shape)), *shape)


def _images(x):
    return x.reshape(_of_images(x.shape))


def _kernel(W):
    return W.reshape(_of_kernel(W.shape))


def _call(name, geometry, shapes, *arrays, **attributes):
    missing = _AXES - 2 - len(geometry.sizes)
    before = [pad for pad, _ in geometry.pads]
    placed = [(1,) * missing, geometry.strides, (0,) * missing, before, (1,) * missing, geometry.dilation]
    numbers = np.array([n for part in placed for n in part] + [geometry.groups], np.int64)
    return kernels.call(name, shapes, *arrays, numbers=numbers, **attributes)


def _one_by_one(run, batched, *arrays):
    """Run on one part of the batched arrays after the other: a single product keeps all cores busy."""

    def one(parts):
        parts = iter(parts)
        return run(*[next(parts) if among else x for x, among in zip(arrays, batched)])

    return lax.map(one, [x for x, among in zip(arrays, batched) if among])
