"""Where did it look? Grad-CAM shows which part of a cluttered picture made the network see a digit.

    python examples/grad_cam.py [--quick]

A digit hides somewhere in a picture of 24 x 24 points among scraps of other digits. The gradient of the class by the
last feature maps, averaged, says how much each map counts (Selvaraju et al., 2017). Writes out/grad_cam.png: pictures
above, what counted below. Prints how often the brightest point lies on the digit.
"""

import sys
from pathlib import Path

import numpy as np

from horngate import backend as K
from horngate.datasets import digits
from horngate.layers import Activation, Convolution2D, Dense, GlobalMaxPooling2D, MaxPooling2D
from horngate.models import Sequential
from horngate.preprocessing.image import plot_batch
from horngate.utils.np_utils import to_categorical

QUICK = "--quick" in sys.argv
OUT = Path("out")
SIZE = 24


def hidden(images, rng):
    """Each digit at a place of its own, among scraps; returns the pictures and the places."""
    pictures = np.zeros((len(images), 1, SIZE, SIZE), "float32")
    places = rng.randint(0, SIZE - 8, (len(images), 2))
    for picture, image, (row, column) in zip(pictures[:, 0], images, places):
        for _ in range(6):
            scrap = images[rng.randint(len(images))][rng.randint(0, 5) :][:3, rng.randint(0, 5) :][:, :3]
            top, left = rng.randint(0, SIZE - 3, 2)
            picture[top : top + scrap.shape[0], left : left + scrap.shape[1]] = scrap / 16
        picture[row : row + 8, column : column + 8] = image / 16
    return pictures, places


def network():
    """Feature maps, and for each class the place where it is seen best."""
    return Sequential(
        [
            Convolution2D(32, 3, 3, activation="relu", border_mode="same", input_shape=(1, SIZE, SIZE)),
            Convolution2D(48, 3, 3, activation="relu", border_mode="same"),
            MaxPooling2D((2, 2)),
            Convolution2D(64, 3, 3, activation="relu", border_mode="same", name="features"),
            GlobalMaxPooling2D(),
            Dense(10, name="evidence"),
            Activation("softmax"),
        ]
    )


def heat(model):
    """A function from pictures and classes to maps of what counted."""
    features = model.get_layer("features").output
    classes = K.placeholder(shape=(None, 10))
    slope = K.gradients(K.sum(model.get_layer("evidence").output * classes), features)[0]
    worth = K.mean(slope, axis=[2, 3], keepdims=True)
    maps = K.relu(K.sum(worth * features, axis=1, keepdims=True))
    run = K.function([model.input, classes, K.learning_phase()], [K.resize_images(maps, 2, 2, "th")])
    return lambda pictures, classes: run([pictures, classes, 0])[0]


def main():
    """Train, then ask where."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(0)
    rng = np.random.RandomState(5)
    (X, y), (X_test, y_test) = digits.load_data()
    times = 1 if QUICK else 6
    X, _ = hidden(np.concatenate([X] * times), rng)
    X_test, places = hidden(X_test, rng)
    model = network()
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, to_categorical(np.concatenate([y] * times), 10), batch_size=64, nb_epoch=1 if QUICK else 8, verbose=0)
    print(f"test accuracy {model.evaluate(X_test, to_categorical(y_test, 10), verbose=0)[1]:.1%}")
    maps = heat(model)(X_test, to_categorical(y_test, 10))
    rows, columns = np.divmod(maps.reshape(len(maps), -1).argmax(axis=1), SIZE)
    inside = (np.abs(rows - places[:, 0] - 3.5) < 5) & (np.abs(columns - places[:, 1] - 3.5) < 5)
    print(f"the brightest point lies on the digit in {inside.mean():.1%} of the pictures; by chance in 16 %")
    brightest = maps[:10] / np.maximum(maps[:10].max(axis=(1, 2, 3), keepdims=True), 1e-9)
    sheet = plot_batch(np.concatenate([X_test[:10], brightest]), columns=10)
    sheet.resize((sheet.width * 4, sheet.height * 4)).save(OUT / "grad_cam.png")


if __name__ == "__main__":
    main()
