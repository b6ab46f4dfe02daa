"""Bytes and truth values: layers, losses and metrics that are called on them count as with the same floats."""

import numpy as np
import pytest

from horngate import keras3, objectives

L = keras3.layers
BYTES = np.random.RandomState(0).randint(100, 250, (4, 6, 6, 3)).astype("uint8")
LAYERS = {
    "Rescaling": lambda: L.Rescaling(2, offset=-7),
    "Dropout": lambda: L.Dropout(0.3, seed=1),
    "SpatialDropout2D": lambda: L.SpatialDropout2D(0.3, seed=1),
    "GaussianNoise": lambda: L.GaussianNoise(0.5, seed=1),
    "GaussianDropout": lambda: L.GaussianDropout(0.5, seed=1),
    "AlphaDropout": lambda: L.AlphaDropout(0.5, seed=1),
    "AveragePooling2D": lambda: L.AveragePooling2D(2),
    "GlobalAveragePooling2D": lambda: L.GlobalAveragePooling2D(),
    "BatchNormalization": lambda: L.BatchNormalization(),
    "UnitNormalization": lambda: L.UnitNormalization(),
    "RMSNormalization": lambda: L.RMSNormalization(),
    "LayerNormalization": lambda: L.LayerNormalization(),
    "GroupNormalization": lambda: L.GroupNormalization(3),
    "LeakyReLU": lambda: L.LeakyReLU(),
    "Normalization": lambda: L.Normalization(mean=3.0, variance=0.01),
}
CLASSES = ("sparse_categorical_crossentropy", "ctc")  # take class numbers
PAIRED = [name for name, value in vars(objectives).items() if hasattr(value, "__wrapped__") and name[0] != "_"]
PAIRED = [name for name in PAIRED if name not in CLASSES]
PAIRS = [
    (np.array([[200, 3], [0, 9]], "uint8"), np.array([[50, 7], [1, 9]], "uint8")),
    (np.array([[120, -3]], "int8"), np.array([[-120, 7]], "int8")),
    (np.array([[True, False]]), np.array([[True, True]])),
]


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    draws = "Drop" in name or "Noise" in name
    x = np.full_like(BYTES, 200) if draws else BYTES
    found, expected = (
        np.asarray(LAYERS[name]()(each, **({"training": True} if draws else {}))) for each in (x, x.astype("float32"))
    )
    assert found.dtype == expected.dtype
    if draws:  # other numbers each time, up to about the same
        found, expected = found.max(), expected.max()
    np.testing.assert_allclose(found, expected, rtol=0.4 if draws else 1e-6)


@pytest.mark.parametrize("name", PAIRED)
def test_losses(name):
    for pair in PAIRS:
        floats = [x.astype("float32") for x in pair]
        loss = getattr(objectives, name)
        np.testing.assert_allclose(np.asarray(loss(*pair)), np.asarray(loss(*floats)), rtol=1e-6)


@pytest.mark.parametrize(
    "name", ["MeanAbsoluteError", "MeanAbsolutePercentageError", "RootMeanSquaredError", "R2Score"]
)
def test_metrics(name):
    y, p = PAIRS[0]
    found = []
    for kind in ("uint8", "float32"):
        metric = getattr(keras3.metrics, name)()
        metric.update_state(y.astype(kind), p.astype(kind))
        found.append(float(metric.result()))
    assert found[0] == pytest.approx(found[1])
