"""Texts as sequences of word numbers, or as rows of word counts."""

import json
import zlib
from collections import Counter

import numpy as np

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def base_filter():
    """The characters that separate words out of the box: punctuation, tabs and line ends.

    The apostrophe is none of them.
    """
    return _FILTERS


def text_to_word_sequence(text, filters=_FILTERS, lower=True, split=" "):
    """The words of a text.

    # Arguments
        text: string.
        filters: characters that count as separators.
        lower: whether to turn the text into lower case.
        split: what separates words.

    >>> text_to_word_sequence("Hello, World! It's you.")
    ['hello', 'world', "it's", 'you']
    """
    text = text.lower() if lower else text
    text = text.translate(str.maketrans(dict.fromkeys(filters, split)))
    return [word for word in text.split(split) if word]


def one_hot(text, n, filters=_FILTERS, lower=True, split=" "):
    """The words of a text as numbers from 1 to n - 1: equal words get equal numbers, different ones may.

    The numbers are the same in every process.

    # Arguments
        text: string.
        n: int > 1, size of the vocabulary.
        filters, lower, split: see `text_to_word_sequence`.
    """
    words = text_to_word_sequence(text, filters=filters, lower=lower, split=split)
    return [zlib.crc32(word.encode("utf-8", "surrogatepass")) % (n - 1) + 1 for word in words]


class Tokenizer:
    """Numbers the words of texts by how frequent they are, from 1, and writes texts in these numbers.

    # Arguments
        nb_words: numbers from this on are left out; None keeps all.
        filters, lower, split: see `text_to_word_sequence`.
        char_level: every character is a word.

    After `fit_on_texts`: `word_counts`, `word_docs` (in how many texts a word is), `word_index` (its number; words
    equally frequent in the order in which they came), `index_docs`, `document_count`.
    """

    def __init__(self, nb_words=None, filters=_FILTERS, lower=True, split=" ", char_level=False, num_words=None):
        nb_words = num_words if nb_words is None else nb_words  # its name in Keras 2
        self.nb_words, self.filters, self.lower, self.split = nb_words, filters, lower, split
        self.char_level = char_level
        self.word_counts, self.word_docs, self.word_index, self.index_docs = {}, {}, {}, {}
        self.document_count = 0

    def _words(self, text):
        if self.char_level or isinstance(text, (list, tuple)):
            return text
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts):
        """Count and number the words of `texts`: strings, or lists of words."""
        counts, docs = Counter(self.word_counts), Counter(self.word_docs)
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            counts.update(words)
            docs.update(set(words))
        self.word_counts, self.word_docs = dict(counts), dict(docs)
        by_frequency = sorted(counts, key=counts.get, reverse=True)  # equal ones stay in the order of their coming
        self.word_index = {word: number for number, word in enumerate(by_frequency, 1)}
        self.index_docs = {self.word_index[word]: count for word, count in docs.items()}

    def fit_on_sequences(self, sequences):
        """Count in how many of `sequences`, of word numbers, each number is; needed for tf-idf without texts."""
        self.document_count = len(sequences)
        self.index_docs = dict(Counter(number for sequence in sequences for number in set(sequence)))

    def texts_to_sequences(self, texts):
        """Lists of word numbers; unknown words are left out."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts):
        """One list of word numbers after the other."""
        limit = self.nb_words or len(self.word_index) + 1
        numbers = {word: number for word, number in self.word_index.items() if number < limit}
        for text in texts:
            yield [numbers[word] for word in self._words(text) if word in numbers]

    def texts_to_matrix(self, texts, mode="binary"):
        """A row for each text; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode=mode)

    def sequences_to_matrix(self, sequences, mode="binary"):
        """A row for each sequence, with a column for each word number.

        # Arguments
            sequences: lists of word numbers.
            mode: `'binary'` (1 where the word is there), `'count'`, `'freq'` (count / length), `'tfidf'`
                ((1 + log count) log(1 + documents / (1 + documents with the word))).

        # Output shape
            (sequences, nb_words)
        """
        if not self.nb_words and not self.word_index:
            raise ValueError("Tokenizer: give nb_words, or call fit_on_texts: how many columns there are is not known.")
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(f"Tokenizer: mode must be 'binary', 'count', 'freq' or 'tfidf'; received {mode!r}")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Tokenizer: mode 'tfidf' needs document counts: call fit_on_texts or fit_on_sequences.")
        width = self.nb_words or len(self.word_index) + 1
        lengths = np.array([len(sequence) for sequence in sequences], int)
        rows = np.repeat(np.arange(len(sequences)), lengths)
        columns = np.array([number for sequence in sequences for number in sequence], int)
        counts = np.zeros((len(sequences), width))
        np.add.at(counts, (rows[columns < width], columns[columns < width]), 1)
        if mode == "binary":
            return (counts > 0).astype(float)
        if mode == "freq":
            return counts / np.maximum(lengths, 1)[:, None]
        if mode == "tfidf":
            documents = np.array([self.index_docs.get(number, 0) for number in range(width)])
            weights = np.log(1 + self.document_count / (1 + documents))
            return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * weights
        return counts

    def to_json(self):
        """All that was set and counted, as a JSON string; `tokenizer_from_json` reads it."""
        return json.dumps(vars(self))


def tokenizer_from_json(text):
    """A Tokenizer from what `to_json` gave.

    >>> tokenizer = Tokenizer()
    >>> tokenizer.fit_on_texts(["a b a"])
    >>> tokenizer_from_json(tokenizer.to_json()).word_index
    {'a': 1, 'b': 2}
    """
    kept = json.loads(text)
    tokenizer = Tokenizer()
    vars(tokenizer).update(kept)
    tokenizer.index_docs = {int(number): count for number, count in kept["index_docs"].items()}
    return tokenizer
