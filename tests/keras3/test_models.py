"""What models of Keras 3 are asked beyond Keras 1: dictionaries of results, files without a loss, tables of layers."""

import numpy as np
import pytest

from horngate import keras3
from horngate.models import load_model

X, Y = np.random.RandomState(0).rand(8, 4), np.random.RandomState(1).rand(8, 1)


def model():
    inner = keras3.Sequential([keras3.Input((4,)), keras3.layers.Dense(3, name="within")], name="inner")
    made = keras3.Sequential([keras3.Input((4,)), inner, keras3.layers.Dense(1, name="last")])
    made.compile("sgd", "mse", metrics=["mae"])
    return made


@pytest.mark.parametrize("method", ["evaluate", "test_on_batch", "train_on_batch"])
def test_results_as_a_dictionary(method):
    made, options = model(), {"verbose": 0} if method == "evaluate" else {}
    weights = made.get_weights()
    plain = getattr(made, method)(X, Y, **options)
    made.set_weights(weights)
    told = getattr(made, method)(X, Y, return_dict=True, **options)
    assert list(told) == made.metrics_names and list(told.values()) == pytest.approx(plain)


def odd(y_true, y_pred):
    return keras3.ops.mean((y_true - y_pred) ** 2)


def test_a_file_without_its_loss(tmp_path):
    made, path = model(), tmp_path / "m.h5"
    made.compile("sgd", odd)
    made.fit(X, Y, verbose=0)
    made.save(path)
    with pytest.raises(ValueError, match="odd"):
        load_model(path)
    again = load_model(path, compile=False)
    np.testing.assert_allclose(again.predict(X), made.predict(X, verbose=0), rtol=1e-6)
    with pytest.raises(RuntimeError, match="has not been compiled"):
        again.evaluate(X, Y)
    with pytest.raises(ValueError, match="safe_mode=False would let the file execute code.*custom_objects"):
        load_model(path, safe_mode=False)


def lines(**options):
    told = []
    model().summary(print_fn=told.append, **options)
    return told


def test_a_table_goes_where_it_is_asked_to(capsys):
    assert any("inner" in line for line in lines()) and capsys.readouterr().out == ""
    model().summary()
    assert len(capsys.readouterr().out.splitlines()) == len(lines())


def test_a_table_shows_what_is_asked():
    assert not any("within" in line for line in lines())
    assert any(line.startswith("| within (Dense)") for line in lines(expand_nested=True))
    assert any("last (Dense) Y" in line for line in lines(show_trainable=True))
    assert not any(line.startswith("inner") for line in lines(layer_range=["la", "last"]))
    totals = [line for line in lines() if "params" in line.lower()]
    assert totals and totals == [
        line for line in lines(expand_nested=True, layer_range=["inner", "last"]) if "params" in line.lower()
    ]
    for wrong in ("last", ["last"], ["none", "last"]):
        with pytest.raises(ValueError, match="summary: "):
            lines(layer_range=wrong)


@pytest.mark.parametrize(
    "given", [{"jit_compile": True}, {"steps_per_execution": 8}, {"run_eagerly": False}, {"auto_scale_loss": True}]
)
def test_what_is_done_anyway_is_taken(given, recwarn):
    model().compile("sgd", "mse", **given)
    assert not recwarn.list


@pytest.mark.parametrize("given", [{"jit_compile": False}, {"run_eagerly": True}, {"steps_per_execution": 0}])
def test_what_has_no_effect_is_told(given):
    with pytest.warns(UserWarning, match=f"compile: {next(iter(given))}=.* has no effect"):
        model().compile("sgd", "mse", **given)


def test_variables_are_read_and_set():
    made = model()
    weight = made.layers[-1].weights[0]
    before = weight.numpy()
    assert weight.assign(before + 1) is weight and np.array_equal(weight.numpy(), before + 1)
    weight.assign_sub(np.ones_like(before)).assign_add(2 * before)
    np.testing.assert_allclose(weight.numpy(), 3 * before, rtol=1e-6)
    made.optimizer.learning_rate.assign(0.25)
    assert float(made.optimizer.learning_rate) == 0.25
    with pytest.raises(ValueError, match="has shape"):
        weight.assign(np.ones(7))


def test_clones_have_weights_of_their_own():
    made = model()
    twin = keras3.models.clone_model(made)
    assert [layer.name for layer in twin.layers] == [layer.name for layer in made.layers]
    assert not np.array_equal(twin.get_weights()[0], made.get_weights()[0])
    twin.set_weights(made.get_weights())
    np.testing.assert_allclose(twin.predict(X, verbose=0), made.predict(X, verbose=0), rtol=1e-6)
    seen = []

    def again(layer):
        seen.append(layer.name)
        return type(layer).from_config(layer.get_config())

    assert keras3.models.clone_model(made, clone_function=again).count_params() == made.count_params()
    assert "last" in seen
    x = keras3.Input((4,))
    on = keras3.models.clone_model(made, input_tensors=x)
    assert on.inputs[0] is x
    functional = keras3.Model(x, keras3.layers.Dense(2)(x))
    assert keras3.models.clone_model(functional).output_shape == (None, 2)
    with pytest.raises(ValueError, match="clone_function is for Sequential"):
        keras3.models.clone_model(functional, clone_function=again)


@pytest.mark.parametrize("name", ["mixed_bfloat16", "mixed_float16", "bfloat16", "float32"])
def test_policies_say_in_what_layers_compute(name):
    policies, before = keras3.mixed_precision, keras3.mixed_precision.global_policy()
    try:
        policies.set_global_policy(name)
        assert policies.global_policy() == policies.DTypePolicy(name) == keras3.config.dtype_policy()
        layer = keras3.layers.Dense(2)
        layer.build((None, 3))
        policy = policies.global_policy()
        assert layer.weights[0].dtype == policy.variable_dtype and policy.compute_dtype in name
    finally:
        policies.set_global_policy(before)
    assert policies.global_policy() == before
    with pytest.raises(ValueError, match="DTypePolicy: name must be one of.*mixed_float16"):
        policies.set_global_policy("mixed_float61")


def test_layers_of_other_shapes_may_be_left_out(tmp_path):
    made, path = model(), tmp_path / "w.weights.h5"
    made.save_weights(path)
    inner = keras3.Sequential([keras3.Input((4,)), keras3.layers.Dense(3, name="within")], name="inner")
    other = keras3.Sequential([keras3.Input((4,)), inner, keras3.layers.Dense(2, name="last")])
    before = other.layers[-1].get_weights()
    with pytest.raises(ValueError, match="'last' has the weights"):
        other.load_weights(path)
    with pytest.warns(UserWarning, match="other shapes for last, which stay as they are"):
        other.load_weights(path, skip_mismatch=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.layers[-1].get_weights()))
    assert all(np.array_equal(a, b) for a, b in zip(made.get_weights()[:2], other.get_weights()[:2]))


def test_inputs_of_a_fixed_batch():
    assert keras3.Input(shape=(4,), batch_size=8).shape == (8, 4)
    with pytest.raises(ValueError, match="Input, argument 'batch_size'"):
        keras3.Input(shape=(4,), batch_size=0)
    with pytest.raises(ValueError, match="batch_size goes with `shape`"):
        keras3.Input(batch_shape=(2, 4), batch_size=2)
