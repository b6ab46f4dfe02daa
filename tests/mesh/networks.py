"""The networks that are trained on one device and on several: what they are made of, and their data."""

import numpy as np

from horngate.backend.config import floatx
from horngate.layers import (
    GRU,
    LSTM,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Convolution1D,
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GaussianNoise,
    GlobalAveragePooling1D,
    Input,
    MaxPooling2D,
    TimeDistributed,
    merge,
)
from horngate.models import Model, Sequential
from horngate.optimizers import SGD, Adam

BATCH, COUNT = 16, 44  # the last 12 cannot be dealt out among eight devices
FEATURES = 800  # so many that native code gathers the rows of a batch where NumPy has them
NETWORKS = {}


def network(function):
    """Register a function that gives a model, what to compile it with, its data, and what else `fit` takes."""
    NETWORKS[function.__name__] = function
    return function


def numbers(*shape, seed=5):
    return np.random.RandomState(seed).normal(size=shape).astype(floatx())


def classes(count=4):
    return np.eye(count)[np.random.RandomState(6).randint(0, count, COUNT)].astype(floatx())


def words(*shape):
    return np.random.RandomState(7).randint(0, 16, (COUNT, *shape))


@network
def dense():
    layers = [Dense(16, activation="relu", input_dim=FEATURES), BatchNormalization(), Dropout(0.3)]
    layers += [Dense(16), GaussianNoise(1)]
    model = Sequential([*layers, Activation("tanh"), Dense(4, activation="softmax")])
    told = {"sample_weight": np.linspace(0, 2, COUNT), "class_weight": {0: 1, 1: 2, 2: 0.5, 3: 1}}
    compiled = SGD(lr=0.1, momentum=0.9, clipnorm=1), "categorical_crossentropy"
    return model, compiled, (numbers(COUNT, FEATURES), classes()), told


@network
def convolutional():
    layers = [Convolution2D(8, 3, 3, activation="relu", border_mode="same", input_shape=(1, 8, 8))]
    layers += [
        BatchNormalization(axis=1),
        MaxPooling2D(),
        Convolution2D(8, 3, 3, border_mode="same"),
        AveragePooling2D(),
    ]
    model = Sequential([*layers, Flatten(), Dense(4, activation="softmax")])
    return model, ("adam", "categorical_crossentropy"), (numbers(COUNT, 1, 8, 8), classes()), {}


@network
def recurrent():
    layers = [Embedding(16, 8, mask_zero=True, input_length=6), LSTM(8, dropout_U=0.2), Dense(4, activation="softmax")]
    return Sequential(layers), ("rmsprop", "categorical_crossentropy"), (words(6), classes()), {}


@network
def stateful():
    layers = [GRU(8, stateful=True, batch_input_shape=(BATCH, 4, 4), return_sequences=True), TimeDistributed(Dense(1))]
    return Sequential(layers), ("adagrad", "mse"), (numbers(48, 4, 4), numbers(48, 4, 1)), {"shuffle": False}


@network
def embedding():
    layers = [Embedding(16, 8, input_length=5, W_regularizer="l2"), Convolution1D(8, 3), GlobalAveragePooling1D()]
    model = Sequential([*layers, Dense(4, activation="softmax", W_constraint="maxnorm")])
    return model, ("nadam", "sparse_categorical_crossentropy"), (words(5), words(1) % 4), {}


@network
def vocabulary():
    """Far more words than a batch holds."""
    model = Sequential([Embedding(3000, 8, input_length=5), GlobalAveragePooling1D(), Dense(4, activation="softmax")])
    return model, ("adam", "sparse_categorical_crossentropy"), (words(5) * 181, words(1) % 4), {}


@network
def several():
    a, b = Input((8,)), Input((8,))
    shared = Dense(8, activation="tanh", activity_regularizer="activity_l2")
    joined = merge([shared(a), shared(b)], mode="concat")
    model = Model([a, b], [Dense(1, name="one")(joined), Dense(4, activation="softmax", name="two")(joined)])
    told = {"sample_weight": {"one": np.linspace(0, 1, COUNT)}, "validation_split": 0.25}
    data = [numbers(COUNT, 8), numbers(COUNT, 8, seed=1)], [numbers(COUNT, 1, seed=2), classes()]
    return model, ("adamax", ["mse", "categorical_crossentropy"]), data, told


@network
def accumulating():
    model = Sequential([Dense(16, activation="relu", input_dim=8), Dense(4, activation="softmax")])
    optimizer = Adam(gradient_accumulation_steps=2, ema_momentum=0.9)
    return model, (optimizer, "categorical_crossentropy"), (numbers(COUNT, 8), classes()), {}


@network
def by_optax():
    import optax

    model = Sequential([Dense(16, activation="relu", input_dim=8), Dense(4, activation="softmax")])
    return model, (optax.adamw(0.01), "categorical_crossentropy"), (numbers(COUNT, 8), classes()), {}
