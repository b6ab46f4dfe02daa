"""`constraints` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.constraints

class Constraint(horngate.constraints.Constraint):
    r"""A rule for weights: calling it on a weight returns the nearest weight that fulfils it."""
    def __init__(self) -> None: ...
    def __call__(self, w: Any) -> Any: ...
    if not TYPE_CHECKING:
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
class MaxNorm(Constraint, horngate.constraints.MaxNorm):
    r"""Norms of at most m: p min(|p|, m) / (epsilon + |p|)."""
    def __init__(self, max_value: Any = 2, axis: int | _Sequence[int] | None = 0) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        m: Any
class MinMaxNorm(Constraint, horngate.constraints.MinMaxNorm):
    r"""Norms moved towards [low, high]: p (rate clip(|p|, low, high) + (1 - rate) |p|) / (epsilon + |p|)."""
    def __init__(self, min_value: Any = 0.0, max_value: Any = 1.0, rate: Any = 1.0, axis: int | _Sequence[int] | None = 0) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        high: Any
        low: Any
        rate: Any
class NonNeg(Constraint, horngate.constraints.NonNeg):
    r"""Nothing below zero."""
    def __init__(self) -> None: ...
class UnitNorm(Constraint, horngate.constraints.UnitNorm):
    r"""Norms of one: p / (epsilon + |p|)."""
    def __init__(self, axis: int | _Sequence[int] | None = 0) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any: ...
def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> _Callable[..., Any] | None: ...
def serialize(constraint: Any) -> Any: ...
max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm
