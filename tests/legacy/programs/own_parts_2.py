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
