"""Optimizers, regularizers, constraints, initializations, losses, metrics and callbacks say what they take."""

import inspect
import json
import pydoc
import re

import numpy as np
import optax
import pytest

from horngate import backend as K
from horngate import constraints, initializations, losses, metrics, objectives, optimizers, regularizers
from horngate.callbacks import Callback, control, logs, safety
from horngate.dialects.keras2 import initializers
from horngate.engine.arguments import Declared, argument
from horngate.layers import Dense, Layer
from horngate.models import Sequential, load_model, model_from_json
from horngate.optimizers import base, classic, modern, of_optax, schedules

MODULES = (optimizers, regularizers, constraints, initializations, initializers, objectives, losses, metrics)
MODULES += (control, logs, safety, base, classic, modern, of_optax, schedules)


def public(module):
    """Classes and functions that a module defines and offers."""
    named = [item for name, item in vars(module).items() if not name.startswith("_") and callable(item)]
    return [item for item in dict.fromkeys(named) if getattr(item, "__module__", None) == module.__name__]


def path(item):
    return f"{item.__module__.removeprefix('horngate.')}.{item.__qualname__}"


ITEMS = [item for module in MODULES for item in public(module)]
CLASSES = [item for item in ITEMS if isinstance(item, type)]
DECLARED = [cls for cls in CLASSES if getattr(cls, "__declared__", None)]
ARGUMENTS = [(cls, told) for cls in DECLARED for told in cls.__declared__.values()]
UNCHECKED = {"name", "optimizer", "exclude_layers"}  # any text, any transformation
# Texts, and what a callback hands on.
UNCHECKED |= {"save_freq", "update_freq", "profile_batch", "embeddings_metadata"}  # by the callback itself
UNCHECKED |= {"verbose", "mode", "schedule", "separator"}
UNCHECKED |= {"headers", "write_graph", "write_images", "stateful_metrics", "count_mode"}
ANY_NAME = {initializations.get}  # hands its keywords on to what it finds
every = pytest.mark.parametrize


def parameters_of(function):
    """The parameters that a reader must know; more keywords are taken by optimizers alone."""
    found = [p for p in inspect.signature(function).parameters.values() if p.name.strip("_") and p.name != "self"]
    return [p for p in found if p.kind is not p.VAR_KEYWORD and p.name != "by_era"]


def explained(name, text):
    return re.search(rf"^\s*(\w+, )*{name}(, \w+)*: \S|`{name}`", text, re.MULTILINE)


def unexplained(function, text):
    return [p.name for p in parameters_of(function) if not explained(p.name, text)]


def test_the_table_is_whole():
    assert {item.__name__ for item in DECLARED} >= {
        "SGD",
        "Nadam",
        "MaxNorm",
        "L1L2Regularizer",
        "Orthogonal",
        "Hinge",
        "CSVLogger",
    }
    assert len(ITEMS) > 90 and len(DECLARED) > 30


@every("item", ITEMS, ids=path)
def test_an_editor_sees_named_arguments(item):
    kinds = {p.kind for p in inspect.signature(item).parameters.values() if p.name != "by_era"}
    assert inspect.Parameter.VAR_POSITIONAL not in kinds
    more = isinstance(item, type) and issubclass(item, optimizers.Optimizer) or item in ANY_NAME
    assert inspect.Parameter.VAR_KEYWORD not in kinds or more


@every("item", ITEMS, ids=path)
def test_help_explains_each_argument(item):
    text = re.sub(r"^ \|  ?", "", pydoc.render_doc(item, renderer=pydoc.plaintext), flags=re.MULTILINE)
    assert unexplained(item, text.partition("Method resolution order:")[0]) == []


@every("cls", [cls for cls in CLASSES if not issubclass(cls, Declared)], ids=path)
def test_help_explains_each_argument_of_each_method(cls):
    own = [name for name, item in vars(cls).items() if inspect.isroutine(item) or isinstance(item, classmethod)]
    shown = [name for name in own if (name[0] != "_" or name == "__call__") and callable(getattr(cls, name))]
    told = {name: unexplained(getattr(cls, name), inspect.getdoc(getattr(cls, name)) or "") for name in shown}
    assert {name: missing for name, missing in told.items() if missing} == {}


