"""CTC against the sum over all paths, one by one."""

import itertools

import numpy as np
import pytest

from horngate import backend as K
from tests.backend.checks import numerical_gradient

rng = np.random.RandomState(0)
TIME, CLASSES = 5, 4
BLANK = CLASSES - 1


def probabilities(*shape):
    values = rng.uniform(0.1, 1, shape)
    return values / values.sum(-1, keepdims=True)


def labelling(path):
    return tuple(label for label, _ in itertools.groupby(path) if label != BLANK)


def all_labellings(p):
    """The probability of each labelling, summed over the paths that spell it."""
    found = {}
    for path in itertools.product(range(CLASSES), repeat=len(p)):
        found[labelling(path)] = found.get(labelling(path), 0) + np.prod(p[range(len(p)), path])
    return found


LABELS = [(), (0,), (1, 1), (0, 2, 1), (2, 2, 2)]


def test_cost_is_the_logarithm_of_the_sum_over_paths():
    p = probabilities(len(LABELS), TIME, CLASSES)
    steps = np.array([5, 3, 4, 5, 5])
    y = np.zeros((len(LABELS), 3))
    for row, labels in zip(y, LABELS):
        row[: len(labels)] = labels
    lengths = np.array([len(labels) for labels in LABELS])
    symbols = [K.placeholder((None, 3)), K.placeholder((None, TIME, CLASSES))]
    symbols += [K.placeholder((None, 1), dtype="int32"), K.placeholder((None, 1), dtype="int32")]
    cost = K.ctc_batch_cost(*symbols)
    assert cost.shape == (None, 1)
    function = K.function(symbols, [cost, *K.gradients(cost, symbols[1])])
    out, gradient = function([y, p, steps[:, None], lengths[:, None]])
    expected = [-np.log(all_labellings(p[i, : steps[i]])[labels]) for i, labels in enumerate(LABELS)]
    np.testing.assert_allclose(out[:, 0], expected, rtol=1e-5)
    assert np.isfinite(gradient).all() and not gradient[1, 3:].any()


def test_gradient_of_the_cost():
    """Predictions are divided by their sum, so that what is not a distribution is one."""
    p = probabilities(1, 3, CLASSES)

    def cost(p):
        p = p / p.sum(-1, keepdims=True)
        return -np.log(all_labellings(p[0])[(1, 1)])

    symbol = K.placeholder(p.shape)
    out = K.ctc_batch_cost(np.array([[1, 1]]), symbol, np.array([[3]]), np.array([[2]]))
    gradient = K.function([symbol], K.gradients(out, symbol))([p])[0]
    np.testing.assert_allclose(gradient, numerical_gradient(cost, p), rtol=1e-4, atol=1e-4)


def test_labels_that_do_not_fit_cost_much():
    cost = K.ctc_batch_cost(np.array([[1, 1]]), probabilities(1, 2, CLASSES), np.array([[2]]), np.array([[2]]))
    assert np.isfinite(cost).all() and cost[0, 0] > 1e4


@pytest.mark.parametrize("labels", [labels for labels in LABELS if labels])
def test_cost_of_one_sample(labels):
    p = probabilities(TIME, CLASSES)
    np.testing.assert_allclose(K.ctc_cost(p, np.array(labels)), -np.log(all_labellings(p)[labels]), rtol=1e-5)


def test_path_probabilities_sum_to_that_of_the_labels_at_every_step():
    p, labels = probabilities(TIME, CLASSES), (0, 2)
    logs, possible = K.ctc_path_probs(p, K.ctc_interleave_blanks(np.array(labels)), alpha=0.0)
    totals = np.where(possible, np.exp(logs), 0).sum(1)
    np.testing.assert_allclose(totals, all_labellings(p)[labels], rtol=1e-5)
    assert np.asarray(possible)[0].tolist() == [True, True, False, False, False]
    assert np.asarray(possible)[-1].tolist() == [False, False, False, True, True]


