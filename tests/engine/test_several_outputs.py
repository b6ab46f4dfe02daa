"""Models of several outputs: weights of losses, classes, samples and steps, metrics and logs, each by output."""

import numpy as np
import pytest

from horngate import backend as K
from horngate.layers import LSTM, Dense, Embedding, Input, Masking, TimeDistributed
from horngate.models import Model

RNG = np.random.RandomState(0)
X = RNG.rand(12, 4, 3).astype("float32")
CLASSES = np.eye(2, dtype="float32")[np.arange(12) % 2]
STEPS = RNG.rand(12, 4, 1).astype("float32")
WEIGHTS = RNG.rand(12).astype("float32")
STEP_WEIGHTS = RNG.rand(12, 4).astype("float32")


@pytest.fixture(scope="module")
def model():
    np.random.seed(0)
    x = Input((4, 3), name="x")
    steps = TimeDistributed(Dense(1), name="steps")(x)
    label = Dense(2, activation="softmax", name="label")(LSTM(3)(x))
    return Model(x, [label, steps])


def losses_of(model):
    """Categorical crossentropy of each sample, squared error of each step: by NumPy, from the predictions."""
    label, steps = (output.astype(np.float64) for output in model.predict(X))
    return -np.log((CLASSES * label).sum(1)), ((STEPS - steps) ** 2).mean(-1)


LOSS = {"label": "categorical_crossentropy", "steps": "mse"}
TEMPORAL = {"steps": "temporal"}


def two(make):
    """The two ways to tell something of each output: by name, and in order."""
    return [make(lambda label, steps: {"label": label, "steps": steps}), make(lambda label, steps: [label, steps])]


@pytest.mark.parametrize("weights", two(lambda form: form(WEIGHTS, STEP_WEIGHTS)), ids=["names", "order"])
@pytest.mark.parametrize("loss_weights", two(lambda form: form(0.5, 2.0)), ids=["names", "order"])
def test_losses_are_weighted_by_output_sample_and_step(model, weights, loss_weights):
    model.compile("sgd", LOSS, loss_weights=loss_weights, sample_weight_mode=TEMPORAL)
    of_samples, of_steps = losses_of(model)
    label, steps = np.mean(of_samples * WEIGHTS), np.mean(of_steps * STEP_WEIGHTS)
    found = model.test_on_batch(X, [CLASSES, STEPS], sample_weight=weights)
    assert model.metrics_names == ["loss", "label_loss", "steps_loss"]
    np.testing.assert_allclose(found, [0.5 * label + 2 * steps, label, steps], rtol=1e-4)
    evaluated = model.evaluate(X, {"label": CLASSES, "steps": STEPS}, batch_size=12, sample_weight=weights, verbose=0)
    np.testing.assert_allclose(evaluated, found, rtol=1e-5)


BY_CLASS = {0: 0.25, 1: 3.0}


@pytest.mark.parametrize("class_weight", [{"label": BY_CLASS}, [BY_CLASS, None]], ids=["name", "order"])
def test_classes_are_weighted_by_output(model, class_weight):
    model.compile("sgd", LOSS)
    of_samples, of_steps = losses_of(model)
    label = np.mean(of_samples * np.where(np.arange(12) % 2, 3.0, 0.25))
    before = model.get_weights()
    found = model.train_on_batch(X, [CLASSES, STEPS], class_weight=class_weight)
    model.set_weights(before)
    np.testing.assert_allclose(found, [label + of_steps.mean(), label, of_steps.mean()], rtol=1e-4)
    history = model.fit(X, [CLASSES, STEPS], 12, 1, class_weight=class_weight, verbose=0).history
    np.testing.assert_allclose(history["loss"], found[0], rtol=1e-5)
    model.set_weights(before)


def spread(y_true, y_pred):
    return {"low": K.min(y_pred), "high": K.max(y_pred)}


def nearest(y_true, y_pred):
    return K.min(K.abs(y_true - y_pred))


