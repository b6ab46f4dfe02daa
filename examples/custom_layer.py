"""A layer and a loss of one's own: bumps that place themselves, and quantiles instead of a mean.

    python examples/custom_layer.py [--quick]

The layer measures how near its input is to learned centres; the loss makes three outputs the 10 %, 50 % and 90 %
quantiles, so the network also says how sure it is. Draws the band into out/custom_layer.png and prints how many test
points lie within: 80 % should.
"""

import sys
from pathlib import Path

import numpy as np

from horngate import backend as K
from horngate.engine.topology import Layer
from horngate.layers import Dense
from horngate.models import Sequential

QUICK = "--quick" in sys.argv
OUT = Path("out")
QUANTILES = np.array([0.1, 0.5, 0.9], "float32")


class Bumps(Layer):
    """exp(-sharpness * (distance to a centre)^2), for `output_dim` centres."""

    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.centres = self.add_weight((input_shape[1], self.output_dim), initializer="uniform", name="centres")
        self.sharpness = self.add_weight((self.output_dim,), initializer="one", name="sharpness")
        self.centres.set_value(np.linspace(-3, 3, self.output_dim)[np.newaxis])
        super().build(input_shape)

    def call(self, x, mask=None):
        squares = K.sum(K.square(K.expand_dims(x, 2) - self.centres), axis=1)
        return K.exp(-K.exp(self.sharpness) * squares)

    def get_output_shape_for(self, input_shape):
        return input_shape[0], self.output_dim


def pinball(y_true, y_pred):
    """The loss whose minimum is the quantile. Koenker and Bassett (1978)."""
    missed = y_true - y_pred
    return K.mean(K.maximum(QUANTILES * missed, (QUANTILES - 1) * missed), axis=-1)


def points(number):
    """A wave whose noise grows to the right."""
    x = np.random.uniform(-3, 3, (number, 1))
    return x, np.sin(2 * x) + (0.1 + 0.15 * (x + 3)) * np.random.randn(number, 1)


def main():
    """Fit the band, draw it."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(0)
    x, y = points(200 if QUICK else 4000)
    model = Sequential([Bumps(24, input_shape=(1,)), Dense(3)])
    model.compile("adam", pinball)
    model.optimizer.lr = 0.01
    model.fit(x, np.repeat(y, 3, axis=1), batch_size=64, nb_epoch=1 if QUICK else 60, verbose=0)
    x, y = points(2000)
    low, _, high = model.predict(x).T
    print(f"{np.mean((low < y[:, 0]) & (y[:, 0] < high)):.1%} of new points lie in the band of 80 %")

    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    line = np.linspace(-3, 3, 200)[:, np.newaxis]
    low, middle, high = model.predict(line).T
    axes.scatter(x[:600], y[:600], s=4, color="0.6")
    axes.fill_between(line[:, 0], low, high, alpha=0.25, label="10 % to 90 %")
    axes.plot(line, middle, label="median")
    axes.legend(frameon=False)
    figure.savefig(OUT / "custom_layer.png", dpi=120)


if __name__ == "__main__":
    main()
