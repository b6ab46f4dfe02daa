"""What every optimizer takes: schedules for its rate, accumulated gradients, moving averages of the weights."""

import math

import numpy as np
import optax
import pytest

from horngate import optimizers
from horngate.layers import Dense
from horngate.models import Sequential, load_model

RNG = np.random.RandomState(0)
X = RNG.randn(24, 3).astype("float32")
Y = (X @ RNG.randn(3, 1)).astype("float32")
OPTIMIZERS = ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"]


def train(optimizer, batch_size=4, nb_epoch=2):
    np.random.seed(3)
    model = Sequential([Dense(2, input_dim=3, activation="tanh"), Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=batch_size, nb_epoch=nb_epoch, shuffle=False, verbose=0)
    return model


def same_weights(model, other, rtol=1e-4):
    for ours, theirs in zip(model.get_weights(), other.get_weights()):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_accumulated_gradients_make_the_step_of_a_large_batch(name):
    make = getattr(optimizers, name)
    same_weights(train(make(gradient_accumulation_steps=3), batch_size=4), train(make(), batch_size=12))


def test_accumulation_with_optax():
    accumulated = optimizers.TFOptimizer(optax.adam(0.01), gradient_accumulation_steps=3)
    same_weights(train(accumulated, batch_size=4), train(optax.adam(0.01), batch_size=12))


SCHEDULES = {
    "optax": optax.cosine_decay_schedule(0.1, 12),
    "of array functions": lambda step: 0.1 / (1.0 + step),
    "of Python": lambda step: 0.1 if step < 5 else 0.01 * math.exp(-step),
}


@pytest.mark.parametrize("kind", SCHEDULES)
def test_a_schedule_is_the_rate_of_each_step(kind):
    schedule = SCHEDULES[kind]
    model = train(optimizers.SGD(lr=schedule), batch_size=4, nb_epoch=2)
    np.random.seed(3)
    reference = Sequential([Dense(2, input_dim=3, activation="tanh"), Dense(1)])
    reference.compile("sgd", "mse")
    for step in range(12):
        reference.optimizer.lr = float(schedule(step))
        rows = slice(4 * (step % 6), 4 * (step % 6) + 4)
        reference.train_on_batch(X[rows], Y[rows])
    same_weights(model, reference)
    assert float(model.optimizer.lr) == pytest.approx(float(schedule(12)), rel=1e-5)  # that of the next step


def test_a_file_keeps_the_rate_of_the_moment(tmp_path):
    model = train(optimizers.Adam(lr=lambda step: 0.1 / (1 + step)))
    model.save(tmp_path / "model.h5")
    assert float(load_model(tmp_path / "model.h5").optimizer.lr) == pytest.approx(0.1 / 13, rel=1e-5)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_averages_follow_the_weights(name):
    np.random.seed(3)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile(getattr(optimizers, name)(ema_momentum=0.8), "mse")
    with pytest.raises(ValueError, match="averaged_weights.*ema_momentum"), model.averaged_weights():
        pass
    averages = model.get_weights()
    for step in range(5):
        model.train_on_batch(X, Y)
        averages = [0.8 * old + 0.2 * new for old, new in zip(averages, model.get_weights())]
    trained = model.get_weights()
    with model.averaged_weights():
        for ours, expected in zip(model.get_weights(), averages):
            np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(model.predict(X), X @ averages[0] + averages[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(model.get_weights()[0], trained[0])


def test_options_are_kept_in_files_and_go_together(tmp_path):
    model = train(optimizers.Adam(gradient_accumulation_steps=2, ema_momentum=0.9, clipnorm=1.0))
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    for each in (model, again):
        each.fit(X, Y, batch_size=4, nb_epoch=1, shuffle=False, verbose=0)
    same_weights(again, model, rtol=1e-6)
    with model.averaged_weights(), again.averaged_weights():
        same_weights(again, model, rtol=1e-6)


def test_a_step_of_ones_own_on_top_of_adams():
    """It is what is done, and may call the one it replaces; no weight to train is no step."""

    class Still(optimizers.Adam):
        def step(self, p, g, slots, h, t):
            return p, super().step(p, g, slots, h, t)[1]

    before, after = train(Still(), nb_epoch=0), train(Still())
    same_weights(before, after)
    assert np.abs(after.optimizer.get_weights()[1]).max() > 0
    model = Sequential([Dense(1, input_dim=3, trainable=False)])
    model.compile("adam", "mse")
    model.fit(X, Y, nb_epoch=1, verbose=0)
