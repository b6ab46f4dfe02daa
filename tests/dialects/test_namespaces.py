"""`horngate.keras2` and `horngate.keras3`: programs of their time, whatever era is in force around them."""

import abc
import copy
import inspect
import os
import pickle
import re
import subprocess
import sys
import threading
from importlib import import_module

import numpy as np
import pytest

import horngate
from horngate import keras2, keras3
from horngate.backend.config import ERAS, era, set_era, within_era
from horngate.dialects import later
from horngate.dialects.namespaces import View
from tools import namespaces

SPACES = {"2": keras2, "3": keras3}
X, Y = np.random.RandomState(0).rand(8, 6), np.random.RandomState(1).rand(8, 2)
IMAGES = np.random.RandomState(2).rand(6, 8, 8, 3)
GIVEN = {
    "features": {"a": "float"},
    **dict.fromkeys(("height", "width", "factor", "num_tokens"), 1),
    "max_number": 2,
    "num_bins": 2,
    **dict.fromkeys(("height_factor", "width_factor"), 0.1),  # by what any class can be made, as far as it must be told
    **dict.fromkeys(("initial_learning_rate", "decay_steps", "decay_rate", "first_decay_steps"), 1),
    "boundaries": [1],
    "values": [0.5, 0.25],
    "output_size": 2,
    "equation": "ab,bc->ac",
    "output_shape": 2,
    "num_heads": 2,
    "key_dim": 2,
    "head_dim": 2,
    "num_query_heads": 2,
    "num_key_value_heads": 2,
    "units": 3,
    "filters": 2,
    "kernel_size": 3,
    "rate": 0.5,
    "stddev": 0.1,
    "input_dim": 5,
    "output_dim": 2,
    "n": 2,
    "dims": (2, 1),
    "target_shape": (-1,),
    "scale": 2.0,
    "activation": "relu",
    "function": abs,
    "axes": -1,
    "filename": "log.csv",
    "backup_dir": "state",
    "filepath": "model.h5",
    "schedule": abs,
    "target": 3,
    "optimizer": None,
    "batch_size": 2,
    "shuffle": False,
    "seed": 1,
    "initializer": 1.0,
    "directory": "state",
    "shape": (2,),
}
NEEDS_MORE = {
    "Function",
    "Model",
    "NumpyArrayIterator",
    "DirectoryIterator",
    "TFOptimizer",
    "HDF5Matrix",
    "TensorBoard",
    "InputLayer",
}
NEEDS_MORE |= {"IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU", "MeanMetricWrapper", "PrecisionAtRecall"}
NEEDS_MORE |= {"RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"}
NEEDS_MORE |= {"DeviceMesh", "LayoutMap", "ModelParallel", "TensorLayout"}
NEEDS_MORE |= {"BaseWrapper", "KerasClassifier", "KerasRegressor"}


@pytest.fixture(autouse=True)
def around():
    yield
    set_era("1.0")


def module(name, inside):
    return import_module(f"horngate.keras{name}.{inside}".rstrip("."))


MODULES = [(name, inside) for name in SPACES for inside in later.names(name)]


