"""The workloads in Keras 3, on JAX or on torch as KERAS_BACKEND says."""

import sys

import keras
import numpy as np
from keras import layers

from benchmarks.workloads import EPSILON

sys.setrecursionlimit(20_000)  # Keras recurses from layer to layer: a thousand are too many for Python's own limit


class Positions(layers.Layer):
    """x + W, with a learned vector for each step."""

    def build(self, input_shape):
        self.W = self.add_weight(shape=input_shape[1:], initializer="normal", name="W")

    def call(self, x):
        return x + self.W


class Contender:
    """A compiled model."""

    model_class = keras.Model

    def __init__(self, workload, dtype="float32", variant=""):
        if dtype != "float32":
            keras.mixed_precision.set_global_policy("mixed_" + dtype)
        keras.config.set_image_data_format("channels_first" if workload.ordering == "th" else "channels_last")
        self.workload, self.layers = workload, []
        inputs = keras.Input(workload.input_shape, dtype="int32" if workload.words else None)
        self.model = self.model_class(inputs, self.outputs_of(workload.network, inputs))
        loss = "binary_crossentropy" if workload.classes == 1 else "sparse_categorical_crossentropy"
        self.model.compile(keras.optimizers.Adam(workload.rate), loss)

    def outputs_of(self, network, x):
        """The rows of a network, called one after the other."""
        for kind, *arguments in network:
            if kind == "residual":
                x = layers.add([self.outputs_of(branch, x) for branch in arguments])
                continue
            for layer in getattr(self, kind)(
                *(x.shape, *arguments) if kind in ("attention", "tokens", "mean") else arguments
            ):
                x = layer(x, x, use_causal_mask=arguments[1]) if kind == "attention" else layer(x)
                self.layers.append(layer)
        return x

    def attention(self, shape, heads, causal):
        return [layers.MultiHeadAttention(heads, shape[-1] // heads)]

    def positions(self):
        return [Positions()]

    def layer_norm(self):
        return [layers.LayerNormalization(epsilon=EPSILON)]

    def tokens(self, shape):
        return [layers.Reshape((shape[1] * shape[2], shape[3]))]

    def depthwise(self, size, stride, pad):
        padding = [layers.ZeroPadding2D(pad)] if stride > 1 else []
        return [*padding, layers.DepthwiseConv2D(size, strides=stride, padding="valid" if padding else "same")]

    def dense(self, units, activation):
        return [layers.Dense(units, activation=activation)]

    def conv(self, filters, size, activation, stride, pad):
        padding = [layers.ZeroPadding2D(pad)] if pad and stride > 1 else []
        mode = "same" if pad and not padding else "valid"
        return [*padding, layers.Conv2D(filters, size, strides=stride, padding=mode, activation=activation)]

    def pool(self, size, stride):
        return [layers.MaxPooling2D(size, strides=stride)]

    def norm(self):
        return [layers.BatchNormalization(epsilon=EPSILON, axis=1 if self.workload.channels_first else -1)]

    def activation(self, name):
        return [layers.Activation(name)]

    def dropout(self, rate):
        return [layers.Dropout(rate)]

    def flatten(self):
        return [layers.Flatten()]

    def mean(self, shape):
        return [layers.GlobalAveragePooling1D() if len(shape) == 3 else layers.GlobalAveragePooling2D()]

    def embedding(self, words, features):
        return [layers.Embedding(words, features)]

    def lstm(self, units):
        return [layers.LSTM(units)]

    def gru(self, units):
        return [layers.GRU(units, reset_after=False)]

    def bidirectional(self, units):
        return [layers.Bidirectional(*self.lstm(units))]

    def set_weights(self, weights):
        """Give each layer the weights of its row."""
        held = (layer for layer in self.layers if layer.trainable_weights)
        for layer, row in zip(held, weights, strict=True):
            if isinstance(layer, layers.BatchNormalization):
                row = [*row, *layer.get_weights()[2:]]
            if isinstance(layer, layers.DepthwiseConv2D):
                row = [row[0].transpose(0, 1, 3, 2), row[1]]
            layer.set_weights([part.reshape(old.shape) for part, old in zip(row, layer.get_weights(), strict=True)])

    def targets(self, y):
        """Classes as the loss takes them."""
        return y.astype(np.float32)[:, None] if self.workload.classes == 1 else y

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        ends = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ended())
        y, size = self.targets(y), self.workload.batch
        history = self.model.fit(X, y, batch_size=size, epochs=epochs, verbose=0, callbacks=[ends])
        return history.history["loss"][-1]

    def predict(self, X):
        """Outputs as a NumPy array."""
        return self.model.predict(X, batch_size=self.workload.batch, verbose=0)

    def step(self, x, targets):
        """One step on a batch; its loss."""
        self.model.reset_metrics()  # the loss that is returned is their mean
        return float(self.model.train_on_batch(x, targets))

    def parameters(self):
        """How many numbers are trained."""
        return sum(int(np.prod(w.shape)) for w in self.model.trainable_weights)
