"""Classes and functions of the user in files of Keras 3, objects as plain data, and arrays of other libraries."""

import json

import numpy as np
import pytest

from horngate import keras2, keras3
from horngate.layers import Dense as CoreDense
from horngate.models import Sequential, load_model, model_from_json
from horngate.saving import named_arrays
from tests.saving.keras3.networks import fill
from tests.saving.keras3.test_files import parts

layers = keras3.layers


@keras3.saving.register_keras_serializable("mine")
class Residual(layers.Layer):
    """A layer of the user with layers inside, alone and in a list."""

    def __init__(self, units, activation="relu", **options):
        super().__init__(**options)
        self.units, self.activation = units, keras3.activations.get(activation)
        self.inner = layers.Dense(units, name="in")
        self.more = [layers.Dense(units), layers.Dense(units)]

    def build(self, shape):
        self.g = self.add_weight(shape=(shape[-1],), initializer="ones", name="g")
        for layer in (self.inner, *self.more):
            layer.build(shape)

    def call(self, x):
        return x * self.g + self.activation(self.more[1](self.more[0](self.inner(x))))

    def get_config(self):
        told = {"units": self.units, "activation": keras3.activations.serialize(self.activation)}
        return {**super().get_config(), **told}


class Twice(layers.Wrapper):
    """A wrapper of the user."""

    def call(self, x):
        return self.layer(self.layer(x))


class Doubled(layers.Dense):
    """A layer of the library that does something else."""

    def call(self, x):
        return super().call(x) * 2


@keras3.saving.register_keras_serializable("mine")
def tripled(x):
    return x * 3


def distance(y, p):
    return keras3.ops.mean(keras3.ops.square(y - p), axis=-1)


OWN = {"Twice": Twice, "Doubled": Doubled, "distance": distance}


def network():
    found = keras3.Sequential(
        [
            keras3.Input((4,)),
            Residual(4),
            Doubled(4, activation=tripled, kernel_regularizer="l1"),
            Twice(layers.Dense(4)),
            layers.Activation(tripled),
            layers.Lambda(tripled),
            layers.Dense(2),
        ]
    )
    fill(found)
    found.compile(optimizer="adam", loss=distance, metrics=["mae"])
    return found


def test_what_the_user_wrote_comes_back(tmp_path):
    made, x = network(), np.arange(8.0).reshape(2, 4) / 8
    made.save(tmp_path / "n.keras")
    again = load_model(tmp_path / "n.keras", custom_objects=OWN)
    np.testing.assert_array_equal(again.predict(x), made.predict(x))
    assert again.loss is distance
    with pytest.raises(ValueError, match="'Doubled'.*custom_objects={'Doubled': Doubled}"):
        load_model(tmp_path / "n.keras", custom_objects={"Twice": Twice, "distance": distance})


def test_the_form_is_that_of_keras_3(tmp_path):
    network().save(tmp_path / "n.keras")
    told, arrays = parts(tmp_path / "n.keras")
    residual, doubled, twice = told["config"]["layers"][1:4]
    assert (residual["registered_name"], residual["module"]) == ("mine>Residual", __name__)
    assert residual["config"]["units"] == 4 and residual["config"]["dtype"]["class_name"] == "DTypePolicy"
    assert doubled["config"]["units"] == 4 and doubled["config"]["kernel_regularizer"]["class_name"] == "L1"
    assert doubled["config"]["activation"]["config"] == "mine>tripled"
    assert twice["config"]["layer"]["class_name"] == "Dense"
    inside = {path.split("/", 2)[2] for path in arrays if path.startswith("layers/residual/")}
    assert {"vars/0", "inner/vars/1", "more/dense/vars/0", "more/dense_1/vars/0"} <= inside
    assert told["compile_config"]["loss"]["config"] == "distance"


def test_objects_as_plain_data():
    save, load = keras3.saving.serialize_keras_object, keras3.saving.deserialize_keras_object
    layer = load(json.loads(json.dumps(save(layers.Conv2D(3, 2, strides=2, kernel_regularizer="l2")))))
    assert layer.nb_filter == 3 and layer.subsample == (2, 2) and layer.W_regularizer.l2 == np.float32(0.01)
    assert load(save(Residual(3))).units == 3
    assert save(keras3.initializers.HeNormal(3))["module"] == "keras.initializers"
    assert save(keras3.optimizers.Adam(0.1))["config"]["learning_rate"] == 0.1
    assert load([1, "a", {"b": 2}]) == [1, "a", {"b": 2}]
    assert keras3.saving.get_registered_name(tripled) == "mine>tripled"
    assert keras3.saving.get_registered_object("mine>tripled") is tripled
    assert keras3.saving.get_registered_object("mine>nothing") is None


