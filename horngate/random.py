"""Random numbers under the names of Keras 3 (`keras.random`): drawn within a running layer, else arrays at once."""
import numpy as np

from horngate import backend as K


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Numbers drawn evenly from [minval, maxval)."""
    if K.is_running():
        return K.random_uniform(shape, minval, maxval, dtype=dtype)
    return np.random.uniform(minval, maxval, shape).astype(dtype or K.floatx())


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normal numbers of that mean and standard deviation."""
    if K.is_running():
        return K.random_normal(shape, mean, stddev, dtype=dtype)
    return np.random.normal(mean, stddev, shape).astype(dtype or K.floatx())


def dropout(inputs, rate, noise_shape=None, seed=None):
    """`inputs` with a part `rate` of its elements set to 0 and the others scaled up to keep the mean."""
    return K.dropout(inputs, rate, noise_shape)


class SeedGenerator:
    """Kept for programs that hand one around; the draws follow `keras.utils.set_random_seed`."""

    def __init__(self, seed=None):
        self.seed = seed
