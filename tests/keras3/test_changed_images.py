"""Layers that change images against the real Keras 3: exactly without chance, and by their distributions."""

import numpy as np
import pytest

from horngate import keras3
from tests.keras3.image_cases import CASES, FILE, changed

NUMBERS = dict(np.load(FILE))
EVERY = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]


SIGNED = ("RandomShear", "RandomHue")  # go one way or the other, each image for itself


@pytest.mark.parametrize("name, i", EVERY, ids=[f"{name}-{i}" for name, i in EVERY])
def test_changes_are_those_of_keras_3(name, i):
    found = changed(keras3.layers, name, *CASES[name][i])
    wanted = NUMBERS[f"{name}-{i}"]
    if name in SIGNED:
        found = [found, *(changed(keras3.layers, name, *CASES[name][i]) for _ in range(30))]
        nearest = [min(np.abs(each[k] - wanted[k]).max() for each in found) for k in range(len(wanted))]
        assert max(nearest) < 2e-3
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=2e-3)