KERAS_2 = {
    "class_name": "Model",
    "keras_version": "2.3.1",
    "config": {
        "name": "m",
        "layers": [
            {
                "class_name": "InputLayer",
                "config": {"batch_input_shape": [None, 5, 3], "dtype": "float32", "sparse": False, "name": "i"},
                "name": "i",
                "inbound_nodes": [],
            },
            {
                "class_name": "LSTM",
                "config": {"name": "l", "units": 4, "implementation": 2, "recurrent_activation": "hard_sigmoid"},
                "name": "l",
                "inbound_nodes": [[["i", 0, 0, {}]]],
            },
            {
                "class_name": "Dense",
                "config": {
                    "name": "d",
                    "units": 2,
                    "kernel_initializer": {
                        "class_name": "VarianceScaling",
                        "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None},
                    },
                },
                "name": "d",
                "inbound_nodes": [[["l", 0, 0, {}]], [["l", 0, 0, {}]]],
            },
        ],
        "input_layers": [["i", 0, 0]],
        "output_layers": [["d", 0, 0], ["d", 1, 0]],
    },
}


def test_a_configuration_of_keras_2():
    made = model_from_json(json.dumps(KERAS_2))
    x = np.ones((2, 5, 3))
    i = keras2.layers.Input((5, 3))
    lstm, dense = keras2.layers.LSTM(4, recurrent_activation="hard_sigmoid"), keras2.layers.Dense(2)
    other = keras2.models.Model(i, dense(lstm(i)))
    other.set_weights(made.get_weights())
    for found in made.predict(x):
        np.testing.assert_allclose(found, other.predict(x), rtol=1e-6)
    assert made._era.name == "2"


def test_a_whole_file_of_keras_2_with_its_training(tmp_path):
    """As Keras 2.3 wrote it: a list of layers, and the slots of Adam one after the other."""
    import h5py

    made = keras2.models.Sequential([keras2.layers.Dense(3, input_shape=(4,)), keras2.layers.Dense(2)])
    fill(made)
    x = np.random.default_rng(0).normal(size=(6, 4))
    made.compile("adam", "mse")
    for _ in range(2):
        made.train_on_batch(x, x[:, :2])
    slots = {array.name.rpartition("_")[2]: [] for array in made.optimizer.slot_owners}
    for array in made.optimizer.slot_owners:
        slots[array.name.rpartition("_")[2]].append(array.get_value())
    names = [weight.name for weight in made._collected_trainable_weights]
    places = [names.index(weight.name) for weight in made.trainable_weights]
    arrays = [np.int64(2), *(slots[slot][places[i]] for slot in ("m", "v") for i in range(4))]
    config = [
        {"class_name": "Dense", "config": {"name": f"d{i}", "units": n, "batch_input_shape": [None, 4]}}
        for i, n in enumerate((3, 2))
    ]
    training = {
        "optimizer_config": {
            "class_name": "Adam",
            "config": {"lr": 0.001, "beta_1": 0.9, "decay": 0.0, "epsilon": 1e-7},
        },
        "loss": "mse",
        "metrics": ["mae"],
        "sample_weight_mode": None,
        "loss_weights": None,
    }
    with h5py.File(tmp_path / "n.h5", "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = b"2.3.1", b"tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": config}})
        file.attrs["training_config"] = json.dumps(training)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"d0", b"d1"]
        for i, layer in enumerate(made.layers):
            inner = group.create_group(f"d{i}")
            inner.attrs["weight_names"] = [f"d{i}/kernel:0".encode(), f"d{i}/bias:0".encode()]
            for name, value in zip(("kernel:0", "bias:0"), layer.get_weights()):
                inner[f"d{i}/{name}"] = value
        state = file.create_group("optimizer_weights")
        state.attrs["weight_names"] = [f"v{i}".encode() for i in range(len(arrays))]
        for i, value in enumerate(arrays):
            state[f"v{i}"] = value
    again = load_model(tmp_path / "n.h5")
    for each in (made, again):
        each.train_on_batch(x, x[:, :2])
    for one, other in zip(made.get_weights(), again.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-6)


# Arrays of another library.


def of_torch(path, **changes):
    """A file as PyTorch lays out a convolution and a linear map, and the network that it fits."""
    from safetensors.numpy import save_file

    made = keras3.Sequential(
        [
            keras3.Input((5, 5, 2)),
            layers.Conv2D(3, 2, name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4, name="dense"),
            layers.Dense(4, name="square", use_bias=False),
        ]
    )
    fill(made)
    kernel, bias, w, b, square = made.get_weights()
    arrays = {
        "features.0.weight": kernel.transpose(3, 2, 0, 1),
        "features.0.bias": bias,
        "head.weight": w.T,
        "head.bias": b,
        "last.weight": square.T,
    }
    save_file({key: np.ascontiguousarray(changes.get(key, value)) for key, value in arrays.items()}, path)
    return made


