"""Shared parts of the data sets that hold texts as lists of word numbers."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate.datasets import reading
from horngate.utils.data_utils import get_file

SITE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def fetched(path: str, old_name: str, new_name: str, sha256_hash: str) -> dict[str, np.ndarray]:
    """The arrays of the data set `path`. Keras 1's file name `old_name` is replaced by today's, `new_name`.

    The file must have the checksum `sha256_hash`.
    """
    name = new_name if path == old_name else path
    return reading.arrays(get_file(name, SITE + new_name, sha256_hash=sha256_hash))


def word_index(path: str, old_name: str, new_name: str, md5_hash: str) -> dict[str, int]:
    """The number of each word, 1 for the most frequent.

    `path`, `old_name` and `new_name` as for `fetched`; the file must have the checksum `md5_hash`.
    """
    name = new_name if path == old_name else path
    with open(get_file(name, SITE + new_name, md5_hash=md5_hash), encoding="utf-8") as file:
        return json.load(file)


def shuffled(seed: int, *columns: Sequence[Any] | np.ndarray) -> list[list[Any]]:
    """Shuffle the `columns`, arrays or lists, all in the same order, which follows from `seed`."""
    order = np.random.RandomState(seed).permutation(len(columns[0]))
    return [[column[i] for i in order] for column in columns]


def prepared(
    texts: Sequence[Any],
    labels: Sequence[Any],
    nb_words: int | None,
    skip_top: int,
    maxlen: int | None,
    start_char: int | None,
    oov_char: int | None,
    index_from: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Texts as lists of word numbers, and their labels, as arrays.

    # Arguments
        texts: lists of word numbers.
        labels: one for each text.
        nb_words, skip_top, start_char, oov_char, index_from: see `imdb.load_data`.
        maxlen: texts of this many words or more are left out.
    """
    begin = [] if start_char is None else [start_char]
    shift = index_from or 0
    texts = [begin + [word + shift for word in text] for text in texts]
    if maxlen:
        kept = [i for i, text in enumerate(texts) if len(text) < maxlen]
        texts, labels = [texts[i] for i in kept], [labels[i] for i in kept]
        if not kept:
            raise ValueError(f"no text has fewer than maxlen={maxlen} words. Give a larger maxlen.")
    limit = nb_words or max(map(max, texts)) + 1
    common = range(skip_top, limit)
    if oov_char is None:
        texts = [[word for word in text if word in common] for text in texts]
    else:
        texts = [[word if word in common else oov_char for word in text] for text in texts]
    listed = np.empty(len(texts), object)
    listed[:] = texts
    return listed, np.array(labels)
