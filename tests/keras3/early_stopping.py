"""Writes when the real Keras 3 stops early, and the epoch whose weights the model has then:

KERAS_BACKEND=jax python -m tests.keras3.early_stopping > tests/golden/callbacks/early_stopping.json
"""

import json

import numpy as np

SOME = [[float(v) for v in np.random.default_rng(0).integers(0, 6, 8)] for _ in range(6)]
VALUES = [*SOME, [5.0, 4.0, 3.0, 2.0, 1.0, 3.0, 3.0, 3.0], [5.0, 4.0, 3.0, 2.0, 2.5]]
OPTIONS = [
    {},
    {"baseline": 2.0},
    {"restore_best_weights": True},
    {"start_from_epoch": 2},
    {"baseline": 2.0, "restore_best_weights": True, "start_from_epoch": 1},
    {"min_delta": 1.0},
]


class Model:
    """What a callback sees of a model; its weights are the number of the epoch."""

    stop_training = False
    weights = 0

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def course(callback, values):
    """Return the epoch at which training stops, or None, and the epoch of the last weights."""
    model, stopped = Model(), None
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {"val_loss": value})
        if model.stop_training:
            stopped = epoch
            break
    callback.on_train_end()
    return stopped, model.weights


if __name__ == "__main__":
    import keras

    told = []
    for values in VALUES:
        for patience in (0, 1, 2, 5):
            for options in OPTIONS:
                given = {"patience": patience, **options}
                stops = keras.callbacks.EarlyStopping(monitor="val_loss", mode="min", **given)
                told.append([values, given, *course(stops, values)])
    print(json.dumps(told))
