"""IMDB: 50,000 film reviews as lists of word numbers, and whether they are in favour."""

from horngate.backend.orders import of_eras
from horngate.datasets import word_lists

_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"


@of_eras(key="imdb.load_data")
def load_data(
    path="imdb_full.pkl",
    nb_words=None,
    skip_top=0,
    maxlen=None,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
    test_split=None,
):
    """Film reviews, 25,000 to train with and 25,000 to test with.

    # Arguments
        path: a name in the cache, `~/.keras/datasets`; that of Keras 1 stands for `imdb.npz`.
        nb_words: only words with a number below this count; the others become `oov_char`.
        skip_top: so do words with a number below this, the most frequent ones.
        maxlen: leave out reviews of this many words or more.
        seed: of the order of the reviews.
        start_char: the number that each review begins with.
        oov_char: the number of the words that do not count; None to leave them out.
        test_split: the part of all reviews to test with, as in Keras 0.3; by default the half that is meant for it.
        index_from: what is added to the numbers of the words, to make room for the numbers above.

    # Returns
        `(X_train, y_train), (X_test, y_test)`: arrays of lists, and of 0 (against) and 1 (in favour).

    # Source
        Maas et al., Learning Word Vectors for Sentiment Analysis (2011).
    """
    found = word_lists.fetched(path, "imdb_full.pkl", "imdb.npz", _SHA256)
    options = (nb_words, skip_top, maxlen, start_char, oov_char, index_from)
    train = word_lists.shuffled(seed, found["x_train"], found["y_train"])
    test = word_lists.shuffled(seed * 2, found["x_test"], found["y_test"])
    if test_split is not None:
        train, test = _split(train, test, test_split)
    return word_lists.prepared(*train, *options), word_lists.prepared(*test, *options)


def _split(train, test, part):
    """All samples, the last `part` of them to test with."""
    both = [[*a, *b] for a, b in zip(train, test)]
    at = int(len(both[0]) * (1 - part))
    return [each[:at] for each in both], [each[at:] for each in both]


def get_word_index(path="imdb_word_index.pkl"):
    """The number of each word of the reviews, 1 for the most frequent; `load_data` adds `index_from` to it."""
    md5 = "bfafd718b763782e994055a2d397834f"
    return word_lists.word_index(path, "imdb_word_index.pkl", "imdb_word_index.json", md5)
