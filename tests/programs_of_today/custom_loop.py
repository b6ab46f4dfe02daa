"""Train by a loop of one's own: batches, metrics, validation, a decaying learning rate, and early stopping."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers

rng = np.random.default_rng(23)
x_train = rng.normal(size=(32, 8, 1)).astype("float32")
y_train = x_train.sum(axis=1) + 0.1
x_val, y_val = x_train[:8] * 1.1, y_train[:8] * 1.1


class Residual(layers.Layer):
    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, input_shape):
        self.conv = layers.Conv1D(self.filters, 3, padding="same")
        self.norm = layers.BatchNormalization(momentum=0.9)
        self.short = layers.Conv1D(self.filters, 1) if input_shape[-1] != self.filters else None
        super().build(input_shape)

    def call(self, inputs, training=False):
        x = keras.activations.relu(self.norm(self.conv(inputs), training=training))
        return x + (self.short(inputs) if self.short is not None else inputs)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


def make_model():
    return keras.Sequential(
        [keras.Input((8, 1)), Residual(4), Residual(4), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    )


model = make_model()
for weight in model.trainable_weights:
    weight.assign(rng.normal(0, 0.4, weight.shape))
schedule = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=4, decay_rate=0.8, staircase=True)
optimizer = keras.optimizers.RMSprop(learning_rate=schedule)
loss_fn = keras.losses.MeanSquaredError()
train_metric = keras.metrics.RootMeanSquaredError()
val_metric = keras.metrics.MeanAbsoluteError()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        predictions = model(x, training=True)
        loss_value = loss_fn(y, predictions)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    train_metric.update_state(y, predictions)
    return loss_value


@tf.function
def test_step(x, y):
    val_metric.update_state(y, model(x, training=False))


losses, trained, validated, rates = [], [], [], []
best, patience, waited = np.inf, 2, 0
for epoch in range(4):
    for start in range(0, 32, 8):
        loss_value = train_step(x_train[start : start + 8], y_train[start : start + 8])
        losses.append(float(loss_value))
    trained.append(float(train_metric.result()))
    train_metric.reset_state()
    for start in range(0, 8, 4):
        test_step(x_val[start : start + 4], y_val[start : start + 4])
    validated.append(float(val_metric.result()))
    val_metric.reset_state()
    rates.append(float(keras.ops.convert_to_numpy(optimizer.learning_rate)))
    if validated[-1] < best:
        best, waited = validated[-1], 0
        model.save("best.keras")
    else:
        waited += 1
        if waited >= patience:
            break

best_model = keras.models.load_model("best.keras", custom_objects={"Residual": Residual})
record = {
    "losses": losses,
    "trained": trained,
    "validated": validated,
    "rates": rates,
    "checksum": float(np.abs(best_model.predict(x_val, verbose=0)).sum()),
}
print(json.dumps(record))
