"""All steps of a SimpleRNN, GRU or LSTM by native kernels, forward and back; arrays are (samples, time, ...)."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from horngate.backend import kernels

_ACTIVATIONS = ("linear", "relu", "hard_sigmoid", "sigmoid", "tanh")  # in the order in which the kernels number them
_NONE = np.zeros(0, np.float32)


def forward(
    cell: Any,
    z: jax.Array,
    U: jax.Array,
    states: jax.Array,
    valid: jax.Array | None,
    masks: jax.Array | None,
    keep: bool,
) -> Sequence[jax.Array]:
    """Return [outputs, last states]; `keep` adds the states before each step and the gates, for the backward pass.

    `cell`: has `gates`, `activation` and `inner_activation`. States are stacked in one array.
    """
    samples, steps, width = z.shape
    outputs, before = (samples, steps, width // cell.gates), (len(states), samples, steps, width // cell.gates)
    shapes = [outputs, states.shape, before if keep else (0,), z.shape if keep else (0,)]
    made = kernels.call("rnn_forward", shapes, z, U, states, *_given(valid, masks), numbers=_numbers(cell, z))
    return made if keep else made[:2]


def backward(
    cell: Any,
    U: jax.Array,
    before: jax.Array,
    values: jax.Array,
    valid: jax.Array | None,
    masks: jax.Array | None,
    of_outputs: jax.Array,
    of_last: jax.Array,
) -> Sequence[jax.Array]:
    """Return [gradient of z, gradient of the states] from the gradients of the outputs and of the last states."""
    shapes = [values.shape, of_last.shape]
    arrays = U, before, values, *_given(valid, masks), of_outputs, of_last
    return kernels.call("rnn_backward", shapes, *arrays, numbers=_numbers(cell, values))


def _given(*arrays):
    return [_NONE if array is None else array.astype(np.float32) for array in arrays]


def _numbers(cell, z):
    samples, steps, width = z.shape
    names = cell.activation, cell.inner_activation
    return np.array([samples, steps, width // cell.gates, cell.gates, *map(_ACTIVATIONS.index, names)], np.int64)
