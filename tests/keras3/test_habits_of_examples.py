"""What programs on keras.io do besides training: wrappers and losses of their own, frozen weights, networks."""

import numpy as np
import pytest

from horngate import GradientTape
from horngate import keras3 as keras
from horngate.keras3 import layers, ops

X = np.linspace(-1, 1, 32, dtype="float32").reshape(8, 4)
Y = X[:, :1]


def test_networks_and_strides_by_place_are_those_of_keras_3():
    network = keras.applications.MobileNet(input_shape=(32, 32, 3), alpha=0.25, weights=None, classes=3)
    assert network.count_params() == 219315  # as in Keras 3.15.1
    x = keras.Input((9, 9, 1))
    assert layers.Conv2D(2, 3, 2)(x).shape == (None, 4, 4, 2)


class Scaled(layers.Wrapper):
    """A wrapper that leaves the weights of its layer to the base, and scales one of them in training."""

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.layer.kernel
        self.times = self.add_weight((), "zeros", name="times", trainable=False)

    def call(self, inputs, training=False):
        if training:
            self.kernel.assign(self.kernel / ops.norm(self.kernel))
            self.times.assign(self.times + 1)
        return self.layer(inputs)


def test_a_wrapper_of_ones_own_builds_its_layer_by_super():
    wrapper = Scaled(layers.Dense(3))
    model = keras.Sequential([keras.Input((4,)), wrapper])
    assert wrapper.layer.built and len(model.trainable_weights) == 2
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(X, np.ones((8, 3)), epochs=2, verbose=0)
    np.testing.assert_allclose(np.linalg.norm(wrapper.layer.kernel), 1, rtol=1e-5)
    assert float(wrapper.times) == 2


class Contrast(keras.losses.Loss):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return ops.mean(ops.square(ops.matmul(y_pred, ops.transpose(y_pred)) - y_true))


class Doubled(keras.losses.MeanSquaredError):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return super().__call__(y_true, y_pred, sample_weight) * 2


@pytest.mark.parametrize("own", [False, True])
def test_a_loss_may_reduce_by_itself(own):
    class Own(keras.Model):
        def train_step(self, data):
            return super().train_step(data)

    x = keras.Input((4,))
    model = (Own if own else keras.Model)(x, layers.Dense(2)(x))
    model.compile(keras.optimizers.SGD(0.0), Contrast())
    wanted = np.mean((model.predict(X, verbose=0) @ model.predict(X, verbose=0).T - Y) ** 2)
    np.testing.assert_allclose(model.fit(X, Y, verbose=0).history["loss"], [wanted], rtol=1e-5)


@pytest.mark.parametrize("loss", [keras.metrics.MeanSquaredError, keras.metrics.MeanSquaredError()])
def test_a_metric_is_no_loss(loss):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    with pytest.raises(TypeError, match="MeanSquaredError is a metric.*losses.MeanSquaredError"):
        model.compile("sgd", loss)
        model.fit(X, Y, verbose=0)


def test_single_weights_may_be_frozen():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1), layers.BatchNormalization()])
    assert [weight.trainable for weight in model.weights] == [True] * 4 + [False] * 2
    kernel = model.layers[0].kernel
    kernel.trainable = False
    assert kernel in model.non_trainable_weights and len(model.trainable_weights) == 3
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    assert [np.array_equal(a, b) for a, b in zip(before, model.get_weights())][:2] == [True, False]
    kernel.trainable = True
    with pytest.warns(UserWarning, match="changed since compile"):
        model.fit(X, Y, verbose=0)


def test_a_flat_list_of_metrics_has_one_for_each_output():
    x = keras.Input((4,))
    model = keras.Model(x, [layers.Dense(1, name="a")(x), layers.Dense(1, name="b")(x)])
    model.compile("sgd", "mse", metrics=["mae", "mse"])
    assert sorted(model.fit(X, [Y, Y], verbose=0).history) == ["a_loss", "a_mae", "b_loss", "b_mse", "loss"]
    model.compile("sgd", "mse", metrics=["mae"])
    assert {"a_mae", "b_mae"} <= model.fit(X, [Y, Y], verbose=0).history.keys()


def test_penalties_of_a_model_within_another_on_the_same_input_count_once():
    def inner(x):
        made = layers.Dense(2, kernel_regularizer="l2", activity_regularizer="l2", kernel_initializer="ones")(x)
        return keras.Model(x, made)

    x = keras.Input((4,))
    found = []
    for part in (inner(x), inner(keras.Input((4,)))):
        model = keras.Model(x, part(x))
        model.compile("sgd", "mse")
        assert len(model.losses) == 2
        found.append(model.evaluate(X, X[:, :2], verbose=0))
    np.testing.assert_allclose(*found, rtol=1e-6)


def test_a_tape_tells_gradients_by_an_inner_output_of_a_model():
    x = keras.Input((4,))
    inner = layers.Dense(3, "relu")(x)
    model = keras.Model(x, [inner, layers.Dense(2)(inner)])
    with GradientTape() as tape:
        features, made = model(X)
        told = made[:, 1]
    found = tape.gradient(told, features)
    np.testing.assert_allclose(found, np.tile(model.layers[-1].get_weights()[0][:, 1], (8, 1)), rtol=1e-6)