METRICS = {
    "the same for all": (["mae"], ["label_mean_absolute_error", "steps_mean_absolute_error"]),
    "by name": (
        {"label": "acc", "steps": [nearest, "mse"]},
        ["label_acc", "steps_nearest", "steps_mean_squared_error"],
    ),
    "a dictionary": ({"steps": [spread]}, ["steps_low", "steps_high"]),
}


@pytest.mark.parametrize("how", METRICS)
def test_metrics_are_named_by_output(model, how):
    metrics, names = METRICS[how]
    model.compile("sgd", LOSS, metrics=metrics)
    history = model.fit(
        X, [CLASSES, STEPS], 12, 1, verbose=0, validation_data=(X, {"label": CLASSES, "steps": STEPS})
    ).history
    wanted = ["loss", "label_loss", "steps_loss", *names]
    assert set(history) == {*wanted, *("val_" + name for name in wanted)}
    label, steps = model.predict(X)
    found = dict(zip(model.metrics_names, model.test_on_batch(X, [CLASSES, STEPS])))
    by_numpy = {
        "label_mean_absolute_error": np.abs(label - CLASSES).mean(),
        "steps_mean_absolute_error": np.abs(steps - STEPS).mean(),
        "label_acc": np.mean(label.argmax(1) == CLASSES.argmax(1)),
        "steps_mean_squared_error": np.mean((steps - STEPS) ** 2),
        "steps_nearest": np.abs(steps - STEPS).min(),
        "steps_low": steps.min(),
        "steps_high": steps.max(),
    }
    for name in names:
        np.testing.assert_allclose(found[name], by_numpy[name], rtol=1e-4, err_msg=name)


def test_sample_weights_weigh_losses_and_weighted_metrics_only(model):
    weighted_metrics = {"label": ["mae"], "steps": ["mae"]}
    model.compile("sgd", LOSS, {"label": ["mse"]}, sample_weight_mode=TEMPORAL, weighted_metrics=weighted_metrics)
    label, steps = model.predict(X)
    weights = {"label": WEIGHTS, "steps": STEP_WEIGHTS}
    found = dict(zip(model.metrics_names, model.test_on_batch(X, [CLASSES, STEPS], sample_weight=weights)))
    np.testing.assert_allclose(found["label_mean_squared_error"], np.mean((label - CLASSES) ** 2), rtol=1e-4)
    weighted = np.mean(np.abs(label - CLASSES).mean(1) * WEIGHTS)
    np.testing.assert_allclose(found["label_mean_absolute_error"], weighted, rtol=1e-4)
    weighted = np.mean(np.abs(steps - STEPS)[..., 0] * STEP_WEIGHTS)
    np.testing.assert_allclose(found["steps_mean_absolute_error"], weighted, rtol=1e-4)


def test_a_mask_reaches_the_loss_of_its_output():
    x = X.copy()
    x[::2, 2:] = 0
    mask = (x != 0).any(-1)
    inputs = Input((4, 3))
    masked = TimeDistributed(Dense(1), name="masked")(Masking()(inputs))
    free = TimeDistributed(Dense(1), name="free")(inputs)
    model = Model(inputs, [masked, free])
    model.compile("sgd", "mse")
    first, second = (((STEPS - output) ** 2).mean(-1) for output in model.predict(x))
    found = model.test_on_batch(x, [STEPS, STEPS])
    np.testing.assert_allclose(found[1:], [np.mean(first * mask) / mask.mean(), second.mean()], rtol=1e-4)


def test_metrics_are_exact_over_samples_where_batches_differ_in_size():
    x, words = Input((5,), dtype="int32"), RNG.randint(9, size=(11, 5))
    model = Model(x, Dense(1)(LSTM(2)(Embedding(9, 2)(x))))
    model.compile("sgd", "mse", metrics=["mae"])
    y = RNG.rand(11, 1)
    loss, error = model.evaluate(words, y, batch_size=4, verbose=0)  # batches of 4, 4 and 3
    difference = model.predict(words) - y
    np.testing.assert_allclose([loss, error], [np.mean(difference**2), np.abs(difference).mean()], rtol=1e-5)
