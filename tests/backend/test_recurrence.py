"""rnn, folds and maps against loops in NumPy."""

import jax
import numpy as np
import pytest

from horngate import backend as K

rng = np.random.RandomState(0)
SAMPLES, TIME, FEATURES, UNITS = 3, 5, 4, 2
x = rng.normal(size=(SAMPLES, TIME, FEATURES)).astype("float32")
W, U = [rng.normal(size=shape).astype("float32") for shape in ((FEATURES, UNITS), (UNITS, UNITS))]
start = rng.normal(size=(SAMPLES, UNITS)).astype("float32")
mask = np.array([[0, 1, 1, 0, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]])


def loop(x, start, mask=None, go_backwards=False):
    """The simple recurrence h = tanh(x W + h U), its output 2 h; every sample and step by itself."""
    outputs, states = np.zeros((SAMPLES, TIME, UNITS)), start.astype("float64")
    order = range(TIME)[::-1] if go_backwards else range(TIME)
    for sample in range(SAMPLES):
        output, state = np.zeros(UNITS), states[sample]
        for place, time in enumerate(order):
            if mask is None or mask[sample, time]:
                state = np.tanh(x[sample, time] @ W + state @ U)
                output = 2 * state
            outputs[sample, place] = output
        states[sample] = state
    return outputs[:, -1], outputs, states


def step(x, states):
    state, W, U = states
    state = K.tanh(K.dot(x, W) + K.dot(state, U))
    return 2 * state, [state]


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mask", [None, mask, mask[..., None] == 1], ids=["all", "masked", "masked3d"])
def test_rnn_against_a_loop(mask, go_backwards, unroll):
    symbol = K.placeholder((None, TIME, FEATURES))
    arguments = dict(go_backwards=go_backwards, mask=mask, constants=[K.variable(W), K.variable(U)], unroll=unroll)
    last, outputs, states = K.rnn(step, symbol, [K.variable(start)], **arguments)
    results = K.function([symbol], [last, outputs, *states])([x])
    plain = None if mask is None else mask.reshape(SAMPLES, TIME)
    for result, expected in zip(results, loop(x, start, plain, go_backwards)):
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)
    assert len(states) == 1


@pytest.mark.parametrize("masked", [False, True])
def test_the_gradient_of_the_loop_is_that_of_its_unrolled_form(masked):
    def loss(x, W, unroll):
        _, outputs, _ = K.rnn(step, x, [start], mask=mask if masked else None, constants=[W, U], unroll=unroll)
        return (outputs**2).sum()

    for looped, unrolled in zip(*(jax.grad(loss, (0, 1))(x, W, unroll) for unroll in (False, True))):
        np.testing.assert_allclose(looped, unrolled, rtol=1e-4, atol=1e-5)
        assert np.abs(looped).max() > 0.1


def test_rnn_without_states_and_of_images():
    images = rng.normal(size=(2, 3, 4, 5, 1)).astype("float32")
    mask = np.array([[1, 0, 1], [0, 0, 1]])
    last, outputs, states = K.rnn(lambda x, states: (x[..., 0] * 2, []), images, [], mask=mask)
    assert states == [] and outputs.shape == (2, 3, 4, 5)
    np.testing.assert_allclose(outputs[0, 1], images[0, 0, ..., 0] * 2)
    assert not np.any(outputs[1, :2]) and np.array_equal(last, outputs[:, -1])


def test_states_keep_their_number_type():
    counted = K.rnn(lambda x, states: (x, [states[0] + 1]), x, [np.zeros((SAMPLES, 1), "int32")])[2][0]
    assert counted.dtype == "int32" and np.asarray(counted).ravel().tolist() == [TIME] * SAMPLES


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: K.rnn(lambda x, states: (x, []), x, [start]), "given 1 states and returned 0"),
        (lambda: K.rnn(lambda x, states: (x, []), x[0, 0], []), "samples, time"),
    ],
)
def test_errors_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_folds_and_maps():
    digits = K.variable([1, 2, 3])
    assert K.eval(K.foldl(lambda total, digit: total * 10 + digit, digits)) == 123
    assert K.eval(K.foldr(lambda total, digit: total * 10 + digit, digits)) == 321
    assert K.eval(K.foldl(lambda total, digit: total * 10 + digit, digits, initializer=K.variable(4.0))) == 4123
    assert K.eval(K.foldl(lambda total, digit: total + digit, np.array([1.5, 2.5]), initializer=0)) == 4
    assert K.eval(K.foldl(lambda total, digit: total, K.variable([7]))) == 7
    assert K.eval(K.map_fn(lambda digit: K.square(digit), digits)).tolist() == [1, 4, 9]


def test_bodies_may_close_over_symbols():
    digits, other = K.placeholder((None,)), K.placeholder((None,))
    doubled, scale = other * 2, K.variable(10.0)
    mapped = K.map_fn(lambda digit: digit * scale + K.sum(doubled), digits)
    assert K.function([digits, other], mapped)([[1, 2], [1, 1, 1]]).tolist() == [16, 26]
