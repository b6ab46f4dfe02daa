"""Optimizers in the manner of Keras 3: steps by hand, variables of one's own, and `update_step`, which assigns."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate import initializations
from horngate.backend.function import Function, scheduled
from horngate.backend.graph import Scope, Tensor, Variable, active_scope
from horngate.backend.inference import infer
from horngate.backend.locks import set_values, values_of
from horngate.backend.running import running_scope
from horngate.training.transformations import in_one_node

_ARE_STEPS = ("weight_decay", "use_ema", "ema_momentum", "gradient_accumulation_steps")  # options that wrap `step`


class ByHand:
    """The part of an optimizer by which programs of Keras 3 take steps, or define them."""

    iterations: Variable
    lr: Any
    weights: list[Variable]
    updates: list[Any]
    slot_owners: dict[Variable, Variable]
    averages: list[tuple[Variable, Variable]]
    shared: ClassVar[tuple[str, ...]]
    schedule: Callable[[Any], Any] | None
    _applied: Any  # (the variables, the compiled step on them), once there was a step
    _made: list[Variable]  # the variables of `add_variable`, where `update_step` is the step
    _built: bool
    _stepping: tuple[Any, ...]  # the variables that are stepped, for `_get_variable_index`

    if TYPE_CHECKING:  # what `Optimizer` defines

        def _applying(self, params: list[Variable]) -> Any: ...

    @property
    def assigns(self) -> bool:
        """Whether its step is an `update_step`, which assigns."""
        return not hasattr(type(self).update_step, "refuses")

    @property
    def variables(self) -> list[Any]:
        """The number of steps, the learning rate, and the arrays kept for the parameters."""
        averages = [average for _, average in self.averages]
        owners = {id(p): place for place, p in enumerate(dict.fromkeys(self.slot_owners.values()))}
        shared = [getattr(self, name) for name in self.shared] if self.weights else []
        kept = [v for v in (*self.weights, *self._made, *shared) if v is not self.iterations and v not in averages]
        kept.sort(key=lambda v: owners.get(id(self.slot_owners.get(v)), len(owners)))  # a parameter after the other
        rate = [self.lr] if isinstance(getattr(self, "lr", None), Variable) else []
        return [self.iterations, *rate, *averages, *dict.fromkeys(kept)]

    # Steps outside of `fit`.

    def build(self, variables: Any = None, *, var_list: Any = None) -> None:
        """Make the arrays that are kept for the `variables` to be trained; `apply` then needs the gradients alone.

        `var_list`: the variables under the name that they have in the optimizers themselves.
        """
        variables = var_list if variables is None else variables
        self._built, self._stepping = True, tuple(variables)
        if not self.assigns and self._applied is None and not self.weights:
            self._applied = self._applying([*variables])

    @property
    def built(self) -> bool:
        """Whether the arrays that are kept for variables are made."""
        return self._built or bool(self.weights)

    def stateless_apply(self, optimizer_variables: Any, grads: Any, trainable_variables: Any) -> tuple[Any, Any]:
        """Return the next values of the trained variables, and those of the optimizer's; changes nothing.

        # Arguments
            optimizer_variables: values of `variables`, as they are before the step.
            grads: arrays, a gradient for each trained variable.
            trainable_variables: values of the variables that `build` was told.
        """
        if self._applied is None and self._stepping:
            self._applied = self._applying([*self._stepping])
        if self._applied is None:
            raise ValueError(
                f"{type(self).__name__}.stateless_apply: call build(trainable_variables) first, with the variables of "
                "the model."
            )
        params, step = self._applied
        own = self.variables
        given = {**dict(zip(own, optimizer_variables, strict=True)), **dict(zip(params, trainable_variables))}
        run: Function = step

        def stepped() -> Any:
            state = [given.get(v, v.value) for v in run.variables]
            return run.run(state, list(grads), np.zeros(2, np.uint32), 1)[1]

        new = run.retrying(stepped)
        after = dict(zip(run.variables, new))
        return [after[p] for p in params], [after.get(v, given[v]) for v in own]

    def save_own_variables(self, store: Any) -> None:
        """Write the values of `variables` into the dictionary `store`, by their numbers."""
        for place, value in enumerate(values_of(self.variables)):
            store[str(place)] = value

    def load_own_variables(self, store: Any) -> None:
        """Set `variables` from a `store` of `save_own_variables`."""
        if len(store) != len(self.variables):
            raise ValueError(
                f"{type(self).__name__}.load_own_variables: the store holds {len(store)} arrays, the optimizer "
                f"{len(self.variables)}. Call build(trainable_variables) first, with the variables that were stored."
            )
        set_values(self.variables, [store[str(place)] for place in range(len(store))])

    # An optimizer of one's own: `build` adds variables, and `update_step` assigns to them.

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that the optimizer keeps.

        # Arguments
            shape, initializer, dtype, name: what it is.
            aggregation: must be `'none'`: there is one copy of each variable.
            layout: must be None: the layout of the model says where variables are.
        """
        if aggregation not in ("none", None) or layout is not None:
            raise ValueError(
                f"{type(self).__name__}.add_variable: aggregation must be 'none' and layout None, since there is one "
                f"copy of each variable, which the layout of the model places; received {aggregation!r}, {layout!r}."
            )
        begin = K.get_value(initializations.get(initializer)(tuple(shape)))
        variable = Variable(begin, dtype=dtype, name=name)
        self._made.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Make a variable of the shape and dtype of `reference_variable`; `name` and `initializer` as elsewhere."""
        like = reference_variable
        made = self.add_variable(like.shape, initializer, like.dtype, name=f"{like.name}_{name or 'slot'}")
        self.slot_owners[made] = like
        return made

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Assign the next value of a variable and those of one's own, in a subclass that defines this.

        # Arguments
            gradient: that of the variable.
            variable: the variable.
            learning_rate: the rate of this step.
        """
        raise TypeError(f"{type(self).__name__} defines `step`, and no update_step: call apply(grads, variables).")

    vars(update_step)["refuses"] = True

    def assign(self, variable: Variable, value: Any) -> None:
        """In `update_step`: make `value` the value of `variable` from here on."""
        scope = active_scope()
        if scope is None:
            variable.set_value(K.get_value(value))
            return
        value = K.cast(scope.resolve(value), variable.dtype)
        scope.variables[variable] = K.reshape(K.zeros_like(scope.value(variable)) + value, variable.shape)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """In `update_step`: add `value` to `variable`."""
        self.assign(variable, variable + value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """In `update_step`: subtract `value` from `variable`."""
        self.assign(variable, variable - value)

    def _get_variable_index(self, variable: Variable) -> int:
        return next(i for i, each in enumerate(self._stepping) if each is variable)

    def _assigned(self, scope: Scope, params: list[Variable], gradients: Sequence[Any], rules: Any) -> dict[Any, Any]:
        """Run `update_step` on all `params`; return variable -> next value for those that change."""
        with scope.child() as inner:
            inner.variables = dict(scope.variables)
            before = dict(inner.variables)
            if self.schedule is not None:
                self.assign(self.lr, scheduled(self.schedule, scope.value(self.iterations)))
            for p, g in zip(params, gradients):
                self.update_step(g, p, self.lr)
                if p in rules and p in inner.variables:
                    inner.variables[p] = rules[p](inner.variables[p])
            self.assign_add(self.iterations, 1)
            return {v: new for v, new in inner.variables.items() if before.get(v) is not new}

    def _by_update_step(
        self, params: list[Variable], constraints: dict[Any, Any], gradients: list[Tensor]
    ) -> list[Any]:
        """Pairs (variable, tensor of its next value), all of one node, in which `update_step` runs."""
        if unheard := [name for name in _ARE_STEPS if getattr(self, name)]:
            raise ValueError(
                f"{type(self).__name__}: {unheard[0]} has no effect on an optimizer that defines update_step, which "
                "assigns by itself. Define step(p, g, slots, h, t) instead, or leave it out."
            )
        if not self._built:
            self.build(params)
        self._stepping = tuple(params)

        changed: list[Variable] = []
        given = [K.placeholder(shape=p.shape, dtype=p.dtype) for p in params]

        def note(scope: Scope) -> Any:
            changed[:] = self._assigned(scope, params, scope.resolve(given), constraints)
            return []

        infer(note, given)
        self.weights = list(dict.fromkeys([self.iterations, *self._made, *(v for v in changed if v not in params)]))

        def run(gradients: list[Any]) -> list[Any]:
            found = self._assigned(running_scope(), params, gradients, constraints)
            return [found[v] for v in changed]

        self.updates = list(zip(changed, in_one_node(run, [gradients], changed)))
        return self.updates
