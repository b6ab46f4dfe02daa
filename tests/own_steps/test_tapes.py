"""GradientTape: gradients equal those of JAX, at once and in recorded functions."""

import contextlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import keras3 as keras
from horngate.keras3 import layers, ops

X = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")
ways = pytest.mark.parametrize("way", [lambda f: f, horngate.function], ids=["at once", "recorded"])


def weights():
    return K.variable(np.arange(6.0).reshape(3, 2) / 6), K.variable(np.ones(2))


def of_jax(fn, *variables):
    return jax.grad(lambda *values: fn(*values), argnums=tuple(range(len(variables))))(
        *[jnp.asarray(v.get_value()) for v in variables]
    )


def same(found, wanted):
    assert all(np.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(found, wanted, strict=True))


@ways
def test_gradients_of_variables(way):
    w, b = weights()

    @way
    def gradients(x):
        with horngate.GradientTape() as tape:
            loss = ops.sum(ops.tanh(ops.matmul(x, w) + b) ** 2)
        return tape.gradient(loss, [w, b])

    same(gradients(X), of_jax(lambda w, b: jnp.sum(jnp.tanh(X @ w + b) ** 2), w, b))
    w.set_value(w.get_value() * 2)
    same(gradients(X), of_jax(lambda w, b: jnp.sum(jnp.tanh(X @ w + b) ** 2), w, b))


@ways
def test_nested_tapes(way):
    w, _ = weights()

    @way
    def second(x):
        with horngate.GradientTape() as outer:
            with horngate.GradientTape() as inner:
                inner.watch(x)
                y = ops.sum(ops.tanh(ops.matmul(x, w)))
            slope = inner.gradient(y, x)
            penalty = ops.sum(slope**2)
        return outer.gradient(penalty, [w])

    def by_jax(w):
        return jnp.sum(jax.grad(lambda x: jnp.sum(jnp.tanh(x @ w)))(jnp.asarray(X)) ** 2)

    same(second(X), of_jax(by_jax, w))


@ways
def test_persistent_tapes_watched_tensors_and_weights_of_outputs(way):
    w, b = weights()

    @way
    def several(x):
        with horngate.GradientTape(persistent=True) as tape:
            tape.watch(x)
            hidden = ops.matmul(x, w)
            y = hidden * b
            z = ops.sum(hidden)
        return {
            "x": tape.gradient(z, x),
            "hidden": tape.gradient(y, hidden),
            "weighted": tape.gradient(y, b, output_gradients=ops.ones_like(y) * 3.0),
        }

    found = several(X)
    w_now, b_now = w.get_value(), b.get_value()
    same([found["x"]], [np.ones((6, 2)) @ w_now.T])
    same([found["hidden"]], [np.broadcast_to(b_now, (6, 2))])
    same([found["weighted"]], [3 * (X @ w_now).sum(axis=0)])


@ways
def test_what_is_outside_of_the_tape_is_constant(way):
    w, b = weights()

    @way
    def gradients(x):
        before = ops.matmul(x, w)
        with horngate.GradientTape(persistent=True) as tape:
            y = ops.sum(before * b)
            with tape.stop_recording():
                factor = ops.sum(b)
            z = factor * ops.sum(b**2)
        return tape.gradient(y, b), tape.gradient(y, w, unconnected_gradients="zero"), tape.gradient(z, b)

    of_b, of_w, of_z = gradients(X)
    same([of_b, of_w, of_z], [(X @ w.get_value()).sum(axis=0), np.zeros((3, 2)), 2 * b.get_value() * 2])


def test_a_variable_that_is_not_read_has_no_gradient():
    w, b = weights()
    with horngate.GradientTape() as tape:
        y = ops.sum(b**2)
    assert tape.gradient(y, [w, b])[0] is None
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, b)


def test_a_function_of_jax_on_a_tensor_is_refused():
    b = K.variable(np.ones(2))
    with horngate.GradientTape(), pytest.raises(TypeError, match="horngate.ops"):
        jnp.asarray(b * 2.0)


@ways
def test_layers_under_a_tape(way):
    model = keras.Sequential([layers.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(2)])
    model.build((None, 3))

    @way
    def gradients(x):
        with horngate.GradientTape() as tape:
            loss = ops.mean(ops.square(model(x, training=True)))
        return tape.gradient(loss, model.trainable_variables)

    def by_jax(w, b, v, c):
        return jnp.mean((jnp.tanh(X @ w + b) @ v + c) ** 2)

    same(gradients(X), of_jax(by_jax, *model.trainable_variables))


@ways
def test_assignments_are_ordered(way):
    v = K.variable(1.0)

    @way
    def run(x):
        before = v * 1.0
        v.assign_add(x)
        middle = v * 10.0
        v.assign(v * 2.0)
        return before, middle, v * 1.0

    with horngate.GradientTape() if way is not horngate.function else contextlib.nullcontext():
        found = [float(y) for y in run(np.float32(2.0) * np.ones(()))]
    assert found == [1.0, 30.0, 6.0] and v.get_value() == 6.0


@ways
def test_moving_averages_change_once_for_each_call(way):
    norm = layers.BatchNormalization(momentum=0.5)
    norm.build((None, 3))
    other = 3 * X + 1

    @way
    def run(a, b):
        with horngate.GradientTape(persistent=True) as tape:
            loss = ops.sum(norm(a, training=True) ** 3) + ops.sum(norm(b, training=True) ** 3)
        tape.gradient(loss, norm.trainable_variables)
        tape.gradient(loss, norm.trainable_variables)
        norm(a, training=False)
        return loss

    run(X, other)
    wanted = 0.5 * (0.5 * X.mean(axis=0)) + 0.5 * other.mean(axis=0)
    assert np.allclose(norm.moving_mean.get_value(), wanted, atol=1e-5)


def test_tensors_with_values_are_numbers_and_arrays():
    w, _ = weights()
    with horngate.GradientTape():
        y = ops.sum(w)
    assert float(y) == y.numpy() == pytest.approx(2.5) and f"{y:.1f}" == "2.5" and bool(y > 2)
    assert np.asarray(y * 2).shape == () and np.isclose((y * 2).numpy(), 5.0)


@ways
def test_a_gradient_asked_after_an_assignment_is_that_of_the_values_read(way):
    w, b = weights()
    optimizer = keras.optimizers.SGD(0.5)

    @way
    def run(x):
        with horngate.GradientTape(persistent=True) as tape:
            y = ops.sum(ops.tanh(ops.matmul(x, w) * b))
        first = tape.gradient(y, [b])
        optimizer.apply(first, [b])
        w.assign(w * 2.0)
        return tape.gradient(y, [w, b])

    wanted = of_jax(lambda w, b: jnp.sum(jnp.tanh(X @ w * b)), w, b)
    before = b.get_value()
    same(run(X), wanted)
    assert np.allclose(b.get_value(), before - 0.5 * np.asarray(wanted[1]), atol=1e-5)


@ways
def test_two_tapes_on_one_block_and_a_step_between_their_gradients(way):
    w, b = weights()
    optimizer = keras.optimizers.SGD(0.5)

    @way
    def run(x):
        with horngate.GradientTape() as one, horngate.GradientTape() as other:
            y = ops.sum(ops.tanh(ops.matmul(x, w) * b))
        optimizer.apply(one.gradient(y, [b]), [b])
        return other.gradient(y, [w])

    wanted = of_jax(lambda w, b: jnp.sum(jnp.tanh(X @ w * b)), w, b)
    same(run(X), wanted[:1])