def made(view, keras):
    """An object of a class, made with no more than it must be told."""
    told = inspect.signature(view).parameters.values()
    needed = [p.name for p in told if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    own = {"layer": keras.layers.LSTM(2), "cell": keras.layers.Dense(2)}
    own["cell"].state_size = 2
    own["cells"] = [own["cell"]]
    own["cell"] = keras.layers.ConvLSTM2DCell(2, 3) if view.__name__ == "ConvRNN2D" else own["cell"]
    own |= {"inner_optimizer": "SGD", "default_optimizer": "SGD"}
    own = {name: keras.optimizers.SGD() if value == "SGD" else value for name, value in own.items()}
    own |= {"optimizer_map": abs, "layers": [own["cell"]]}
    needed += ["num_bins"] if view.__name__ == "Discretization" else []
    return view(**{name: {**GIVEN, **own}[name] for name in needed})


@pytest.mark.parametrize("name, inside", MODULES, ids="-".join)
def test_every_name_is_there_and_every_class_can_be_made(name, inside):
    here = module(name, inside)
    for each in later.names(name)[inside]:
        item = getattr(here, each)
        assert item is getattr(here, each) and each in dir(here) and here.__name__ in sys.modules
        if isinstance(item, View):
            assert issubclass(item, item.__core__) and not isinstance(object(), item)
            assert pickle.loads(pickle.dumps(item)) is item
            if each not in NEEDS_MORE:
                thing = made(item, SPACES[name])
                assert type(thing) is item.__core__ and isinstance(thing, item) and issubclass(type(thing), item)
                assert getattr(thing, "_era", ERAS[name]).name == name, each


def own_layer(keras):
    """A layer as programs of today write them."""

    class Scaled(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, input_shape):
            self.kernel = self.add_weight(
                name="kernel", shape=(input_shape[-1], self.units), initializer="ones", trainable=True
            )
            super().build(input_shape)

        def call(self, x):
            return horngate.backend.dot(x, self.kernel)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Scaled


class Wide(keras3.layers.Dense):
    """A subclass that hands arguments on in the order of its era."""

    def __init__(self, units=3, **kwargs):
        super().__init__(units, "relu", **kwargs)


class Plain(keras3.layers.Layer, abc.ABC):
    def call(self, x):
        return x


def chain(keras):
    return keras.models.Sequential(
        [
            keras.layers.Dense(4, "tanh", input_shape=(6,), kernel_initializer=keras.initializers.Constant(0.1)),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(2, kernel_regularizer=keras.regularizers.l2(0.1), kernel_initializer="ones"),
        ]
    )


def told(model):
    """What a model is, and how it trains."""
    model.compile(optimizer="rmsprop", loss="mse", metrics=["accuracy"])
    history = model.fit(X, Y, verbose=0, shuffle=False, validation_data=(X, Y)).history
    config = [{k: v for k, v in layer.get_config().items() if k != "name"} for layer in model.layers]
    return sorted(history), np.concatenate([*history.values(), model.predict(X).ravel()]), config


@pytest.mark.parametrize("name", SPACES)
def test_an_era_around_changes_nothing(name):
    with within_era(name):
        names, numbers, config = told(chain(SPACES[name]))
    assert len(names) == 4 and "accuracy" in names and config[1]["epsilon"] == 1e-3
    for other in ERAS:
        set_era(other)
        around = era().name
        found_names, found, found_config = told(chain(SPACES[name]))
        assert (found_names, found_config, era().name) == (names, config, around)
        np.testing.assert_allclose(found, numbers, rtol=1e-6)


def test_the_core_does_change():
    """Else the test above could not fail."""
    set_era("1.0")
    assert horngate.layers.BatchNormalization().epsilon != keras3.layers.BatchNormalization().epsilon
    assert horngate.layers.LSTM(2).inner_activation is not keras3.layers.LSTM(2).inner_activation


CALLS = [  # a call in the order or the words of an era, and what must hold of the object
    (
        "3",
        lambda k: k.layers.Conv2D(4, 3, 2, "same"),
        {"nb_row": 3, "nb_col": 3, "subsample": (2, 2), "border_mode": "same"},
    ),
    ("2", lambda k: k.layers.Conv2D(4, (3, 5), 1, "valid", "channels_first"), {"nb_col": 5, "dim_ordering": "th"}),
    ("3", lambda k: k.layers.Conv1D(4, (3,), strides=(2,)), {"filter_length": 3, "subsample_length": 2}),
    ("3", lambda k: k.layers.Dense(3, "relu", False, "ones"), {"output_dim": 3, "bias": False}),
    ("3", lambda k: k.layers.LeakyReLU(negative_slope=0.2), {"alpha": 0.2}),
    ("2", lambda k: k.layers.LeakyReLU(alpha=0.2), {"alpha": 0.2}),
    ("2", lambda k: k.layers.BatchNormalization(1, 0.5), {"axis": 1, "momentum": 0.5}),
    ("3", lambda k: k.layers.UpSampling1D(size=3), {"length": 3}),
    ("3", lambda k: k.optimizers.SGD(0.1, 0.9, True), {"nesterov": True}),
    ("3", lambda k: k.regularizers.L2(0.5), {"l1": 0.0, "l2": 0.5}),
    ("3", lambda k: k.regularizers.L1(l1=0.5), {"l1": 0.5, "l2": 0.0}),
    ("2", lambda k: k.regularizers.l1_l2(0.5, 0.25), {"l1": 0.5, "l2": 0.25}),
    ("2", lambda k: k.constraints.MinMaxNorm(min_value=0.5), {"low": 0.5}),
    ("3", lambda k: k.callbacks.ReduceLROnPlateau(min_delta=0.1), {"epsilon": 0.1}),
    ("3", lambda k: k.callbacks.EarlyStopping("loss", 0, 3), {"min_delta": 0, "patience": 3}),
    ("3", lambda k: k.Input((3,), dtype="int32"), {"shape": (None, 3), "dtype": "int32"}),
    ("2", lambda k: k.Input((3,), (2, 3)), {"shape": (2, 3)}),
    ("2", lambda k: k.backend.pool2d(IMAGES, (2, 2), (2, 2), "valid", "channels_last"), {"shape": (6, 4, 4, 3)}),
    ("3", lambda k: k.utils.to_categorical(x=[0, 1], num_classes=3), {"shape": (2, 3)}),
    ("3", lambda k: k.losses.CategoricalCrossentropy(from_logits=True), {"from_logits": True}),
]


@pytest.mark.parametrize("name, call, wanted", CALLS)
def test_calls_are_read_in_the_words_of_the_era(name, call, wanted):
    found = call(SPACES[name])
    assert {key: getattr(found, key) for key in wanted} == wanted


def test_losses_of_keras_2_take_the_target_first():
    found = keras2.backend.categorical_crossentropy(np.eye(2), np.full((2, 2), 0.5))
    np.testing.assert_allclose(found, np.log(2), rtol=1e-5)


def test_models_are_told_in_the_order_of_their_era():
    for keras, rest in ((keras3, ([2.0], ["mae"])), (keras2, (["mae"], [2.0]))):
        model = chain(keras)
        model.compile("sgd", "mse", *rest)
        assert model.metrics_names == ["loss", "mae"] and model.loss_weights == [2.0]
        weights = np.arange(8.0)
        assert model.train_on_batch(X, Y, weights)[0] != model.train_on_batch(X, Y)[0]


@pytest.mark.parametrize("name", SPACES)
def test_files_pickles_and_copies(name, tmp_path):
    keras = SPACES[name]
    Scaled, path = own_layer(keras), tmp_path / "model.h5"
    model = keras.models.Sequential([Scaled(4, input_shape=(6,)), Wide(3), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    model.save(path)
    mine = {"Scaled": Scaled, "Wide": Wide}
    loaded = [load(path, custom_objects=mine) for load in (horngate.models.load_model, keras.models.load_model)]
    for other in [*loaded, copy.deepcopy(model)]:
        assert [type(layer).__name__ for layer in other.layers] == ["Scaled", "Wide", "Dense"]
        assert isinstance(other, keras.models.Sequential) and isinstance(other.layers[2], keras.layers.Dense)
        assert isinstance(other.layers[0], keras.layers.Layer) and not isinstance(other.layers[0], keras.layers.Dense)
        assert other._era.name == name and other.layers[2]._era.name == name
        np.testing.assert_allclose(other.predict(X), model.predict(X), rtol=1e-6)
    whole = chain(keras)
    np.testing.assert_allclose(pickle.loads(pickle.dumps(whole)).predict(X), whole.predict(X), rtol=1e-6)


def test_subclasses_are_classes_as_any_other():
    assert [type(Wide(2)), Wide(2).output_dim, Wide(2)._era.name] == [Wide, 2, "3"]
    assert (
        issubclass(Wide, keras3.layers.Dense) and issubclass(Wide, horngate.layers.Dense) and isinstance(Wide(2), Wide)
    )
    assert not issubclass(horngate.layers.Dense, Wide) and str(inspect.signature(Wide)) == "(units=3, **kwargs)"
    assert Plain()(X) is not None and Wide.from_config(Wide(4).get_config()).output_dim == 4


MISTAKES = [
    (lambda: keras3.layers.Densee, AttributeError, "horngate.keras3.layers has no 'Densee'.*Did you mean 'Dense'"),
    (lambda: keras3.layers.MaxoutDense, AttributeError, "nor has Keras 3"),
    (lambda: keras3.leyers, AttributeError, "Did you mean 'layers'"),
    (lambda: keras3.layers.Dense(unit=3), TypeError, "has no argument 'unit'.*Did you mean 'units'"),
    (lambda: keras3.layers.Dense(3, units=3), TypeError, "twice"),
    (lambda: keras3.layers.Dropout(0.5, None, 3, "name", 5), TypeError, "in places; got 5"),
    (lambda: keras2.optimizers.Adam(0.1, learning_rate=0.1), TypeError, "twice"),
]


def _told_of_nonsense(make, word, taken):
    """What is said where `word` is given something that cannot be meant, all else being right."""
    try:
        make(**{**taken, word: -3.5})
    except (TypeError, ValueError) as error:
        return re.search(r"(\w+), argument '(\w+)'", str(error))
    return None


def test_errors_name_arguments_as_the_program_does():
    """In the namespace of an era, and where the core is called in another era's words."""
    seen = 0
    for module, core in ((keras3.layers, horngate.layers), (keras2.layers, horngate.layers)):
        for name in module.__all__:
            words = getattr(getattr(module, name), "__words__", None)
            targets = {} if words is None else words.targets
            required = [p.name for p in words.signature.parameters.values() if p.default is p.empty] if words else []
            for word in [word for word, target in targets.items() if word != target]:
                taken = dict.fromkeys((each for each in required if each not in ("args", word)), 1)
                for make in (getattr(module, name), getattr(core, name, None)):
                    said = make and _told_of_nonsense(make, word, taken)
                    seen += bool(said)
                    assert not said or said[2] not in targets.values() or said[2] in targets, (name, word, said)
    assert seen > 100


@pytest.mark.parametrize("do, kind, words", MISTAKES)
def test_mistakes_are_answered_in_the_words_of_the_era(do, kind, words):
    with pytest.raises(kind, match=words):
        do()


def test_an_era_is_that_of_its_own_thread():
    set_era("1.0")
    with within_era("3"):
        seen = []
        thread = threading.Thread(target=lambda: seen.append(era().name))
        thread.start()
        thread.join()
        assert seen == ["1.0"] and era().name == "3"
    assert era().name == "1.0"


def test_stubs_are_as_they_should_be():
    wrong = [str(path) for path, text in namespaces.files().items() if path.read_text(encoding="utf-8") != text]
    assert wrong == [], "python -m tools.namespaces --write"
    there = {path for name in SPACES for path in (namespaces.ROOT / "horngate" / f"keras{name}").rglob("*.py*")}
    stale = {path for path in there - set(namespaces.files()) if "__pycache__" not in path.parts}
    assert {path.parent.name + "/" + path.name for path in stale} == {"keras2/__init__.py", "keras3/__init__.py"}


def test_what_stubs_promise_is_taken():
    """Each word of a method stands in the stub, so the method must know it."""
    model = chain(keras2)
    model.compile("sgd", "mse")
    model.fit(x=X, y=Y, batch_size=4, epochs=1, verbose=0, callbacks=[], validation_split=0.5, shuffle=False)
    model.fit(X, Y, initial_epoch=0, steps_per_epoch=1, validation_data=(X, Y), validation_steps=1, verbose=0)
    batches = iter([(X, Y)] * 3)
    model.fit_generator(batches, steps_per_epoch=1, epochs=2, verbose=0, max_queue_size=1, workers=1)
    model.evaluate(x=X, y=Y, batch_size=4, verbose=0, sample_weight=np.ones(8))
    assert model.predict(x=X, batch_size=4, verbose=0).shape == (8, 2)


def test_import_touches_no_device():
    code = "import horngate.keras3.layers, horngate.keras2; from horngate.keras3.layers import Dense; Dense(3)"
    check = "; from jax._src import xla_bridge; assert not xla_bridge._backends"
    subprocess.run(
        [sys.executable, "-c", code + check], check=True, env={**os.environ, "PYTHONPATH": str(namespaces.ROOT)}
    )


@pytest.mark.parametrize("name", SPACES)
def test_a_layer_without_a_constructor_is_described(name, tmp_path):
    keras = SPACES[name]
    Doubled = type("Doubled", (keras.layers.Layer,), {"call": lambda self, x: x * 2})
    model = keras.models.Sequential([keras.layers.Dense(3, input_shape=(2,)), Doubled(name="doubled")])
    assert model.layers[-1].get_config() == {"name": "doubled", "trainable": True}
    model.save(tmp_path / "model.h5")
    loaded = keras.models.load_model(tmp_path / "model.h5", custom_objects={"Doubled": Doubled})
    x = np.ones((1, 2))
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
