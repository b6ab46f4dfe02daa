"""Train a functional VAE whose sampling layer adds the KL divergence by add_loss, and whose loss is compiled."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(24)


class KLDivergence(layers.Layer):
    def __init__(self, weight=0.1, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight
        self.tracked = keras.metrics.Mean(name="kl")

    def call(self, inputs):
        mean, log_variance = inputs
        kl = -0.5 * ops.sum(1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=-1)
        self.add_loss(self.weight * ops.mean(kl))
        return mean, log_variance


class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_variance, epsilon = inputs
        return mean + ops.exp(0.5 * log_variance) * epsilon


inputs, noise = keras.Input((10,), name="x"), keras.Input((2,), name="noise")
h = layers.Dense(8, activation="tanh", name="encoder_hidden")(inputs)
mean, log_variance = KLDivergence()([layers.Dense(2, name="mean")(h), layers.Dense(2, name="log_variance")(h)])
z = Sampling(name="z")([mean, log_variance, noise])
decoder = keras.Sequential([keras.Input((2,)), layers.Dense(8, "tanh"), layers.Dense(10, "sigmoid")], name="decoder")
vae = keras.Model([inputs, noise], decoder(z), name="vae")
encoder = keras.Model(inputs, mean)

x = rng.uniform(0, 1, (24, 10)).astype("float32")
epsilon = rng.normal(size=(24, 2)).astype("float32")
for weight in vae.trainable_variables:
    weight.assign(rng.normal(0, 0.4, weight.shape))
vae.compile(keras.optimizers.Nadam(0.01), loss="binary_crossentropy")
history = vae.fit(
    [x, epsilon], x, batch_size=8, epochs=5, shuffle=False, validation_data=([x, 0 * epsilon], x), verbose=0
)
record = {
    "losses": history.history["loss"],
    "val": history.history["val_loss"],
    "means": float(np.abs(encoder.predict(x, verbose=0)).sum()),
    "checksum": float(decoder.predict(epsilon, verbose=0).sum()),
}
print(json.dumps(record))