def test_one_step_of_the_forward_sum():
    path = np.array([-1, 0, -1, 2, -1])
    p = probabilities(TIME, CLASSES)[:, path]
    reached, logs = 2, np.where(np.arange(5) < 2, np.log(p[0]), 0)
    skips, zeros = K.ctc_create_skip_idxs(path), np.zeros(5)
    by_hand = np.array([p[0, 0], p[0, 1], 0, 0, 0])
    for now in p[1:]:
        reached, logs = K.ctc_update_log_p(skips, zeros, reached, np.log(now), logs)
        before = by_hand
        by_hand = now * (before + np.r_[0, before[:-1]] + np.array([0, 0, 0, before[1], 0]))
        assert int(reached) == np.nonzero(by_hand)[0].max() + 1
        np.testing.assert_allclose(np.exp(logs)[: int(reached)], by_hand[: int(reached)], rtol=1e-5)
        assert not np.any(logs[int(reached) :])


def test_blanks_and_skips():
    assert np.asarray(K.ctc_interleave_blanks(np.array([3, 3, 5]))).tolist() == [-1, 3, -1, 3, -1, 5, -1]
    assert np.asarray(K.ctc_create_skip_idxs(np.array([-1, 3, -1, 3, -1, 5, -1]))).tolist() == [3, 7]
    assert np.asarray(K.ctc_create_skip_idxs(np.array([-1, 3, -1]))).tolist() == []


def test_greedy_decoding():
    best = np.array([[0, 0, BLANK, 0, 2], [BLANK, 1, 1, BLANK, BLANK], [2, 2, 0, 1, 1]])
    p = np.where(np.arange(CLASSES) == best[..., None], 0.7, 0.1).astype("float32")
    symbols = [K.placeholder((None, TIME, CLASSES)), K.placeholder((None,), dtype="int32")]
    (labels,), logs = K.ctc_decode(*symbols)
    labels, logs = K.function(symbols, [labels, logs])([p, [5, 5, 2]])
    assert labels.tolist() == [[0, 0, 2, -1, -1], [1, -1, -1, -1, -1], [2, -1, -1, -1, -1]]
    np.testing.assert_allclose(logs, np.log(0.7) * np.array([[5], [5], [2]]), rtol=1e-5)


def test_beam_search_finds_the_best_labellings():
    p, steps = probabilities(3, TIME, CLASSES).astype("float32"), [5, 4, 2]
    symbol = K.placeholder((None, TIME, CLASSES))
    labels, logs = K.ctc_decode(symbol, np.array(steps), greedy=False, beam_width=1000, top_paths=3)
    *labels, logs = K.function([symbol], [*labels, logs])([p])
    for sample, length in enumerate(steps):
        expected = sorted(all_labellings(p[sample, :length]).items(), key=lambda item: -item[1])[:3]
        found = [tuple(path[sample][path[sample] >= 0]) for path in labels]
        assert found == [labelling for labelling, _ in expected]
        np.testing.assert_allclose(np.exp(logs[sample]), [value for _, value in expected], rtol=1e-4)


def test_narrow_beams_stay_within_their_width():
    labels, logs = K.ctc_decode(probabilities(1, TIME, CLASSES), np.array([5]), greedy=False, beam_width=2, top_paths=3)
    assert np.isfinite(logs[0, :2]).all() and logs[0, 2] == -np.inf and (np.asarray(labels[2]) == -1).all()


def test_dictionaries_are_refused():
    with pytest.raises(ValueError, match="dictionaries"):
        K.ctc_decode(probabilities(1, 2, 3), np.array([2]), dict_values=[1])


def test_sparse_labels():
    sparse = K.ctc_label_dense_to_sparse(np.array([[1, 2, 9], [0, 9, 9]]), np.array([[2], [1]]))
    entries = list(zip(sparse.row.tolist(), sparse.col.tolist(), sparse.data.tolist()))
    assert entries == [(0, 0, 1), (0, 1, 2), (1, 0, 0)]
    with pytest.raises(TypeError, match="ctc_batch_cost"):
        K.ctc_label_dense_to_sparse(K.placeholder((None, 3)), np.array([1]))
