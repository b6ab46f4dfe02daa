"""`predict` asks the `predict_step` of a subclass: on symbols once, or by Python where it needs numbers."""

import numpy as np
import pytest

from horngate import keras3
from horngate.keras3 import layers, ops

X = np.random.default_rng(0).normal(size=(70, 3)).astype("float32")


class Base(keras3.Model):
    """A model whose output is the sum of its inputs, twice."""

    def __init__(self):
        super().__init__()
        self.dense, self.calls = layers.Dense(2, kernel_initializer="ones"), []

    def call(self, x, training=None):
        return self.dense(x)


class Structured(Base):
    def predict_step(self, data):
        self.calls.append(1)
        x, _, _ = keras3.utils.unpack_x_y_sample_weight(data)
        return {"twice": self(x, training=False) * 2, "sum": ops.sum(x, axis=-1)}


class OfJax(Base):
    def predict_step(self, state, data):
        self.calls.append(1)
        x = keras3.utils.unpack_x_y_sample_weight(data)[0]
        y, others = self.stateless_call(state[0], state[1], x, training=False)
        return {"twice": y * 2, "sum": ops.sum(x, axis=-1)}, others


class NeedsNumbers(Base):
    def predict_step(self, data):
        self.calls.append(1)
        x = data[0] if isinstance(data, (tuple, list)) else data
        return {"twice": self(x) * (2 if float(ops.sum(x)) < 1e9 else 0), "sum": ops.sum(x, axis=-1)}


WANTED = X.sum(-1)
PATHS = {
    "array": lambda model: model.predict(X, verbose=0),
    "tuple": lambda model: model.predict((X,), verbose=0),
    "generator": lambda model: model.predict((X[i : i + 10] for i in range(0, 70, 10)), verbose=0),
    "pairs": lambda model: model.predict([(X[i : i + 35], X[i : i + 35]) for i in (0, 35)].__iter__(), verbose=0),
    "batch": lambda model: model.predict_on_batch(X),
}


@pytest.mark.filterwarnings("ignore:NeedsNumbers.predict_step runs by Python")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("cls", [Structured, OfJax, NeedsNumbers])
def test_predict_asks_it(cls, path):
    model = cls()
    found = PATHS[path](model)
    np.testing.assert_allclose(found["sum"], WANTED, rtol=1e-5)
    np.testing.assert_allclose(found["twice"], 2 * np.stack([WANTED] * 2, -1), rtol=1e-5)
    if cls is not NeedsNumbers and path == "array":
        made = len(model.calls)
        assert made <= 6  # for two sizes of batches, and once more where it makes weights
        PATHS[path](model)
        assert len(model.calls) == made


def test_it_runs_by_python_if_told_so_and_weights_that_change_are_seen():
    model = Structured()
    model.compile("sgd", "mse", run_eagerly=True)
    for _ in range(2):
        model.predict(X, verbose=0)
    assert len(model.calls) == 6
    compiled = Structured()
    first = compiled.predict(X, verbose=0)["twice"]
    compiled.set_weights([2 * w for w in compiled.get_weights()])
    np.testing.assert_allclose(compiled.predict(X, verbose=0)["twice"], 2 * first, rtol=1e-5)
