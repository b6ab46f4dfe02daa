"""The functions of a model's steps and their feeds, as agents and callbacks of 2016 to 2019 reach for them."""

import numpy as np
import pytest

from horngate import backend as K
from horngate.layers import Dense, Dropout, Input
from horngate.models import Model, Sequential

X = np.random.RandomState(0).rand(8, 4).astype("float32")
Y = X.sum(axis=1, keepdims=True)


@pytest.fixture(params=["1.2", "2"])
def era(request):
    K.set_era(request.param)
    yield request.param
    K.set_era("1.0")


def network():
    model = Sequential([Dense(3, input_dim=4), Dropout(0.5), Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def test_functions_of_steps(era):
    model = network()
    model._make_train_function()
    model._make_test_function()
    model._make_predict_function()
    np.testing.assert_allclose(model.test_function([X, Y, np.ones(8), 0.0]), model.test_on_batch(X, Y), rtol=1e-5)
    np.testing.assert_allclose(model.predict_function([X, 0.0])[0], model.predict(X), rtol=1e-5)
    losses = [model.train_function([X, Y, np.ones(8), 1.0])[0] for _ in range(40)]
    assert np.mean(losses[-5:]) < losses[0]


def test_gradients_by_feeds(era):
    """What programs compute beside a training: the gradient of the loss for data of their own."""
    x = Input((4,))
    model = Model(x, [Dense(1, name="a")(x), Dense(2, name="b")(x)])
    model.compile("sgd", {"a": "mse", "b": "mae"})
    inputs = model._feed_inputs + model._feed_targets + model._feed_sample_weights
    function = K.function(inputs, model.optimizer.get_gradients(model.total_loss, model._collected_trainable_weights))
    parts = model._standardize_user_data(X, {"a": Y, "b": np.repeat(Y, 2, 1)})
    found = function(sum(map(list, parts), []))
    error = 2 * (model.predict(X)[0] - Y) / len(X)
    kernel = [w.name for w in model._collected_trainable_weights].index(model.layers[1].weights[0].name)
    np.testing.assert_allclose(found[kernel], X.T @ error, rtol=1e-4)
    assert model._feed_output_names == ["a", "b"] and model._feed_input_shapes == [(None, 4)]
    assert model._standardize_user_data(X)[1:] == ([], [])


def test_a_train_function_of_the_program_trains(era):
    model = network()
    updates = model.optimizer.get_updates(model.layers[-1].trainable_weights, [], model.total_loss)
    inputs = [*model._feed_inputs, *model._feed_targets, *model._feed_sample_weights, K.learning_phase()]
    model.train_function = K.function(inputs, [model.total_loss, *model.metrics_tensors], updates=updates)
    before = model.get_weights()
    history = model.fit(X, Y, batch_size=3, nb_epoch=3, verbose=0, validation_data=(X, Y)).history
    after = model.get_weights()
    assert (before[0] == after[0]).all() and (before[2] != after[2]).any()
    assert len(history) == 4 and all(np.isfinite(values).all() for values in history.values())
    assert len(model.train_on_batch(X, Y)) == 2
    model.compile("sgd", "mse")
    model.fit(X, Y, nb_epoch=1, verbose=0)
    assert (model.get_weights()[0] != after[0]).any()


class Frozen(Model):
    def _make_train_function(self):
        if self.train_function is None:
            inputs = self._feed_inputs + self._feed_targets + self._feed_sample_weights
            self.train_function = K.function(inputs, [self.total_loss] + self.metrics_tensors, **self._function_kwargs)


def test_a_subclass_makes_its_train_function(era):
    x = Input((4,))
    model = Frozen(x, Dense(1)(x))
    model.compile("sgd", "mse", metrics=["mae"])
    before, wanted = model.get_weights(), model.evaluate(X, Y, verbose=0)
    history = model.fit(X, Y, batch_size=3, nb_epoch=2, verbose=0).history
    assert (before[0] == model.get_weights()[0]).all()
    np.testing.assert_allclose([values[-1] for values in history.values()], wanted, rtol=1e-5)
