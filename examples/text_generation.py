"""A network that writes: an LSTM learns Python's own manual letter by letter, then goes on by itself.

    python examples/text_generation.py [--quick]

After some epochs there are words, then phrases. The temperature says how daring it is: low repeats, high invents.
"""

import sys
from pydoc_data.topics import topics

import numpy as np

from horngate.layers import LSTM, Dense, Embedding, TimeDistributed
from horngate.models import Sequential

QUICK = "--quick" in sys.argv
STEPS, UNITS = 40, 32 if QUICK else 160


def text():
    """Prose from Python's help pages, in lower case."""
    pages = [
        topics[name]
        for name in ("objects", "execmodel", "import", "imports", "modules", "exceptions", "types")
        if name in topics
    ]
    return " ".join(" ".join(pages).lower().split())[: 3000 if QUICK else 120_000]


def network(letters, steps, batch_input_shape=None):
    """What letter follows, after each letter."""
    first = {"batch_input_shape": batch_input_shape} if batch_input_shape else {"input_length": steps}
    model = Sequential(
        [
            Embedding(letters, 32, **first),
            LSTM(UNITS, return_sequences=True, stateful=batch_input_shape is not None),
            TimeDistributed(Dense(letters, activation="softmax")),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def write(model, alphabet, start, length, temperature):
    """`start`, gone on with; `model` keeps its state from letter to letter."""
    number = {letter: i for i, letter in enumerate(alphabet)}
    model.reset_states()
    written = start
    for letter in start[:-1]:
        model.predict_on_batch(np.array([[number[letter]]]))
    for _ in range(length):
        probabilities = model.predict_on_batch(np.array([[number[written[-1]]]]))[0, -1].astype("float64")
        probabilities = probabilities ** (1 / temperature)
        written += np.random.choice(alphabet, p=probabilities / probabilities.sum())
    return written


def main():
    """Learn, writing a sample now and then."""
    np.random.seed(2)
    book = text()
    alphabet = sorted(set(book))
    numbers = np.array([alphabet.index(letter) for letter in book])
    starts = np.arange(0, len(numbers) - STEPS - 1, STEPS // 2)
    windows = numbers[starts[:, np.newaxis] + np.arange(STEPS + 1)]
    learner = network(len(alphabet), STEPS)
    writer = network(len(alphabet), 1, batch_input_shape=(1, 1))
    for round_ in range(1 if QUICK else 4):
        history = learner.fit(
            windows[:, :-1], windows[:, 1:, np.newaxis], batch_size=64, nb_epoch=1 if QUICK else 8, verbose=0
        )
        bits = history.history["loss"][-1] / np.log(2)
        writer.set_weights(learner.get_weights())
        print(f"\nRound {round_ + 1}: {bits:.2f} bits a letter")
        for temperature in (0.5, 1.0):
            sample = write(writer, alphabet, "the object ", 20 if QUICK else 160, temperature)
            print(f"  temperature {temperature}: {sample}")


if __name__ == "__main__":
    main()
