"""The metric 'accuracy' is the part of right predictions, whatever the loss: targets and outputs say how to count."""

import warnings

import numpy as np
import pytest

from horngate import backend as K
from horngate import metrics
from horngate.backend import notices
from horngate.layers import Dense, TimeDistributed
from horngate.models import Sequential

SAMPLES, STEPS, CLASSES = 24, 3, 4
NUMBERS = np.random.RandomState(1).randint(0, CLASSES, (SAMPLES, STEPS))
X = np.random.RandomState(2).randn(SAMPLES, STEPS, 2).astype("float32")


def own(y_true, y_pred):
    return K.mean(y_pred, axis=-1)


def network(units, temporal):
    activation = "softmax" if units > 1 else "sigmoid"
    if temporal:
        return Sequential([TimeDistributed(Dense(units, activation=activation), input_shape=(STEPS, 2))])
    return Sequential([Dense(units, input_dim=2, activation=activation)])


def classifier(units=CLASSES, temporal=False, loss=own, **options):
    model = network(units, temporal)
    model.compile("sgd", loss, **{"metrics": ["accuracy"], **options})
    return model


def right(predictions, numbers):
    return np.mean(predictions.argmax(-1) == numbers)


ONE_HOT = np.eye(CLASSES)[NUMBERS]
CASES = {  # name -> units, temporal, targets, whether they are class numbers
    "(n,)": (CLASSES, False, NUMBERS[:, 0], True),
    "(n, 1)": (CLASSES, False, NUMBERS[:, :1], True),
    "(n, classes)": (CLASSES, False, ONE_HOT[:, 0], False),
    "(n, steps)": (CLASSES, True, NUMBERS, True),
    "(n, steps, 1)": (CLASSES, True, NUMBERS[..., None], True),
    "(n, steps, classes)": (CLASSES, True, ONE_HOT, False),
}


@pytest.mark.parametrize("era", ["0.3", "1.0", "1.2", "2", "3"])
@pytest.mark.parametrize("case", CASES)
def test_beside_a_loss_of_ones_own(case, era, request, monkeypatch):
    monkeypatch.setattr(notices, "_told", set())
    units, temporal, targets, sparse = CASES[case]
    K.set_era(era)
    request.addfinalizer(lambda: K.set_era("1.0"))
    model, x = classifier(units, temporal), X if temporal else X[:, 0]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = model.evaluate(x, targets, verbose=0)[1]
    assert found == pytest.approx(right(model.predict(x), NUMBERS if temporal else NUMBERS[:, 0]))
    lines = [str(item.message) for item in told if "'accuracy'" in str(item.message)]
    assert len(lines) == (sparse and era in ("0.3", "1.0", "1.2"))


@pytest.mark.parametrize("temporal", [False, True])
def test_of_a_single_column(temporal):
    targets, x = (NUMBERS[..., None] % 2, X) if temporal else (NUMBERS[:, :1] % 2, X[:, 0])
    model = classifier(1, temporal)
    assert model.evaluate(x, targets, verbose=0)[1] == pytest.approx(np.mean((model.predict(x) > 0.5) == targets))


LOSSES = {  # what settles it
    "sparse_categorical_crossentropy": (NUMBERS[:, :1], lambda p: right(p, NUMBERS[:, 0])),
    "categorical_crossentropy": (ONE_HOT[:, 0], lambda p: right(p, NUMBERS[:, 0])),
    "mse": (ONE_HOT[:, 0], lambda p: right(p, NUMBERS[:, 0])),
    "binary_crossentropy": (ONE_HOT[:, 0], lambda p: np.mean((p > 0.5) == ONE_HOT[:, 0])),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_beside_a_known_loss(loss):
    targets, expected = LOSSES[loss]
    model = classifier(loss=loss)
    assert model.evaluate(X[:, 0], targets, verbose=0)[1] == pytest.approx(expected(model.predict(X[:, 0])))


def test_on_request():
    model = classifier(metrics=None)
    accuracy = model.evaluate(X[:, 0], NUMBERS[:, 0], verbose=0, show_accuracy=True)[1]
    assert accuracy == pytest.approx(right(model.predict(X[:, 0]), NUMBERS[:, 0]))
    model = classifier(metrics=["accuracy"], class_mode="binary")
    several = model.evaluate(X[:, 0], ONE_HOT[:, 0], verbose=0)[1]
    assert several == pytest.approx(np.mean((model.predict(X[:, 0]) > 0.5) == ONE_HOT[:, 0]))
    with pytest.raises(ValueError, match="class_mode.*'binry'"):
        classifier(class_mode="binry")


def test_a_metric_that_is_named_stays_what_it_is():
    model = classifier(metrics=["categorical_accuracy"])
    found = model.evaluate(X[:, 0], NUMBERS[:, 0], verbose=0)[1]
    assert found == pytest.approx(right(model.predict(X[:, 0]), 0))


def test_class_numbers_of_steps():
    predictions = np.random.RandomState(3).rand(SAMPLES, STEPS, CLASSES)
    for targets in (NUMBERS, NUMBERS[..., None]):
        found = metrics.sparse_categorical_accuracy(targets, predictions)
        assert float(found) == pytest.approx(right(predictions, NUMBERS))
