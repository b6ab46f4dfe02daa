"""Old eyes, new digits: layers trained on 0 to 4 are frozen, and a new head learns 5 to 9 from eight examples each.

    python examples/transfer.py [--quick]

Prints the test accuracy on 5 to 9 beside that of a network that starts from nothing.
"""
import sys

import numpy as np

from horngate.datasets import digits
from horngate.layers import Convolution2D, Dense, Flatten, MaxPooling2D
from horngate.models import Sequential
from horngate.utils.np_utils import to_categorical

QUICK = "--quick" in sys.argv


def eyes():
    """The layers that look."""
    return [
        Convolution2D(32, 3, 3, activation="relu", border_mode="same", input_shape=(1, 8, 8)),
        Convolution2D(32, 3, 3, activation="relu"),
        MaxPooling2D((2, 2)),
        Flatten(),
        Dense(64, activation="relu"),
    ]


def head():
    """The layer that decides."""
    return [Dense(5, activation="softmax")]


def fitted(layers, X, Y, nb_epoch):
    """A trained model of `layers`."""
    model = Sequential(layers)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, batch_size=16, nb_epoch=1 if QUICK else nb_epoch, verbose=0)
    return model


def main():
    """Train on the old digits, then twice on the new."""
    np.random.seed(0)
    (X, y), (X_test, y_test) = digits.load_data()
    X, X_test = (images[:, np.newaxis].astype("float32") / 16 for images in (X, X_test))
    old = y < 5
    seeing = eyes()
    fitted(seeing + head(), X[old], to_categorical(y[old], 5), 20)
    few = np.concatenate([np.flatnonzero(y == digit)[:8] for digit in range(5, 10)])
    new, Y_new = y_test >= 5, to_categorical(y_test[y_test >= 5] - 5, 5)
    for layer in seeing:
        layer.trainable = False
    for name, layers in (("frozen layers, new head", seeing + head()), ("all from nothing", eyes() + head())):
        model = fitted(layers, X[few], to_categorical(y[few] - 5, 5), 80)
        print(f"{name}: {model.evaluate(X_test[new], Y_new, verbose=0)[1]:.1%} of the digits 5 to 9 right")


if __name__ == "__main__":
    main()
