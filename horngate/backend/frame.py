"""Frame: the effects of a running node besides its outputs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax

try:  # the same function; importing the public module takes a tenth of a small first epoch
    from jax._src.core import get_opaque_trace_state as trace_of_now
except ImportError:
    from jax.extend.core import get_opaque_trace_state as trace_of_now  # noqa: F401


if TYPE_CHECKING:
    from horngate.backend.graph import Node, Variable


class Frame:
    """A running node's random keys, new variables, updates, losses and checks."""

    def __init__(self, key: Callable[[], Any], node: "Node | None" = None) -> None:
        self.key: Callable[[], Any] = key
        self.node: Node | None = node
        self.draws: int = 0
        self.made: int = 0
        self.updates: list[tuple[Any, Any, bool]] = []  # (variable, its new value, whether it is a state)
        self.assigned: dict[Variable, Any] = {}  # variable -> the value that the running `call` gave it
        self.losses: list[Any] = []
        self.checks: list[tuple[Any, Any, Any]] = []  # see `ranges.Check`
        self.trace: Any = trace_of_now()  # updates, losses and checks must belong to this trace

    def kept(self, variable: "Variable") -> "Variable":
        """Return the variable that an earlier run of the node made at this place, or else `variable`."""
        if self.node is None:
            return variable
        self.made += 1
        variable.is_kept = True
        return self.node.made.setdefault((self.made, variable.shape, variable.dtype), variable)

    def assign(self, variable: "Variable", value: Any) -> None:
        """Give a variable another value, which the rest of the node reads."""
        self.updates[:] = [update for update in self.updates if update[0] is not variable]
        self.updates.append((variable, value, True))
        self.assigned[variable] = value

    def update(self, variable: "Variable", value: Any, is_state: bool, at_once: Any) -> None:
        """Note an update; if `at_once` is true, the next call in the step begins with it, as in Keras 3."""
        self.updates.append((variable, value, is_state))
        if isinstance(at_once, int) and at_once and self.trace == trace_of_now():
            self.assigned[variable] = value

    def next_key(self) -> jax.Array:
        """A random key that depends only on the node's place and on how many keys it drew before."""
        self.draws += 1
        return jax.random.fold_in(self.key(), self.draws)

    def apply(self, variables: dict[Any, Any], changed: dict[Any, bool]) -> None:
        """Give variables, in the dictionary of their values, those to which the node updates them.

        Layers update them in training alone, apart from states. `changed`: notes which have changed.
        """
        form = getattr(self.node, "form", None)
        trains = not hasattr(self.node, "outbound_layer") or form is not None and bool(form.training)
        for variable, new, is_state in self.updates:
            if is_state or trains:
                variables[variable] = new
                changed[variable] = True