NAMES = {
    "conv/kernel": "features.0.weight",
    "conv/bias": "features.0.bias",
    "dense/kernel": "head.weight",
    "dense/bias": "head.bias",
    "square/kernel": "last.weight",
}


def emptied(made):
    values = made.get_weights()
    made.set_weights([0 * value for value in values])
    return values


@pytest.mark.parametrize("names", [NAMES, NAMES.get], ids=["dictionary", "function"])
def test_arrays_of_pytorch_by_their_names(names, tmp_path):
    made = of_torch(tmp_path / "w.safetensors")
    values = emptied(made)
    made.load_weights(tmp_path / "w.safetensors", names=names, layout="torch")
    for one, other in zip(made.get_weights(), values, strict=True):
        np.testing.assert_array_equal(one, other)


def test_arrays_that_are_changed_and_those_that_are_not_named(tmp_path):
    made = of_torch(tmp_path / "w.safetensors")
    values = emptied(made)
    made.load_weights(tmp_path / "w.safetensors", names={"dense/kernel": ("head.weight", np.transpose)})
    np.testing.assert_array_equal(made.get_weights()[2], values[2])
    assert not made.get_weights()[0].any()


WRONG = [
    ({"names": {"dense/kernel": "head.wait"}}, "holds no array 'head.wait' for dense/kernel; it holds features"),
    ({"names": {"dense/colonel": "head.weight"}}, "has no weight 'dense/colonel'. Did you mean 'dense/kernel'"),
    ({"names": NAMES}, r"conv/kernel has the shape \(2, 2, 2, 3\).*has \(3, 2, 2, 2\)"),
    ({"names": 3}, "^load_weights: names must be a dictionary or a function"),
    ({"names": {}}, "names tells of no weight.*has conv/kernel"),
    ({"layout": "torch"}, "layout goes with names"),
    ({"names": NAMES, "layout": "tensorflow"}, "layout must be 'torch' or None"),
    ({}, r"names={'dense/kernel': 'their.name'"),
]


@pytest.mark.parametrize("options, sentence", WRONG)
def test_arrays_that_do_not_fit_are_refused_and_nothing_is_set(options, sentence, tmp_path):
    made = of_torch(tmp_path / "w.safetensors")
    before = made.get_weights()
    with pytest.raises((ValueError, TypeError), match=sentence):
        made.load_weights(tmp_path / "w.safetensors", **options)
    for one, other in zip(made.get_weights(), before):
        np.testing.assert_array_equal(one, other)


def test_what_does_not_fit_may_be_skipped(tmp_path):
    made = of_torch(tmp_path / "w.safetensors", **{"head.bias": np.ones(7)})
    values = emptied(made)
    with pytest.warns(UserWarning, match="no arrays that fit dense/bias, which stay"):
        made.load_weights(tmp_path / "w.safetensors", names=NAMES, layout="torch", skip_mismatch=True)
    assert not made.get_weights()[3].any()
    np.testing.assert_array_equal(made.get_weights()[2], values[2])


def test_names_of_weights_of_every_era():
    assert list(named_arrays.names_here(Sequential([CoreDense(2, input_dim=3, name="d")]))) == ["d/kernel", "d/bias"]
    steps = keras3.Sequential([keras3.Input((3, 2)), layers.Bidirectional(layers.LSTM(2, name="l"), name="b")])
    assert "b/backward_layer/recurrent_kernel" in named_arrays.names_here(steps)


class Net(keras3.Model):
    """A model of the user that computes in its `call`."""

    def __init__(self, units=3, **options):
        super().__init__(**options)
        self.units, self.dense = units, layers.Dense(units)

    def call(self, x):
        return self.dense(x)


@pytest.mark.parametrize(
    "save, name", [("save", "n.keras"), ("save_weights", "n.keras"), ("save_weights", "n.weights.h5")]
)
def test_a_model_that_computes_in_its_call_is_written_as_before(save, name, tmp_path):
    made, x = Net(), np.ones((2, 4), "float32")
    wanted = made.predict(x)
    getattr(made, save)(tmp_path / name)
    if save == "save":
        again = load_model(tmp_path / name, custom_objects={"Net": Net})
    else:
        again = Net()
        again.build((None, 4))
        again.load_weights(tmp_path / name)
    np.testing.assert_allclose(again.predict(x), wanted, rtol=1e-6)
