"""Graphs in which layers are shared, nested and called many times come back from plain data computing the same."""

import json
import os
import random

import numpy as np
import pytest

from horngate.layers import Activation, BatchNormalization, Dense, Dropout, Input, Merge, TimeDistributed, merge
from horngate.models import Graph, Model, Sequential, load_model, model_from_json, model_from_yaml

COUNT = 500 if os.environ.get("HORNGATE_TESTS") == "all" else 80  # random graphs
WIDTH = 3


def rows(seed, width=WIDTH):
    return np.random.RandomState(seed).randn(4, width).astype("float32")


def computed(model, inputs):
    """The outputs, each layer called at once: nothing is compiled."""
    return [np.asarray(y) for y in model.run_internal_graph(inputs)[0]]


def check(model, again, inputs):
    """Whether `again` is `model`: it has the same weights, shared alike, and computes the same with them."""
    assert [w.shape for w in again.weights] == [w.shape for w in model.weights]
    assert len(again.trainable_weights) == len(model.trainable_weights)
    again.set_weights(model.get_weights())
    for ours, theirs in zip(computed(model, inputs), computed(again, inputs)):
        np.testing.assert_allclose(theirs, ours, atol=1e-6)


def random_model(draw, pool, depth):
    """A model of calls of new layers and of those in `pool`, which grows; models within use the same pool."""
    inputs = [Input((WIDTH,)) for _ in range(draw.randint(1, 3))]
    tensors = list(inputs)
    for _ in range(draw.randint(3, 8)):
        kind = draw.random()
        if kind < 0.2 and len(tensors) > 1:
            tensors.append(merge(draw.sample(tensors, 2), mode=draw.choice(["sum", "mul", "max"])))
            continue
        if kind < 0.6 and pool:
            layer = draw.choice(pool)
        elif kind < 0.75 and depth:
            layer = random_model(draw, pool, depth - 1)
            pool.append(layer)
        elif kind < 0.8 and depth:
            layer = Sequential([Dense(WIDTH, input_dim=WIDTH), BatchNormalization()])
            pool.append(layer)
        else:
            layer = draw.choice([Dense(WIDTH, activation="tanh"), BatchNormalization(), Activation("tanh")])
            pool.append(layer)
        count = len(layer.inputs) if isinstance(layer, Model) else 1
        found = layer([draw.choice(tensors) for _ in range(count)] if count > 1 else draw.choice(tensors))
        tensors.extend(found if isinstance(found, list) else [found])
    made = [x for x in tensors if x not in inputs]
    outputs = draw.sample(made, min(len(made), draw.randint(1, 3)))
    model = Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0])
    model.trainable = draw.random() < 0.8
    return model


