"""The functions of `ops` give the numbers of the real Keras 3: on arrays, on symbols, and their derivatives."""

import os

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import ops
from horngate.backend.config import within_era
from tests.golden_data import ROOT
from tests.keras3 import op_cases

pytestmark = pytest.mark.usefixtures("era_of_keras_3")
CASES = dict(zip(op_cases.KEYS, op_cases.CASES))
# what an argument of a node must be told as a number, not as an array that is fed
FIXED = ("correlate", "isin", "histogram", "nonzero", "bincount", "unique", "segment_", "geomspace", "logspace")


@pytest.fixture(scope="module")
def golden():
    with np.load(ROOT / "keras3" / "ops.npz") as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture
def era_of_keras_3():
    with within_era("3"):
        yield


def same(found, wanted):
    found = [np.asarray(each) for each in op_cases.leaves(found)]
    assert [each.shape for each in found] == [each.shape for each in wanted]
    for one, other in zip(found, wanted):
        assert one.dtype.kind == other.dtype.kind
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


def wanted_of(golden, key):
    return [golden[f"{key}-{i}"] for i in range(len(golden)) if f"{key}-{i}" in golden]


EACH = 1 if os.environ.get("HORNGATE_TESTS") == "all" else 6  # every so many cases: the rest by `run.py tests --all`


@pytest.mark.parametrize("key", list(CASES)[:: min(EACH, 3)])
def test_on_arrays(golden, key):
    name, args, kwargs, _ = CASES[key]
    same(op_cases.found(ops, name)(*args, **kwargs), wanted_of(golden, key))


FED = [
    key
    for key, (name, args, *_) in CASES.items()
    if isinstance(args[0], np.ndarray) and args[0].dtype == "float32" and not name.startswith(FIXED)
]


@pytest.mark.parametrize("key", FED[::EACH])
def test_on_symbols(golden, key):
    name, args, kwargs, _ = CASES[key]
    x = K.placeholder(shape=args[0].shape)
    y = op_cases.leaves(op_cases.found(ops, name)(x, *args[1:], **kwargs))
    wanted = wanted_of(golden, key)
    assert [tuple(each.shape) for each in y] == [each.shape for each in wanted]
    same(K.function([x], y)([args[0]]), wanted)


@pytest.mark.parametrize("key", [key for key, (*_, smooth) in CASES.items() if smooth][::EACH])
def test_derivatives_of_a_tape(golden, key):
    name, args, kwargs, _ = CASES[key]
    with horngate.GradientTape() as tape:
        x = args[0]
        tape.watch(x)
        y = op_cases.leaves(op_cases.found(ops, name)(x, *args[1:], **kwargs))[0]
        total = ops.sum(ops.multiply(y, op_cases.weights(y.shape)))
    np.testing.assert_allclose(tape.gradient(total, x), golden[f"{key}-gradient"], rtol=2e-3, atol=2e-4)


def by_halves(x):
    return ops.while_loop(lambda v: ops.max(v) > 0.2, lambda v: v / 2, x)


LOOPS = {
    "cond": (lambda x: ops.cond(ops.sum(x) > 1, lambda: x * 2, lambda: x), lambda a: a * 2),
    "switch": (lambda x: ops.switch(1, [lambda v: v, lambda v: v * 3], x), lambda a: a * 3),
    "fori_loop": (lambda x: ops.fori_loop(0, 3, lambda i, v: v + x, x), lambda a: a * 4),
    "scan": (lambda x: ops.scan(lambda c, v: (c + v, c * v), ops.sum(x, 0) * 0, x)[0], lambda a: a.sum(0)),
    "map": (lambda x: ops.map(lambda v: v * v, x), lambda a: a * a),
    "vectorized_map": (lambda x: ops.vectorized_map(lambda v: v * v, x), lambda a: a * a),
    "associative_scan": (lambda x: ops.associative_scan(lambda a, b: a + b, x), lambda a: a.cumsum(0)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_and_branches(name):
    function, wanted = LOOPS[name]
    a = op_cases.A
    np.testing.assert_allclose(function(a), wanted(a), rtol=1e-5)
    x = K.placeholder(shape=a.shape)
    np.testing.assert_allclose(K.function([x], [function(x)])([a])[0], wanted(a), rtol=1e-5)


def test_a_loop_while_a_condition_holds():
    np.testing.assert_allclose(
        by_halves(op_cases.A), op_cases.A / 2 ** np.ceil(np.log2(op_cases.A.max() / 0.2)), rtol=1e-5
    )
