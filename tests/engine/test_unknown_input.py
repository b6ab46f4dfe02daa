"""A Sequential whose first layer is not told the shape of its input learns it from `build` or the first data."""

import copy
import pickle

import numpy as np
import pytest

from horngate import keras3
from horngate.layers import LSTM, BatchNormalization, Convolution2D, Dense, Dropout, Embedding, Flatten, Input, Masking
from horngate.models import Model, Sequential, model_from_json
from horngate.utils.data_utils import Sequence

RNG = np.random.RandomState(0)
X, Y = RNG.rand(8, 4), RNG.rand(8, 1)


def net(first=None):
    model = Sequential([first or Dense(3, activation="relu"), Dropout(0.0), Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


class Batches(Sequence):
    def __len__(self):
        return 2

    def __getitem__(self, number):
        return X[4 * number : 4 * number + 4], Y[4 * number : 4 * number + 4]


class Anew:
    def __iter__(self):
        return iter([(X[:4], Y[:4]), (X[4:], Y[4:])])


WAYS = {
    "fit": lambda m: m.fit(X, Y, nb_epoch=1, verbose=0),
    "fit by name": lambda m: m.fit(x=X, y=Y, nb_epoch=1, verbose=0),
    "lists": lambda m: m.fit(X.tolist(), Y.tolist(), nb_epoch=1, verbose=0),
    "a list of one": lambda m: m.fit([X], [Y], nb_epoch=1, verbose=0),
    "batches by number": lambda m: m.fit(Batches(), nb_epoch=1, verbose=0),
    "batches anew": lambda m: m.fit(Anew(), nb_epoch=1, verbose=0),
    "evaluate": lambda m: m.evaluate(X, Y, verbose=0),
    "predict": lambda m: m.predict(X),
    "train_on_batch": lambda m: m.train_on_batch(X, Y),
    "test_on_batch": lambda m: m.test_on_batch(X, Y),
    "predict_on_batch": lambda m: m.predict_on_batch(X),
    "call on an array": lambda m: m(X),
    "call on a tensor": lambda m: m(Input((4,))),
    "build": lambda m: m.build((None, 4)),
    "build of a batch": lambda m: m.build((32, 4)),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_what_it_would_be_if_told(way):
    model, told = net(), net(Dense(3, activation="relu", input_dim=4))
    assert not model.built and model.optimizer is not None
    WAYS[way](model)
    assert model.built and model.input_shape == (None, 4) and model.count_params() == told.count_params()
    model.set_weights(told.get_weights())
    np.testing.assert_allclose(model.predict(X), told.predict(X), rtol=1e-6)
    assert model.train_on_batch(X, Y) == pytest.approx(told.train_on_batch(X, Y))
    assert model.metrics_names == told.metrics_names
    assert model.predict(X[:3]).shape == (3, 1), "the number of samples stays free"


@pytest.mark.parametrize(
    "layers, x",
    [
        (lambda: [Convolution2D(2, 3, 3, dim_ordering="tf"), Flatten(), Dense(1)], RNG.rand(4, 5, 5, 3)),
        (lambda: [Embedding(9, 3), LSTM(2), Dense(1)], RNG.randint(0, 9, (4, 6))),
        (lambda: [Masking(), LSTM(2), Dense(1)], RNG.rand(4, 6, 3)),
        (lambda: [BatchNormalization(), Dense(1)], RNG.rand(4, 6)),
        (lambda: [Sequential([Dense(3), Dense(2)]), Dense(1)], RNG.rand(4, 6)),
        (lambda: [Dense(3), Sequential([Dense(2)]), Dense(1)], RNG.rand(4, 6)),
    ],
)
def test_all_kinds_of_first_layers(layers, x):
    model = Sequential(layers())
    model.compile("adam", "mse")
    model.fit(x, np.ones((4, 1)), nb_epoch=1, verbose=0)
    assert model.predict(x).shape == (4, 1)
    if not isinstance(model.layers[0], Embedding):  # which takes sequences of any length
        assert model.input_shape == (None, *x.shape[1:])
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-5)


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m)), lambda m: model_from_json(m.to_json())]
)
def test_copies_wait_as_well(again):
    copied = again(net())
    copied.compile("sgd", "mse")
    copied.fit(X, Y, nb_epoch=1, verbose=0)
    assert copied.predict(X).shape == (8, 1)


def test_layers_may_be_added_and_taken_while_it_waits():
    model = Sequential()
    for layer in (Dense(3), Dense(2), Dense(1)):
        model.add(layer)
    model.pop()
    assert len(model.layers) == 2
    model.build((None, 4))
    model.add(Dense(5))
    assert model.output_shape == (None, 5)


def test_it_may_be_part_of_another_model():
    inner, x = Sequential([Dense(3), Dense(2)]), Input((4,))
    model = Model(x, inner(x))
    assert model.predict(X).shape == (8, 2) and inner.predict(X).shape == (8, 2)


def test_a_table_shows_that_nothing_is_built_yet(capsys):
    net().summary()
    assert capsys.readouterr().out.count("not built") == 3 and net().get_weights() == []


def test_keras_3_programs():
    model = keras3.Sequential([keras3.layers.Dense(3, activation="relu"), keras3.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    assert len(model.fit(X, Y, epochs=2, verbose=0, validation_split=0.25).history["val_loss"]) == 2


def batches():
    while True:
        yield X, Y


@pytest.mark.parametrize(
    "asked, told",
    [
        (lambda m: m.build(), "call build"),
        (lambda m: m.output_shape, "does not know its input yet"),
        (lambda m: m.save("m.h5"), "does not know its input yet"),
        (lambda m: m.fit(iter(()), steps_per_epoch=1, nb_epoch=1), "the generator gave no batch"),
        (lambda m: m.fit(3.0, Y), "the data have none: received float 3.0"),
        (lambda m: m.build("x"), "input_shape"),
    ],
)
def test_what_needs_the_shape_says_so(asked, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((AttributeError, ValueError, TypeError), match=told):
        asked(net())
