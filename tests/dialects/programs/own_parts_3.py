"""Parts of one's own in the manner of Keras 3: layer, wrapper, cell, initializer, regularizer, constraint, callback."""
import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable(package="Own")
class Linear(layers.Layer):
    def __init__(self, units=8, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer=Narrow(), regularizer=Rows(1e-3),
                                 constraint=Small(), trainable=True, name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True, name="b")

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Narrow(keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return keras.random.uniform(shape, -0.2, 0.2, dtype=dtype)


class Rows(keras.regularizers.Regularizer):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, x):
        return self.rate * ops.sum(ops.square(x))

    def get_config(self):
        return {"rate": self.rate}


class Small(keras.constraints.Constraint):
    def __call__(self, w):
        return ops.clip(w, -0.5, 0.5)


class Doubled(layers.Wrapper):
    def call(self, inputs):
        return 2 * self.layer(inputs)


class LeakyCell(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="uniform", name="kernel")
        self.built = True

    def call(self, inputs, states):
        output = 0.5 * states[0] + ops.tanh(ops.matmul(inputs, self.kernel))
        return output, [output]


class Sign(keras.optimizers.Optimizer):
    def __init__(self, learning_rate=0.01, name="sign", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)

    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, learning_rate * ops.sign(gradient))


class Epochs(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = []

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])


keras.utils.set_random_seed(0)
inputs = keras.Input(shape=(5, 3))
x = layers.RNN(LeakyCell(6))(inputs)
x = Doubled(layers.Dense(6, activation="relu"))(x)
model = keras.Model(inputs, Linear(1)(x))
model.compile(optimizer=Sign(0.003), loss="mse", metrics=["mae"])
X = np.random.randn(100, 5, 3)
Y = X[:, -1].sum(axis=1, keepdims=True) * 0.1
seen = Epochs()
model.fit(X, Y, epochs=20, batch_size=20, callbacks=[seen], verbose=0)
assert len(seen.losses) == 20 and seen.losses[-1] < seen.losses[0] / 2
assert np.abs(model.layers[-1].get_weights()[0]).max() <= 0.5
print("losses", seen.losses[0], seen.losses[-1])
