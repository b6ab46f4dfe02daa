"""Frozen layers, multiple outputs and a custom callback in the manner of Keras 2."""
import numpy as np
from keras.callbacks import Callback, EarlyStopping
from keras.layers import BatchNormalization, Conv2D, Dense, GlobalAveragePooling2D, Input, SeparableConv2D
from keras.models import Model
from keras.optimizers import Adam

np.random.seed(0)
x = np.random.rand(120, 12, 12, 3)
y = (x[:, :6].mean(axis=(1, 2, 3)) > x[:, 6:].mean(axis=(1, 2, 3))).astype("float32")
inputs = Input(shape=(12, 12, 3))
h = Conv2D(8, (3, 3), strides=(2, 2), padding="same", use_bias=False, name="base")(inputs)
h = BatchNormalization()(h)
h = SeparableConv2D(8, (3, 3), padding="same", activation="relu")(h)
base = Model(inputs, h)
base.get_layer("base").trainable = False
frozen = base.get_layer("base").get_weights()[0]
features = GlobalAveragePooling2D()(h)
model = Model(inputs=inputs, outputs=[Dense(1, activation="sigmoid", name="top")(features), Dense(3, name="mean")(features)])


class Epochs(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.last = sorted(logs)


seen = Epochs()
model.compile(optimizer=Adam(lr=0.01), loss={"top": "binary_crossentropy", "mean": "mse"},
              loss_weights={"top": 1.0, "mean": 0.1}, metrics={"top": "accuracy"})
model.fit(x, {"top": y, "mean": x.mean(axis=(1, 2))}, epochs=3, batch_size=30, validation_split=0.25, verbose=0,
          callbacks=[seen, EarlyStopping(monitor="val_loss", patience=5)])
print(len(seen.last), seen.last)
assert "val_top_accuracy" in seen.last and "mean_loss" in seen.last
assert np.array_equal(frozen, base.get_layer("base").get_weights()[0])
