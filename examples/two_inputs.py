"""Two pictures in, two answers out: the sum of two handwritten digits, and which of them is larger.

    python examples/two_inputs.py [--quick]

Both pictures go through the same layers. Nobody says what the single digits are; the network finds out from the sums.
"""

import sys

import numpy as np

from horngate.datasets import digits
from horngate.layers import Convolution2D, Dense, Flatten, Input, MaxPooling2D, merge
from horngate.models import Model, Sequential

QUICK = "--quick" in sys.argv


def pairs(X, y, number):
    """Pictures by twos, their sums and whether the first is larger."""
    first, second = np.random.randint(0, len(X), (2, number))
    return [X[first], X[second]], [(y[first] + y[second])[:, np.newaxis], (y[first] > y[second])[:, np.newaxis]]


def main():
    """Build the graph, train, ask."""
    np.random.seed(0)
    (X, y), (X_test, y_test) = digits.load_data()
    X, X_test = (images[:, np.newaxis].astype("float32") / 16 for images in (X, X_test))
    look = Sequential(
        [
            Convolution2D(32, 3, 3, activation="relu", border_mode="same", input_shape=(1, 8, 8)),
            Convolution2D(32, 3, 3, activation="relu"),
            MaxPooling2D((2, 2)),
            Flatten(),
            Dense(64, activation="relu"),
        ]
    )
    left, right = Input(shape=(1, 8, 8), name="left"), Input(shape=(1, 8, 8), name="right")
    both = Dense(128, activation="relu")(merge([look(left), look(right)], mode="concat"))
    total = Dense(19, activation="softmax", name="sum")(both)
    larger = Dense(1, activation="sigmoid", name="larger")(both)
    model = Model(input=[left, right], output=[total, larger])
    model.compile(
        "adam",
        {"sum": "sparse_categorical_crossentropy", "larger": "binary_crossentropy"},
        loss_weights={"sum": 1.0, "larger": 0.5},
        metrics=["accuracy"],
    )
    inputs, targets = pairs(X, y, 300 if QUICK else 20_000)
    model.fit(inputs, targets, batch_size=64, nb_epoch=1 if QUICK else 8, verbose=0)
    scores = dict(zip(model.metrics_names, model.evaluate(*pairs(X_test, y_test, 2000), verbose=0)))
    print(f"sums right: {scores['sum_acc']:.1%}; the larger one found: {scores['larger_acc']:.1%}")


if __name__ == "__main__":
    main()
