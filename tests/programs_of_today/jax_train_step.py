"""Customize fit in Keras 3's JAX form: train_step and test_step over states, compute_loss_and_updates."""

import json

import jax
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(18)


class CustomModel(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")
        self.loss_fn = keras.losses.MeanSquaredError()

    def compute_loss_and_updates(
        self, trainable_variables, non_trainable_variables, metrics_variables, x, y, sample_weight, training=False
    ):
        y_pred, non_trainable_variables = self.stateless_call(
            trainable_variables, non_trainable_variables, x, training=training
        )
        loss = self.loss_fn(y, y_pred, sample_weight=sample_weight)
        loss_tracker_vars = metrics_variables[: len(self.loss_tracker.variables)]
        mae_metric_vars = metrics_variables[len(self.loss_tracker.variables) :]
        loss_tracker_vars = self.loss_tracker.stateless_update_state(loss_tracker_vars, loss)
        mae_metric_vars = self.mae_metric.stateless_update_state(mae_metric_vars, y, y_pred)
        return loss, (non_trainable_variables, loss_tracker_vars + mae_metric_vars)

    def train_step(self, state, data):
        trainable_variables, non_trainable_variables, optimizer_variables, metrics_variables = state
        if len(data) == 3:
            x, y, sample_weight = data
        else:
            sample_weight = None
            x, y = data
        grad_fn = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (loss, (non_trainable_variables, metrics_variables)), grads = grad_fn(
            trainable_variables, non_trainable_variables, metrics_variables, x, y, sample_weight, training=True
        )
        trainable_variables, optimizer_variables = self.optimizer.stateless_apply(
            optimizer_variables, grads, trainable_variables
        )
        n = len(self.loss_tracker.variables)
        logs = {
            self.loss_tracker.name: self.loss_tracker.stateless_result(metrics_variables[:n]),
            self.mae_metric.name: self.mae_metric.stateless_result(metrics_variables[n:]),
        }
        state = (trainable_variables, non_trainable_variables, optimizer_variables, metrics_variables)
        return logs, state

    def test_step(self, state, data):
        x, y = data
        trainable_variables, non_trainable_variables, metrics_variables = state
        y_pred, non_trainable_variables = self.stateless_call(
            trainable_variables, non_trainable_variables, x, training=False
        )
        loss = self.loss_fn(y, y_pred)
        n = len(self.loss_tracker.variables)
        loss_vars = self.loss_tracker.stateless_update_state(metrics_variables[:n], loss)
        mae_vars = self.mae_metric.stateless_update_state(metrics_variables[n:], y, y_pred)
        logs = {
            "loss": self.loss_tracker.stateless_result(loss_vars),
            "mae": self.mae_metric.stateless_result(mae_vars),
        }
        return logs, (trainable_variables, non_trainable_variables, loss_vars + mae_vars)

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae_metric]


inputs = keras.Input(shape=(6,))
x = layers.Dense(8, activation="relu")(inputs)
x = layers.BatchNormalization()(x)
outputs = layers.Dense(1)(x)
model = CustomModel(inputs, outputs)
for weight in model.trainable_weights:
    weight.assign(rng.normal(0, 0.4, weight.shape))
model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True))

x = rng.normal(size=(24, 6)).astype("float32")
y = x[:, :1] * 2 - x[:, 1:2]
weights = rng.uniform(0.5, 2, (24, 1)).astype("float32")
history = model.fit(
    x, y, sample_weight=weights, validation_data=(x[:6], y[:6]), batch_size=8, epochs=10, shuffle=False, verbose=0
)
score = model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)
moving = [float(np.array(v).sum()) for v in model.non_trainable_variables if "moving" in v.path]
record = {
    "losses": history.history["loss"],
    "mae": history.history["mae"],
    "val_losses": history.history["val_loss"],
    "score": [score["loss"], score["mae"]],
    "moving": moving,
    "checksum": float(np.abs(model.predict(x, verbose=0)).sum()),
}
print(json.dumps(record))
