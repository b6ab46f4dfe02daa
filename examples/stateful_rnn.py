"""Memory across batches: which of two signals came 20 steps ago, seen only through windows of 5 steps?

    python examples/stateful_rnn.py [--quick]

A stateful LSTM keeps its state from window to window and gets nearly all right; the same network without it can only
guess: 50 %.
"""

import sys

import numpy as np

from horngate.layers import LSTM, Dense
from horngate.models import Sequential

QUICK = "--quick" in sys.argv
WINDOW, WINDOWS, SEQUENCES = 5, 5, 64


def sequences():
    """Noise with a signal at the first step; the class is the signal's sign. Cut into windows."""
    X = 0.1 * np.random.randn(SEQUENCES, WINDOW * WINDOWS, 1).astype("float32")
    y = np.random.randint(0, 2, (SEQUENCES, 1))
    X[:, 0, 0] = 2 * y[:, 0] - 1
    return np.split(X, WINDOWS, axis=1), y


def accuracy_of(stateful):
    """Train on fresh sequences, asking for the class after each window; returns the accuracy after the last one."""
    model = Sequential(
        [LSTM(16, stateful=stateful, batch_input_shape=(SEQUENCES, WINDOW, 1)), Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.optimizer.lr = 0.01
    for _ in range(2 if QUICK else 150):
        windows, y = sequences()
        model.reset_states()
        for window in windows:
            model.train_on_batch(window, y)
    windows, y = sequences()
    model.reset_states()
    return [model.test_on_batch(window, y)[1] for window in windows][-1]


def main():
    """Compare the two."""
    np.random.seed(4)
    for stateful in (True, False):
        distance = WINDOW * (WINDOWS - 1)
        print(f"stateful={stateful}: {accuracy_of(stateful):.1%} right, {distance} steps after the signal")


if __name__ == "__main__":
    main()
