"""Segment images: labels and weights of pixels, an own loss and metric on labels as they are given."""

import json

import keras
import numpy as np
from keras import layers, ops

rng = np.random.RandomState(0)
record = {}


def fix(model, seed=0):
    r = np.random.RandomState(seed)
    model.set_weights(
        [r.uniform(0.05, 0.25, w.shape) if w.ndim < 2 else r.uniform(-0.3, 0.3, w.shape) for w in model.get_weights()]
    )


def show(name, *values):
    for value in values:
        record.setdefault(name, []).append([float(x) for x in np.ravel(np.asarray(value, "float64"))[:8]])


inputs = keras.Input((8, 8, 3))
f = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
x = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D(2)(f))
x = layers.Conv2DTranspose(4, 3, 2, padding="same")(x)
x = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.concatenate([x, f]))
model = keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax")(x))
fix(model)


def dice(y_true, y_pred):
    y_true = ops.one_hot(ops.cast(y_true, "int32"), 3)  # (samples, rows, columns, classes)
    common = ops.sum(y_true * y_pred, axis=(1, 2, 3))
    return ops.mean((2 * common + 1) / (ops.sum(y_true, axis=(1, 2, 3)) + ops.sum(y_pred, axis=(1, 2, 3)) + 1))


def dice_loss(y_true, y_pred):
    return 1 - dice(y_true, y_pred)


X, Y = rng.rand(8, 8, 8, 3), rng.randint(0, 3, (8, 8, 8))
pixels = rng.rand(8, 8, 8).astype("float32")
iou = keras.metrics.MeanIoU(num_classes=3, sparse_y_pred=False, name="miou")
model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy", dice, iou])
for told in ({}, {"sample_weight": pixels}):
    for name, values in sorted(
        model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0, **told).history.items()
    ):
        show(name, values)
model.compile(keras.optimizers.Adam(1e-2), dice_loss, metrics=["accuracy"])
show("dice_loss", model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"])
show("evaluate", model.evaluate(X, Y, verbose=0))

print(json.dumps(record))
