"""What is done to the layers of a Sequential counts, whenever and however it is done."""

import numpy as np
import pytest

from horngate.layers import Activation, Dense, Input
from horngate.models import Model, Sequential

X = np.ones((2, 4))


def chain(*sizes):
    model = Sequential([Dense(sizes[0], input_dim=4), *map(Dense, sizes[1:])])
    model.predict(X)
    return model


def pop_in_list(model):
    model.layers.pop()


def pop_with_repair(model):
    model.layers.pop()
    model.outputs = [model.layers[-1].output]
    model.layers[-1].outbound_nodes = []


def repair_then_pop(model):
    model.outputs = [model.layers[-2].output]
    model.layers.pop()


def set_outputs(model):
    model.outputs = [model.layers[-2].output]


def shorten(model):
    model.layers = model.layers[:-1]


def delete(model):
    del model.layers[-1]


CHANGES = [Sequential.pop, pop_in_list, pop_with_repair, repair_then_pop, set_outputs, shorten, delete]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_way_to_leave_out_the_last_layer(change):
    model = chain(3, 7)
    change(model)
    assert model.predict(X).shape == (2, 3) and model.output_shape == (None, 3)
    assert len(model.layers) == 1 and len(model.get_weights()) == 2 and len(model.get_config()) == 1
    model.add(Dense(5))
    assert model.predict(X).shape == (2, 5) and [layer.output_dim for layer in model.layers] == [3, 5]
    again = Sequential.from_config(model.get_config())
    again.set_weights(model.get_weights())
    assert np.allclose(again.predict(X), model.predict(X))


def test_adding_after_a_prediction():
    model = chain(3)
    model.add(Dense(7))
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.ones((2, 7)))
    assert model.predict(X).shape == (2, 7)


def test_a_layer_put_in_between():
    model = chain(3, 3)
    before = model.predict(X)
    model.layers.insert(1, Activation("tanh"))
    W, b, V, c = model.get_weights()
    after = model.predict(X)
    assert np.allclose(after, np.tanh(X @ W + b) @ V + c, atol=1e-6) and not np.allclose(after, before)


def test_a_compiled_model_that_changes_is_compiled_again():
    model = chain(3)
    model.compile("sgd", "mse")
    model.add(Dense(7))
    with pytest.raises(RuntimeError, match="compile"):
        model.fit(X, np.ones((2, 7)), verbose=0)


@pytest.mark.parametrize("outer", [lambda m: Sequential([m, Dense(1)]), lambda m: Model(*_around(m))])
def test_models_around_it_see_the_change(outer):
    inner = chain(3)
    whole = outer(inner)
    before = whole.predict(X)
    inner.add(Activation(lambda x: 0 * x))
    assert not np.allclose(whole.predict(X), before) and np.ptp(whole.predict(X)) == 0


def _around(inner):
    x = Input((4,))
    return x, Dense(1)(inner(x))


def test_outputs_of_elsewhere_are_refused():
    model = chain(3)
    with pytest.raises(ValueError, match="Add layers with add"):
        model.outputs = [Dense(2)(model.layers[0].output)]


def test_an_empty_chain():
    model = Sequential()
    with pytest.raises(TypeError, match="empty"):
        model.pop()
    assert model.outputs == [] and model.layers == []
