"""What does a unit want to see? Pictures that excite the outputs of a trained network.

    python examples/filters.py [--quick]

`K.gradients` gives the derivative of an output by the *input*; following it from grey noise makes the picture that
the network thinks the most typical zero, one, two, ... Writes out/wanted_digits.png. After Simonyan et al. (2013).
"""

import sys
from pathlib import Path

import numpy as np

from horngate import backend as K
from horngate.datasets import digits
from horngate.layers import Activation, Convolution2D, Dense, Flatten, MaxPooling2D
from horngate.models import Sequential
from horngate.preprocessing.image import plot_batch
from horngate.utils.np_utils import to_categorical

QUICK = "--quick" in sys.argv
OUT = Path("out")


def trained():
    """A convolutional network that knows the digits."""
    (X, y), (X_test, y_test) = digits.load_data()
    model = Sequential(
        [
            Convolution2D(32, 3, 3, activation="relu", border_mode="same", input_shape=(1, 8, 8)),
            Convolution2D(32, 3, 3, activation="relu"),
            MaxPooling2D((2, 2)),
            Flatten(),
            Dense(10, name="evidence"),
            Activation("softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X[:, np.newaxis] / 16.0, to_categorical(y, 10), nb_epoch=1 if QUICK else 20, verbose=0)
    print(f"test accuracy {model.evaluate(X_test[:, np.newaxis] / 16.0, to_categorical(y_test, 10), verbose=0)[1]:.1%}")
    return model


def climb(model, digit, steps):
    """The picture that excites the unit of `digit` most, among smooth ones of moderate brightness."""
    picture = model.input
    evidence = K.mean(model.get_layer("evidence").output[:, digit])
    roughness = K.mean(K.square(picture[:, :, 1:] - picture[:, :, :-1])) + K.mean(
        K.square(picture[:, :, :, 1:] - picture[:, :, :, :-1])
    )
    wanted = evidence - 20 * roughness
    slope = K.gradients(wanted, picture)[0]
    step = K.function([picture, K.learning_phase()], [wanted, slope / (K.sqrt(K.mean(K.square(slope))) + 1e-8)])
    x = np.full((1, 1, 8, 8), 0.5, "float32") + 0.05 * np.random.randn(1, 1, 8, 8)
    for _ in range(steps):
        _, direction = step([x, 0])
        x = np.clip(x + 0.05 * direction, 0, 1)
    return x[0]


def main():
    """Train, then let each output have its wish."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(0)
    model = trained()
    pictures = np.stack([climb(model, digit, 3 if QUICK else 60) for digit in range(10)])
    print("the network takes them for", model.predict(pictures).argmax(axis=1).tolist())
    sheet = plot_batch(pictures, columns=10)
    sheet.resize((sheet.width * 8, sheet.height * 8)).save(OUT / "wanted_digits.png")


if __name__ == "__main__":
    main()
