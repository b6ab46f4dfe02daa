"""What Keras 3 asks of every model: its state as a tree, its loss, its export, and what only models with steps have."""

import numpy as np
import pytest

from horngate import keras3
from horngate.training.compiled import LATER_METHODS

X, Y = np.random.RandomState(0).randn(8, 2).astype("float32"), np.ones((8, 3), "float32")


@pytest.fixture(scope="module")
def model():
    layers = keras3.layers
    made = keras3.Sequential(
        [
            keras3.Input((2,)),
            layers.Dense(3, kernel_regularizer="l2", name="dense"),
            layers.BatchNormalization(name="n"),
        ]
    )
    made.compile("adam", "mse")
    made.fit(X, Y, verbose=0)
    return made


def test_the_class_has_the_methods():
    assert all(hasattr(keras3.Model, name) for name in LATER_METHODS.split())


def test_the_state_is_a_tree_that_can_be_set(model):
    tree = model.get_state_tree("numpy_array")
    assert set(tree["trainable_variables"]) == {"dense", "n"}
    assert set(tree["trainable_variables"]["dense"]) == {"kernel", "bias"}
    assert "iterations" in tree["optimizer_variables"] and tree["metrics_variables"] == {}
    before, slots = model.get_weights(), model.optimizer.get_weights()
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(model.get_weights()[0], before[0])
    model.set_state_tree(tree)
    for now, then in zip([*model.get_weights(), *model.optimizer.get_weights()], [*before, *slots]):
        np.testing.assert_array_equal(now, then)
    with pytest.raises(ValueError, match=r"received \['weights'\]"):
        model.set_state_tree({"weights": {}})
    with pytest.raises(ValueError, match="no value for dense/"):
        model.set_state_tree({"trainable_variables": {}})


def test_the_loss_is_that_of_evaluate(model):
    loss = model.compute_loss(X, Y, model.predict(X, verbose=0))
    np.testing.assert_allclose(loss, model.evaluate(X, Y, verbose=0), rtol=1e-5)


def test_a_format_that_is_not_written_is_refused(model):
    with pytest.raises(ValueError, match="format must be 'onnx' or 'stablehlo'"):
        model.export("model")


@pytest.mark.parametrize("name", ["train_step", "test_step", "predict_step", "compute_metrics"])
def test_what_only_models_with_steps_have_says_so(model, name):
    with pytest.raises(TypeError, match="Call|Use"):
        getattr(model, name)((X, Y))


def test_quantization_is_refused_with_what_to_do(model):
    with pytest.raises(NotImplementedError, match="quantize_dynamic.*mixed_bfloat16"):
        model.quantize("int8")