def another(told, cls):
    """A value that the argument may have and does not have by default; its default where there is no other."""
    for value in ("a",) if told.name == "name" else (0.5, 3, True, "a", [0, 1]):
        try:
            if told.held(value, cls) != told.default:
                return value
        except (ValueError, TypeError):
            continue
    return told.default


def required_by(cls):
    """What must be given to make one."""
    value = "somewhere" if issubclass(cls, Callback) else 0.5
    required = {name: value for name, told in cls.__declared__.items() if told.default is inspect._empty}
    return required | ({"values": [0.5, 0.25]} if "values" in required else {})


def changed(cls):
    values = {name: another(told, cls) for name, told in cls.__declared__.items()}
    lists = {"values": [0.5, 0.25], "exclude_layers": ["embeddings"]}
    return values | {name: value for name, value in lists.items() if name in values}


@every("cls", [cls for cls in DECLARED if not issubclass(cls, (optimizers.TFOptimizer, Callback))], ids=path)
def test_what_is_declared_comes_back_from_the_configuration(cls):
    given = changed(cls)
    made = cls(**given)
    configuration = json.loads(json.dumps(made.get_config()))
    assert configuration.keys() >= given.keys()
    for name, value in given.items():
        assert configuration[name] == value or configuration[name] == pytest.approx(value, rel=1e-6)
    again = cls.from_config(configuration).get_config()
    assert again.keys() == made.get_config().keys()
    assert all(again[name] == pytest.approx(value) for name, value in made.get_config().items())
    by_default = cls(**{name: given[name] for name, told in cls.__declared__.items() if told.default is inspect._empty})
    assert cls.from_config(by_default.get_config()).get_config() == by_default.get_config()


@every("cls, told", ARGUMENTS, ids=lambda x: x.name if hasattr(x, "limits") else path(x))
def test_what_an_argument_cannot_be_is_refused_by_name(cls, told):
    assert (told.kind is Declared) == (told.name in UNCHECKED), "say in its type what it may be, or list it here"
    wrong = [object(), float("nan"), (), "no such thing"] if told.name not in UNCHECKED else []
    wrong = wrong[:3] if told.kind.__name__ in ("Text", "Place") else wrong  # to which any text is one
    limits = told.limits
    beyond = [limits[side] - 1 for side in ("at_least", "above") if limits[side] is not None]
    beyond += [limits[side] + 1 for side in ("at_most", "below") if limits[side] is not None]
    required = required_by(cls)
    for value in wrong + beyond:
        if (told.name, value) == ("axis", ()):
            continue  # norms over no axis
        with pytest.raises((ValueError, TypeError), match=f"{cls.__name__}, argument '{told.name}'"):
            cls(**{**required, told.name: value})
        if value in beyond or isinstance(value, str):
            made = cls(**required)
            with pytest.raises((ValueError, TypeError), match=f"{cls.__name__}, argument '{told.name}'"):
                setattr(made, told.attribute, value)


@every("cls", DECLARED, ids=path)
def test_an_unknown_argument_is_refused_with_what_there_is(cls):
    name = next(iter(cls.__declared__))
    with pytest.raises(TypeError, match=rf"{cls.__name__} has no argument '{name}e'\..*{name}"):
        cls(**required_by(cls), **{f"{name}e": 1})


def test_too_many_and_too_few_arguments_are_told():
    with pytest.raises(TypeError, match=r"MaxNorm\(m, axis\) takes at most 2 arguments in places; got 3"):
        constraints.MaxNorm(1, 2, 3)
    with pytest.raises(TypeError, match=r"EigenvalueRegularizer\(k\): 'k' is missing"):
        regularizers.EigenvalueRegularizer()
    with pytest.raises(TypeError, match="got an argument twice"):
        constraints.MaxNorm(1, m=2)
    with pytest.raises(TypeError, match="scale and gain are two names of one argument"):
        initializers.Identity(gain=1, scale=2)


def test_other_spellings():
    assert constraints.MaxNorm(max_value=3).m == 3
    assert initializers.Orthogonal(scale=2).gain == initializers.Orthogonal(gain=2).gain == 2
    assert float(optimizers.Adam(learning_rate=0.5).lr) == 0.5


