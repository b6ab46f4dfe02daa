"""Variables made while a graph runs: one for each place, kept from trace to trace, or an error; no endless loop."""

import numpy as np
import pytest

from horngate import backend as K
from horngate.backend.graph import Variable
from horngate.layers import Dense, Lambda, Layer
from horngate.models import Sequential

X = np.ones((2, 3), "float32")


class Counting(Layer):
    """Gives x + its number of training steps, kept in a variable that `call` makes."""

    def call(self, x, mask=None):
        steps = K.variable(0.0)
        self.add_update((steps, steps + 1.0))
        return x + steps

    def get_output_shape_for(self, shape):
        return shape


def test_a_variable_of_call_lives_on():
    model = Sequential([Counting(input_shape=(3,))])
    model.compile("sgd", "mse")
    model.fit(X, X, batch_size=1, nb_epoch=3, verbose=0)
    assert model.predict(X).tolist() == (X + 6).tolist()


def test_in_a_lambda_a_loss_and_a_function():
    model = Sequential([Lambda(lambda x: x * K.variable(2.0), input_shape=(3,)), Dense(1)])
    model.compile("sgd", lambda y, p: K.mean(K.square(y - p)) * K.variable(1.0))
    assert np.isfinite(model.train_on_batch(X, X[:, :1])) and np.isfinite(model.train_on_batch(X, X[:, :1]))


class Anew(Layer):
    """Makes another variable at each run, which nothing can keep."""

    def call(self, x, mask=None):
        return x * Variable(np.ones(3), name="fleeting")


def test_what_is_made_anew_each_time_is_an_error():
    model = Sequential([Anew(input_shape=(3,))])
    with pytest.raises(RuntimeError, match="fleeting.*build"):
        model.predict(X)


def test_an_array_of_the_run_is_no_first_value():
    model = Sequential([Lambda(lambda x: x * K.variable(x), output_shape=(3,), input_shape=(3,))])
    with pytest.raises(TypeError, match="K.variable needs a value"):
        model.predict(X)
