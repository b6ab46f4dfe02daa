"""Whole trainings come out as those of Keras 1.2.2: weights after each epoch, history, evaluation, predictions."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import optimizers
from horngate.callbacks import Callback, EarlyStopping, LearningRateScheduler, ReduceLROnPlateau
from horngate.models import model_from_config
from tests.golden_data import ROOT, close, keras_122, read, series  # noqa: F401

CASES = sorted(path.stem for path in (ROOT / "training").glob("*.npz"))
# Keras 1 averaged these over batches, which is not their value over the epoch's samples; we give that.
EXACT_OVER_THE_EPOCH = ("precision", "recall", "fmeasure", "fbeta_score", "matthews_correlation")


def _penalize_U_as_W(config):
    """Keras 1.2 gave U the penalty of W, and forgot U's own; we give each its own, so what it did is told here."""
    settings = config["config"][0]["config"]
    settings["U_regularizer"] = settings["W_regularizer"]
    return config


ADAPTED = {"reg_lstm": _penalize_U_as_W}
# The bias of a convolution before BatchNormalization has a gradient of 0 but for rounding, which Adam blows up to
# whole steps; the running mean follows that bias.
UNDETERMINED = {"cnn_bn_th": ("c_b", "bn_running_mean")}
MANUAL = ("stateful_lstm_reset", "fit_generator")
CALLBACKS = {
    "lr_schedule": lambda: [LearningRateScheduler(lambda epoch: 0.1 * 0.5**epoch)],
    "reduce_lr_early_stop": lambda: [
        ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1, epsilon=0.05),
        EarlyStopping(monitor="loss", patience=3, min_delta=0.05),
    ],
}


class Recorder(Callback):
    """Keeps the weights and the learning rate after each epoch."""

    def __init__(self):
        super().__init__()
        self.weights, self.rates = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights())
        self.rates.append(float(K.get_value(self.model.optimizer.lr)))


def load(case):
    arrays, meta = read(f"training/{case}.npz")
    model = model_from_config(ADAPTED.get(case, lambda config: config)(meta["model_json"]))
    optimizer = getattr(optimizers, meta["optimizer"]["class"])(**meta["optimizer"]["kwargs"])
    model.compile(optimizer, **meta["compile"])
    model.set_weights(series(arrays, "init_weight_"))
    return model, arrays, meta


def fit_arguments(arrays, meta):
    fit = dict(meta["fit"])
    if "class_weight" in fit:
        fit["class_weight"] = {int(k): v for k, v in fit["class_weight"].items()}

    def filled(value):
        if isinstance(value, str) and value in arrays:
            return arrays[value]
        if isinstance(value, str) and value + "_0" in arrays:
            return one_or_list(series(arrays, value + "_"))
        if isinstance(value, dict) and all(isinstance(v, str) for v in value.values()):
            return {k: filled(v) for k, v in value.items()}
        return tuple(filled(v) for v in value) if isinstance(value, list) else value

    return {key: filled(value) for key, value in fit.items()}


def one_or_list(items):
    return items[0] if len(items) == 1 else items


def _determined(case, meta, weights):
    """(place, value) of the weights that are determined by more than rounding."""
    left_out = UNDETERMINED.get(case, ())
    return [(j, weight) for j, weight in enumerate(weights) if meta["weight_names"][j] not in left_out]


def check_end(model, arrays, meta, batch_size):
    for j, weight in _determined(meta["case"], meta, model.get_weights()):
        close(weight, arrays[f"final_weight_{j}"], 1e-4, what=f"final weight {j}")
    if meta["case"] in UNDETERMINED:  # the test phase uses the running mean
        return
    x, y = one_or_list(series(arrays, "x_")), one_or_list(series(arrays, "y_"))
    model.reset_states()
    values = np.ravel(model.evaluate(x, y, batch_size=batch_size, verbose=0))
    for name, got, want in zip(meta["metrics_names"], values, np.ravel(meta["evaluate"]), strict=True):
        if name not in EXACT_OVER_THE_EPOCH:
            close(got, want, 1e-4, what=name)
    model.reset_states()
    predictions = model.predict(x, batch_size=batch_size)
    for got, want in zip(predictions if isinstance(predictions, list) else [predictions], series(arrays, "predict_")):
        close(got, want, 1e-4)


@pytest.mark.parametrize("case", [case for case in CASES if case not in MANUAL])
def test_fit(case, keras_122):  # noqa: F811
    model, arrays, meta = load(case)
    arguments = fit_arguments(arrays, meta)
    recorder = Recorder()
    x, y = one_or_list(series(arrays, "x_")), one_or_list(series(arrays, "y_"))
    history = model.fit(x, y, verbose=0, callbacks=[recorder, *CALLBACKS.get(case, list)()], **arguments)
    assert model.metrics_names == meta["metrics_names"]
    assert history.epoch == meta["epochs_run"]
    assert set(history.history) == set(meta["history"])
    for name, values in meta["history"].items():
        if name.removeprefix("val_") not in EXACT_OVER_THE_EPOCH:
            close(history.history[name], values, 1e-4, what=name)
    for epoch, weights in enumerate(recorder.weights):
        for j, weight in _determined(case, meta, weights):
            close(weight, arrays[f"epoch{epoch}_weight_{j}"], 1e-4, what=f"weight {j} after epoch {epoch}")
    close(recorder.rates, meta["lr_per_epoch"])
    check_end(model, arrays, meta, arguments["batch_size"])


def test_stateful_network_trained_batch_by_batch(keras_122):  # noqa: F811
    model, arrays, meta = load("stateful_lstm_reset")
    x, y, losses = arrays["x_0"], arrays["y_0"], []
    for epoch in range(3):
        for start in range(0, len(x), 4):
            losses.append(model.train_on_batch(x[start : start + 4], y[start : start + 4]))
        for k, state in enumerate(model.layers[0].states):
            close(K.get_value(state), arrays[f"epoch{epoch}_state_{k}"], 1e-4)
        model.reset_states()
    close(losses, meta["losses"], 1e-4)
    check_end(model, arrays, meta, 4)


def test_fit_generator(keras_122):  # noqa: F811
    model, arrays, meta = load("fit_generator")
    x, y = arrays["x_0"], arrays["y_0"]

    def batches():
        while True:
            for start in range(0, len(x), 8):
                yield x[start : start + 8], y[start : start + 8]

    history = model.fit_generator(batches(), 23, 3, validation_data=(x, y), verbose=0)
    for name, values in meta["history"].items():
        close(history.history[name], values, 1e-4, what=name)
    close(model.evaluate_generator(batches(), 23), meta["evaluate_generator"], 1e-4)
    check_end(model, arrays, meta, 8)
