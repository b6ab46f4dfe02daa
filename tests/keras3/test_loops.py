"""Training loops of one's own with a scaled loss, as programs of Keras 3 write them."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3

SCALED = {
    "a factor": lambda: keras3.optimizers.SGD(0.5, loss_scale_factor=1024.0),
    "an optimizer": lambda: keras3.optimizers.LossScaleOptimizer(keras3.optimizers.SGD(0.5), initial_scale=8.0),
    "none": lambda: keras3.optimizers.SGD(0.5),
}


@pytest.mark.parametrize("how", SCALED)
def test_apply_divides_by_what_scale_loss_multiplied_by(how):
    optimizer, variable = SCALED[how](), K.variable(np.zeros(2))
    scale = float(np.asarray(optimizer.scale_loss(1.0)))
    for _ in range(2):
        optimizer.apply([np.full(2, 3 * scale, "float32")], [variable])
    np.testing.assert_allclose(variable.get_value(), [-3, -3], rtol=1e-6)
    assert (scale == 1) == (how == "none")


def test_a_step_by_hand_is_left_out_when_a_gradient_overflows():
    optimizer, variable = SCALED["an optimizer"](), K.variable(np.zeros(2))
    for gradient in (8.0, np.inf, 4.0):
        optimizer.apply([np.full(2, gradient, "float32")], [variable])
    np.testing.assert_allclose(variable.get_value(), [-1, -1], rtol=1e-6)  # the scale is 4 at the end
    assert int(optimizer.iterations) == 2


class Stepping(keras3.Model):
    """A model whose step is its own, so that the default parts of steps run."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras3.layers.Dense(1, kernel_initializer="ones")

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        return super().train_step(data)


def test_the_step_of_a_model_scales_its_loss():
    x, weights = np.ones((4, 2), "float32"), []
    for how in ("a factor", "none"):
        model = Stepping()
        model.compile(SCALED[how](), "mse")
        model.fit(x, x[:, :1], batch_size=2, epochs=2, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    np.testing.assert_allclose(*weights, rtol=1e-6)


def test_muon_gives_embeddings_to_adam():
    """Adam's step follows the sign of the first gradient; Muon's makes rows and columns orthogonal."""
    steps = []
    for excluded in (True, False):
        model = keras3.Sequential([keras3.Input((2,), dtype="int32"), keras3.layers.Embedding(4, 3)])
        model.compile(keras3.optimizers.Muon(0.1, exclude_embeddings=excluded), "mse")
        before = model.get_weights()[0]
        x = np.array([[0, 1], [2, 3]])
        model.train_on_batch(x, np.arange(12.0).reshape(2, 2, 3))
        steps.append(model.get_weights()[0] - before)
    assert np.ptp(np.abs(steps[0])) < 0.05 * np.abs(steps[0]).max() and np.ptp(np.abs(steps[1])) > np.ptp(abs(steps[0]))
