"""Same or different? A siamese network learns a distance between digits, and then knows a digit it never saw.

    python examples/siamese.py [--quick]

Both pictures of a pair go through one shared network; the contrastive loss pulls equal ones together and pushes
different ones apart. It is trained on the digits 0 to 7 and judges pairs of 8s and 9s too. The map of all test
digits is drawn into out/siamese.png.
"""

import sys
from pathlib import Path

import numpy as np

from horngate import backend as K
from horngate.datasets import digits
from horngate.layers import Dense, Input, Lambda
from horngate.models import Model, Sequential

QUICK = "--quick" in sys.argv
OUT = Path("out")
MARGIN = 1.0


def distance(pair):
    """Euclidean distance of two vectors."""
    return K.sqrt(K.maximum(K.sum(K.square(pair[0] - pair[1]), axis=1, keepdims=True), 1e-9))


def contrastive(same, apart):
    """Squared distance of equal pairs, squared lack of distance of others. Hadsell, Chopra and LeCun (2006)."""
    return K.mean(same * K.square(apart) + (1 - same) * K.square(K.maximum(MARGIN - apart, 0)), axis=-1)


def pairs(X, y, number):
    """Pairs of pictures, half of them of the same digit."""
    first = np.random.randint(0, len(X), number)
    second = np.random.randint(0, len(X), number)
    for i in range(0, number, 2):
        second[i] = np.random.choice(np.flatnonzero(y == y[first[i]]))
    return [X[first], X[second]], (y[first] == y[second]).astype("float32")[:, np.newaxis]


def draw(places, y, path):
    """The digits where the network puts them."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    for digit in range(10):
        axes.scatter(*places[y == digit].T, s=9, color=f"C{digit}", label=f"{digit}" + (" (new)" if digit > 7 else ""))
    axes.legend(ncols=5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.05))
    axes.set_title("Test digits; 8 and 9 were never trained on")
    figure.savefig(path, dpi=120)


def main():
    """Train on pairs, judge pairs by a threshold in the middle."""
    OUT.mkdir(exist_ok=True)
    np.random.seed(0)
    (X, y), (X_test, y_test) = digits.load_data()
    X, X_test = (images.reshape(-1, 64).astype("float32") / 16 for images in (X, X_test))
    shared = Sequential([Dense(128, activation="relu", input_dim=64), Dense(64, activation="relu"), Dense(2)])
    one, other = Input(shape=(64,)), Input(shape=(64,))
    model = Model(input=[one, other], output=Lambda(distance, output_shape=(1,))([shared(one), shared(other)]))
    model.compile("adam", contrastive)
    seen = y < 8
    training, same = pairs(X[seen], y[seen], 400 if QUICK else 20_000)
    model.fit(training, same, batch_size=64, nb_epoch=1 if QUICK else 10, verbose=0)
    for name, kept in (("digits 0 to 7", y_test < 8), ("8 and 9, never seen", y_test >= 8)):
        tested, same = pairs(X_test[kept], y_test[kept], 1000)
        right = np.mean((model.predict(tested) < MARGIN / 2) == same)
        print(f"{name}: {right:.1%} of the test pairs judged rightly")
    draw(shared.predict(X_test), y_test, OUT / "siamese.png")


if __name__ == "__main__":
    main()
