"""`training=` and `mask=` at a call: of every layer, on arrays and symbols, in files and copies."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import layers
from horngate.engine.node import to_list
from horngate.layers import LSTM, BatchNormalization, Dense, Dropout, Input, Lambda, Layer
from horngate.models import Model, Sequential, load_model, model_from_json
from tests.layers.conformance_table import ROWS

X = np.random.RandomState(0).rand(4, 6).astype("float32")
STEPS = np.random.RandomState(1).rand(4, 5, 3).astype("float32")
MASK = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 0, 1], [1, 1, 1, 1, 1], [0, 0, 0, 1, 1]], bool)
PHASED = [
    name for name in ROWS if getattr(layers, name, None) and vars(getattr(layers, name)).get("uses_learning_phase")
]


def kept(model):
    """The model, as it comes back from each way of keeping it."""
    copied = model_from_json(model.to_json(), {"Half": Half})
    copied.set_weights(model.get_weights())
    return {"file": copied, "copy": copy.deepcopy(model), "pickle": pickle.loads(pickle.dumps(model))}


def differs(found):
    return not np.allclose(found, X)


@pytest.mark.parametrize("name", PHASED)
def test_every_layer_takes_the_phase_on_arrays_and_on_symbols(name):
    shape, args, kwargs = ROWS[name][0]
    layer = getattr(layers, name)(*args, **kwargs)
    x = np.abs(np.random.RandomState(0).rand(3, *shape).astype("float32")) + 1
    x = np.ones_like(x, "int32") if name == "Embedding" else x
    test = layer(x, training=False)
    weights = layer.get_weights()
    train = layer(x, training=True)
    layer.set_weights(weights)  # averages have moved
    symbol = Input(shape, dtype=str(x.dtype))
    graph = K.function([symbol, K.learning_phase()], [layer(symbol, training=False), layer(symbol, training=True)])
    for phase in (0, 1):
        found = graph([x, phase])
        np.testing.assert_allclose(found[0], test, rtol=1e-5, atol=1e-6)
        if not np.allclose(test, train):
            assert not np.allclose(found[1], test)


def test_there_are_layers_with_phases():
    assert {"Dropout", "BatchNormalization", "GaussianNoise"} <= set(PHASED)


@pytest.mark.parametrize("training, dropped", [(True, True), (False, False), (1, True), (np.bool_(False), False)])
def test_a_phase_holds_within_models_and_their_models(training, dropped):
    inner = Sequential([Dropout(0.5, input_shape=(6,))])
    middle = Sequential([inner])
    assert differs(middle(X, training=training)) == dropped
    x = Input((6,))
    model = Model(x, middle(x, training=training))
    model.compile("sgd", "mse")
    assert differs(model.predict(X)) == dropped
    assert model.evaluate(X, X, verbose=0) > 0 if dropped else model.evaluate(X, X, verbose=0) < 1e-9
    for way, other in kept(model).items():
        assert differs(other.predict(X)) == dropped, way


def test_the_innermost_phase_counts():
    x = Input((6,))
    kept_on = Model(x, Dropout(0.5)(x, training=True))
    assert differs(kept_on(X, training=False))
    assert not differs(Sequential([Dropout(0.5, input_shape=(6,))])(X, training=None))


class Half(Layer):
    """A user's layer, which hands the phase to another one."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.drop = Dropout(0.5)

    def call(self, inputs, training=None):
        return self.drop(inputs, training=training)


def test_a_users_layer_hears_the_phase_of_its_call():
    assert differs(Half()(X, training=True))
    assert not differs(Half()(X, training=False))
    assert not differs(Half()(inputs=X))
    x = Input((6,))
    assert differs(Model(x, Half()(x, training=True)).predict(X))


def test_a_frozen_normalization_updates_nothing_and_trains_with_its_averages():
    x = Input((6,))
    norm = BatchNormalization()
    model = Model(x, Dense(1)(norm(x, training=False)))
    model.compile("sgd", "mse")
    before = norm.get_weights()
    model.fit(X, X[:, :1], nb_epoch=1, verbose=0)
    for told, found in zip(before[2:], norm.get_weights()[2:]):
        np.testing.assert_array_equal(told, found)


@pytest.mark.parametrize("training", ["yes", 2, 0.5, np.ones(2)])
def test_what_is_no_phase_is_refused(training):
    with pytest.raises(TypeError, match="Dropout .*training must be True, False or None; received"):
        Dropout(0.5)(X, training=training)


