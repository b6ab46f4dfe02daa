"""IMDB: 50,000 film reviews as lists of word numbers, labelled as positive or negative."""

from typing import Any

import numpy as np

from horngate.backend.orders import of_eras
from horngate.datasets import word_lists
from horngate.datasets.reading import Parts

_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"


@of_eras(key="imdb.load_data")
def load_data(
    path: str = "imdb_full.pkl",
    nb_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    test_split: float | None = None,
) -> Parts:
    """Film reviews, 25,000 to train with and 25,000 to test with.

    # Arguments
        path: a name in the cache, `~/.keras/datasets`; that of Keras 1 stands for `imdb.npz`.
        nb_words: only words with a number below this count; the others become `oov_char`.
        skip_top: words with a number below this, the most frequent ones, become `oov_char` too.
        maxlen: leave out reviews of this many words or more.
        seed: seed of the order of the reviews.
        start_char: the number that each review begins with.
        oov_char: the number that replaces words that do not count; None to drop them.
        test_split: the fraction of all reviews to test with, as in Keras 0.3; by default the test half of the data set.
        index_from: what is added to the numbers of the words, to make room for the numbers above.

    # Returns
        `(X_train, y_train), (X_test, y_test)`: arrays of lists, and of 0 (negative) and 1 (positive).

    # Source
        Maas et al., Learning Word Vectors for Sentiment Analysis (2011).
    """
    found = word_lists.fetched(path, "imdb_full.pkl", "imdb.npz", _SHA256)
    train = word_lists.shuffled(seed, found["x_train"], found["y_train"])
    test = word_lists.shuffled(seed * 2, found["x_test"], found["y_test"])
    if test_split is not None:
        train, test = _split(train, test, test_split)

    def prepared(texts: list[Any], labels: list[Any]) -> tuple[np.ndarray, np.ndarray]:
        return word_lists.prepared(texts, labels, nb_words, skip_top, maxlen, start_char, oov_char, index_from)

    return prepared(*train), prepared(*test)


def _split(train: list[Any], test: list[Any], part: float) -> tuple[list[Any], list[Any]]:
    """All samples, the last `part` of them to test with."""
    both = [[*a, *b] for a, b in zip(train, test)]
    at = int(len(both[0]) * (1 - part))
    return [each[:at] for each in both], [each[at:] for each in both]


def get_word_index(path: str = "imdb_word_index.pkl") -> dict[str, int]:
    """The number of each word of the reviews, 1 for the most frequent; `load_data` adds `index_from` to it.

    `path` is a name in the cache; that of Keras 1 stands for `imdb_word_index.json`.
    """
    md5 = "bfafd718b763782e994055a2d397834f"
    return word_lists.word_index(path, "imdb_word_index.pkl", "imdb_word_index.json", md5)
