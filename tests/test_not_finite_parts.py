"""Losses, metrics, constraints, penalties and optimizers: what NaN touches is NaN, and nothing beside it."""

import inspect

import jax
import numpy as np
import pytest

from horngate import backend as K
from horngate import constraints, metrics, objectives, optimizers, regularizers
from horngate.training.diagnosis import _all_finite

LOSSES = sorted(
    f.__name__
    for f in vars(objectives).values()
    if inspect.isfunction(f)
    and f.__module__ == objectives.__name__
    and list(inspect.signature(f).parameters) == ["y_true", "y_pred"]
    and f is not objectives.ctc  # of sequences
)
METRICS = sorted(
    {
        f.__name__
        for f in vars(metrics).values()
        if inspect.isfunction(f) and f.__module__ == metrics.__name__ and not f.__name__.startswith("_")
    }
    - {"get", "from_counts", "serialize", "deserialize"}
)
# Metrics that compare: of NaN no comparison holds, and of what is not right they are a part.
COMPARING = {"binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "top_k_categorical_accuracy"}
COMPARING |= {"sparse_top_k_categorical_accuracy"}
CONSTRAINTS = [constraints.MaxNorm(0.5), constraints.NonNeg(), constraints.UnitNorm(), constraints.MinMaxNorm(0.1, 0.9)]
OPTIMIZERS = ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"]


def compiled(function, *args):
    """As it is in a program: there XLA makes a choice of a product with a truth, in which NaN is lost."""
    return np.asarray(jax.jit(function)(*args))


def targets_and_predictions(name):
    rng = np.random.RandomState(0)
    y, p = np.eye(3, dtype="float32")[[2, 0, 1, 1]], rng.dirichlet(np.ones(3), 4).astype("float32")
    return (np.array([[2], [0], [1], [1]], "float32") if name.startswith("sparse") else y), p


@pytest.mark.parametrize("place", ["target", "prediction"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, place):
    y, p = targets_and_predictions(name)
    loss = getattr(objectives, name)
    clean = compiled(loss, y, p)
    (y if place == "target" else p)[2, 0] = np.nan
    assert np.isnan(compiled(loss, y, p)).tolist() == [False, False, True, False] and np.isfinite(clean).all()


@pytest.mark.parametrize("place", ["target", "prediction"])
@pytest.mark.parametrize("name", METRICS)
def test_metrics(name, place):
    y, p = targets_and_predictions(name)
    (y if place == "target" else p)[2, 0] = np.nan
    options = {"k": 1} if "top_k" in name else {}
    value = compiled(lambda y, p: getattr(metrics, name)(y, p, **options), y, p)
    assert value <= 0.75 if name in COMPARING else np.isnan(value)


@pytest.mark.parametrize("rule", CONSTRAINTS, ids=lambda rule: type(rule).__name__)
def test_constraints(rule):
    p = np.array([[1, 2, 3], [-1, -2, -np.inf]], "float32").T.copy()
    p[1, 0] = np.nan
    ruled = compiled(rule, p)
    assert np.isnan(ruled[1, 0]) and np.isnan(ruled[:, 0]).all() == (not isinstance(rule, constraints.NonNeg))
    if isinstance(rule, constraints.NonNeg):
        assert ruled.tolist()[0] == [1, 0] and ruled[:, 1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("penalty", [regularizers.l1(), regularizers.l2(), regularizers.EigenvalueRegularizer(1.0)])
def test_penalties(penalty):
    assert np.isnan(compiled(penalty, np.array([[1, 2], [np.nan, 3]], "float32")))


def stepped(name, gradient, **options):
    """The parameters [1, 1, 1] and [1] after a step by `gradient` and by one of 0.5."""
    p, q = K.variable(np.ones(3), name="p"), K.variable(np.ones(1), name="q")
    optimizer = getattr(optimizers, name)(**options)
    updates = optimizer.get_updates([p, q], {}, K.sum(p * np.array(gradient, "float32")) + 0.5 * K.sum(q))
    K.Function([], [], updates)([])
    return p.get_value(), q.get_value()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name):
    p, q = stepped(name, [1, np.nan, 1])
    assert np.isnan(p).tolist() == [False, True, False] and np.isfinite(q).all() and q[0] < 1


def test_a_norm_of_nan_damages_all_and_a_bound_only_what_is_damaged():
    assert all(np.isnan(weight).all() for weight in stepped("SGD", [1, np.nan, 1], clipnorm=1.0))
    p, q = stepped("SGD", [1, np.nan, np.inf], clipvalue=0.5, lr=1.0)
    np.testing.assert_array_equal(p, [0.5, np.nan, 0.5])
    assert q == 0.5


@pytest.mark.parametrize(
    "value, finite", [(1e38, True), (-0.0, True), (np.nan, False), (np.inf, False), (-np.inf, False)]
)
def test_the_diagnosis_sees_what_is_not_finite(value, finite):
    x = np.ones((2, 3), "float32")
    x[1, 1] = value
    assert bool(compiled(_all_finite, x)) == bool(_all_finite(x)) == finite
