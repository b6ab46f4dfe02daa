"""Every optimizer and schedule of Keras 3, with every option, takes the steps that Keras 3 takes."""

import copy
from pathlib import Path

import numpy as np
import optax
import pytest

from horngate import keras3, optimizers
from horngate.backend.graph import Variable
from horngate.callbacks import Callback, LearningRateScheduler, ReduceLROnPlateau
from horngate.layers import Dense
from horngate.models import Sequential, load_model
from horngate.training.many import fit_many
from tests.optimizers.cases import CASES, SCHEDULES, STEPS, steps

GOLDEN = np.load(Path(__file__).parent.parent / "golden" / "optimizers" / "keras3.npz")


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{name} {options}" for name, options in CASES])
def test_the_steps_are_those_of_keras_3(number):
    ours = steps(keras3, Variable, Variable.get_value, *CASES[number])
    np.testing.assert_allclose(ours, GOLDEN["steps"][number], rtol=2e-6, atol=6e-6)


def test_every_argument_of_every_class_is_tried():
    """What is taken has an effect: a case with another value ends elsewhere than the one without."""
    everywhere = {"name", "loss_scale_factor", "ema_momentum"}  # the latter with use_ema
    for name in sorted({name for name, _ in CASES}):
        signature = getattr(keras3.optimizers, name).__signature__
        tried = {word for case, options in CASES if case == name for word in options}
        assert not set(signature.parameters) - tried - everywhere - {"exclude_layers", "exclude_embeddings"}, name


@pytest.mark.parametrize("number", range(len(SCHEDULES)), ids=[str(case) for case in SCHEDULES])
def test_the_rates_are_those_of_keras_3(number):
    name, args, more = SCHEDULES[number]
    schedule = getattr(keras3.optimizers.schedules, name)(*args, **more)
    np.testing.assert_allclose([float(schedule(step)) for step in range(STEPS)], GOLDEN["rates"][number], 2e-6, 1e-8)
    again = type(schedule).from_config(schedule.get_config())
    assert float(again(3)) == float(schedule(3))


@pytest.mark.parametrize("number", range(len(SCHEDULES)), ids=[str(case) for case in SCHEDULES])
def test_a_schedule_is_the_rate_within_fit_and_in_files(number, tmp_path):
    name, args, more = SCHEDULES[number]
    optimizer = optimizers.SGD(lr=getattr(optimizers.schedules, name)(*args, **more))
    model = Sequential([Dense(1, input_dim=1, bias=False, init="zero")])
    model.compile(optimizer, lambda y_true, y_pred: -y_pred)  # a gradient of -1 for an input of 1
    model.fit(np.ones((STEPS, 1)), np.ones((STEPS, 1)), batch_size=1, nb_epoch=1, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0][0, 0], GOLDEN["rates"][number].sum(), rtol=1e-5)
    model.compile(optimizers.SGD(lr=optimizer.schedule), "mse")
    model.fit(np.ones((2, 1)), np.ones((2, 1)), batch_size=1, nb_epoch=1, verbose=0)
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert float(again.optimizer.schedule(4)) == float(optimizer.schedule(4))


def trained(optimizer, **options):
    np.random.seed(1)
    model = Sequential([Dense(2, input_dim=3)])
    model.compile(optimizer, "mse")
    model.fit(np.ones((8, 3)), np.ones((8, 2)), batch_size=2, nb_epoch=2, verbose=0)
    return model


def test_averages_are_the_weights_when_fit_ends():
    plain, averaged = trained(optimizers.SGD(lr=0.1)), trained(optimizers.SGD(lr=0.1, use_ema=True, ema_momentum=0.5))
    assert not np.allclose(plain.get_weights()[0], averaged.get_weights()[0])
    for weight, average in averaged.optimizer.averages:
        np.testing.assert_array_equal(weight.get_value(), average.get_value())


@pytest.mark.parametrize("pattern", ["_b$", "bias"])
def test_what_is_excluded_does_not_decay(pattern):
    def biases(excluded):
        optimizer = optimizers.SGD(lr=0.1, weight_decay=5.0)
        if excluded:
            optimizer.exclude_from_weight_decay(var_names=[pattern])
        return trained(optimizer).get_weights()

    assert not np.allclose(biases(True)[1], biases(False)[1])


def test_an_exclusion_that_means_nothing_is_told():
    optimizer = optimizers.SGD(weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["gamma"])
    with pytest.raises(ValueError, match="'gamma' matches no variable that is trained. There are dense"):
        trained(optimizer)
    used = trained(optimizers.SGD(weight_decay=0.1)).optimizer
    with pytest.raises(ValueError, match="call it before training begins"):
        used.exclude_from_weight_decay(var_names=["bias"])


def test_muon_leaves_to_adam_what_is_named():
    def kernel(**options):
        rows = steps(keras3, Variable, Variable.get_value, "Muon", {"learning_rate": 0.1, **options})
        return rows[-1][:12]

    assert not np.allclose(kernel(), kernel(exclude_layers=["kern"]))
    np.testing.assert_array_equal(kernel(), kernel(exclude_layers=["nothing"]))


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Nadam"])
def test_an_era_is_bound_to_what_is_made_in_it(name):
    made = getattr(keras3.optimizers, name)()
    np.testing.assert_allclose(float(made.lr.get_value()), {"SGD": 0.01}.get(name, 0.001), rtol=1e-6)
    assert getattr(optimizers, name)().get_config() != made.get_config() or name in ("SGD",)


