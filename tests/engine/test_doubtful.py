"""What trains without an error and is hardly ever meant: a warning at the program's line says what to do."""

import warnings

import numpy as np
import pytest

from horngate import keras3, losses
from horngate.backend import notices
from horngate.callbacks import TerminateOnNaN
from horngate.layers import LSTM, Activation, Dense, Masking, TimeDistributed
from horngate.models import Sequential

random = np.random.RandomState(0)
X, CLASSES = random.randn(40, 5).astype("float32"), random.randint(0, 4, 40)
ONE_HOT, BINARY = np.eye(4)[CLASSES], (CLASSES > 1)[:, None]
WITH_NAN = np.where(np.arange(40)[:, None] == 7, np.nan, X)


def told(call):
    """Return the warnings of `call`, all of which must stand in this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        notices._told.clear()
        call()
    assert all(each.filename == __file__ for each in caught)
    return [str(each.message) for each in caught]


@pytest.fixture(autouse=True)
def anew(monkeypatch):
    monkeypatch.setattr(notices, "_told", set())
    monkeypatch.delenv("HORNGATE_QUIET", raising=False)


def compiled(columns, activation, loss, metrics=()):
    model = Sequential([Dense(6, input_dim=5), Dense(columns, activation=activation, name="out")])
    model.compile("sgd", loss, metrics=list(metrics))
    return model


def fitted(columns, activation, loss, y, metrics=(), x=X, **options):
    return compiled(columns, activation, loss, metrics).fit(x, y, nb_epoch=2, verbose=0, **options)


CROSSENTROPIES = [
    ("categorical_crossentropy", 4, "softmax", losses.CategoricalCrossentropy),
    ("sparse_categorical_crossentropy", 4, "softmax", losses.SparseCategoricalCrossentropy),
    ("binary_crossentropy", 1, "sigmoid", losses.BinaryCrossentropy),
]


@pytest.mark.parametrize("name, columns, squash, loss", CROSSENTROPIES)
def test_the_activation_suits_the_crossentropy(name, columns, squash, loss):
    for activation in ("linear", "relu", "tanh"):
        for each in (name, loss()):
            (text,) = told(lambda each=each, activation=activation: compiled(columns, activation, each))
            assert (
                f"{activation!r}" in text and f"{squash!r}" in text and "from_logits=True" in text and "'out'" in text
            )
    (text,) = told(lambda: compiled(columns, squash, loss(from_logits=True)))
    assert "Leave out from_logits=True" in text
    assert not told(lambda: compiled(columns, squash, name))
    assert not told(lambda: compiled(columns, "linear", loss(from_logits=True)))


def test_the_activation_is_seen_within_models_and_wrappers():
    inner = Sequential([Dense(4, input_dim=5)])
    assert told(lambda: Sequential([inner]).compile("sgd", "categorical_crossentropy"))
    steps = Sequential([LSTM(3, input_shape=(2, 5), return_sequences=True), TimeDistributed(Dense(4))])
    assert told(lambda: steps.compile("sgd", "categorical_crossentropy"))
    steps.add(Activation("softmax"))
    assert not told(lambda: steps.compile("sgd", "categorical_crossentropy"))
    twice = Sequential([Dense(4, input_dim=5), keras3.layers.Softmax()])
    assert told(lambda: twice.compile("sgd", losses.CategoricalCrossentropy(from_logits=True)))
    assert not told(lambda: twice.compile("sgd", "categorical_crossentropy"))


@pytest.mark.parametrize(
    "loss, columns, activation, y, words",
    [
        ("binary_crossentropy", 1, "sigmoid", 2 * BINARY - 1, ["from 0 to 1", "-1 in row", "y > 0"]),
        (losses.BinaryCrossentropy(), 1, "sigmoid", CLASSES, ["from 0 to 1", "sparse_categorical_crossentropy"]),
        ("binary_crossentropy", 5, "sigmoid", 255 * np.abs(X), ["from 0 to 1", "Scale"]),
        ("categorical_crossentropy", 4, "softmax", ONE_HOT - 0.5, ["at least 0"]),
        ("poisson", 1, "relu", -CLASSES, ["at least 0"]),
    ],
)
def test_targets_that_a_loss_does_not_take(loss, columns, activation, y, words):
    (text,) = told(lambda: fitted(columns, activation, loss, y))
    assert all(word in text for word in [*words, "'out'"]), text


def test_targets_that_do_not_count_may_hold_anything():
    y, weights = np.where(np.arange(40) < 3, -1, BINARY[:, 0]), 1.0 * (np.arange(40) >= 3)
    assert not told(lambda: fitted(1, "sigmoid", "binary_crossentropy", y, sample_weight=weights))
    model = Sequential([Masking(input_shape=(2, 5)), LSTM(1, return_sequences=True, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    assert not told(lambda: model.fit(np.zeros((4, 2, 5)), -np.ones((4, 2, 1)), verbose=0))


def test_targets_of_streams_are_looked_at():
    model = compiled(1, "sigmoid", "binary_crossentropy")
    with warnings.catch_warnings(record=True) as caught:  # in a thread of the library
        warnings.simplefilter("always")
        model.fit_generator(iter([(X, CLASSES)] * 5), 40, 5, verbose=0)
    assert len(caught) == 1 and "from 0 to 1" in str(caught[0].message)


@pytest.mark.parametrize("k, sparse", [(4, False), (4, True)])
def test_metrics_of_classes_take_targets_of_their_form(k, sparse):
    name = "sparse_categorical_accuracy" if sparse else "categorical_accuracy"
    loss = "categorical_crossentropy" if sparse else "sparse_categorical_crossentropy"
    texts = told(lambda: fitted(k, "softmax", loss, ONE_HOT if sparse else CLASSES, [name], batch_size=40))
    assert texts and all("The metric says nothing" in text for text in texts)
    fitting = CLASSES if sparse else ONE_HOT
    right = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
    assert not told(lambda: fitted(k, "softmax", right, fitting, [name, "accuracy"], batch_size=40))


def test_accuracy_counts_no_numbers():
    numbers, truths = X[:, :1] + 0.25, (X[:, :1] > 0).astype("float32")
    (text,) = told(lambda: fitted(1, "linear", "mse", numbers, ["accuracy"]))
    assert "those of output 'out' are others" in text and "'mae'" in text
    assert not told(lambda: fitted(1, "linear", "mse", truths, ["accuracy"]))
    assert not told(lambda: fitted(1, "linear", "mse", numbers, [lambda y, p: p, "mae"]))


@pytest.mark.parametrize("metric", [keras3.metrics.AUC, keras3.metrics.BinaryCrossentropy])
def test_metrics_of_probabilities_are_given_some(metric):
    loss = losses.BinaryCrossentropy(from_logits=True)
    (text,) = told(lambda: compiled(1, None, loss, [metric()]))
    assert "from_logits=True" in text
    assert not told(lambda: compiled(1, None, loss, [metric(from_logits=True)]))
    assert not told(lambda: compiled(1, "sigmoid", "binary_crossentropy", [metric()]))


@pytest.mark.parametrize(
    "call, array",
    [
        (lambda: fitted(1, None, "mse", CLASSES, x=WITH_NAN), "input "),
        (lambda: fitted(1, None, "mse", np.where(np.arange(40) == 7, np.inf, 1)), "target 'out'"),
        (lambda: fitted(1, None, "mse", CLASSES, validation_data=(WITH_NAN, CLASSES)), "input "),
        (lambda: compiled(1, None, "mse").fit(iter([(WITH_NAN, CLASSES)]), nb_epoch=1, verbose=0), "input "),
    ],
)
def test_data_that_are_not_finite_are_named(call, array):
    (text,) = told(call)
    assert array in text and "1 of 40 rows (7)" in text and "loss is" in text


def test_a_loss_that_is_not_finite_without_such_data():
    (text,) = told(lambda: fitted(1, None, "mse", np.full(40, 1e30)))
    assert "TerminateOnNaN" in text
    assert not told(lambda: fitted(1, None, "mse", CLASSES, x=WITH_NAN, callbacks=[TerminateOnNaN()]))


class Own(keras3.Model):
    """A model as a class, which has no graph."""

    def __init__(self):
        super().__init__()
        self.last = keras3.layers.Dense(1)

    def call(self, x):
        return self.last(x)


class Stepping(Own):
    """A model with a step of its own."""

    def train_step(self, data):
        x, y = data
        return {"loss": keras3.losses.MeanSquaredError()(y, self(x))}


@pytest.mark.parametrize("cls", [Own, Stepping])
def test_models_as_classes_tell_of_data_that_are_not_finite(cls):
    model = cls()
    model.compile("sgd", "mse")
    (text,) = told(lambda: model.fit(WITH_NAN, CLASSES, batch_size=40, verbose=0))
    assert "1 of 40 rows (7)" in text


def test_nan_in_tests_and_predictions_names_the_rows():
    model = compiled(1, "linear", "mse")
    (told_,) = told(lambda: model.evaluate(WITH_NAN, BINARY, verbose=0))
    assert "evaluate: loss is nan" in told_ and "in 1 of 40 rows (7)" in told_
    (told_,) = told(lambda: model.predict(WITH_NAN))
    assert "output 'out' holds NaN in 1 of 40 rows (7). input" in told_
    (told_,) = told(lambda: model.predict(iter([(WITH_NAN[:8],)])))
    assert "in 1 of 8 rows (7)" in told_
    assert not told(lambda: [model.predict(X), model.evaluate(X, BINARY, verbose=0)])
    model.set_weights([w * np.nan for w in model.get_weights()])
    (told_,) = told(lambda: model.predict(X))
    assert "The inputs hold none: look at model.get_weights()" in told_


def test_a_batch_size_beside_batches_is_told_of():
    model, batches = compiled(1, "linear", "mse"), [(X[:8], BINARY[:8])]
    for call in (
        lambda: model.fit(batches_of_8(), nb_epoch=1, batch_size=4, verbose=0),
        lambda: model.evaluate(iter(batches), batch_size=4, verbose=0),
        lambda: model.predict(iter(batches), batch_size=4),
    ):
        (told_,) = told(call)
        assert "batch_size=4 has no effect" in told_
    assert not told(lambda: model.fit(batches_of_8(), nb_epoch=1, verbose=0))


def batches_of_8():
    yield X[:8], BINARY[:8]
