"""Progress: how far a training has come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Progress:
    """The place in a training from which it can go on exactly.

    `rows` are the sums of each step of this epoch. `order_state` is NumPy's random state from which the order of its
    samples is drawn. `restore`, if any, is called when training arrives at this place.
    """

    epoch: int
    step: int = 0
    samples: int = 0
    rows: list[Any] = field(default_factory=list)
    order_state: dict[str, Any] | None = None
    restore: Callable[[], None] | None = None