@pytest.mark.parametrize("option", ["weight_decay", "use_ema", "ema_momentum", "gradient_accumulation_steps"])
def test_update_step_refuses_what_would_have_no_effect(option):
    class Own(optimizers.Optimizer):
        def __init__(self, **options):
            super().__init__(learning_rate=0.1, **options)

        def update_step(self, gradient, variable, learning_rate):
            self.assign_sub(variable, learning_rate * gradient)

    trained(Own())
    with pytest.raises(ValueError, match=f"Own: {option} has no effect.*Define step"):
        trained(Own(**{option: {"use_ema": True, "ema_momentum": 0.9}.get(option, 1)}))


class Setting(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.1


@pytest.mark.parametrize(
    "callback",
    [LearningRateScheduler(lambda epoch: 0.1), ReduceLROnPlateau("loss", patience=0, epsilon=100.0), Setting()],
    ids=lambda callback: type(callback).__name__,
)
def test_a_rate_beside_a_schedule_is_refused(callback):
    """It would be read back, and never used."""
    optimizer = optimizers.SGD(lr=optimizers.schedules.ExponentialDecay(0.1, 2, 0.5))
    model = Sequential([Dense(2, input_dim=3)])
    model.compile(optimizer, "mse")
    with pytest.raises(TypeError, match="SGD: the schedule .* gives the learning rate, so that none can be set"):
        model.fit(np.ones((8, 3)), np.ones((8, 2)), batch_size=2, nb_epoch=4, verbose=0, callbacks=[callback])


def test_what_is_set_of_an_optimizer_comes_back_from_a_file(tmp_path):
    optimizer = optimizers.SGD(lr=optimizers.schedules.ExponentialDecay(0.1, 2, 0.5), weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model = trained(optimizer)
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert again.optimizer.undecayed == ["bias"]
    assert float(again.optimizer.lr.get_value()) == float(model.optimizer.lr.get_value()) < 0.05
    for each in (model, again):
        each.train_on_batch(np.ones((2, 3)), np.ones((2, 2)))
    np.testing.assert_array_equal(model.get_weights()[1], again.get_weights()[1])


def test_averages_are_the_weights_when_fit_many_ends():
    def build(**configuration):
        model = Sequential([Dense(2, input_dim=3)])
        model.compile(optimizers.SGD(lr=0.1, use_ema=True, ema_momentum=0.5), "mse")
        return model

    runs = fit_many(build, [{}, {}], np.ones((8, 3)), np.ones((8, 2)), batch_size=2, nb_epoch=2, verbose=0)
    for run in runs:
        for weight, average in run.model.optimizer.averages:
            np.testing.assert_array_equal(weight.get_value(), average.get_value())


def test_options_without_effect_are_refused():
    with pytest.raises(ValueError, match="ema_overwrite_frequency has no effect.*use_ema=True"):
        optimizers.SGD(ema_overwrite_frequency=3)
    with pytest.raises(ValueError, match="weight_decay has no effect.*add_decayed_weights"):
        trained(optimizers.TFOptimizer(optax.sgd(0.1), weight_decay=0.5))


def test_apply_keeps_its_slots():
    """A step on other variables, or a model beside it, would begin with new ones."""
    one, other = Variable(np.ones(2), name="one"), Variable(np.ones(2), name="other")
    optimizer = optimizers.Adam()
    with pytest.raises(ValueError, match="give trainable_variables in the first call"):
        optimizer.apply([np.ones(2)])
    optimizer.apply([np.ones(2)], [one])
    optimizer.apply_gradients([(np.ones(2), one)])
    np.testing.assert_allclose(one.get_value(), 0.998, atol=1e-6)
    with pytest.raises(ValueError, match="variables of the first call, one"):
        optimizer.apply([np.ones(2)], [other])
    with pytest.raises(ValueError, match="compile the model with another one"):
        trained(optimizer)
    again, same = copy.deepcopy((optimizer, one))
    again.apply([np.ones(2)], [same])
    optimizer.apply([np.ones(2)], [one])
    np.testing.assert_array_equal(same.get_value(), one.get_value())
    with pytest.raises(ValueError, match="a compiled model uses this optimizer"):
        trained_one = trained(optimizers.Adam())
        trained_one.optimizer.apply([np.ones(2)], [one])


def test_a_schedule_of_an_optimizer_of_ones_own_is_described():
    class Own(optimizers.Optimizer):
        hyperparameters = ("lr",)

        def __init__(self, lr=0.1, **options):
            self.lr = lr
            super().__init__(**options)

        def step(self, p, g, slots, h, t):
            return p - h.lr * g, ()

    described = Own(optimizers.schedules.CosineDecay(0.1, 5)).get_config()["lr"]
    assert described == {"class_name": "CosineDecay", "config": optimizers.schedules.CosineDecay(0.1, 5).get_config()}