@pytest.mark.parametrize("seed", range(10))
def test_random_graphs(seed, tmp_path):
    draw = random.Random(seed)
    for number in range(COUNT // 10):
        model = random_model(draw, [], draw.randint(0, 2))
        inputs = [rows(i) for i in range(len(model.inputs))]
        check(model, model_from_json(model.to_json()), inputs)
        again = Model.from_config(json.loads(json.dumps(model.get_config())))
        check(model, Model.from_config(again.get_config()), inputs)  # what came back can be written again
        if number < 1 and seed < 4:
            check(model, model_from_yaml(model.to_yaml()), inputs)
            model.compile("sgd", "mse")
            model.save(tmp_path / "model.h5")
            again = load_model(tmp_path / "model.h5")
            for ours, theirs in zip(computed(model, inputs), computed(again, inputs)):
                np.testing.assert_allclose(theirs, ours, atol=1e-6)


def two_calls():
    a, b = Input((WIDTH,)), Input((WIDTH,))
    shared = Dense(WIDTH, activation="tanh")
    first, second = shared(Dense(WIDTH)(a)), shared(b)
    return Model([a, b], [first, shared(second)])


def shared_with_a_model_within():
    a, b = Input((WIDTH,)), Input((WIDTH,))
    shared = Dense(WIDTH, activation="tanh")
    within = Model(a, Dense(WIDTH)(shared(a)))
    return Model(b, within(shared(within(b))))


def shared_with_a_chain_within():
    a, shared = Input((WIDTH,)), Dense(WIDTH, input_dim=WIDTH)
    chain, other = Sequential([shared]), Sequential([Dense(WIDTH, input_dim=WIDTH), shared])
    return Model(a, other(chain(shared(a))))


def shared_by_two_models_within():
    a, shared = Input((WIDTH,)), Dense(WIDTH, activation="tanh")
    x, y = Input((WIDTH,)), Input((WIDTH,))
    return Model(a, merge([Model(x, shared(x))(a), Model(y, Dense(WIDTH)(shared(y)))(a)], mode="sum"))


def one_model_in_two_models():
    core = Sequential([Dense(WIDTH, input_dim=WIDTH, activation="tanh")])
    return Sequential([Sequential([Dense(WIDTH, input_dim=WIDTH), core]), Sequential([core, Dense(WIDTH)])])


def shared_with_a_wrapper():
    a, b = Input((WIDTH,)), Input((2, WIDTH))
    shared = Dense(WIDTH)
    return Model([a, b], [shared(a), TimeDistributed(shared)(b)])


def branches_that_share():
    shared = Dense(WIDTH, activation="tanh")
    left, right = (Sequential([Dense(WIDTH, input_dim=WIDTH), shared]) for _ in range(2))
    return Sequential([Merge([left, right], mode="concat"), Dense(2)])


def with_an_unused_input():
    a, b = Input((WIDTH,)), Input((WIDTH,))
    return Model([b, a], Dense(2)(a))


def one_unused_input_within():
    a, b = Input((WIDTH,)), Input((WIDTH,))
    return Model([a, b], with_an_unused_input()([a, b]))


def graph_of_old():
    graph = Graph()
    graph.add_input(name="a", input_shape=(WIDTH,))
    graph.add_input(name="b", input_shape=(WIDTH,))
    graph.add_shared_node(Dense(WIDTH, activation="tanh"), name="s", inputs=["a", "b"], merge_mode="concat")
    graph.add_node(Dense(2), name="d", input="s")
    graph.add_output(name="out", input="d")
    return graph


MODELS = (
    two_calls,
    shared_with_a_model_within,
    shared_with_a_chain_within,
    shared_by_two_models_within,
    one_model_in_two_models,
    shared_with_a_wrapper,
    branches_that_share,
    with_an_unused_input,
    one_unused_input_within,
    graph_of_old,
)


@pytest.mark.parametrize("make", MODELS, ids=lambda f: f.__name__)
def test_each_form_of_sharing(make, tmp_path):
    model = make()
    inputs = [np.random.RandomState(i).randn(4, *x.shape[1:]).astype("float32") for i, x in enumerate(model.inputs)]
    for again in (model_from_json(model.to_json()), model_from_yaml(model.to_yaml())):
        check(model, again, inputs)
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert again.count_params() == model.count_params()
    for ours, theirs in zip(computed(model, inputs), computed(again, inputs)):
        np.testing.assert_allclose(theirs, ours, atol=1e-6)


def test_a_shared_layer_is_one_layer_when_it_is_trained_again():
    model = model_from_json(shared_with_a_model_within().to_json())
    model.compile("sgd", "mse")
    model.train_on_batch(rows(0), rows(1))
    shared = [layer for layer in model.layers if not hasattr(layer, "graph_layers") and layer.weights][0]
    assert shared in [layer for inner in model.layers if hasattr(inner, "graph_layers") for layer in inner.layers]


def test_an_unused_input_is_fed_and_trained_with(tmp_path):
    model = with_an_unused_input()
    model.compile("sgd", "mse")
    model.fit([rows(0), rows(1)], np.ones((4, 2)), nb_epoch=1, verbose=0)
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(again.predict([rows(0), rows(1)]), model.predict([rows(0), rows(1)]))


def test_what_keras_1_wrote_reads_as_before():
    model = shared_with_a_model_within()
    told = json.loads(model.to_json())
    for layer in told["config"]["layers"]:
        layer.pop("shared", None)
        for inner in layer["config"].get("layers", []):
            inner.pop("shared", None)
    assert model_from_json(json.dumps(told)).count_params() == model.count_params() + 12  # two copies, as Keras 1 made


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda layers: layers["d"]["inbound_nodes"].reverse(), "cannot be made again: the calls of the layers d"),
        (lambda layers: layers["d"]["inbound_nodes"][0].__setitem__(0, ["d", 0, 0]), "cannot be made again"),
        (lambda layers: layers["d"]["inbound_nodes"][0].__setitem__(0, ["x", 0, 0]), "'x', which is not described"),
        (lambda layers: layers["d"]["inbound_nodes"][0].__setitem__(0, ["a", 0, 1]), "output 1 of call 0 of layer 'a'"),
        (lambda layers: layers["d"]["inbound_nodes"][0].__setitem__(0, ["a", -1, 0]), "call -1 of layer 'a'"),
    ],
)
def test_a_graph_that_cannot_be_made_again_is_refused(change, said):
    a = Input((WIDTH,), name="a")
    d = Dense(WIDTH, name="d")
    config = Model(a, d(d(a))).get_config()
    change({layer["name"]: layer for layer in config["layers"]})
    with pytest.raises(ValueError, match=said):
        Model.from_config(config)


def test_dropout_that_is_shared_has_no_number():
    a, drop = Input((WIDTH,)), Dropout(0.5)
    text = Model(a, Model(a, drop(a))(drop(a))).to_json()
    assert "shared" not in text and 'trainable": false' not in text.replace("model_trainable", "")
