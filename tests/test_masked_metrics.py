"""Metrics of outputs with a mask: from Keras 2 on, steps that are masked do not count."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3
from horngate.backend.config import within_era
from horngate.layers import LSTM, Dense, Embedding, TimeDistributed
from horngate.models import Sequential
from horngate.training.metric_weights import combined

RANDOM = np.random.RandomState(0)
WORDS, CLASSES = RANDOM.randint(0, 3, (16, 5)), RANDOM.randint(0, 3, (16, 5, 1))
WORDS[:, 3:] = 0
# of the real Keras 3.15.1, for the network and the weights below
OF_KERAS_3 = {"accuracy": 0.2963, "mae": 0.82716, "mean": 0.82716, "of_class": 0.2963, "rmse": 1.12788, "mse": 1.00742}


def mean(y_true, y_pred):
    return K.mean(K.abs(y_true - y_pred), axis=-1)


def whole(y_true, y_pred):
    """One number for the batch, which no mask can divide."""
    return K.mean(y_pred)


def given(model):
    random = np.random.RandomState(5)
    model.set_weights([random.uniform(-1, 1, w.shape) for w in model.get_weights()])
    return model


def test_numbers_are_those_of_keras_3():
    layers, metrics = keras3.layers, keras3.metrics
    lstm = layers.LSTM(4, return_sequences=True)
    network = [keras3.Input((5,)), layers.Embedding(3, 4, mask_zero=True), lstm, layers.Dense(3, activation="softmax")]
    model = given(keras3.Sequential(network))
    classes = [metrics.SparseCategoricalAccuracy(name="of_class"), metrics.RootMeanSquaredError(name="rmse")]
    model.compile(
        "sgd", "sparse_categorical_crossentropy", metrics=["accuracy", "mae", mean, *classes], weighted_metrics=["mse"]
    )
    found = model.evaluate(WORDS, CLASSES, batch_size=16, verbose=0, return_dict=True)
    assert {name: round(found[name], 5) for name in OF_KERAS_3} == OF_KERAS_3
    several = model.evaluate(WORDS, CLASSES, batch_size=3, verbose=0, return_dict=True)
    assert several["accuracy"] == pytest.approx(found["accuracy"]), "weighed by the steps that count"


@pytest.mark.parametrize("era, masked", [("1.0", False), ("1.2", False), ("2.2", True), ("2", True), ("tf2", True)])
def test_which_eras_leave_masked_steps_out(era, masked):
    with within_era(era):
        network = [Embedding(3, 4, mask_zero=True, input_length=5), LSTM(4, return_sequences=True)]
        model = given(Sequential([*network, TimeDistributed(Dense(3, activation="softmax"))]))
        model.compile("sgd", "mse", metrics=[mean, whole, "categorical_accuracy"])
        targets = np.eye(3)[CLASSES[..., 0]]
        p = model.predict(WORDS)
        found = dict(zip(model.metrics_names, model.evaluate(WORDS, targets, batch_size=16, verbose=0)))
    kept = WORDS != 0 if masked else np.ones((16, 5), bool)
    assert found["mean"] == pytest.approx(np.abs(p - targets).mean(-1)[kept].mean(), rel=1e-5)
    assert found["whole"] == pytest.approx(p.mean(), rel=1e-5)
    right = (p.argmax(-1) == CLASSES[..., 0])[kept]
    assert found["categorical_accuracy"] == pytest.approx(right.mean(), rel=1e-5)


@pytest.mark.parametrize("mask, weights", [((3,), (3, 3)), ((3, 3), (3,)), ((3, 3), (3, 3)), ((0,), (0, 2))])
def test_weights_and_masks_begin_with_the_samples(mask, weights):
    """Also where there are as many steps as samples."""
    m, w = np.random.RandomState(1).rand(*mask) > 0.5, np.random.RandomState(2).rand(*weights).astype("float32")
    spread = (m[:, None] if m.ndim == 1 else m) * (w[:, None] if w.ndim == 1 else w)
    np.testing.assert_allclose(combined(w, m), spread, rtol=1e-6)


def test_weights_and_masks_are_multiplied():
    with within_era("2"):
        model = Sequential([Embedding(3, 4, mask_zero=True, input_length=5), Dense(1)])
        model.compile("sgd", "mse", weighted_metrics=[mean])
        weights, targets = np.linspace(0, 1, 16), CLASSES.astype("float32")
        found = model.evaluate(WORDS, targets, batch_size=16, verbose=0, sample_weight=weights)[-1]
        each = np.abs(model.predict(WORDS) - targets).mean(-1)
    counted = (WORDS != 0) * weights[:, None]
    assert found == pytest.approx((each * counted).sum() / counted.sum(), rel=1e-5)


@pytest.mark.parametrize("era, masked", [("1.2", False), ("2", True)])
def test_metrics_of_whole_arrays_are_given_the_steps_that_count(era, masked):
    seen = []

    def of_numpy(y, p, sample_weight=None):
        seen.append((np.asarray(y), sample_weight))
        return np.abs(np.asarray(y) - np.asarray(p)).mean()

    with within_era(era):
        network = [Embedding(3, 4, mask_zero=True, input_length=5), TimeDistributed(Dense(1))]
        model = Sequential(network)
        model.compile("sgd", "mse", metrics=[of_numpy])
        targets, kept = CLASSES.astype("float32"), WORDS != 0 if masked else np.ones((16, 5), bool)
        found = model.evaluate(WORDS, targets, batch_size=5, verbose=0)[-1]
        assert found == pytest.approx(np.abs(model.predict(WORDS) - targets)[..., 0][kept].mean(), rel=1e-5)
        if masked:
            model.compile("sgd", "mse", weighted_metrics=[of_numpy])
            model.evaluate(WORDS, targets, batch_size=5, verbose=0, sample_weight=np.arange(16.0))
            expected = np.broadcast_to(np.arange(16.0)[:, None], kept.shape)[kept]
            np.testing.assert_array_equal(np.sort(seen[-1][1]), np.sort(expected))
