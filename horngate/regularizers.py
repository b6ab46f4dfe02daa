"""Penalties on weights and activities, added to the loss."""

import functools

import numpy as np

from horngate import backend as K
from horngate.backend.limits import number
from horngate.utils.generic_utils import get_from_module


class Regularizer:
    """A penalty: called on a weight (or a layer's output), gives a number to add to the loss.

    In the manner of Keras 1.0, `r.set_param(W)` and then `r(loss=loss)` is the loss with the penalty on W added.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if cls.__module__.startswith("horngate.") and "__call__" in vars(cls):
            cls.__call__ = _adding(cls.__call__)

    def __call__(self, x=None, *, loss=None):
        return 0.0 if loss is None else loss

    def set_param(self, _=None, *, p=None):
        """Kept for old layers, which told a regularizer its weight."""
        self.p = _ if p is None else p

    def set_layer(self, _=None, *, layer=None):
        """Kept for old layers, which told an activity regularizer its layer."""
        self.layer = _ if layer is None else layer

    def get_config(self):
        """What makes it again, as plain data."""
        return {"name": type(self).__name__}


def _adding(penalty):
    """A penalty's `__call__`, which adds itself to a `loss` where one is given."""

    @functools.wraps(penalty)
    def call(self, x=None, *, loss=None):
        return penalty(self, x) if loss is None else loss + penalty(self, self.p)

    del call.__wrapped__  # its signature is its own
    return call


def _weight(name, value, rounded=True):
    """What a penalty is multiplied by, as a float."""
    try:
        weight = float(number(value, least=0))
    except (ValueError, TypeError) as error:
        raise type(error)(f"the weight {name} of a penalty {error}") from None
    return float(K.cast_to_floatx(weight)) if rounded else weight


class L1L2Regularizer(Regularizer):
    """l1 sum(|x|) + l2 sum(x^2).

    # Arguments
        l1, l2: floats >= 0.
    """

    def __init__(self, l1=0.0, l2=0.0):
        # rounded as Keras 1 kept them, so that files come out the same
        self.l1, self.l2 = (_weight(name, value) for name, value in (("l1", l1), ("l2", l2)))

    def __call__(self, x):
        penalty = 0.0
        if self.l1:
            penalty = penalty + self.l1 * K.sum(K.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * K.sum(K.square(x))
        return penalty

    def get_config(self):
        return {"name": "L1L2Regularizer", "l1": self.l1, "l2": self.l2}


WeightRegularizer = ActivityRegularizer = L1L2Regularizer  # the names of Keras 1.0


class EigenvalueRegularizer(Regularizer):
    """k times the largest singular value of W: the root of the largest eigenvalue of W^T W, by the power method.

    # Arguments
        k: float, weight of the penalty.
    """

    _STEPS = 9

    def __init__(self, k):
        self.k = _weight("k", k, rounded=False)

    def __call__(self, x):
        if K.ndim(x) != 2:
            raise ValueError(f"EigenvalueRegularizer works on matrices; received a weight of shape {K.int_shape(x)}")
        gram = K.dot(K.transpose(x), x)
        v = K.dot(gram, np.ones((K.int_shape(x)[1], 1), K.floatx()))
        for _ in range(self._STEPS - 1):
            v = K.dot(gram, v)
        rayleigh = K.dot(K.transpose(v), K.dot(gram, v)) / K.dot(K.transpose(v), v)
        return self.k * K.sqrt(rayleigh[0, 0])


def l1(l=0.01):  # noqa: E741
    """l sum(|W|)."""
    return L1L2Regularizer(l1=l)


def l2(l=0.01):  # noqa: E741
    """l sum(W^2)."""
    return L1L2Regularizer(l2=l)


def l1l2(l1=0.01, l2=0.01):
    """l1 sum(|W|) + l2 sum(W^2)."""
    return L1L2Regularizer(l1=l1, l2=l2)


activity_l1, activity_l2, activity_l1l2 = l1, l2, l1l2

_BY_NAME = {
    "Regularizer": Regularizer,
    "L1L2Regularizer": L1L2Regularizer,
    "WeightRegularizer": L1L2Regularizer,
    "ActivityRegularizer": L1L2Regularizer,
    "EigenvalueRegularizer": EigenvalueRegularizer,
    "L1L2": L1L2Regularizer,
    "l1": l1,
    "l2": l2,
    "l1l2": l1l2,
    "l1_l2": l1l2,
    "activity_l1": l1,
    "activity_l2": l2,
    "activity_l1l2": l1l2,
}


def get(identifier, kwargs=None):
    """A regularizer from its name, its configuration, or itself; a user's own function of a weight is one too.

    None is none.

    >>> get('l2').get_config()['l2'] > 0
    True
    """
    if identifier is None:
        return None
    if not isinstance(identifier, (str, dict)) and not callable(identifier):
        raise TypeError(f"a regularizer is a name or a function of a weight; received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "regularizer", instantiate=True, kwargs=kwargs)
