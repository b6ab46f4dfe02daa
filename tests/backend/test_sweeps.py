"""Sweeps against the formulas written out step by step, and gradients against those that JAX takes of these."""
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from horngate import backend as K

SAMPLES, TIME, UNITS = 5, 7, 3
GATES, STATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}, {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}
FUNCTIONS = {
    "tanh": jnp.tanh,
    "sigmoid": lambda x: 1 / (1 + jnp.exp(-x)),
    "hard_sigmoid": lambda x: jnp.clip(0.2 * x + 0.5, 0, 1),
    "relu": jax.nn.relu,
    "linear": lambda x: x,
}
MASK = np.array([[0, 1, 1, 0, 1, 1, 0], [1, 1, 0, 0, 0, 1, 1], [0] * TIME, [1] * TIME, [0, 0, 0, 1, 1, 1, 1]])
CELLS = sorted(GATES)


def written_out(cell, inputs, U, states, names, mask, dropout):
    """(last output, outputs, last states): all samples, one step after the other."""
    activation, inner = (FUNCTIONS[name] for name in names)
    blocks = jnp.split(U, GATES[cell], axis=1)
    masks = [1] * GATES[cell] if dropout is None else dropout
    output, outputs = 0 * states[0], []
    for t in range(TIME):
        h, x = states[0], jnp.split(inputs[:, t], GATES[cell], axis=1)
        fed = [h * m @ block for m, block in zip(masks, blocks)]
        if cell == "SimpleRNN":
            new = [activation(x[0] + fed[0])]
        elif cell == "GRU":
            z, r = inner(x[0] + fed[0]), inner(x[1] + fed[1])
            new = [z * h + (1 - z) * activation(x[2] + (r * h * masks[2]) @ blocks[2])]
        else:
            i, f, o = (inner(x[k] + fed[k]) for k in (0, 1, 3))
            c = f * states[1] + i * activation(x[2] + fed[2])
            new = [o * activation(c), c]
        valid = np.ones((SAMPLES, 1), bool) if mask is None else mask[:, t, None] != 0
        states = [jnp.where(valid, n, old) for n, old in zip(new, states)]
        output = jnp.where(valid, new[0], output)
        outputs.append(output)
    return outputs[-1], jnp.stack(outputs, axis=1), states


def arguments(cell, dropped=False, dtype="float64", samples=SAMPLES):
    """Inputs, U, initial states, and dropout masks or None."""
    rng = np.random.RandomState(1)
    draw = lambda *shape: jnp.asarray(rng.normal(size=shape), dtype)  # noqa: E731
    states = [draw(samples, UNITS) for _ in range(STATES[cell])]
    dropout = (rng.uniform(size=(GATES[cell], samples, UNITS)) > 0.4) / 0.6 if dropped else None
    width = GATES[cell] * UNITS
    return draw(samples, TIME, width), draw(UNITS, width), states, None if dropout is None else list(dropout)


def loss_of(walk, cell, names, mask, dropout):
    """A number to which every output and state adds with a weight of its own."""
    def loss(inputs, U, states):
        last, outputs, states = walk(cell, inputs, U, states, names, mask, dropout)
        parts = [last, outputs, *states]
        weights = [np.random.RandomState(i).normal(size=part.shape) for i, part in enumerate(parts)]
        return sum((weight * part).sum() for weight, part in zip(weights, parts))
    return loss


def same(received, expected, **tolerance):
    received, expected = jax.tree.leaves(received), jax.tree.leaves(expected)
    assert len(received) == len(expected)
    for a, b in zip(received, expected):
        assert np.abs(b).max() > 0.01
        np.testing.assert_allclose(a, b, **tolerance)


@pytest.mark.parametrize("mask", [None, MASK, MASK[..., None] == 1], ids=["all", "masked", "masked3d"])
@pytest.mark.parametrize("dropped", [False, True], ids=["whole", "dropped"])
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_states_and_gradients(cell, dropped, mask):
    with jax.enable_x64(True):
        inputs, U, states, dropout = arguments(cell, dropped)
        plain = None if mask is None else mask.reshape(SAMPLES, TIME)
        for names in (("tanh", "sigmoid"), ("relu", "hard_sigmoid")):
            rest = names, mask, dropout
            same(K.sweep(cell, inputs, U, states, *rest),
                 written_out(cell, inputs, U, states, names, plain, dropout), rtol=1e-9, atol=1e-12)
            given = inputs, U, states
            same(jax.grad(loss_of(K.sweep, cell, *rest), (0, 1, 2))(*given),
                 jax.grad(loss_of(written_out, cell, names, plain, dropout), (0, 1, 2))(*given), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_activation_that_is_swept(name):
    assert K.SWEPT_ACTIVATIONS == FUNCTIONS.keys()
    with jax.enable_x64(True):
        inputs, U, states, _ = arguments("LSTM")
        for names in ((name, "sigmoid"), ("tanh", name)):
            losses = [loss_of(walk, "LSTM", names, None, None) for walk in (K.sweep, written_out)]
            same(*(jax.grad(loss, (0, 1, 2))(inputs, U / 4, states) for loss in losses), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_single_precision(cell):
    inputs, U, states, _ = arguments(cell, dtype="float32")
    names = "tanh", "hard_sigmoid"
    losses = [loss_of(walk, cell, names, MASK, None) for walk in (K.sweep, written_out)]
    same(*(jax.value_and_grad(loss, (0, 1, 2))(inputs, U, states) for loss in losses), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_second_derivatives(cell):
    with jax.enable_x64(True):
        inputs, U, states, dropout = arguments(cell, dropped=True)
        loss = loss_of(K.sweep, cell, ("tanh", "sigmoid"), MASK, dropout)
        check_grads(loss, (inputs, U, states), order=2, modes=["rev"], rtol=1e-4)


@pytest.mark.parametrize("cell", CELLS)
def test_several_at_once(cell):
    """vmap over models: U and states of each its own."""
    inputs, U, states, _ = arguments(cell, dtype="float32")
    Us = jnp.stack([U, -U, U / 2])
    gradient = jax.grad(loss_of(K.sweep, cell, ("tanh", "sigmoid"), MASK, None), (0, 1))
    alone = [gradient(inputs, U, states) for U in Us]
    same(jax.vmap(gradient, (None, 0, None))(inputs, Us, states), jax.tree.map(lambda *x: jnp.stack(x), *alone),
         rtol=1e-4, atol=1e-5)


def test_symbols():
    inputs, U, states, _ = arguments("GRU", dtype="float32")
    symbol = K.placeholder((None, TIME, 3 * UNITS))
    last, outputs, _ = K.sweep("GRU", symbol, K.variable(U), [K.variable(states[0])], ("tanh", "sigmoid"))
    assert outputs.shape == (SAMPLES, TIME, UNITS)
    received = K.function([symbol], [last, outputs])([inputs])
    same(received, written_out("GRU", inputs, U, states, ("tanh", "sigmoid"), None, None)[:2], rtol=1e-4, atol=1e-5)
