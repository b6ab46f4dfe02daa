"""Sampling and dropout: their statistics, and when draws are alike and when not."""

import jax
import numpy as np
import pytest

from horngate import backend as K

SAMPLERS = [
    ("random_normal", {"mean": 2.0, "std": 3.0}, 2.0, 3.0),
    ("random_uniform", {"low": -1.0, "high": 3.0}, 1.0, 4 / np.sqrt(12)),
    ("random_binomial", {"p": 0.3}, 0.3, np.sqrt(0.21)),
]


@pytest.mark.parametrize("name, kwargs, mean, std", SAMPLERS)
def test_statistics(name, kwargs, mean, std):
    values = K.eval(getattr(K, name)((200, 300), **kwargs))
    assert values.dtype == "float32" and values.shape == (200, 300)
    # five standard errors
    assert abs(values.mean() - mean) < 5 * std / np.sqrt(60000)
    assert abs(values.std() - std) < 5 * std / np.sqrt(60000)
    if name == "random_binomial":
        assert set(np.unique(values)) == {0, 1}
    if name == "random_uniform":
        assert values.min() >= -1 and values.max() < 3


@pytest.mark.parametrize("seed", [None, 7])
def test_each_call_draws_anew_and_numpy_seeds_reproduce(seed):
    def run():
        np.random.seed(11)
        function = K.function([], [K.random_normal((5,), seed=seed), K.random_normal((5,), seed=seed)])
        return np.array([function([]) for _ in range(3)]).reshape(6, 5)

    first, second = run(), run()
    np.testing.assert_array_equal(first, second)
    assert len(np.unique(first[:, 0])) == 6


def test_seeds_choose_among_streams():
    def run(seed):
        np.random.seed(11)
        return K.eval(K.random_uniform((4,), seed=seed))

    assert run(1).tolist() == run(1).tolist() != run(2).tolist()
    assert run(-1).tolist() == run(2**32 - 1).tolist()


@pytest.mark.parametrize("level", [0.0, 0.25, 0.5, 0.9])
def test_dropout_keeps_the_mean(level):
    x = K.variable(np.ones((300, 400)))
    out = K.eval(K.dropout(x, level))
    kept = out != 0
    rate = 1 - level
    assert abs(kept.mean() - rate) < 5 * np.sqrt(rate * level / kept.size) + 2**-16
    np.testing.assert_allclose(out[kept], 1 / rate, rtol=2e-4)


def test_dropout_scales_by_the_rate_that_it_holds():
    out = K.eval(K.dropout(K.variable(np.ones(1000)), 0.1))
    dropped = round(0.1 * 65536)
    np.testing.assert_allclose(out[out != 0], 65536 / (65536 - dropped), rtol=1e-7)


def test_dropout_shares_its_mask_along_noise_shape():
    out = K.eval(K.dropout(K.variable(np.ones((50, 6, 7))), 0.5, noise_shape=(None, 1, 7)))
    assert (out == out[:, :1]).all() and 0 < (out[:, 0] == 0).mean() < 1
    assert len(np.unique(out[:, 0], axis=0)) > 1


@pytest.mark.parametrize("level", [1.0, -0.1, 5])
def test_dropout_refuses_other_levels(level):
    with pytest.raises(ValueError, match="level"):
        K.dropout(K.variable(np.ones(3)), level)


def test_the_mask_of_the_gradient_is_that_of_the_output():
    x = K.placeholder((None, 100))
    out = K.dropout(x, 0.5)
    function = K.function([x], [out, K.gradients(K.sum(out), x)[0]])
    first, gradient = function([np.ones((4, 100))])
    np.testing.assert_array_equal(first, gradient)
    assert 0 < (first == 0).mean() < 1
    assert (function([np.ones((4, 100))])[0] != first).any()


def test_draws_differ_from_step_to_step_within_loops():
    def step(x, states):
        return x + K.random_normal((2, 3)), []

    x = K.placeholder((2, 5, 3))
    outputs = K.rnn(step, x, [])[1]
    values = K.function([x], outputs)([np.zeros((2, 5, 3))])
    assert len(np.unique(values)) == values.size
    mapped = K.eval(K.map_fn(lambda row: row + K.random_uniform((3,)), K.variable(np.zeros((4, 3)))))
    assert len(np.unique(mapped)) == mapped.size


def test_sixteen_random_bits():
    bits = np.asarray(K.random_bits(jax.random.key(0), (1000,)))
    assert bits.dtype == "uint16" and bits.max() > 60000 and bits.min() < 5000


def bits_of(seed, shape=(400, 500)):
    return np.asarray(K.random_bits(jax.random.fold_in(jax.random.key(3), seed), shape)).ravel()


def test_every_bit_and_every_value_is_as_likely():
    bits = np.concatenate([bits_of(seed) for seed in range(10)])
    for place in range(16):
        assert abs((bits >> place & 1).mean() - 0.5) < 5 * 0.5 / np.sqrt(bits.size)
    counts = np.bincount(bits >> 4, minlength=4096)
    chi_squared = ((counts - bits.size / 4096) ** 2).sum() / (bits.size / 4096)
    assert abs(chi_squared - 4095) < 5 * np.sqrt(2 * 4095)


def test_neighbours_and_other_keys_are_independent():
    """No correlation between elements at any small distance, nor between the draws of two keys at the same place."""
    first, second = (bits_of(seed) - 32767.5 for seed in (0, 1))
    limit = 5 / np.sqrt(first.size)
    for distance in (1, 2, 3, 4, 8, 16, 499, 500, 501, 1024):
        assert abs(np.corrcoef(first[:-distance], first[distance:])[0, 1]) < limit
        assert abs(np.corrcoef(first[:-distance] > 0, second[distance:] > 0)[0, 1]) < limit
    assert abs(np.corrcoef(first, second)[0, 1]) < limit


def test_runs_have_the_lengths_of_chance():
    """How long dropped elements follow each other: geometric, as for independent draws."""
    dropped = bits_of(5, (1_000_000,)) < 65536 // 4
    lengths = np.diff(np.flatnonzero(~dropped)) - 1
    for length in range(6):
        expected = 0.75 * 0.25**length
        assert abs((lengths == length).mean() - expected) < 5 * np.sqrt(expected / lengths.size)
