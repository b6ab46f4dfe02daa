"""Layers of a user's that declare their arguments: made, checked, copied and kept in files like the library's."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest

from horngate import activations
from horngate.engine.arguments import argument, fixed
from horngate.engine.kinds import Activation, Initializer
from horngate.layers import Dense, Layer
from horngate.models import Sequential, load_model, model_from_json


class Sized:
    """A mixin without arguments, which annotates what its subclasses declare."""

    size: int

    def twice(self):
        return 2 * self.size


class Base(Layer):
    """A number of things."""

    size: int = argument("how many", at_least=1)
    rate: float = argument("a rate", default=0.5, at_least=0, below=1)
    mode: str = argument("which", default="sum", choices=("sum", "max"))
    limit: float | None = argument("the most, or None", default=None, above=0)
    shown: bool = argument(default=True)
    output_shape_: int | None = argument("under another name", default=None, alias="output_shape")


class Scaled(Base, Sized):
    """x times a learned factor, through a function."""

    activation: Activation = argument(default="tanh")
    init: Initializer = argument(default="one")

    def build(self, input_shape):
        self.W = self.add_weight((self.size,), self.init, f"{self.name}_W")

    def call(self, x, mask=None):
        return self.activation(x * self.W * self.rate)


class First(Base):
    """Its own arguments come first, since it declares that of its base anew."""

    size: int = argument("how many", default=7)
    more: str = argument("text", default="")


class Written(Base):
    """A constructor of the user's own, which hands on the rest."""

    def __init__(self, text, **kwargs):
        self.text = text
        super().__init__(**kwargs)

    def get_config(self):
        return {**super().get_config(), "text": self.text}


GIVEN = {"size": 3, "rate": 0.25, "mode": "max", "limit": 2.0, "shown": False, "output_shape": 4}
KEPT = {"size": 3, "rate": 0.25, "mode": "max", "limit": 2.0, "shown": False, "output_shape_": 4}
OWN = {"Scaled": Scaled}
X = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)


def chain():
    layer = Scaled(3, 0.25, activation="sigmoid", input_shape=(3,), name="scaled")
    model = Sequential([layer, Dense(2)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("cls, more", [(Base, {}), (Scaled, {"activation": "relu"}), (Written, {"text": "t"})])
def test_arguments_are_kept_and_come_back(cls, more):
    layer = cls(**GIVEN, **more)
    again = cls.from_config(layer.get_config())
    for each in (layer, again):
        assert {name: getattr(each, name) for name in KEPT} == KEPT
    assert again.get_config() == layer.get_config() and GIVEN.items() <= layer.get_config().items()
    assert again.name == layer.name


def test_a_type_of_arguments_takes_a_name_and_holds_the_function():
    layer = Scaled(3, activation="relu")
    assert layer.activation is activations.relu and layer.get_config()["activation"] == "relu"
    layer.activation = "tanh"
    assert layer.activation is activations.tanh
    assert Scaled(3, activation=None).activation is activations.linear


@pytest.mark.parametrize(
    "given, said",
    [
        ({"size": 0}, "Scaled, argument 'size': must be a whole number of at least 1; received 0"),
        ({"size": 2.5}, "argument 'size'"),
        ({"size": "a"}, "argument 'size'"),
        ({"size": 1, "rate": 1.0}, "argument 'rate': must be a number of at least 0 and below 1; received 1.0"),
        ({"size": 1, "rate": None}, "argument 'rate'"),
        ({"size": 1, "mode": "min"}, "argument 'mode': must be 'sum' or 'max'; received 'min'"),
        ({"size": 1, "limit": 0}, "argument 'limit'"),
        ({"size": 1, "shown": "no"}, "argument 'shown': must be True or False; received 'no'"),
        ({"size": 1, "activation": "rleu"}, "argument 'activation'"),
        ({}, "size"),
        ({"size": 1, "rates": 0.5}, "no argument 'rates'. Did you mean 'rate'?"),
    ],
)
def test_what_does_not_fit_is_refused_with_class_and_argument(given, said):
    with pytest.raises((ValueError, TypeError)) as error:
        Scaled(**given)
    assert said in str(error.value) and "Scaled" in str(error.value)


def test_none_is_taken_where_it_is_the_default_or_in_the_type():
    layer = Base(2)
    assert layer.limit is None and layer.output_shape_ is None
    layer.limit = 3
    layer.limit = None
    assert layer.limit is None


@pytest.mark.parametrize(
    "cls, wanted",
    [
        (Base, ["size", "rate", "mode", "limit", "shown", "output_shape"]),
        (Scaled, ["size", "rate", "mode", "limit", "shown", "output_shape", "activation", "init"]),
        (First, ["size", "more", "rate", "mode", "limit", "shown", "output_shape"]),
    ],
)
def test_the_order_of_the_class_is_that_of_the_places(cls, wanted):
    assert list(inspect.signature(cls).parameters)[: len(wanted)] == wanted
    assert all(f"        {name}: " in cls.__doc__ for name in wanted)


def test_a_mixin_sees_what_is_declared():
    assert Scaled(5).twice() == 10


def test_a_constructor_of_ones_own_is_called_as_it_is_written():
    layer = Written("t", size=4, name="own")
    assert (layer.text, layer.size, layer.rate, layer.name) == ("t", 4, 0.5, "own")
    with pytest.raises(TypeError):
        Written(size=4)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_copies(copied):
    model = chain()
    model.fit(X, X[:, :2], nb_epoch=1, verbose=0)
    for own, again in ((model.layers[0], copied(model.layers[0])), (model.layers[0], copied(model).layers[0])):
        assert again is not own and again.get_config() == own.get_config()
        assert again.activation is own.activation
    assert np.array_equal(copied(model).predict(X), model.predict(X))


def test_files_and_descriptions(tmp_path):
    model = chain()
    model.save(tmp_path / "model.h5")
    assert np.array_equal(load_model(tmp_path / "model.h5", custom_objects=OWN).predict(X), model.predict(X))
    again = model_from_json(model.to_json(), custom_objects=OWN)
    again.set_weights(model.get_weights())
    assert np.array_equal(again.predict(X), model.predict(X))


def test_a_class_attribute_of_a_users_class_takes_no_argument_away():
    class Rectified(Dense):
        activation = "relu"
        bias = False

    layer = Rectified(3, activation="tanh")
    assert layer.activation.__name__ == "tanh" and layer.get_config()["activation"] == "tanh" and layer.bias is True


def test_an_argument_may_be_left_out():
    class WithoutBias(Dense):
        bias: bool = fixed(False)

    layer = WithoutBias(3, "zero", input_dim=2)
    Sequential([layer])
    assert "bias" not in layer.get_config() and [w.shape for w in layer.weights] == [(2, 3)]
    with pytest.raises(TypeError, match="no argument 'bias'"):
        WithoutBias(3, bias=True)
