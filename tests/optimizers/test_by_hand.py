"""Optimizers of Keras 3 by hand: steps, own ones that assign, and optimizers of optimizers. Numbers of Keras 3.15."""

import numpy as np
import pytest

from horngate import keras3 as keras
from horngate.models import load_model
from horngate.optimizers import optimizer_from_config, serialize

O = keras.optimizers  # noqa: E741
R = np.random.default_rng(1)
X, Y = R.normal(size=(40, 3)).astype("float32"), R.normal(size=(40, 2)).astype("float32")


class Own(keras.optimizers.Optimizer):
    """One that keeps variables, and reads them again after it has assigned to them."""

    def __init__(self, learning_rate=0.01, beta=0.9, name="own", **kwargs):
        super().__init__(learning_rate, name=name, **kwargs)
        self.beta = beta

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._m = [self.add_variable_from_reference(reference_variable=v, name="m") for v in variables]
        self._v = [self.add_variable_from_reference(v, name="v") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        m, v = (kept[self._get_variable_index(variable)] for kept in (self._m, self._v))
        t = keras.ops.cast(self.iterations + 1, variable.dtype)
        self.assign_add(m, (gradient - m) * (1 - self.beta))
        self.assign_add(v, (keras.ops.square(gradient) - v) * (1 - 0.99))
        rate = learning_rate / (1 - keras.ops.power(self.beta, t))
        self.assign_sub(variable, m * rate / (keras.ops.sqrt(v) + 1e-7))


def by_pattern():
    told = O.OptimizerMap(O.SGD(0.05))
    told[".*dense.*kernel"] = O.Adam(0.02)
    return O.MultiOptimizer(told)


MADE = {  # what makes an optimizer -> the weights after 15 steps, each multiplied by 0, 1, 2, ... and summed
    "own": (Own, [-8.72287, -4.38853, 6.69158, 0.35869]),
    "own with a schedule": (lambda: Own(O.schedules.ExponentialDecay(0.1, 5, 0.5)), [9.2213, 4.10903, 8.8331, 0.26086]),
    "scaled": (lambda: O.LossScaleOptimizer(O.Adam(0.01)), [-8.03418, -4.68564, 7.75802, 0.21234]),
    "scaled by its own": (
        lambda: O.LossScaleOptimizer(O.SGD(0.01, momentum=0.9), initial_scale=1024.0, dynamic_growth_steps=4),
        [-6.69769, -4.54013, 8.48848, 0.3133],
    ),
    "by pattern": (by_pattern, [-8.75718, -4.7234, 7.10332, 0.27269]),
    "by function": (
        lambda: O.MultiOptimizer(lambda v: O.Adam(0.01) if "kernel" in v.path else O.SGD(0.1)),
        [-8.17964, -4.78715, 7.67601, 0.46511],
    ),
}


def net():
    layers = [keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(2)]
    made, rng = keras.Sequential(layers), np.random.default_rng(0)
    made.set_weights([rng.normal(size=w.shape) for w in made.get_weights()])
    return made


def summed(model):
    return [float((w * np.arange(w.size).reshape(w.shape)).sum()) for w in model.get_weights()]


def trained(optimizer):
    model = net()
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    return model


@pytest.mark.parametrize("name", MADE)
def test_steps_are_those_of_keras_3(name):
    make, wanted = MADE[name]
    model = trained(make())
    np.testing.assert_allclose(summed(model), wanted, atol=3e-5)
    assert int(model.optimizer.iterations) == 15


def test_a_dynamic_scale_doubles_as_often_as_it_was_told():
    scale = trained(MADE["scaled by its own"][0]()).optimizer.scaling[0]
    assert float(scale) == 1024.0 * 2**3


GRADIENTS = [np.ones(w.shape, "float32") for w in net().get_weights()]
BY_HAND = {  # after `build`: the sums of the weights after one pure step; those of `summed` after two steps
    "Adam": (lambda: O.Adam(0.01), [0.14485, -4.562, 1.43783, 0.97748], [-8.53452, -5.02742, 7.86208, 0.07401]),
    "SGD": (
        lambda: O.SGD(0.1, momentum=0.9),
        [-0.93515, -4.922, 0.71783, 0.79748],
        [-26.35453, -6.64742, 0.30208, -0.19599],
    ),
    "own": (Own, [-0.93515, -4.922, 0.71783, 0.79748], [-18.49313, -5.93274, 3.63722, -0.07688]),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_steps_by_hand(name):
    make, after_one, after_two = BY_HAND[name]
    model, optimizer = net(), make()
    optimizer.build(model.trainable_variables)
    before = [np.asarray(v) for v in optimizer.variables]
    values, state = optimizer.stateless_apply(before, GRADIENTS, [np.asarray(v) for v in model.trainable_variables])
    np.testing.assert_allclose([float(v.sum()) for v in values], after_one, atol=3e-5)
    assert len(state) == len(before) and float(state[0]) == 1 and int(optimizer.iterations) == 0
    optimizer.apply(GRADIENTS)
    optimizer.apply(GRADIENTS, model.trainable_variables)
    np.testing.assert_allclose(summed(model), after_two, atol=3e-5)
    store = {}
    optimizer.save_own_variables(store)
    again = make()
    again.build(net().trainable_variables)
    again.load_own_variables(store)
    for one, other in zip(optimizer.variables, again.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize("name", ["scaled", "scaled by its own", "by pattern"])
def test_optimizers_of_optimizers_come_back_from_files(name, tmp_path):
    model = trained(MADE[name][0]())
    told = serialize(model.optimizer)
    assert serialize(optimizer_from_config(told)) == told
    model.save(tmp_path / "m.h5")
    again = load_model(str(tmp_path / "m.h5"))
    for each in (model, again):
        each.fit(X, Y, batch_size=8, epochs=1, shuffle=False, verbose=0)
    np.testing.assert_allclose(summed(again), summed(model), atol=1e-5)


REFUSED = [
    (lambda: O.LossScaleOptimizer("adam"), TypeError, "inner_optimizer.*must be an optimizer"),
    (lambda: trained(O.LossScaleOptimizer(Own())), ValueError, "Own defines update_step"),
    (lambda: O.MultiOptimizer({}), TypeError, "optimizer_map.*must be an OptimizerMap or a function"),
    (lambda: O.MultiOptimizer(abs, weight_decay=0.1), (ValueError, TypeError), "weight_decay"),
    (lambda: O.OptimizerMap(O.SGD(), {"x": 3}), ValueError, "'x': must be an optimizer"),
    (lambda: O.OptimizerMap(O.SGD(), {".*": O.SGD(), ".*b": O.SGD()})["ab"], ValueError, "matched by several"),
    (lambda: O.Adam().stateless_apply([], [], []), ValueError, "call build"),
    (lambda: O.Adam().update_step(1, 2, 3), TypeError, "defines `step`"),
    (lambda: Own().add_variable((2,), aggregation="sum"), ValueError, "aggregation must be 'none'"),
    (lambda: serialize(O.MultiOptimizer(abs)), ValueError, "cannot be stored"),
]


@pytest.mark.parametrize("call, error, words", REFUSED)
def test_what_has_no_meaning_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_built_optimizer_can_still_be_compiled():
    optimizer = O.Adam(0.01)
    optimizer.build(net().trainable_variables)
    np.testing.assert_allclose(summed(trained(optimizer)), summed(trained(O.Adam(0.01))), atol=1e-6)


def test_the_steps_of_muon_by_hand():
    muon = O.Muon()
    np.testing.assert_allclose(muon.lr_adjust(np.ones((3, 5), "float32")), 0.44721362, rtol=1e-6)
    found = muon.zeropower_via_newtonschulz5(np.eye(3, 5, dtype="float32") + 0.1, 5)
    np.testing.assert_allclose(np.asarray(found)[0], [0.84135437, 0.1366935, 0.1366935, 0.08574928, 0.08574928], 1e-4)
    assert muon.transpose_last_axis(np.ones((3, 5))).shape == (5, 3)
