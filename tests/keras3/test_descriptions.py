"""Descriptions in the form of Keras 3, and what `python3 run.py oracle` compares."""

import numpy as np
import pytest

from horngate import keras3
from tests.keras3.cases import CASES
from tests.oracle import comparing, exclusions, table

PARTS = {
    "losses": [keras3.losses.Huber(), keras3.losses.Huber(0.3), keras3.losses.Dice()],
    "metrics": [keras3.metrics.AUC(), keras3.metrics.CosineSimilarity(axis=0)],
    "optimizers": [keras3.optimizers.Adam(0.5), keras3.optimizers.SGD(momentum=0.9)],
    "initializers": [keras3.initializers.GlorotUniform(seed=1), keras3.initializers.Orthogonal(2.0)],
    "regularizers": [keras3.regularizers.L1(0.3), keras3.regularizers.OrthogonalRegularizer()],
    "constraints": [keras3.constraints.MaxNorm(3.0), keras3.constraints.NonNeg()],
    "layers": [keras3.layers.Dense(3), keras3.layers.ConvLSTM2D(2, 2), keras3.layers.Flatten()],
}


@pytest.mark.parametrize("module", PARTS)
def test_what_a_module_describes_it_makes_again(module):
    home = getattr(keras3, module)
    for part in PARTS[module]:
        told = home.serialize(part)
        assert told["module"] == f"keras.{module}" and told["class_name"] == type(part).__name__.replace(
            "L1L2Regularizer", "L1"
        )
        for make in (home.deserialize, keras3.saving.deserialize_keras_object):
            assert home.serialize(make(told)) == told


def test_functions_are_described_by_name():
    told = keras3.losses.serialize(keras3.losses.hinge)
    assert told == {"module": "builtins", "class_name": "function", "config": "hinge", "registered_name": "function"}
    assert keras3.losses.deserialize(told) is keras3.losses.get("hinge")


def test_arguments_that_keras_leaves_out_are_written_where_they_matter():
    assert "delta" not in keras3.losses.serialize(keras3.losses.Huber())["config"]
    assert keras3.losses.serialize(keras3.losses.Huber(0.3))["config"]["delta"] == 0.3


@pytest.mark.parametrize(
    "layer", [("Attention", {"use_scale": True, "score_mode": "concat"}), ("BatchNormalization", {})]
)
def test_names_of_weights_do_not_depend_on_the_layers(layer):
    name, options = layer
    case = CASES[name][0]
    found = []
    for called in (None, "other", "scale_3_b"):
        made = getattr(keras3.layers, name)(**options, name=called)
        args, call = case.arguments(name, case.inputs())
        made(*args, **call)
        found.append([v.name for v in made.weights])
    assert found[0] == found[1] == found[2]
    assert found[0] == (
        ["scale", "concat_score_weight"] if options else ["gamma", "beta", "moving_mean", "moving_variance"]
    )


def test_kernels_begin_as_wide_as_their_inputs_and_outputs_say():
    x = np.ones((2, 3, 50), "float32")
    attend = keras3.layers.MultiHeadAttention(20, 30)
    attend(x, x)
    dense = keras3.layers.EinsumDense("abc,dce->abde", (None, 20, 30))
    dense(x)
    for kernel in (attend.weights[0], attend.weights[6], dense.kernel):
        np.testing.assert_allclose(np.std(kernel.numpy()), np.sqrt(2 / 650), rtol=0.05)


def test_a_lone_layer_tells_the_losses_of_its_last_call():
    layer = keras3.layers.Dense(2, activity_regularizer="l2", kernel_regularizer="l1")
    for size in (1.0, 2.0, 1.0):
        layer(np.full((3, 4), size, "float32"))
        assert len(layer.losses) == 2
    once = float(layer.losses[1])
    layer(np.full((3, 4), 2.0, "float32"))
    np.testing.assert_allclose(float(layer.losses[1]), 4 * once, rtol=1e-5)


def test_every_layer_with_a_case_has_rows_for_its_arguments():
    rows = [row for row in table.layers(keras3) if row.name == "Dense"]
    assert {"units", "use_bias", "kernel_initializer", "bias_regularizer", "dtype"} <= {
        w for r in rows for w in r.options
    }
    assert len({str(row) for row in rows}) == len(rows)


def test_differences_are_found_and_exclusions_are_narrow():
    row = table.Row("losses", "Huber", (), {})
    one, off = np.ones(3), np.ones(3) + 1e-5
    assert comparing.difference(row, "float32", "value", [one], [one]) == ""
    said = comparing.difference(row, "float32", "value", [off], [one])
    assert "off by 1.0e-05" in said and exclusions.reason(row, "float64", "value", said) is None
    kinds = [each.kind for each in comparing.judged(row, "float32", {"value": [off]}, {"value": [one]})]
    assert kinds == ["differs"]
    assert "no 'b'" in comparing.plain_differ({"a": 1}, {"a": 1, "b": 2})
