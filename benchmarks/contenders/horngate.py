"""The workloads in horngate, as a program of Keras 1 has them."""

from dataclasses import replace

import numpy as np

from benchmarks.workloads import EPSILON, columns_by_channel
from horngate import backend as K
from horngate.callbacks import LambdaCallback
from horngate.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Bidirectional,
    Convolution2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    Input,
    Layer,
    LayerNormalization,
    MaxPooling2D,
    MultiHeadAttention,
    Permute,
    Reshape,
    ZeroPadding2D,
    merge,
)
from horngate.models import Model
from horngate.optimizers import Adam
from horngate.utils.np_utils import to_categorical


class Positions(Layer):
    """x + W, with a learned vector for each step."""

    def build(self, input_shape):
        self.W = self.add_weight(input_shape[1:], "normal", "W")

    def call(self, x, mask=None):
        return x + self.W

    def get_output_shape_for(self, input_shape):
        return input_shape


class Contender:
    """A compiled model; with the variant `last` channels are last, whatever the workload says."""

    model_class = Model

    def __init__(self, workload, dtype="float32", variant=""):
        self.turns = variant == "last" and workload.channels_first
        workload = replace(workload, ordering="tf") if self.turns else workload
        K.set_image_dim_ordering(workload.ordering)
        K.set_floatx("mixed_bfloat16" if dtype == "bfloat16" else dtype)
        self.workload, self.layers = workload, []
        inputs = Input(workload.input_shape, dtype="int32" if workload.words else None)
        self.model = self.model_class(inputs, self.outputs_of(workload.network, inputs))
        several = "sparse_categorical_crossentropy" if workload.of_steps else "categorical_crossentropy"
        loss = "binary_crossentropy" if workload.classes == 1 else several
        self.model.compile(Adam(lr=workload.rate), loss)

    def outputs_of(self, network, x):
        """The rows of a network, called one after the other."""
        for kind, *arguments in network:
            if kind == "residual":
                branch, shortcut = arguments
                x = merge([self.outputs_of(branch, x), self.outputs_of(shortcut, x)], mode="sum")
            else:
                for layer in getattr(self, kind)(*arguments):
                    x = layer(x, use_causal_mask=arguments[1]) if kind == "attention" else layer(x)
                    self.layers.append(layer)
        return x

    def attention(self, heads, causal):
        width = self.layers[-1].output_shape[-1]
        return [MultiHeadAttention(heads, width // heads)]

    def positions(self):
        return [Positions()]

    def layer_norm(self):
        return [LayerNormalization(epsilon=EPSILON)]

    def tokens(self):
        _, *sizes = self.layers[-1].output_shape
        rows, columns, channels = [*sizes[1:], sizes[0]] if self.workload.channels_first else sizes
        last = [Permute((2, 3, 1))] if self.workload.channels_first else []
        return [*last, Reshape((rows * columns, channels))]

    def depthwise(self, size, stride, pad):
        padding = [ZeroPadding2D((pad, pad))] if stride > 1 else []
        return [*padding, DepthwiseConv2D(size, strides=stride, padding="valid" if padding else "same")]

    def dense(self, units, activation):
        return [Dense(units, activation=activation)]

    def conv(self, filters, size, activation, stride, pad):
        padding = [ZeroPadding2D((pad, pad))] if pad and stride > 1 else []
        mode = "same" if pad and not padding else "valid"
        return [
            *padding,
            Convolution2D(
                filters, size, size, activation=activation or "linear", border_mode=mode, subsample=(stride, stride)
            ),
        ]

    def pool(self, size, stride):
        return [MaxPooling2D((size, size), strides=(stride, stride))]

    def norm(self):
        return [BatchNormalization(epsilon=EPSILON, axis=1 if self.workload.channels_first else -1)]

    def activation(self, name):
        return [Activation(name)]

    def dropout(self, rate):
        return [Dropout(rate)]

    def flatten(self):
        return [Flatten()]

    def mean(self):
        return [GlobalAveragePooling1D() if len(self.layers[-1].output_shape) == 3 else GlobalAveragePooling2D()]

    def embedding(self, words, features):
        return [Embedding(words, features, input_length=self.workload.shape[0])]

    def lstm(self, units):
        return [LSTM(units, inner_activation="sigmoid", consume_less="gpu")]

    def gru(self, units):
        return [GRU(units, inner_activation="sigmoid", consume_less="gpu")]

    def bidirectional(self, units):
        return [Bidirectional(*self.lstm(units))]

    def set_weights(self, weights):
        """Give each layer the weights of its row."""
        held = (layer for layer in self.layers if layer.weights)
        for layer, row in zip(held, weights, strict=True):
            if isinstance(layer, BatchNormalization):
                row = [*row, *layer.get_weights()[2:]]
            if self.workload.channels_first and isinstance(layer, Convolution2D):
                row = [row[0].transpose(3, 2, 0, 1), row[1]]
            elif self.workload.channels_first and isinstance(layer, Dense):
                row = [columns_by_channel(self.workload, row[0]), row[1]]
            if isinstance(layer, DepthwiseConv2D):
                row = [row[0].transpose((2, 3, 0, 1) if self.workload.channels_first else (0, 1, 3, 2)), row[1]]
            if isinstance(layer, MultiHeadAttention):
                row = [part.reshape(weight.shape) for part, weight in zip(row, layer.weights, strict=True)]
            layer.set_weights(row)

    def targets(self, y):
        """Classes as the loss takes them."""
        if self.workload.of_steps:
            return y[..., None]
        return y if self.workload.classes == 1 else to_categorical(y, self.workload.classes)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        X = np.ascontiguousarray(np.moveaxis(X, 1, -1)) if self.turns else X
        ends = LambdaCallback(on_epoch_end=lambda epoch, logs: ended())
        history = self.model.fit(X, self.targets(y), self.workload.batch, epochs, verbose=0, callbacks=[ends])
        return history.history["loss"][-1]

    def predict(self, X):
        return self.model.predict(X, batch_size=self.workload.batch)

    def step(self, x, targets):
        """One step on a batch; its loss."""
        return float(self.model.train_on_batch(x, targets))

    def parameters(self):
        """How many numbers are trained."""
        return sum(int(np.prod(w.shape)) for w in self.model.trainable_weights)
