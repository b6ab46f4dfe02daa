"""Initializers, regularizers and constraints against the real Keras 3: spread or numbers, values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3
from tests.keras3 import rules

NUMBERS = dict(np.load(rules.FILE))


@pytest.mark.parametrize("i", range(len(rules.DRAWN)))
def test_drawn_numbers_spread_as_those_of_keras_3(i):
    name, options, shape = rules.DRAWN[i]
    np.random.seed(2)
    mean, deviation, furthest = rules.spread(K.get_value(getattr(keras3.initializers, name)(**options)(shape)))
    wanted = NUMBERS[f"drawn{i}"]
    count = np.prod(shape)
    assert abs(mean - wanted[0]) < 8 * deviation / np.sqrt(count)
    assert abs(deviation / wanted[1] - 1) < 6 / np.sqrt(count)
    assert abs(furthest / wanted[2] - 1) < (0.25 if "Normal" in name or "normal" in str(options) else 0.05) or (
        name == "Orthogonal"
    )


@pytest.mark.parametrize("i", range(len(rules.EXACT)))
def test_numbers_that_are_not_drawn_are_those_of_keras_3(i):
    name, options, shape = rules.EXACT[i]
    found = K.get_value(getattr(keras3.initializers, name)(**options)(shape))
    np.testing.assert_allclose(found, NUMBERS[f"exact{i}"], rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("i", range(len(rules.REGULARIZERS)))
def test_penalties_and_their_gradients(i):
    name, options = rules.REGULARIZERS[i]
    penalty = getattr(keras3.regularizers, name)(**options)
    w = jnp.asarray(rules.weight(), "float32")
    value, slope = jax.value_and_grad(penalty)(w)
    np.testing.assert_allclose(value, NUMBERS[f"penalty{i}"], rtol=2e-6)
    np.testing.assert_allclose(slope, NUMBERS[f"slope{i}"], rtol=2e-5, atol=2e-6)
    again = keras3.regularizers.deserialize(keras3.regularizers.serialize(penalty))
    np.testing.assert_array_equal(again(w), value)


@pytest.mark.parametrize("i", range(len(rules.CONSTRAINTS)))
def test_constraints(i):
    name, options = rules.CONSTRAINTS[i]
    constraint = getattr(keras3.constraints, name)(**options)
    w = rules.weight().astype("float32")
    np.testing.assert_allclose(constraint(w), NUMBERS[f"constraint{i}"], rtol=2e-6, atol=2e-7)
    again = keras3.constraints.deserialize(keras3.constraints.serialize(constraint))
    np.testing.assert_array_equal(again(w), constraint(w))
