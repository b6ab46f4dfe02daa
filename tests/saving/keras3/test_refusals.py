"""What files of Keras 2 and 3 must not do, and what is refused with a sentence that says what to do."""

import json
import zipfile

import h5py
import numpy as np
import pytest

from horngate import keras3
from horngate import layers as core
from horngate.models import Sequential, load_model, model_from_json
from tests.golden_data import ROOT
from tests.saving.keras3.test_files import parts

FILES = ROOT / "keras3_files"


def described(name="Dense", /, module="keras.layers", registered=None, **config):
    """A chain of one layer as Keras 3 writes it."""
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 3], "name": "i"}}
    layer = {"module": module, "class_name": name, "config": config, "registered_name": registered}
    return json.dumps(
        {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [first, layer]}}
    )


CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
MINE = {"module": "mine", "registered_name": "x"}
REFUSED = [
    *(
        (described("Dense", units=2, name="d", **{word: {**MINE, **said}}), "the file names '.*' of the program that")
        for word, said in {
            "kernel_initializer": {"class_name": "Zeros", "config": {}},
            "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.1}},
            "kernel_constraint": {"class_name": "NonNeg", "config": {}},
            "activation": {"class_name": "function", "config": "relu"},
            "dtype": {"class_name": "DTypePolicy", "config": {"name": "float32"}},
        }.items()
    ),
    (described("Dense", units=2, name="d", dtype=-5), "dtype of Dense should be a name or a policy; the file holds -5"),
    (described("Dense", units=2, name="d", activation="a" * 10**6), r"^.{300,2000}$"),
    (described("Dense", units="a" * 10**6, name="d"), r"^.{300,2000}$"),
    (
        described("Lambda", name="twice", function=CODE),
        "'twice' .Lambda. holds its function as Python code.*custom_objects={'twice': function}",
    ),
    (
        described("Dense", name="d", units=2, activation=CODE),
        "holds a function as Python code, which no file may run here",
    ),
    (described("system", module="os", name="d"), "names 'system' of the program that wrote it .'os'.*custom_objects="),
    (described("Popen", module="subprocess", args="touch x"), "'Popen'.*pass it, custom_objects="),
    (described("system", name="d"), "unknown layer 'system'"),
    (described("Dense", units=2, name="d", lora_rank=3), "Dense, argument 'lora_rank': must be None"),
    (described("Dense", units=-2, name="d"), "Dense, argument 'units': must be a whole number of at least 1"),
    (described("Dense", units=2, name="d", activation="nonsense"), "unknown activation 'nonsense'"),
    (
        described("LayerNormalization", name="n", rms_scaling=True),
        "LayerNormalization 'n' has rms_scaling=True in the file, which horngate lacks",
    ),
    (described("SpectralNormalization", name="s"), "SpectralNormalization, which computes something else here"),
    (described("RandomHeight", name="h"), "unknown layer 'RandomHeight'"),
    ('{"class_name": "Sequential", "config": {"name": "s"}}', "described by the list of its layers"),
    ('{"class_name": "Functional", "config": {"layers": [3]}, "module": "keras"}', "the file holds 3"),
    (
        '{"class_name": "Functional", "module": "keras", "config": {"layers": [], "input_layers": [["a", 0, 0]], '
        '"output_layers": []}}',
        "wants output 0 of call 0 of layer 'a'",
    ),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
@pytest.mark.parametrize("allow_code", [False, True])
def test_is_refused(number, allow_code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text, sentence = REFUSED[number]
    with pytest.raises((ValueError, TypeError), match=sentence):
        model_from_json(text, allow_code=allow_code)
    assert list(tmp_path.iterdir()) == []


def test_the_function_of_a_lambda_with_code_is_given():
    text = described("Lambda", name="twice", function=CODE)
    model = model_from_json(text, custom_objects={"twice": lambda x: 2 * x})
    np.testing.assert_array_equal(model.predict(np.ones((1, 3))), [[2, 2, 2]])


def test_a_saved_model_and_a_checkpoint_of_tensorflow(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "saved_model.pb").write_bytes(b"")
    (tmp_path / "ckpt.index").write_bytes(b"")
    for load in (load_model, Sequential([core.Dense(2, input_dim=3)]).load_weights):
        with pytest.raises(ValueError, match="is a SavedModel.*Load it there with tf.keras, then model.save"):
            load(tmp_path / "folder")
        with pytest.raises(ValueError, match="checkpoint of TensorFlow.*save_weights"):
            load(tmp_path / "ckpt")


@pytest.mark.parametrize(
    "unsafe",
    [
        keras3.config.enable_unsafe_deserialization,
        lambda: keras3.saving.load_model(FILES / "vectors.keras", safe_mode=False),
        lambda: keras3.saving.deserialize_keras_object({}, safe_mode=False),
    ],
)
def test_nothing_turns_safety_off(unsafe):
    with pytest.raises(ValueError, match=r"execute code.*custom_objects"):
        unsafe()


def test_an_archive_without_its_parts(tmp_path):
    for left in ("config.json", "model.weights.h5"):
        with zipfile.ZipFile(FILES / "vectors.keras") as whole, zipfile.ZipFile(tmp_path / "n.keras", "w") as less:
            for name in whole.namelist():
                if name != left:
                    less.writestr(name, whole.read(name))
        with pytest.raises(ValueError, match=f"this .keras archive holds no {left}"):
            load_model(tmp_path / "n.keras")


def test_weights_of_another_model_are_refused_and_nothing_is_left_half(tmp_path):
    told, _ = parts(FILES / "vectors.keras")
    told["config"]["layers"][1]["config"]["units"] = 9
    with zipfile.ZipFile(FILES / "vectors.keras") as whole, zipfile.ZipFile(tmp_path / "n.keras", "w") as other:
        for name in whole.namelist():
            other.writestr(name, json.dumps(told) if name == "config.json" else whole.read(name))
    with pytest.raises(ValueError, match="n.keras: .*asks for more weights|has the shape"):
        load_model(tmp_path / "n.keras")


def test_a_layer_shared_by_number_must_be_one_layer():
    layer = {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"units": 3, "name": "d"},
        "shared_object_id": 7,
    }
    other = {**layer, "class_name": "Dropout", "config": {"rate": 0.5, "name": "e"}}
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 3], "name": "i"}}
    told = {"module": "keras", "class_name": "Sequential", "config": {"layers": [first, layer, other]}}
    with pytest.raises(ValueError, match="gives the number 7 both to a Dense and to a Dropout"):
        model_from_json(json.dumps(told))


