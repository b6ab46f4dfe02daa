"""A variable that a layer assigns in its `call` changes with every step, and later reads in the call see it."""

import numpy as np
import pytest

from horngate import keras3 as keras


class Counter(keras.layers.Layer):
    """Counts its calls in training, keeps an average of its inputs, and scales them by the sum of both."""

    def build(self, input_shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, dtype="int32", name="calls")
        self.average = self.add_weight(shape=(3,), initializer="zeros", trainable=False, name="average")

    def call(self, x, training=False):
        if training:
            self.calls.assign_add(1)
            self.calls.assign_sub(-1)
            self.average.assign(0.9 * self.average + 0.1 * keras.ops.mean(x, axis=0))
        return x + keras.ops.cast(self.calls, "float32") + self.average


class Holder(keras.Model):
    def __init__(self, counter):
        super().__init__()
        self.counter, self.out = counter, keras.layers.Dense(1, kernel_initializer="ones")

    def call(self, x, training=False):
        return self.out(self.counter(x, training=training))


def model_of(kind, counter):
    if kind == "subclass":
        return Holder(counter)
    inputs = keras.Input((3,))
    return keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones")(counter(inputs)))


@pytest.mark.parametrize("kind", ["graph", "subclass"])
def test_each_step_assigns(kind):
    counter = Counter()
    model = model_of(kind, counter)
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x, y = np.ones((12, 3), "float32"), np.zeros((12, 1), "float32")
    losses = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"]
    averages = 1 - 0.9 ** np.arange(1, 7)
    outputs = 3 * (1 + 2 * np.arange(1, 7) + averages)
    assert int(counter.calls) == 12
    np.testing.assert_allclose(counter.average, np.full(3, averages[-1]), rtol=1e-5)
    np.testing.assert_allclose(losses, (outputs**2).reshape(2, 3).mean(1), rtol=1e-5)
    before = np.asarray(model.predict(x, verbose=0))
    assert int(counter.calls) == 12
    np.testing.assert_allclose(before, np.full((12, 1), 3 * (13 + averages[-1])), rtol=1e-5)


def test_a_call_on_arrays_assigns_once():
    counter = Counter()
    counter(np.ones((2, 3), "float32"), training=True)
    assert int(counter.calls) == 2


def test_a_value_of_another_shape_is_refused():
    class Wrong(Counter):
        def call(self, x, training=False):
            self.average.assign(keras.ops.mean(x, axis=0)[:2])
            return x

    with pytest.raises(ValueError, match="average.* of shape"):
        model_of("graph", Wrong())


def shared(kind):
    """A model that calls a counter and a normalization twice in a step, and both."""
    counter, norm = Always(), keras.layers.BatchNormalization()
    one, two = keras.Input((3,)), keras.Input((3,))
    if kind == "graph":
        return keras.Model([one, two], norm(counter(one)) + norm(counter(two))), counter, norm
    if kind == "nested":
        inner, first = keras.Model(one, norm(counter(one))), keras.Input((3,))
        return keras.Model([first, two], inner(first) + inner(two)), counter, norm

    class Both(keras.Model):
        def __init__(self):
            super().__init__()
            self.counter, self.norm = counter, norm

        def call(self, xs, training=False):
            x, y = (self.norm(self.counter(x), training=training) for x in xs)
            return x + y

    return Both(), counter, norm


class Always(keras.layers.Layer):
    def build(self, input_shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.calls.assign_add(1.0)
        return x


@pytest.mark.parametrize("kind", ["graph", "nested", "subclass"])
def test_a_layer_that_is_called_twice_in_a_step_counts_twice(kind):
    model, counter, norm = shared(kind)
    x = np.random.RandomState(0).normal(1, 1, (8, 3)).astype("float32")
    model([x, 2 * x])
    before = int(counter.calls)
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit([x, 2 * x], x, batch_size=4, epochs=2, shuffle=False, verbose=0)
    assert int(counter.calls) - before == 8
    mean = np.zeros(3)
    for part in [x[:4], x[4:]] * 2:
        for factor in (1, 2):
            mean = 0.99 * mean + 0.01 * factor * part.mean(0)
    np.testing.assert_allclose(norm.moving_mean, mean, rtol=1e-4)
