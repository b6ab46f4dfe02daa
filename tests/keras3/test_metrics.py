"""Metrics against the real Keras 3, standing alone over two batches, with and without weights."""

import numpy as np
import pytest

from horngate import keras3
from tests.golden_data import ROOT
from tests.keras3 import metric_cases

NUMBERS = dict(np.load(ROOT / "keras3" / "metrics.npz"))
KEYS = {f"{name}-{i}": (name, options, kind) for i, (name, options, kind) in enumerate(metric_cases.CASES)}


def truncated(name, key):
    """Whether Keras 3 makes the weights whole numbers, which is a fault."""
    return "IoU" in name and key.endswith("weighted")


@pytest.mark.parametrize("key", [key for key in NUMBERS if key != "keras" and not truncated(key, key)])
def test_numbers_are_those_of_keras_3(key):
    name, options, kind = KEYS[key.removesuffix("-weighted")]
    metric = getattr(keras3.metrics, name)(**options)
    again = keras3.metrics.deserialize(keras3.metrics.serialize(metric))
    for y, p, w in metric_cases.batches(kind):
        metric.update_state(y, p, w if key.endswith("weighted") else None)
        again.update_state(y, p, w if key.endswith("weighted") else None)
    found = np.asarray(metric.result())
    assert found.shape == NUMBERS[key].shape
    np.testing.assert_allclose(found, NUMBERS[key], rtol=2e-6, atol=2e-6)
    np.testing.assert_array_equal(again.result(), found)
    metric.reset_state()
    assert all(not variable.numpy().any() for variable in metric.variables)


def test_every_class_has_a_case():
    from horngate import metrics

    named = {name for name, _, _ in metric_cases.CASES}
    assert set(metrics._HOMES) - named == {"Mean", "MeanMetricWrapper", "Metric", "Sum"}
