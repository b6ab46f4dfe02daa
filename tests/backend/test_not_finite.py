"""What each function of K makes of NaN and infinity, against NumPy; and how far NaN reaches in values and gradients."""

import inspect
import itertools

import jax
import numpy as np
import pytest
import scipy.special

from horngate import backend as K
from horngate.backend import kernels
from tests.backend import not_finite_rows, test_ops
from tests.backend.checks import flat, listed, replaced

# Functions whose values at infinity are another formula's than that of the oracle beside them.
NAN_ONLY = {
    "binary_crossentropy": "the oracle clips probabilities that logits never become",
    "categorical_crossentropy": "the oracle clips probabilities that logits never become",
    "normalize_batch_in_training": "the mean of a channel that holds infinity is infinite or NaN: its variance is NaN",
    "sparse_categorical_crossentropy": "infinity in another class than the target's makes this one's share 0, or NaN",
    "pow": "(-inf) ** 0.5 is inf by IEEE 754; NumPy takes the root, which is NaN",
}
# Functions of whose arrays only the first is tried.
FIRST_ONLY = {
    "transposed_convolution": "NaN in a filter reaches results that lie between its taps",
    "deconv2d": "as transposed_convolution",
    "sparse_categorical_crossentropy": "class numbers have a test of their own",
}
ORACLES = {  # in the place of those in `test_ops`, which are good for finite numbers only
    "relu": lambda x, alpha=0.0, top=None: np.minimum(
        np.where(x <= 0, alpha * x if alpha else 0 * (x < 0), x), np.inf if top is None else top
    ),
    "sqrt": lambda x: np.sqrt(np.where(x < 0, 0, x)),
    "elu": lambda x, a: np.where(x > 0, x, a * np.expm1(x)),
    "softplus": lambda x: np.logaddexp(x, 0),
    "sigmoid": scipy.special.expit,
    "clip": lambda x, low, high: np.maximum(
        np.minimum(x, np.inf if high is None else high), -np.inf if low is None else low
    ),
}
SKIPPED = {"in_top_k": "has a test of its own", "shape": "reads no numbers", "gather": "has a test of its own"}
ROWS = [
    (name, args, ORACLES.get(name, oracle), gradient)
    for name, args, oracle, gradient in test_ops.ROWS
    if name not in SKIPPED
] + not_finite_rows.ROWS


def arrays_in(args):
    found = []
    replaced(list(args), found.append)
    return found


def floats_in(args):
    """Pairs of a number and an array: those of floats among the arrays in `args`."""
    return [(number, array) for number, array in enumerate(arrays_in(args)) if array.dtype.kind == "f"]


def poisoned(args, number, at, value):
    """`args`, in whose array of that number `value` stands at the flat place `at`."""
    numbers = itertools.count()

    def change(array):
        if next(numbers) != number:
            return array
        array = array.copy()
        array.reshape(-1)[at] = value
        return array

    return replaced(list(args), change)


class Compiled:
    """A function of K on placeholders of all its arrays, with the gradients of the sum of its squares."""

    def __init__(self, name, args, gradient):
        self.symbols = []

        def placeholder(array):
            self.symbols.append(K.placeholder(shape=array.shape, dtype=str(array.dtype)))
            return self.symbols[-1]

        outputs = flat(getattr(K, name)(*replaced(list(args), placeholder)))
        self.count = len(outputs)
        if gradient:
            outputs = outputs + K.gradients(sum(K.sum(K.square(output)) for output in outputs), [self.symbols[0]])
        self.function = K.function(self.symbols, outputs)

    def __call__(self, args):
        return self.function(arrays_in(args))


def each_state(row):
    yield pytest.param(row, False, id=row[0])
    if row[0] in not_finite_rows.BY_KERNELS and kernels.status().startswith("vectors"):
        yield pytest.param(row, True, id=f"{row[0]}-native")


EVERY = [case for row in ROWS for case in each_state(row)]


def compiled(row, native):
    name, args, _, gradient = row
    if native:
        return Compiled(name, args, gradient)
    with kernels.without():
        made = Compiled(name, args, gradient)
        made(args)
    return made


@pytest.mark.parametrize("row, native", EVERY)
def test_values_are_those_of_numpy_and_nan_goes_no_further(row, native):
    name, args, _, gradient = row
    if "conv" in name and jax.default_backend() == "gpu":
        pytest.skip("cuDNN lets NaN and infinity reach what stands beside them")
    run = compiled(row, native)
    check_values(row, run)
    if gradient:
        check_gradient(args, run)


