"""Penalties in the era of Keras 3: on frozen weights, and of activities in configurations. Numbers of Keras 3.15."""

import numpy as np
import pytest

from horngate import keras2, keras3, layers
from tests.layers.conformance_table import ROWS

X, Y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")


@pytest.mark.parametrize("keras, whole", [(keras2, 25.06), (keras3, 25.0)])
@pytest.mark.parametrize("freeze", ["layer", "inner model", "weight"])
def test_penalties_on_frozen_weights_count_before_keras_3(keras, whole, freeze):
    inner = keras.Sequential([keras.layers.Dense(2, kernel_regularizer="l2", kernel_initializer="ones")])
    model = keras.Sequential([inner, keras.layers.Dense(1, kernel_initializer="ones")])
    model.build((None, 3))
    if freeze == "layer":
        inner.layers[0].trainable = False
    elif freeze == "inner model":
        inner.trainable = False
    else:
        inner.layers[0].trainable_weights.clear()
        inner.layers[0].trainable = False
    model.compile("sgd", "mse")
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(whole, abs=1e-4)
    assert len(model.losses) == (keras is keras2)


def test_penalties_count_again_when_a_layer_is_thawed():
    layer = keras3.layers.Dense(1, kernel_regularizer="l2", kernel_initializer="ones", trainable=False)
    model = keras3.Sequential([keras3.layers.Input((3,)), layer])
    for trainable, loss in ((False, 4.0), (True, 4.03)):
        layer.trainable = trainable
        model.compile("sgd", "mse")
        assert model.evaluate(X, Y, verbose=0) == pytest.approx(loss, abs=1e-4)


PENALIZED = [
    name
    for name in ROWS
    if hasattr(keras3.layers, name) and "activity_regularizer" in getattr(layers, name).__declared__
]


@pytest.mark.parametrize("name", PENALIZED)
def test_the_penalty_on_the_activity_is_written(name):
    _, args, kwargs = ROWS[name][0]
    layer = getattr(layers, name)(*args, **kwargs, activity_regularizer="l1")
    told = keras3.saving.serialize_keras_object(layer)
    again = keras3.saving.deserialize_keras_object(told)
    assert again.activity_regularizer is not None
    assert keras3.saving.serialize_keras_object(again)["config"]["activity_regularizer"]["config"]["l1"] == 0.01
