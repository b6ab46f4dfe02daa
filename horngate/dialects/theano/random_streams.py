"""Theano's streams of random numbers."""

from typing import Any

from horngate import backend as K


class RandomStreams:
    """Random numbers; each draw in a graph gives new ones at each run.

    # Arguments
        seed: mixed into the draws.
        ignored: settings without effect.
    """

    def __init__(self, seed: int | None = None, **ignored: Any) -> None:
        self.seed_ = seed

    def uniform(self, size: Any = (), low: Any = 0.0, high: Any = 1.0, ndim: Any = None, dtype: Any = None) -> Any:
        """Uniform numbers from `low` to `high`. `size`: the shape. `ndim`: ignored. `dtype`: the number type."""
        return K.random_uniform(size, low, high, dtype=dtype)

    def normal(self, size: Any = (), avg: Any = 0.0, std: Any = 1.0, ndim: Any = None, dtype: Any = None) -> Any:
        """Normal numbers of mean `avg` and deviation `std`. `size`: the shape. `ndim`: ignored. `dtype`: the type."""
        return K.random_normal(size, avg, std, dtype=dtype)

    def binomial(self, size: Any = (), n: int = 1, p: Any = 0.5, ndim: Any = None, dtype: Any = "int64") -> Any:
        """Ones with probability `p`. `size`: the shape. `n`: 1. `ndim`: ignored. `dtype`: the number type."""
        if n != 1:
            raise ValueError(f"RandomStreams.binomial draws for n=1 only; received n={n}.")
        return K.cast(K.random_binomial(size, p), K.floatx() if dtype is None else dtype)

    def seed(self, seed: int | None = None) -> None:
        """Keep `seed`."""
        self.seed_ = seed
