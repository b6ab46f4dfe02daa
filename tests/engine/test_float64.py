"""With `set_floatx('float64')` everything computes in float64: against NumPy to 1e-12, and files keep all digits."""

import jax
import numpy as np
import pytest

from horngate import backend as K
from horngate import optimizers
from horngate.layers import GRU, LSTM, BatchNormalization, Dense, SimpleRNN
from horngate.models import Sequential, load_model
from horngate.optimizers import classic
from horngate.training.many import fit_many

RNG = np.random.RandomState(0)
X = 1 + 1e-3 * RNG.randn(20, 3)  # whose float32 would be seen
Y = X @ np.array([[1.0], [2.0], [-1.0]]) + 1e-3 * RNG.randn(20, 1)
WEIGHTS = RNG.uniform(0.5, 1.5, 20)
EXACT = dict(rtol=1e-12, atol=1e-12)


@pytest.fixture(autouse=True)
def double():
    K.set_floatx("float64")
    yield
    K.set_floatx("float32")
    assert not jax.config.jax_enable_x64


def linear(optimizer, metrics=None):
    model = Sequential([Dense(1, input_dim=3)])
    model.compile(optimizer, "mse", metrics=metrics)
    return model


# The formulas of the optimizers: (p, g, slots, t) to the next p and slots.


def sgd(p, g, v, t):
    v = 0.9 * v - 0.01 / (1 + 0.1 * (t - 1)) * g
    return p + 0.9 * v - 0.01 / (1 + 0.1 * (t - 1)) * g, v


def rmsprop(p, g, a, t):
    a = 0.9 * a + 0.1 * g**2
    return p - 0.001 * g / (np.sqrt(a) + 1e-8), a


def adagrad(p, g, a, t):
    a = a + g**2
    return p - 0.01 * g / (np.sqrt(a) + 1e-8), a


def adadelta(p, g, slots, t):
    a, d = (slots, slots) if np.isscalar(slots) else slots
    a = 0.95 * a + 0.05 * g**2
    u = g * np.sqrt(d + 1e-8) / np.sqrt(a + 1e-8)
    return p - u, np.array([a, 0.95 * d + 0.05 * u**2])


def adam(p, g, slots, t):
    m, v = (slots, slots) if np.isscalar(slots) else slots
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return p - 0.001 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8), np.array([m, v])


def adamax(p, g, slots, t):
    m, u = (slots, slots) if np.isscalar(slots) else slots
    m, u = 0.9 * m + 0.1 * g, np.maximum(0.999 * u, np.abs(g))
    return p - 0.002 / (1 - 0.9**t) * m / (u + 1e-8), np.array([m, u])


def nadam(p, g, slots, t):
    m, v = (slots, slots) if np.isscalar(slots) else slots
    mu = [0.9 * (1 - 0.5 * 0.96 ** (0.004 * i)) for i in range(1, t + 2)]
    now, then = np.prod(mu[:t]), np.prod(mu)
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    mean = (1 - mu[t - 1]) * g / (1 - now) + mu[t] * m / (1 - then)
    return p - 0.002 * mean / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), np.array([m, v])


FORMULAS = {
    "SGD": (sgd, dict(lr=0.01, momentum=0.9, decay=0.1, nesterov=True)),
    "RMSprop": (rmsprop, {}),
    "Adagrad": (adagrad, {}),
    "Adadelta": (adadelta, {}),
    "Adam": (adam, {}),
    "Adamax": (adamax, {}),
    "Nadam": (nadam, {}),
}


def by_numpy(model, formula, epochs, weights=None, batch_size=8):
    """The weights of the linear model after so many epochs in the order of the data, and the loss of the last one."""
    W, b = model.get_weights()
    slots, t, weights = [0.0, 0.0], 0, np.ones(len(X)) if weights is None else weights
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(X), batch_size):
            x, y, w = (a[start : start + batch_size] for a in (X, Y, weights))
            e = x @ W + b - y
            total += np.sum(w[:, np.newaxis] * e**2)
            t += 1
            W, slots[0] = formula(W, 2 * x.T @ (w[:, np.newaxis] * e) / len(x), slots[0], t)
            b, slots[1] = formula(b, 2 * (w[:, np.newaxis] * e).sum(0) / len(x), slots[1], t)
    return [W, b], total / len(X)


def same_weights(model, expected):
    for got, wanted in zip(model.get_weights(), expected, strict=True):
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, wanted, **EXACT)


