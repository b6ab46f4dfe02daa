"""Few images, many variations: a convolutional network on 200 digits, with and without data augmentation.

    python examples/augmentation.py [--quick]

Prints both test accuracies, about 94 % and 98 %, and draws some of the altered digits into out/augmentation.png.
"""

import sys
from pathlib import Path

import numpy as np

from horngate.datasets import digits
from horngate.layers import Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from horngate.models import Sequential
from horngate.preprocessing.image import ImageDataGenerator, plot_batch
from horngate.utils.np_utils import to_categorical

QUICK = "--quick" in sys.argv
EPOCHS = 2 if QUICK else 150
OUT = Path("out")


def network():
    """Two convolutions and a hidden layer."""
    model = Sequential(
        [
            Convolution2D(32, 3, 3, activation="relu", border_mode="same", input_shape=(1, 8, 8)),
            Convolution2D(32, 3, 3, activation="relu"),
            MaxPooling2D((2, 2)),
            Flatten(),
            Dropout(0.3),
            Dense(64, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    """Train twice and compare."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(7)
    (X, y), (X_test, y_test) = digits.load_data()
    X, X_test = (images[:, np.newaxis].astype("float32") / 16 for images in (X, X_test))
    X, Y, Y_test = X[:200], to_categorical(y[:200], 10), to_categorical(y_test, 10)

    plain = network()
    plain.fit(X, Y, batch_size=32, nb_epoch=EPOCHS, verbose=0)

    variations = ImageDataGenerator(
        rotation_range=12,
        width_shift_range=0.12,
        height_shift_range=0.12,
        zoom_range=0.12,
        shear_range=0.1,
        fill_mode="constant",
    )
    augmented = network()
    augmented.fit_generator(variations.flow(X, Y, batch_size=32), samples_per_epoch=len(X), nb_epoch=EPOCHS, verbose=0)

    plot_batch(next(variations.flow(X, batch_size=64)), columns=16).resize((640, 160)).save(OUT / "augmentation.png")
    for name, model in (("200 digits as they are", plain), ("200 digits, varied", augmented)):
        print(f"{name}: {model.evaluate(X_test, Y_test, verbose=0)[1]:.1%} of the test digits right")


if __name__ == "__main__":
    main()
