"""Activations, objectives, metrics, regularizers, constraints and initializations give what Keras 1.2.2 gave."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate import activations, constraints, initializations, metrics, objectives, regularizers
from horngate.backend import graph
from tests.golden_data import ROOT, close, read


def in_scope(function, *arrays):
    with graph.Scope(live=True, key=np.zeros(2, np.uint32)):
        return function(*arrays)


def cases(name):
    arrays, meta = read(f"units/{name}.npz")
    found = [(key, value) for key, value in meta.items() if isinstance(value, dict) and "function" in value]
    return [pytest.param(key, value, arrays, id=key) for key, value in found]


def gradient_of(function, x):
    return in_scope(lambda x: jax.grad(lambda x: jnp.sum(function(x)))(x), jnp.asarray(x))


@pytest.mark.parametrize("key, meta, arrays", cases("activations"))
def test_activation(key, meta, arrays):
    function = getattr(activations, meta["function"])
    x = arrays[key + "__input"]
    close(function(x, **meta["kwargs"]), arrays[key + "__output"])
    gradient = gradient_of(lambda x: function(x, **meta["kwargs"]) ** 2, x)
    close(gradient, arrays[key + "__grad"], 1e-4)
    assert activations.get(meta["function"]) is function


@pytest.mark.parametrize("key, meta, arrays", cases("objectives"))
def test_objective(key, meta, arrays):
    function = getattr(objectives, meta["function"])
    y_true, y_pred = arrays[key + "__y_true"], arrays[key + "__y_pred"]
    close(function(y_true, y_pred), arrays[key + "__output"])
    close(gradient_of(lambda p: function(y_true, p), y_pred), arrays[key + "__grad"], 1e-4)


@pytest.mark.parametrize("key, meta, arrays", cases("metrics"))
def test_metric(key, meta, arrays):
    function = getattr(metrics, meta["function"])
    y_true, y_pred = arrays[key + "__y_true"], arrays[key + "__y_pred"]
    close(function(y_true, y_pred, **meta["kwargs"]), arrays[key + "__output"])


@pytest.mark.parametrize("module, name", [(objectives, "objectives"), (metrics, "metrics")])
def test_aliases(module, name):
    for alias, target in read(f"units/{name}.npz")[1]["aliases"].items():
        assert module.get(alias) is getattr(module, target)


@pytest.mark.parametrize("key, meta, arrays", cases("regularizers"))
def test_regularizer(key, meta, arrays):
    regularizer = getattr(regularizers, meta["function"])(**meta["kwargs"])
    x = arrays[key + "__input"]
    close(regularizer(x), arrays[key + "__output"], 1e-4)
    close(gradient_of(regularizer, x), arrays[key + "__grad"], 1e-4, 1e-4)
    forgotten = {name: meta["kwargs"][name] for name in ("k",) if name in meta["kwargs"]}  # by Keras 1.2
    configuration = {**meta["get_config"], **forgotten}
    assert regularizer.get_config() == configuration
    assert regularizers.get(configuration).get_config() == configuration


@pytest.mark.parametrize("key, meta, arrays", cases("constraints"))
def test_constraint(key, meta, arrays):
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in meta["kwargs"].items()}
    constraint = getattr(constraints, meta["function"])(**options)
    close(constraint(arrays[key + "__input"]), arrays[key + "__output"])
    assert json.loads(json.dumps(constraint.get_config())) == meta["get_config"]
    close(constraints.get(meta["get_config"])(arrays[key + "__input"]), arrays[key + "__output"])


@pytest.mark.parametrize("key, meta, arrays", cases("initializations_seeded"))
def test_initialization_draws_as_keras_did(key, meta, arrays):
    np.random.seed(meta["numpy_seed"])
    weight = initializations.get(meta["function"])(tuple(meta["shape"]), **meta["kwargs"])
    expected = next(v for k, v in arrays.items() if k.startswith(key))
    if meta["function"] != "orthogonal":
        close(weight.get_value(), expected, 1e-6)
        return
    # singular vectors are determined but for their sign, which differs between versions of LAPACK
    got, expected = weight.get_value().reshape(len(expected), -1), expected.reshape(len(expected), -1)
    axis = 0 if got.shape[0] > got.shape[1] else 1
    close(np.abs(got), np.abs(expected), 1e-5)
    signs = np.sign(np.sum(got * expected, axis=axis, keepdims=True))
    close(got * signs, expected, 1e-5)


STATISTICS = [s for s in json.loads((ROOT / "units/initializations_stats.json").read_text()) if "raises" not in s]


@pytest.mark.parametrize("row", STATISTICS, ids=lambda r: f"{r['function']}-{r['shape']}-{r['dim_ordering']}")
def test_initialization_spread(row):
    options = {"dim_ordering": row["dim_ordering"]} if row["dim_ordering"] else {}
    if row["fan_in"] is not None:
        close(initializations.get_fans(tuple(row["shape"]), **options), [row["fan_in"], row["fan_out"]])
    draws = max(1, 20000 // int(np.prod(row["shape"])))
    values = np.array(
        [initializations.get(row["function"])(tuple(row["shape"]), **options).get_value() for _ in range(draws)]
    )
    assert values.std() == pytest.approx(row["std"], rel=0.06, abs=1e-6)
    assert values.mean() == pytest.approx(row["mean"], abs=0.06 * max(row["std"], 1e-6) + 1e-6)


def test_metrics_that_are_no_means_add_up_over_batches():
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    y_true, y_pred = (np.random.rand(60) > 0.7).astype("f"), np.random.rand(60).astype("f")
    rounded = (y_pred > 0.5).astype("f")
    references = {
        "precision": sklearn_metrics.precision_score,
        "recall": sklearn_metrics.recall_score,
        "fmeasure": sklearn_metrics.f1_score,
        "matthews_correlation": sklearn_metrics.matthews_corrcoef,
    }
    for name, reference in references.items():
        metric = metrics.get(name)
        total = sum(np.asarray(metric.sums(y_true[i : i + 7], y_pred[i : i + 7])) for i in range(0, 60, 7))
        assert float(metric.from_sums(total)) == pytest.approx(reference(y_true, rounded), abs=1e-4)


@pytest.mark.parametrize(
    "module, wrong, right",
    [
        (activations, "reLu6", "relu"),
        (objectives, "mean_square_error", "mean_squared_error"),
        (metrics, "top_k_accuracy", "top_k"),
        (initializations, "glorot_unifrom", "glorot_uniform"),
        (regularizers, "l2l", "l2"),
        (constraints, "max_nrm", "max_norm"),
    ],
)
def test_unknown_names_get_a_suggestion(module, wrong, right):
    with pytest.raises(ValueError, match=right):
        module.get(wrong)
    with pytest.raises(TypeError, match="3.5"):
        module.get(3.5)


def test_users_own_functions_are_taken_as_they_are():
    def own(*args):
        return args

    for module in (activations, objectives, metrics, initializations, regularizers, constraints):
        assert module.get(own) is own
