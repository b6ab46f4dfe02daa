"""Accumulate gradients over several batches in train_step, with weights of the model's own as buffers."""

import json

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

rng = np.random.default_rng(20)


class AccumulatingModel(keras.Model):
    def __init__(self, n_gradients, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.n_gradients = n_gradients
        self.n_acum_step = self.add_weight(name="step", shape=(), initializer="zeros", trainable=False)
        self.gradient_accumulation = [
            self.add_weight(name=f"buffer_{index}", shape=v.shape, initializer="zeros", trainable=False)
            for index, v in enumerate(self.trainable_variables)
        ]
        self.loss_metric = keras.metrics.Mean(name="loss")
        self.accuracy = keras.metrics.BinaryAccuracy(name="acc")

    @property
    def metrics(self):
        return [self.loss_metric, self.accuracy]

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.n_acum_step.assign_add(1.0)
        for buffer, gradient in zip(self.gradient_accumulation, gradients):
            buffer.assign_add(gradient / self.n_gradients)

        ready = ops.cast(ops.equal(self.n_acum_step, float(self.n_gradients)), "float32")
        for variable, buffer in zip(self.trainable_variables, self.gradient_accumulation):
            variable.assign_sub(ready * self.optimizer.learning_rate * buffer)
            buffer.assign(buffer * (1.0 - ready))
        self.n_acum_step.assign(self.n_acum_step * (1.0 - ready))
        self.loss_metric.update_state(loss)
        self.accuracy.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def network(seed):
    values = np.random.default_rng(seed)
    inputs = layers.Input(shape=(5,))
    x = layers.Dense(8, activation="elu", kernel_regularizer=keras.regularizers.L2(1e-3))(inputs)
    x = layers.Dense(8, activation="selu")(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    body = keras.Model(inputs, outputs)
    body.set_weights([values.normal(0, 0.5, w.shape) for w in body.get_weights()])
    return inputs, outputs, body


x = rng.normal(size=(32, 5)).astype("float32")
y = (x[:, :1] + 0.5 * x[:, 1:2] > 0).astype("float32")
inputs, outputs, _ = network(1)
model = AccumulatingModel(4, inputs, outputs)
model.compile(optimizer=keras.optimizers.SGD(0.5), loss="binary_crossentropy")
history = model.fit(x, y, batch_size=4, epochs=5, shuffle=False, verbose=0)

_, _, plain = network(1)
plain.compile(optimizer=keras.optimizers.SGD(0.5), loss="binary_crossentropy")
plain.fit(x, y, batch_size=16, epochs=5, shuffle=False, verbose=0)
distance = max(
    float(np.abs(np.array(a) - np.array(b)).max()) for a, b in zip(model.trainable_variables, plain.trainable_variables)
)

_, _, built_in = network(1)
built_in.compile(optimizer=keras.optimizers.Adam(0.02, gradient_accumulation_steps=2), loss="binary_crossentropy")
second = built_in.fit(x, y, batch_size=8, epochs=5, shuffle=False, verbose=0)
record = {
    "losses": history.history["loss"] + second.history["loss"],
    "accuracy": history.history["acc"],
    "equal_to_large_batches": distance < 1e-5,
    "checksum": float(model.predict(x, verbose=0).sum() + built_in.predict(x, verbose=0).sum()),
}
print(json.dumps(record))
