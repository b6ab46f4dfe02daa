"""Add losses from inside of layers' call: an endpoint layer, a subclassed autoencoder."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(22)


class LogisticEndpoint(layers.Layer):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.loss_function = keras.losses.BinaryCrossentropy(from_logits=True)

    def call(self, targets, logits, sample_weight=None):
        loss = self.loss_function(targets, logits, sample_weight)
        self.add_loss(loss)
        return ops.softmax(logits)


class ActivityRegularization(layers.Layer):
    def __init__(self, rate=1e-2):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * ops.mean(ops.square(inputs)))
        return inputs


class AutoEncoder(keras.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.encoder = keras.Sequential([layers.Dense(units, activation="relu"), ActivityRegularization(0.1)])
        self.decoder = layers.Dense(6, kernel_regularizer="l2")

    def call(self, inputs):
        code = self.encoder(inputs)
        reconstruction = self.decoder(code)
        self.add_loss(0.5 * ops.mean(ops.abs(code)))
        return reconstruction


x = rng.normal(size=(24, 6)).astype("float32")
t = (x[:, :2] > 0).astype("float32")

inputs = keras.Input((6,), name="inputs")
logits = layers.Dense(2)(ActivityRegularization()(inputs))
targets = keras.Input((2,), name="targets")
predictions = LogisticEndpoint(name="predictions")(targets, logits)
endpoint = keras.Model(inputs=[inputs, targets], outputs=predictions)
endpoint.set_weights([rng.normal(0, 0.4, w.shape) for w in endpoint.get_weights()])
endpoint.compile(optimizer=keras.optimizers.Adam(0.05))
first = endpoint.fit([x, t], batch_size=8, epochs=5, shuffle=False, verbose=0)

auto = AutoEncoder(4)
auto(x[:1])
for weight in auto.trainable_weights:
    weight.assign(rng.normal(0, 0.4, weight.shape))
auto.compile(optimizer="adam", loss="mse", metrics=["mae"])
second = auto.fit(x, x, batch_size=8, epochs=5, shuffle=False, verbose=0, validation_data=(x[:8], x[:8]))
record = {
    "losses": first.history["loss"] + second.history["loss"],
    "keys": sorted(first.history) + sorted(second.history),
    "val_losses": second.history["val_loss"],
    "checksum": float(np.abs(auto.predict(x, verbose=0)).sum()),
}
print(json.dumps(record))
