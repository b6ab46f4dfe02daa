"""Compiled functions: they do what the Python function does, once for each kind of arguments."""

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import keras3 as keras
from horngate.keras3 import layers, ops

X = np.random.default_rng(2).normal(size=(32, 4)).astype("float32")
Y = (X @ np.ones((4, 3))).astype("float32")


def test_effects_count_even_if_nothing_is_returned():
    mean, v = keras.metrics.Mean(), K.variable(0.0)

    @horngate.function
    def run(x):
        mean(ops.sum(x))
        v.assign_add(ops.sum(x))

    for _ in range(3):
        assert run(np.ones(3)) is None
    assert float(mean.result()) == 3.0 and v.get_value() == 9.0 and run.programs == 1
    mean.reset_state()
    assert float(mean.result()) == 0.0
    run(np.full(3, 2.0))
    assert float(mean.result()) == 6.0


def test_a_program_for_each_shape_and_constant():
    calls = []

    @horngate.function
    def run(x, power=2):
        calls.append(power)
        return {"y": x**power, "z": (x, power)}

    for _ in range(2):
        for given in (X, X[:5]):
            for power in (2, 3):
                found = run(given, power=power)
                assert np.allclose(found["y"], given**power, rtol=1e-4) and found["z"][1] == power
    assert run.programs == 4 and set(calls) == {2, 3} and len(calls) <= 8


def test_a_loop_of_ones_own_trains():
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3)])
    optimizer = keras.optimizers.Adam(0.05)

    @horngate.function
    def step(x, y):
        with horngate.GradientTape() as tape:
            loss = ops.mean(ops.square(y - model(x, training=True)))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
        return loss

    losses = [float(step(X[i : i + 8], Y[i : i + 8])) for _ in range(20) for i in range(0, 32, 8)]
    assert losses[-1] < losses[0] / 4 and step.programs == 1


def test_methods_and_functions_in_functions():
    class Trainer:
        factor = 2.0

        @horngate.function
        def run(self, x):
            return inner(x) * self.factor

    @horngate.function
    def inner(x):
        return x + 1.0

    one, other = Trainer(), Trainer()
    other.factor = 5.0
    assert np.allclose(one.run(X), (X + 1) * 2) and np.allclose(other.run(X), (X + 1) * 5)
    assert inner.programs == 0


def test_what_needs_python_runs_by_python_and_says_so():
    @horngate.function
    def run(x):
        return x * 2.0 if float(ops.sum(x)) > 0 else x * 3.0

    with pytest.warns(UserWarning, match="run runs by Python.*no number yet"):
        assert np.allclose(run(np.ones(2)), 2.0)
    assert np.allclose(run(-np.ones(2)), -3.0)


def test_dropout_draws_anew_and_the_gradient_sees_the_same_draw():
    drop, v = layers.Dropout(0.5), K.variable(np.ones(64))
    for way in (lambda f: f, horngate.function):

        @way
        def run():
            with horngate.GradientTape() as tape:
                y = drop(v * ops.ones((64,)), training=True)
                total = ops.sum(y)
            return y, tape.gradient(total, v)

        one, other = run(), run()
        for y, gradient in (one, other):
            assert np.array_equal(y, gradient) and 10 < np.count_nonzero(y) < 54
        assert not np.array_equal(one[0], other[0])


def test_pure_functions_go_there_and_back():
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3), layers.BatchNormalization(), layers.Dropout(0.5)])
    apply, params, state, restore = horngate.pure(model)
    outputs, after = apply(params, state, X)
    assert np.allclose(outputs, model.predict(X), atol=1e-5) and all(np.array_equal(after[n], state[n]) for n in state)
    key = np.array([0, 1], np.uint32)
    one, other = (apply(params, state, X, training=True, key=key)[0] for _ in range(2))
    assert np.array_equal(one, other)
    _, after = apply(params, state, X, training=True, key=key)
    assert any(not np.array_equal(after[n], state[n]) for n in state)
    restore({name: value * 2 for name, value in params.items()}, after)
    assert np.allclose(model.get_weights()[0], 2 * params[next(iter(params))])


def test_unknown_arguments_are_refused():
    assert np.allclose(horngate.function(jit_compile=True)(lambda x: x * 2.0)(np.ones(2)), 2.0)
    with pytest.raises(TypeError, match="function has no argument 'jit_compiel'"):
        horngate.function(jit_compiel=True)
    with pytest.raises(TypeError, match="aggregate"):
        keras.optimizers.SGD().apply_gradients([], aggregate=False)
