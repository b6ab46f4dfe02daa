"""Sequences and texts come out as the real Keras 1.2.2 made them."""

import json
import random

import numpy as np
import pytest

from horngate.preprocessing import sequence, text
from tests.golden_data import ROOT

SEQUENCE, TEXT = (json.loads((ROOT / "preprocessing" / f"{name}.json").read_text()) for name in ("sequence", "text"))


@pytest.mark.parametrize("case", SEQUENCE["pad_sequences"])
def test_pad_sequences(case):
    padded = sequence.pad_sequences(case["sequences"], **case["kwargs"])
    assert padded.dtype == case["dtype"] and padded.tolist() == case["output"]


@pytest.mark.parametrize(
    "sequences, options, shape",
    [([], {}, (0, 0)), ([[], []], {}, (2, 0)), ([[], []], {"maxlen": 3}, (2, 3)), ([[1, 2]], {"maxlen": 0}, (1, 0))],
)
def test_padding_nothing(sequences, options, shape):
    padded = sequence.pad_sequences(sequences, **options)
    assert padded.shape == shape and not padded.any()


@pytest.mark.parametrize(
    "sequences, options, words",
    [
        ([[1]], {"padding": "left"}, "padding must be 'pre' or 'post'; received 'left'"),
        ([[1]], {"truncating": "left"}, "truncating must be"),
        ([[1], 2], {}, "item 1 is 2"),
        ([[[1, 2]], [[1]]], {}, "items must have one shape"),
    ],
)
def test_what_cannot_be_padded(sequences, options, words):
    with pytest.raises(ValueError, match=words):
        sequence.pad_sequences(sequences, **options)


@pytest.mark.parametrize("case", SEQUENCE["make_sampling_table"], ids=lambda case: str(case["size"]))
def test_make_sampling_table(case):
    np.testing.assert_allclose(sequence.make_sampling_table(case["size"], **case["kwargs"]), case["output"])


@pytest.mark.parametrize("case", SEQUENCE["skipgrams"], ids=lambda case: str(case["kwargs"])[:60])
def test_skipgrams(case):
    random.seed(case["python_random_seed"])
    couples, labels = sequence.skipgrams(case["sequence"], case["vocabulary_size"], **case["kwargs"])
    assert couples == case["couples"] and labels == case["labels"]


@pytest.mark.parametrize("case", TEXT["text_to_word_sequence"])
def test_text_to_word_sequence(case):
    assert text.text_to_word_sequence(case["text"], **case["kwargs"]) == case["output"]


@pytest.mark.parametrize("case", TEXT["Tokenizer"], ids=lambda case: str(case["kwargs"]))
@pytest.mark.parametrize("again", [False, True], ids=["fitted", "from JSON"])
def test_tokenizer(case, again):
    tokenizer = text.Tokenizer(**case["kwargs"])
    tokenizer.fit_on_texts(case["fit_texts"])
    if again:
        tokenizer = text.tokenizer_from_json(tokenizer.to_json())
    for name in ("word_counts", "word_docs", "word_index", "document_count"):
        assert getattr(tokenizer, name) == case[name], name
    assert {str(number): count for number, count in tokenizer.index_docs.items()} == case["index_docs"]
    assert tokenizer.texts_to_sequences(case["query_texts"]) == case["texts_to_sequences"]
    assert tokenizer.texts_to_sequences(case["fit_texts"]) == case["texts_to_sequences_fit"]
    for mode in ("binary", "count", "tfidf", "freq"):
        np.testing.assert_allclose(tokenizer.texts_to_matrix(case["query_texts"], mode), case[f"matrix_{mode}"])


@pytest.mark.parametrize("case", TEXT["Tokenizer_sequences"])
def test_tokenizer_on_sequences(case):
    tokenizer = text.Tokenizer(**case["kwargs"])
    tokenizer.fit_on_sequences(case["sequences"])
    assert {str(number): count for number, count in tokenizer.index_docs.items()} == case["index_docs"]
    assert tokenizer.document_count == case["document_count"]
    for mode in ("binary", "count", "tfidf", "freq"):
        np.testing.assert_allclose(tokenizer.sequences_to_matrix(case["sequences"], mode), case[f"matrix_{mode}"])


def test_one_hot_is_the_same_in_every_process():
    numbers = text.one_hot("the cat sat on the mat the end", 20)
    assert len(numbers) == 8 and numbers[0] == numbers[4] == numbers[6]
    assert all(1 <= number < 20 for number in numbers)
    assert numbers[:2] == [1 + 1011183078 % 19, 1 + 2656977832 % 19]  # CRC-32 of "the" and "cat"


def test_texts_may_be_lists_of_words_and_come_in_parts():
    whole, parts = text.Tokenizer(), text.Tokenizer()
    whole.fit_on_texts(["a b b", "c"])
    parts.fit_on_texts([["a", "b", "b"]])
    parts.fit_on_texts([["c"]])
    assert vars(whole) == vars(parts)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda t: t.texts_to_matrix(["a"]), "give nb_words, or call fit_on_texts"),
        (lambda t: t.fit_on_texts(["a"]) or t.texts_to_matrix(["a"], "counts"), "received 'counts'"),
        (lambda t: setattr(t, "nb_words", 3) or t.sequences_to_matrix([[1]], "tfidf"), "needs document counts"),
    ],
)
def test_what_a_tokenizer_cannot_do(call, words):
    with pytest.raises(ValueError, match=words):
        call(text.Tokenizer())
