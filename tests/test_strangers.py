"""What a newcomer writes from habit, with PyTorch or TensorFlow in mind: each error says what to write instead."""

import importlib

import jax.numpy as jnp
import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import keras3, layers, losses, metrics, optimizers
from horngate.dialects import later, strangers
from horngate.layers import Dense, Layer
from horngate.models import Model, Sequential
from horngate.training.arrays import checked_arrays

MODEL = Sequential([Dense(2, input_dim=4)])
MODEL.compile("sgd", "mse")
X, y = np.ones((6, 4)), np.ones((6, 2))


class Scripted(Layer):
    def forward(self, x):
        return x


HABITS = {
    "a layer": (lambda: layers.Linear, "`Dense"),
    "a layer of Keras 3": (lambda: keras3.layers.BatchNorm2d, "`BatchNormalization"),
    "other capitals": (lambda: layers.MaxPool2d, "'MaxPool2D'"),
    "a module": (lambda: horngate.nn, "horngate.layers"),
    "a tape": (lambda: keras3.GradientTape, "horngate.GradientTape"),
    "a loss": (lambda: MODEL.compile("sgd", "CrossEntropyLoss"), "from_logits=True"),
    "no loss": (lambda: losses.get("Callable"), "unknown loss 'Callable'"),
    "a metric": (lambda: metrics.get("acuracy"), "'accuracy'"),
    "an activation": (lambda: Dense(3, activation="ReLU"), "'relu'"),
    "a rate": (lambda: MODEL.fit(X, y, lr=0.1), "optimizer"),
    "a size": (lambda: keras3.layers.Conv2D(in_channels=3, out_channels=8, kernel_size=3), "leave it out"),
    "a missing size": (lambda: keras3.layers.LSTM(dropout=0.1), r"LSTM, argument 'units'.*It takes units, activation"),
    "evaluation": (lambda: MODEL.eval(), "`predict`"),
    "weights": (lambda: optimizers.Adam(MODEL.parameters()), "trainable_weights"),
    "gradients": (lambda: optimizers.Adam().zero_grad(), "leave it out"),
    "a step back": (lambda: K.placeholder((2,)).backward(), "tape.gradient"),
    "freezing a layer": (lambda: setattr(MODEL.layers[0], "requires_grad", False), "`trainable`"),
    "freezing a weight": (lambda: setattr(MODEL.weights[0], "requires_grad", False), "`trainable`"),
    "a forward": (lambda: Sequential([Scripted(input_shape=(4,))]), "rename its `forward`"),
    "a single sample": (lambda: MODEL(X[0]), r"x\[None\]"),
    "no axis of channels": (lambda: Model(x := layers.Input((4, 1)), layers.LSTM(2)(x))(X), r"x\[..., None\]"),
    "JAX on a symbol": (lambda: jnp.exp(K.placeholder((2,))), "horngate.ops"),
    "a SavedModel": (lambda: keras3.Sequential([keras3.layers.Dense(1)]).export("there"), "'onnx' or 'stablehlo'"),
}


@pytest.mark.parametrize("habit", HABITS)
def test_the_error_says_what_to_write(habit):
    call, told = HABITS[habit]
    with pytest.raises((AttributeError, TypeError, ValueError), match=told):
        call()


def test_a_word_of_another_library_is_none_of_ours():
    """A word of the table that a layer, a module or a model has would be told of in vain."""
    names = {*layers.__all__, *dir(horngate), *dir(optimizers), *filter(lambda name: hasattr(MODEL, name), dir(MODEL))}
    assert {*strangers._WORDS} & names == {"save", "GradientTape"}  # of a model and of the package; others lack them
    assert not hasattr(MODEL, "eval") and "eval" not in dir(MODEL)


def test_users_may_give_such_names_to_methods_of_their_own():
    class Trainer(keras3.Model):
        def train(self):
            return 3

    trainer = Trainer()
    trainer.cuda = True
    assert trainer.train() == 3 and trainer.cuda and "train" in dir(trainer)


def test_tab_completion_shows_what_is_imported_late():
    """`dir` of a module lists what it answers to, but for other names of the same things."""
    for era in ("2", "3"):
        for place in (place.partition("/")[0] for names in later.names(era).values() for place in names.values()):
            inside, _, name = place.rpartition(".")
            if inside and inside.split(".")[0] not in ("dialects", "ops"):
                assert name in dir(importlib.import_module(f"horngate.{inside}")), place


@pytest.mark.parametrize(
    ("shape", "data", "told"),
    [
        ((None, 28, 28, 1), (28, 28), r"x\[None, \.\.\., None\]"),
        ((None, 1, 28, 28), (28, 28), r"x\[None, None\]"),
        ((None, 3), (6, 1), "to_categorical"),
        ((None, 26, 26, 1), (6, 1), "Flatten"),
    ],
)
def test_targets_and_samples_of_another_rank(shape, data, told):
    with pytest.raises(ValueError, match=told):
        checked_arrays(np.zeros(data), ["x"], [shape], "target")


class Frame:
    """What a data frame of pandas answers: columns of different types are an array of objects."""

    iloc, ndim = None, 2

    def __init__(self, **columns):
        self.columns = {name: np.asarray(column) for name, column in columns.items()}
        self.dtypes = {name: column.dtype for name, column in self.columns.items()}

    def to_numpy(self, dtype=object, na_value=None):
        return np.stack([column.astype(dtype) for column in self.columns.values()], axis=1)


def test_frames():
    found = checked_arrays(Frame(age=[1, 2], member=[True, False]), ["x"], [(None, 2)])[0]
    assert found.dtype == float and found.tolist() == [[1, 1], [2, 0]]
    with pytest.raises(ValueError, match=r"columns without numbers: 'city' .*get_dummies"):
        checked_arrays(Frame(age=[1, 2], city=["A", "B"]), ["x"], [(None, 2)])


class Closed(keras3.layers.Layer):
    def __init__(this, units):  # noqa: N805  the name of the first argument is free
        super().__init__()
        this.units = units

    def call(self, x):
        return x * self.units


def test_a_constructor_that_takes_no_name_is_restored(tmp_path):
    model = keras3.Sequential([keras3.Input((4,)), Closed(3)])
    model.layers[0].trainable = False
    model.save(tmp_path / "m.keras")
    again = keras3.models.load_model(tmp_path / "m.keras", custom_objects={"Closed": Closed})
    assert again.layers[0].name == model.layers[0].name and not again.layers[0].trainable
    assert np.array_equal(again.predict(X), 3 * X)


def test_choices_may_have_capitals():
    assert keras3.layers.Conv2D(2, 3, padding="SAME").padding == "same"
