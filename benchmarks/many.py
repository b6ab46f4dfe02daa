"""Many models at once beside one after the other: 64-32-10 networks with other seeds, by `fit_many` and by `fit`.

    python benchmarks/many.py [--models 16] [--epochs 200] [--repeats 5]

The network, the number of rows and the size of the batch are those of the workload `tiny`. Both take turns in
one process. First each trains new models as a program meets them: built, traced, compiled. Then the time of an epoch
of all models is the difference between trainings of `epochs` and of 1 epoch, divided by the epochs between: what is
done once drops out. That both come to the same losses is checked.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import horngate  # noqa: E402
from horngate.layers import Dense  # noqa: E402
from horngate.models import Sequential  # noqa: E402

ROWS, BATCH_SIZE = 1437, 32


def network():
    """The network of `tiny`."""
    model = Sequential([Dense(32, activation="relu", input_dim=64), Dense(10, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    return model


def together(X, Y, models, epochs):
    """Losses by model and epoch, all trained by `fit_many`."""
    return horngate.fit_many(network, models, X, Y, batch_size=BATCH_SIZE, nb_epoch=epochs, verbose=0).values("loss")


def in_turn(X, Y, models, epochs):
    """Losses by model and epoch, one model trained after the other by `fit`."""
    losses = []
    for seed in range(models):
        np.random.seed(seed)
        history = network().fit(X, Y, batch_size=BATCH_SIZE, nb_epoch=epochs, verbose=0)
        losses.append(history.history["loss"])
    return np.array(losses)


def seconds(train, *arguments):
    """Seconds that a training takes, and its losses."""
    began = time.perf_counter()
    losses = train(*arguments)
    return time.perf_counter() - began, losses


def warm_fit(X, Y, models, epochs):
    """Seconds for `epochs` epochs of `models` models one after the other in one that is compiled already."""
    model = network()
    model.fit(X, Y, batch_size=BATCH_SIZE, nb_epoch=2, verbose=0)
    began = time.perf_counter()
    for _ in range(models):
        model.fit(X, Y, batch_size=BATCH_SIZE, nb_epoch=epochs, verbose=0)
    return time.perf_counter() - began


def main():
    """Measure and print, as Markdown and as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in (("models", 16), ("epochs", 200), ("repeats", 5)):
        parser.add_argument(f"--{option}", type=int, default=default, help=f"default: {default}")
    asked = parser.parse_args()
    random = np.random.RandomState(0)
    X, Y = random.rand(ROWS, 64).astype("float32"), np.eye(10, dtype="float32")[random.randint(10, size=ROWS)]
    models, epochs = asked.models, asked.epochs
    together(X, Y, models, 1), in_turn(X, Y, 2, 1)  # what a process does once
    found = {"whole, fit_many": [], "whole, fit": [], "epoch, fit_many": [], "epoch, fit": []}
    for _ in range(asked.repeats):
        short, _ = seconds(together, X, Y, models, 1)
        long, losses = seconds(together, X, Y, models, epochs)
        turns, others = seconds(in_turn, X, Y, models, epochs)
        np.testing.assert_allclose(losses[:, :20], others[:, :20], rtol=1e-3)  # later on roundings have added up
        found["whole, fit_many"].append(long)
        found["whole, fit"].append(turns)
        found["epoch, fit_many"].append((long - short) / (epochs - 1))
        found["epoch, fit"].append(warm_fit(X, Y, models, epochs) / epochs)
    middle = {name: statistics.median(values) for name, values in found.items()}
    print(f"| {models} models | fit_many | one after the other | ratio |\n|---|---:|---:|---:|")
    for what, unit in (("whole", f"built, compiled, {epochs} epochs (s)"), ("epoch", "a warm epoch of all (s)")):
        ours, theirs = middle[f"{what}, fit_many"], middle[f"{what}, fit"]
        print(f"| {unit} | {ours:.4f} | {theirs:.4f} | {theirs / ours:.2f} |")
    print(json.dumps({"models": models, "epochs": epochs, "cores": os.cpu_count(), "seconds": found}))


if __name__ == "__main__":
    main()
