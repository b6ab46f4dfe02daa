"""Copies of models and optimizers that took steps of their own go on where the original was."""

import copy
import pickle

import numpy as np
import pytest

import horngate
from horngate import keras3
from horngate.keras3 import layers, ops
from horngate.models import clone_model

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = X[:, :1]
COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}


class TwoOptimizers(keras3.Model):
    """A model whose two parts have an optimizer each."""

    def __init__(self, units=3):
        super().__init__()
        self.first, self.last = layers.Dense(units), layers.Dense(1)
        self.seen, self.other = keras3.metrics.Mean(name="seen"), keras3.optimizers.Adam(0.01)

    def call(self, x):
        return self.last(self.first(x))

    def train_step(self, data):
        x, y = data
        with horngate.GradientTape(persistent=True) as tape:
            loss = ops.mean((self(x, training=True) - y) ** 2)
        for optimizer, layer in ((self.optimizer, self.first), (self.other, self.last)):
            weights = layer.trainable_weights
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        self.seen.update_state(loss)
        return {"loss": self.seen.result()}


def fitted(model, epochs=2):
    return model.fit(X, Y, epochs=epochs, verbose=0, shuffle=False).history["loss"]


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("eagerly", [False, True])
def test_a_model_with_steps_of_its_own(way, eagerly):
    model = TwoOptimizers()
    model.compile("adam", run_eagerly=eagerly)
    fitted(model)
    again = COPIES[way](model)
    assert int(again.optimizer.iterations.numpy()) == int(model.optimizer.iterations.numpy()) == 2
    again.compile(again.optimizer, run_eagerly=eagerly)
    np.testing.assert_allclose(fitted(again), fitted(model), rtol=1e-6)


def test_a_clone_begins_anew():
    model = TwoOptimizers(5)
    model.compile("adam")
    fitted(model)
    clone = clone_model(model)
    clone.compile("adam")
    assert clone.first.output_dim == 5 and fitted(clone, 1)[0] != fitted(model, 1)[0]


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("make", [lambda o: o.SGD(0.1, momentum=0.9), lambda o: o.Nadam(0.1, use_ema=True)])
def test_a_loop_of_ones_own(way, make):
    model, optimizer = keras3.Sequential([layers.Input((4,)), layers.Dense(1)]), make(keras3.optimizers)

    def step(model, optimizer):
        with horngate.GradientTape() as tape:
            loss = ops.mean((model(X) - Y) ** 2)
        weights = model.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return float(loss)

    step(model, optimizer)
    again = COPIES[way]((model, optimizer))
    np.testing.assert_allclose([step(*again) for _ in range(3)], [step(model, optimizer) for _ in range(3)], rtol=1e-6)


def test_a_copy_on_other_variables_begins_anew_and_says_so():
    one, other = horngate.backend.variable(np.ones(2), name="one"), horngate.backend.variable(np.ones(3), name="other")
    optimizer = keras3.optimizers.Adam(0.1)
    optimizer.apply([np.ones(2)], [one])
    again = copy.deepcopy(optimizer)
    with pytest.warns(UserWarning, match="the copy starts anew: .* than its original, one"):
        again.apply([np.ones(3)], [other])