# What users declare, and what they write by hand.


class Sharp(optimizers.Optimizer):
    """Steps by the sign of the mean gradient."""

    lr: optimizers.LearningRate = argument(default=0.1)
    memory: optimizers.Hyperparameter = argument("how slowly the mean follows", default=0.5, at_least=0, below=1)
    cubed: bool = argument("whether the mean is cubed", default=False)

    slots = ("mean",)

    def step(self, p, g, slots, h, t):
        mean = h.memory * slots.mean + (1 - h.memory) * g
        return p - h.lr * K.sign(mean), (mean,)


class Near(constraints.Constraint):
    """Everything within `far` of zero."""

    far: float = argument("the largest absolute value", default=1.0, above=0)

    def __call__(self, p):
        return K.clip(p, -self.far, self.far)


class Rows(regularizers.Regularizer):
    """Norms of rows."""

    rate: float = argument("the factor", at_least=0)

    def __call__(self, x):
        return self.rate * K.sum(K.sqrt(K.sum(K.square(x), axis=1) + 1e-7))


class Ramp(initializers.Initializer):
    """0, 1, 2 and so on, times a number."""

    slope: float = argument("the number", default=1.0)

    def make(self, shape, name=None, dim_ordering="th"):
        return K.variable(self.slope * np.arange(np.prod(shape)).reshape(shape), name=name)


class Gap(losses.Loss):
    """The mean distance beyond `free`."""

    free: float = argument("distance that costs nothing", default=0.0, at_least=0)

    def call(self, y_true, y_pred):
        return K.mean(K.maximum(K.abs(y_true - y_pred) - self.free, 0.0), axis=-1)


OWN = {Sharp: {"memory": 0.25, "cubed": True}, Near: {"far": 0.5}, Rows: {"rate": 0.5}, Ramp: {"slope": 2.0}}


@every("cls", OWN, ids=lambda cls: cls.__name__)
def test_a_users_class_declares_in_the_same_way(cls):
    given = OWN[cls]
    made = cls(**given)
    assert given.items() <= made.get_config().items()
    assert cls.from_config(made.get_config()).get_config() == made.get_config()
    assert unexplained(cls, cls.__doc__) == []
    for name in given:
        with pytest.raises((ValueError, TypeError), match=f"{cls.__name__}, argument '{name}'"):
            cls(**{**given, name: -1j})


def test_parts_of_ones_own_train_together():
    np.random.seed(0)
    layer = Dense(2, init=Ramp(0.125), W_constraint=Near(0.5), W_regularizer=Rows(0.01), input_dim=3)
    model = Sequential([layer])
    model.compile(Sharp(lr=0.05, clipvalue=1.0), Gap(free=0.1))
    x = np.random.RandomState(0).randn(32, 3)
    before = layer.get_weights()[0]
    np.testing.assert_allclose(before, 0.125 * np.arange(6).reshape(3, 2))
    history = model.fit(x, x[:, :2] - x[:, 2:], nb_epoch=3, verbose=0).history["loss"]
    assert history[-1] < history[0] and np.abs(layer.get_weights()[0]).max() <= 0.5
    assert model.optimizer.hyperparameters == ("lr", "memory") and len(model.optimizer.weights) == 3


def test_a_step_that_gives_too_few_slots_is_told():
    class Forgetful(Sharp):
        def step(self, p, g, slots, h, t):
            return super().step(p, g, slots, h, t)[0], ()

    model = Sequential([Dense(1, input_dim=1)])
    model.compile(Forgetful(), "mse")
    with pytest.raises(ValueError, match=r"Forgetful.step gave 0 slots .* names 1: \('mean',\)"):
        model.train_on_batch(np.ones((2, 1)), np.ones((2, 1)))


def test_slots_may_have_any_names():
    class Hidden(Sharp):
        slots = ("_mean",)

        def step(self, p, g, slots, h, t):
            return p - h.lr * slots[0], (g,)

    model = Sequential([Dense(1, input_dim=1, bias=False)])
    model.compile(Hidden(lr=0.5), "mse")
    model.set_weights([np.ones((1, 1))])
    for expected in (1.0, 0.0):  # the gradient of the step before is 2
        model.train_on_batch(np.ones((2, 1)), np.zeros((2, 1)))
        assert model.get_weights()[0] == pytest.approx(expected)


