"""The calls of recurrent layers: states to begin with, and states among the outputs."""

from collections.abc import Sequence
from typing import Any, ClassVar

from horngate.engine.for_layers import K, Layer, Shapes, TensorLike, of_eras, to_list
from horngate.engine.forms import in_phase


class _OfOutputs:
    """Attributes that each subclass declares at its own place in the signature."""

    return_sequences: bool
    return_state: Any
    go_backwards: Any
    zero_output_for_mask: Any
    stateful: Any
    num_constants: Any


class FromStates(Layer, _OfOutputs):
    """Base of layers over time steps that may be given states: `layer(x, initial_state=[h, c])`.

    In the graph and in files, the states are further inputs of the call, as in Keras 2.
    """

    state_count: ClassVar[int] = 1  # the number of states
    num_constants = 0  # how many of the last inputs are constants

    @of_eras
    def __call__(
        self,
        x: TensorLike,
        mask: TensorLike = None,
        training: Any = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> TensorLike:
        """Return the output for the sequences `x`.

        `mask`: (samples, steps), which steps count. `training`: whether to run in training mode; default: the learning
        phase. `initial_state`: the states before the first step, one or a list; default: zeros, or with `stateful` the
        last ones. `constants`: what the cell of an `RNN` is given at each step besides, one tensor or a list.
        """
        if initial_state is None and constants is None:
            return self.handed_out(super().__call__(x, mask, training))
        states = [] if initial_state is None else flat(initial_state)
        if len(states) not in (0, self.number_of_states()):
            raise ValueError(
                f"{type(self).__name__} {self.name}: initial_state must be {self.number_of_states()} tensors, one for "
                f"each state; received {len(states)}."
            )
        if constants is not None:
            self.expect_constants(len(to_list(constants)))
            states += to_list(constants)
        mask = None if mask is None else [mask, *[None] * len(states)]
        return self.handed_out(super().__call__([x, *states], mask, training))

    def expect_constants(self, count: int) -> None:
        """Take the last `count` inputs of calls as constants. Raises TypeError if the layer has no use for them."""
        raise TypeError(
            f"{type(self).__name__} {self.name}: constants are for RNN(cell), whose cell takes them in "
            "call(inputs, states, constants)."
        )

    def handed_out(self, found: Any) -> Any:
        """Return the outputs of a call in the form that the caller sees."""
        return found

    def number_of_states(self) -> int:
        """Return the number of states."""
        return self.state_count

    def walk(
        self, x: TensorLike, initial_states: Sequence[Any], mask: TensorLike
    ) -> tuple[TensorLike, TensorLike, list[TensorLike]]:
        """Run all steps of `x`; return (last output, outputs, last states)."""
        raise NotImplementedError

    def inner_loop(
        self, sequences: TensorLike, initial_state: Any, mask: TensorLike, training: bool = False
    ) -> tuple[TensorLike, TensorLike, list[TensorLike]]:
        """Run all steps, in a layer of one's own; return (last output, outputs, last states).

        `sequences`: (samples, steps, ...). `initial_state`: the states before the first step. `mask`: which steps
        count, or None. `training`: whether to run in training mode.
        """
        with in_phase(training):
            return self.walk(sequences, flat(initial_state), mask)

    def results(self, last: TensorLike, outputs: TensorLike, states: list[Any], mask: TensorLike) -> Any:
        """Return what the layer gives: the last output or all, and the last states if asked for."""
        if self.zero_output_for_mask and mask is not None:
            mask = K.reverse(mask, 1) if self.go_backwards else mask
            shape = (*outputs.shape[:2], *(1,) * (K.ndim(outputs) - 2))
            outputs = outputs * K.cast(K.reshape(mask, shape), K.dtype(outputs))
        y = outputs if self.return_sequences else last
        return [y, *states] if self.return_state else y

    def _ensure_built(self, inputs):
        super()._ensure_built([inputs[0], *inputs[len(inputs) - self.num_constants :]])

    def assert_input_compatibility(self, input: TensorLike) -> None:
        super().assert_input_compatibility(to_list(input)[0])

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        mask = to_list(mask)[0] if self.return_sequences else None
        return [mask, *[None] * self.number_of_states()] if self.return_state else mask


class _OfStates:
    """An attribute of layers that keep states."""

    states: Any = ()  # from `build` on a list: of variables if the layer is stateful, else of None


class OneWay(FromStates, _OfStates):
    """Base of layers over time steps that run in one direction, and may keep their states."""

    def reset_states(self, states: Any = None) -> None:
        """Set the states to zero, or to the arrays in the list `states`."""
        if not self.stateful:
            raise RuntimeError(f"{self.name} keeps no states: make it with stateful=True.")
        given = [0 * K.get_value(state) for state in self.states] if states is None else flat(states)
        if len(given) != len(self.states):
            raise ValueError(
                f"{type(self).__name__} {self.name}: reset_states takes {len(self.states)} arrays, one for each state; "
                f"received {len(given)}."
            )
        K.batch_set_value(zip(self.states, given))

    def reset_state(self) -> None:
        """Set the states to zero: `reset_states` under its name in Keras 3."""
        self.reset_states()


def flat(states: Any) -> list[Any]:
    """Return the items of nested lists and tuples in one list."""
    if not isinstance(states, (list, tuple)):
        return [states]
    return [item for part in states for item in flat(part)]


def nested(items: list[Any], like: Any) -> Any:
    """Return `items`, which it takes from the front, in lists nested like `like`."""
    if not isinstance(like, (list, tuple)):
        return items.pop(0)
    return [nested(items, part) for part in like]


def first_of(input_shape: Shapes) -> Any:
    """Return the shape of the sequences, which stands before those of states."""
    return input_shape[0] if isinstance(input_shape, list) else input_shape
