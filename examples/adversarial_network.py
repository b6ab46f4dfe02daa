"""Forger and judge: a generative adversarial network learns to draw points on a ring of eight clusters.

    python examples/adversarial_network.py [--quick]

The judge is frozen inside the stacked model by which the forger learns, and trained by itself in turn. Writes
out/adversarial_network.png, true points and forged ones. After Goodfellow et al. (2014).
"""

import sys
from pathlib import Path

import numpy as np

from horngate.layers import Dense
from horngate.models import Sequential
from horngate.optimizers import Adam

QUICK = "--quick" in sys.argv
OUT = Path("out")
NOISE, BATCH = 8, 256


def true_points(number):
    """Points near the eight corners of an octagon."""
    angle = np.random.randint(0, 8, number) * np.pi / 4
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * 2 + 0.05 * np.random.randn(number, 2)


def players():
    """The forger, the judge, and the forger judged."""
    forger = Sequential([Dense(96, activation="relu", input_dim=NOISE), Dense(96, activation="relu"), Dense(2)])
    judge = Sequential(
        [Dense(96, activation="relu", input_dim=2), Dense(96, activation="relu"), Dense(1, activation="sigmoid")]
    )
    judge.compile(Adam(lr=1e-3, beta_1=0.5), "binary_crossentropy")
    judge.trainable = False
    both = Sequential([forger, judge])
    both.compile(Adam(lr=1e-3, beta_1=0.5), "binary_crossentropy")
    return forger, judge, both


def draw(points, path):
    """True and forged points side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    for axes, (name, places) in zip(figure.subplots(1, 2, sharex=True, sharey=True), points.items()):
        axes.scatter(*places.T, s=4, alpha=0.4)
        axes.set(title=name, xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
    figure.savefig(path, dpi=110)


def main():
    """Let them learn in turn."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(1)
    forger, judge, both = players()
    labels = np.repeat([1.0, 0.0], BATCH)[:, np.newaxis]
    for _ in range(3 if QUICK else 6000):
        forged = forger.predict_on_batch(np.random.randn(BATCH, NOISE))
        judge.train_on_batch(np.concatenate([true_points(BATCH), forged]), labels)
        both.train_on_batch(np.random.randn(BATCH, NOISE), labels[:BATCH])
    forged = forger.predict(np.random.randn(2000, NOISE), batch_size=500)
    corners = 2 * np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)
    away = np.sqrt(((forged[:, np.newaxis] - corners) ** 2).sum(axis=2))
    found = len(set(away.argmin(axis=1)[away.min(axis=1) < 0.3]))
    print(f"{np.mean(away.min(axis=1) < 0.3):.1%} of the forged points lie in a cluster; {found} of 8 clusters found")
    draw({"true": true_points(2000), "forged": forged}, OUT / "adversarial_network.png")


if __name__ == "__main__":
    main()
