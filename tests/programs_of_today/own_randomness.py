"""Keep a SeedGenerator in a layer that adds noise in training only, and train in mixed precision beside it."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(26)


class NoisyTop(layers.Layer):
    """Add noise in training; in testing, pass on."""

    def __init__(self, deviation, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.deviation = deviation
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        if training:
            return x + self.deviation * keras.random.normal(ops.shape(x), seed=self.seed_generator)
        return x


x = rng.normal(size=(16, 4)).astype("float32")
y = x.sum(1, keepdims=True)

noisy = keras.Sequential([keras.Input((4,)), NoisyTop(1.0, seed=7), layers.Dense(1)])
noisy.layers[-1].set_weights([rng.normal(0, 0.5, (4, 1)), np.zeros(1)])
plain = noisy(x)
first, second = noisy(x, training=True), noisy(x, training=True)
differ = bool(np.abs(np.array(first) - np.array(second)).max() > 0.01)

policy = keras.mixed_precision.Policy("mixed_bfloat16")
keras.mixed_precision.set_global_policy(policy)
inputs = keras.Input((4,))
hidden = layers.Dense(8, activation="relu", name="wide")(inputs)
outputs = layers.Dense(1, dtype="float32", name="out")(hidden)
mixed = keras.Model(inputs, outputs)
dtypes = [mixed.get_layer("wide").compute_dtype, mixed.get_layer("wide").variable_dtype]
keras.mixed_precision.set_global_policy("float32")
mixed.set_weights([rng.normal(0, 0.5, w.shape) for w in mixed.get_weights()])
mixed.compile(keras.optimizers.SGD(0.01), "mse")
history = mixed.fit(x, y, batch_size=8, epochs=10, shuffle=False, verbose=0)
record = {
    "losses": [round(float(loss), 1) for loss in history.history["loss"]],
    "dtypes": dtypes,
    "differ": differ,
    "falls": history.history["loss"][-1] < history.history["loss"][0],
    "checksum": float(np.array(plain).sum()),
}
print(json.dumps(record))
