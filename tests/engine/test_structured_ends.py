"""Models of layers whose inputs and outputs are dictionaries or nested lists: data, losses, calls, copies and files."""

import copy
import pickle

import numpy as np
import pytest

from horngate import keras3
from horngate.keras3 import layers
from horngate.models import load_model

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(16, 3)).astype("float32"), RNG.normal(size=(16, 2)).astype("float32")
X, Y = {"a": A, "b": B}, {"y": A[:, :1], "z": B}


def model():
    """Two inputs and two outputs by name; the names of the layers are others."""
    a, b = keras3.Input((3,)), keras3.Input((2,))
    both = layers.Concatenate()([a, b])
    return keras3.Model(inputs={"a": a, "b": b}, outputs={"y": layers.Dense(1)(both), "z": layers.Dense(2)(both)})


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-5)


def test_data_losses_and_metrics_go_by_the_keys():
    made = model()
    made.compile("sgd", loss={"y": "mse", "z": "mse"}, metrics={"y": ["mae"]}, loss_weights={"y": 1.0, "z": 0.5})
    history = made.fit(X, Y, epochs=2, verbose=0).history
    assert set(history) == {"loss", "y_loss", "z_loss", "y_mae"}
    batches = ((({k: v[i : i + 4] for k, v in X.items()}), {k: v[i : i + 4] for k, v in Y.items()}) for i in (0, 4))
    made.fit(batches, steps_per_epoch=2, verbose=0)
    told = made.evaluate(X, Y, verbose=0, return_dict=True)
    errors = {name: float(np.mean((made.predict(X, verbose=0)[name] - Y[name]) ** 2)) for name in Y}
    assert told["loss"] == pytest.approx(errors["y"] + 0.5 * errors["z"], rel=1e-4)
    same(made.predict({"b": B, "a": A}, verbose=0), made.predict([A, B], verbose=0))
    same({k: np.asarray(v) for k, v in made(X).items()}, made.predict(X, verbose=0))
    with pytest.raises(ValueError, match="the inputs are a, b; the dictionary has no 'b', but a, c"):
        made({"a": A, "c": B})


COPIES = {
    "deepcopy": lambda made, path: copy.deepcopy(made),
    "pickle": lambda made, path: pickle.loads(pickle.dumps(made)),
    ".keras": lambda made, path: [made.save(path / "m.keras"), load_model(path / "m.keras")][1],
    ".h5": lambda made, path: [made.save(path / "m.h5"), load_model(path / "m.h5")][1],
}


@pytest.mark.parametrize("way", COPIES)
def test_copies_and_files_keep_the_structure(way, tmp_path):
    made = model()
    again = COPIES[way](made, tmp_path)
    same(again.predict(X, verbose=0), made.predict(X, verbose=0))
    assert again.input_names == ["a", "b"] and again.output_names == ["y", "z"]


def test_within_another_model_and_nested_lists():
    inner, a, b = model(), keras3.Input((3,)), keras3.Input((2,))
    found = inner({"b": b, "a": a})
    outer = keras3.Model([a, b], [found["z"], {"more": layers.Dense(1)(found["y"])}])
    z, rest = outer.predict([A, B], verbose=0)
    np.testing.assert_allclose(z, inner.predict(X, verbose=0)["z"], rtol=1e-5)
    assert rest["more"].shape == (16, 1) and outer.output_names[1] == "1/more"


class Doubling(keras3.Model):
    """A model with a step of its own, whose inputs have names."""

    def test_step(self, data):
        x, y = data
        return {"off": keras3.ops.mean(keras3.ops.abs(self(x)["y"] - y["y"]))}


def test_a_step_of_ones_own_sees_the_dictionaries():
    plain = model()
    made = Doubling(inputs=dict(zip("ab", plain.inputs)), outputs=dict(zip("yz", plain.outputs)))
    made.compile("sgd", "mse")
    off = float(np.abs(plain.predict(X, verbose=0)["y"] - Y["y"]).mean())
    assert made.evaluate(X, Y, verbose=0, return_dict=True)["off"] == pytest.approx(off, rel=1e-4)
