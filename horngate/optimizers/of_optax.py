"""Optax's transformations as optimizers."""

from typing import Any

from horngate import backend as K
from horngate.backend.graph import Variable
from horngate.engine.arguments import argument
from horngate.optimizers.base import Optimizer
from horngate.training.transformations import Plan, State


class TFOptimizer(Optimizer):
    """Any optax transformation as an optimizer: p' = p + update(g).

    `compile(optimizer=optax.adamw(1e-3))` wraps it of itself.
    """

    optimizer: Any = argument("the transformation, such as `optax.adamw(1e-3)`")
    weights = []  # until training begins

    def plan(self, params: list[Variable], rules: list[Any]) -> Plan:
        import optax

        if self.weight_decay:
            raise ValueError(
                "TFOptimizer: weight_decay has no effect here; add optax.add_decayed_weights to the chain."
            )
        leaves, arranged = K.flatten_tree(self.optimizer.init([p.get_value() for p in params]))
        kept = [Variable(leaf, dtype=str(leaf.dtype), name=f"optax_{i}") for i, leaf in enumerate(leaves)]
        self.weights = [self.iterations, *kept]

        def advance(state, gradients, hyper):
            changes, slots = self.optimizer.update(gradients, state.slots, state.params)
            news: Any = optax.apply_updates(state.params, changes)
            news = [rule(new) if rule else new for rule, new in zip(rules, news)]
            return State(state.iterations + 1, [], {}, news, slots)

        return Plan(State(self.iterations, [], {}, params, arranged(kept)), advance)

    def _settings(self) -> dict[str, Any]:
        raise ValueError(
            "an optax transformation is made of functions and cannot be written to a file: compile the loaded model "
            "with it again."
        )
