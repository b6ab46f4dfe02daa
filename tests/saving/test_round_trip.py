"""A model saved and loaded predicts the same and takes the same next step, whatever it is made of."""

import inspect

import numpy as np
import optax
import pytest

from horngate import backend as K
from horngate import metrics, objectives, optimizers
from horngate.constraints import Constraint
from horngate.layers import Dense, Dropout, GaussianNoise
from horngate.models import Sequential, load_model, model_from_json, model_from_yaml
from horngate.regularizers import Regularizer
from tests.layers.conformance_table import ROWS
from tests.layers.test_conformance import Case


def public_functions(module):
    return sorted(
        name
        for name, item in vars(module).items()
        if inspect.isfunction(item)
        and item.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(item).parameters)[:2] == ["y_true", "y_pred"]
    )


OPTIMIZERS = sorted(
    name
    for name, item in vars(optimizers).items()
    if inspect.isclass(item)
    and issubclass(item, optimizers.Optimizer)
    and item is not optimizers.Optimizer
    and item.__module__.startswith(optimizers.__name__)
    and not name.startswith("_")
)


def same_next_step(model, path, x, y, custom_objects=None):
    """Train, save, load, train both: the losses and the weights are the same."""
    model.train_on_batch(x, y)
    model.save(path)
    again = load_model(path, custom_objects=custom_objects)
    for old, new in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(model.predict(x), again.predict(x))
    for _ in range(2):
        np.testing.assert_array_equal(model.train_on_batch(x, y), again.train_on_batch(x, y))
    for old, new in zip(model.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(old, new)
    return again


@pytest.mark.parametrize("name", ROWS)
def test_layer(name, tmp_path):
    case = Case(name, 0)
    known = {case.layer.name: case.layer.function} if name == "Lambda" else None
    case.model.compile("sgd", "mse")
    x = case.data if len(case.data) > 1 else case.data[0]
    y = np.random.uniform(size=np.shape(case.model.predict(x)))
    same_next_step(case.model, tmp_path / "m.h5", x, y, known)


def data(outputs=3):
    rng = np.random.default_rng(0)
    y = rng.uniform(0.1, 1, size=(6, outputs))
    return rng.normal(size=(6, 4)).astype("float32"), (y / y.sum(axis=1, keepdims=True)).astype("float32")


def dense_model(*between):
    return Sequential([Dense(5, input_dim=4, activation="tanh"), *between, Dense(3, activation="softmax")])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name, tmp_path):
    cls = getattr(optimizers, name)
    known = {}
    if "tf_optimizer" in inspect.signature(cls.__init__).parameters or name.startswith(("TF", "Optax")):
        pytest.skip("wraps an optimizer of another library, which has no configuration")
    model = dense_model()
    model.compile(cls(clipnorm=1.0), "mse")
    same_next_step(model, tmp_path / "m.h5", *data(), known)


@pytest.mark.parametrize(
    "options",
    [{"decay": 0.1}, {"gradient_accumulation_steps": 2}, {"ema_momentum": 0.9}, {"loss_scale": 8.0}],
    ids=lambda options: next(iter(options)),
)
def test_options_of_optimizers(options, tmp_path):
    model = dense_model()
    model.compile(optimizers.Adam(**options), "mse")
    same_next_step(model, tmp_path / "m.h5", *data())


# of embeddings and class numbers, of sequences, and with an argument that must be told
OF_OTHER_DATA = {"circle", "ctc", "categorical_generalized_cross_entropy"}


@pytest.mark.parametrize("name", [name for name in public_functions(objectives) if name not in OF_OTHER_DATA])
def test_objective(name, tmp_path):
    x, y = data()
    model = dense_model()
    if name == "sparse_categorical_crossentropy":
        y = y.argmax(axis=1)[:, np.newaxis]
    model.compile("sgd", name)
    same_next_step(model, tmp_path / "m.h5", x, y)


@pytest.mark.parametrize("name", public_functions(metrics))
def test_metric(name, tmp_path):
    x, y = data()
    model = dense_model()
    if name.startswith("sparse"):
        y = y.argmax(axis=1)[:, np.newaxis]
    loss = "sparse_categorical_crossentropy" if name.startswith("sparse") else "mse"
    model.compile("sgd", loss, metrics=[name])
    again = same_next_step(model, tmp_path / "m.h5", x, y)
    assert again.metrics_names == model.metrics_names


