"""Steps of an optimizer outside of `fit`: `apply`, `apply_gradients`, `minimize`, and `stateless_apply`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from horngate import backend as K
from horngate.backend import notices
from horngate.backend.function import as_before
from horngate.backend.graph import Scope, Tensor, Variable, recorder, recording
from horngate.backend.recording import Replay
from horngate.training.transformations import in_one_node


class _Step(NamedTuple):
    """The updates of an optimizer as a graph: of these variables, from placeholders for their gradients."""

    params: list[Variable]
    given: list[Tensor]
    updates: list[tuple[Variable, Any]]
    function: Any  # compiled, for arrays


class Applied:
    """The part of an optimizer that takes steps outside of `fit`."""

    _applied: _Step | None

    if TYPE_CHECKING:  # members of `Optimizer`
        weights: list[Variable]
        clipnorm: Any
        clipvalue: Any
        global_clipnorm: Any
        _clipped: Any
        updates_from: Any
        state: list[Variable]

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots for `variables`; the first step does it otherwise."""
        params = list(variables)
        if self._applied is not None and set(map(id, self._applied.params)) == set(map(id, params)):
            return
        name = type(self).__name__
        if self._applied is not None:
            raise ValueError(
                f"{name}.apply: its slots belong to the variables of the first call, "
                f"{', '.join(v.name for v in self._applied.params)}. Make an optimizer for each group of variables."
            )
        if self.weights:
            raise ValueError(f"{name}.apply: a compiled model uses this optimizer; make another one.")
        with recording(None):
            given = [K.placeholder(shape=p.shape, dtype=p.dtype) for p in params]
            clips = self.clipnorm or self.clipvalue or self.global_clipnorm
            gradients = in_one_node(self._clipped, [given], params) if clips else given
            rules = {p: p.constraint for p in params if p.constraint is not None}
            updates = self.updates_from(gradients, params, rules)
            self._applied = _Step(params, given, updates, K.function(given, [], updates=updates))

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Take one step outside of `fit`, or within a `train_step`.

        # Arguments
            grads: arrays or tensors, a gradient for each variable; None for a variable that stays.
            trainable_variables: the variables; they may be left out from the second call on.
        """
        name = type(self).__name__
        if trainable_variables is None and self._applied is None:
            raise ValueError(f"{name}.apply: give trainable_variables in the first call.")
        variables = self._applied.params if trainable_variables is None else list(trainable_variables)  # type: ignore[union-attr]  # tested above
        pairs = [(g, v) for g, v in zip(grads, variables) if g is not None]
        if len(pairs) < len(variables):
            missing = ", ".join(v.name for g, v in zip(grads, variables) if g is None)
            if not pairs:
                raise ValueError(f"{name}: there is no gradient for any variable: {missing}.")
            notices.remark(f"{name}: the loss does not depend on {missing}, which stay as they are.")
        self.build([v for _, v in pairs])
        step: Any = self._applied
        by_variable = {id(v): g for g, v in pairs}
        gradients = [by_variable[id(p)] for p in step.params]
        by = recorder()
        if by is None or by.computes:
            step.function([np.asarray(g) for g in gradients])
            return
        node = Replay(step.given, [new for _, new in step.updates], [by.tensor_of(g) for g in gradients])
        by.note(node)
        by.assign(list(zip([variable for variable, _ in step.updates], node.outputs)))

    def apply_gradients(self, grads_and_vars: Any, name: Any = None, **kwargs: Any) -> None:
        """Take one step: `grads_and_vars` are pairs of a gradient and its variable; `name` and `kwargs` are ignored."""
        gradients, variables = zip(*grads_and_vars)
        self.apply([*gradients], [*variables])

    def minimize(self, loss: Any, var_list: Any = None, tape: Any = None, name: Any = None) -> None:
        """Take one step down the gradient of a loss.

        # Arguments
            loss: a tensor that `tape` recorded, or a function without arguments that returns the loss.
            var_list: the variables, or a function that returns them.
            tape: the `GradientTape`, for a tensor.
            name: ignored.
        """
        from horngate.backend.tape import GradientTape  # for programs that differentiate by themselves

        if callable(loss):
            with GradientTape() as tape:
                loss = loss()
        if tape is None:
            raise ValueError(
                f"{type(self).__name__}.minimize: give a function that computes the loss, or the tape that recorded it."
            )
        variables = var_list() if callable(var_list) else tape.watched_variables() if var_list is None else var_list
        self.apply(tape.gradient(loss, list(variables)), list(variables))

    @property
    def variables(self) -> list[Variable]:
        """The state: the number of steps, the slots, and the hyper-parameters that steps change."""
        return self.state

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        """Return (new values of the variables, new state) as a pure function of arrays.

        # Arguments
            optimizer_variables: values of `variables`, in their order.
            grads: the gradients.
            trainable_variables: values of the variables for which `build` made the slots.
        """
        step, state = self._applied, self.variables
        if step is None:
            raise ValueError(f"{type(self).__name__}.stateless_apply: call build(variables) first.")
        before = {**dict(zip(step.params, trainable_variables)), **dict(zip(state, optimizer_variables))}
        scope = Scope(dict(before), dict(zip(step.given, grads)), 1, np.zeros(2, np.uint32), live=True)
        with scope:
            news = {v: as_before(v, scope.resolve(new), scope.value(v)) for v, new in step.updates}
        return [news.get(p, before[p]) for p in step.params], [news.get(v, before[v]) for v in state]
