"""Feed fit from a PyDataset and from a Python generator, with class weights and callbacks of one's own."""

import json

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(24)
x = rng.normal(size=(30, 6)).astype("float32")
y = (x[:, 0] > 0).astype("int32") + (x[:, 1] > 0.5)


class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, batch_size, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y, self.batch_size = x, y, batch_size
        self.epochs_ended = 0

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index):
        low = index * self.batch_size
        high = min(low + self.batch_size, len(self.x))
        return self.x[low:high], self.y[low:high]

    def on_epoch_end(self):
        self.epochs_ended += 1


def endless(batch_size):
    start = 0
    while True:
        rows = np.arange(start, start + batch_size) % len(x)
        yield x[rows], y[rows], np.where(y[rows] == 2, 2.0, 1.0)
        start += batch_size


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.batches, self.epochs = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(batch)

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(sorted(logs))
        if epoch == 2:
            self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) * 0.5


model = keras.Sequential(
    [
        keras.Input((6,)),
        layers.Dense(12, activation="relu", kernel_regularizer=keras.regularizers.L1L2(1e-4, 1e-3)),
        layers.BatchNormalization(momentum=0.8),
        layers.Dense(3, activation="softmax"),
    ]
)
for weight in model.trainable_weights:
    weight.assign(rng.normal(0, 0.4, weight.shape))
model.compile(optimizer=keras.optimizers.Nadam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
noted = LossHistory()
data = Batches(x, y, 8)
first = model.fit(
    data, epochs=5, shuffle=False, validation_data=Batches(x[:10], y[:10], 5), callbacks=[noted], verbose=0
)
second = model.fit(endless(10), steps_per_epoch=3, epochs=5, verbose=0)
third = model.fit(x, y, batch_size=10, class_weight={0: 1.0, 1: 2.0, 2: 0.5}, shuffle=False, verbose=0)
record = {
    "losses": first.history["loss"] + second.history["loss"] + third.history["loss"],
    "val_losses": first.history["val_loss"],
    "accuracy": second.history["accuracy"],
    "batches": noted.batches,
    "epochs": noted.epochs[0],
    "rate": float(model.optimizer.learning_rate),
    "evaluated": model.evaluate(Batches(x, y, 7), verbose=0),
    "checksum": float(model.predict(Batches(x, y, 7), verbose=0)[:, 0].sum()),
}
print(json.dumps(record))
