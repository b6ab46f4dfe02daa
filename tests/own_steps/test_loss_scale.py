"""Loss scaling in steps of one's own: gradients are divided by the scale, and steps that overflow are left out."""

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import keras3
from horngate.keras3 import layers, ops

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X.sum(-1, keepdims=True)


def optimizer_with(kind):
    optimizers = keras3.optimizers
    if kind == "wrapped":
        return optimizers.LossScaleOptimizer(optimizers.SGD(0.05, momentum=0.5), initial_scale=1024.0)
    return optimizers.SGD(0.05, momentum=0.5, loss_scale_factor=None if kind == "plain" else 64.0)


def network():
    return keras3.Sequential([layers.Input((3,)), layers.Dense(1, kernel_initializer="ones")])


def by_apply(model, optimizer, factor):
    """A step with `scale_loss`, as in Keras 3."""
    with horngate.GradientTape() as tape:
        loss = ops.mean((model(X) - Y * 2) ** 2) * factor
        scaled = optimizer.scale_loss(loss)
    weights = model.trainable_weights
    optimizer.apply_gradients(zip(tape.gradient(scaled, weights), weights))


def by_hand(model, optimizer, factor):
    """A step that scales and unscales itself, as in tf.keras."""
    with horngate.GradientTape() as tape:
        scaled = optimizer.get_scaled_loss(ops.mean((model(X) - Y * 2) ** 2) * factor)
    weights = model.trainable_weights
    optimizer.apply_gradients(zip(optimizer.get_unscaled_gradients(tape.gradient(scaled, weights)), weights))


def compiled(step):
    return lambda model, optimizer, factor: horngate.function(lambda f: step(model, optimizer, f))(np.float32(factor))


STEPS = {"apply": by_apply, "by hand": by_hand, "compiled": compiled(by_apply), "compiled by hand": compiled(by_hand)}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["wrapped", "fixed"])
def test_the_step_is_that_without_a_scale(kind, step):
    one, other = network(), network()
    optimizer, plain = optimizer_with(kind), optimizer_with("plain")
    for _ in range(3):
        STEPS[step](one, optimizer, 1.0)
        by_apply(other, plain, 1.0)
    np.testing.assert_allclose(one.get_weights()[0], other.get_weights()[0], rtol=1e-5)
    assert int(np.asarray(optimizer.iterations.get_value())) == 3


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_overflows_is_left_out_and_the_scale_halves(step):
    model, optimizer = network(), optimizer_with("wrapped")
    STEPS[step](model, optimizer, 1.0)
    before = model.get_weights()
    STEPS[step](model, optimizer, np.inf)
    for one, other in zip(model.get_weights(), before):
        np.testing.assert_array_equal(one, other)
    assert float(K.get_value(optimizer.scaling[0])) == 512.0


class WithLoss(keras3.Model):
    """A model whose loss is its own, and whose step is the default one."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1, kernel_initializer="zeros")

    def call(self, x):
        return self.dense(x)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return 1e-4 * ops.mean(y_pred)  # its gradients are below what float16 holds, without a scale


def test_the_default_step_scales_in_float16():
    keras3.mixed_precision.set_global_policy("mixed_float16")
    try:
        changed = {}
        for scales in (True, False):
            model = WithLoss()
            model.compile(keras3.optimizers.SGD(1.0), auto_scale_loss=scales)
            model.train_on_batch(1e-4 * np.ones((4, 3), "float32"), Y[:4])
            changed[scales] = float(np.abs(np.asarray(model.get_weights()[0])).max())
    finally:
        keras3.mixed_precision.set_global_policy("float32")
    assert changed[True] == pytest.approx(1e-8, rel=0.1) and changed[False] == 0