def test_a_fed_phase_is_that_of_the_model():
    x = Input((6,))
    y = K.function([x, K.learning_phase()], [Dropout(0.5)(x, training=K.learning_phase())])
    assert differs(y([X, 1])[0]) and not differs(y([X, 0])[0])


@pytest.mark.parametrize("era", ["0.3", "1.0", "1.2", "2", "3"])
def test_names_of_every_era(era):
    with horngate.backend.config.within_era(era):
        layer = Dense(2)
        np.testing.assert_array_equal(layer(inputs=X, training=True), layer(X))


@pytest.mark.parametrize(
    "name", [n for n in PHASED if "training" in inspect.signature(getattr(layers, n).__call__).parameters]
)
def test_signatures_name_the_phase(name):
    assert inspect.signature(getattr(layers, name).__call__).parameters["training"].default is None


# Masks.


def masked_model():
    """A model with a mask as its second input, and the array that its layer gives for it."""
    x, m = Input((5, 3)), Input((5,), dtype="bool")
    layer = LSTM(4)
    return Model([x, m], layer(x, mask=m)), layer(STEPS, mask=MASK), layer(STEPS)


def test_a_mask_on_arrays_is_that_of_the_graph():
    model, masked, plain = masked_model()
    assert np.abs(masked - plain).max() > 0.01
    np.testing.assert_allclose(model.predict([STEPS, MASK]), masked, atol=1e-6)


def test_masks_given_stay_in_files_copies_and_calls_of_the_model():
    model, masked, _ = masked_model()
    for way, other in kept(model).items():
        np.testing.assert_allclose(other.predict([STEPS, MASK]), masked, atol=1e-6, err_msg=way)
    x, m = Input((5, 3)), Input((5,), dtype="bool")
    np.testing.assert_allclose(Model([x, m], model([x, m])).predict([STEPS, MASK]), masked, atol=1e-6)
    np.testing.assert_allclose(model([STEPS, MASK]), masked, atol=1e-6)


def test_a_computed_mask_brings_its_layers_into_the_model(tmp_path):
    x = Input((5, 3))
    mask = Lambda(lambda v: K.any(K.greater(v, 0.9), axis=-1), name="large")(x)
    model = Model(x, LSTM(4)(x, mask=mask))
    assert "large" in [layer.name for layer in model.layers]
    wanted = model.predict(STEPS)
    np.testing.assert_allclose(copy.deepcopy(model).predict(STEPS), wanted, atol=1e-6)


def test_a_mask_of_one_of_several_inputs_is_kept():
    x, y, m = Input((5, 3)), Input((5, 3)), Input((5,), dtype="bool")
    joined = layers.Concatenate()([x, y], mask=[None, m])
    model = Model([x, y, m], LSTM(2)(joined))
    wanted = model.predict([STEPS, STEPS, MASK])
    assert np.abs(wanted - model.predict([STEPS, STEPS, ~MASK])).max() > 1e-3
    for way, other in kept(model).items():
        np.testing.assert_allclose(other.predict([STEPS, STEPS, MASK]), wanted, atol=1e-6, err_msg=way)


def test_a_mask_without_effect_is_refused():
    with pytest.raises(TypeError, match="does not support masking"):
        layers.Flatten()(STEPS, mask=MASK)


def test_a_mask_that_is_an_array_is_used_and_not_written():
    x = Input(batch_shape=(4, 5, 3))
    layer = LSTM(4)
    model = Model(x, layer(x, mask=MASK))
    np.testing.assert_allclose(model.predict(STEPS, batch_size=4), layer(STEPS, mask=MASK), atol=1e-6)
    with pytest.raises(ValueError, match="cannot be written down"):
        model.to_json()


def test_a_phase_is_read_as_keras_2_wrote_it(tmp_path):
    x = Input((6,))
    model = Model(x, Dropout(0.5, name="drop")(x))
    config = model.get_config()
    places = config["layers"][1]["inbound_nodes"][0]
    config["layers"][1]["inbound_nodes"][0] = [[*places[0][:3], {"training": True}]]
    other = Model.from_config(config)
    assert differs(other.predict(X))
    other.save(tmp_path / "m.h5")
    assert differs(load_model(str(tmp_path / "m.h5")).predict(X))
    assert to_list(other.get_config()["layers"][1]["inbound_nodes"][0][0])[3] == {"training": True}
