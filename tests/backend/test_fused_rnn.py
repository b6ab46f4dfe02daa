"""Sweeps against the formulas written out step by step, and gradients against those that JAX takes of these."""

import contextlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from horngate import backend as K
from horngate.backend import kernels

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
        valid = np.ones((len(inputs), 1), bool) if mask is None else mask[:, t, None] != 0
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


@pytest.fixture(params=["native", "float32", "float64"])
def dtype(request):
    """The number type: float32 by native kernels and without them, float64 without."""
    if request.param == "native" and not kernels.status().startswith("vectors"):
        pytest.skip(kernels.status())
    with contextlib.ExitStack() as stack:
        if request.param == "float64":
            stack.enter_context(jax.enable_x64(True))
        elif request.param == "float32":
            stack.enter_context(kernels.without())
        yield "float64" if request.param == "float64" else "float32"


def exactness(dtype):
    return dict(rtol=1e-8, atol=1e-10) if dtype == "float64" else dict(rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("mask", [None, MASK, MASK[..., None] == 1], ids=["all", "masked", "masked3d"])
@pytest.mark.parametrize("dropped", [False, True], ids=["whole", "dropped"])
@pytest.mark.parametrize("cell", CELLS)
def test_outputs_states_and_gradients(cell, dropped, mask, dtype):
    *given, dropout = arguments(cell, dropped, dtype)
    plain = None if mask is None else mask.reshape(SAMPLES, TIME)
    for names in (("tanh", "sigmoid"), ("relu", "hard_sigmoid")):
        received = K.fused_rnn(cell, *given, names, mask, dropout)
        gradients = jax.jit(jax.grad(loss_of(K.fused_rnn, cell, names, mask, dropout), (0, 1, 2)))(*given)
        with jax.enable_x64(True):
            exact = jax.tree.map(lambda x: x.astype("float64"), given)
            same(received, written_out(cell, *exact, names, plain, dropout), **exactness(dtype))
            loss = loss_of(written_out, cell, names, plain, dropout)
            same(gradients, jax.jit(jax.grad(loss, (0, 1, 2)))(*exact), **exactness(dtype))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_activation_that_is_swept(name, dtype):
    assert FUNCTIONS.keys() == K.FUSED_ACTIVATIONS
    inputs, U, states, _ = arguments("LSTM", dtype=dtype)
    for names in ((name, "sigmoid"), ("tanh", name)):
        received, expected = (
            jax.value_and_grad(loss_of(walk, "LSTM", names, None, None), (0, 1, 2))(3 * inputs, U / 4, states)
            for walk in (K.fused_rnn, written_out)
        )
        for a, b in zip(jax.tree.leaves(received), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=exactness(dtype)["rtol"] * max(1, np.abs(b).max()))


@pytest.mark.parametrize("samples, units", [(1, 1), (33, 31), (29, 32), (40, 65)])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", ["native"], indirect=True)
def test_sizes(cell, samples, units, dtype):
    """Numbers of samples and units around those of a register, a tile and a thread's share."""
    rng = np.random.RandomState(samples)
    z = rng.normal(size=(samples, TIME, GATES[cell] * units)).astype(dtype)
    U = (rng.normal(size=(units, GATES[cell] * units)) / np.sqrt(units)).astype(dtype)
    states = [rng.normal(size=(samples, units)).astype(dtype) for _ in range(STATES[cell])]
    gradients = [
        jax.jit(jax.grad(loss_of(walk, cell, ("tanh", "sigmoid"), None, None), (0, 1, 2)))(z, U, states)
        for walk in (K.fused_rnn, written_out)
    ]
    for a, b in zip(*map(jax.tree.leaves, gradients), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=exactness(dtype)["rtol"] * max(1, np.abs(b).max()))


@pytest.mark.parametrize("cell", CELLS)
def test_second_derivatives(cell):
    with jax.enable_x64(True):
        inputs, U, states, dropout = arguments(cell, dropped=True)
        loss = loss_of(K.fused_rnn, cell, ("tanh", "sigmoid"), MASK, dropout)
        check_grads(loss, (inputs, U, states), order=2, modes=["rev"], rtol=1e-4)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", ["native"], indirect=True)
def test_the_gradient_of_a_gradient_penalty(cell, dtype):
    """Second derivatives that go through the states, the inputs and U alike."""
    *given, dropout = arguments(cell, True, dtype)

    def penalty(walk):
        first = jax.grad(loss_of(walk, cell, ("tanh", "sigmoid"), MASK, dropout), (0, 1, 2))
        return lambda *given: sum((g**2).sum() for g in jax.tree.leaves(first(*given)))

    received, expected = (jax.jit(jax.grad(penalty(walk), (0, 1, 2)))(*given) for walk in (K.fused_rnn, written_out))
    for a, b in zip(jax.tree.leaves(received), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=10 * exactness(dtype)["rtol"] * max(1, np.abs(b).max()))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", ["native", "float32"], indirect=True)
def test_several_at_once(cell, dtype):
    """vmap over models: U and states of each its own."""
    inputs, U, states, _ = arguments(cell, dtype=dtype)
    Us = jnp.stack([U, -U, U / 2])
    gradient = jax.grad(loss_of(K.fused_rnn, cell, ("tanh", "sigmoid"), MASK, None), (0, 1))
    alone = [gradient(inputs, U, states) for U in Us]
    same(
        jax.vmap(gradient, (None, 0, None))(inputs, Us, states),
        jax.tree.map(lambda *x: jnp.stack(x), *alone),
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_kernels_are_what_runs():
    inputs, U, states, _ = arguments("GRU", dtype="float32")

    def program():
        gradient = jax.grad(loss_of(K.fused_rnn, "GRU", ("tanh", "sigmoid"), None, None), 1)
        return jax.jit(gradient).lower(inputs, U, states).as_text()

    native, text = kernels.status().startswith("vectors"), program()
    assert ("rnn_forward" in text) == ("rnn_backward" in text) == native
    with kernels.without():
        assert "horngate" not in program()


def test_same_bits_each_time():
    inputs, U, states, _ = arguments("LSTM", dtype="float32")
    gradient = jax.jit(jax.grad(loss_of(K.fused_rnn, "LSTM", ("tanh", "sigmoid"), MASK, None), (0, 1, 2)))
    first = jax.tree.leaves(gradient(inputs, U, states))
    for _ in range(5):
        for a, b in zip(first, jax.tree.leaves(gradient(inputs, U, states))):
            np.testing.assert_array_equal(a, b)


def test_numbers_that_are_none_go_on(dtype):
    """A NaN reaches the outputs of its sample from its step on, and infinities the ends of the activations."""
    inputs, U, states, _ = arguments("LSTM", dtype=dtype)
    inputs = inputs.at[1, 3, 0].set(np.nan).at[2, :, :].set(np.inf).at[3].set(-1e30)
    _, outputs, _ = K.fused_rnn("LSTM", inputs, U, states, ("tanh", "sigmoid"))
    broken = np.isnan(outputs)
    assert broken[1, 3:].any() and not broken[1, :3].any() and not broken[[0, 2, 3, 4]].any()
    np.testing.assert_allclose(outputs[2, 0], np.tanh(1 + states[1][2]), rtol=1e-6)


@pytest.mark.parametrize(
    "change, words",
    [
        (dict(inputs=np.ones((2, 3, 5))), r"received shapes \(2, 3, 5\)"),
        (dict(U=np.ones((4, 3))), "4 x units"),
        (dict(initial_states=[np.ones((2, 3))]), "expects 2 initial states"),
        (dict(initial_states=[np.ones((5, 3)), np.ones((2, 3))]), r"of shape \(5, 3\)"),
    ],
)
def test_errors_say_what_is_wrong(change, words):
    inputs, U, states, _ = arguments("LSTM", dtype="float32")
    given = dict(inputs=inputs, U=U, initial_states=states, activations=("tanh", "sigmoid")) | change
    with pytest.raises(ValueError, match=words):
        K.fused_rnn("LSTM", **given)


def test_symbols():
    inputs, U, states, _ = arguments("GRU", dtype="float32")
    symbol = K.placeholder((None, TIME, 3 * UNITS))
    last, outputs, _ = K.fused_rnn("GRU", symbol, K.variable(U), [K.variable(states[0])], ("tanh", "sigmoid"))
    assert outputs.shape == (SAMPLES, TIME, UNITS)
    received = K.function([symbol], [last, outputs])([inputs])
    same(received, written_out("GRU", inputs, U, states, ("tanh", "sigmoid"), None, None)[:2], rtol=1e-4, atol=1e-5)
