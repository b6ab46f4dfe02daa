"""Frame: what one running node does besides returning its outputs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax

try:  # the same function: importing its public place takes a tenth of the time that a first small epoch takes
    from jax._src.core import get_opaque_trace_state as trace_of_now
except ImportError:
    from jax.extend.core import get_opaque_trace_state as trace_of_now  # noqa: F401


if TYPE_CHECKING:
    from horngate.backend.graph import Node, Variable


class Frame:
    """What one running node may do besides returning: draw random keys, make variables, hand in what comes of it."""

    def __init__(self, key: Callable[[], Any], node: "Node | None" = None) -> None:
        self.key: Callable[[], Any] = key
        self.node: Node | None = node
        self.draws: int = 0
        self.made: int = 0
        self.updates: list[tuple[Any, Any, bool]] = []  # (variable, its new value, whether it is a state)
        self.losses: list[Any] = []
        self.checks: list[tuple[Any, Any, Any]] = []  # see `ranges.Check`
        self.trace: Any = trace_of_now()  # what is handed in must not belong to a trace within

    def kept(self, variable: "Variable") -> "Variable":
        """`variable`, or the one like it that an earlier run of the node made at this place: one trace is no other."""
        if self.node is None:
            return variable
        self.made += 1
        return self.node.made.setdefault((self.made, variable.shape, variable.dtype), variable)

    def next_key(self) -> jax.Array:
        """A random key that depends only on the node's place and on how many keys it drew before."""
        self.draws += 1
        return jax.random.fold_in(self.key(), self.draws)
