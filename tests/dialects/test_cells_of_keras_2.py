"""Cells and states in the manner of Keras 2: constants, order of states, cells of layers, cells of images."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers, optimizers
from horngate.backend.config import ERAS
from horngate.layers import Bidirectional, Dense, Input, Layer
from horngate.models import Model, Sequential

X, C = (np.random.RandomState(0).randn(*shape).astype("float32") for shape in ((2, 3, 5), (2, 4)))
IMAGES = np.random.RandomState(1).rand(2, 3, 6, 5, 2).astype("float32")


@pytest.fixture
def era():
    yield K.set_era
    K.set_era("1.0")


class WithConstants(Layer):
    """h' = x k + h r + c q, with constants c."""

    def __init__(self, units, **kwargs):
        self.units = self.state_size = units
        super().__init__(**kwargs)

    def build(self, input_shape):
        units = self.units
        if K.era().name == "tf2":  # where `build` is told of the inputs alone
            input_shape = [input_shape, (None, 4)]
        for name, rows in (("k", input_shape[0][-1]), ("r", units), ("q", input_shape[1][-1])):
            setattr(self, name, self.add_weight(shape=(rows, units), initializer="uniform", name=name))

    def call(self, inputs, states, constants):
        h = K.dot(inputs, self.k) + K.dot(states[0], self.r) + K.dot(constants[0], self.q)
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def by_hand(weights, h=0.0, x=X):
    k, r, q = weights
    h = h + np.zeros((2, 3))
    for t in range(x.shape[1]):
        h = x[:, t] @ k + h @ r + C @ q
    return h


@pytest.mark.parametrize("name", ["2", "2.2", "tf2"])
def test_constants_reach_every_step_also_after_a_file(era, name, tmp_path):
    era(name)
    x, c, s = Input((None, 5)), Input((4,)), Input((3,))
    model = Model([x, c], layers.RNN(WithConstants(3))(x, constants=c))
    np.testing.assert_allclose(model.predict([X, C]), by_hand(model.get_weights()), rtol=1e-5, atol=1e-6)
    model.save(tmp_path / "m.h5")
    from horngate.models import load_model

    again = load_model(tmp_path / "m.h5", custom_objects={"WithConstants": WithConstants})
    np.testing.assert_array_equal(again.predict([X, C]), model.predict([X, C]))
    begun = Model([x, s, c], layers.RNN(WithConstants(3))(x, initial_state=s, constants=[c]))
    found = begun.predict([X, np.ones((2, 3)), C])
    np.testing.assert_allclose(found, by_hand(begun.get_weights(), 1.0), rtol=1e-5, atol=1e-6)


def test_constants_reach_both_directions_and_stacked_cells(era):
    era("2")
    x, c, s = Input((3, 5)), Input((4,)), Input((3,))
    both = Model([x, s, c], Bidirectional(layers.RNN(WithConstants(3)))(x, initial_state=[s, s], constants=c))
    weights = both.get_weights()
    wanted = np.concatenate([by_hand(weights[:3], 1.0), by_hand(weights[3:], 1.0, X[:, ::-1])], axis=1)
    np.testing.assert_allclose(both.predict([X, np.ones((2, 3)), C]), wanted, rtol=1e-5, atol=1e-6)
    cells = [layers.GRUCell(6), WithConstants(3)]
    stacked = Model([x, c], layers.RNN(cells)(x, constants=c))
    plain = Model(x, layers.GRU(6, return_sequences=True)(x))
    plain.set_weights(cells[0].get_weights())
    wanted = by_hand(cells[1].get_weights(), x=plain.predict(X))
    np.testing.assert_allclose(stacked.predict([X, C]), wanted, rtol=1e-5, atol=1e-6)


def test_constants_are_refused_where_no_cell_takes_them(era):
    era("2")
    with pytest.raises(TypeError, match=r"LSTM lstm_\d+: constants are for RNN\(cell\)"):
        layers.LSTM(2)(Input((3, 5)), constants=Input((4,)))


