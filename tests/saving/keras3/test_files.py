"""Whole files of the real Keras 3 are read, and files are written that are like them."""

import io
import json
import os
import subprocess
import zipfile

import h5py
import numpy as np
import pytest

from horngate import keras3, layers
from horngate.backend import notices
from horngate.backend.config import within_era
from horngate.dialects import later
from horngate.dialects.keras3 import tables
from horngate.models import Sequential, load_model
from horngate.saving.formats import keras3 as format3
from tests.golden_data import ROOT, close
from tests.saving.keras3.networks import NETWORKS, fill, inputs_of, outputs_of, step, trained

FILES = ROOT / "keras3_files"
OUTPUTS = dict(np.load(FILES / "outputs.npz"))
LOOSE = {"images", "first_channels", "volumes", "signals"}  # sums of many large numbers

every = pytest.mark.parametrize("name", NETWORKS)


def parts(path):
    """The configuration in an archive, and its arrays by their paths."""
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(format3.WEIGHTS))) as file:
        arrays = {}
        file.visititems(lambda name, item: arrays.update({name: item[()]}) if hasattr(item, "dtype") else None)
        return json.loads(archive.read("config.json")), arrays


def same_outputs(found, wanted):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6 * max(1, np.abs(other).max()))


@every
@pytest.mark.filterwarnings("ignore:Layer conv1d")
def test_a_file_of_keras_3_predicts_the_same(name):
    network = load_model(FILES / f"{name}.keras")
    found = outputs_of(network, inputs_of(network))
    same_outputs(found, [OUTPUTS[f"{name}-{i}"] for i in range(len(found))])


# What the real Keras writes beyond what it needs: caches of shapes, arguments for features that horngate lacks.
BESIDE = {"build_config", "build_input_shape", "compile_config", "shared_object_id", "quantization_config", "shape"}
BESIDE |= {"rms_scaling", "unroll", "dilation_rate", "zero_output_for_mask", "activity_regularizer", "mask", "training"}


