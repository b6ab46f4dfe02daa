"""A 1.2 program: Bidirectional, ModelCheckpoint, ReduceLROnPlateau, load_model, CSVLogger, channels last."""
import os
import tempfile

import numpy as np
from keras.callbacks import CSVLogger, ModelCheckpoint, ReduceLROnPlateau
from keras.layers import GRU, BatchNormalization, Bidirectional, Dense, GlobalAveragePooling1D, TimeDistributed
from keras.models import Sequential, load_model

np.random.seed(5)
folder = tempfile.mkdtemp()
X = np.random.randn(200, 7, 4)
Y = (X[:, :, 0].sum(axis=1) > 0).astype(int)
model = Sequential([
    Bidirectional(GRU(8, return_sequences=True), input_shape=(7, 4)),
    TimeDistributed(Dense(6)), BatchNormalization(mode=2), GlobalAveragePooling1D(), Dense(1, activation="sigmoid"),
])
assert model.layers[2].momentum == 0.99  # the default of the time
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
path = os.path.join(folder, "best.h5")
model.fit(X, Y, nb_epoch=30, validation_split=0.2, verbose=0, callbacks=[
    ModelCheckpoint(path, monitor="val_acc", save_best_only=True), ReduceLROnPlateau(patience=10),
    CSVLogger(os.path.join(folder, "log.csv")),
])
best = load_model(path)
print("accuracy", best.evaluate(X, Y, verbose=0)[1])
assert best.evaluate(X, Y, verbose=0)[1] > 0.7
