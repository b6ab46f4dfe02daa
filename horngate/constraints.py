"""Constraints: rules that weights fulfil after each step."""

from collections.abc import Callable, Sequence  # noqa: F401  Sequence is in a quoted type
from typing import Any, TypeAlias

from horngate import backend as K
from horngate.backend import limits
from horngate.backend.orders import of_eras
from horngate.engine.arguments import Argument, Declared, Part, argument
from horngate.engine.hyperparameters import Amount
from horngate.utils.generic_utils import deserialized, get_from_module, public_in, serialized


class Constraint(Part):
    """A rule for weights: calling it on a weight returns the nearest weight that fulfils it.

    A subclass defines `__call__(p)`, and declares its arguments or has its own constructor.
    """

    @of_eras(key="Constraint.__call__", same=1)
    def __call__(self, p: Any) -> Any:
        """Return the weight `p`, changed to fulfil the rule."""
        return p

    def _settings(self) -> dict[str, Any]:
        """The arguments that make it again, as plain data."""
        own = {word: value for word, value in vars(self).items() if word not in ("_era", "_changed")}
        return {"name": type(self).__name__, **own}


class NormAxes(Declared["int | Sequence[int] | None", Any]):
    """The axes over which norms are taken."""

    words = (
        "the axis, or the axes, over which norms are taken: 0 for the input weights of each unit of a Dense, "
        "[0, 1, 2] for each filter of a channels-last kernel; None for all"
    )
    none_stands_for_something = True

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Check the axes; returned in their own form."""
        if isinstance(value, (list, tuple)):
            return type(value)(limits.whole(axis, None) for axis in value)
        return None if value is None else limits.whole(value, None)


def _norm(p, axis):
    axis = tuple(axis) if isinstance(axis, list) else axis
    return K.sqrt(K.sum(K.square(p), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Norms of at most m: p min(|p|, m) / (epsilon + |p|).

    # Source
        Srivastava et al., Dropout (JMLR 2014), section 5.1.
    """

    m: Amount = argument("the largest norm", default=2, at_least=0)
    axis: NormAxes = argument(default=0)

    @of_eras(key="Constraint.__call__", same=1)
    def __call__(self, p: Any) -> Any:
        norms = _norm(p, self.axis)
        return p * (K.clip(norms, 0, self.m) / (K.epsilon() + norms))


class NonNeg(Constraint):
    """Nothing below zero."""

    @of_eras(key="Constraint.__call__", same=1)
    def __call__(self, p: Any) -> Any:
        return K.maximum(p, 0.0)


class UnitNorm(Constraint):
    """Norms of one: p / (epsilon + |p|)."""

    axis: NormAxes = argument(default=0)

    @of_eras(key="Constraint.__call__", same=1)
    def __call__(self, p: Any) -> Any:
        return p / (K.epsilon() + _norm(p, self.axis))


class MinMaxNorm(Constraint):
    """Norms moved towards [low, high]: p (rate clip(|p|, low, high) + (1 - rate) |p|) / (epsilon + |p|)."""

    low: Amount = argument("the smallest norm", default=0.0, at_least=0)
    high: Amount = argument("the largest norm", default=1.0, at_least=0)
    rate: Amount = argument(
        "fraction of the way: 1 moves norms to the bounds at once", default=1.0, at_least=0, at_most=1
    )
    axis: NormAxes = argument(default=0)

    @of_eras(key="Constraint.__call__", same=1)
    def __call__(self, p: Any) -> Any:
        norms = _norm(p, self.axis)
        wanted = self.rate * K.clip(norms, self.low, self.high) + (1 - self.rate) * norms
        return p * (wanted / (K.epsilon() + norms))


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm
maxnorm: TypeAlias = MaxNorm
nonneg: TypeAlias = NonNeg
unitnorm: TypeAlias = UnitNorm

_BY_NAME = public_in(vars(), "NormAxes")


def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> Callable[[Any], Any] | None:
    """Return the constraint that `identifier` stands for.

    # Arguments
        identifier: a name, a configuration, a constraint or any function of a weight; None for no constraint.
        kwargs: arguments for the constructor of the named constraint.

    >>> get('maxnorm').m
    2
    """
    if identifier is None:
        return None
    if not isinstance(identifier, (str, dict)) and not callable(identifier):
        raise TypeError(f"a constraint is a name or a function of a weight; received {identifier!r}")
    return get_from_module(identifier, _BY_NAME, "constraint", instantiate=True, kwargs=kwargs)


def serialize(constraint: Any) -> Any:
    """Describe a `constraint` as plain data: its class and configuration, or the name of a function."""
    return serialized(constraint)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Return the constraint that `config`, of `serialize`, describes; `custom_objects`: the user's own by name."""
    return deserialized(config, custom_objects, get)
