"""Exported models give elsewhere what they give here."""

import os
import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import pytest

from horngate import export
from horngate.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Bidirectional,
    Convolution2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Lambda,
    Masking,
    MaxPooling2D,
    merge,
)
from horngate.models import Model, Sequential
from horngate.training import pure


def perceptron():
    return Sequential([Dense(8, input_dim=5, activation="relu"), Dropout(0.5), Dense(3, activation="softmax")])


def convolutional():
    return Sequential(
        [
            Convolution2D(4, 3, 3, border_mode="same", input_shape=(1, 8, 8)),
            BatchNormalization(axis=1),
            Activation("relu"),
            MaxPooling2D((2, 2)),
            Flatten(),
            Dense(3, activation="softmax"),
        ]
    )


def recurrent():
    return Sequential([Masking(0.0, input_shape=(7, 3)), GRU(4, return_sequences=True), LSTM(5)])


def words():
    return Sequential([Embedding(10, 4, input_length=5), Bidirectional(LSTM(3)), Dense(2)])


def functional():
    a, b, shared = Input((6,)), Input((6,)), Dense(4, activation="tanh")
    both = [shared(a), shared(b)]
    return Model([a, b], [Dense(2)(merge(both, mode="concat")), merge(both, mode="dot")])


def masked_both_ways():
    return Sequential([Masking(0.0, input_shape=(4, 2)), Bidirectional(LSTM(2, return_sequences=True))])


def mixed_types():
    return Sequential([Lambda(lambda x: jnp.where(x > 1, x, 0), input_shape=(5,)), Activation("hard_sigmoid")])


BUILDS = [perceptron, convolutional, recurrent, words, functional, masked_both_ways, mixed_types]
MODELS = pytest.mark.parametrize("build", BUILDS)


def data_for(model, samples=3):
    rng = np.random.default_rng(0)
    data = [rng.uniform(0, 9, (samples, *x.shape[1:])).astype(x.dtype) for x in model.inputs]
    for x in data:
        x[1, -1:] = 0  # a step that a mask leaves out
    return data


def predicted(model, inputs):
    found = model.predict(inputs if len(inputs) > 1 else inputs[0])
    return found if isinstance(found, list) else [found]


@MODELS
@pytest.mark.parametrize("batch_size", [None, 3])
def test_stablehlo(build, batch_size, tmp_path):
    model = build()
    inputs = data_for(model)
    export.to_stablehlo(model, tmp_path / "m.stablehlo", batch_size)
    found = export.from_stablehlo(tmp_path / "m.stablehlo")(*inputs)
    for got, want in zip(found if isinstance(found, list) else [found], predicted(model, inputs)):
        np.testing.assert_allclose(got, want, atol=1e-5)


def test_stablehlo_needs_jax_alone(tmp_path):
    model = perceptron()
    inputs = data_for(model)
    export.to_stablehlo(model, tmp_path / "m.stablehlo")
    np.save(tmp_path / "x.npy", inputs[0])
    program = """
import sys, jax.export, numpy as np
run = jax.export.deserialize(bytearray(open("m.stablehlo", "rb").read())).call
np.save("y.npy", run(np.load("x.npy")))
assert "horngate" not in sys.modules
"""
    alone = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=alone, check=True)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.predict(inputs[0]), atol=1e-6)


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "m.stablehlo").write_bytes(b"something else")
    with pytest.raises(ValueError, match="is no StableHLO file"):
        export.from_stablehlo(tmp_path / "m.stablehlo")


@MODELS
@pytest.mark.parametrize("batch_size", [None, 3])
def test_onnx(build, batch_size, tmp_path):
    pytest.importorskip("jax2onnx")
    runtime = pytest.importorskip("onnxruntime")
    model = build()
    inputs = data_for(model)
    export.to_onnx(model, tmp_path / "m.onnx", batch_size)
    pytest.importorskip("onnx").checker.check_model(str(tmp_path / "m.onnx"), full_check=True)
    session = runtime.InferenceSession(str(tmp_path / "m.onnx"))
    assert [x.name for x in session.get_inputs()] == model.input_names
    for got, want in zip(session.run(None, dict(zip(model.input_names, inputs))), predicted(model, inputs)):
        np.testing.assert_allclose(got, want, atol=1e-5)
        assert got.dtype == np.float32


def test_an_export_leaves_the_states_of_the_model(tmp_path):
    pytest.importorskip("flatbuffers")
    model = Sequential([LSTM(2, stateful=True, batch_input_shape=(2, 3, 1))])
    model.predict(np.ones((2, 3, 1)), batch_size=2)
    before = [state.get_value() for state in model.layers[0].states]
    export.to_stablehlo(model, tmp_path / "m.stablehlo")
    assert all(np.array_equal(a, state.get_value()) for a, state in zip(before, model.layers[0].states))


@pytest.mark.parametrize(
    "fault", [lambda y: y + 0.1, lambda y: y.astype("float64"), lambda y: y[:1], lambda y: y * np.nan]
)
def test_a_stablehlo_file_that_differs_is_an_error_and_not_kept(fault, tmp_path, monkeypatch):
    pytest.importorskip("flatbuffers")
    imported = pure.imported
    monkeypatch.setattr(pure, "imported", lambda content: lambda *x: fault(np.asarray(imported(content)(*x))))
    with pytest.raises(ValueError, match="to_stablehlo: .*is not kept.*dense"):
        export.to_stablehlo(perceptron(), tmp_path / "m.stablehlo")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", ["other numbers", "no valid file"])
def test_an_onnx_file_that_differs_is_an_error_and_not_kept(fault, tmp_path, monkeypatch):
    jax2onnx = pytest.importorskip("jax2onnx")
    pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    convert = jax2onnx.to_onnx

    def faulty(function, shapes, output_path, **options):
        convert(lambda x: function(x) + 0.1, shapes, output_path=output_path, **options)
        if fault == "no valid file":
            model = onnx.load(output_path)
            model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
            onnx.save(model, output_path)

    monkeypatch.setattr(jax2onnx, "to_onnx", faulty)
    with pytest.raises(ValueError, match="to_onnx: .*is not kept"):
        export.to_onnx(perceptron(), tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


def test_onnx_wants_known_sizes(tmp_path):
    pytest.importorskip("jax2onnx")
    with pytest.raises(ValueError, match="all sizes but that of the batch must be known"):
        export.to_onnx(Sequential([LSTM(3, input_shape=(None, 2))]), tmp_path / "m.onnx")
