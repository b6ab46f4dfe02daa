"""Steps of an optimizer outside of `fit`, and within a recorded `train_step`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate import backend as K
from horngate.backend import notices
from horngate.backend.graph import Tensor, Variable, recorder, recording
from horngate.backend.locks import set_values
from horngate.backend.recording import Replay
from horngate.optimizers.by_hand import ByHand
from horngate.training.transformations import in_one_node, unscaled


class Applied(ByHand):
    """The part of an optimizer that applies gradients."""

    _scales: bool = False  # whether `scale_loss` made the losses whose gradients come
    _unscaled_by_hand: bool = False  # whether the program divides gradients by the scale before `apply`
    finite: Any

    if TYPE_CHECKING:  # members of `Optimizer`
        loss_scale: Any
        clipped: Any
        _clips: Any
        _scale: Any
        updates_from: Any
        state: Any
        _taken_over: Any

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Take one step outside of `fit`, or within a `train_step`.

        # Arguments
            grads: arrays or tensors, a gradient for each variable; None for a variable that stays.
            trainable_variables: the variables; they may be left out from the second call on.
        """
        scaled = self._scales or self.loss_scale and not self._unscaled_by_hand
        grads = self._unscaled(grads) if scaled else grads
        given = self._stepping if trainable_variables is None else tuple(trainable_variables)
        if self._applied is None and not given:
            raise ValueError(f"{type(self).__name__}.apply: give trainable_variables in the first call.")
        applied: Any = self._applied
        gradients = self._ordered(grads, given or tuple(applied[0]))
        by, applied = recorder(), self._applied
        step: Any = applied[1]
        if by is None or by.computes:
            if by is not None:
                by.met.update(dict.fromkeys(step.variables, True))
            with recording(None):
                step([np.asarray(g) for g in gradients])
            return
        node = Replay(step.fed, [new for _, new in step.updates], [by.tensor_of(g) for g in gradients])
        by.note(node)
        by.assign(list(zip([variable for variable, _ in step.updates], node.outputs)))

    # A loss that is scaled so that small gradients survive in 16 bits.

    def scale_loss(self, loss: Any) -> Any:
        """Return `loss` times the loss scale, for a step of one's own: `apply` then divides the gradients by it.

        The same as `loss` where neither `loss_scale` nor layers that compute in float16 ask for a scale.
        """
        self._scales = self._scales or self._scale() is not None
        return self.get_scaled_loss(loss)

    def get_scaled_loss(self, loss: Any) -> Any:
        """Return `loss`, or the function that gives it, times the loss scale; see `get_unscaled_gradients`."""
        if callable(loss):
            return lambda: self.get_scaled_loss(loss())
        scale = self._scale()
        return loss if scale is None else loss * scale

    def get_unscaled_gradients(self, grads: Sequence[Any]) -> list[Any]:
        """Return the gradients `grads` of a loss by `get_scaled_loss`, divided by the scale; None stays."""
        self._unscaled_by_hand = True
        return self._unscaled(grads)

    def _unscaled(self, grads):
        scale = self._scale()
        return [g if g is None or scale is None else g / scale for g in grads]

    def _ordered(self, grads, variables):
        """Return the gradients of the variables of the step, in their order; the first call decides these."""
        if len(grads) != len(variables):
            raise ValueError(f"{type(self).__name__}.apply: {len(grads)} gradients for {len(variables)} variables.")
        told = [(g, v) for g, v in zip(grads, variables) if g is not None]
        if len(told) < len(variables):
            missing = ", ".join(v.label for g, v in zip(grads, variables) if g is None)
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
                f"{', '.join(v.label for v in params)}. Make an optimizer for each group of variables."
            )
        return [by_variable[id(p)] for p in params]

    def _applying(self, params):
        """Return (the variables, the compiled step on them)."""
        if self.weights:
            raise ValueError(f"{type(self).__name__}.apply: a compiled model uses this optimizer; make another one.")
        given = [K.placeholder(shape=p.shape, dtype=p.dtype) for p in params]
        gradients: Any = given
        if self._scale() is not None:  # a step whose gradients overflowed is left out
            outputs = [*params, Tensor((), "bool")]
            *gradients, self.finite = in_one_node(lambda all: unscaled(all, 1.0), [given], outputs)
        gradients = self.clipped(gradients, params) if self._clips() else gradients
        rules = {p: p.constraint for p in params if p.constraint is not None}
        step = K.function(given, [], updates=self.updates_from(gradients, params, rules))
        self._take_over(params)
        return params, step

    def _by_hand(self):
        """Return all variables that steps by hand change, but for the trained ones."""
        return list(dict.fromkeys([*self.variables, *self.state]))

    def _take_over(self, params):
        """Set the arrays that a copy was given of its original; the first step on `params` has made them."""
        if self._taken_over is None:
            return
        (names, values), self._taken_over, mine = self._taken_over, None, self._by_hand()
        told = [v.label for v in params]
        if [v.shape for v in mine] != [value.shape for value in values] or set(told) == set(names) and told != names:
            notices.warn(
                f"{type(self).__name__}: the copy starts anew: its first step has other variables, or in another "
                f"order, than its original, {', '.join(names)}."
            )
            return
        set_values(mine, values)

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
