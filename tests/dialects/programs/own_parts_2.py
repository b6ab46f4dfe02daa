"""Parts of one's own in the manner of Keras 2: add_weight by name, compute_output_shape, get_updates(loss, params)."""
import keras
import numpy as np
from keras import backend as K
from keras.layers import Dense, Layer
from keras.models import Sequential
from keras.optimizers import Optimizer


class MyLayer(Layer):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[1], self.output_dim), initializer="uniform",
                                      trainable=True)
        super().build(input_shape)

    def call(self, x):
        return K.dot(x, self.kernel)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.output_dim)


class Doubled(keras.layers.Wrapper):
    def build(self, input_shape=None):
        self.layer.build(input_shape)
        self.layer.built = True
        super().build()

    def call(self, inputs):
        return 2 * self.layer.call(inputs)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)


class MinimalRNNCell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        self.units = units
        self.state_size = units
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer=small_init, name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer="uniform", name="recurrent")
        self.built = True

    def call(self, inputs, states):
        h = K.dot(inputs, self.kernel)
        output = h + K.dot(states[0], self.recurrent_kernel)
        return output, [output]


def small_init(shape, dtype=None):
    return K.random_uniform_variable(shape, -0.3, 0.3)


def l1_reg(weight_matrix):
    return 0.001 * K.sum(K.abs(weight_matrix))


class Small(keras.constraints.Constraint):
    def __call__(self, w):
        return K.clip(w, -0.5, 0.5)


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs={}):
        self.losses = []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get("loss"))


class Sign(Optimizer):
    def __init__(self, lr=0.01, **kwargs):
        super().__init__(**kwargs)
        self.lr = K.variable(lr, name="lr")

    def get_updates(self, loss, params):
        return [K.update(p, p - self.lr * K.sign(g)) for p, g in zip(params, self.get_gradients(loss, params))]


def halves(y_true, y_pred):
    return K.mean(K.cast(K.abs(y_true - y_pred) < 0.5, "float32"))


np.random.seed(0)
model = Sequential([MyLayer(8, input_shape=(4,)), Dense(1, kernel_initializer=keras.initializers.Constant(0.1))])
model.compile(optimizer=Sign(0.003), loss="mse", metrics=[halves])
x = np.random.randn(200, 4)
history = model.fit(x, x.sum(axis=1) * 0.3, epochs=15, batch_size=20, verbose=0)
print(history.history["loss"][0], history.history["loss"][-1])
assert history.history["loss"][-1] < history.history["loss"][0] / 2 and "halves" in history.history

sequences = Sequential([
    keras.layers.RNN(MinimalRNNCell(6), input_shape=(5, 3)),
    Doubled(Dense(4)),
    Dense(1, kernel_initializer=small_init, kernel_regularizer=l1_reg, kernel_constraint=Small()),
])
sequences.compile(optimizer=Sign(0.003), loss="mse")
x, seen = np.random.randn(100, 5, 3), LossHistory()
sequences.fit(x, x[:, -1].sum(axis=1) * 0.1, epochs=10, batch_size=20, callbacks=[seen], verbose=0)
assert len(seen.losses) == 50 and np.mean(seen.losses[-5:]) < np.mean(seen.losses[:5])
assert np.abs(sequences.layers[-1].get_weights()[0]).max() <= 0.5
print(seen.losses[0], seen.losses[-1])
