"""`horngate.random`: what a seed says holds, at once and within layers."""

import numpy as np
import pytest

from horngate import random
from horngate.layers import Lambda
from horngate.models import Sequential

DRAWS = {
    "uniform": lambda seed: random.uniform((3, 4), seed=seed),
    "normal": lambda seed: random.normal((3, 4), seed=seed),
    "dropout": lambda seed: random.dropout(np.ones((3, 4), "float32"), 0.5, seed=seed),
}


@pytest.fixture(params=DRAWS)
def draw(request):
    return lambda seed: np.asarray(DRAWS[request.param](seed))


def test_a_number_gives_the_same_draw_each_time(draw):
    assert (draw(3) == draw(3)).all() and (draw(3) != draw(4)).any()


def test_a_generator_gives_other_draws_and_the_same_in_each_run(draw):
    one, other = random.SeedGenerator(7), random.SeedGenerator(7)
    first, second = draw(one), draw(one)
    assert (first != second).any() and (first == draw(other)).all() and (second == draw(other)).all()


def test_without_a_seed_numpy_decides(draw):
    np.random.seed(5)
    first, second = draw(None), draw(None)
    np.random.seed(5)
    assert (first == draw(None)).all() and (first != second).any()


def network(seed):
    return Sequential([Lambda(lambda x: x + random.normal((4,), seed=seed), output_shape=(4,), input_shape=(4,))])


def test_within_a_layer():
    x = np.zeros((1, 4), "float32")
    fixed = network(3)
    assert np.allclose(fixed.predict(x)[0], random.normal((4,), seed=3), atol=1e-6)
    assert (fixed.predict(x) == fixed.predict(x)).all()
    for seed in (None, random.SeedGenerator(1)):
        drawing = network(seed)
        assert (drawing.predict(x) != drawing.predict(x)).any()


def test_the_seed_of_a_generator_matters_within_a_layer():
    x, found = np.zeros((1, 4), "float32"), []
    for seed in (1, 1, 2):
        np.random.seed(0)
        found.append(network(random.SeedGenerator(seed)).predict(x))
    assert (found[0] == found[1]).all() and (found[0] != found[2]).any()
