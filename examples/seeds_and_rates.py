"""How much is luck? Four learning rates with eight seeds each, all trained at once, and the spread of the accuracy.

python examples/seeds_and_rates.py [--quick]
"""

import sys

import horngate
from horngate.datasets import digits
from horngate.layers import Dense, Dropout
from horngate.models import Sequential
from horngate.optimizers import Adam
from horngate.utils.np_utils import to_categorical

QUICK = "--quick" in sys.argv
RATES = [0.001, 0.01] if QUICK else [0.0003, 0.001, 0.01, 0.1]
SEEDS = range(2 if QUICK else 8)


def build(lr):
    """A small network for the digits."""
    model = Sequential([Dense(32, activation="relu", input_dim=64), Dropout(0.2), Dense(10, activation="softmax")])
    model.compile(Adam(lr=lr), "categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    """Train all, and print a line for each rate."""
    (X, y), (X_test, y_test) = digits.load_data()
    X, X_test = X.reshape(-1, 64) / 16.0, X_test.reshape(-1, 64) / 16.0
    Y, Y_test = to_categorical(y, 10), to_categorical(y_test, 10)
    configurations = [{"lr": lr, "seed": seed} for lr in RATES for seed in SEEDS]
    epochs = 1 if QUICK else 30
    runs = horngate.fit_many(build, configurations, X, Y, nb_epoch=epochs, validation_data=(X_test, Y_test))
    accuracy = runs.values("val_acc")[:, -1].reshape(len(RATES), len(SEEDS))
    print("rate      mean   deviation   worst    best")
    for rate, row in zip(RATES, accuracy):
        print(f"{rate:<7} {row.mean():7.1%} {row.std():11.2%} {row.min():7.1%} {row.max():7.1%}")
    best = runs.best("val_acc")
    print(f"best: {best.configuration}, seed {best.seed}")


if __name__ == "__main__":
    main()
