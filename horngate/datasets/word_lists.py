"""What the data sets of texts as lists of word numbers have in common."""

import json

import numpy as np

from horngate.datasets import reading
from horngate.utils.data_utils import get_file

SITE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def fetched(path, old_name, new_name, sha256_hash):
    """The arrays of a data set; Keras 1's name of its file stands for today's."""
    name = new_name if path == old_name else path
    return reading.arrays(get_file(name, SITE + new_name, sha256_hash=sha256_hash))


def word_index(path, old_name, new_name, md5_hash):
    """The number of each word, 1 for the most frequent."""
    name = new_name if path == old_name else path
    with open(get_file(name, SITE + new_name, md5_hash=md5_hash), encoding="utf-8") as file:
        return json.load(file)


def shuffled(seed, *columns):
    """Arrays or lists in one random order, which `seed` decides."""
    order = np.random.RandomState(seed).permutation(len(columns[0]))
    return [[column[i] for i in order] for column in columns]


def prepared(texts, labels, nb_words, skip_top, maxlen, start_char, oov_char, index_from):
    """Texts as lists of word numbers, and their labels, as arrays; texts of `maxlen` words and more are left out."""
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
