"""Random numbers of the less common distributions; like those of `random`, a replay of the graph draws the same."""

import jax
import jax.numpy as jnp

from horngate.backend import config
from horngate.backend.graph import jax_dtype, random_op
from horngate.backend.random import next_key
from horngate.backend.types import DType, Sizes, TensorLike


def _kind(dtype):
    return jax_dtype(dtype or config.floatx())


@random_op
def truncated_normal(
    shape: Sizes, mean: TensorLike = 0.0, std: TensorLike = 1.0, dtype: DType | None = None, seed: int | None = None
) -> TensorLike:
    """Normal numbers of `shape` around `mean`, none further from it than two `std`. `dtype`, `seed` as elsewhere."""
    return jax.random.truncated_normal(next_key(seed), -2.0, 2.0, tuple(shape), _kind(dtype)) * std + mean


@random_op
def integers(
    shape: Sizes, low: TensorLike, high: TensorLike, dtype: DType = "int32", seed: int | None = None
) -> TensorLike:
    """Whole numbers of `shape` from `low` to below `high`, all alike. `dtype`, `seed` as elsewhere."""
    return jax.random.randint(next_key(seed), tuple(shape), low, high, jax_dtype(dtype))


@random_op
def categorical(logits: TensorLike, count: int, dtype: DType = "int32", seed: int | None = None) -> TensorLike:
    """`count` class numbers for each row of `logits`, the logarithms of weights. `dtype`, `seed` as elsewhere."""
    logits = jnp.asarray(logits)
    drawn = jax.random.categorical(next_key(seed), logits, axis=-1, shape=(count, *logits.shape[:-1]))
    return jnp.moveaxis(drawn, 0, -1).astype(jax_dtype(dtype))


@random_op
def gamma(shape: Sizes, alpha: TensorLike, dtype: DType | None = None, seed: int | None = None) -> TensorLike:
    """Numbers of the gamma distribution of form `alpha` and scale 1, of `shape`. `dtype`, `seed` as elsewhere."""
    return jax.random.gamma(next_key(seed), alpha, tuple(shape), _kind(dtype))


@random_op
def beta(
    shape: Sizes, alpha: TensorLike, beta: TensorLike, dtype: DType | None = None, seed: int | None = None
) -> TensorLike:
    """Numbers of the beta distribution of `alpha` and `beta`, of `shape`. `dtype`, `seed` as elsewhere."""
    return jax.random.beta(next_key(seed), alpha, beta, tuple(shape), _kind(dtype))


@random_op
def binomial(
    shape: Sizes, counts: TensorLike, chances: TensorLike, dtype: DType | None = None, seed: int | None = None
) -> TensorLike:
    """How many of `counts` trials succeed, each with a chance of `chances`. `shape`, `dtype`, `seed` as elsewhere."""
    kind = _kind(dtype)
    return jax.random.binomial(next_key(seed), counts, chances, tuple(shape), kind)


@random_op
def shuffled(x: TensorLike, axis: int = 0, seed: int | None = None) -> TensorLike:
    """`x` with its parts along `axis` in another order. `seed` as elsewhere."""
    return jax.random.permutation(next_key(seed), jnp.asarray(x), axis)
