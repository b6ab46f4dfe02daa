"""Count in `call` by assign, in fit, evaluate and predict."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.RandomState(0)
record = {}


def fix(model, seed=0):
    r = np.random.RandomState(seed)
    model.set_weights(
        [r.uniform(0.05, 0.25, w.shape) if w.ndim < 2 else r.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()]
    )


def show(name, *values):
    for value in values:
        record.setdefault(name, []).append([float(x) for x in np.ravel(np.asarray(value, "float64"))[:8]])


class Counter(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")
        self.total = self.add_weight(shape=(3,), initializer="zeros", trainable=False, name="total")

    def call(self, x, training=False):
        self.calls.assign_add(1.0)
        self.total.assign(self.total + ops.sum(x, axis=0))
        if training:
            self.total.assign(self.total * 0.5)
        return x * 2.0


inp = keras.Input((3,))
c = Counter()
m = keras.Model(inp, layers.Dense(1)(c(inp)))
fix(m)
c.calls.assign(0.0)
c.total.assign(np.zeros(3))
m.compile("sgd", "mse")
X = rng.rand(16, 3)
m.predict(X, batch_size=8, verbose=0)
show("predict", c.calls, c.total)
m.evaluate(X, rng.rand(16, 1), batch_size=8, verbose=0)
show("evaluate", c.calls, c.total)
m.fit(X, rng.rand(16, 1), batch_size=8, epochs=2, verbose=0, shuffle=False)
show("fit", c.calls, c.total)
m(X)
show("call", c.calls, c.total)
m.predict_on_batch(X)
m.test_on_batch(X, np.zeros((16, 1)))
show("batch", c.calls, c.total)


class S(keras.Model):
    def __init__(self):
        super().__init__()
        self.c = Counter()
        self.d = layers.Dense(1)

    def call(self, x, training=False):
        return self.d(self.c(x, training=training))


s = S()
s.build((None, 3))
fix(s)
s.c.calls.assign(0)
s.compile("sgd", "mse")
s.predict(X, batch_size=8, verbose=0)
show("sub", s.c.calls)
s.evaluate(X, rng.rand(16, 1), batch_size=8, verbose=0)
show("sub", s.c.calls)

print(json.dumps(record))