def check_values(row, run):
    """For NaN and infinity in each array in turn."""
    name, args, oracle, _ = row
    for number, array in floats_in(args)[: 1 if name in FIRST_ONLY else None]:
        for value in (np.nan, np.inf, -np.inf):
            if np.isinf(value) and name in NAN_ONLY:
                continue
            given = poisoned(args, number, array.size // 3, value)
            with np.errstate(all="ignore"):
                expected = listed(oracle(*given))
            for result, wanted in zip(run(given), expected):
                np.testing.assert_allclose(result, wanted, rtol=1e-4, atol=2e-5, err_msg=f"{value} in array {number}")


def check_gradient(args, run):
    """Of two numbers that outputs see, but none sees both, the gradient by the one knows nothing of the other."""
    x = floats_in(args)[0][1]
    *_, clean = run(args)
    reached = [
        np.concatenate([np.isnan(out).ravel() for out in run(poisoned(args, 0, place, np.nan))[: run.count]])
        for place in range(x.size)
    ]
    at = x.size // 3
    gradient = run(poisoned(args, 0, at, np.nan))[-1].ravel()
    assert np.isnan(gradient[at]) or not reached[at].any()
    apart = [i for i in range(x.size) if reached[i].any() and not (reached[i] & reached[at]).any()]
    np.testing.assert_allclose(gradient[apart], clean.ravel()[apart], rtol=1e-4, atol=1e-5)


def test_in_top_k_of_nan():
    """NaN is higher than any number, so that no other class hides behind it, and is no good prediction itself."""
    scores = np.array([[np.nan, 0.5, 0.4], [0.3, np.nan, 0.4], [np.inf, 1, 2], [np.nan] * 3], "float32")
    assert np.asarray(K.in_top_k(scores, np.array([0, 2, 0, 1]), 1)).tolist() == [False, False, True, False]
    assert np.asarray(K.in_top_k(scores, np.array([1, 2, 2, 2]), 2)).tolist() == [True, True, True, False]


def test_numbers_of_rows_and_classes_that_are_nan():
    chosen = np.array([1, np.nan], "float32")
    assert np.isnan(K.gather(np.ones((3, 2), "float32"), chosen)).tolist() == [[False] * 2, [True] * 2]
    assert np.isnan(K.one_hot(chosen, 3)).tolist() == [[False] * 3, [True] * 3]
    with pytest.raises(ValueError, match="received nan"):
        K.sparse_categorical_crossentropy(np.full((2, 3), 0.3, "float32"), chosen)


def test_bounds_of_nan():
    for bounds in ((np.float32(np.nan), 1.0), (0.0, np.float32(np.nan)), (np.nan, np.nan)):
        assert np.isnan(K.clip(np.array([0.5], "float32"), *bounds)).all()


def test_the_gradient_of_relu_and_of_a_root_at_their_corners():
    """relu'(0) is 0; the root of a negative number, which counts as 0, has the slope of a root at 0, as in Keras 1."""
    x = K.placeholder((3,))
    slopes = K.function([x], [*K.gradients(K.sum(K.relu(x)), [x]), *K.gradients(K.sum(K.sqrt(x)), [x])])
    of_relu, of_root = slopes([np.array([-1.0, 0.0, 4.0])])
    assert of_relu.tolist() == [0, 0, 1] and not np.isfinite(of_root[:2]).any() and of_root[2] == 0.25


def test_each_function_is_in_the_table():
    """What K gives is in a row, or listed with the reason why not."""
    given = {
        name
        for name, item in vars(K).items()
        if callable(item) and not inspect.isclass(item) and not name.startswith("_")
    }
    tested = {row[0] for row in ROWS} | set(SKIPPED)
    exempt = {name for names in not_finite_rows.EXEMPT.values() for name in names}
    assert given - tested - exempt == set(), "give each a row or a reason"
    assert not tested & exempt and not exempt - given


def test_connectionist_temporal_classification():
    rng = np.random.RandomState(0)
    p = rng.dirichlet(np.ones(4), (3, 5)).astype("float32")
    p[1, 2, 2] = np.nan
    labels, steps, lengths = np.array([[0, 1], [2, 2], [1, 0]]), np.array([[5], [5], [5]]), np.array([[2], [2], [1]])
    lost = [False, True, False]
    cost = [K.placeholder(a.shape, dtype=str(a.dtype)) for a in (labels, p, steps, lengths)]
    run = K.function(cost, [K.ctc_batch_cost(*cost), *K.gradients(K.sum(K.ctc_batch_cost(*cost)), [cost[1]])])
    costs, gradient = run([labels, p, steps, lengths])
    assert np.isnan(costs[:, 0]).tolist() == lost
    assert np.isnan(gradient[1, 2, 2]) and np.isfinite(gradient[[0, 2]]).all()
    assert [bool(np.isnan(K.ctc_cost(one, y))) for one, y in zip(p, labels)] == lost
    for greedy in (True, False):
        _, logs = K.ctc_decode(p, steps[:, 0], greedy=greedy, beam_width=5)
        assert np.isnan(np.asarray(logs)[:, 0]).tolist() == lost
    both, _ = K.ctc_path_probs(p[1], K.ctc_interleave_blanks(labels[1]))
    assert np.isnan(both).any()


def test_a_step_of_the_forward_sum_reaches_where_nan_stood():
    path = np.array([-1, 3, -1, 5, -1])
    before, now = np.log([0.2, np.nan, 0.3, 0.1, 0.1]).astype("float32"), np.full(5, -1, "float32")
    count, logs = K.ctc_update_log_p(K.ctc_create_skip_idxs(path), np.zeros(5, "float32"), 2, now, before)
    assert int(count) == 4 and np.isnan(logs).tolist() == [False, True, True, True, False]