def test_random_numbers_go_on_where_they_were(tmp_path):
    model = dense_model(Dropout(0.5), GaussianNoise(0.3))
    model.compile("adam", "mse")
    same_next_step(model, tmp_path / "m.h5", *data())


def test_functions_of_the_user(tmp_path):
    def wide_loss(y_true, y_pred):
        return objectives.mean_squared_error(y_true, y_pred) * 2

    def narrow(y_true, y_pred):
        return metrics.mean_absolute_error(y_true, y_pred) / 2

    model = dense_model()
    model.compile("rmsprop", wide_loss, metrics=[narrow])
    known = {"wide_loss": wide_loss, "narrow": narrow}
    assert same_next_step(model, tmp_path / "m.h5", *data(), known).metrics_names == ["loss", "narrow"]
    with pytest.raises(ValueError, match="wide_loss"):
        load_model(tmp_path / "m.h5")


@pytest.mark.parametrize("name", ["w.h5", "w.safetensors"])
def test_weights_alone(name, tmp_path):
    model, again = dense_model(), dense_model()
    model.save_weights(tmp_path / name)
    again.load_weights(tmp_path / name)
    for old, new in zip(model.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_safetensors_are_read_by_others(tmp_path):
    from safetensors.numpy import load_file

    model = dense_model()
    model.save_weights(tmp_path / "w.safetensors")
    held = load_file(tmp_path / "w.safetensors")
    for layer in model.layers:
        for weight in layer.weights:
            np.testing.assert_array_equal(held[f"{layer.name}/{weight.name}"], weight.get_value())


def test_three_thousand_layers_fit_into_one_file(tmp_path):
    """HDF5 takes no attribute beyond 64 KiB, and names of layers are one."""
    layers = [Dense(1, input_dim=1, name=f"a_layer_with_a_long_name_{i}") for i in range(3000)]
    model, again = Sequential(layers), Sequential([type(layer).from_config(layer.get_config()) for layer in layers])
    model.save_weights(tmp_path / "w.h5")
    again.load_weights(tmp_path / "w.h5")
    for old, new in zip(model.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_an_optax_transformation_must_be_given_again(tmp_path):
    model = dense_model()
    model.compile(optax.adam(1e-3), "mse")
    model.train_on_batch(*data())
    with pytest.warns(UserWarning, match="saved without its optimizer: an optax transformation"):
        model.save(tmp_path / "m.h5")
    again = load_model(tmp_path / "m.h5")
    np.testing.assert_array_equal(model.predict(data()[0]), again.predict(data()[0]))
    again.compile(optax.adam(1e-3), "mse")
    again.train_on_batch(*data())


@pytest.mark.parametrize("name", ["model.h5", "weights.h5", "weights.safetensors"])
def test_files_carry_a_format_number_and_a_later_one_is_refused(tmp_path, name, monkeypatch):
    from horngate.saving.files import FileError
    from horngate.saving.formats import metadata

    model = Sequential([Dense(2, input_dim=3)])
    path = str(tmp_path / name)
    save = model.save if name.startswith("model") else model.save_weights
    load = load_model if name.startswith("model") else model.load_weights
    save(path)
    load(path)
    monkeypatch.setattr(metadata, "FORMAT", 99)
    save(path)
    monkeypatch.undo()
    with pytest.raises(FileError, match="later horngate wrote this file, in format 99"):
        load(path)


@pytest.mark.parametrize("told", [{}, {"name": "Own"}], ids=["the arguments alone", "and the class, as in Keras 1"])
@pytest.mark.parametrize("base, argument", [(Regularizer, "W_regularizer"), (Constraint, "W_constraint")])
def test_parts_of_the_user(base, argument, told, tmp_path):
    """They come back from a file, whatever their `get_config` says beside their arguments."""

    class Own(base):
        def __init__(self, factor=1.0):
            self.factor = factor

        def __call__(self, p):
            return p * self.factor if base is Constraint else self.factor * K.sum(p)

        def get_config(self):
            return {"factor": self.factor, **told}

    model = Sequential([Dense(2, input_dim=3, **{argument: Own(0.5)})])
    model.compile("sgd", "mse")
    model.save(tmp_path / "m.h5")
    for again in (
        load_model(tmp_path / "m.h5", custom_objects={"Own": Own}),
        model_from_json(model.to_json(), custom_objects={"Own": Own}),
        model_from_yaml(model.to_yaml(), custom_objects={"Own": Own}),
    ):
        part = getattr(again.layers[0], argument)
        assert type(part) is Own and part.factor == 0.5
