"""Sums as sentences: two recurrent networks learn to add by reading "27+158" and writing "185".

    python examples/addition.py [--quick]

One reads the question into a vector, the other writes the answer from it. Nothing tells them what a digit is.
Prints the part of unseen sums that are wholly right, about 99 % in the end, with some samples.
"""

import sys

import numpy as np

from horngate.layers import LSTM, Dense, RepeatVector, TimeDistributed
from horngate.models import Sequential

QUICK = "--quick" in sys.argv
LETTERS = "0123456789+ "
DIGITS = 3
QUESTION, ANSWER = 2 * DIGITS + 1, DIGITS + 1


def encoded(texts, length):
    """Texts as one-hot letters (texts, length, letters)."""
    numbers = np.array([[LETTERS.index(letter) for letter in text.ljust(length)] for text in texts])
    return np.eye(len(LETTERS), dtype="float32")[numbers]


def decoded(probabilities):
    """The most probable letters, as texts."""
    return ["".join(LETTERS[i] for i in row).strip() for row in probabilities.argmax(axis=-1)]


def sums(number):
    """Questions, each only once, and answers. The question is turned round, so that the last digits come last."""
    pairs = np.unique(np.random.randint(0, 10 ** np.random.randint(1, DIGITS + 1, size=(number, 2))), axis=0)
    np.random.shuffle(pairs)
    return [f"{a}+{b}"[::-1] for a, b in pairs], [str(a + b) for a, b in pairs]


def main():
    """Train, and look at the progress."""
    np.random.seed(1)
    questions, answers = sums(300 if QUICK else 60_000)
    X, Y = encoded(questions, QUESTION), encoded(answers, ANSWER)
    held_out = len(X) // 10
    model = Sequential(
        [
            LSTM(16 if QUICK else 128, input_shape=(QUESTION, len(LETTERS))),
            RepeatVector(ANSWER),
            LSTM(16 if QUICK else 128, return_sequences=True),
            TimeDistributed(Dense(len(LETTERS), activation="softmax")),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.lr = 0.003
    for _ in range(1 if QUICK else 4):
        model.fit(X[held_out:], Y[held_out:], batch_size=128, nb_epoch=1 if QUICK else 5, verbose=0)
        said = decoded(model.predict(X[:held_out], batch_size=512))
        right = np.mean([guess == answer for guess, answer in zip(said, answers)])
        print(
            f"{right:6.1%} of unseen sums right; "
            + ", ".join(
                f"{question[::-1]}={guess}" + ("" if guess == answer else f" (no, {answer})")
                for question, guess, answer in list(zip(questions, said, answers))[:3]
            )
        )


if __name__ == "__main__":
    main()