def test_every_optimizer_has_a_formula():
    """Those of Keras 1; tests/optimizers holds the later ones to Keras 3's numbers."""
    classes = {name for name, item in vars(classic).items() if getattr(item, "__module__", None) == classic.__name__}
    assert {name for name in classes if isinstance(getattr(classic, name), type)} == set(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_fit_with_every_optimizer(name):
    formula, options = FORMULAS[name]
    model = linear(getattr(optimizers, name)(**options))
    expected, loss = by_numpy(model, formula, epochs=3, weights=WEIGHTS)
    history = model.fit(X, Y, batch_size=8, nb_epoch=3, shuffle=False, verbose=0, sample_weight=WEIGHTS).history
    same_weights(model, expected)
    np.testing.assert_allclose(history["loss"][-1], loss, **EXACT)


def by_batch(model):
    for start in range(0, 20, 8):
        model.train_on_batch(X[start : start + 8], Y[start : start + 8])


def by_generator(model):
    batches = ((X[s : s + 8], Y[s : s + 8]) for _ in range(9) for s in range(0, 20, 8))
    model.fit_generator(batches, samples_per_epoch=20, nb_epoch=1, verbose=0)


def by_many(model):
    given = model.get_weights()

    def build():
        again = linear(optimizers.SGD(lr=0.05))
        again.set_weights(given)
        return again

    runs = fit_many(build, 2, X, Y, batch_size=8, nb_epoch=1, shuffle=False, verbose=0)
    model.set_weights(runs[1].model.get_weights())


@pytest.mark.parametrize("train", [by_batch, by_generator, by_many])
def test_other_ways_to_train(train):
    model = linear(optimizers.SGD(lr=0.05))
    expected, _ = by_numpy(model, lambda p, g, slots, t: (p - 0.05 * g, slots), epochs=1)
    train(model)
    same_weights(model, expected)


def test_a_schedule_of_the_rate():
    model = linear(optimizers.SGD(lr=lambda t: 0.1 / (1 + t)))
    expected, _ = by_numpy(model, lambda p, g, slots, t: (p - 0.1 / t * g, slots), epochs=2)
    model.fit(X, Y, batch_size=8, nb_epoch=2, shuffle=False, verbose=0)
    same_weights(model, expected)


def test_predictions_losses_and_metrics():
    model = linear("sgd", metrics=["mae", "mape", "mse", "msle"])
    W, b = model.get_weights()
    predicted, large = X @ W + b, np.tile(X, (1000, 1))  # so large that its rows stay with NumPy where they can
    assert model.predict(X).dtype == np.float64
    np.testing.assert_allclose(model.predict(X, batch_size=7), predicted, **EXACT)
    np.testing.assert_allclose(model.predict_on_batch(X), predicted, **EXACT)
    np.testing.assert_allclose(model(X), predicted, **EXACT)
    e, floor = predicted - Y, np.log(np.maximum(np.stack([predicted, Y]), 1e-7) + 1)
    expected = [np.mean(part) for part in (e**2, abs(e), 100 * abs(e / Y), e**2, (floor[0] - floor[1]) ** 2)]
    np.testing.assert_allclose(model.evaluate(X, Y, verbose=0), expected, **EXACT)
    np.testing.assert_allclose(model.evaluate(large, np.tile(Y, (1000, 1)), verbose=0), expected, **EXACT)
    np.testing.assert_allclose(model.test_on_batch(X, Y), expected, **EXACT)


def test_batch_normalization():
    model = Sequential([BatchNormalization(input_shape=(3,), epsilon=1e-3, momentum=0.9)])
    model.compile(optimizers.SGD(lr=0.0), "mse")
    loss = model.train_on_batch(X, 0 * X)
    mean, variance = X.mean(0), X.var(0)
    gamma, beta, running_mean, running_variance = model.get_weights()
    np.testing.assert_allclose(running_mean, 0.1 * mean, **EXACT)
    np.testing.assert_allclose(running_variance, 0.9 + 0.1 * (variance + 1e-3), **EXACT)
    np.testing.assert_allclose(loss, np.mean((gamma * (X - mean) / np.sqrt(variance + 1e-3) + beta) ** 2), **EXACT)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simple_step(x, h, c, w):
    return np.tanh(x @ w["W"] + h @ w["U"] + w["b"]), c


def gru_step(x, h, c, w):
    z, r = (sigmoid(x @ w["W_" + g] + h @ w["U_" + g] + w["b_" + g]) for g in "zr")
    return z * h + (1 - z) * np.tanh(x @ w["W_h"] + (r * h) @ w["U_h"] + w["b_h"]), c


def lstm_step(x, h, c, w):
    i, f, o = (sigmoid(x @ w["W_" + g] + h @ w["U_" + g] + w["b_" + g]) for g in "ifo")
    c = f * c + i * np.tanh(x @ w["W_c"] + h @ w["U_c"] + w["b_c"])
    return o * np.tanh(c), c


@pytest.mark.parametrize("cls, step", [(SimpleRNN, simple_step), (GRU, gru_step), (LSTM, lstm_step)])
def test_recurrent_layers(cls, step):
    options = {} if cls is SimpleRNN else {"inner_activation": "sigmoid"}
    layer = cls(2, input_shape=(5, 3), **options)
    model = Sequential([layer])
    x = RNG.randn(4, 5, 3)
    w = {weight.name.removeprefix(layer.name + "_"): weight.get_value() for weight in layer.weights}
    h = c = np.zeros((4, 2))
    for t in range(5):
        h, c = step(x[:, t], h, c, w)
    np.testing.assert_allclose(model.predict(x), h, **EXACT)
    # the slope of the loss, by differences, is the step that SGD takes
    model.compile(optimizers.SGD(lr=1.0), "mse")
    U, size = layer.weights[1], 1e-6
    before, direction = [v.get_value() for v in layer.weights], RNG.randn(*U.shape)
    ends = []
    for sign in (1, -1):
        U.set_value(before[1] + sign * size * direction)
        ends.append(model.test_on_batch(x, h + 1))
    U.set_value(before[1])
    model.train_on_batch(x, h + 1)
    slope = np.sum((before[1] - U.get_value()) * direction)
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * size), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ["w.h5", "w.safetensors", "m.h5"])
def test_files_keep_every_digit(name, tmp_path):
    model, path = linear("adam"), tmp_path / name
    model.train_on_batch(X, Y)
    if name == "m.h5":
        model.save(path)
        again = load_model(path)
        assert model.train_on_batch(X, Y) == again.train_on_batch(X, Y)
    else:
        again = linear("adam")
        model.save_weights(path)
        again.load_weights(path)
    for old, new in zip(model.get_weights(), again.get_weights()):
        assert new.dtype == np.float64
        np.testing.assert_array_equal(old, new)


def test_float32_comes_back():
    K.set_floatx("float32")
    model = linear("sgd")
    model.fit(X, Y, nb_epoch=1, verbose=0)
    assert model.predict(X).dtype == np.float32
    K.set_floatx("float64")
