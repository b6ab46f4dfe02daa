"""`horngate.random`: what a seed says holds, at once and within layers."""

import numpy as np
import pytest

from horngate import random
from horngate.layers import Lambda
from horngate.models import Sequential

DRAWS = {
    "uniform": lambda seed: random.uniform((3, 4), seed=seed),
    "normal": lambda seed: random.normal((3, 4), seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((3, 4), seed=seed),
    "randint": lambda seed: random.randint((3, 4), 0, 9, seed=seed),
    "categorical": lambda seed: random.categorical(np.zeros((3, 5), "float32"), 4, seed=seed),
    "gamma": lambda seed: random.gamma((3, 4), 2.0, seed=seed),
    "beta": lambda seed: random.beta((3, 4), 2.0, 3.0, seed=seed),
    "binomial": lambda seed: random.binomial((3, 4), 20.0, 0.5, seed=seed),
    "shuffle": lambda seed: random.shuffle(np.arange(30), seed=seed),
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


# (draws, mean and variance of the distribution)
P = np.array([0.1, 0.2, 0.7])
MOMENTS = {
    "truncated_normal": (lambda n: random.truncated_normal((n,), 1.0, 2.0, seed=1), 1, 4 * 0.7737413),
    "randint": (lambda n: random.randint((n,), 2, 8, seed=1), 4.5, 35 / 12),
    "categorical": (lambda n: random.categorical(np.log([P]), n, seed=1)[0], 1.6, 0.2 + 4 * 0.7 - 1.6**2),
    "gamma": (lambda n: random.gamma((n,), 3.0, seed=1), 3, 3),
    "beta": (lambda n: random.beta((n,), 2.0, 3.0, seed=1), 0.4, 0.04),
    "binomial": (lambda n: random.binomial((n,), 10.0, 0.3, seed=1), 3, 2.1),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_the_moments_are_those_of_the_distribution(name):
    make, mean, variance = MOMENTS[name]
    drawn = np.asarray(make(20000), float)
    np.testing.assert_allclose(drawn.mean(), mean, atol=4 * np.sqrt(variance / 20000))
    np.testing.assert_allclose(drawn.var(), variance, rtol=0.06)


def test_limits_hold():
    drawn = np.asarray(random.truncated_normal((5000,), 1.0, 2.0, seed=2))
    assert abs(drawn - 1).max() <= 4 and set(np.unique(random.randint((500,), 2, 5, seed=2))) == {2, 3, 4}
    columns = np.asarray(random.shuffle(np.arange(12).reshape(3, 4), axis=1, seed=3))
    assert sorted(columns[0]) == [0, 1, 2, 3] and (columns - columns[0] == np.array([[0], [4], [8]])).all()
    with pytest.raises(ValueError, match="whole numbers, such as 'int32'; received 'float32'"):
        random.randint((3,), 0, 2, dtype="float32")
