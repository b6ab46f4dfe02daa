"""Steps of an optimizer outside of `fit`, and within a recorded `train_step`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate import backend as K
from horngate.backend import notices
from horngate.backend.graph import Variable, recorder, recording
from horngate.backend.recording import Replay


class Applied:
    """The part of an optimizer that applies gradients."""

    _applied: Any  # (the variables, the compiled step on them), once there was a step
    _stepping: tuple[Any, ...]

    if TYPE_CHECKING:  # members of `Optimizer`
        weights: list[Variable]
        loss_scale: Any
        _prepared: Any
        _scale: Any
        updates_from: Any

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Take one step outside of `fit`, or within a `train_step`.

        # Arguments
            grads: arrays or tensors, a gradient for each variable; None for a variable that stays.
            trainable_variables: the variables; they may be left out from the second call on.
        """
        given = self._stepping if trainable_variables is None else tuple(trainable_variables)
        if self._applied is None and not given:
            raise ValueError(f"{type(self).__name__}.apply: give trainable_variables in the first call.")
        applied: Any = self._applied
        gradients = self._ordered(grads, given or tuple(applied[0]))
        by, applied = recorder(), self._applied
        step: Any = applied[1]
        if by is None or by.computes:
            with recording(None):
                step([np.asarray(g) for g in gradients])
            return
        node = Replay(step.fed, [new for _, new in step.updates], [by.tensor_of(g) for g in gradients])
        by.note(node)
        by.assign(list(zip([variable for variable, _ in step.updates], node.outputs)))

    def _ordered(self, grads, variables):
        """Return the gradients of the variables of the step, in their order; the first call decides these."""
        if len(grads) != len(variables):
            raise ValueError(f"{type(self).__name__}.apply: {len(grads)} gradients for {len(variables)} variables.")
        told = [(g, v) for g, v in zip(grads, variables) if g is not None]
        if len(told) < len(variables):
            missing = ", ".join(v.name for g, v in zip(grads, variables) if g is None)
            if not told:
                raise ValueError(f"{type(self).__name__}.apply: there is no gradient for any variable: {missing}.")
            notices.remark(f"{type(self).__name__}.apply: the loss does not depend on {missing}, left as they are.")
        if self._applied is None:
            with recording(None):
                self._applied = self._applying([v for _, v in told])
        params, by_variable = self._applied[0], {id(v): g for g, v in told}
        if set(by_variable) != set(map(id, params)):
            raise ValueError(
                f"{type(self).__name__}.apply: its slots belong to the variables of the first call, "
                f"{', '.join(v.name for v in params)}. Make an optimizer for each group of variables."
            )
        return [by_variable[id(p)] for p in params]

    def _applying(self, params):
        """Return (the variables, the compiled step on them)."""
        if self.weights:
            raise ValueError(f"{type(self).__name__}.apply: a compiled model uses this optimizer; make another one.")
        given = [K.placeholder(shape=p.shape, dtype=p.dtype) for p in params]
        gradients = self._prepared(given, params, self._told_scale())
        rules = {p: p.constraint for p in params if p.constraint is not None}
        return params, K.function(given, [], updates=self.updates_from(gradients, params, rules))

    def _told_scale(self):
        """The variable that holds the loss scale, if an argument asks for one."""
        return self._scale() if self.loss_scale else None

    def scale_loss(self, loss: Any) -> Any:
        """Return `loss` times the scale, by which `apply` divides the gradients; `loss` itself without a scale."""
        scale = self._told_scale()
        return loss if scale is None else loss * scale

    def apply_gradients(self, grads_and_vars: Any, name: Any = None) -> None:
        """Take one step: `grads_and_vars` are pairs of a gradient and its variable; `name` has no effect."""
        gradients, variables = zip(*grads_and_vars)
        self.apply([*gradients], [*variables])

    def minimize(self, loss: Any, var_list: Any = None, tape: Any = None, name: Any = None) -> None:
        """Take one step down the gradient of a loss.

        # Arguments
            loss: a tensor that `tape` recorded, or a function without arguments that returns the loss.
            var_list: the variables, or a function that returns them; None for all that the loss reads.
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
        variables: Any = tape.watched_variables() if var_list is None else var_list
        variables = variables() if callable(variables) else variables
        self.apply(tape.gradient(loss, list(variables)), list(variables))
