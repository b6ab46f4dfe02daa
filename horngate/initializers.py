"""The initializations under the names of Keras 2 and 3: classes whose instances make a weight from its shape."""

import numpy as np

from horngate import initializations
from horngate.initializations import get  # noqa: F401


class Initializer:
    """Something that makes a weight: `initializer(shape)`.

    # Arguments
        seed: int, for a weight that is the same each time; None draws from NumPy's global state.
    """

    def __init__(self, seed=None):
        self.seed = seed

    def __call__(self, shape, name=None, dim_ordering="th", dtype=None):
        if self.seed is None:
            return self.make(shape, name=name, dim_ordering=dim_ordering)
        state = np.random.get_state()
        np.random.seed(self.seed)
        try:
            return self.make(shape, name=name, dim_ordering=dim_ordering)
        finally:
            np.random.set_state(state)


def _class_of(name, function, **defaults):
    """A class whose arguments are handed to a function of `initializations`."""

    class Made(Initializer):
        def __init__(self, *args, seed=None, **kwargs):
            super().__init__(seed)
            self.options = {**defaults, **dict(zip(defaults, args)), **kwargs}

        def make(self, shape, **kwargs):
            """The weight."""
            return function(shape, **self.options, **kwargs)

    Made.__name__ = Made.__qualname__ = name
    Made.__doc__ = f"See `initializations.{function.__name__}`."
    return Made


def _normal(shape, mean, stddev, name=None, dim_ordering="th"):
    from horngate import backend as K

    return K.variable(np.random.normal(mean, stddev, shape), name=name)


def _uniform(shape, minval, maxval, name=None, dim_ordering="th"):
    from horngate import backend as K

    return K.variable(np.random.uniform(minval, maxval, shape), name=name)


def _truncated(shape, mean, stddev, name=None, dim_ordering="th"):
    """What lies beyond two deviations is drawn again."""
    from horngate import backend as K

    values = np.random.normal(mean, stddev, shape)
    while (far := np.abs(values - mean) > 2 * stddev).any():
        values[far] = np.random.normal(mean, stddev, far.sum())
    return K.variable(values, name=name)


def _constant(shape, value, name=None, dim_ordering="th"):
    from horngate import backend as K

    return K.variable(np.full(shape, value), name=name)


RandomNormal = _class_of("RandomNormal", _normal, mean=0.0, stddev=0.05)
RandomUniform = _class_of("RandomUniform", _uniform, minval=-0.05, maxval=0.05)
TruncatedNormal = _class_of("TruncatedNormal", _truncated, mean=0.0, stddev=0.05)
Constant = _class_of("Constant", _constant, value=0.0)
Zeros, Ones = _class_of("Zeros", initializations.zero), _class_of("Ones", initializations.one)
Identity = _class_of("Identity", initializations.identity, scale=1.0)
Orthogonal = _class_of("Orthogonal", initializations.orthogonal, scale=1.0)
GlorotUniform = _class_of("GlorotUniform", initializations.glorot_uniform)
GlorotNormal = _class_of("GlorotNormal", initializations.glorot_normal)
HeUniform = _class_of("HeUniform", initializations.he_uniform)
HeNormal = _class_of("HeNormal", initializations.he_normal)
LecunUniform = _class_of("LecunUniform", initializations.lecun_uniform)
glorot_uniform, glorot_normal, he_uniform, he_normal = GlorotUniform, GlorotNormal, HeUniform, HeNormal
zeros, ones, constant, random_normal, random_uniform = Zeros, Ones, Constant, RandomNormal, RandomUniform
