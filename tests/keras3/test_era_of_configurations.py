"""A configuration makes layers and models of the era in which it was described, whatever era is in force."""

import numpy as np
import pytest

from horngate import keras3 as keras
from horngate import models
from horngate.backend.config import within_era


def graph():
    inputs = keras.Input((6, 6, 4))
    inner = keras.Sequential([keras.Input((6, 6, 4)), keras.layers.Conv2DTranspose(4, 3, activation="relu")])
    y = keras.layers.TimeDistributed(keras.layers.Conv1D(4, 2))(inner(inputs))
    return keras.Model(inputs, keras.layers.Conv2DTranspose(4, 3)(keras.layers.BatchNormalization()(y)))


def chain():
    return keras.Sequential([keras.Input((6, 6, 4)), keras.layers.Conv2DTranspose(4, 3), keras.layers.LeakyReLU()])


WAYS = {
    "the model's class": lambda model: type(model).from_config(model.get_config()),
    "the view": lambda model: (keras.Sequential if isinstance(model, models.Sequential) else keras.Model).from_config(
        model.get_config()
    ),
    "text": lambda model: models.model_from_json(model.to_json()),
}


@pytest.mark.parametrize("make", [graph, chain])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("era", ["1.0", "2"])
def test_a_model_made_again_predicts_the_same(make, way, era):
    model, x = make(), np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype("float32")
    with within_era(era):
        again = WAYS[way](model)
    assert again._era.name == "3" and {layer._era.name for layer in again.layers} == {"3"}
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5)
