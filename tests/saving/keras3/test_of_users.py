"""Files with classes of the user, and with calls that say more than their input: as Keras 3 has them, both ways."""

import os
import subprocess

import numpy as np
import pytest

from horngate import keras3
from horngate.models import load_model
from tests.golden_data import ROOT
from tests.saving.keras3 import of_users
from tests.saving.keras3.test_files import KERAS, parts, same_outputs

FILES = ROOT / "keras3_files"
CALLS, CLASSES = list(of_users.calls(keras3)), list(of_users.classes(keras3))
TRAINED = ("stepped",)  # without dropout


def kept(model, folder, name):
    """What a model gives, and the same model from a file."""
    model.save(folder / f"{name}.keras")
    return load_model(folder / f"{name}.keras")


@pytest.mark.parametrize("name", CALLS)
def test_a_call_comes_back_with_all_that_it_says(name, tmp_path):
    model, x = of_users.calls(keras3)[name]
    of_users.filled(model, x)
    same_outputs(of_users.outputs_of(kept(model, tmp_path, "n"), x), of_users.outputs_of(model, x))


@pytest.mark.parametrize("name", CALLS)
def test_a_file_of_keras_3_gives_the_same(name):
    of_users.layers_of_users(keras3)
    _, x = of_users.calls(keras3)[name]
    found = load_model(FILES / f"calls_{name}.keras")
    same_outputs(of_users.outputs_of(found, x), [np.load(FILES / "of_users.npz")[f"calls_{name}-0"]])


WORDS = {"training": 3, "training ": None, "mask": True, "reverse": True, "states": [1]}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_a_call_that_is_unknown_is_refused(word):
    """No word of a call is dropped without a sentence."""
    import json

    from horngate.models import model_from_json

    i = keras3.Input((4,), name="i")
    told = parts_of(keras3.Model(i, keras3.layers.Dense(2, name="d")(i)))
    told["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {word.strip(): WORDS[word]}
    if WORDS[word] is None:
        assert model_from_json(json.dumps(told)).layers
        return
    with pytest.raises(ValueError, match=f"layer 'd' is called with .*{word}"):
        model_from_json(json.dumps(told))


def parts_of(model):
    """The configuration of a model in the form of Keras 3."""
    from horngate.dialects.keras3.writing import Writer

    return Writer().model(model)


# Models that compute in their `call`.


@pytest.mark.parametrize("name", CLASSES)
def test_a_model_of_a_class_comes_back(name, tmp_path):
    model, x = of_users.classes(keras3)[name]
    of_users.filled(model, x)
    wanted = of_users.outputs_of(model, x)
    same_outputs(of_users.outputs_of(kept(model, tmp_path, "n"), x), wanted)
    model.save_weights(tmp_path / "n.weights.h5")
    other, _ = of_users.classes(keras3)[name]
    other(x)
    other.load_weights(tmp_path / "n.weights.h5")
    same_outputs(of_users.outputs_of(other, x), wanted)


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_in_a_file_of_keras_3_gives_the_same(name, tmp_path):
    model, x = of_users.classes(keras3)[name]
    found, wanted = load_model(FILES / f"class_{name}.keras"), np.load(FILES / "of_users.npz")
    outputs = [wanted[key] for key in sorted(wanted.files) if key.startswith(f"class_{name}-")]
    same_outputs(of_users.outputs_of(found, x), outputs)
    of_users.filled(model, x).save(tmp_path / "n.keras")
    assert parts(tmp_path / "n.keras")[1].keys() == parts(FILES / f"class_{name}.keras")[1].keys()


@pytest.mark.parametrize("name", TRAINED)
def test_the_training_of_a_class_goes_on_after_a_file(name, tmp_path):
    model, x = of_users.classes(keras3)[name]
    of_users.trained(of_users.compiled(keras3, of_users.filled(model, x)), x)
    again = kept(model, tmp_path, "n")
    for each in (model, again):
        of_users.trained(each, x)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert int(again.optimizer.iterations.numpy()) == 4


def test_the_training_of_a_class_of_keras_3_goes_on():
    _, x = of_users.classes(keras3)["stepped"]
    found, after = load_model(FILES / "class_trained.keras"), np.load(FILES / "of_users.npz")
    of_users.trained(found, x)
    for place, value in enumerate(found.get_weights()):
        np.testing.assert_allclose(value, after[f"trained-{place}"], rtol=1e-4, atol=1e-6)


class Hidden(keras3.Model):
    """A model whose constructor takes nothing but its own argument."""

    def __init__(self, units=3):
        super().__init__()
        self.first, self.last = keras3.layers.Dense(units), keras3.layers.Dense(2)
        self.second = keras3.layers.Dense(2)

    def call(self, x, context=None):
        return self.last(self.first(x)) if context is None else self.second(context) + self.last(self.first(x))


def test_a_class_that_was_not_registered_is_given(tmp_path):
    model, x = Hidden(5), np.ones((2, 4), "float32")
    wanted = model(x, context=x)
    model.save(tmp_path / "n.keras")
    with pytest.raises(ValueError, match="custom_objects={'Hidden': Hidden}"):
        load_model(tmp_path / "n.keras")
    again = load_model(tmp_path / "n.keras", custom_objects={"Hidden": Hidden})
    np.testing.assert_allclose(again(x, context=x), wanted, rtol=1e-6)


def test_weights_of_other_attributes_are_refused_and_none_is_set(tmp_path):
    model, x = Hidden(5), np.ones((2, 4), "float32")
    model(x, context=x)
    model.save_weights(tmp_path / "n.weights.h5")
    other = Hidden(5)
    before = other(x)
    with pytest.raises(ValueError, match="only the file has layers/dense_2/vars/0.*only the model has no others"):
        other.load_weights(tmp_path / "n.weights.h5")
    np.testing.assert_array_equal(other(x), before)


@pytest.mark.skipif(not KERAS, reason="KERAS3_PYTHON names no Python that has Keras 3")
def test_the_real_keras_3_reads_classes_and_calls(tmp_path):
    wanted = {}
    for kind, cases in (("calls", of_users.calls(keras3)), ("class", of_users.classes(keras3))):
        for name, (model, x) in cases.items():
            of_users.filled(model, x).save(tmp_path / f"{kind}_{name}.keras")
            wanted[f"{kind}_{name}"] = of_users.outputs_of(model, x)
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    subprocess.run([KERAS, "-m", "tools.keras3_files", "read-of-users", str(tmp_path)], check=True, env=environment)
    assert {path.name: path.read_text() for path in tmp_path.glob("*.txt")} == {}
    for name, outputs in wanted.items():
        with np.load(tmp_path / f"{name}.npz") as found:
            same_outputs([found[key] for key in sorted(found.files)], outputs)
