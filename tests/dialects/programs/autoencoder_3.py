"""An auto-encoder in the manner of Keras 3: transposed convolutions, checkpoints, a model of one's own loss."""
import os
import tempfile

import keras
import numpy as np
from keras import layers
from keras.callbacks import EarlyStopping, ModelCheckpoint

keras.utils.set_random_seed(0)
(x, _), _ = keras.datasets.digits.load_data()
x = x.reshape(-1, 8, 8, 1).astype("float32") / 16
inputs = keras.Input(shape=(8, 8, 1))
h = layers.Conv2D(8, (3, 3), strides=2, padding="same", activation="relu")(inputs)
h = layers.Conv2DTranspose(8, (3, 3), strides=2, padding="same", activation="relu")(h)
outputs = layers.Conv2D(1, (3, 3), activation="sigmoid", padding="same")(h)
model = keras.Model(inputs=inputs, outputs=outputs, name="autoencoder")
model.compile(optimizer="adam", loss=keras.losses.MeanSquaredError())
path = os.path.join(tempfile.mkdtemp(), "best.keras")
model.fit(x, x, epochs=12, batch_size=32, validation_split=0.2, verbose=0,
          callbacks=[EarlyStopping(monitor="val_loss", patience=2), ModelCheckpoint(path, save_weights_only=True)])
before = model.evaluate(x, x, verbose=0)
model.load_weights(path)
print("loss", before, model.evaluate(x, x, verbose=0))
assert before < 0.06 and abs(before - model.evaluate(x, x, verbose=0)) < 1e-6
