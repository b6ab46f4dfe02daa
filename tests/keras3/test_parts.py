"""Activations, losses and the like against the real Keras 3: values and gradients, in float64 and in float32."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3
from tests.golden_data import ROOT
from tests.keras3 import parts

NUMBERS = dict(np.load(ROOT / "keras3" / "parts.npz"))


@pytest.fixture(params=["float64", "float32"])
def floatx(request):
    before = K.floatx()
    K.set_floatx(request.param)
    yield request.param
    K.set_floatx(before)


def difference(found, wanted):
    """The largest difference, by the largest number."""
    assert np.shape(found) == wanted.shape
    return np.abs(np.asarray(found) - wanted).max(initial=0) / max(np.abs(wanted).max(initial=0), 1e-3)


def faults(cases, floatx, slopes=True):
    """(name, differences of value and gradient) of the cases, name -> (function, x), that differ from Keras 3.

    All are one program, because compiling takes most of the time. Keras 3 rounds losses and `tanh` to float32.
    """
    given = {key: jnp.asarray(x, floatx) for key, (_, x) in cases.items()}

    def both(key, x):
        function, weights = cases[key][0], parts.weighting(NUMBERS[f"{key}-value"].shape)
        slope = jax.grad(lambda x: (function(x) * weights).sum())(x) if slopes else NUMBERS[f"{key}-gradient"]
        return function(x), slope

    found = jax.jit(lambda given: {key: both(key, x) for key, x in given.items()})(given)
    assert {str(value.dtype) for value, _ in found.values()} == {floatx}
    wrong = {}
    for key, (value, slope) in found.items():
        most = 2e-6 if floatx == "float32" else 3e-7 if "tanh" in key else 1e-12
        distances = difference(value, NUMBERS[f"{key}-value"]), difference(slope, NUMBERS[f"{key}-gradient"])
        if not max(distances) < most:
            wrong[key] = distances
    return wrong


def exchanged(name, options):
    """Options for the same numbers: those of Keras 3.15 are not the paper's, see `objectives.tversky`."""
    if name.lower() != "tversky" or "alpha" not in options:
        return options
    return {**options, "alpha": options["beta"], "beta": options["alpha"]}


def test_activations(floatx):
    cases = {}
    for name, several in parts.ACTIVATIONS.items():
        for i, options in enumerate(several):
            function = functools.partial(getattr(keras3.activations, name), **options)
            cases[f"activations.{name}-{i}"] = function, parts.activated()
    assert faults(cases, floatx) == {}


def test_loss_functions():
    cases = {}
    for name, (kind, several) in parts.LOSSES.items():
        for i, options in enumerate(several):
            y, p, _ = parts.measured(kind, options)
            function = functools.partial(getattr(keras3.losses, name), y, **exchanged(name, options))
            cases[f"losses.{name}-{i}"] = function, p
    assert faults(cases, "float32") == {}


def test_loss_classes():
    cases = {}
    for i, (name, options, kind, weighted) in enumerate(parts.loss_classes()):
        y, p, w = parts.measured(kind, options)
        loss = getattr(keras3.losses, name)(**exchanged(name, options))
        w = w if weighted else None
        cases[f"losses.{name}-class{i}"] = (lambda p, loss=loss, y=y, w=w: loss(y, p, w)), p
        again = keras3.losses.deserialize(keras3.losses.serialize(loss))
        assert again.get_config() == loss.get_config()
    assert faults(cases, "float32", slopes=False) == {}


def test_sparsemax_is_the_nearest_point_among_probabilities():
    x = jnp.asarray(parts.activated())
    for axis in (-1, 1):
        p = np.asarray(keras3.activations.sparsemax(x, axis=axis))
        np.testing.assert_allclose(p.sum(axis), 1, rtol=1e-6)
        away = x - p  # the same wherever p is above 0, and no larger elsewhere
        most = np.max(np.where(p > 0, away, -np.inf), axis, keepdims=True)
        assert p.min() == 0 and (np.abs(np.where(p > 0, away - most, 0)) < 1e-6).all() and (away <= most + 1e-6).all()
