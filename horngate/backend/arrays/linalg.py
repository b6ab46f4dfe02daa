"""Linear algebra of Keras 3, on the last two axes: decompositions, equations, norms."""

import math
from typing import Any

import jax.numpy as jnp
from jax import scipy

from horngate.backend import config
from horngate.backend.graph import op
from horngate.backend.types import Axis, TensorLike


def _named(name, function, what):
    """Make a function of one matrix."""

    def of_matrix(x: TensorLike) -> Any:
        found = function(jnp.asarray(x))
        return tuple(found) if isinstance(found, tuple) else found

    of_matrix.__name__ = of_matrix.__qualname__ = name
    of_matrix.__doc__ = f"{what} of each matrix of `x`."
    return op(of_matrix)


det: Any = _named("det", jnp.linalg.det, "The determinant")
inv: Any = _named("inv", jnp.linalg.inv, "The inverse")
eig: Any = _named("eig", jnp.linalg.eig, "The eigenvalues and eigenvectors")
eigh: Any = _named("eigh", jnp.linalg.eigh, "The eigenvalues and eigenvectors, for symmetric matrices,")
slogdet: Any = _named("slogdet", jnp.linalg.slogdet, "The sign of the determinant, and the logarithm of its size,")
lu_factor: Any = _named("lu_factor", scipy.linalg.lu_factor, "The triangular factors in one matrix, and the pivots,")


@op
def logdet(x: TensorLike) -> TensorLike:
    """The logarithm of the determinant of each symmetric, positive definite matrix of `x`."""
    return 2 * jnp.sum(jnp.log(jnp.diagonal(jnp.linalg.cholesky(jnp.asarray(x)), axis1=-2, axis2=-1)), axis=-1)


@op
def cholesky(x: TensorLike, upper: bool = False) -> TensorLike:
    """The triangular factor L of symmetric, positive definite matrices: x = L Lᵀ. `upper`: Lᵀ instead."""
    return jnp.linalg.cholesky(jnp.asarray(x), upper=upper)


@op
def cholesky_inverse(x: TensorLike, upper: bool = False) -> TensorLike:
    """The inverse of the matrix whose Cholesky factor is `x`. `upper`: whether that is the upper one."""
    x = jnp.asarray(x)
    one = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    factor = scipy.linalg.solve_triangular(x, one, lower=not upper)
    other = jnp.swapaxes(factor, -1, -2)
    return factor @ other if upper else other @ factor


@op
def qr(x: TensorLike, mode: str = "reduced") -> Any:
    """The orthogonal and the upper triangular factor. `mode`: "reduced", or "complete" for square Q."""
    if mode not in ("reduced", "complete"):
        raise ValueError(f"ops.qr, argument 'mode': 'reduced' or 'complete'; received {mode!r}.")
    return tuple(jnp.linalg.qr(jnp.asarray(x), mode))


@op
def svd(x: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular values s in falling order, as (u, s, v) with x = u s v.

    `full_matrices`: whether u and v are square. `compute_uv`: False: s alone.
    """
    found = jnp.linalg.svd(jnp.asarray(x), full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


@op
def solve(a: TensorLike, b: TensorLike) -> TensorLike:
    """x with `a` x = `b`."""
    a, b = jnp.asarray(a), jnp.asarray(b)
    return jnp.linalg.solve(a, b[..., None])[..., 0] if b.ndim == a.ndim - 1 else jnp.linalg.solve(a, b)


@op
def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> TensorLike:
    """x with `a` x = `b`, where `a` is upper triangular, or `lower`."""
    a, b = jnp.asarray(a), jnp.asarray(b)
    if b.ndim == a.ndim - 1:
        return scipy.linalg.solve_triangular(a, b[..., None], lower=lower)[..., 0]
    return scipy.linalg.solve_triangular(a, b, lower=lower)


@op
def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> TensorLike:
    """x for which the sum of squares of `a` x - `b` is least. `rcond`: singular values below this share count as 0."""
    return jnp.linalg.lstsq(jnp.asarray(a), jnp.asarray(b), rcond)[0]


@op
def pinv(x: TensorLike, rcond: float | None = None) -> TensorLike:
    """The pseudo-inverse. `rcond`: singular values below this share of the largest count as 0."""
    return jnp.linalg.pinv(jnp.asarray(x), rtol=rcond)


@op
def matrix_rank(x: TensorLike, tol: float | None = None) -> TensorLike:
    """The number of singular values above `tol`; None: above what rounding may give."""
    values = jnp.linalg.svd(jnp.asarray(x), compute_uv=False)
    limit: Any = tol
    if tol is None:
        limit = jnp.max(values, -1, keepdims=True) * max(jnp.shape(x)[-2:]) * jnp.finfo(values.dtype).eps
    return jnp.sum(values > limit, axis=-1)


@op
def norm(x: TensorLike, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> TensorLike:  # noqa: A002
    """The norm of order `ord` along `axis`: a vector's along one, a matrix's along two.

    `ord`: a number, "fro" or "nuc"; None: the root of the sum of squares. `keepdims`: whether the axes stay.
    """
    x = jnp.asarray(x)
    x = x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(config.floatx())
    return jnp.linalg.norm(x, ord, tuple(axis) if isinstance(axis, list) else axis, keepdims)


@op
def normalize(x: TensorLike, axis: Axis = -1, order: float = 2, epsilon: float | None = None) -> TensorLike:
    """`x` over its norm of this `order` along `axis`.

    `epsilon`: the least norm to divide by (of order 2: the root of the least sum); None: `K.epsilon()`.
    """
    x, least = jnp.asarray(x), config.epsilon() if epsilon is None else epsilon
    x = x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(config.floatx())
    if order == 2:
        square = jnp.sum(jnp.square(x), axis, keepdims=True)
        return x / jnp.sqrt(jnp.maximum(square, least**2))
    size = jnp.linalg.norm(x, math.inf if order == "inf" else order, axis, True)
    return x / jnp.maximum(size, least)


@op
def cdist(x: TensorLike, y: TensorLike) -> TensorLike:
    """The distance of each row of `x` from each row of `y`."""
    x, y = jnp.asarray(x), jnp.asarray(y)
    square = jnp.sum(jnp.square(x[..., :, None, :] - y[..., None, :, :]), axis=-1)
    return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0)
