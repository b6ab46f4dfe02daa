"""Keep state in layers by assign: a queue, a running norm, and a counter, in layers that are called more than once."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(31)


class RunningNorm(layers.Layer):
    def build(self, input_shape):
        self.mean = self.add_weight(shape=(input_shape[-1],), initializer="zeros", trainable=False, name="mean")
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, x, training=False):
        if training:
            self.mean.assign(self.mean * 0.9 + ops.mean(x, axis=0) * 0.1)
            self.calls.assign_add(1.0)
        return x - self.mean


class Queue(layers.Layer):
    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape):
        self.kept = self.add_weight(
            shape=(self.size, input_shape[-1]), initializer="zeros", trainable=False, name="kept"
        )

    def call(self, x, training=False):
        near = ops.matmul(x, ops.transpose(self.kept))
        if training:
            self.kept.assign(ops.concatenate([ops.stop_gradient(x[:2]), self.kept[:-2]], axis=0))
        return ops.concatenate([x, near], axis=-1)


class Twice(keras.Model):
    def __init__(self):
        super().__init__()
        self.norm, self.queue, self.out = RunningNorm(), Queue(4), layers.Dense(1)

    def call(self, x, training=False):
        x = self.norm(self.norm(x, training=training) * 2, training=training)
        return self.out(self.queue(x, training=training))


model = Twice()
x = rng.normal(1, 1, (24, 3)).astype("float32")
y = rng.normal(size=(24, 1)).astype("float32")
model(x[:2])
for weight in model.trainable_variables:
    weight.assign(rng.normal(0, 0.3, weight.shape))
model.compile(keras.optimizers.SGD(0.01), "mse")
history = model.fit(x, y, batch_size=6, epochs=3, shuffle=False, verbose=0)
record = {
    "losses": history.history["loss"],
    "calls": float(model.norm.calls.numpy() if hasattr(model.norm.calls, "numpy") else model.norm.calls),
    "mean": np.array(model.norm.mean).tolist(),
    "kept": float(np.abs(np.array(model.queue.kept)).sum()),
    "checksum": float(np.abs(model.predict(x, verbose=0)).sum()),
}
print(json.dumps(record))
