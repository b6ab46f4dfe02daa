"""Find a learning rate by a callback that raises it batch by batch, stops at a bad loss, and gives the weights back."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(28)


class RateFinder(keras.callbacks.Callback):
    def __init__(self, low=1e-4, factor=1.6):
        super().__init__()
        self.low, self.factor, self.rates, self.losses = low, factor, [], []

    def on_train_begin(self, logs=None):
        self.kept = self.model.get_weights()
        self.model.optimizer.learning_rate = self.low

    def on_train_batch_end(self, batch, logs=None):
        rate = float(ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.rates.append(rate)
        self.losses.append(float(logs["loss"]))
        if self.losses[-1] > 4 * min(self.losses):
            self.model.stop_training = True
        self.model.optimizer.learning_rate.assign(rate * self.factor)

    def on_train_end(self, logs=None):
        self.model.set_weights(self.kept)


class LinearWarmup(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, peak, warmup):
        self.peak, self.warmup = peak, warmup

    def __call__(self, step):
        step = ops.cast(step, "float32")
        return self.peak * ops.minimum((step + 1) / self.warmup, ops.sqrt(self.warmup / (step + 1)))

    def get_config(self):
        return {"peak": self.peak, "warmup": self.warmup}


model = keras.Sequential([keras.Input((6,)), layers.Dense(8, activation="tanh"), layers.Dense(1)])
for weight in model.trainable_variables:
    weight.assign(rng.normal(0, 0.3, weight.shape))
x = rng.normal(size=(40, 6)).astype("float32")
y = x @ rng.normal(size=(6, 1)).astype("float32")
model.compile(keras.optimizers.SGD(0.1, momentum=0.5), "mse")
finder = RateFinder()
model.fit(x, y, batch_size=4, epochs=3, shuffle=False, callbacks=[finder], verbose=0)
best = finder.rates[int(np.argmin(finder.losses))]
model.compile(keras.optimizers.SGD(LinearWarmup(best / 4, 6)), "mse")
history = model.fit(x, y, batch_size=8, epochs=4, shuffle=False, verbose=0)
record = {
    "rates": finder.rates,
    "found": finder.losses[:10],
    "steps": len(finder.losses),
    "losses": history.history["loss"],
    "checksum": float(np.abs(model.predict(x, verbose=0)).sum()),
}
print(json.dumps(record))
