"""What is made in one era stays of it: models predict and train the same after `set_era` to another."""

import json

import numpy as np
import pytest

from horngate import backend as K
from horngate.backend.config import ERAS, within_era
from horngate.layers import Dense, Embedding, Flatten
from horngate.models import Sequential, load_model, model_from_config, model_from_json, model_from_yaml
from horngate.optimizers import Adagrad, RMSprop
from horngate.regularizers import activity_l2, l2

NAMES = [name for name, told in ERAS.items() if told.name == name]  # '2' is also called '2.3'
WORDS, WANTED = np.array([[1, 2, 3], [4, 5, 0], [2, 2, 1], [3, 0, 5]]), np.array([[0.5], [1.0], [-1.0], [2.0]])


@pytest.fixture(autouse=True)
def era():
    yield
    K.set_era("1.0")


def made(name, optimizer):
    """A model of an era in which all that eras differ by matters."""
    K.set_era(name)
    model = Sequential([Embedding(6, 3, dropout=0.3, input_length=3, W_regularizer=l2(0.1)), Flatten()])
    model.add(Dense(2, activation="tanh", activity_regularizer=activity_l2(0.3)))
    model.add(Dense(1))
    model.compile(optimizer(lr=0.05, epsilon=0.1), "mse", metrics=["accuracy"])
    model.set_weights([np.linspace(-1, 1, w.size).reshape(w.shape) for w in model.get_weights()])
    return model


def told(model):
    """What it predicts, measures, calls its measures, and how it trains."""
    np.random.seed(7)
    found = [*model.predict(WORDS).ravel(), *model.evaluate(WORDS, WANTED, verbose=0)]
    losses = [model.train_on_batch(WORDS, WANTED) for _ in range(3)]
    return model.metrics_names, np.concatenate([found, np.ravel(losses)])


@pytest.mark.parametrize("own", NAMES)
def test_another_era_changes_nothing(own, tmp_path):
    optimizer = Adagrad if own == "1.2" else RMSprop
    names, wanted = told(made(own, optimizer))
    model = made(own, optimizer)
    model.save(tmp_path / "model.h5")
    others = [name for name in NAMES if name != own]
    for other in others:
        K.set_era(other)
        found_names, found = told(load_model(tmp_path / "model.h5"))
        assert found_names == names and K.era().name == other
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    np.testing.assert_allclose(told(model)[1], wanted, rtol=1e-6)


@pytest.mark.parametrize("own", NAMES)
def test_a_text_tells_the_era(own):
    """So that what is made again from JSON or YAML predicts, measures and trains the same, compiled as before."""
    model = made(own, RMSprop)
    names, wanted = told(made(own, RMSprop))
    K.set_era("1.2" if own != "1.2" else "2")
    for write, read in (("to_json", model_from_json), ("to_yaml", model_from_yaml)):
        again = read(getattr(model, write)())
        again.set_weights(model.get_weights())
        with within_era(own):  # an optimizer is of the era in which it is made
            again.compile(RMSprop(lr=0.05, epsilon=0.1), "mse", metrics=["accuracy"])
        found_names, found = told(again)
        assert found_names == names and {layer._era.name for layer in again.layers} == {own}
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_a_text_without_an_era_or_with_an_unknown_one():
    description = json.loads(made("2", RMSprop).to_json())
    K.set_era("1.2")
    assert model_from_config({key: description[key] for key in ("class_name", "config")})._era.name == "1.2"
    with pytest.raises(ValueError, match="'4' of its era"):
        model_from_json(json.dumps({**description, "horngate_era": "4"}))


def test_the_eras_differ_here():
    """Else the test above could not fail."""
    numbers = {name: told(made(name, RMSprop))[1].tolist() for name in NAMES}
    assert len({str(found) for found in numbers.values()}) >= 3
