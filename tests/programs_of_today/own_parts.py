"""Register parts of one's own: an activation, an initializer, a constraint, a loss, a metric, a layer on keras.ops."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(25)


@keras.saving.register_keras_serializable(package="own")
def squared_relu(x):
    return ops.square(ops.relu(x))


@keras.saving.register_keras_serializable(package="own")
class Ramp(keras.initializers.Initializer):
    def __init__(self, scale=1.0):
        self.scale = scale

    def __call__(self, shape, dtype=None):
        count = int(np.prod(shape))
        return ops.reshape(ops.linspace(-self.scale, self.scale, count), shape)

    def get_config(self):
        return {"scale": self.scale}


@keras.saving.register_keras_serializable(package="own")
class Bounded(keras.constraints.Constraint):
    def __init__(self, bound):
        self.bound = bound

    def __call__(self, w):
        return ops.clip(w, -self.bound, self.bound)

    def get_config(self):
        return {"bound": self.bound}


@keras.saving.register_keras_serializable(package="own")
class Pinball(keras.losses.Loss):
    def __init__(self, quantile=0.5, name="pinball", **kwargs):
        super().__init__(name=name, **kwargs)
        self.quantile = quantile

    def call(self, y_true, y_pred):
        difference = y_true - y_pred
        return ops.mean(ops.maximum(self.quantile * difference, (self.quantile - 1.0) * difference), axis=-1)

    def get_config(self):
        return {**super().get_config(), "quantile": self.quantile}


@keras.saving.register_keras_serializable(package="own")
class Coverage(keras.metrics.Metric):
    def __init__(self, name="coverage", **kwargs):
        super().__init__(name=name, **kwargs)
        self.below = self.add_variable(shape=(), initializer="zeros", name="below")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.below.assign_add(ops.sum(ops.cast(y_true <= y_pred, "float32")))
        self.count.assign_add(ops.cast(ops.size(y_true), "float32"))

    def result(self):
        return self.below / self.count


@keras.saving.register_keras_serializable(package="own")
class Gated(layers.Layer):
    def __init__(self, units, activation=None, kernel_constraint=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.gate = layers.Dense(units, activation="sigmoid", bias_initializer=Ramp(0.5))

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer=Ramp(0.3), constraint=self.kernel_constraint, name="kernel"
        )
        self.gate.build(input_shape)

    def call(self, x):
        return self.activation(ops.einsum("bi,ij->bj", x, self.kernel)) * self.gate(x)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "kernel_constraint": keras.constraints.serialize(self.kernel_constraint),
        }


inputs = keras.Input((5,))
hidden = Gated(6, activation=squared_relu, kernel_constraint=Bounded(0.4))(inputs)
outputs = layers.Dense(1, kernel_initializer=Ramp(0.7))(hidden)
model = keras.Model(inputs, outputs)
model.layers[1].gate.kernel.assign(rng.normal(0, 0.3, (5, 6)))
model.compile(optimizer=keras.optimizers.Adamax(0.05), loss=Pinball(0.8), metrics=[Coverage()])

x = rng.normal(size=(24, 5)).astype("float32")
y = np.abs(x[:, :1]) + 0.3 * x[:, 1:2]
history = model.fit(x, y, batch_size=8, epochs=10, shuffle=False, verbose=0)
model.save("own_parts.keras")
restored = keras.saving.load_model("own_parts.keras")
again = restored.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
record = {
    "losses": history.history["loss"] + again.history["loss"],
    "coverage": history.history["coverage"],
    "largest": float(np.abs(np.array(model.layers[1].kernel)).max()),
    "loss_class": type(restored.loss).__name__,
    "checksum": float(np.abs(restored.predict(x, verbose=0)).sum()),
}
print(json.dumps(record))
