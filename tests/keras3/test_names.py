"""Names of Keras 3: variables and symbols that programs make, and what is said of names that are not here."""

import numpy as np
import pytest

from horngate import keras3
from horngate.dialects import later
from horngate.dialects.keras3 import lacking

ABSENT = [(module, name) for module, rows in lacking._NAMES.items() for names in rows for name in names.split()]


def test_what_is_told_to_be_absent_is():
    there = [(module, name) for module, name in ABSENT if name in later.names("3").get(module, {})]
    assert there == [] and len(ABSENT) > 20


@pytest.mark.parametrize("module, name", [ABSENT[0], ("utils", "Config"), ("config", "set_backend")])
def test_an_absent_name_gets_a_sentence_with_what_to_use(module, name):
    space = keras3 if not module else getattr(keras3, module)
    with pytest.raises(AttributeError, match=f"has no '{name}', which Keras 3 has. Instead, \\w+ .*\\.$"):
        getattr(space, name)


def test_other_names_are_taken_for_mistakes():
    with pytest.raises(AttributeError, match=r"nor has Keras 3. Did you mean 'Dense'\?"):
        keras3.layers.Dence  # noqa: B018


class Scaling(keras3.layers.Layer):
    """A layer whose weights are variables in attributes."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = keras3.Variable(2.0, name="scale")
        self.calls = keras3.Variable(0, dtype="int32", trainable=False)

    def call(self, x):
        return x * self.scale


def test_variables_in_attributes_are_weights_of_the_layer():
    layer = Scaling()
    model = keras3.Sequential([keras3.Input((2,)), layer])
    model.compile(keras3.optimizers.SGD(0.1), "mse")
    model.fit(np.ones((8, 2)), np.zeros((8, 2)), batch_size=8, verbose=0)
    np.testing.assert_allclose(layer.scale.numpy(), 2 - 0.1 * 2 * 2, rtol=1e-6)
    assert layer.trainable_weights == [layer.scale] and layer.non_trainable_weights == [layer.calls]


@pytest.mark.parametrize(
    "made, shape, dtype",
    [
        (lambda: keras3.Variable(1.5), (), "float32"),
        (lambda: keras3.Variable([1, 2]), (2,), "int32"),
        (lambda: keras3.Variable("ones", shape=(2, 3)), (2, 3), "float32"),
        (lambda: keras3.Variable(np.zeros(3), dtype="float16"), (3,), "float16"),
    ],
)
def test_variables(made, shape, dtype):
    variable = made()
    assert isinstance(variable, keras3.Variable) and (variable.shape, variable.dtype) == (shape, dtype)


def test_variables_and_symbols_refuse_what_they_cannot_be():
    with pytest.raises(ValueError, match="needs a shape, as in"):
        keras3.Variable("zeros")
    with pytest.raises(ValueError, match="aggregation must be one of"):
        keras3.Variable(1.0, aggregation="maximum")
    with pytest.raises(ValueError, match="symbols are dense"):
        keras3.KerasTensor((3,), sparse=True)
    symbol = keras3.KerasTensor((None, 3), name="x")
    assert isinstance(symbol, keras3.KerasTensor) and isinstance(keras3.Input((2,)), keras3.KerasTensor)
    assert keras3.layers.Dense(2)(symbol).shape == (None, 2)


def test_remat_computes_the_same():
    import jax

    f = keras3.remat(lambda x: keras3.ops.sin(x) * x)
    np.testing.assert_allclose(jax.grad(f)(0.5), np.cos(0.5) * 0.5 + np.sin(0.5), rtol=1e-6)


def test_the_path_of_a_weight_ends_with_its_name_in_keras_3():
    """However its layer is called, so that filters such as `path.endswith("/bias")` find all."""
    tokens = keras3.Input((6,), dtype="int32")
    x = keras3.layers.Embedding(5, 4, name="tokens")(tokens)
    x = keras3.layers.MultiHeadAttention(2, 2, name="att")(x, x)
    x = keras3.layers.BatchNormalization(name="bn")(keras3.layers.LayerNormalization(name="ln")(x))
    x = keras3.layers.SeparableConv1D(4, 2, name="sep")(keras3.layers.LSTM(3, return_sequences=True, name="r")(x))
    model = keras3.Model(tokens, keras3.layers.EinsumDense("abc,cd->abd", (None, 2), bias_axes="d", name="e")(x))
    found = [weight.path.split("/")[-1] for weight in model.weights]
    wanted = ["embeddings", *["kernel", "bias"] * 4, "gamma", "beta"]
    wanted += ["gamma", "beta", "moving_mean", "moving_variance", "kernel", "recurrent_kernel", "bias"]
    assert found == [*wanted, "depthwise_kernel", "pointwise_kernel", "bias", "kernel", "bias"]
