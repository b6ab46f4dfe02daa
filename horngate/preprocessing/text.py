"""Texts as sequences of word numbers, or as rows of word counts."""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from horngate.training.arrays import checked_count

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def base_filter() -> str:
    """The characters that separate words out of the box: punctuation, tabs and line ends.

    The apostrophe is none of them.
    """
    return _FILTERS


def text_to_word_sequence(text: str, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text.

    # Arguments
        text: string.
        filters: characters that count as separators.
        lower: whether to turn the text into lower case.
        split: what separates words.

    >>> text_to_word_sequence("Hello, World! It's you.")
    ['hello', 'world', "it's", 'you']
    """
    if not isinstance(text, str):
        raise TypeError(f"a text must be a string; received {text!r}")
    text = text.lower() if lower else text
    text = text.translate({ord(character): split for character in filters})
    return [word for word in text.split(split) if word]


def one_hot(text: str, n: int, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[int]:
    """The words of a text as numbers from 1 to n - 1: equal words get equal numbers, different ones may.

    The numbers are the same in every process.

    # Arguments
        text: string.
        n: int > 1, size of the vocabulary.
        filters, lower, split: see `text_to_word_sequence`.
    """
    if checked_count("one_hot: n", n) < 2:
        raise ValueError(f"one_hot: n must be at least 2, for numbers from 1 to n - 1; received {n}")
    words = text_to_word_sequence(text, filters=filters, lower=lower, split=split)
    return [zlib.crc32(word.encode("utf-8", "surrogatepass")) % (n - 1) + 1 for word in words]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """The words of a text as numbers from 1 to n - 1; different words may get equal numbers.

    # Arguments
        text: string.
        n: int > 1, size of the vocabulary.
        hash_function: from a word to a whole number; None for Python's `hash`, `'md5'` for one that is the same in
            every process.
        filters, lower, split: see `text_to_word_sequence`.
    """
    chosen = _md5 if hash_function == "md5" else hash if hash_function is None else hash_function
    if not callable(chosen):
        raise ValueError(f"hashing_trick: hash_function must be a function, 'md5' or None; received {hash_function!r}")
    words = text_to_word_sequence(text, filters=filters, lower=lower, split=split)
    return [chosen(word) % (n - 1) + 1 for word in words]


def _md5(word):
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers the words of texts by how frequent they are, from 1, and writes texts in these numbers.

    # Arguments
        nb_words: numbers from this on are left out; None keeps all.
        filters, lower, split: see `text_to_word_sequence`.
        char_level: every character is a word.
        oov_token: a word for all words that are unknown or left out: it has the number 1, and the others begin with 2.
            None leaves them out.
        document_count: how many texts were counted before.
        num_words: what Keras 2 calls `nb_words`.

    After `fit_on_texts`: `word_counts`, `word_docs` (in how many texts a word is), `word_index` (its number; words
    equally frequent in the order in which they came), `index_word`, `index_docs`, `document_count`.
    """

    def __init__(
        self,
        nb_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        document_count: int = 0,
        num_words: int | None = None,
    ) -> None:
        nb_words = num_words if nb_words is None else nb_words  # its name in Keras 2
        if nb_words is not None:
            checked_count("Tokenizer: nb_words", nb_words)
        self.nb_words: int | None = nb_words
        self.filters: str = filters
        self.lower: bool = lower
        self.split: str = split
        self.char_level: bool = char_level
        self.oov_token: str | None = oov_token
        self.word_counts: dict[str, int] = {}
        self.word_docs: dict[str, int] = {}
        self.word_index: dict[str, int] = {}
        self.index_docs: dict[int, int] = {}
        self.document_count: int = document_count

    @property
    def num_words(self) -> int | None:
        """What Keras 2 calls `nb_words`."""
        return self.nb_words

    @num_words.setter
    def num_words(self, value: int | None) -> None:
        self.nb_words = value

    @property
    def index_word(self) -> dict[int, str]:
        """The word of each number."""
        return {number: word for word, number in self.word_index.items()}

    def _words(self, text: str | Sequence[str]) -> Sequence[str]:
        if isinstance(text, str) and not self.char_level:
            return text_to_word_sequence(text, self.filters, self.lower, self.split)
        if not hasattr(text, "__iter__"):
            raise TypeError(f"Tokenizer: a text must be a string or a list of words; received {text!r}")
        return text

    def fit_on_texts(self, texts: Iterable[str | Sequence[str]]) -> None:
        """Count and number the words of `texts`: strings, or lists of words."""
        counts, docs = Counter(self.word_counts), Counter(self.word_docs)
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            counts.update(words)
            docs.update(set(words))
        self.word_counts, self.word_docs = dict(counts), dict(docs)
        by_frequency = sorted(counts, key=counts.__getitem__, reverse=True)  # equal ones as they came
        unknown = [] if self.oov_token is None else [self.oov_token]
        by_frequency = unknown + [word for word in by_frequency if word not in unknown]
        self.word_index = {word: number for number, word in enumerate(by_frequency, 1)}
        self.index_docs = {self.word_index[word]: count for word, count in docs.items()}

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Count in how many of `sequences`, of word numbers, each number is; needed for tf-idf without texts."""
        self.document_count = len(sequences)
        self.index_docs = dict(Counter(number for sequence in sequences for number in set(sequence)))

    def texts_to_sequences(self, texts: Iterable[str | Sequence[str]]) -> list[list[int]]:
        """Lists of word numbers, one for each of `texts`; unknown words are left out, unless there is `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[str | Sequence[str]]) -> Iterator[list[int]]:
        """One list of word numbers after the other, for each of `texts`."""
        limit = self.nb_words or len(self.word_index) + 1
        numbers = {word: number for word, number in self.word_index.items() if number < limit}
        unknown = None if self.oov_token is None else self.word_index.get(self.oov_token)
        for text in texts:
            found = (numbers.get(word, unknown) for word in self._words(text))
            yield [number for number in found if number is not None]

    def sequences_to_texts(self, sequences: Iterable[Sequence[int]]) -> list[str]:
        """The words of each of `sequences`, of word numbers, with blanks between; unknown numbers are left out."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Sequence[int]]) -> Iterator[str]:
        """One text after the other, for each of `sequences` of word numbers."""
        limit = self.nb_words or len(self.word_index) + 1
        words = {number: word for number, word in self.index_word.items() if number < limit}
        for sequence in sequences:
            found = (words.get(int(number), self.oov_token) for number in sequence)
            yield " ".join(word for word in found if word is not None)

    def texts_to_matrix(self, texts: Iterable[str | Sequence[str]], mode: str = "binary") -> np.ndarray:
        """A row for each of `texts`; `mode` as for `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode=mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
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

    def to_json(self) -> str:
        """All that was set and counted, as a JSON string; `tokenizer_from_json` reads it."""
        return json.dumps(vars(self))


def tokenizer_from_json(text: str) -> Tokenizer:
    """A Tokenizer from the `text` that `to_json` gave.

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
