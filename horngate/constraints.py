"""Rules that weights obey after each step."""

from horngate import backend as K
from horngate.utils.generic_utils import get_from_module


class Constraint:
    """A rule: called on a weight, gives the weight that obeys it."""

    def __call__(self, p):
        return p

    def get_config(self):
        """What makes it again, as plain data."""
        return {"name": type(self).__name__, **vars(self)}


def _norm(p, axis):
    axis = tuple(axis) if isinstance(axis, list) else axis
    return K.sqrt(K.sum(K.square(p), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Norms of at most m: p min(|p|, m) / (epsilon + |p|).

    # Arguments
        m: float, the largest norm.
        axis: int or list, the axes over which norms are taken: 0 for the input weights of each unit of a Dense,
            [0, 1, 2] for each filter of a channels-last kernel.

    # Source
        Srivastava et al., Dropout (JMLR 2014), section 5.1.
    """

    def __init__(self, m=2, axis=0):
        self.m, self.axis = m, axis

    def __call__(self, p):
        norms = _norm(p, self.axis)
        return p * (K.clip(norms, 0, self.m) / (K.epsilon() + norms))


class NonNeg(Constraint):
    """Nothing below zero."""

    def __call__(self, p):
        return K.maximum(p, 0.0)


class UnitNorm(Constraint):
    """Norms of one: p / (epsilon + |p|); `axis` as in `MaxNorm`."""

    def __init__(self, axis=0):
        self.axis = axis

    def __call__(self, p):
        return p / (K.epsilon() + _norm(p, self.axis))


class MinMaxNorm(Constraint):
    """Norms drawn towards [low, high]: p (rate clip(|p|, low, high) + (1 - rate) |p|) / (epsilon + |p|).

    # Arguments
        low, high: floats, the bounds.
        rate: float in [0, 1]: 1 enforces the bounds at every step.
        axis: as in `MaxNorm`.
    """

    def __init__(self, low=0.0, high=1.0, rate=1.0, axis=0):
        self.low, self.high, self.rate, self.axis = low, high, rate, axis

    def __call__(self, p):
        norms = _norm(p, self.axis)
        wanted = self.rate * K.clip(norms, self.low, self.high) + (1 - self.rate) * norms
        return p * (wanted / (K.epsilon() + norms))


maxnorm, nonneg, unitnorm = MaxNorm, NonNeg, UnitNorm

_BY_NAME = {cls.__name__: cls for cls in (Constraint, MaxNorm, NonNeg, UnitNorm, MinMaxNorm)}
_BY_NAME.update(maxnorm=MaxNorm, nonneg=NonNeg, unitnorm=UnitNorm, max_norm=MaxNorm, non_neg=NonNeg, unit_norm=UnitNorm)


def get(identifier, kwargs=None):
    """A constraint from its name, its configuration, or itself; a user's own function of a weight is one too.

    None is none.

    >>> get('maxnorm').m
    2
    """
    if identifier is None:
        return None
    if not isinstance(identifier, (str, dict)) and not callable(identifier):
        raise TypeError(f"a constraint is a name or a function of a weight; received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "constraint", instantiate=True, kwargs=kwargs)
