"""Every argument of losses, metrics, optimizers, initializers and the like does something, or is refused.

Of each argument of each class of `horngate.keras3` two values are given: the outcomes differ, or one is refused.
"""

import functools
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3
from tests.keras3 import part_rows
from tests.keras3.part_rows import BASES, ROWS, WITH, measured

OF_INPUTS = "the variance follows the number of inputs alone, as in Keras 3"
NO_EFFECT = {  # arguments that are taken and change nothing, each with its reason
    **{(name, "output_axes"): OF_INPUTS for name in ("HeNormal", "HeUniform", "LecunNormal", "LecunUniform")},
    **{(name, "reduction"): "there is one number for a batch" for name in ("Dice", "Tversky")},
    ("VarianceScaling", "output_axes"): "likewise with the default `mode`; the Glorot initializers show its effect",
}
MODULES = {name: functools.reduce(getattr, name.split("."), keras3) for name in part_rows.MODULES}


def seen(module):
    """(name, class) of a module; of several names of a class the first."""
    every = [(name, getattr(MODULES[module], name)) for name in MODULES[module].__all__]
    made = [(name, cls) for name, cls in every if isinstance(cls, type) and name not in BASES]
    return {(cls.__core__, str(inspect.signature(cls))): (name, cls) for name, cls in reversed(made)}.values()


EVERY = [
    (module, name, argument)
    for module in MODULES
    for name, cls in seen(module)
    for argument in inspect.signature(cls).parameters
]


def given(module, name, argument=None):
    """Return (class, what it is made with, so that `argument` matters)."""
    cls = getattr(MODULES[module], name)
    taken = inspect.signature(cls).parameters
    more = {word: value for word, value in WITH.get(argument, {}).items() if word in taken}
    return cls, {**ROWS.get(name, {}), **more}


def other(module, name, argument):
    """Another value of an argument than the one it has."""
    cls, made = given(module, name, argument)
    default = inspect.signature(cls).parameters[argument].default
    value = made.get(argument, None if default is inspect.Parameter.empty else default)
    return part_rows.other(argument, value)


def loss(cls, made, data_for):
    y, p = measured(cls.__name__, data_for)
    each = cls(**made)
    value = np.asarray(each(y, p))
    return value.tolist(), str(value.dtype), each.name


def metric(cls, made, data_for):
    each = cls(**made)
    y, p = (np.arange(4.0), None) if cls.__name__ in ("Mean", "Sum") else measured(cls.__name__, data_for)
    each.update_state(*([y] if p is None else [y, p]))
    value = np.asarray(each.result())
    return value.tolist(), str(value.dtype), each.name


def optimizer(cls, made, data_for):
    draw = np.random.RandomState(0)
    shapes = {"kernel": (2, 3), "bias": (3,), "embeddings": (3, 2)}
    variables = [K.variable(draw.randn(*shape), name=name) for name, shape in shapes.items()]
    variables[-1].role = "embeddings"
    inner = {word: getattr(keras3.optimizers, *value)() for word, value in made.items() if word == "inner_optimizer"}
    each = cls(**{**made, **inner})
    found = []
    for size in (9.0, 0.1, 1.0, 0.2):
        each.apply([(size * draw.randn(*v.shape)).astype("float32") for v in variables], variables)
        found.append([v.numpy().tolist() for v in variables])
    each.finalize_variable_values(variables)
    scaled = float(np.asarray(each.scale_loss(1.0)))
    return found, [v.numpy().tolist() for v in variables], each.name, scaled, float(np.asarray(each.learning_rate))


def schedule(cls, made, data_for):
    each = cls(**made)
    return [float(np.asarray(each(step))) for step in range(8)], each.name


def initializer(cls, made, data_for):
    np.random.seed(0)
    each = cls(**made)
    shape = {"Identity": (8, 8), "STFT": (8, 1, 5)}.get(cls.__name__, (8, 2, 6))
    return [K.get_value(each(shape)).tolist() for _ in range(2)]


def on_weights(cls, made, data_for):
    w = np.random.RandomState(0).randn(4, 3).astype("float32")
    return np.asarray(cls(**made)(w)).tolist()


RUN = {
    "losses": loss,
    "metrics": metric,
    "optimizers": optimizer,
    "optimizers.schedules": schedule,
    "initializers": initializer,
    "regularizers": on_weights,
    "constraints": on_weights,
}


@functools.cache
def before(module, name, argument):
    """The outcome with the values that a class has."""
    cls, made = given(module, name, argument)
    return RUN[module](cls, made, made)


@pytest.mark.parametrize("module, name, argument", EVERY, ids=["-".join(each) for each in EVERY])
def test_another_value_gives_another_outcome(module, name, argument):
    same = (name, argument) in NO_EFFECT
    cls, made = given(module, name, argument)
    was = before(module, name, argument if argument in WITH else None)
    try:
        assert (RUN[module](cls, {**made, argument: other(module, name, argument)}, made) == was) == same
    except (ValueError, TypeError) as refusal:
        assert len(str(refusal)) > 40


OBJECTS = [(module, name) for module in MODULES for name, _ in seen(module)]


@pytest.mark.parametrize("module, name", OBJECTS)
def test_configurations_have_the_words_of_keras_3(module, name):
    cls, made = given(module, name)
    made = {word: keras3.optimizers.SGD() if word == "inner_optimizer" else value for word, value in made.items()}
    with keras3.saving.custom_object_scope({"distance": part_rows.distance}):
        told = cls(**made).get_config()
        assert {*made} <= told.keys() <= {*inspect.signature(cls).parameters, "name"}
        assert cls.from_config(told).get_config() == told


@pytest.mark.parametrize("name", [name for module, name in OBJECTS if module == "losses"])
def test_gradients_in_16_bits_are_finite(name):
    cls, made = given("losses", name)
    if "dtype" not in inspect.signature(cls).parameters or name == "KLDivergence":
        pytest.skip("it has one number type, or, like that of Keras 3, a gradient beyond the largest number")
    y, p = measured(name, {})
    slope = jax.grad(lambda p: K.cast(cls(**made, dtype="float16")(y, p), "float32").sum())
    assert np.isfinite(slope(jnp.asarray(p, "float32"))).all()
