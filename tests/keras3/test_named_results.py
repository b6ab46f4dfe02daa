"""Metrics whose result is a dictionary, in the logs of `fit`, `evaluate` and steps of one's own: as in Keras 3."""

import numpy as np
import pytest

from horngate import keras3


class Distances(keras3.metrics.Metric):
    """The sum of the distances, and the number of batches."""

    def __init__(self, name="distances", **kwargs):
        super().__init__(name=name, **kwargs)
        self.total = self.add_variable((), "zeros", name="total")
        self.batches = self.add_variable((), "zeros", name="batches")

    def update_state(self, y, p, sample_weight=None):
        self.total.assign(self.total + keras3.ops.sum(keras3.ops.abs(y - p)))
        self.batches.assign(self.batches + 1.0)

    def result(self):
        return {"total": self.total, "batches": self.batches}


class Stepping(keras3.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras3.layers.Dense(1, kernel_initializer="ones")

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        return super().train_step(data)


def chain():
    return keras3.Sequential([keras3.Input((2,)), keras3.layers.Dense(1, kernel_initializer="ones")])


@pytest.mark.parametrize("make", [chain, Stepping])
def test_each_value_has_its_name(make):
    x = np.random.RandomState(0).randn(8, 2).astype("float32")
    y, model = x[:, :1], make()
    model.compile(keras3.optimizers.SGD(0.0), "mse", metrics=[Distances(), "mae"])
    total = np.abs(x[:, 1]).sum()
    found = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
    assert list(found) == ["loss", "total", "batches", "mae"] and found["batches"] == 2
    np.testing.assert_allclose([found["total"], found["mae"]], [total, total / 8], rtol=1e-5)
    history = model.fit(x, y, batch_size=2, verbose=0, validation_data=(x, y)).history
    assert history["batches"] == [4] and len(history["val_batches"]) == 1
    np.testing.assert_allclose(history["val_total"], [total], rtol=1e-5)
    assert len(model.evaluate(x, y, verbose=0)) == 4
