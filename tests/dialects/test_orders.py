"""Calls in the order and by the names of any era mean what they meant."""

import importlib
import inspect
import subprocess
import sys
import warnings

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3, layers, models, optimizers
from horngate.backend import config
from horngate.backend.orders import as_written
from horngate.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from horngate.constraints import MaxNorm
from horngate.dialects import orders, reading
from horngate.layers import LSTM, BatchNormalization, Convolution1D, Dense, Highway, Input, Recurrent, Reshape, merge
from horngate.layers.advanced_activations import LeakyReLU
from horngate.layers.core import MaxoutDense
from horngate.models import Sequential
from horngate.preprocessing import image


@pytest.fixture
def era():
    yield K.set_era
    K.set_era("1.0")


def kept(thing, *names):
    return tuple(getattr(thing, name) for name in names)


@pytest.mark.parametrize(
    "at, make, names, want",
    [
        ("1.0", lambda: EarlyStopping("val_loss", 3, 1, "max"), ("patience", "verbose"), (3, 1)),
        ("1.2", lambda: EarlyStopping("val_loss", 0, 3, 1, "max"), ("min_delta", "patience", "verbose"), (0, 3, 1)),
        ("1.0", lambda: EarlyStopping("val_loss", 0.01, 3), ("min_delta", "patience"), (0.01, 3)),
        (
            "0.3",
            lambda: ModelCheckpoint("f", "loss", 1, True, "min"),
            ("save_best_only", "save_weights_only"),
            (True, False),
        ),
        (
            "1.2",
            lambda: ModelCheckpoint("f", "loss", 1, True, True, "min", 2),
            ("save_weights_only", "period"),
            (True, 2),
        ),
        (
            "0.3",
            lambda: Dense(3, "normal", "tanh", None, None, None, None, None, None, 7),
            ("bias", "input_dim"),
            (True, 7),
        ),
        (
            "1.0",
            lambda: Dense(3, "normal", "tanh", None, None, None, None, None, None, False, 7),
            ("bias", "input_dim"),
            (False, 7),
        ),
        (
            "1.0",
            lambda: MaxoutDense(3, 2, "normal", None, None, None, None, None, None, 7),
            ("nb_feature", "input_dim"),
            (2, 7),
        ),
        (
            "0.3",
            lambda: Convolution1D(4, 3, "normal", "relu", None, "same", 1, None, None, None, None, None, 5, 9),
            ("border_mode", "input_dim", "input_length"),
            ("same", 5, 9),
        ),
        ("1.0", lambda: Highway("normal", -3, "relu"), ("transform_bias",), (-3,)),
        ("1.2", lambda: Highway("normal", "relu"), ("transform_bias",), (1.0,)),
        (
            "0.3",
            lambda: Recurrent(None, True, False, False, 5, 9),
            ("return_sequences", "input_dim", "unroll"),
            (True, 5, False),
        ),
        ("0.3", lambda: Reshape(dims=(2, 3)), ("target_shape",), ((2, 3),)),
        ("2", lambda: Dense(3, "relu", False), ("bias", "output_dim"), (False, 3)),
        ("2", lambda: LSTM(3, "relu", "sigmoid"), ("output_dim",), (3,)),
        ("2", lambda: BatchNormalization(1, 0.8, 1e-4), ("axis", "momentum", "epsilon"), (1, 0.8, 1e-4)),
        ("1.0", lambda: BatchNormalization(1e-4, 0, 1), ("epsilon", "mode", "axis"), (1e-4, 0, 1)),
        (
            "0.3",
            lambda: image.ImageDataGenerator(False, False, False, False, False, 0, 0, 0, 0, True, True),
            ("zoom_range", "horizontal_flip", "vertical_flip"),
            ([1, 1], True, True),
        ),
    ],
)
def test_constructors(era, at, make, names, want):
    era(at)
    assert kept(make(), *names) == want


def test_the_activation_stands_second_in_keras_2():
    assert Dense(3, "relu").activation.__name__ == "relu" and Dense(3, "he_normal").init.__name__ == "he_normal"


def test_functions(era):
    x = np.ones((2, 3), "float32")
    assert K.placeholder((None, 3), None, "int32", "seen").name == "seen"
    assert K.placeholder((None, 3), None, "int32", False, "seen").name == "seen"
    assert K.eval(K.zeros_like(x, "float16")).dtype == "float16" and K.eval(K.zeros_like(x, "zeros")).dtype == "float32"
    assert set(np.unique(K.eval(K.dropout(K.variable(np.ones((50, 50))), 0.5, 7)))) == {0, 2}
    a, b = Input((3,)), Input((3,))
    assert merge([a, b], "sum", -1, -1, None, None, "both")._keras_history[0].name == "both"
    named = merge([a, b], lambda xs, by: by * xs[0], -1, -1, (3,), None, {"by": 2.0}, "by_two")
    assert named._keras_history[0].name == "by_two"
    assert Input((3,), None, "words", "int32").dtype == "int32"


