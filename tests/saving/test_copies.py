"""Copies and pickles of models: the same model, sharing nothing, and a compiled one goes on training where it was."""

import copy
import pickle

import numpy as np
import pytest

from horngate import optimizers
from horngate.dialects.keras03.graph import Graph
from horngate.layers import BatchNormalization, Dense, Dropout, Input, Lambda, Merge
from horngate.models import Model, Sequential, load_model, model_from_json

X = np.random.RandomState(0).randn(8, 3).astype("float32")
Y = X[:, :1]


def pickled(model):
    return pickle.loads(pickle.dumps(model))


both = pytest.mark.parametrize("again", [copy.deepcopy, pickled], ids=["deepcopy", "pickle"])


def halved(step):
    return 0.01 / (1 + step)


def chain():
    return Sequential([Dense(4, input_dim=3), BatchNormalization(), Dropout(0.3), Dense(1)], name="chain")


def branches():
    left, right = Sequential([Dense(2, input_dim=3)]), Sequential([Dense(2, input_dim=3)])
    return Sequential([Merge([left, right], mode="sum"), Dense(1)])


def of_03():
    graph = Graph()
    graph.add_input("i", input_shape=(3,))
    graph.add_node(Dense(4), name="h", input="i")
    graph.add_output("o", input="h")
    return graph


def shared():
    """A layer that is called twice, and once more within a nested model."""
    a, b, layer = Input((3,)), Input((3,)), Dense(3, activation="tanh")
    i = Input((3,))
    inner = Model(i, layer(i))
    return Model([a, b], [inner(layer(a)), layer(b)])


def arrays(outputs):
    return list(outputs.values()) if isinstance(outputs, dict) else outputs if isinstance(outputs, list) else [outputs]


@both
@pytest.mark.parametrize("make", [chain, branches, of_03, shared])
def test_a_copy_is_the_same_and_shares_nothing(make, again):
    model = make()
    data = {"i": X} if make is of_03 else [X, X] if len(model.inputs) > 1 else X
    other = again(model)
    assert type(other) is type(model) and other.name == model.name
    assert [w.shape for w in other.weights] == [w.shape for w in model.weights]
    expected = arrays(model.predict(data))
    for weight in model.weights:
        weight.set_value(0 * weight.get_value() - 7)
    for a, b in zip(expected, arrays(other.predict(data)), strict=True):
        np.testing.assert_array_equal(a, b)


@both
@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.Adam(lr=halved),
        optimizers.SGD(momentum=0.9, gradient_accumulation_steps=2, ema_momentum=0.9),
        "rmsprop",
    ],
    ids=["schedule", "accumulating", "name"],
)
def test_training_goes_on_where_it_was(optimizer, again):
    model = chain()
    model.compile(copy.deepcopy(optimizer), "mse", metrics=["mae"])
    model.fit(X, Y, nb_epoch=2, verbose=0)
    other = again(model)
    assert other.metrics_names == model.metrics_names
    for _ in range(3):
        assert model.train_on_batch(X, Y) == other.train_on_batch(X, Y)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@both
def test_a_chain_of_a_thousand_layers(again):
    model = Sequential([Dense(1, input_dim=1)] + [Dense(1) for _ in range(1000)])
    for a, b in zip(model.get_weights(), again(model).get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@both
def test_a_layer_alone_leaves_its_graph_behind(again):
    model = chain()
    layer = again(model.layers[0])
    assert layer.inbound_nodes == [] and layer is not model.layers[0]
    np.testing.assert_array_equal(layer.get_weights()[0], model.layers[0].get_weights()[0])


def test_a_nameless_function_is_copied_and_not_pickled():
    model = Sequential([Lambda(lambda x: 2 * x, input_shape=(3,), name="twice")])
    np.testing.assert_array_equal(copy.deepcopy(model).predict(X), 2 * X)
    with pytest.raises(pickle.PicklingError, match="twice .Lambda. cannot be pickled.*top of a module"):
        pickle.dumps(model)


def test_names_of_chains_come_back(tmp_path):
    """Keras 1 lost them: the configuration of a Sequential is a list."""
    model = Sequential([Sequential([Dense(2, input_dim=3)], name="inner"), Dense(1)], name="outer")
    model.save(tmp_path / "m.h5")
    for again in (model_from_json(model.to_json()), load_model(tmp_path / "m.h5")):
        assert (again.name, again.layers[0].name) == ("outer", "inner")
