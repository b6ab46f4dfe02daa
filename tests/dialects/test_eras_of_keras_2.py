"""The eras within Keras 2: 2.2, 2.3 and TensorFlow's own, whose numbers come from tf-keras 2.21 (see `write_tf2`)."""

import json
from pathlib import Path

import numpy as np
import pytest

from horngate import backend as K
from horngate import callbacks, layers, models, optimizers, regularizers
from horngate.backend import config
from horngate.dialects import guess
from horngate.layers import Dense, Input
from horngate.models import Model, Sequential

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "eras" / "tf2.json").read_text())
OPTIMIZERS = sorted(name.split()[1] for name in GOLDEN if name.startswith("optimizer"))
RECURRENT = sorted(name.split()[1] for name in GOLDEN if name.startswith("layer"))
GRADIENTS = ([0.1, -0.5], [0.3, 0.2], [-0.2, 1.0])


@pytest.fixture
def era():
    yield K.set_era
    K.set_era("1.0")


@pytest.fixture
def tf2(era):
    era("tf2")


def same(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def of(name, *keys):
    return [np.array(GOLDEN[name][key]) for key in keys]


def compiled(*parts):
    model = Sequential(list(parts))
    model.compile(optimizers.SGD(0.0), "mse", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(tf2, name):
    optimizer, weight = getattr(optimizers, name)(), K.variable([1.0, -2.0])
    for gradient in GRADIENTS:
        optimizer.apply_gradients([(K.variable(gradient), weight)])
    same(K.get_value(weight), GOLDEN[f"optimizer {name}"])


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layers(tf2, name):
    layer, told = getattr(layers, name)(2), GOLDEN[f"layer {name}"]
    x = K.variable(told["x"])
    layer(x)
    layer.set_weights([np.array(weight) for weight in told["weights"]])
    same(K.eval(layer(x)), told["y"])


def test_averages_of_batches(tf2):
    x, *wanted = of("batch norm", "x", "mean", "variance")
    layer = layers.BatchNormalization(input_shape=(3,))
    compiled(layer).fit(x, x * 0, batch_size=4, epochs=1, verbose=0)
    same([K.get_value(layer.moving_mean), K.get_value(layer.moving_variance)], wanted)


def test_averages_of_what_is_not_masked(tf2):
    x, mean = of("masked batch norm", "x", "mean")
    start, layer = Input((3, 2)), layers.BatchNormalization()
    model = Model(start, layer(layers.Masking()(start)))
    model.compile("sgd", "mse")
    model.fit(x, x * 0, batch_size=2, epochs=1, verbose=0)
    same(K.get_value(layer.moving_mean), mean)


def test_a_frozen_normalization_uses_its_averages(tf2):
    x, y = of("frozen", "x", "y")
    layer = layers.BatchNormalization()
    layer.build((None, 3))
    layer.trainable = False
    same(K.eval(layer(K.variable(x), training=True)), y)


def test_activity_penalties(tf2):
    x, loss = of("activity penalty", "x", "loss")
    told = {"use_bias": False, "kernel_initializer": "ones", "activity_regularizer": regularizers.l2(0.1)}
    same(compiled(Dense(2, input_shape=(3,), **told)).evaluate(x, np.zeros((4, 2)), verbose=0)[0], loss)


def test_logs(tf2):
    seen, (x,) = [], of("frozen", "x")
    watch = callbacks.Callback()
    watch.on_batch_end = lambda batch, logs=None: seen.append([batch, float(logs["loss"])])
    model = compiled(Dense(1, input_shape=(3,), use_bias=False, kernel_initializer="ones"))
    options = {"batch_size": 2, "verbose": 0, "shuffle": False}
    scheduled = [watch, callbacks.LearningRateScheduler(lambda epoch: 0.1)]
    history = model.fit(x, np.ones((4, 1)), epochs=2, callbacks=scheduled, **options)
    assert list(history.history) == GOLDEN["logs"]["keys"]
    same(seen, GOLDEN["logs"]["batch losses"])
    history = model.fit(x, np.ones((4, 1)), epochs=1, callbacks=[callbacks.ReduceLROnPlateau("loss")], **options)
    assert list(history.history) == GOLDEN["plateau keys"]


def test_gradients_are_clipped_each(tf2):
    optimizer, a, b = optimizers.SGD(1.0, clipnorm=1.0), K.variable([0.0, 0.0]), K.variable([0.0])
    optimizer.apply_gradients([(K.variable([3.0, 4.0]), a), (K.variable([0.5]), b)])
    for found, wanted in zip((a, b), GOLDEN["clipnorm"]):
        same(K.get_value(found), wanted)


class ShowsMask(layers.Layer):
    supports_masking = True

    def call(self, x, mask=None):
        return K.cast(mask, "float32")

    def compute_mask(self, x, mask=None):
        return None


def test_masks(tf2):
    inputs = [Input((3,)), Input((3,))]
    merged = layers.Add()([layers.Embedding(5, 2, mask_zero=True)(each) for each in inputs])
    model = Model(inputs, ShowsMask()(merged))
    same(model.predict([np.array([[1, 0, 0]]), np.array([[1, 1, 0]])]), GOLDEN["merged mask"])
    start = Input((2, 1))
    both = layers.Bidirectional(layers.SimpleRNN(1, return_sequences=True))
    model = Model(start, both(layers.Masking()(start)))
    same(model.predict(np.array([[[0.0], [1.0]]]))[0, 0], GOLDEN["bidirectional masked"])


@pytest.mark.parametrize(
    "name, accuracy", [("2.2", "acc"), ("2.3", "accuracy"), ("2", "accuracy"), ("tf2", "accuracy")]
)
def test_what_the_accuracy_is_called(era, name, accuracy):
    era(name)
    model = compiled(Dense(1, input_dim=3))
    assert model.metrics_names == ["loss", accuracy]
    logs = model.fit(np.ones((4, 3)), np.ones((4, 1)), epochs=1, verbose=0).history
    assert list(logs) == ["loss", accuracy]


def test_the_names_of_the_eras(era, tmp_path):
    assert config.ERAS["2.3"] is config.ERAS["2"]
    for name, generation in (("2.2", "2"), ("2.3", "2"), ("tf2", "3")):
        era(name)
        assert K.era().generation == generation
        model = compiled(Dense(units=1, input_dim=3))
        model.save(tmp_path / "m.h5")
        era("1.0")
        assert models.load_model(tmp_path / "m.h5")._era is config.ERAS[name]


@pytest.mark.parametrize(
    "source, name",
    [
        ("from tensorflow.keras.layers import Dense\nmodel.fit(x, y, epochs=3)", "tf2"),
        ("import tensorflow as tf\nm = tf.keras.Sequential()\nm.fit(x, y, epochs=2, batch_size=learning_rate)", "tf2"),
        (
            "import keras\nm = keras.Sequential()\nm.compile(keras.optimizers.Adam(learning_rate=1))\nkeras.ops.sum(x)",
            "3",
        ),
        ("Dense(units=3)\nmodel.fit(x, y, epochs=2)\nplt.plot(h.history['val_acc'])", "2.2"),
        ("Dense(units=3)\nmodel.fit(x, y, epochs=2)\nplt.plot(h.history['val_accuracy'])", "2"),
    ],
)
def test_the_era_is_guessed(source, name):
    assert guess.era_of(source)[0] == name