def test_pictures_turn_alike_by_all_names():
    x = np.random.rand(1, 5, 5)
    found = []
    for call in (
        lambda: image.random_rotation(x, 90, "constant", 1.0),
        lambda: image.random_rotation(x, 90, 1, 2, 0, "constant", 1.0),
        lambda: image.random_rotation(x, 90, row_index=1, col_index=2, channel_index=0, fill_mode="constant", cval=1.0),
        lambda: image.random_rotation(x, 90, row_axis=1, col_axis=2, channel_axis=0, fill_mode="constant", cval=1.0),
    ):
        np.random.seed(1)
        found.append(call())
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)
    np.random.seed(1)
    zoomed = image.random_zoom(x, rg=0.3)
    np.random.seed(1)
    np.testing.assert_array_equal(zoomed, image.random_zoom(x, (0.7, 1.3)))


def test_accuracy_is_told_where_a_call_asks_for_it():
    x, y = np.random.rand(8, 3), np.eye(2)[np.random.randint(0, 2, 8)]
    model = Sequential([Dense(2, input_dim=3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", "categorical")
    first = model.train_on_batch(x, y)
    assert first[0] == first and isinstance(first, float)
    moments = [np.abs(w).sum() for w in model.optimizer.get_state()]
    score = model.evaluate(x, y, 4, True, 0)
    assert len(score) == 2
    want = (model.predict(x).argmax(axis=1) == y.argmax(axis=1)).mean()
    assert score[1] == pytest.approx(want) and model.test_on_batch(x, y, accuracy=True)[1] == pytest.approx(want)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(score[0], rel=1e-5)
    assert len(model.train_on_batch(x, y, True)) == 2 and isinstance(model.train_on_batch(x, y), float)
    model.optimizer.set_state(value_list=model.optimizer.get_state())
    assert sum(moments) > 0 and model.optimizer.iterations.get_value() == 3


def test_what_could_be_meant_otherwise_is_said_once(monkeypatch):
    monkeypatch.delenv("HORNGATE_QUIET", raising=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            EarlyStopping("val_loss", 0, 1)
        EarlyStopping("val_loss", patience=3)
        Dense(3, "tanh")
    assert len(caught) == 1 and caught[0].filename == __file__
    assert "verbose=1" in str(caught[0].message) and "patience=1" in str(caught[0].message)
    monkeypatch.setenv("HORNGATE_QUIET", "1")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        EarlyStopping("val_loss", 0, 2)
    assert not caught


def test_words_that_one_class_alone_has_are_taken_in_every_era():
    assert kept(LeakyReLU(negative_slope=0.3), "alpha")[0] == pytest.approx(0.3)
    assert kept(ReduceLROnPlateau(min_delta=0.5), "epsilon") == (0.5,)
    assert kept(MaxNorm(max_value=3), "m") == (3,)
    with pytest.raises(TypeError, match="max_value and m are two names"):
        MaxNorm(max_value=3, m=2)


def test_wrong_calls_are_answered():
    with pytest.raises(TypeError, match="patience.* twice"):
        EarlyStopping("val_loss", 3, patience=3)
    with pytest.raises(TypeError, match="at most 8 arguments"):
        EarlyStopping("val_loss", 0, 1, 2, "max", 0.5, True, 0, 7)


_PLACES = (
    "backend",
    "callbacks",
    "models",
    "layers",
    "layers.core",
    "engine.topology",
    "engine.training",
    "optimizers",
    "preprocessing.image",
    "utils.np_utils",
    "wrappers.scikit_learn",
    "layers.wrappers",
    "engine.container",
    "initializers",
)


@pytest.mark.parametrize("key", [key for key in orders.ORDERS if not {"2", "3", "2 3"} >= {*orders.rows(key)}])
def test_each_row_of_keras_1_is_in_use(key):
    name, *rest = key.removeprefix("imdb.").split(".")
    modules = [importlib.import_module(f"horngate.{place}") for place in (*_PLACES, "datasets.imdb")]
    if name == "Identity":  # the initializer: the layer of that name takes nothing
        modules = [importlib.import_module("horngate.dialects.keras2.initializers")]
    found = next(getattr(module, name) for module in modules if hasattr(module, name))
    for part in rest or (["__init__"] if inspect.isclass(found) else []):
        found = getattr(found, part)
    assert hasattr(found, "__wrapped__"), "it is behind what reads the words of every era"
    ours = tuple(name for name in inspect.signature(found.__wrapped__).parameters if name != "self")
    agreed = reading.orders_of(key, ours).agreed if ours else 0
    assert agreed >= found._same_places, "calls with so few places are not read in the words of other eras"


SHOWN = {  # in an era -> the first arguments that a signature shows
    ("Dense", "1.2"): "output_dim init activation weights",
    ("Dense", "2"): "units activation use_bias kernel_initializer",
    ("Dense", "3"): "units activation use_bias kernel_initializer",
    ("SGD", "3"): "learning_rate momentum nesterov weight_decay",
    ("Model.fit", "1.2"): "self x y batch_size nb_epoch verbose",
    ("Model.fit", "2"): "self x y batch_size epochs verbose",
    ("Model.compile", "2"): "self optimizer loss metrics loss_weights",
    ("Model.compile", "3"): "self optimizer loss loss_weights metrics",
}


@pytest.mark.parametrize("name, era", SHOWN)
def test_signatures_are_shown_in_the_words_of_the_era_and_say_what_runs(name, era):
    owner, *method = name.split(".")
    found = next(getattr(module, owner) for module in (layers, models, optimizers) if hasattr(module, owner))
    function = getattr(found, *method) if method else found
    with config.within_era(era):
        shown = list(inspect.signature(function).parameters)
    assert shown[: len(SHOWN[name, era].split())] == SHOWN[name, era].split()
    assert [p for p in inspect.signature(function).parameters if p in ("units", "epochs")] == [], "only in that era"


def test_calls_of_today_load_no_dialect():
    """They cost 10 ms in a process whose program is written for Keras 1; a star asks for names of every era."""
    program = (
        "import sys; from horngate.layers import Dense, Dropout, Input; from horngate.models import Model, Sequential\n"
        "x = Input((4,)); Model(x, Dense(1)(x)).compile('adam', 'mse')\n"
        "model = Sequential([Dense(3, activation='relu', input_dim=4), Dropout(0.5), Dense(1, init='normal')])\n"
        "model.compile('sgd', 'mse'); model.fit([[1, 2, 3, 4]], [1], verbose=0)\n"
        "print([name for name in sys.modules if name.startswith('horngate.dialects')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_every_argument_that_is_dropped_has_a_reason():
    dropped = {
        f"{key}.{word}"
        for key in orders.ORDERS
        for row in orders.rows(key).values()
        for word, ours in orders.parameters(row, ())
        if ours == ""
    }
    assert dropped == orders.DROPPED.keys()
    assert all(why for _, why in orders.DROPPED.values())


def test_what_is_lost_by_dropping_is_said(tmp_path, era):
    era("2")
    board = importlib.import_module("horngate.callbacks").TensorBoard
    with pytest.warns(
        UserWarning, match=r"TensorBoard: write_grads=True has no effect here; histograms are of weights"
    ):
        board(str(tmp_path), 0, 32, True, True)
    with pytest.warns(UserWarning, match=r"TensorBoard: embeddings_data=\[1\] has no effect"):
        board(str(tmp_path), embeddings_data=[1])
    with pytest.warns(UserWarning, match=r"TensorBoard: write_images=True has no effect"):
        board(str(tmp_path), write_images=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = board(str(tmp_path), batch_size=16, write_grads=False, embeddings_layer_names=None)
    assert made.update_freq == "epoch"


def test_the_implementation_of_recurrent_layers_is_kept_and_checked(era):
    era("2")
    x = np.random.RandomState(0).rand(2, 3, 4).astype("float32")
    for layer in (layers.LSTM, layers.GRU, layers.GRUCell, layers.LSTMCell):
        assert layer(2).implementation == 2
        assert (
            layer(2, implementation=1).implementation == layer(2, implementation=1).get_config()["implementation"] == 1
        )
        with pytest.raises(ValueError, match="argument 'implementation': must be 0, 1 or 2; received 7"):
            layer(2, implementation=7)
    one, two = layers.LSTM(3, implementation=1), layers.LSTM(3, implementation=2)
    first = one(K.variable(x))
    two(K.variable(x))
    two.set_weights(one.get_weights())
    np.testing.assert_array_equal(K.eval(two(K.variable(x))), K.eval(first))


def test_no_other_word_of_an_order_is_dropped(era):
    """A word that stands in an order, and that the constructor does not take, is refused."""
    era("2")
    unknown = 0
    for key in orders.ORDERS:
        cls = getattr(layers, key, None)
        if not isinstance(cls, type) or issubclass(cls, layers.Merge):
            continue
        known = {*as_written(cls.__init__).parameters, *layers.Layer.__declared__, "activity_regularizer", "name"}
        for row in orders.rows(key).values():
            for word, ours in orders.parameters(row, known):
                if ours is None and orders.meaning(word, known) is None:
                    unknown += 1
                    with pytest.raises(TypeError, match=f"no argument '{word}'"):
                        cls(3, 3, **{word: 1}) if "Conv" in key or "Loc" in key else cls(3, **{word: 1})
    assert unknown > 0


def test_an_optimizer_keeps_its_name():
    assert optimizers.SGD().name == "SGD" and keras3.optimizers.SGD().name == "sgd"
    named = optimizers.Adam(name="slow")
    assert named.name == "slow" and optimizers.Adam.from_config(named.get_config()).name == "slow"


def test_callbacks_of_generators_are_told(era):
    era("2")
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    seen = []
    from horngate.callbacks import LambdaCallback

    batches = [(np.ones((4, 2)), np.ones((4, 1)))] * 3
    told = LambdaCallback()
    told.on_test_batch_end = lambda batch, logs=None: seen.append(("test", batch))
    told.on_predict_batch_end = lambda batch, logs=None: seen.append(("predict", batch))
    model.evaluate_generator(iter(batches), 3, callbacks=[told])
    model.predict_generator(iter(batches), 2, callbacks=[told])
    assert seen == [("test", 0), ("test", 1), ("test", 2), ("predict", 0), ("predict", 1)]


def test_losses_and_metrics_take_the_places_of_keras_2(era):
    from horngate import losses, metrics
    from horngate.metrics import confusion

    era("2")
    t, p = K.variable([1, 0]), K.variable([[1.0, 3.0], [2.0, 0.0]])
    wanted = K.eval(losses.sparse_categorical_crossentropy(t, p, from_logits=True, axis=-1))
    np.testing.assert_allclose(K.eval(losses.sparse_categorical_crossentropy(t, p, True, -1)), wanted)
    cosine = K.eval(losses.cosine_proximity(p, p, 0))
    np.testing.assert_allclose(cosine, [-0.5, -0.5], rtol=1e-6)
    made = metrics.BinaryCrossentropy("cost", None, True, 0.1)
    assert kept(made, "name", "from_logits", "label_smoothing") == ("cost", True, 0.1)
    assert losses.BinaryCrossentropy(True, 0.1).label_smoothing == 0.1
    assert kept(confusion.SensitivityAtSpecificity(0.5, 50, "s"), "num_thresholds", "name") == (50, "s")
    assert kept(metrics.SparseCategoricalCrossentropy("c", None, True, -1), "from_logits", "ignore_class") == (
        True,
        None,
    )
    np.testing.assert_array_equal(K.eval(metrics.accuracy(K.variable([1, 2]), K.variable([1, 3]))), [1, 0])
    era("3")
    assert confusion.SensitivityAtSpecificity(0.5, 50, None, "s").name == "s"


def test_recurrent_layers_take_the_states_in_second_place_in_keras_2(era):
    era("2")
    x, h = Input((3, 4)), Input((2,))
    wrapped, plain = layers.RNN(layers.GRUCell(2)), layers.GRU(2)
    for layer in (wrapped, plain):
        y = layer(x, h)
        model = models.Model([x, h], y)
        some = [np.random.rand(2, 3, 4), np.random.rand(2, 2)]
        again = models.Model([x, h], layer(x, initial_state=h))
        np.testing.assert_array_equal(model.predict(some), again.predict(some))
        assert not np.allclose(model.predict(some), model.predict([some[0], 0 * some[1]]))
        zeros = layer.get_initial_state(K.zeros((5, 3, 4)))
        assert [K.int_shape(state) for state in zeros] == [(5, 2)]


def test_a_layer_that_runs_both_ways_passes_its_mask_as_a_mask(era):
    """In the second place stand the states since Keras 2."""
    x = np.random.RandomState(0).rand(1, 2, 1)
    x[0, 0] = 0
    for name in ("1.0", "2", "3"):
        era(name)
        start = Input((2, 1))
        both = layers.Bidirectional(layers.SimpleRNN(1, return_sequences=True), merge_mode=None)
        forward, _ = both(layers.Masking()(start))
        assert models.Model(start, forward).predict(x)[0, 0] == 0
