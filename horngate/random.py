"""Random numbers under the names of Keras 3 (`keras.random`): drawn by a running layer, else as arrays at once.

`seed` is their source. None: NumPy's global generator (in a layer, the step's key). A whole number: the same numbers at
each call. A `SeedGenerator`: new numbers at each call, the same ones in each run of the program.
"""

from typing import Any, TypeAlias

import numpy as np

from horngate import backend as K
from horngate.backend import distributions
from horngate.backend.random import key_in_loops, words_of
from horngate.backend.running import recorder
from horngate.backend.types import DType, Sizes, TensorLike

Seed: TypeAlias = "int | SeedGenerator | None"


def uniform(
    shape: Sizes, minval: float = 0.0, maxval: float = 1.0, dtype: DType | None = None, seed: Seed = None
) -> TensorLike:
    """Uniform numbers from [minval, maxval) in the given `shape`.

    `dtype`: the number type, floatx if None. `seed`: their source, see the head of `horngate.random`.
    """
    if not minval <= maxval:
        raise ValueError(f"random.uniform: minval {minval} lies above maxval {maxval}.")
    return _drawn(seed, K.random_uniform, shape, minval, maxval, dtype=dtype)


def normal(
    shape: Sizes, mean: float = 0.0, stddev: float = 1.0, dtype: DType | None = None, seed: Seed = None
) -> TensorLike:
    """Normal numbers of the given `shape`, `mean` and standard deviation `stddev` (at least 0).

    `dtype`: the number type, floatx if None. `seed`: their source, see the head of `horngate.random`.
    """
    if not stddev >= 0:
        raise ValueError(f"random.normal: stddev must be at least 0; received {stddev}.")
    return _drawn(seed, K.random_normal, shape, mean, stddev, dtype=dtype)


def dropout(inputs: TensorLike, rate: float, noise_shape: Sizes | None = None, seed: Seed = None) -> TensorLike:
    """Set a fraction `rate`, in [0, 1), of the elements of `inputs` to 0, and scale the others to keep the mean.

    `noise_shape`: the shape of the mask: 1 where elements share a mask entry, None for the size of `inputs`.
    `seed`: the source of the choice, see the head of `horngate.random`.
    """
    return _drawn(seed, K.dropout, inputs, rate, noise_shape)


def truncated_normal(
    shape: Sizes, mean: float = 0.0, stddev: float = 1.0, dtype: DType | None = None, seed: Seed = None
) -> TensorLike:
    """Normal numbers of the given `shape`, `mean` and `stddev` (at least 0), none further away than two of `stddev`.

    `dtype`: the number type, floatx if None. `seed`: their source, see the head of `horngate.random`.
    """
    if not stddev >= 0:
        raise ValueError(f"random.truncated_normal: stddev must be at least 0; received {stddev}.")
    return _drawn(seed, distributions.truncated_normal, shape, mean, stddev, dtype=dtype)


def randint(
    shape: Sizes, minval: TensorLike, maxval: TensorLike, dtype: DType = "int32", seed: Seed = None
) -> TensorLike:
    """Whole numbers from `minval` to below `maxval`, all alike, in the given `shape`.

    `dtype`: a type of whole numbers. `seed`: their source, see the head of `horngate.random`.
    """
    if "int" not in str(np.dtype(dtype)):
        raise ValueError(
            f"random.randint: dtype must be a type of whole numbers, such as 'int32'; received {dtype!r}. "
            "random.uniform gives floating-point numbers."
        )
    return _drawn(seed, distributions.integers, shape, minval, maxval, dtype=dtype)


def categorical(logits: TensorLike, num_samples: int, dtype: DType = "int32", seed: Seed = None) -> TensorLike:
    """Class numbers, `num_samples` for each row of `logits`, in an array (rows, num_samples).

    `logits`: (rows, classes), unnormalized logarithms of the chances. `dtype`: the number type. `seed`: their source,
    see the head of `horngate.random`.
    """
    return _drawn(seed, distributions.categorical, logits, num_samples, dtype=dtype)


def gamma(shape: Sizes, alpha: TensorLike, dtype: DType | None = None, seed: Seed = None) -> TensorLike:
    """Numbers of the gamma distribution with form `alpha` (above 0) and scale 1, in the given `shape`.

    `dtype`: the number type, floatx if None. `seed`: their source, see the head of `horngate.random`.
    """
    return _drawn(seed, distributions.gamma, shape, alpha, dtype=dtype)


def beta(
    shape: Sizes, alpha: TensorLike, beta: TensorLike, dtype: DType | None = None, seed: Seed = None
) -> TensorLike:
    """Numbers of the beta distribution of `alpha` and `beta` (both above 0), in the given `shape`.

    `dtype`: the number type, floatx if None. `seed`: their source, see the head of `horngate.random`.
    """
    return _drawn(seed, distributions.beta, shape, alpha, beta, dtype=dtype)


def binomial(
    shape: Sizes, counts: TensorLike, probabilities: TensorLike, dtype: DType | None = None, seed: Seed = None
) -> TensorLike:
    """How many of `counts` trials succeed, each with a chance of `probabilities` (0 to 1), in the given `shape`.

    `dtype`: the number type, floatx if None. `seed`: their source, see the head of `horngate.random`.
    """
    return _drawn(seed, distributions.binomial, shape, counts, probabilities, dtype=dtype)


def shuffle(x: TensorLike, axis: int = 0, seed: Seed = None) -> TensorLike:
    """`x` with its parts along `axis` in random order; each part stays as it is.

    `seed`: the source of the order, see the head of `horngate.random`.
    """
    return _drawn(seed, distributions.shuffled, x, axis)


def _drawn(seed, draw, *args, **kwargs):
    """Call `draw` with random numbers that follow from `seed`."""
    by = recorder()
    # each run of a recorded step draws anew, by its own key
    in_step = by is not None and not by.computes and not isinstance(seed, (int, np.integer))
    if seed is None and K.is_running() or isinstance(args[0], K.Tensor) or in_step:
        return draw(*args, seed=seed if isinstance(seed, int) else None, **kwargs)
    with K.drawing_by(words_of(seed)):
        return draw(*args, **kwargs)


class SeedGenerator:
    """A source of random numbers, new ones at each draw; pass it as `seed`.

    Outside of a running layer, the draws are the same in each run of the program. Within one they also follow the
    key of the training step, and so NumPy's global generator.

    # Arguments
        seed: whole number; None for one from NumPy's global generator.
        name: what it is called; None for a name of its own.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer))):
            raise TypeError(f"SeedGenerator: seed must be a whole number or None; received {seed!r}.")
        self.seed: int = int(np.random.randint(2**31)) if seed is None else seed
        self.name: str = name or f"seed_generator_{K.get_uid('seed_generator')}"
        self._draws = 0

    def get_config(self) -> dict[str, Any]:
        """The arguments that make it again."""
        return {"seed": self.seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SeedGenerator":
        """A generator from what `get_config` gave, `config`."""
        return cls(**config)

    def next(self, ordered: bool = True) -> TensorLike:
        """The two words of the next random key. `ordered`: must be True: a draw follows the one before."""
        if not ordered:
            raise ValueError("SeedGenerator.next: ordered must be True: each key follows the one before.")
        self._draws += 1
        words = np.array([self.seed % 2**32, self._draws], np.uint32)
        return K.mixed_with_step(words) if K.is_running() else key_in_loops(words)
