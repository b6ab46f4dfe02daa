"""Models whose first layers take texts: these run on the host, batch by batch, before the compiled program."""

import numpy as np
import pytest

from horngate import keras3 as keras
from horngate.keras3 import layers
from horngate.training.pure import pure_prediction

TEXTS = np.array(["the cat sat", "a dog ran far away", "cat", "the dog sat here"] * 3)
TARGETS = np.array([0.0, 1, 1, 0] * 3)
WORDS = ["the", "cat", "dog", "sat"]


def text():
    return keras.Input((1,), dtype="string")


def classifier(length=None):
    """Texts of any length; the program sees the words of each batch, padded to the longest."""
    vectorizer = layers.TextVectorization(vocabulary=WORDS, output_sequence_length=length)
    x = layers.Embedding(6, 3, mask_zero=True)(vectorizer(begin := text()))
    return keras.Model(begin, layers.Dense(1)(layers.GlobalAveragePooling1D()(x)))


def behind(model):
    """The layers of `classifier` behind the words, as a model of its own."""
    return keras.Model(model.layers[2].input, model.output)


def batches(*forms):
    return [(form(TEXTS[i : i + 4]), TARGETS[i : i + 4]) for form in forms for i in range(0, 12, 4)]


def test_texts_in_every_form_train_as_their_numbers_do():
    start = classifier()
    numbers = np.asarray(start.layers[1](TEXTS))
    forms = [lambda x: x, list, lambda x: x[:, None], lambda x: np.char.encode(x), lambda x: x.astype(object)]
    wanted = None
    for i, form in enumerate([None, *forms]):
        model = keras.models.clone_model(start)
        model.set_weights(start.get_weights())
        used, x = (behind(model), numbers) if form is None else (model, form(TEXTS))
        used.compile("sgd", "mse", metrics=["mae"])
        found = used.fit(x, TARGETS, 4, epochs=2, shuffle=False, verbose=0, validation_data=(x, TARGETS)).history
        found = [*found.values(), used.evaluate(x, TARGETS, verbose=0), used.train_on_batch(x, TARGETS)]
        found += [used.predict(x, 5, verbose=0).ravel(), used.predict_on_batch(x).ravel()]
        wanted = found if wanted is None else wanted
        for ours, theirs in zip(found, wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, err_msg=str(i))


def test_streams_of_texts_are_read():
    model = classifier(length=4)
    model.compile("sgd", "mse")
    for stream in (batches(np.asarray, list), iter(batches(np.asarray))):
        model.fit((batch for batch in stream), epochs=1, verbose=0)
    assert np.isfinite(model.evaluate((batch for batch in batches(np.asarray)), verbose=0))
    made = model.predict((x for x, _ in batches(np.asarray)), verbose=0)
    np.testing.assert_allclose(made, model.predict(TEXTS, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(made, model(TEXTS[:, None]), rtol=1e-5)


def columns():
    """Texts and numbers in a dictionary, and every layer for them."""
    kind, place, age = text(), text(), keras.Input((1,), dtype="int32")
    parts = [
        layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(kind),
        layers.Hashing(4, output_mode="one_hot")(place),
        layers.HashedCrossing(5, output_mode="one_hot")([kind, age]),
        layers.IntegerLookup(vocabulary=[3, 4], num_oov_indices=0, output_mode="one_hot")(age),
        layers.TextVectorization(vocabulary=WORDS, output_mode="multi_hot")(kind),
        layers.Rescaling(0.1)(age),
    ]
    x = layers.Dense(2)(layers.concatenate(parts))
    return keras.Model({"kind": kind, "place": place, "age": age}, x)


def in_a_model():
    """A model of texts within a model: all of it trains."""
    inner, begin, more = classifier(), text(), keras.Input((2,))
    return keras.Model([begin, more], layers.Dense(1)(layers.concatenate([inner(begin), more])))


def end_to_end():
    model = classifier(length=5)
    return keras.Sequential([text(), model.layers[1], behind(model)])


def late():
    """A chain that the first texts tell its input."""
    chain = keras.Sequential([layers.TextVectorization(vocabulary=WORDS), layers.Embedding(6, 2), layers.Dense(1)])
    chain.predict(TEXTS[:2], verbose=0)
    return chain


ROWS = {"kind": np.array(["a", "the b", "b"]), "place": np.array(["x", "y", "x"]), "age": np.array([3, 4, 4])}
MODELS = {
    columns: ROWS,
    in_a_model: [TEXTS[:3], np.ones((3, 2), "float32")],
    end_to_end: TEXTS[:3],
    classifier: list(TEXTS[:3]),
    late: TEXTS[:3],
}


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_models_of_texts_train_and_go_through_files(make, tmp_path):
    model, x = make(), MODELS[make]
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(x, np.ones_like(model.predict(x, verbose=0)), verbose=0)
    assert not any(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    wanted = model.predict(x, verbose=0)
    model.summary(print_fn=lambda *_, **__: None)
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        again = keras.models.load_model(tmp_path / name)
        np.testing.assert_allclose(again.predict(x, verbose=0), wanted, rtol=1e-5)


def test_a_vocabulary_may_be_learned_after_the_model_was_made():
    vectorizer = layers.TextVectorization(max_tokens=6, output_sequence_length=3)
    model = keras.Sequential([text(), vectorizer, layers.Embedding(6, 2)])
    assert model.output_shape == (None, 3, 2)
    vectorizer.adapt(TEXTS)
    assert model.predict(TEXTS, verbose=0).shape == (12, 3, 2)


class OwnStep(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


def train_own_step():
    model = classifier()
    own = OwnStep(model.input, model.output)
    own.compile("sgd", "mse")
    own.fit(TEXTS, TARGETS, verbose=0)


@pytest.mark.parametrize(
    ("attempt", "told"),
    [
        (lambda: layers.Embedding(3, 3)(text()), "takes numbers; received texts.*TextVectorization"),
        (lambda: keras.Model(x := keras.Input((4,)), layers.Hashing(5)(layers.Dense(1)(x))), "computes with trained"),
        (lambda: layers.StringLookup(vocabulary=["a"], invert=True)(keras.Input((1,))), "gives texts.*predict"),
        (train_own_step, "Call its text layers"),
        (lambda: pure_prediction(classifier()), "takes texts"),
    ],
)
def test_what_cannot_be_with_texts_says_what_to_do(attempt, told):
    with pytest.raises((TypeError, ValueError), match=told):
        attempt()


def test_a_model_may_begin_within_another_graph_as_in_keras_3():
    x = layers.Dense(4, name="first")(keras.Input((3,)))
    y = layers.Dense(2)(x * 2)
    part = keras.Model(x, y)
    assert part.input_shape == (None, 4) and [type(each).__name__ for each in part.layers][0] == "InputLayer"
    data = np.ones((2, 4), "float32")
    np.testing.assert_allclose(part.predict(data, verbose=0), part.layers[-1](data * 2), rtol=1e-6)
