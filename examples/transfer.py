"""Old eyes, new digits: layers trained on 0 to 6 are frozen, and a new head learns 7 to 9 from five examples each.

    python examples/transfer.py [--quick]

The digits stand anywhere in a larger picture, so a few examples show little of what may come. Prints the test accuracy
on 7 to 9 beside that of a network that starts from nothing.
"""

import sys

import numpy as np

from horngate.datasets import digits
from horngate.layers import Convolution2D, Dense, Dropout, GlobalMaxPooling2D, MaxPooling2D
from horngate.models import Sequential
from horngate.utils.np_utils import to_categorical

QUICK = "--quick" in sys.argv
SIZE = 20  # points along an edge of a picture
FIRST_NEW = 7
EXAMPLES = 5  # of each new digit


def placed(images):
    """Each digit somewhere in an empty picture."""
    pictures = np.zeros((len(images), 1, SIZE, SIZE), dtype="float32")
    for picture, image, (row, column) in zip(pictures, images, np.random.randint(SIZE - 8, size=(len(images), 2))):
        picture[0, row : row + 8, column : column + 8] = image / 16
    return pictures


def eyes():
    """The layers that look."""
    return [
        Convolution2D(32, 3, 3, activation="relu", input_shape=(1, SIZE, SIZE)),
        MaxPooling2D((2, 2)),
        Convolution2D(128, 4, 4, activation="relu"),
        GlobalMaxPooling2D(),
        Dropout(0.3),
    ]


def head(classes):
    """The layer that decides."""
    return [Dense(classes, activation="softmax")]


def fitted(layers, X, Y, nb_epoch):
    """A trained model of `layers`."""
    model = Sequential(layers)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, batch_size=32, nb_epoch=1 if QUICK else nb_epoch, verbose=0)
    return model


def main():
    """Train on the old digits, then twice on the new."""
    np.random.seed(0)
    (X, y), (X_test, y_test) = digits.load_data()
    X, X_test = placed(X), placed(X_test)
    old, new = y < FIRST_NEW, y_test >= FIRST_NEW
    seeing = eyes()
    fitted(seeing + head(FIRST_NEW), X[old], to_categorical(y[old], FIRST_NEW), 15)
    for layer in seeing:
        layer.trainable = False
    few = np.concatenate([np.flatnonzero(y == digit)[:EXAMPLES] for digit in range(FIRST_NEW, 10)])
    classes = 10 - FIRST_NEW
    Y_few, Y_new = (to_categorical(found - FIRST_NEW, classes) for found in (y[few], y_test[new]))
    for name, looking in (("frozen layers, new head", seeing), ("all from nothing", eyes())):
        model = fitted(looking + head(classes), X[few], Y_few, 200)
        accuracy = model.evaluate(X_test[new], Y_new, verbose=0)[1]
        print(f"{name}: {accuracy:.1%} of the digits 7 to 9 right")


if __name__ == "__main__":
    main()