def archive_with(path, change, weights=None):
    """A `.keras` file of a trained model, whose configuration `change` changes, or whose HDF5 file `weights` does."""
    model = Sequential([core.Dense(2, input_dim=3)])
    model.compile("adam", "mse")
    model.fit(np.ones((2, 3)), np.ones((2, 2)), nb_epoch=1, verbose=0)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(members["config.json"])
    change(told)
    members["config.json"] = json.dumps(told).encode()
    if weights is not None:
        (path.parent / "w.h5").write_bytes(members["model.weights.h5"])
        with h5py.File(path.parent / "w.h5", "r+") as file:
            weights(file)
        members["model.weights.h5"] = (path.parent / "w.h5").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "key, said",
    {
        "optimizer": {"class_name": "Adam", "config": {}},
        "loss": {"class_name": "function", "config": "mean_squared_error"},
        "metrics": [{"class_name": "AUC", "config": {}, **MINE}],
    }.items(),
)
def test_parts_of_another_program_are_no_parts_of_ours(key, said, tmp_path):
    """A class of the user's that is called like one of the library is not replaced by it in silence."""
    item = {**said, **MINE} if isinstance(said, dict) else said
    path = archive_with(tmp_path / "m.keras", lambda told: told["compile_config"].update({key: item}))
    with pytest.raises(ValueError, match="m.keras: the file names '.*' of the program that wrote it .'mine'"):
        load_model(path)


@pytest.mark.parametrize("lost", ["optimizer", "optimizer/vars", "the arrays"])
def test_a_lost_state_of_the_optimizer_is_told(lost, tmp_path):
    def lose(file):
        for name in list(file["optimizer/vars"]) if lost == "the arrays" else [lost]:
            del (file["optimizer/vars"] if lost == "the arrays" else file)[name]

    path = archive_with(tmp_path / "m.keras", lambda told: None, lose)
    with pytest.warns(UserWarning, match="the optimizer starts anew, since the file holds no state of it"):
        load_model(path)


def test_a_folder_is_no_file(tmp_path):
    for read in (load_model, Sequential([core.Dense(2, input_dim=3)]).load_weights):
        with pytest.raises(IsADirectoryError, match="this is a folder; give the path of a file in it"):
            read(tmp_path)
