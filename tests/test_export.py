"""Exported models give elsewhere what they give here."""
import os
import subprocess
import sys

import numpy as np
import pytest

from horngate import export
from horngate.layers import (
    GRU, LSTM, Activation, BatchNormalization, Bidirectional, Convolution2D, Dense, Dropout, Embedding, Flatten, Input,
    Masking, MaxPooling2D, merge,
)
from horngate.models import Model, Sequential


def perceptron():
    return Sequential([Dense(8, input_dim=5, activation="relu"), Dropout(0.5), Dense(3, activation="softmax")])


def convolutional():
    return Sequential([
        Convolution2D(4, 3, 3, border_mode="same", input_shape=(1, 8, 8)), BatchNormalization(axis=1),
        Activation("relu"), MaxPooling2D((2, 2)), Flatten(), Dense(3, activation="softmax"),
    ])


def recurrent():
    return Sequential([Masking(0.0, input_shape=(7, 3)), GRU(4, return_sequences=True), LSTM(5)])


def words():
    return Sequential([Embedding(10, 4, input_length=5), Bidirectional(LSTM(3)), Dense(2)])


def functional():
    a, b, shared = Input((6,)), Input((6,)), Dense(4, activation="tanh")
    both = [shared(a), shared(b)]
    return Model([a, b], [Dense(2)(merge(both, mode="concat")), merge(both, mode="dot")])


MODELS = pytest.mark.parametrize("build", [perceptron, convolutional, recurrent, words, functional])


def data_for(model, samples=3):
    rng = np.random.default_rng(0)
    return [rng.uniform(0, 9, (samples, *x.shape[1:])).astype(x.dtype) for x in model.inputs]


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
    session = runtime.InferenceSession(str(tmp_path / "m.onnx"))
    assert [x.name for x in session.get_inputs()] == model.input_names
    for got, want in zip(session.run(None, dict(zip(model.input_names, inputs))), predicted(model, inputs)):
        np.testing.assert_allclose(got, want, atol=1e-5)


def test_onnx_wants_known_sizes(tmp_path):
    pytest.importorskip("jax2onnx")
    with pytest.raises(ValueError, match="all sizes but that of the batch must be known"):
        export.to_onnx(Sequential([LSTM(3, input_shape=(None, 2))]), tmp_path / "m.onnx")