@pytest.mark.parametrize("name, sizes", [("2", [2, 2, 3]), ("2.2", [3, 2, 2]), ("tf2", [[2, 2], 3])])
def test_the_order_of_stacked_states(era, name, sizes):
    era(name)
    cells = layers.StackedRNNCells([layers.LSTMCell(2), layers.GRUCell(3)])
    assert cells.state_size == sizes
    x = Input((3, 5))
    output, *states = layers.RNN(cells, return_state=True)(x)
    found = [[K.int_shape(s)[1] for s in y] if isinstance(y, list) else K.int_shape(y)[1] for y in states]
    assert found == sizes
    plain = [*states[0], *states[1:]] if name == "tf2" else states
    values = Model(x, [output, *plain]).predict(X)
    of_gru = values[1] if name == "2.2" else values[-1]
    np.testing.assert_array_equal(of_gru, values[0])  # the output is the state of the last cell
    begun = layers.RNN(cells)
    given = [Input((K.int_shape(state)[1],)) for state in plain]
    before = [np.full((2, K.int_shape(state)[1]), 0.1 * i) for i, state in enumerate(plain)]
    model = Model([x, *given], begun(x, initial_state=given))
    assert np.abs(model.predict([X, *before]) - values[0]).max() > 1e-4


def test_states_are_set_all_or_refused(era):
    era("2")
    for layer in (layers.LSTM(4, stateful=True), layers.RNN(layers.LSTMCell(4), stateful=True)):
        model = Sequential([layer.__class__.from_config({**layer.get_config(), "batch_input_shape": (2, 3, 5)})])
        layer = model.layers[0]
        zero = model.predict(X)
        layer.reset_states(states=[np.ones((2, 4)), np.zeros((2, 4))])
        assert [K.get_value(state).mean() for state in layer.states] == [1, 0]
        assert np.abs(model.predict(X) - zero).max() > 1e-3
        with pytest.raises(ValueError, match="reset_states takes 2 arrays, one for each state; received 1"):
            layer.reset_states([np.ones((2, 4))])
        layer.reset_states()
        np.testing.assert_array_equal(model.predict(X), zero)


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "LSTM"])
def test_a_layer_has_a_cell_with_its_weights(era, kind):
    era("2")
    layer = getattr(layers, kind)(4)
    output = layer(Input((3, 5)))
    assert output.shape == (None, 4) and isinstance(layer.cell, getattr(layers, f"{kind}Cell"))
    assert layer.cell.units == 4 and layer.cell.kernel is layer.kernel
    state = K.zeros((2, 4))
    once = K.eval(layer.cell(K.variable(X[:, 0]), [state] * layer.state_count)[0])
    np.testing.assert_allclose(once, K.eval(layer(K.variable(X[:, :1]))), rtol=1e-5, atol=1e-6)
    assert not hasattr(Dense(2), "cell")


@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"go_backwards": True}, {"return_state": True}])
def test_a_cell_of_images_is_the_layer(era, options):
    era("2")
    told = {"padding": "same", "strides": 2, "dropout": 0.2, "recurrent_dropout": 0.2}
    x = Input((3, 6, 5, 2))
    cell = layers.ConvLSTM2DCell(4, 3, **told)
    model = Model(x, layers.ConvRNN2D(cell, **options)(x))
    plain = Model(x, layers.ConvLSTM2D(4, 3, **told, **options)(x))
    plain.set_weights(model.get_weights())
    assert model.output_shape == plain.output_shape
    for ours, wanted in zip(model.predict(IMAGES), plain.predict(IMAGES)):
        np.testing.assert_allclose(ours, wanted, rtol=1e-5, atol=1e-6)
    again = Model.from_config(model.get_config())
    again.compile("sgd", "mse")
    assert np.isfinite(again.train_on_batch(IMAGES, [0 * y for y in _listed(model.predict(IMAGES))])).all()


def _listed(y):
    return y if isinstance(y, list) else [y]


