"""Attributes of layers in the words of Keras 2 and 3."""

import numpy as np
import pytest

from horngate import keras2, keras3, layers
from horngate.engine.attributes import LATER_NAMES
from horngate.layers import Layer

IMAGE, STEPS, FLAT = np.ones((1, 5, 5, 2), "float32"), np.ones((1, 5, 2), "float32"), np.ones((2, 3), "float32")
HAS = {  # class, arguments, input -> the words that it answers to, and some of the values
    ("Dense", (4,)): (FLAT, {"units": 4, "use_bias": True}, "kernel kernel_initializer bias_regularizer"),
    ("Conv2D", (4, 3)): (IMAGE, {"filters": 4, "kernel_size": (3, 3), "data_format": "channels_last"}, "kernel"),
    ("LSTM", (4,)): (STEPS, {"units": 4, "dropout": 0.0}, "kernel recurrent_kernel recurrent_activation"),
    ("Embedding", (4, 2)): (np.ones((1, 2), "int32"), {}, "embeddings embeddings_initializer units"),
    ("BatchNormalization", ()): (FLAT, {}, "moving_mean moving_variance gamma beta gamma_initializer"),
    ("Dropout", (0.5,)): (FLAT, {"rate": 0.5}, ""),
    ("MaxPooling2D", (2,)): (IMAGE, {"pool_size": (2, 2), "padding": "valid"}, ""),
    ("GaussianNoise", (0.5,)): (FLAT, {"stddev": 0.5}, ""),
}


@pytest.mark.parametrize("module", [keras2.layers, keras3.layers])
@pytest.mark.parametrize("name, args", HAS)
def test_layers_answer_to_later_words(module, name, args):
    x, values, words = HAS[name, args]
    layer = getattr(module, name)(*args)
    layer(x)
    assert {word: getattr(layer, word) for word in values} == values
    assert all(hasattr(layer, word) for word in words.split())
    for word in ("kernel", "recurrent_kernel", "embeddings", "moving_mean", "units", "filters", "stddev"):
        assert hasattr(layer, word) == (word in values or word in words.split()), word
    assert layer.variables == layer.weights and layer.trainable_variables == layer.trainable_weights
    assert layer.non_trainable_variables == layer.non_trainable_weights


def test_weights_are_those_of_keras_1():
    layer = layers.Dense(4)
    layer(FLAT)
    assert layer.kernel is layer.W


@pytest.mark.parametrize("word", LATER_NAMES.split())
def test_a_users_layer_may_use_every_word(word):
    class Own(Layer):
        def __init__(self):
            super().__init__()
            setattr(self, word, 3)

    assert getattr(Own(), word) == 3 and hasattr(Layer, word)


def test_own_variables_are_written_and_read():
    store, first, second = {}, layers.Dense(4), layers.Dense(4)
    first(FLAT), second(FLAT)
    first.save_own_variables(store)
    second.load_own_variables(store)
    np.testing.assert_array_equal(first(FLAT), second(FLAT))
    assert sorted(store) == ["0", "1"]


def test_weights_have_the_names_of_keras_3_in_its_era_alone():
    def names(keras, *inner):
        x = keras.layers.Input((4, 3))
        y = keras.layers.GRU(3, return_sequences=True)(x)
        y = keras.layers.BatchNormalization()(y)
        for layer in inner:
            y = layer(y, y)
        return [weight.name for weight in keras.models.Model(x, keras.layers.PReLU()(keras.layers.Dense(2)(y))).weights]

    gru, norm = ["kernel", "recurrent_kernel", "bias"], ["gamma", "beta", "moving_mean", "moving_variance"]
    heads = ["kernel", "bias"] * 4
    found = names(keras3, keras3.layers.MultiHeadAttention(2, 3))
    assert found == [*gru, *norm, *heads, "kernel", "bias", "alpha"]
    old = ("_W", "_U", "_b", "_gamma", "_beta", "_mean", "_std", "_alphas")
    assert all(name.endswith(old) for name in names(keras2))
