"""Measure with metric classes of one's own: a confusion matrix, an F-score from two others, and one with thresholds."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.default_rng(29)


@keras.saving.register_keras_serializable(package="mine")
class ConfusionMatrix(keras.metrics.Metric):
    def __init__(self, classes, name="kappa", **kwargs):
        super().__init__(name=name, **kwargs)
        self.classes = classes
        self.matrix = self.add_weight(name="matrix", shape=(classes, classes), initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        true = ops.one_hot(ops.reshape(ops.cast(y_true, "int32"), (-1,)), self.classes)
        guessed = ops.one_hot(ops.argmax(y_pred, axis=-1), self.classes)
        if sample_weight is not None:
            true = true * ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
        self.matrix.assign_add(ops.matmul(ops.transpose(true), guessed))

    def result(self):
        total = ops.sum(self.matrix)
        agreed = ops.trace(self.matrix) / total
        chance = ops.sum(ops.sum(self.matrix, 0) * ops.sum(self.matrix, 1)) / total**2
        return (agreed - chance) / (1 - chance + 1e-7)

    def reset_state(self):
        self.matrix.assign(ops.zeros((self.classes, self.classes)))

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}


class Spread(keras.metrics.Metric):
    def __init__(self, name="spread", **kwargs):
        super().__init__(name=name, **kwargs)
        self.low = self.add_weight(name="low", initializer=keras.initializers.Constant(1e9))
        self.high = self.add_weight(name="high", initializer=keras.initializers.Constant(-1e9))

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.low.assign(ops.minimum(self.low, ops.min(y_pred)))
        self.high.assign(ops.maximum(self.high, ops.max(y_pred)))

    def reset_state(self):
        self.low.assign(1e9)
        self.high.assign(-1e9)

    def result(self):
        return {"low": self.low.value + 0.0, "high": self.high.value + 0.0}


def entropy(y_true, y_pred):
    return -ops.sum(y_pred * ops.log(y_pred + 1e-7), axis=-1)


model = keras.Sequential([keras.Input((5,)), layers.Dense(7, activation="selu"), layers.Dense(3, activation="softmax")])
for weight in model.trainable_variables:
    weight.assign(rng.normal(0, 0.4, weight.shape))
x, y = rng.normal(size=(30, 5)).astype("float32"), rng.integers(0, 3, 30)
model.compile(
    keras.optimizers.Adamax(0.05),
    "sparse_categorical_crossentropy",
    metrics=[ConfusionMatrix(3), Spread(), entropy, keras.metrics.SparseTopKCategoricalAccuracy(2, name="top")],
    weighted_metrics=[ConfusionMatrix(3, name="weighted_kappa")],
)
weights = rng.uniform(0.5, 2, 30)
history = model.fit(x, y, batch_size=10, epochs=4, shuffle=False, sample_weight=weights, verbose=0)
alone = ConfusionMatrix.from_config(ConfusionMatrix(3).get_config())
alone.update_state(y, model.predict(x, verbose=0))
record = {
    **dict(sorted(history.history.items())),
    "alone": float(alone.result()),
    "matrix": np.array(alone.matrix).ravel().tolist(),
    "names": [v.name for v in alone.variables],
}
print(json.dumps(record))
