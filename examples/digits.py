"""Handwritten digits: train a perceptron and a small convolutional network, and keep what they learned in out/.

    python examples/digits.py [--out FOLDER] [--quick]

Expect about 98 % of the test digits right from the first network and 99 % from the second.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from horngate.datasets import digits
from horngate.layers import Activation, BatchNormalization, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from horngate.models import Sequential, load_model
from horngate.utils.np_utils import to_categorical
from horngate.utils.visualize_util import plot


def prepared():
    """The digits as images of shape (samples, 1, 8, 8), values 0 to 1, and one-hot classes."""
    (X_train, y_train), (X_test, y_test) = digits.load_data()
    images = [X[:, np.newaxis].astype("float32") / 16 for X in (X_train, X_test)]
    return images[0], to_categorical(y_train, 10), images[1], to_categorical(y_test, 10)


def perceptron():
    """Two hidden layers."""
    return Sequential(
        [
            Flatten(input_shape=(1, 8, 8)),
            Dense(256, activation="relu"),
            Dropout(0.3),
            Dense(256, activation="relu"),
            Dropout(0.3),
            Dense(10, activation="softmax"),
        ],
        name="perceptron",
    )


def convolutional():
    """Two convolutions with normalized activations, then one hidden layer."""
    return Sequential(
        [
            Convolution2D(32, 3, 3, border_mode="same", input_shape=(1, 8, 8)),
            BatchNormalization(axis=1),
            Activation("relu"),
            Convolution2D(64, 3, 3, border_mode="same"),
            BatchNormalization(axis=1),
            Activation("relu"),
            MaxPooling2D((2, 2)),
            Dropout(0.25),
            Flatten(),
            Dense(128, activation="relu"),
            Dropout(0.5),
            Dense(10, activation="softmax"),
        ],
        name="convolutional",
    )


def train(model, X_train, Y_train, X_test, Y_test, nb_epoch):
    """Train on nine tenths of the training digits, watch the rest; returns the history and the test accuracy."""
    print(f"\n{model.name}: {model.count_params():,} weights")
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    began = time.perf_counter()
    history = model.fit(X_train, Y_train, batch_size=32, nb_epoch=nb_epoch, validation_split=0.1, verbose=1)
    loss, accuracy = model.evaluate(X_test, Y_test, verbose=0)
    print(f"{model.name}: test accuracy {accuracy:.2%} after {time.perf_counter() - began:.1f} s")
    return history.history, accuracy


def draw_curves(histories, path):
    """The accuracies of all networks over the epochs, as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots(1, len(histories), sharey=True)
    for axis, (name, history) in zip(axes, histories.items()):
        epochs = range(1, len(history["acc"]) + 1)
        axis.plot(epochs, history["acc"], label="training (with dropout)")
        axis.plot(epochs, history["val_acc"], label="validation")
        axis.set(title=name, xlabel="epoch", ylabel="accuracy", ylim=(0.8, 1.005))
        axis.grid(alpha=0.3)
        axis.legend(loc="lower right")
    figure.savefig(path, dpi=120)


def save_and_load(model, path, X_test):
    """Save the model, load it again, and make sure that it still says the same."""
    model.save(str(path))
    again = load_model(str(path))
    difference = np.abs(again.predict(X_test) - model.predict(X_test)).max()
    print(f"{path}: loaded again; its predictions differ by at most {difference:.1g}")


def main():
    """Train both networks and write the pictures and the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for pictures and files (default: out)")
    parser.add_argument("--quick", action="store_true", help="one epoch each, to see it run")
    settings = parser.parse_args()
    out, rounds = settings.out, ((perceptron, 30), (convolutional, 20))
    if settings.quick:
        rounds = [(make, 1) for make, _ in rounds]
    out.mkdir(parents=True, exist_ok=True)
    np.random.seed(1)
    data = prepared()
    histories, accuracies = {}, {}
    for make, nb_epoch in rounds:
        model = make()
        histories[model.name], accuracies[model.name] = train(model, *data, nb_epoch)
        plot(model, to_file=str(out / f"{model.name}.png"), show_shapes=True)
        save_and_load(model, out / f"{model.name}.h5", data[2])
    draw_curves(histories, out / "curves.png")
    print("\nTest accuracy: " + ", ".join(f"{name} {accuracy:.2%}" for name, accuracy in accuracies.items()))
    print(f"The curves, the models' pictures and their files are in {out}/")


if __name__ == "__main__":
    main()
