"""Reuters: 11,228 newswires of 1987 as lists of word numbers, each of one of 46 topics."""

from horngate.backend.orders import of_eras
from horngate.datasets import word_lists
from horngate.datasets.reading import Parts

_SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"


@of_eras(key="reuters.load_data")
def load_data(
    path: str = "reuters.pkl",
    nb_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> Parts:
    """Newswires, split at random into those to train with and those to test with.

    # Arguments
        path: a name in the cache, `~/.keras/datasets`; that of Keras 1 stands for `reuters.npz`.
        test_split: the fraction to test with.
        nb_words, skip_top, maxlen, seed, start_char, oov_char, index_from: as for `imdb.load_data`.

    # Returns
        `(X_train, y_train), (X_test, y_test)`: arrays of lists, and of topics 0 to 45.
    """
    found = word_lists.fetched(path, "reuters.pkl", "reuters.npz", _SHA256)
    texts, topics = word_lists.shuffled(seed, found["x"], found["y"])
    x, y = word_lists.prepared(texts, topics, nb_words, skip_top, maxlen, start_char, oov_char, index_from)
    at = int(len(x) * (1 - test_split))
    return (x[:at], y[:at]), (x[at:], y[at:])


def get_word_index(path: str = "reuters_word_index.pkl") -> dict[str, int]:
    """The number of each word of the newswires, 1 for the most frequent; `load_data` adds `index_from` to it.

    `path` is a name in the cache; that of Keras 1 stands for `reuters_word_index.json`.
    """
    md5 = "4d44cc38712099c9e383dc6e5f11a921"
    return word_lists.word_index(path, "reuters_word_index.pkl", "reuters_word_index.json", md5)
