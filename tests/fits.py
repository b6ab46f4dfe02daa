"""Fits one new model after the other and sees that they leave no memory behind: `python -m tests.fits --fits 500`."""

import argparse
import gc
import sys

import numpy as np

from horngate.layers import Dense
from horngate.models import Sequential

X, Y = np.ones((32, 100), "float32"), np.ones((32, 1), "float32")
FIRST, LAST, MEGABYTES = 50, 20, 40  # the last fits may take no more than the first, and this


def fit_a_model():
    """Train a model of 1.2 MB, with what Adam keeps."""
    model = Sequential([Dense(1000, input_dim=100, activation="relu"), Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, nb_epoch=1, verbose=0)


def used():
    """MB in use, as Linux tells."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def used_after(fits):
    """MB in use after more fits."""
    for _ in range(fits):
        fit_a_model()
    return used()


def main():
    """Fit; returns whether memory grew, in which case the arrays or the programs of each model were kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.fits", description=__doc__)
    parser.add_argument("--fits", type=int, default=500, help="how many models are made and trained")
    fits = parser.parse_args().fits
    before = max(used_after(1) for _ in range(FIRST))  # what is taken differs by tens of MB from fit to fit
    used_after(max(0, fits - FIRST - LAST))
    grown = min(used_after(1) for _ in range(LAST)) - before
    print(f"{fits} fits: {before:.0f} MB after the first {FIRST}, {grown:.1f} MB more after the last")
    return grown > MEGABYTES


if __name__ == "__main__":
    sys.exit(main())
