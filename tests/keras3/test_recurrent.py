"""Recurrent layers and cells in the words of Keras 3: states, cells, users' cells, files and layouts of weights."""

import copy

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras2, keras3, layers
from horngate.layers import Input
from horngate.models import Model, load_model, model_from_json
from tests.layers.conformance_table import Averaging

X = np.random.RandomState(0).rand(3, 5, 4).astype("float32")
UNITS = 3
GATED = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}  # class -> number of states
WIDTHS = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
every = pytest.mark.parametrize("name", GATED)


def states(name):
    return [np.random.RandomState(i).rand(3, UNITS).astype("float32") for i in range(GATED[name])]


@every
def test_weights_have_the_layout_of_keras_3(name):
    layer = getattr(keras3.layers, name)(UNITS)
    layer(X)
    width = UNITS * WIDTHS[name]
    bias = (2, width) if name == "GRU" else (width,)
    assert [w.shape for w in layer.get_weights()] == [(4, width), (UNITS, width), bias]
    assert len(getattr(layers, name)(UNITS, input_shape=(5, 4)).get_config()) > 0


@every
def test_a_sequence_may_be_cut_where_states_are_handed_on(name):
    layer = getattr(keras3.layers, name)(UNITS, return_state=True, return_sequences=True)
    whole, *last = layer(X)
    first, *between = layer(X[:, :2])
    second, *after = layer(X[:, 2:], initial_state=between)
    np.testing.assert_allclose(np.concatenate([first, second], 1), whole, atol=1e-6)
    for one, other in zip(after, last, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@every
def test_states_given_are_kept_in_files_and_copies(name, tmp_path):
    x, told = Input((5, 4)), [Input((UNITS,)) for _ in range(GATED[name])]
    y, *after = getattr(keras3.layers, name)(UNITS, return_state=True)(x, initial_state=told)
    model = Model([x, *told], [y, *after])
    data = [X, *states(name)]
    wanted = model.predict(data)
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    model.save(tmp_path / "m.h5")
    for other in (again, copy.deepcopy(model), load_model(str(tmp_path / "m.h5"))):
        for one, found in zip(wanted, other.predict(data), strict=True):
            np.testing.assert_allclose(found, one, atol=1e-6)


def test_a_wrong_number_of_states_is_refused():
    with pytest.raises(ValueError, match="LSTM .*initial_state must be 2 tensors.*received 1"):
        layers.LSTM(UNITS)(X, initial_state=states("GRU"))


@every
def test_a_cell_is_one_step_of_its_layer(name):
    cell = getattr(keras3.layers, name + "Cell")(UNITS)
    assert cell.output_size == UNITS and np.ravel(cell.state_size).tolist() == [UNITS] * GATED[name]
    output, new = cell(X[:, 0], states(name))
    layer = getattr(keras3.layers, name)(UNITS, return_state=True)
    layer(X)
    layer.set_weights(cell.get_weights())
    wanted = layer(X[:, :1], initial_state=states(name))
    for one, other in zip([output, *new], wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert [K.get_value(s).shape for s in cell.get_initial_state(2)] == [(2, UNITS)] * GATED[name]


@pytest.mark.parametrize("level", ["dropout", "recurrent_dropout"])
@every
def test_dropout_of_cells_and_layers_has_one_mask_for_all_steps(name, level):
    ones = np.ones((1, 6, 4), "float32")
    for layer in (
        getattr(keras3.layers, name)(UNITS, **{level: 0.5}),
        keras3.layers.RNN(getattr(keras3.layers, name + "Cell")(UNITS, **{level: 0.5})),
    ):
        still = layer(ones, training=False)
        assert np.abs(layer(ones, training=True) - still).max() > 1e-4
        np.testing.assert_array_equal(layer(ones), still)


@pytest.mark.parametrize("rate", ["dropout", "recurrent_dropout"])
def test_seeds_change_the_draws(rate):
    x = Input((5, 4))
    weights = keras3.layers.LSTM(UNITS)
    weights(X)
    found = []
    for seed in (1, 1, 2):
        np.random.seed(0)
        layer = keras3.layers.LSTM(UNITS, seed=seed, **{rate: 0.5})
        y = layer(x, training=True)
        layer.set_weights(weights.get_weights())
        found.append(K.function([x], [y])([X])[0])
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 1e-4


def test_cells_upon_cells_are_layers_upon_layers():
    kinds = [("LSTM", 3), ("GRU", 4)]
    stack = keras3.layers.RNN([getattr(keras3.layers, n + "Cell")(size) for n, size in kinds], return_state=True)
    y, of_first, of_second = stack(X)
    single = [getattr(keras3.layers, n)(size, return_sequences=True) for n, size in kinds]
    single[1](single[0](X))
    weights = stack.get_weights()
    single[0].set_weights(weights[:3])
    single[1].set_weights(weights[3:])
    np.testing.assert_allclose(single[1](single[0](X))[:, -1], y, atol=1e-6)
    assert [len(of_first), len(of_second)] == [2, 1]
    cells = stack.cell
    assert cells.state_size == [[3, 3], 4] and cells.output_size == 4
    x = Input((5, 4))
    model = Model(x, keras3.layers.RNN([keras3.layers.LSTMCell(3), keras3.layers.LSTMCell(2)])(x))
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(X), model.predict(X), atol=1e-6)


def test_a_users_cell_gives_its_states_and_takes_them():
    layer = keras3.layers.RNN(Averaging(2), return_state=True)
    y, state = layer(X)
    np.testing.assert_allclose(y, state, atol=1e-6)
    first = layer(X[:, :3])[1]
    np.testing.assert_allclose(layer(X[:, 3:], initial_state=first)[0], y, atol=1e-6)


def test_a_stateful_rnn_goes_on_where_it_ended():
    x = Input(batch_shape=(3, 5, 4))
    layer = keras3.layers.RNN(keras3.layers.LSTMCell(2), stateful=True)
    model = Model(x, layer(x))
    first, second = model.predict(X, batch_size=3), model.predict(X, batch_size=3)
    assert np.abs(first - second).max() > 1e-4
    model.reset_states()
    np.testing.assert_allclose(model.predict(X, batch_size=3), first, atol=1e-6)


BACKWARD = [
    ({"go_backwards": False}, "go_backwards=True"),
    ({"go_backwards": True, "return_sequences": True}, "return_sequences=False"),
]


@pytest.mark.parametrize("told, wanted", BACKWARD)
def test_a_backward_layer_must_fit(told, wanted):
    with pytest.raises(ValueError, match=f"argument 'backward_layer'.*{wanted}"):
        keras3.layers.Bidirectional(keras3.layers.LSTM(2), backward_layer=keras3.layers.LSTM(2, **told))


@pytest.mark.parametrize(
    "module, joined, reset", [(layers, False, False), (keras2.layers, True, False), (keras3.layers, True, True)]
)
def test_what_eras_mean(module, joined, reset):
    gru = module.GRU(2)
    gru(X)
    assert (len(gru.get_weights()) == 3, gru.reset_after) == (joined, reset)


def test_keras_1_makes_what_keras_3_is_given():
    assert layers.GRU(2, reset_after=True).consume_less == "gpu"
    with pytest.raises(ValueError, match="use_cudnn"):
        keras3.layers.LSTM(2, use_cudnn=True)


@pytest.mark.parametrize("keras", [keras2, keras3])
@every
def test_cells_take_their_arguments_by_name(keras, name):
    cell, before = getattr(keras.layers, f"{name}Cell")(UNITS), states(name)
    output, after = cell(inputs=X[:, 0], states=before)
    again, _ = cell(X[:, 0], before)
    np.testing.assert_array_equal(np.asarray(output), np.asarray(again))
    assert len(after) == GATED[name]
