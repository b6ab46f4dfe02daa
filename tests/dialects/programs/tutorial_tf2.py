"""A classifier in the manner of Keras 3 and tf.keras."""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1)
tf.random.set_seed(1)
(x_train, y_train), (x_test, y_test) = keras.datasets.digits.load_data()
x_train, x_test = (np.expand_dims(x, -1).astype("float32") for x in (x_train, x_test))
model = keras.Sequential([
    keras.Input(shape=(8, 8, 1)),
    layers.Rescaling(1.0 / 16),
    layers.Conv2D(16, 3, activation="relu", padding="same"),
    layers.BatchNormalization(momentum=0.8),
    layers.MaxPooling2D(),
    layers.Conv2D(32, (3, 3), activation=tf.nn.relu),
    layers.Flatten(),
    layers.Dropout(0.3),
    layers.Dense(10),
])
model.summary()
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(x_train, y_train, batch_size=64, epochs=4, validation_split=0.1, verbose=2)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print("Test accuracy:", accuracy)
assert accuracy > 0.8 and "val_accuracy" in history.history
probabilities = keras.Sequential([model, layers.Softmax()]).predict(x_test[:5])
assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
