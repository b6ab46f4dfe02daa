"""`optimizers.schedules` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.optimizers.schedules

class CosineDecay(LearningRateSchedule, horngate.optimizers.schedules.CosineDecay):
    r"""From the top along half a cosine to `alpha` times the top, after a straight rise where `warmup_target` is given."""
    def __init__(self, initial_learning_rate: float, decay_steps: float, alpha: float = 0.0, name: Any = None, warmup_target: float | None = None, warmup_steps: float = 0) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
        decay_steps: Any
        initial_learning_rate: Any
        warmup_steps: Any
        warmup_target: Any
class CosineDecayRestarts(LearningRateSchedule, horngate.optimizers.schedules.CosineDecayRestarts):
    r"""Half cosines that begin anew, each `t_mul` times as long and `m_mul` times as high as the one before."""
    def __init__(self, initial_learning_rate: float, first_decay_steps: float, t_mul: float = 2.0, m_mul: float = 1.0, alpha: float = 0.0, name: Any = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
        first_decay_steps: Any
        initial_learning_rate: Any
        m_mul: Any
        t_mul: Any
class ExponentialDecay(LearningRateSchedule, horngate.optimizers.schedules.ExponentialDecay):
    r"""r = initial_learning_rate decay_rate^(step / decay_steps)."""
    def __init__(self, initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool = False, name: Any = None) -> None: ...
    if not TYPE_CHECKING:
        decay_rate: Any
        decay_steps: Any
        initial_learning_rate: Any
        staircase: Any
class InverseTimeDecay(LearningRateSchedule, horngate.optimizers.schedules.InverseTimeDecay):
    r"""r = initial_learning_rate / (1 + decay_rate step / decay_steps)."""
    def __init__(self, initial_learning_rate: float, decay_steps: float, decay_rate: float, staircase: bool = False, name: Any = None) -> None: ...
    if not TYPE_CHECKING:
        decay_rate: Any
        decay_steps: Any
        initial_learning_rate: Any
        staircase: Any
class LearningRateSchedule(horngate.optimizers.schedules.LearningRateSchedule):
    r"""A rate for each step, from 0. A subclass gives `__call__(step)`, made of functions of `K` or of jax.numpy."""
    def __init__(self, name: Any = None) -> None: ...
    if not TYPE_CHECKING:
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        name: Any
class PiecewiseConstantDecay(LearningRateSchedule, horngate.optimizers.schedules.PiecewiseConstantDecay):
    r"""The first of `values` up to the first boundary (that step included), then the second, and so on."""
    def __init__(self, boundaries: float | _Sequence[float], values: float | _Sequence[float], name: Any = None) -> None: ...
    if not TYPE_CHECKING:
        boundaries: Any
        values: Any
class PolynomialDecay(LearningRateSchedule, horngate.optimizers.schedules.PolynomialDecay):
    r"""r = (initial - end) (1 - step / decay_steps)^power + end, and `end_learning_rate` from `decay_steps` on."""
    def __init__(self, initial_learning_rate: float, decay_steps: float, end_learning_rate: float = 0.0001, power: float = 1.0, cycle: bool = False, name: Any = None) -> None: ...
    if not TYPE_CHECKING:
        cycle: Any
        decay_steps: Any
        end_learning_rate: Any
        initial_learning_rate: Any
        power: Any
def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any: ...
def serialize(learning_rate_schedule: Any) -> dict[str, Any]: ...
