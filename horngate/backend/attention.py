"""Attention: the scores of queries and keys, and the weighted sums of values."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from horngate.backend.graph import on_arrays, op
from horngate.backend.switches import is_flash_attention_enabled
from horngate.backend.types import TensorLike

_FUSED_WIDTH = 128  # widest heads of cuDNN's kernel


@op
def einsum(equation: str, *operands: TensorLike) -> TensorLike:
    """Return the sums of products given by an Einstein `equation`: "ij,jk->ik" is the product of matrices.

    `operands`: the tensors, one for each term before the arrow.
    """
    return jnp.einsum(equation, *map(jnp.asarray, operands))


@op
def masked_softmax(scores: TensorLike, mask: TensorLike | None = None, of_nothing: str = "zeros") -> TensorLike:
    """Return exp(scores) / sum(exp(scores)) over the last axis where `mask` is true, else 0.

    `mask`: boolean, broadcasts against `scores`; None for all true. `of_nothing`: the result of a row without a true
    entry: `'zeros'`, or `'mean'` for equal weights. 16-bit numbers are summed in 32 bits.
    """
    scores = jnp.asarray(scores)
    wide = scores.astype(jnp.promote_types(scores.dtype, jnp.float32))
    if mask is None:
        return jax.nn.softmax(wide).astype(scores.dtype)
    mask = jnp.asarray(mask).astype(bool)
    weights = jax.nn.softmax(jnp.where(mask, wide, jnp.finfo(wide.dtype).min / 2))
    weights = weights if of_nothing == "mean" else jnp.where(mask, weights, 0)
    return weights.astype(scores.dtype)


@op
def attention_scores(query: TensorLike, key: TensorLike, scale: float) -> TensorLike:
    """Return the products of queries and keys, times `scale`: (samples, heads, queries, keys).

    `query`: (samples, queries, heads, width). `key`: (samples, keys, key heads, width); each key head serves
    heads / key heads adjacent query heads.
    """
    query, key = jnp.asarray(query) * scale, jnp.asarray(key)
    samples, queries, heads, width = query.shape
    if key.shape[2] == heads:
        return jnp.einsum("bqhd,bkhd->bhqk", query, key)
    grouped = query.reshape(samples, queries, key.shape[2], heads // key.shape[2], width)
    return jnp.einsum("bqhgd,bkhd->bhgqk", grouped, key).reshape(samples, heads, queries, key.shape[1])


@op
def attended(weights: TensorLike, value: TensorLike) -> TensorLike:
    """Return the sums of values with these weights: (samples, queries, heads, width).

    `weights`: (samples, heads, queries, keys). `value`: (samples, keys, value heads, width).
    """
    weights, value = jnp.asarray(weights), jnp.asarray(value)
    samples, heads, queries, keys = weights.shape
    if value.shape[2] == heads:
        return jnp.einsum("bhqk,bkhd->bqhd", weights, value)
    grouped = weights.reshape(samples, value.shape[2], -1, queries, keys)
    return jnp.einsum("bhgqk,bkhd->bqhgd", grouped, value).reshape(samples, queries, heads, -1)


@op
def attention(
    query: TensorLike, key: TensorLike, value: TensorLike, mask: TensorLike | None = None, fused: bool | None = None
) -> TensorLike:
    """Return softmax(query key / sqrt(width)) value for each head: (samples, queries, heads, width of values).

    # Arguments
        query: (samples, queries, heads, width).
        key: (samples, keys, key heads, width); see `attention_scores`.
        value: (samples, keys, key heads, width of values).
        mask: boolean, broadcasts against (samples, heads, queries, keys): which query may attend to which key. A query
            that may attend to no key gets zeros.
        fused: whether to use a fused kernel, which does not store the weights. None: only where one is known to be
            faster, for 16-bit numbers on NVIDIA GPUs.

    Source: Vaswani et al., "Attention is all you need", 2017; Dao et al., "FlashAttention", 2022.
    """
    query, key, value = (jnp.asarray(x) for x in (query, key, value))
    fits = _fits_kernel(query, key, value)
    if fused and not fits:
        raise ValueError(
            "attention: fused=True (flash_attention=True) needs a GPU of NVIDIA, numbers of 16 bits, and heads of one "
            f"width, a multiple of 8 up to {_FUSED_WIDTH}; received {query.dtype} of width {query.shape[-1]}, values "
            f"of width {value.shape[-1]}, on {jax.default_backend()}. Leave it None, or train in mixed precision."
        )
    fused = is_flash_attention_enabled() if fused is None else fused
    if fits and fused is not False:
        return _fused(query, key, value, mask)
    scores = on_arrays(attention_scores)(query, key, 1 / math.sqrt(query.shape[-1]))
    return on_arrays(attended)(on_arrays(masked_softmax)(scores, mask), value)


def _fits_kernel(query, key, value):
    width = query.shape[-1]
    plain = query.dtype in (jnp.bfloat16, jnp.float16) and width == value.shape[-1] and not width % 8
    return (
        plain and width <= _FUSED_WIDTH and jax.default_backend() == "gpu" and query.dtype == key.dtype == value.dtype
    )


def _fused(query: jax.Array, key: jax.Array, value: jax.Array, mask: Any) -> jax.Array:
    if mask is None:
        return jax.nn.dot_product_attention(query, key, value, implementation="cudnn")
    mask = jnp.asarray(mask).astype(bool)
    found = jax.nn.dot_product_attention(query, key, value, mask=mask, implementation="cudnn")
    sees = jnp.any(mask, -1).swapaxes(1, 2)[..., None]  # (samples, queries, heads, 1)
    return jnp.where(sees, found, jnp.zeros((), found.dtype))
