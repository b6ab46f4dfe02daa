"""Layers of categories, vocabularies and statistics: numbers of the real Keras 3.15.1 on TensorFlow."""

import numpy as np
import pytest

from horngate import keras3
from horngate.backend import hashes

L = keras3.layers
NUMBERS = np.array([[12, 1138, 42], [42, 1000, 36], [0, 7, -9]])
WORDS, LETTERS = np.array([["a", "c", "d"], ["d", "z", "b"]]), {"vocabulary": ["a", "b", "c", "d"]}
TOKENS = {"vocabulary": [12, 36, 1138, 42]}
TEXTS = ["The quick, brown fox.", "jumps over the LAZY dog the"]
FIVE = np.array([["A"], ["B"], ["C"], ["D"], ["E"]])

CASES = [
    (lambda: L.CategoryEncoding(4, "one_hot")([[1], [2]]), [[0, 1, 0, 0], [0, 0, 1, 0]]),
    (lambda: L.CategoryEncoding(4)([[1, 2], [0, 0]]), [[0, 1, 1, 0], [1, 0, 0, 0]]),
    (
        lambda: L.CategoryEncoding(4, "count")(np.array([[1, 2], [0, 0]]), count_weights=np.array([[0.5, 2], [1, 1]])),
        [[0, 0.5, 2, 0], [2, 0, 0, 0]],
    ),
    (lambda: L.Discretization([0.0, 1.0, 2.0])(np.array([[-1.5, 1.0, 3.4, 0.5]])), [[0, 2, 3, 1]]),
    (lambda: L.Discretization([0.0, 1.0], output_mode="count")(np.array([[-1.5, 1.0, 3.4]])), [[1, 0, 2]]),
    (lambda: adapted(L.Discretization(num_bins=4), np.arange(100.0)).bin_boundaries, [24, 49, 74]),
    (lambda: adapted(L.Discretization(num_bins=3), np.array([1, 2, 2, 2, 3.0])).bin_boundaries, [5 / 3, 2]),
    (lambda: L.Hashing(3)(FIVE), [[1], [0], [1], [1], [2]]),
    (lambda: L.Hashing(3, mask_value="")(np.array(["A", "B", "", "C", "D"])), [1, 1, 0, 2, 2]),
    (lambda: L.Hashing(3, salt=[133, 137])(FIVE), [[1], [2], [1], [0], [2]]),
    (lambda: L.Hashing(3, salt=133)(FIVE), [[0], [0], [2], [1], [0]]),
    (lambda: L.Hashing(10)(np.arange(6)), [5, 9, 9, 1, 3, 1]),
    (lambda: L.Hashing(4, output_mode="count")(np.array([[1, 2, 3]])), [[0, 2, 0, 1]]),
    (lambda: L.HashedCrossing(5)((["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102])), [1, 4, 1, 1, 3]),
    (lambda: L.HashedCrossing(1000000)(([1, 2], [3, -4], ["a", "b"])), [757592, 667760]),
    (lambda: L.StringLookup(**LETTERS)(WORDS), [[1, 3, 4], [4, 0, 2]]),
    (lambda: L.StringLookup(**LETTERS, num_oov_indices=2)(WORDS), [[2, 4, 5], [5, 1, 3]]),
    (lambda: L.StringLookup(**LETTERS, mask_token="")(np.array([["", "a", "z"]])), [[0, 2, 1]]),
    (lambda: L.StringLookup(**LETTERS, salt=7, num_oov_indices=3)(np.array(["q", "r", "s", "t"])), [0, 1, 0, 2]),
    (lambda: L.StringLookup(**LETTERS, output_mode="multi_hot")(WORDS), [[0, 1, 0, 1, 1], [1, 0, 1, 0, 1]]),
    (
        lambda: L.StringLookup(**LETTERS, output_mode="tf_idf", idf_weights=[0.25, 0.75, 0.6, 0.4])(WORDS),
        [[0, 0.25, 0, 0.6, 0.4], [0.5, 0, 0.75, 0, 0.4]],
    ),
    (lambda: L.StringLookup(**LETTERS, invert=True)([[1, 0]]) == [["a", "[UNK]"]], [[True, True]]),
    (lambda: L.IntegerLookup(**TOKENS)(NUMBERS), [[1, 3, 4], [4, 0, 2], [0, 0, 0]]),
    (lambda: L.IntegerLookup(**TOKENS, mask_token=0)(NUMBERS), [[2, 4, 5], [5, 1, 3], [0, 1, 1]]),
    (lambda: L.IntegerLookup(**TOKENS, num_oov_indices=2)(NUMBERS), [[2, 4, 5], [5, 0, 3], [0, 1, 1]]),
    (
        lambda: L.IntegerLookup(**TOKENS, num_oov_indices=2, oov_method="farmhash")(NUMBERS),
        [[2, 4, 5], [5, 1, 3], [1, 0, 0]],
    ),
    (lambda: L.IntegerLookup(**TOKENS, invert=True)([[1, 3], [0, 2]]), [[12, 1138], [-1, 36]]),
    (lambda: adapted(L.TextVectorization(), TEXTS)(TEXTS), [[2, 3, 9, 7, 0, 0], [6, 4, 2, 5, 8, 2]]),
    (
        lambda: adapted(L.TextVectorization(ngrams=2), TEXTS)(TEXTS),
        [[2, 6, 17, 13, 3, 5, 16, 0, 0, 0, 0], [12, 8, 2, 10, 15, 2, 11, 7, 4, 9, 14]],
    ),
    (
        lambda: adapted(L.TextVectorization(split="character", output_sequence_length=5), TEXTS)(TEXTS),
        [[5, 6, 4, 2, 15], [21, 7, 18, 16, 14]],
    ),
    (
        lambda: adapted(L.TextVectorization(output_mode="tf_idf"), TEXTS)(TEXTS)[0],
        [0, 0.5108256, 0.6931472, 0, 0, 0, 0.6931472, 0, 0.6931472],
    ),
    (lambda: L.TextVectorization(vocabulary=["a"])(["!\"#$%' a\tb\nA"]), [[2, 1, 2]]),
]


def adapted(layer, data):
    layer.adapt(data)
    return layer


@pytest.mark.parametrize("i", range(len(CASES)))
def test_numbers_are_those_of_keras_3(i):
    made, wanted = CASES[i]
    np.testing.assert_allclose(np.asarray(made(), "float64"), wanted, rtol=1e-6)


def test_vocabularies_are_in_the_order_of_keras_3_and_come_back():
    layer = adapted(L.StringLookup(), WORDS)
    assert layer.get_vocabulary() == ["[UNK]", "d", "z", "c", "b", "a"]
    assert type(layer).from_config(layer.get_config()).get_vocabulary() == layer.get_vocabulary()
    assert adapted(L.StringLookup(max_tokens=3), WORDS).get_vocabulary() == ["[UNK]", "d", "z"]
    text = adapted(L.TextVectorization(max_tokens=5), iter([TEXTS[:1], TEXTS[1:]]))
    assert text.get_vocabulary() == ["", "[UNK]", "the", "quick", "over"]


def test_the_fingerprints_of_texts_of_every_length_differ_and_stay():
    found = [hashes.fingerprint(b"x" * n) for n in range(140)]
    assert len(set(found)) == 140 and max(found) < 2**64


@pytest.mark.parametrize("axis, shape", [(-1, (3,)), (None, ()), ((1, -1), (4, 3))])
def test_normalization_learns_from_arrays_and_batches(axis, shape):
    x = np.random.RandomState(0).normal(3, 2, (20, 4, 5, 3)).astype("float32")
    whole, parts = adapted(L.Normalization(axis=axis), x), adapted(L.Normalization(axis=axis), iter(np.split(x, 4)))
    over = tuple(i for i in range(4) if i not in (() if axis is None else tuple(a % 4 for a in np.atleast_1d(axis))))
    for layer in (whole, parts):
        assert layer.get_weights()[0].shape == shape
        np.testing.assert_allclose(layer.get_weights()[0], x.mean(over), rtol=1e-5)
        np.testing.assert_allclose(layer.get_weights()[1], x.var(over), rtol=1e-4)
    back = L.Normalization(axis=axis, invert=True)
    back.adapt(x)
    np.testing.assert_allclose(back(whole(x)), x, rtol=1e-4, atol=1e-4)


def test_layers_of_texts_want_texts_and_others_take_numbers_in_models():
    for layer in (L.StringLookup(**LETTERS), L.TextVectorization(vocabulary=["a"])):
        with pytest.raises(TypeError, match="takes texts; received.*int32.*dtype='string'"):
            layer(keras3.Input((2,), dtype="int32"))
    n, x = keras3.Input((3,), dtype="int32"), keras3.Input((2,))
    y = L.IntegerLookup(**TOKENS, output_mode="count")(n)
    z = L.Pipeline([L.Normalization(mean=[1.0, 2.0], variance=[1.0, 4.0]), L.Rescaling(2.0)])(x)
    model = keras3.Model([n, x], L.Dense(1)(L.Concatenate()([y, z])))
    model.compile("sgd", "mse")
    model.fit([NUMBERS, np.ones((3, 2))], np.ones((3, 1)), verbose=0)
    assert model.predict([NUMBERS, np.ones((3, 2))], verbose=0).shape == (3, 1)


@pytest.mark.parametrize(
    "name", ["Discretization", "Normalization", "IntegerLookup", "StringLookup", "TextVectorization"]
)
def test_a_batch_size_cuts_arrays_and_is_refused_for_batches(name):
    """So `steps` reads only the first rows, in each layer that learns."""
    data = np.arange(40) // 4
    data = data.astype(str) if name in ("StringLookup", "TextVectorization") else data
    data = data[:, None] if name == "Normalization" else data
    made = [getattr(keras3.layers, name)(**({"num_bins": 3} if name == "Discretization" else {})) for _ in range(3)]
    for layer, (given, told) in zip(made, [(data, {"batch_size": 5, "steps": 2}), (data[:10], {}), (data, {})]):
        layer.adapt(given, **told)
        layer.learned = np.asarray(layer(data), "float64")
    np.testing.assert_allclose(made[0].learned, made[1].learned, rtol=1e-5)
    assert made[0].learned.shape != made[2].learned.shape or (made[0].learned != made[2].learned).any()
    with pytest.raises(ValueError, match="batches already"):
        made[0].adapt(iter([data]), batch_size=5)


ADAPTED = {  # layer -> data that it learns from, data that mean nothing to it
    "Normalization": (np.arange(12.0).reshape(6, 2), [np.array([[1.0, np.nan], [2.0, 3.0]]), np.array([["a"]])]),
    "Discretization": (np.arange(12.0).reshape(6, 2), [np.array([1.0, np.inf]), np.array(["a"])]),
    "IntegerLookup": (np.array([[5, 7], [7, -3]]), [np.array([1.5]), np.array([np.nan]), np.array(["a"])]),
    "StringLookup": (np.array([["b", "a/é"], ["b", "c"]]), [np.array(["a", None]), np.array([1]), np.array([np.nan])]),
    "TextVectorization": (np.array(["b c", "b"]), [np.array(["a", None]), np.array([1])]),
}


def unlearned(name):
    return getattr(L, name)(**{"num_bins": 3} if name == "Discretization" else {})


@pytest.mark.parametrize("name", ADAPTED)
def test_what_cannot_be_learned_from_is_refused(name):
    data, wrong = ADAPTED[name]
    masked = np.ma.masked_array(data, mask=np.arange(data.size).reshape(data.shape) == 1)
    for given in (*wrong, masked, data[:0], []):
        with pytest.raises((ValueError, TypeError), match="adapt|expected texts|takes whole numbers"):
            unlearned(name).adapt(given)
    known = adapted(unlearned(name), data)
    for given in wrong if "Lookup" in name or "Text" in name else ():
        with pytest.raises((ValueError, TypeError), match="expected texts|takes whole numbers"):
            known(given)


@pytest.mark.parametrize("name", ["Normalization", "Discretization", "IntegerLookup"])
def test_what_was_learned_is_in_files_and_can_be_learned_anew(name, tmp_path):
    data = ADAPTED[name][0]
    kind = "int32" if name == "IntegerLookup" else "float32"
    model = keras3.Sequential([keras3.Input((2,), dtype=kind), adapted(unlearned(name), data)])
    expected = model.predict(data, verbose=0)
    for file in ("m.keras", "m.h5"):
        model.save(tmp_path / file)
        again = keras3.saving.load_model(tmp_path / file)
        np.testing.assert_array_equal(again.predict(data, verbose=0), expected)
    layer = model.layers[-1]
    layer.adapt(data * 10)
    assert (model.predict(data * 10, verbose=0) == layer(data * 10)).all()


def test_numbers_too_large_for_programs_are_not_cut_off():
    with pytest.raises(ValueError, match="int32.*4294967297"):
        L.IntegerLookup(vocabulary=[1, 2])(np.array([2**32 + 1]))
