"""Sequential and functional models as graphs of layers: what they hold, share, nest, freeze and give back as data."""

import numpy as np
import pytest

from horngate.layers import LSTM, BatchNormalization, Dense, Dropout, Embedding, Input, Merge, TimeDistributed, merge
from horngate.models import Model, Sequential, model_from_json

X = np.random.RandomState(0).randn(10, 4).astype("float32")


def two_towers():
    """A shared layer, several inputs and outputs."""
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(3, activation="tanh", name="shared")
    joined = merge([shared(a), shared(b)], mode="concat", name="joined")
    return Model([a, b], [Dense(2, name="first")(joined), Dense(1, name="second")(joined)])


def nested():
    """Models within a model."""
    inner = Sequential([Dense(3, input_dim=4), BatchNormalization()], name="inner")
    x = Input((4,))
    return Model(x, Dense(1)(Sequential([inner, Dense(2)], name="outer")(x)))


def branches():
    left = Sequential([Dense(3, input_dim=4)])
    right = Sequential([Dense(3, input_dim=4), Dropout(0.5)])
    return Sequential([Merge([left, right], mode="sum"), Dense(1)])


def words():
    return Sequential(
        [Embedding(5, 3, input_length=4, mask_zero=True), LSTM(2, return_sequences=True), TimeDistributed(Dense(1))]
    )


MODELS = {
    "two towers": (two_towers, [X, X]),
    "nested": (nested, X),
    "branches": (branches, [X, X]),
    "words": (words, np.arange(40).reshape(10, 4) % 5),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_comes_back_from_its_configuration(kind):
    make, x = MODELS[kind]
    model = make()
    for again in (type(model).from_config(model.get_config()), model_from_json(model.to_json())):
        assert [w.shape for w in again.weights] == [w.shape for w in model.weights]
        again.set_weights(model.get_weights())
        for ours, theirs in zip(*[p if isinstance(p, list) else [p] for p in (again.predict(x), model.predict(x))]):
            np.testing.assert_array_equal(ours, theirs)
        assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


def test_layers_are_added_and_popped():
    model = Sequential()
    model.add(Dense(3, input_shape=(4,)))
    model.add(Dense(2))
    assert model.output_shape == (None, 2) and len(model.layers) == 2
    model.pop()
    assert model.output_shape == (None, 3) and len(model.layers) == 1
    model.add(Dense(5))
    assert model.predict(X).shape == (10, 5)


def test_layers_are_found_by_name_and_place():
    model = two_towers()
    assert model.get_layer("shared") is model.get_layer(name="shared")
    assert model.get_layer(index=2) is model.layers[2]
    assert [layer.name for layer in model.layers][:3] == ["a", "b", "shared"]
    assert model.input_names == ["a", "b"] and model.output_names == ["first", "second"]


def test_a_shared_layer_has_a_tensor_for_each_call():
    model = two_towers()
    shared = model.get_layer("shared")
    assert shared.get_input_at(0) is model.inputs[0] and shared.get_input_at(1) is model.inputs[1]
    assert shared.get_output_at(0) is not shared.get_output_at(1)
    assert shared.output_shape == (None, 3)
    with pytest.raises(AttributeError, match="shared.*get_output_at"):
        shared.output
    a, b = X, X[::-1]
    W, bias = shared.get_weights()
    first, _ = model.predict([a, b])
    joined = np.concatenate([np.tanh(a @ W + bias), np.tanh(b @ W + bias)], axis=1)
    W, bias = model.get_layer("first").get_weights()
    np.testing.assert_allclose(first, joined @ W + bias, rtol=1e-4, atol=1e-5)


def test_frozen_layers_stay_and_thawed_ones_move():
    inner = Sequential([Dense(3, input_dim=4, name="frozen"), BatchNormalization()])
    model = Sequential([inner, Dense(1, name="free")])
    inner.trainable = False
    model.compile("sgd", "mse")
    frozen = inner.get_weights()
    model.fit(X, X[:, :1], nb_epoch=2, verbose=0)
    for old, new in zip(frozen[:2], inner.get_weights()[:2]):
        np.testing.assert_array_equal(old, new)
    assert len(model.trainable_weights) == 2
    inner.trainable = True
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], nb_epoch=1, verbose=0)
    assert not np.array_equal(frozen[0], inner.get_weights()[0]) and len(model.trainable_weights) == 6


def test_a_layer_of_a_trained_model_gives_features():
    model = Sequential([Dense(3, input_dim=4, activation="relu"), Dense(1)])
    features = Model(model.input, model.layers[0].output)
    np.testing.assert_allclose(
        features.predict(X), np.maximum(0, X @ model.layers[0].get_weights()[0]), rtol=1e-4, atol=1e-6
    )


def test_the_summary_lists_each_layer(capsys):
    two_towers().summary()
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split(" ")[0]: line for line in lines}
    assert "(None, 3)" in rows["shared"] and " 15 " in rows["shared"] and "a[0][0]" in rows["shared"]
    assert "Total params: 36" in lines and all(len(line) <= 100 for line in lines)