def compared(tree):
    """A configuration without that, and with the numbers of calls in one form."""
    if isinstance(tree, list):
        return [compared(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.keys() == {"args", "kwargs"} and len(tree["args"]) > 1 and isinstance(tree["args"][1], dict):  # by place
        names = ("query", "value", "key")
        tree = {"args": [], "kwargs": {**dict(zip(names, tree["args"])), **tree["kwargs"]}}
    if str(tree.get("module")).startswith("keras.src.ops"):  # whose parts hold all names of one another
        tree = {**tree, "module": "keras.src.ops"}
    beside = BESIDE | (
        {"layer", "backward_layer"} if "backward_layer" in tree else set()
    )  # of Bidirectional: its copies
    return {key: compared(item) for key, item in tree.items() if key not in beside}


@every
@pytest.mark.filterwarnings("ignore:Layer conv1d")
def test_what_is_written_is_what_keras_3_wrote(name, tmp_path):
    load_model(FILES / f"{name}.keras").save(tmp_path / "again.keras")
    (told, arrays), (wanted, values) = parts(tmp_path / "again.keras"), parts(FILES / f"{name}.keras")
    assert arrays.keys() == values.keys()
    for path, value in values.items():
        np.testing.assert_array_equal(arrays[path], value, err_msg=path)
    by_name = {item.get("name", i): item for i, item in enumerate(told["config"]["layers"])}
    for number, item in enumerate(wanted["config"]["layers"]):
        found = compared(by_name[item.get("name", number)])
        assert {key: found["config"].get(key) for key in compared(item)["config"]} == compared(item)["config"]
        assert {**found, "config": None} == {**compared(item), "config": None}


@every
@pytest.mark.filterwarnings("ignore:Layer conv1d")
def test_a_network_made_here_comes_back(name, tmp_path):
    network = NETWORKS[name](keras3)
    fill(network)
    network.save(tmp_path / "n.keras")
    network.save_weights(tmp_path / "n.weights.h5")
    again, other = load_model(tmp_path / "n.keras"), NETWORKS[name](keras3)
    other.load_weights(tmp_path / "n.weights.h5")
    wanted = outputs_of(network, inputs_of(network))
    same_outputs(outputs_of(again, inputs_of(network)), wanted)
    same_outputs(outputs_of(other, inputs_of(network)), wanted)


def classes_in(tree):
    if isinstance(tree, list):
        return {name for item in tree for name in classes_in(item)}
    if not isinstance(tree, dict):
        return set()
    own = {tree["class_name"]} if tree.get("module") == "keras.layers" else set()
    return own | {name for item in tree.values() for name in classes_in(item)}


def test_every_layer_that_both_have_is_in_a_file():
    there = {name for network in NETWORKS for name in classes_in(parts(FILES / f"{network}.keras")[0])}
    known = later.names("3")["layers"]
    places = {known[name] for name in there}
    beside = {
        "Input",
        "InputSpec",
        "Layer",
        "Wrapper",
        "Lambda",
        *tables.DIFFERENT,
    }  # no layers of their own, or told below
    beside |= {"Hashing", "HashedCrossing", "IntegerLookup", "StringLookup", "TextVectorization"}  # need TensorFlow
    places |= {f"layers.{cls}" for cls, name in tables.NAMES_IN_KERAS_3.items() if name in there}
    missing = {name for name, place in known.items() if place not in places and name[0].isupper()} - beside
    missing -= {name for name in missing if tables.core_class(name) in {tables.core_class(each) for each in there}}
    assert missing == set()


KERAS = os.environ.get("KERAS3_PYTHON", "")


@pytest.mark.skipif(not KERAS, reason="KERAS3_PYTHON names no Python that has Keras 3")
@pytest.mark.filterwarnings("ignore:Layer conv1d")
def test_the_real_keras_3_reads_what_is_written(tmp_path):
    wanted = {}
    for name, make in NETWORKS.items():
        network = make(keras3)
        fill(network)
        network.save(tmp_path / f"{name}.keras")
        wanted[name] = outputs_of(network, inputs_of(network))
    network = trained(keras3)
    step(network)
    network.save(tmp_path / "trained.keras")
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    subprocess.run([KERAS, "-m", "tools.keras3_files", "read", str(tmp_path)], check=True, env=environment)
    assert {path.name: path.read_text() for path in tmp_path.glob("*.txt")} == {}
    for name, outputs in wanted.items():
        with np.load(tmp_path / f"{name}.npz") as found:
            same_outputs([found[str(i)] for i in range(len(outputs))], outputs)
    step(network)
    with np.load(tmp_path / "trained-weights.npz") as found:
        same_outputs([found[key] for key in found.files], network.get_weights())


# Training.


@pytest.mark.parametrize("kind", [".keras", ".h5"])
def test_the_training_of_a_file_of_keras_3_goes_on(kind):
    network = load_model(FILES / f"trained{kind}")
    assert type(network.loss).__name__ == "Huber" and network.metrics_names == ["loss", "mae", "mean_squared_error"]
    step(network)
    with np.load(FILES / "trained.npz") as after:
        for found, key in zip(network.get_weights(), after.files, strict=True):
            np.testing.assert_allclose(found, after[key], rtol=1e-4, atol=1e-5)


OPTIMIZERS = {
    "sgd": lambda o: o.SGD(0.1, momentum=0.5, clipnorm=0.5),
    "rmsprop": lambda o: o.RMSprop(0.01, momentum=0.5, centered=True),
    "adam": lambda o: o.Adam(0.01, amsgrad=True, use_ema=True),
    "nadam": lambda o: o.Nadam(0.01),
    "ftrl": lambda o: o.Ftrl(0.1),
    "muon": lambda o: o.Muon(0.01),  # whose state Keras 3 has otherwise
    "accumulating": lambda o: o.Adam(0.01, gradient_accumulation_steps=2),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_goes_on_after_a_file(name, tmp_path):
    network = trained(keras3, OPTIMIZERS[name](keras3.optimizers))
    step(network)
    network.save(tmp_path / "n.keras")
    again = load_model(tmp_path / "n.keras")
    for each in (network, again):
        step(each)
    for one, other in zip(network.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_without_compile_no_training_is_read():
    assert getattr(load_model(FILES / "trained.keras", compile=False), "objective", None) is None


# What only horngate has.


def chain_of_keras_1():
    way = {"dim_ordering": "th"}
    return Sequential(
        [
            layers.Convolution2D(3, 2, 3, input_shape=(2, 5, 6), **way),
            layers.MaxPooling2D((2, 2), **way),
            layers.Flatten(),
            layers.Dense(4, activation="hard_sigmoid"),
            layers.Highway(),
            layers.Reshape((2, 2)),
            layers.LSTM(3, consume_less="cpu", return_sequences=True),
            layers.GRU(3, inner_activation="sigmoid"),
        ]
    )


@pytest.mark.parametrize("convention", ["theano", "tensorflow"])
def test_a_model_of_keras_1_is_written_with_what_keras_3_has_not(convention, tmp_path):
    from horngate import backend as K

    before = K.conv_convention()
    K.set_conv_convention(convention)
    try:
        network = chain_of_keras_1()
        fill(network)
        notices._told.clear()
        with pytest.warns(UserWarning, match="only horngate can read.*Highway.: Keras 3 has no such layer"):
            network.save(tmp_path / "n.keras")
        again, x = load_model(tmp_path / "n.keras"), np.random.default_rng(0).normal(size=(3, 2, 5, 6))
        close(again.predict(x), network.predict(x), 1e-6)
        told = parts(tmp_path / "n.keras")[0]["config"]["layers"]
        assert [item["module"] for item in told if item["class_name"] in ("Conv2D", "Highway")] == [
            "keras.layers",
            "horngate.layers",
        ]
    finally:
        K.set_conv_convention(before)
    assert again._era.name == network._era.name


def test_a_chain_of_keras_1_that_merges_is_written_as_a_graph(tmp_path):
    branches = [Sequential([layers.Dense(3, input_dim=n)]) for n in (2, 4)]
    network = Sequential([layers.Merge(branches, mode="concat"), layers.Dense(2)])
    network.save(tmp_path / "n.keras")
    x = [np.ones((2, 2)), np.ones((2, 4))]
    close(load_model(tmp_path / "n.keras").predict(x), network.predict(x), 1e-6)


def test_layers_shared_between_models_stay_shared(tmp_path):
    shared = keras3.layers.Dense(3, name="shared")
    one, two = (keras3.Sequential([keras3.Input((3,)), shared], name=name) for name in ("one", "two"))
    x = keras3.Input((3,))
    network = keras3.Model(x, keras3.layers.Add()([one(x), two(shared(x))]))
    network.save(tmp_path / "n.keras")
    again = load_model(tmp_path / "n.keras")
    assert len(again.weights) == len(network.weights) == 2
    close(again.predict(np.ones((2, 3))), network.predict(np.ones((2, 3))), 1e-6)


def test_the_order_of_layers_stays_when_a_file_is_converted(tmp_path):
    from horngate.commands.files import convert

    assert convert([str(FILES / "nested.keras"), str(tmp_path / "n.h5")]) == 0
    with h5py.File(tmp_path / "n.h5") as file:
        names = [name.decode() for name in file.attrs["layer_names"]]
    kept = [name for name in names if name in ("shared", "deep", "step", "dense")]
    assert kept[:3] == ["shared", "dense", "deep"], names


def test_configurations_are_read_as_texts():
    from horngate.models import model_from_json

    told = parts(FILES / "vectors.keras")[0]
    network = model_from_json(json.dumps(told))
    assert network.layers[0].output_dim == 8 and network._era.name == "3"
    with within_era("1.2"):
        assert model_from_json(json.dumps(told)).layers[3].activation is network.layers[3].activation