def test_cells_of_images_keep_states_and_others_are_refused(era):
    era("2")
    cell = layers.ConvLSTM2DCell(4, 3, padding="same")
    model = Sequential([layers.ConvRNN2D(cell, stateful=True, batch_input_shape=(2, 3, 6, 5, 2))])
    first = model.predict(IMAGES)
    assert [K.int_shape(state) for state in model.layers[0].states] == [(2, 6, 5, 4)] * 2
    assert np.abs(model.predict(IMAGES) - first).max() > 1e-4
    with pytest.raises(TypeError, match="ConvRNN2D .*: the cell must be a ConvLSTM2DCell"):
        layers.ConvRNN2D(layers.LSTMCell(4))


@pytest.mark.parametrize("name", ERAS)
@pytest.mark.parametrize("kind", ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"])
def test_the_rate_of_every_optimizer_can_be_set(era, name, kind):
    era(name)
    model = Sequential([Dense(1, input_dim=2)])
    model.compile(getattr(optimizers, kind)(), "mse")
    optimizer, data = model.optimizer, (np.ones((4, 2)), np.ones((4, 1)))
    model.train_on_batch(*data)
    K.set_value(optimizer.lr, 0.0)
    before = model.get_weights()
    model.train_on_batch(*data)
    assert float(K.get_value(optimizer.lr)) == 0 and int(K.get_value(optimizer.iterations)) == 2
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    optimizer.lr = 0.5
    assert float(K.get_value(optimizer.lr)) == 0.5


def test_images_in_time_have_hard_gates_until_keras_3(era):
    """By numbers of tf-keras 2.21, whose ConvLSTM2D opens its gates by 0.2 x + 0.5, where its LSTM has a sigmoid."""
    era("tf2")
    model = Sequential([layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True, input_shape=(2, 4, 4, 1))])
    weights = [np.sin(np.arange(w.size) * (i + 1.0)).reshape(w.shape) * 0.3 for i, w in enumerate(model.get_weights())]
    model.set_weights(weights)
    found = model.predict(np.sin(np.arange(64)).reshape(2, 2, 4, 4, 1)).ravel()[:5]
    np.testing.assert_allclose(found, [0.04204, 0.12154, -0.1511, 0.14707, -0.18465], atol=1e-5)


@pytest.mark.parametrize("name, kind", [("0.3", 0.7), ("1.2", 0.7), ("2", 0.7), ("tf2", 0.7), ("3", 2 / 3)])
def test_the_slope_of_hard_sigmoid(era, name, kind):
    era(name)
    layer = layers.Activation("hard_sigmoid", input_shape=(1,))
    assert abs(Sequential([layer]).predict(np.ones((1, 1)))[0, 0] - kind) < 1e-6


def test_a_constant_may_be_an_array(era):
    era("tf2")
    from horngate.dialects.keras2 import initializers

    constant = initializers.Constant(np.array([1.0, 2.0]))
    layer = Dense(2, bias_initializer=initializers.Constant.from_config(constant.get_config()), input_dim=3)
    Sequential([layer])
    assert layer.get_weights()[1].tolist() == [1, 2]
    with pytest.raises(ValueError, match="Constant, argument 'value': must be a finite number or array; received"):
        initializers.Constant([1, np.nan])


def test_an_optimizer_may_answer_for_the_one_within(era):
    era("2")

    class Outer(optimizers.Optimizer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        @property
        def lr(self):
            return self.inner.lr

        @property
        def iterations(self):
            return self.inner.iterations

        def get_updates(self, loss, params):
            self.updates, self.weights = self.inner.get_updates(loss=loss, params=params), self.inner.weights
            return self.updates

    model = Sequential([Dense(1, input_dim=2)])
    model.compile(Outer(optimizers.SGD(0.1)), "mse")
    losses = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0).history["loss"]
    assert losses[2] < losses[0] and int(K.get_value(model.optimizer.iterations)) == 3
    assert abs(float(K.get_value(model.optimizer.lr)) - 0.1) < 1e-7
