"""Write tests/golden/eras/tf2.json: what TensorFlow's own Keras 2 computes.

python tests/dialects/write_tf2.py      with a Python that has tf-keras; made with version 2.21.0
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
import tf_keras as keras
from meanings import CASES, NOT_IN_TF
from tf_keras import layers

OPTIMIZERS = ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"]
GRADIENTS = ([0.1, -0.5], [0.3, 0.2], [-0.2, 1.0])
draw = np.random.RandomState(0)
found = {}


def some(*shape):
    return draw.randn(*shape).astype("float32")


def plain(x):
    return np.asarray(x, dtype="float64").tolist()


def compiled(*parts):
    model = keras.Sequential([keras.Input((3,)), *parts])
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["accuracy"])
    return model


class Batches(keras.callbacks.Callback):
    losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append((batch, float(logs["loss"])))


for name in OPTIMIZERS:
    optimizer, weight = getattr(keras.optimizers, name)(), tf.Variable([1.0, -2.0])
    for gradient in GRADIENTS:
        optimizer.apply_gradients([(tf.constant(gradient), weight)])
    found["optimizer " + name] = plain(weight.numpy())

x = some(2, 4, 3)
for name in ("LSTM", "GRU", "SimpleRNN"):
    layer = getattr(layers, name)(2)
    layer.build((None, 4, 3))
    layer.set_weights([0.1 * some(*weight.shape) + 0.05 for weight in layer.get_weights()])
    weights = [plain(weight) for weight in layer.get_weights()]
    found["layer " + name] = {"x": plain(x), "weights": weights, "y": plain(layer(x))}

x = some(4, 3)
norm = layers.BatchNormalization()
compiled(norm).fit(x, x * 0, batch_size=4, epochs=1, verbose=0)
averages = {"mean": plain(norm.moving_mean.numpy()), "variance": plain(norm.moving_variance.numpy())}
found["batch norm"] = {"x": plain(x), **averages}

penalty = keras.regularizers.l2(0.1)
dense = layers.Dense(2, use_bias=False, kernel_initializer="ones", activity_regularizer=penalty)
found["activity penalty"] = {"x": plain(x), "loss": compiled(dense).evaluate(x, np.zeros((4, 2)), verbose=0)[0]}

model = compiled(layers.Dense(1, use_bias=False, kernel_initializer="ones"))
watch = [Batches(), keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)]
history = model.fit(x, np.ones((4, 1)), batch_size=2, epochs=2, verbose=0, shuffle=False, callbacks=watch)
found["logs"] = {"keys": list(history.history), "batch losses": Batches.losses}
watch = [keras.callbacks.ReduceLROnPlateau(monitor="loss")]
history = model.fit(x, np.ones((4, 1)), batch_size=2, epochs=1, verbose=0, callbacks=watch)
found["plateau keys"] = list(history.history)

optimizer, a, b = keras.optimizers.SGD(1.0, clipnorm=1.0), tf.Variable([0.0, 0.0]), tf.Variable([0.0])
optimizer.apply_gradients([(tf.constant([3.0, 4.0]), a), (tf.constant([0.5]), b)])
found["clipnorm"] = [plain(a.numpy()), plain(b.numpy())]

inputs = [keras.Input((3,)), keras.Input((3,))]
merged = layers.Add()([layers.Embedding(5, 2, mask_zero=True)(each) for each in inputs])
model = keras.Model(inputs, layers.Lambda(lambda x, mask=None: tf.cast(mask, "float32"))(merged))
found["merged mask"] = plain(model.predict([np.array([[1, 0, 0]]), np.array([[1, 1, 0]])], verbose=0))
both = layers.Bidirectional(layers.SimpleRNN(1, return_sequences=True))
y = both(layers.Masking()(tf.constant([[[0.0], [1.0]]])))
found["bidirectional masked"] = plain(y.numpy()[0, 0])

norm = layers.BatchNormalization()
norm.build((None, 3))
norm.trainable = False
found["frozen"] = {"x": plain(x), "y": plain(norm(x, training=True).numpy())}

x, norm, start = some(2, 3, 2), layers.BatchNormalization(), keras.Input((3, 2))
x[0, 2] = 0
model = keras.Model(start, norm(layers.Masking()(start)))
model.compile("sgd", "mse")
model.fit(x, x * 0, batch_size=2, verbose=0)
found["masked batch norm"] = {"x": plain(x), "mean": plain(norm.moving_mean.numpy())}

found["meanings"] = {name: case(keras) for name, case in CASES.items() if name not in NOT_IN_TF}

place = Path(__file__).resolve().parents[1] / "golden" / "eras" / "tf2.json"
place.write_text(json.dumps(found))
