"""What changed its meaning within Keras 2: the programs of `meanings` in eras 2.2, 2 (which is 2.3) and tf2.

The numbers of tf2 come from tf-keras (see `write_tf2`), those of 2.2 and 2.3 from the formulas that were published.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import initializers, layers, metrics
from tests.dialects.meanings import CASES, STEPS, X

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "eras" / "tf2.json").read_text())["meanings"]

ERRORS = X.sum(axis=1) ** 2  # the losses of a unit of ones whose targets are 0
OF_SAMPLES = np.array([0.0, 1.0, 2.0, 3.0])
TARGETS, SAMPLES, CLASSES = np.array([0.0, 1, 1, 0]), np.array([1.0, 2, 1, 2]), np.array([1.0, 3, 3, 1])
WEIGHTED = SAMPLES * (X.sum(axis=1) - TARGETS) ** 2
UNBIASED = 0.99 + 0.01 * X.var(axis=0) * 4 / (3 - 1e-3)  # with epsilon 1e-3

# case -> what it gives in 2.2 and in 2.3
WANTED = {
    "loss_by_weights": ((OF_SAMPLES * ERRORS).sum() / 3, (OF_SAMPLES * ERRORS).mean()),
    "both_weights": (WEIGHTED.mean(), (CLASSES * WEIGHTED).mean()),
    "weighted_metric": ((OF_SAMPLES * X.sum(axis=1)).sum() / 3, np.average(X.sum(axis=1), weights=OF_SAMPLES)),
    "masked_loss": ((STEPS**2).sum() / 3, (STEPS**2).mean()),
    "normalized": (UNBIASED, UNBIASED),
    "enlarged": ([0, 0.5, 1, 1], [0, 0.25, 0.75, 1]),
    "hinge_of_zeros": (1.25, 1.25),
    "factors": ([0.01, 0.01], [0.01, 0.01]),
    "bits": (4, 4),
    "never_at_the_baseline": ([1, 1], [1, 1]),
    "trained_to_the_end": ([1, 0], [1, 0]),
}
ROWS = [(era, name) for name in CASES for era in ("2.2", "2", "tf2")]


@pytest.fixture
def era():
    yield K.set_era
    K.set_era("1.0")


@pytest.mark.parametrize("name, case", ROWS)
def test_meanings(era, name, case):
    era(name)
    wanted = GOLDEN.get(case, WANTED[case][1]) if name == "tf2" else WANTED[case][name == "2"]
    np.testing.assert_allclose(CASES[case](horngate), np.ravel(wanted), rtol=1e-5)


def test_every_case_is_in_the_table():
    assert WANTED.keys() == CASES.keys()


@pytest.mark.parametrize("name, gates", [("2.2", "hard_sigmoid"), ("2", "sigmoid"), ("tf2", "sigmoid")])
def test_gates(era, name, gates):
    era(name)
    assert {layers.LSTM(2).recurrent_activation.__name__, layers.GRU(2).recurrent_activation.__name__} == {gates}
    assert layers.ConvLSTM2D(2, 3).recurrent_activation.__name__ == "hard_sigmoid"


@pytest.mark.parametrize("name", ["2.2", "2", "tf2"])
def test_initializers(era, name):
    """Normal ones are truncated, and kernels' outputs are last."""
    era(name)
    spread = np.sqrt(2 / 360)
    drawn = K.eval(initializers.he_normal()((3, 3, 40, 50)))
    assert np.abs(drawn).max() < 2 * spread / 0.879 and abs(drawn.std() - spread) < 0.03 * spread
    flat = K.eval(initializers.Orthogonal()((3, 3, 2, 5))).reshape(-1, 5)
    np.testing.assert_allclose(flat.T @ flat, np.eye(5), atol=1e-5)


@pytest.mark.parametrize("name", ["2.2", "2", "tf2"])
def test_metrics_are_told_by_sample(era, name):
    era(name)
    y, p = K.variable(np.eye(3)), K.variable(np.eye(3)[[0, 1, 1]])
    assert K.eval(metrics.categorical_accuracy(y, p)).tolist() == [1, 1, 0]
    assert K.eval(metrics.mean_absolute_error(y, p)).shape == (3,)