def test_constructors_of_ones_own_stay_as_they_are():
    class Momentum(optimizers.SGD):
        def __init__(self, lr=0.2, **kwargs):
            super().__init__(lr=lr, momentum=0.5, **kwargs)

    class Narrow(constraints.MaxNorm):
        def __init__(self):
            super().__init__(0.5)

    class Plain(constraints.Constraint):
        def __init__(self, width):
            self.width = width

    made = Momentum(0.4, clipnorm=3)
    assert (float(made.lr), float(made.momentum), made.clipnorm) == (pytest.approx(0.4), 0.5, 3)
    assert Narrow().m == 0.5 and Narrow().axis == 0
    assert Plain(3).get_config() == {"name": "Plain", "width": 3}


def test_an_option_may_be_an_attribute_of_the_class():
    class Clipped(optimizers.SGD):
        clipvalue = 0.5

    assert Clipped().clipvalue == 0.5 and optimizers.SGD().clipvalue is None


# What is held.


@every("number", [0.25, np.float32(0.25), np.float64(0.25), 1])
def test_a_hyper_parameter_stays_a_variable(number):
    optimizer = optimizers.SGD()
    held = optimizer.lr
    optimizer.lr = number
    assert optimizer.lr is held and float(held) == number


def test_optax_is_not_written_down():
    with pytest.raises(ValueError, match="optax"):
        optimizers.TFOptimizer(optax.sgd(0.1)).get_config()


def test_seeds_draw_the_same_and_leave_numpys_state():
    for cls in (initializers.RandomNormal, initializers.GlorotUniform, initializers.Orthogonal):
        np.random.seed(1)
        first, after = cls(seed=3)((3, 3)).get_value(), np.random.rand()
        np.random.seed(1)
        assert np.random.rand() == after
        np.testing.assert_array_equal(cls(seed=3)((3, 3)).get_value(), first)


def test_initializers_are_kept_in_models():
    model = Sequential([Dense(2, init=initializers.Constant(0.25), input_dim=3)])
    text = model.to_json()
    assert "@" not in text and "Constant" in text
    np.testing.assert_array_equal(model_from_json(text).get_weights()[0], np.full((3, 2), 0.25))


class Halves(initializers.Initializer):
    """A half everywhere, in the manner of Keras 3."""

    def __call__(self, shape, dtype=None):
        return np.full(shape, 0.5)


class Scaled(Layer):
    """One with a constructor of its own."""

    def __init__(self, init="one", **kwargs):
        self.init = initializations.get(init)
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.W = self.add_weight(input_shape[1:], self.init, "W")

    def call(self, x, mask=None):
        return x * self.W


@every("make", [lambda: Dense(2, init=Halves(), input_dim=2), lambda: Scaled(Halves(), input_shape=(2,))])
def test_an_initializer_of_ones_own_is_found_in_this_process(make):
    again = model_from_json(Sequential([make()]).to_json(), custom_objects={"Scaled": Scaled})
    assert set(again.get_weights()[0].ravel()) == {0.5}


@every("form", ["one", "list", "dictionary"])
def test_a_loss_keeps_its_arguments_in_a_file(form, tmp_path):
    model = Sequential([Dense(2, input_dim=3)])
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    model.compile("sgd", {"one": loss, "list": [loss], "dictionary": {model.output_names[0]: loss}}[form])
    x, y = np.random.rand(8, 3), np.random.randint(-1, 2, (8, 1))
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert again.evaluate(x, y, verbose=0) == pytest.approx(model.evaluate(x, y, verbose=0))


def test_a_loss_without_a_formula_says_what_to_write():
    with pytest.raises(TypeError, match=r"Loss must define call\(y_true, y_pred\)"):
        losses.Loss()(np.ones(2), np.ones(2))
    with pytest.raises(TypeError, match=r"Initializer must define make"):
        initializers.Initializer()((2, 2))
