"""Each layer's own number types: names and policies, weights, computations, results, training and files."""

import numpy as np
import pytest
from jax import config as jax_options

import horngate.keras3 as keras3
from horngate import backend as K
from horngate.engine.sublayers import with_sublayers
from horngate.models import load_model
from tests.layers.conformance_table import ROWS
from tests.layers.test_conformance import Case

L = keras3.layers
X = np.random.RandomState(0).rand(16, 4).astype("float32")


@pytest.fixture(autouse=True)
def afterwards_as_before():
    yield
    K.set_floatx("float32")


def types(arrays):
    """The floating types among arrays or weights."""
    return {str(x.dtype) for x in arrays if "float" in str(x.dtype)}


class Traced(Case):
    """A layer called on symbols; `computed`: the types that its run gives."""

    def connect(self, layer):
        self.computed, run = [], layer.run

        def spied(*args):
            y = run(*args)
            self.computed = y if isinstance(y, list) else [y]
            return y

        vars(layer)["run"] = spied
        layer._shape_by_call = True  # it is traced
        return super().connect(layer)


@pytest.mark.parametrize("name", sorted(ROWS.keys() - {"STFTSpectrogram"}))  # whose kernels are large
def test_weights_and_results_of_every_layer_have_its_type(name):
    made = Traced(name, 0, dtype="bfloat16")
    outputs = made.output if isinstance(made.output, list) else [made.output]
    assert types(made.computed) == types(outputs) <= {"bfloat16"}
    assert len(with_sublayers(made.layer)) > 1 or types(made.layer.weights) <= {"bfloat16"}


@pytest.mark.parametrize("told", ["float16", keras3.DTypePolicy("float16"), np.float16, np.dtype("float16")])
def test_a_type_is_told_by_name_or_policy(told):
    layer = L.Dense(2, dtype=told)
    assert layer(X).dtype == "float16"
    said = [layer.dtype, layer.variable_dtype, layer.compute_dtype, layer.dtype_policy.name, layer.weights[0].dtype]
    assert said == ["float16"] * 5
    again = type(layer).from_config(layer.get_config())
    assert layer.get_config()["dtype"]["config"] == {"name": "float16"} and again.dtype_policy == layer.dtype_policy


def test_each_layer_converts_what_it_is_given():
    seen = []

    def spy(x):
        seen.append(str(x.dtype))
        return x

    model = keras3.Sequential([L.Dense(3, spy, dtype="float16"), L.Activation(spy), L.Dense(2, spy, dtype="bfloat16")])
    assert str(model(X).dtype) == "bfloat16" and seen[-3:] == ["float16", "float32", "bfloat16"]
    assert L.Flatten(dtype="float16")(np.ones((2, 3), "int32")).dtype == "int32"
    outer = L.TimeDistributed(L.Dense(3, spy), dtype="float16")
    outer(X[None])
    assert seen[-1] == "float32" and types(outer.weights) == {"float32"}


def test_averages_are_taken_in_32_bits():
    x = 300 + np.random.RandomState(0).rand(512, 4)  # in bfloat16 all would be 300 or 302
    y = L.BatchNormalization(dtype="bfloat16")(x.astype("float32"), training=True)
    assert abs(np.asarray(y, "float32").std() - 1) < 0.01


def test_a_policy_for_all_layers_leaves_losses_in_32_bits():
    keras3.config.set_dtype_policy(dtype := "float16")
    model = keras3.Sequential([keras3.Input((4,)), L.Dense(3, "relu"), L.Dense(1)])
    model.compile("adam", "mse")
    model.train_on_batch(X, X[:, :1])
    slots = [v for v in model.optimizer.variables if v.shape]
    assert types(model.weights) == types(slots) == {dtype} and str(model.predict(X).dtype) == dtype
    assert K.floatx() == "float32" and type(model.optimizer).__name__ == "Adam"


def test_steps_are_finite_where_16_bits_do_not_hold_their_products():
    model = keras3.Sequential([keras3.Input((4,)), L.Dense(3, dtype="float16"), L.Dense(1, dtype="float16")])
    model.compile("adafactor", "mse")
    before = model.get_weights()
    losses = model.fit(X, X[:, :1], epochs=2, verbose=0).history["loss"]
    assert np.isfinite(losses).all() and not np.array_equal(model.get_weights()[0], before[0])


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.weights.h5", "m.safetensors"])
def test_files_hold_them_for_layers_of_any_type(name, tmp_path):
    def made(dtype):
        return keras3.Sequential([keras3.Input((4,)), L.Dense(3, "relu", dtype=dtype), L.Dense(1, dtype=dtype)])

    dtype, path = "bfloat16", str(tmp_path / name)
    model = made(dtype)
    if name in ("m.keras", "m.h5"):
        model.compile("adam", "mse")
        model.train_on_batch(X, X[:, :1])
        model.save(path)
        again = load_model(path)
        assert types(again.weights) == {dtype}
        pairs = zip(model.optimizer.get_weights(), again.optimizer.get_weights(), strict=True)
        assert all(np.array_equal(*pair) for pair in pairs)
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
        return
    model.save_weights(path)
    for other in (dtype, "float32"):
        again = made(other)
        again.load_weights(path)
        assert types(again.weights) == {other}
        assert all(np.array_equal(*pair) for pair in zip(again.get_weights(), model.get_weights()))


def test_64_bits_are_real_or_refused():
    with pytest.raises(ValueError, match="Dense, argument 'dtype': JAX has no numbers of 64 bits.*set_floatx"):
        L.Dense(2, dtype="float64")
    jax_options.update("jax_enable_x64", True)
    try:
        layer = L.Dense(2, dtype="float64")
        assert str(layer(X).dtype) == layer.weights[0].dtype == "float64"
        assert str(L.Dense(2)(X).dtype) == "float32"
    finally:
        jax_options.update("jax_enable_x64", False)


@pytest.mark.parametrize("dtype", ["int32", "text", "mixed_float64"])
def test_other_number_types_are_refused(dtype):
    with pytest.raises(ValueError, match="Dense, argument 'dtype': must be 'float16', 'bfloat16'"):
        L.Dense(2, dtype=dtype)
