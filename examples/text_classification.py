"""Is the review good? Words averaged, as in fastText, against a convolution that sees their order.

    python examples/text_classification.py [--quick]

The reviews are made up from a small grammar with negations: "not bad" is praise, and what comes after "but" counts.
The average of word vectors can but guess: it sees the same words, whatever "not" belonged to. The convolution gets
all right.
"""

import random
import sys

import numpy as np

from horngate.layers import Convolution1D, Dense, Embedding, GlobalAveragePooling1D, GlobalMaxPooling1D
from horngate.models import Sequential
from horngate.preprocessing.sequence import pad_sequences
from horngate.preprocessing.text import Tokenizer

QUICK = "--quick" in sys.argv
SUBJECTS = ["the plot", "the acting", "the music", "the ending", "every scene", "the dialogue", "the camera work"]
GOOD = ["good", "brilliant", "moving", "funny", "clever", "superb"]
BAD = ["bad", "dull", "clumsy", "tiresome", "silly", "awful"]
FILLERS = ["I think", "my friend says that", "honestly", "to be fair", "in the first half"]


def review(rng):
    """A sentence of two judgements and whether it is praise: the judgement of the second half counts."""
    praise = rng.random() < 0.5
    parts = []
    for opinion in (not praise, praise):
        negated = rng.random() < 0.5
        word = rng.choice(GOOD if opinion != negated else BAD)
        parts.append(f"{rng.choice(FILLERS)} {rng.choice(SUBJECTS)} was {'not ' if negated else ''}{word}")
    return f"{parts[0]}, but {parts[1]}", int(praise)


def data(number):
    """Sentences as rows of word numbers, and their classes."""
    rng = random.Random(3)
    texts, labels = zip(*[review(rng) for _ in range(number)])
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(texts)
    X = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=24)
    print(f"{number:,} reviews, {len(tokenizer.word_index)} words; for instance: {texts[0]!r}")
    return X, np.array(labels), len(tokenizer.word_index) + 1


def average(words):
    """The mean of the word vectors, then one unit."""
    return Sequential([Embedding(words, 32, input_length=24), GlobalAveragePooling1D(), Dense(1, activation="sigmoid")])


def convolution(words):
    """Patterns of seven words, each where it fits best."""
    return Sequential(
        [
            Embedding(words, 32, input_length=24),
            Convolution1D(64, 7, activation="relu"),
            GlobalMaxPooling1D(),
            Dense(1, activation="sigmoid"),
        ]
    )


def main():
    """Train both on the same sentences."""
    np.random.seed(0)
    X, y, words = data(300 if QUICK else 6000)
    for build in (average, convolution):
        model = build(words)
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        history = model.fit(X, y, batch_size=64, nb_epoch=1 if QUICK else 8, validation_split=0.2, verbose=0)
        print(f"{build.__name__}: {history.history['val_acc'][-1]:.1%} of the held-out reviews right")


if __name__ == "__main__":
    main()
