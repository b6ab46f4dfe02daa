"""A model whose class has a `compile` of its own comes back compiled if the class says how, else it is told."""

import warnings

import numpy as np
import pytest

from horngate import keras3 as keras

X = np.random.RandomState(0).normal(size=(8, 4)).astype("float32")


class Pair(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.generator, self.discriminator = keras.layers.Dense(4), keras.layers.Dense(1)

    def call(self, x):
        return self.discriminator(self.generator(x))

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    def train_step(self, data):
        return {"loss": self.loss_fn(data, self.generator(data))}


class Told(Pair):
    parts = ("d_optimizer", "g_optimizer", "loss_fn")

    def get_compile_config(self):
        return {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in self.parts}

    def compile_from_config(self, config):
        self.compile(**{name: keras.saving.deserialize_keras_object(item) for name, item in config.items()})


def again(cls, tmp_path):
    model = cls()
    model(X)
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.3, beta_1=0.5), g_optimizer=keras.optimizers.SGD(rate), loss_fn=loss)
    model.save(tmp_path / "m.keras")
    return keras.models.load_model(tmp_path / "m.keras", custom_objects={cls.__name__: cls})


def test_a_class_that_says_how_comes_back_compiled(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = again(Told, tmp_path)
    assert model.compiled and model.d_optimizer.get_config()["beta_1"] == 0.5
    assert float(model.d_optimizer.learning_rate) == pytest.approx(0.3)
    assert type(model.g_optimizer.schedule).__name__ == "ExponentialDecay" and model.loss_fn.get_config()["from_logits"]
    assert np.isfinite(model.fit(X, verbose=0).history["loss"][0])


def test_another_is_told_of(tmp_path):
    with pytest.warns(UserWarning, match="Pair has a compile of its own. Give the class get_compile_config"):
        model = again(Pair, tmp_path)
    assert not model.compiled


def test_a_configuration_of_compile_compiles_a_clone():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    assert not model.compiled and model.get_compile_config() == {}
    model.compile(keras.optimizers.Adam(0.2), "mse", metrics=["mae"])
    other = keras.models.clone_model(model)
    other.compile_from_config(model.get_compile_config())
    assert other.compiled and float(other.optimizer.learning_rate) == pytest.approx(0.2)
    assert {"loss", "mae"} <= other.evaluate(X, X[:, :2], verbose=0, return_dict=True).keys()
