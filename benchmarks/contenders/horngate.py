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
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
    ZeroPadding2D,
    merge,
)
from horngate.models import Model
from horngate.optimizers import Adam
from horngate.utils.np_utils import to_categorical


class Contender:
    """A compiled model; with the variant `last` channels are last, whatever the workload says."""

    def __init__(self, workload, dtype="float32", variant=""):
        self.turns = variant == "last" and workload.channels_first
        workload = replace(workload, ordering="tf") if self.turns else workload
        K.set_image_dim_ordering(workload.ordering)
        K.set_floatx("mixed_bfloat16" if dtype == "bfloat16" else dtype)
        self.workload, self.layers = workload, []
        inputs = Input(workload.input_shape, dtype="int32" if workload.words else None)
        self.model = Model(inputs, self.outputs_of(workload.network, inputs))
        loss = "binary_crossentropy" if workload.classes == 1 else "categorical_crossentropy"
        self.model.compile(Adam(lr=workload.rate), loss)

    def outputs_of(self, network, x):
        """The rows of a network, called one after the other."""
        for kind, *arguments in network:
            if kind == "residual":
                branch, shortcut = arguments
                x = merge([self.outputs_of(branch, x), self.outputs_of(shortcut, x)], mode="sum")
            else:
                for layer in getattr(self, kind)(*arguments):
                    x = layer(x)
                    self.layers.append(layer)
        return x

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
        return [GlobalAveragePooling1D() if self.workload.words else GlobalAveragePooling2D()]

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
            layer.set_weights(row)

    def targets(self, y):
        """Classes as the loss takes them."""
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
