"""A training by steps of one's own, compiled or by Python, goes on exactly after an interruption."""

import numpy as np
import pytest

import horngate
from horngate import callbacks, keras3
from horngate.keras3 import layers, ops
from horngate.models import load_model

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
Y = X[:, :1]


class Noisy(keras3.Model):
    """A model with dropout, an optimizer of its own beside that of `compile`, and a metric."""

    def __init__(self):
        super().__init__()
        self.first, self.drop, self.last = layers.Dense(8), layers.Dropout(0.5), layers.Dense(1)
        self.seen, self.other = keras3.metrics.Mean(name="seen"), keras3.optimizers.Adam(0.01)

    def call(self, x, training=None):
        return self.last(self.drop(self.first(x), training=training))

    def train_step(self, data):
        x, y = data
        with horngate.GradientTape(persistent=True) as tape:
            loss = ops.mean((self(x, training=True) - y) ** 2)
        for optimizer, layer in ((self.optimizer, self.first), (self.other, self.last)):
            weights = layer.trainable_weights
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        self.seen.update_state(loss)
        return {"loss": self.seen.result()}


class Stop(callbacks.Callback):
    """Interrupts the training at the end of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


def run(folder, eagerly, *more):
    np.random.seed(0)
    model = Noisy()
    model.compile("adam", run_eagerly=eagerly)
    told = [callbacks.BackupAndResume(folder), *more]
    return model, model.fit(X, Y, epochs=4, batch_size=8, verbose=0, callbacks=told).history


@pytest.mark.parametrize("eagerly", [False, True])
def test_it_goes_on_exactly(eagerly, tmp_path):
    model, history = run(tmp_path / "whole", eagerly)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", eagerly, Stop(1))
    again, other = run(tmp_path / "cut", eagerly)
    np.testing.assert_allclose(other["loss"], history["loss"], rtol=1e-6)
    for one, another in zip(again.get_weights(), model.get_weights()):
        np.testing.assert_array_equal(one, another)


@pytest.mark.parametrize("eagerly", [False, True])
def test_checkpoints_hold_it(eagerly, tmp_path):
    model = Noisy()
    model.compile("adam", run_eagerly=eagerly)
    saved = [callbacks.ModelCheckpoint(str(tmp_path / "m.keras"))]
    saved += [callbacks.ModelCheckpoint(str(tmp_path / "m.weights.h5"), save_weights_only=True)]
    model.fit(X, Y, epochs=2, verbose=0, callbacks=saved)
    with pytest.warns(UserWarning, match="the optimizer starts anew"):  # it has slots for a part of the weights
        again = load_model(tmp_path / "m.keras", custom_objects={"Noisy": Noisy})
    np.testing.assert_allclose(again.predict(X), model.predict(X), rtol=1e-6)
    again.set_weights([0 * w for w in again.get_weights()])
    again.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_allclose(again.predict(X), model.predict(X), rtol=1e-6)
