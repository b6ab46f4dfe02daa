"""What the documentation of Keras 1.0 shows runs as it is written there, in programs of our own."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import initializations
from horngate.callbacks import ModelCheckpoint
from horngate.engine.topology import Layer
from horngate.layers import (
    Activation,
    BatchNormalization,
    Convolution1D,
    Convolution2D,
    Dense,
    Embedding,
    Flatten,
    Lambda,
    Merge,
    TimeDistributedDense,
)
from horngate.layers.core import Permute
from horngate.models import Sequential, model_from_json, model_from_yaml

X = np.random.RandomState(0).randn(64, 8).astype("float32")
Y = (X.sum(axis=1, keepdims=True) > 0).astype("float32")


def falls(model, x, y, **options):
    """Whether training lowers the loss."""
    history = model.fit(x, y, nb_epoch=6, batch_size=16, verbose=0, **options).history["loss"]
    return history[-1] < history[0]


# Images and defaults


def test_images_have_their_channels_first():
    model = Sequential()
    model.add(Convolution2D(64, 3, 3, border_mode="same", input_shape=(3, 256, 256)))
    assert model.output_shape == (None, 64, 256, 256)
    model.add(Convolution2D(32, 3, 3, border_mode="same"))
    assert model.output_shape == (None, 32, 256, 256)


@pytest.mark.parametrize(
    "era, epsilon, momentum, shape", [("1.0", 1e-6, 0.9, (None, 4, 6, 7)), ("1.2", 1e-3, 0.99, (None, 6, 7, 4))]
)
def test_defaults_are_those_of_the_era(era, epsilon, momentum, shape):
    horngate.set_era(era)
    layer = BatchNormalization()
    assert (layer.epsilon, layer.mode, layer.axis, layer.momentum) == (epsilon, 0, -1, momentum)
    channels = (3, 8, 9) if era == "1.0" else (8, 9, 3)
    assert Sequential([Convolution2D(4, 3, 3, input_shape=channels)]).output_shape == shape


def test_defaults_of_a_convolution():
    configuration = Convolution2D(4, 3, 5).get_config()
    expected = {
        "nb_filter": 4,
        "nb_row": 3,
        "nb_col": 5,
        "init": "glorot_uniform",
        "activation": "linear",
        "border_mode": "valid",
        "subsample": (1, 1),
        "dim_ordering": "th",
        "W_regularizer": None,
        "b_regularizer": None,
        "activity_regularizer": None,
        "W_constraint": None,
        "b_constraint": None,
        "bias": True,
    }
    assert {key: configuration[key] for key in expected} == expected


def test_image_dim_ordering_is_set_by_a_call():
    K.set_image_dim_ordering("tf")
    assert Sequential([Convolution2D(4, 3, 3, input_shape=(8, 9, 3))]).output_shape == (None, 6, 7, 4)


SETTINGS = "from horngate import backend as K; print(K.floatx(), K.epsilon(), K.image_dim_ordering(), K.era().name)"


@pytest.mark.parametrize(
    "keras_json, environment, expected",
    [
        ({}, {}, "float32 1e-07 th 1.0"),
        (
            {"image_dim_ordering": "tf", "epsilon": 1e-5, "floatx": "float16", "backend": "theano"},
            {},
            "float16 1e-05 tf 1.0",
        ),
        (
            {"image_dim_ordering": "tf"},
            {"HORNGATE_IMAGE_DIM_ORDERING": "th", "HORNGATE_EPSILON": "1e-4"},
            "float32 0.0001 th 1.0",
        ),
        ({}, {"HORNGATE_ERA": "1.2", "HORNGATE_FLOATX": "float16"}, "float16 1e-07 tf 1.2"),
    ],
)
def test_settings_of_the_user(keras_json, environment, expected, tmp_path):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(keras_json))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HORNGATE", "KERAS"))}
    program = [sys.executable, "-c", SETTINGS]
    run = subprocess.run(program, capture_output=True, text=True, env={**kept, "HOME": str(tmp_path), **environment})
    assert run.stdout.strip() == expected, run.stderr


# Models as they are written


def test_a_model_is_a_list_of_layers():
    model = Sequential([Dense(32, input_dim=784), Activation("relu"), Dense(10), Activation("softmax")])
    assert model.output_shape == (None, 10)
    np.testing.assert_allclose(model.predict(np.zeros((2, 784))).sum(axis=1), 1, rtol=1e-6)


def test_convolution_over_time_as_a_first_layer():
    model = Sequential()
    model.add(Convolution1D(16, 3, input_dim=4, input_length=10, init="lecun_uniform", activation="tanh"))
    assert model.output_shape == (None, 8, 16)
    model.add(Flatten())
    model.add(Dense(1))
    model.compile(loss="mse", optimizer="sgd")
    assert falls(model, np.random.randn(32, 10, 4), np.random.randn(32, 1))


def test_lambda_with_a_function_for_its_shape():
    def squeeze_dim(x):
        return K.squeeze(x, 1)

    def squeeze_dim_shape(input_shape):
        return (input_shape[0], input_shape[2])

    model = Sequential([Dense(3, input_shape=(1, 5)), Lambda(squeeze_dim, output_shape=squeeze_dim_shape)])
    assert model.output_shape == (None, 3)
    assert model.predict(np.zeros((2, 1, 5))).shape == (2, 3)


def test_permute_counts_axes_from_one():
    model = Sequential([Permute((2, 1), input_shape=(10, 64))])
    assert model.output_shape == (None, 64, 10)


def test_one_dense_layer_at_each_step():
    model = Sequential([TimeDistributedDense(3, input_shape=(5, 2))])
    assert model.output_shape == (None, 5, 3)
    W, b = model.get_weights()
    x = np.random.randn(4, 5, 2)
    np.testing.assert_allclose(model.predict(x), x @ W + b, rtol=1e-5, atol=1e-6)


def test_class_mode_and_show_accuracy():
    model = Sequential([Dense(8, input_dim=8, activation="tanh"), Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="adam", class_mode="binary")
    assert isinstance(model.evaluate(X, Y, verbose=0), float)
    history = model.fit(X, Y, nb_epoch=2, verbose=0, show_accuracy=True, validation_split=0.25)
    assert {"acc", "val_acc"} < set(history.history)
    loss, accuracy = model.evaluate(X, Y, show_accuracy=True, verbose=0)
    assert accuracy == pytest.approx(np.mean((model.predict(X) > 0.5) == Y))
    assert isinstance(model.evaluate(X, Y, verbose=0), float)


def test_show_accuracy_holds_for_one_call():
    model = Sequential([Dense(1, input_dim=8, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="adam")
    for asked in (True, False, True, False):
        history = model.fit(X, Y, nb_epoch=1, verbose=0, show_accuracy=asked, validation_split=0.25).history
        assert set(history) == ({"loss", "acc", "val_loss", "val_acc"} if asked else {"loss", "val_loss"})
        assert np.ndim(model.train_on_batch(X, Y, accuracy=asked)) == int(asked)
    assert model.metrics_names == ["loss"]


def test_two_branches_meet():
    left = Sequential([Dense(4, input_dim=8)])
    right = Sequential([Dense(4, input_dim=8)])
    model = Sequential([Merge([left, right], mode="concat"), Dense(1, activation="sigmoid")])
    model.compile(optimizer="rmsprop", loss="binary_crossentropy")
    assert falls(model, [X, X], Y)


def test_words_are_embedded():
    model = Sequential([Embedding(1000, 64, input_length=10)])
    model.compile("rmsprop", "mse")
    assert model.predict(np.random.randint(1000, size=(32, 10))).shape == (32, 10, 64)


# Keeping a model


def test_architecture_and_weights_are_kept(tmp_path):
    model = Sequential([Dense(4, input_dim=8, activation="relu"), Dense(1)])
    model.save_weights(str(tmp_path / "x.h5"))
    for again in (model_from_json(model.to_json()), model_from_yaml(model.to_yaml())):
        again.load_weights(str(tmp_path / "x.h5"))
        np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_checkpoints_carry_epoch_and_loss_in_their_names(tmp_path):
    model = Sequential([Dense(1, input_dim=8)])
    model.compile("sgd", "mse")
    pattern = tmp_path / "weights.{epoch:02d}-{val_loss:.2f}.hdf5"
    history = model.fit(
        X,
        Y,
        nb_epoch=3,
        verbose=0,
        validation_data=(X, Y),
        callbacks=[ModelCheckpoint(filepath=str(pattern), save_best_only=True)],
    )
    losses = history.history["val_loss"]
    best = [epoch for epoch, loss in enumerate(losses) if loss == min(losses[: epoch + 1])]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"weights.{e:02d}-{losses[e]:.2f}.hdf5" for e in best]


# Three ways of writing an activation


def two_bends(x):
    return K.relu(x) - K.relu(0.5 - K.sigmoid(x))


class Thresholded(Layer):
    """An activation with a fixed parameter."""

    def __init__(self, theta=1.0, **kwargs):
        self.theta = theta
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return x * K.cast(x > self.theta, K.floatx())


class TwoSlopes(Layer):
    """An activation with weights, made and announced by hand."""

    def __init__(self, init="one", **kwargs):
        self.init = initializations.get(init)
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.alphas1 = self.init(input_shape[1:], name="alpha1")
        self.alphas2 = self.init(input_shape[1:], name="alpha2")
        self.trainable_weights = [self.alphas1, self.alphas2]

    def call(self, x, mask=None):
        return self.alphas1 * K.relu(x) - self.alphas2 * K.relu(-x)


def two_bends_in_numpy(x):
    return np.maximum(x, 0) - np.maximum(0.5 - 1 / (1 + np.exp(-x)), 0)


ACTIVATIONS = {
    "a function in Activation": (lambda: Activation(two_bends), two_bends_in_numpy),
    "a function in Lambda": (lambda: Lambda(two_bends), two_bends_in_numpy),
    "a layer with a fixed parameter": (lambda: Thresholded(0.3), lambda x: x * (x > 0.3)),
    "a layer with weights": (lambda: TwoSlopes(), lambda x: x),
}


@pytest.mark.parametrize("way", ACTIVATIONS)
def test_ways_of_writing_an_activation(way):
    make, formula = ACTIVATIONS[way]
    model = Sequential([Dense(6, input_dim=8), make(), Dense(1)])
    inner = K.function([model.layers[0].output], [model.layers[1].output])
    np.testing.assert_allclose(inner([X[:, :6]])[0], formula(X[:, :6]), rtol=1e-4, atol=1e-6)
    model.compile("sgd", "mse")
    before = [w.copy() for w in model.layers[1].get_weights()]
    assert falls(model, X, Y)
    for old, new in zip(before, model.layers[1].get_weights()):
        assert not np.array_equal(old, new), "the layer's own weights train too"
