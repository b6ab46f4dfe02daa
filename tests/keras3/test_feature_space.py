"""FeatureSpace against the real Keras 3.15.1 on TensorFlow."""

import numpy as np
import pytest

from horngate import keras3
from horngate.utils.passes import Dataset
from tests.keras3.feature_space import DATA, FOLDER, space

FILE, KIND = FOLDER / "feature_space.keras", keras3.utils.FeatureSpace
with np.load(FILE.with_suffix(".npz")) as _found:
    WANTED = {key: _found[key] for key in _found.files}
BATCHES = Dataset(lambda: ({key: value[i : i + 2] for key, value in DATA.items()} for i in (0, 2)), 2)


def adapted(*told):
    made = space(KIND, *told)
    made.adapt(BATCHES)
    return made


def test_columns_become_the_numbers_of_keras_3():
    whole, apart = adapted(), adapted("dict", "int")
    np.testing.assert_allclose(whole(DATA), WANTED["concat"], rtol=1e-5)
    found = apart(DATA)
    assert found.keys() | {"concat"} == WANTED.keys()
    for key in found:
        np.testing.assert_allclose(found[key], WANTED[key], rtol=1e-5)
    np.testing.assert_allclose(whole({key: value[1] for key, value in DATA.items()}), WANTED["concat"][1], rtol=1e-5)


def test_files_of_keras_3_and_its_own_are_read(tmp_path):
    adapted().save(tmp_path / "space.keras")
    for path in (FILE, tmp_path / "space.keras"):
        np.testing.assert_allclose(keras3.models.load_model(path)(DATA), WANTED["concat"], rtol=1e-5)


def test_a_model_trains_on_what_it_gives():
    made = adapted()
    x = made.get_encoded_features()
    model = keras3.Model(x, keras3.layers.Dense(1)(x))
    model.compile("sgd", "mse")
    model.fit(BATCHES.map(lambda data: (made(data), np.ones((2, 1)))), epochs=2, verbose=0)
    assert model.predict(made(DATA), verbose=0).shape == (4, 1) and set(made.get_inputs()) == set(DATA)


def test_numbers_are_prepared_within_the_model():
    made = KIND({"a": "float_normalized", "b": KIND.integer_categorical(), "c": KIND.float_discretized(2)})
    data = {"a": DATA["normal"], "b": DATA["whole"], "c": DATA["bins"]}
    made.adapt(data)
    model = keras3.Model(made.get_inputs(), made.get_encoded_features())
    np.testing.assert_allclose(
        model.predict({k: v[:, None] for k, v in data.items()}, verbose=0), made(data), rtol=1e-5
    )


WRONG = {
    "no columns": (lambda: KIND({}), "at least one column"),
    "another kind": (lambda: KIND({"a": "x"}), "must be one of float"),
    "another mode": (lambda: KIND({"a": "float"}, output_mode="x"), "'concat' or 'dict'"),
    "an unknown column": (lambda: KIND({"a": "float"}, crosses=[("a", "b")]), "crosses name"),
    "nothing learned": (lambda: space(KIND)(DATA), "learned nothing yet"),
    "targets": (lambda: space(KIND).adapt([(DATA, 1)]), "without targets"),
    "a missing column": (lambda: adapted()({"text": ["a"]}), "no column 'whole'"),
    "categories beside numbers": (lambda: adapted("concat", "int")(DATA), "mean nothing beside"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused(case):
    make, words = WRONG[case]
    with pytest.raises(ValueError, match=words):
        make()
