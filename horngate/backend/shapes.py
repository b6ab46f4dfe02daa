"""Shapes in K: reading and changing them, joining and repeating arrays, making arrays of a given shape."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from horngate.backend.graph import active_scope, jax_dtype, op
from horngate.backend.orders import of_eras
from horngate.backend.ranges import same_numbers
from horngate.backend.types import DType, PerAxis, Shape, Sizes, TensorLike


def axes_of(axis: Any) -> Any:
    """`axis` in JAX's form: several axes as a tuple."""
    return tuple(axis) if isinstance(axis, (list, np.ndarray)) else axis


@op
def shape(x: TensorLike) -> TensorLike:
    """The shape of `x`: a tuple of numbers in a running graph, symbolic outside."""
    return tuple(np.shape(x))


def are_sizes(x: Any) -> bool:
    """Whether `x` holds plain numbers in a running graph: sizes from K.shape, which must stay plain."""
    return active_scope() is not None and is_explicit_shape(x)


def int_shape(x: TensorLike) -> Shape:
    """The shape of `x` as a tuple, None where a size is not known yet."""
    return tuple(x.shape if hasattr(x, "shape") else np.shape(x))


def ndim(x: TensorLike) -> int:
    """The number of axes of `x`."""
    return len(int_shape(x))


def dtype(x: TensorLike) -> str:
    """The number type of `x`, as a string."""
    return str(x.dtype if hasattr(x, "dtype") else jnp.asarray(x).dtype)


def count_params(x: TensorLike) -> int:
    """The number of elements of `x`."""
    return int(np.prod(np.shape(x), dtype=int))


def normalize_axis(axis: int | list[int] | tuple[int, ...] | None, ndim: int) -> Any:
    """`axis`, one or several, counted from the first of `ndim` axes.

    >>> normalize_axis([0, -1], 3)
    [0, 2]
    """
    if isinstance(axis, (list, tuple)):
        return type(axis)(normalize_axis(item, ndim) for item in axis)
    return axis % ndim if axis is not None else None


@op
def reshape(x: TensorLike, shape: Sizes) -> TensorLike:
    """Reshape `x` to `shape`; one size may be -1, to be computed from the others."""
    return same_numbers(x, jnp.reshape(jnp.asarray(x), tuple(shape)))


@op
def concatenate(tensors: Sequence[TensorLike], axis: int = -1) -> TensorLike:
    """The tensors one after the other along `axis`."""
    if all(map(are_sizes, tensors)):
        return sum(map(tuple, tensors), ())
    return jnp.concatenate([jnp.asarray(tensor) for tensor in tensors], axis)


@op
def stack(x: Sequence[TensorLike], axis: int = 0) -> TensorLike:
    """The tensors of the list `x` along a new axis."""
    if are_sizes(x):
        return tuple(x)
    return jnp.stack([jnp.asarray(item) for item in x], axis)


def pack(x: Sequence[TensorLike]) -> TensorLike:
    """The tensors of the list `x` along a new first axis: the name of `stack` in Keras 1.0."""
    return stack(x)


@op
def permute_dimensions(x: TensorLike, pattern: Sequence[int]) -> TensorLike:
    """`x` with its axes in the order of `pattern`."""
    return jnp.transpose(jnp.asarray(x), tuple(pattern))


@op
def resize_repeat(x: TensorLike, factors: Sequence[int]) -> TensorLike:
    """Each element of `x` repeated along each axis, `factors[axis]` times."""
    x = jnp.asarray(x)
    spread = [n for size, factor in zip(x.shape, factors) for n in (size, factor)]
    tall = jnp.broadcast_to(jnp.expand_dims(x, tuple(range(1, 2 * x.ndim, 2))), spread)
    return tall.reshape([size * factor for size, factor in zip(x.shape, factors)])


def repeat_elements(x: TensorLike, rep: int, axis: int) -> TensorLike:
    """Each element of `x` `rep` times along `axis`.

    >>> repeat_elements([[1, 2]], 2, axis=1).tolist()
    [[1, 1, 2, 2]]
    """
    factors = [1] * ndim(x)
    factors[axis] = rep
    return resize_repeat(x, factors)


@op
def repeat(x: TensorLike, n: int) -> TensorLike:
    """A matrix `x` (samples, dim) `n` times: (samples, n, dim)."""
    x = jnp.asarray(x)
    if x.ndim != 2:
        raise ValueError(f"K.repeat expects (samples, dim); received shape {x.shape}. K.repeat_elements takes any.")
    return jnp.broadcast_to(x[:, None, :], (x.shape[0], n, x.shape[1]))


@op
def tile(x: TensorLike, n: PerAxis) -> TensorLike:
    """Repeat `x` as a whole, `n[axis]` times along each axis."""
    return jnp.tile(jnp.asarray(x), n if isinstance(n, int) else tuple(n))


@op
def flatten(x: TensorLike) -> TensorLike:
    """All elements of `x` along one axis."""
    return jnp.ravel(jnp.asarray(x))


@op
def batch_flatten(x: TensorLike) -> TensorLike:
    """The elements of each sample of `x` along one axis: (samples, elements)."""
    x = jnp.asarray(x)
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:], dtype=int)))


@of_eras(key="backend.expand_dims", same=2)
@op
def expand_dims(x: TensorLike, dim: int = -1) -> TensorLike:
    """`x` with a new axis of size 1 at `dim`."""
    return jnp.expand_dims(jnp.asarray(x), dim)


@op
def squeeze(x: TensorLike, axis: int) -> TensorLike:
    """`x` without its axis `axis`, whose size must be 1."""
    return jnp.squeeze(jnp.asarray(x), axis)


@op
def reverse(x: TensorLike, axes: PerAxis) -> TensorLike:
    """`x` read backwards along `axes` (one or several)."""
    return jnp.flip(jnp.asarray(x), axes_of(axes))


@op
def arange(start: float, stop: float | None = None, step: float = 1, dtype: DType = "int32") -> TensorLike:
    """The numbers from `start` up to, not including, `stop`, `step` apart; one argument counts from 0.

    `dtype`: their number type.
    """
    return jnp.arange(start, stop, step, dtype=jax_dtype(dtype))


@of_eras
@op
def zeros_like(x: TensorLike, dtype: DType | None = None, name: str | None = None) -> TensorLike:
    """Zeros in the shape of `x`, and in its number type unless `dtype` names another. `name` has no effect."""
    return jnp.zeros_like(jnp.asarray(x), dtype=dtype and jax_dtype(dtype))


@of_eras
@op
def ones_like(x: TensorLike, dtype: DType | None = None, name: str | None = None) -> TensorLike:
    """Ones in the shape of `x`, and in its number type unless `dtype` names another. `name` has no effect."""
    return jnp.ones_like(jnp.asarray(x), dtype=dtype and jax_dtype(dtype))


def pattern_broadcast(x: TensorLike, broatcastable: Any) -> TensorLike:
    """Return `x` itself: axes of size 1 always broadcast here, whatever `broatcastable` says."""
    return x


def is_explicit_shape(shape: Any) -> bool:
    """Whether `shape` is a list or tuple of known numbers."""
    return isinstance(shape, (list, tuple)) and all(isinstance(n, (int, np.integer)) for n in shape)
