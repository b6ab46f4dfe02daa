"""Random numbers in a graph: sampling and dropout.

Every draw takes its key from the running node, so that a replay of the graph draws the same numbers.
"""

import contextlib
import contextvars
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend import config
from horngate.backend.dtypes import float_array
from horngate.backend.graph import Frame, Scope, active_scope, jax_dtype, random_op
from horngate.backend.orders import of_eras
from horngate.backend.running import running_scope
from horngate.backend.types import DType, Sizes, TensorLike
from horngate.utils.blocks import within

_BITS = 16


def next_key(seed: int | None = None) -> jax.Array:
    """The next random key of the running node. `seed` changes the key, but does not fix it."""
    key = running_scope().frame.next_key()
    return key if seed is None else jax.random.fold_in(key, np.uint32(int(seed) % 2**32))


class _OneKey(Frame):
    """A frame in which every draw takes the same key."""

    def next_key(self):
        return jnp.asarray(self.key)


@contextlib.contextmanager
def drawing_by(words: Any, many: bool = False) -> Iterator[None]:
    """Use the two `words` as the random key in the block: draws compute at once, and repeat.

    `many`: whether the draws in the block differ from each other.
    """
    running = active_scope()
    with Scope(phase=1, live=True) if running is None else contextlib.nullcontext(running) as scope:
        outer, scope.frame = scope.frame, Frame(lambda: jnp.asarray(words)) if many else _OneKey(words)
        try:
            yield
        finally:
            scope.frame = outer


_numbers: contextvars.ContextVar[tuple[Any, ...]] = contextvars.ContextVar("numbers", default=())


def in_step_of_loop(number: Any, run: Callable[[], Any]) -> Any:
    """Return `run()`, a step of a loop outside of a graph, whose draws depend on its `number`."""
    with within(_numbers, (*_numbers.get(), number)):
        return run()


def key_in_loops(words: Any) -> Any:
    """Return the two `words` of a random key; mixed with the number of the step, in a loop outside of a graph."""
    return functools.reduce(jax.random.fold_in, _numbers.get(), words) if _numbers.get() else words


def words_of(seed: Any) -> Any:
    """The two words of the random key that `seed` stands for: a whole number, None, or a source with `next`."""
    if hasattr(seed, "next"):
        return seed.next()
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer, type(None))):
        raise TypeError(f"seed must be a whole number, a SeedGenerator or None; received {seed!r}.")
    if seed is None:
        return key_in_loops(np.random.randint(2**32, size=2, dtype=np.uint32))
    return np.array([seed % 2**32, 0], np.uint32)


def mixed_with_step(words: Any) -> jax.Array:
    """A random key made of the key of the running step and the two `words`."""
    return functools.reduce(jax.random.fold_in, words, next_key())


def random_bits(key: jax.Array, shape: Sequence[int]) -> jax.Array:
    """Uniform whole numbers below 2^16 in the given `shape`: a hash of each element's place and the `key`.

    JAX's own generator takes longer than the rest of dropout. These few operations fuse with the loop that uses them,
    and need no memory.

    Source: the mixer is "lowbias32" of Wellons, "Prospecting for hash functions", 2018.
    """
    data = key if jnp.issubdtype(key.dtype, jnp.integer) else jax.random.key_data(key)
    x = lax.iota(np.uint32, math.prod(shape)).reshape(shape)
    for word in data.reshape(-1):
        x = _mixed(x + word)
    return (x >> _BITS).astype(np.uint16)


def _mixed(x):
    """Mix a number of 32 bits: each bit of the result depends on all bits of `x`."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> shift)) * np.uint32(factor)
    return x ^ (x >> 16)


def _drawn_like(shape, dtype):
    return tuple(int(n) for n in shape), jax_dtype(dtype or config.floatx())


@of_eras(key="backend.random_normal", same=5)
@random_op
def random_normal(
    shape: Sizes, mean: TensorLike = 0.0, std: TensorLike = 1.0, dtype: DType | None = None, seed: int | None = None
) -> TensorLike:
    """Normal numbers of the given `shape`, `mean` and standard deviation `std`, new ones at each run.

    `dtype`: the number type, floatx if None. `seed`: a whole number that changes the draws, but does not fix them.
    """
    shape, dtype = _drawn_like(shape, dtype)
    return jax.random.normal(next_key(seed), shape, dtype) * std + mean


@of_eras(key="backend.random_uniform", same=5)
@random_op
def random_uniform(
    shape: Sizes, low: TensorLike = 0.0, high: TensorLike = 1.0, dtype: DType | None = None, seed: int | None = None
) -> TensorLike:
    """Uniform numbers from [low, high) in the given `shape`, new ones at each run.

    `dtype`: the number type, floatx if None. `seed`: a whole number that changes the draws, but does not fix them.
    """
    shape, dtype = _drawn_like(shape, dtype)
    return jax.random.uniform(next_key(seed), shape, dtype, low, high)


@random_op
def random_binomial(
    shape: Sizes, p: TensorLike = 0.0, dtype: DType | None = None, seed: int | None = None
) -> TensorLike:
    """Ones with probability `p`, else zeros, in the given `shape`, new ones at each run.

    `dtype`: the number type, floatx if None. `seed`: a whole number that changes the draws, but does not fix them.
    """
    shape, dtype = _drawn_like(shape, dtype)
    return jax.random.bernoulli(next_key(seed), p, shape).astype(dtype)


@of_eras
@random_op
def dropout(x: TensorLike, level: float, noise_shape: Sizes | None = None, seed: int | None = None) -> TensorLike:
    """`x` with a fraction `level` of its elements set to 0 and the others scaled up to keep the mean.

    `level`: in [0, 1), rounded to 1/65536; the scale fits the rounded rate. `noise_shape`: the shape of the mask: 1
    where elements share a mask entry, None for the size of `x`. `seed`: a whole number that changes the draws, but does
    not fix them.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.
    """
    if not 0 <= level < 1:
        raise ValueError(f"K.dropout expects a level in [0, 1), the fraction to drop; received {level!r}")
    x = float_array(x)  # the scale is no whole number
    shape = x.shape if noise_shape is None else [m or n for m, n in zip(noise_shape, x.shape, strict=True)]
    states = 2**_BITS
    dropped = min(round(float(level) * states), states - 1)
    keep = random_bits(next_key(seed), tuple(shape)) >= np.uint16(dropped)
    return jnp.where(keep, x * jnp.asarray(states / (states - dropped), x.dtype), jnp.zeros((), x.dtype))
