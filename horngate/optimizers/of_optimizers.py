"""Optimizers made of others: one that scales the loss, and one that gives variables to several."""

# pyright: reportGeneralTypeIssues=false
# mypy: disable-error-code="misc"
# Their own arguments come before those of all optimizers, and properties stand for attributes of the inner ones.

import re
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from horngate import optimizers
from horngate.backend.graph import Variable
from horngate.engine.arguments import argument
from horngate.optimizers.base import Optimizer
from horngate.training.transformations import Plan


class LossScaleOptimizer(Optimizer):
    """Another optimizer, on a loss that is multiplied so that small gradients survive in 16 bits.

    The scale halves, and the step is left out, when a gradient overflows. The same is
    `loss_scale='dynamic'` of any optimizer.

    # Source
        Micikevicius et al., Mixed Precision Training (arXiv:1710.03740), section 3.2.
    """

    inner_optimizer: Any = argument("the optimizer that takes the steps")
    initial_scale: float = argument("the scale at the start", default=2.0**15, above=0)
    dynamic_growth_steps: int = argument(
        "number of steps without an overflow after which the scale doubles", default=2000, at_least=1
    )

    @property
    def iterations(self) -> Variable:  # type: ignore[override]  # that of the inner one
        """The number of steps taken."""
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        pass

    def __post_init__(self) -> None:
        if not isinstance(self.inner_optimizer, Optimizer):
            raise TypeError(
                "LossScaleOptimizer, argument 'inner_optimizer': must be an optimizer such as Adam(); received "
                f"{self.inner_optimizer!r}"
            )
        inner = self.inner_optimizer
        vars(self).update(first_scale=float(self.initial_scale), steps_to_grow=int(self.dynamic_growth_steps))
        self.loss_scale: Any = "dynamic"
        self.schedule: Callable[[Any], Any] | None = inner.schedule
        self.use_ema: bool = self.use_ema or inner.use_ema
        if hasattr(inner, "lr"):
            self.lr: Any = inner.lr
        if inner.assigns:
            raise ValueError(
                f"LossScaleOptimizer: {type(inner).__name__} defines update_step, whose step cannot be left out when a "
                "gradient overflows. Define step(p, g, slots, h, t) instead."
            )

    @property
    def dynamic_scale(self) -> Variable:
        """The scale now."""
        self._scale()  # makes it
        return self.scaling[0]

    @property
    def step_counter(self) -> Variable:
        """The number of steps since a gradient overflowed, or the scale doubled."""
        self._scale()
        return self.scaling[1]

    def hyper_variables(self) -> dict[str, Any]:
        return self.inner_optimizer.hyper_variables()

    def plan(self, params: list[Variable], rules: list[Any]) -> Plan:
        inner = self.inner_optimizer
        inner.undecayed = inner.undecayed + self.undecayed
        plan = inner.whole_plan(params, rules)
        self.weights, self.slot_owners, self.averages = inner.weights, inner.slot_owners, inner.averages
        return plan

    def _clipped(self, gradients):
        return super()._clipped(self.inner_optimizer._clipped(gradients))

    def _clips(self):
        return super()._clips() or self.inner_optimizer._clips()

    def check_finite(self, grads: Any) -> Any:
        """Return whether all numbers of the arrays `grads` are finite."""
        return bool(all(np.isfinite(np.asarray(g)).all() for g in grads))

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "inner_optimizer": optimizers.serialize(self.inner_optimizer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """An optimizer from what `get_config` gave, `config`."""
        inner = optimizers.optimizer_from_config(config["inner_optimizer"])
        return super().from_config({**config, "inner_optimizer": inner})


class OptimizerMap:
    """Optimizers by patterns for the `path` of variables: `OptimizerMap(SGD(), {'encoder/.*': Adam()})`.

    # Arguments
        default_optimizer: for all variables whose path no pattern matches as a whole.
        optimizer_map: dictionary from regular expressions to optimizers; more can be set by `map[pattern]`.
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        self._default = _checked("OptimizerMap", "default_optimizer", default_optimizer)
        self._map: dict[str, Optimizer] = {}
        for pattern, optimizer in (optimizer_map or {}).items():
            self[pattern] = optimizer

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of all other variables."""
        return self._default

    def __setitem__(self, pattern: str, optimizer: Optimizer) -> None:
        self._map[pattern] = _checked("OptimizerMap", pattern, optimizer)

    def __getitem__(self, path: str) -> Optimizer:
        if path in self._map:
            return self._map[path]
        found = [pattern for pattern in self._map if re.fullmatch(pattern, path)]
        if len(found) > 1:
            raise ValueError(
                f"OptimizerMap: the variable {path} is matched by several patterns, {', '.join(map(repr, found))}. Let "
                "each variable match one."
            )
        return self._map[found[0]] if found else self._default

    def __delitem__(self, pattern: str) -> None:
        del self._map[pattern]

    def __len__(self) -> int:
        return len(self._map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._map)

    def values(self) -> list[Optimizer]:
        """The optimizers of the patterns."""
        return list(self._map.values())

    def get_config(self) -> dict[str, Any]:
        """The arguments, as plain data."""
        told = {pattern: optimizers.serialize(each) for pattern, each in self._map.items()}
        return {"default_optimizer": optimizers.serialize(self._default), "optimizer_map": told}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "OptimizerMap":
        """A map from what `get_config` gave, `config`."""
        read = optimizers.optimizer_from_config
        return cls(read(config["default_optimizer"]), {p: read(o) for p, o in config["optimizer_map"].items()})


def _checked(owner: str, name: str, optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"{owner}, {name!r}: must be an optimizer such as Adam(); received {optimizer!r}")
    return optimizer


class MultiOptimizer(Optimizer):
    """Several optimizers, each of which steps the variables that it is given.

    The rates are those of the `optimizers`; so are clipping, decay and moving averages.
    """

    optimizer_map: Any = argument("an `OptimizerMap`, or a function from a variable to its optimizer")
    loss_scale_factor: float | None = argument("what `loss_scale` is in other optimizers", default=None, above=0)

    @property
    def iterations(self) -> Any:  # type: ignore[override]  # an attribute of others
        """The number of steps taken."""
        return vars(self).get("iterations")  # none before the constructor

    @iterations.setter
    def iterations(self, value: Any) -> None:
        vars(self)["iterations"] = value

    def __post_init__(self) -> None:
        if isinstance(self.optimizer_map, dict) and "default_optimizer" in self.optimizer_map:
            self.optimizer_map = OptimizerMap.from_config(self.optimizer_map)
        if not isinstance(self.optimizer_map, OptimizerMap) and not callable(self.optimizer_map):
            raise TypeError(
                "MultiOptimizer, argument 'optimizer_map': must be an OptimizerMap or a function from a variable to "
                f"its optimizer; received {self.optimizer_map!r}"
            )
        self._chosen: list[Optimizer] = []  # by a function
        if self.loss_scale_factor is not None:
            self.loss_scale: Any = self.loss_scale_factor
        told = [name for name in ("weight_decay", "use_ema", "gradient_accumulation_steps") if getattr(self, name)]
        if told:
            raise ValueError(f"MultiOptimizer: {told[0]} has no effect here; give it to the optimizers.")

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers; those that a function chooses are known when training begins."""
        told = self.optimizer_map
        mapped = [*told.values(), told.default_optimizer] if isinstance(told, OptimizerMap) else []
        return list(dict.fromkeys([*mapped, *self._chosen]))

    def updates_from(self, gradients: list[Any], params: list[Variable], constraints: dict[Any, Any]) -> list[Any]:
        told = self.optimizer_map
        pick = (lambda v: told[v.path]) if isinstance(told, OptimizerMap) else told
        self._chosen = [_checked("MultiOptimizer", "optimizer_map", pick(p)) for p in params]
        self.updates, self.weights, self.slot_owners = [(self.iterations, self.iterations + 1)], [self.iterations], {}
        for optimizer in dict.fromkeys(self._chosen):
            own = [(g, p) for g, p, chosen in zip(gradients, params, self._chosen) if chosen is optimizer]
            mine, theirs = [g for g, _ in own], [p for _, p in own]
            if optimizer._clips():
                mine = optimizer.clipped(mine, theirs)
            self.updates += optimizer.updates_from(mine, theirs, constraints)
            self.weights = [*self.weights, *optimizer.weights]
            self.slot_owners |= optimizer.slot_owners
            self.averages = [*self.averages, *optimizer.averages]
        return self.updates

    def finalize_variable_values(self, var_list: Any = None) -> None:
        for optimizer in self.optimizers:
            optimizer.finalize_variable_values(var_list)

    def _settings(self) -> dict[str, Any]:
        if not isinstance(self.optimizer_map, OptimizerMap):
            raise ValueError("MultiOptimizer: a function that chooses optimizers cannot be stored. Use OptimizerMap.")
        return {**super()._settings(), "optimizer_map": self.optimizer_map.get_config()}
