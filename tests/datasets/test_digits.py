"""The packed digits: shapes, types, a split that never changes, and the numbers scikit-learn gives."""

import hashlib

import numpy as np
import pytest

from horngate.datasets import digits

DIGEST = "8553fd797636ea2d"


def test_shapes_types_and_ranges():
    (X_train, y_train), (X_test, y_test) = digits.load_data()
    assert X_train.shape == (1437, 8, 8) and y_train.shape == (1437,)
    assert X_test.shape == (360, 8, 8) and y_test.shape == (360,)
    assert {a.dtype for a in (X_train, y_train, X_test, y_test)} == {np.dtype("uint8")}
    assert (X_train.min(), X_train.max()) == (0, 16)
    assert set(y_train) == set(y_test) == set(range(10))


def test_the_split_is_the_same_every_time():
    np.random.seed(3)
    (X_train, y_train), (X_test, y_test) = digits.load_data()
    found = hashlib.sha256(b"".join(a.tobytes() for a in (X_train, y_train, X_test, y_test))).hexdigest()
    assert found[:16] == DIGEST


def test_loading_leaves_the_global_generator_alone():
    np.random.seed(3)
    expected = np.random.rand()
    np.random.seed(3)
    digits.load_data()
    assert np.random.rand() == expected


def test_numbers_are_those_of_scikit_learn():
    theirs = pytest.importorskip("sklearn.datasets").load_digits()
    (X_train, y_train), (X_test, y_test) = digits.load_data()
    ours = np.concatenate([X_train, X_test]).reshape(-1, 64)
    ours = np.column_stack([ours, np.concatenate([y_train, y_test])])
    expected = np.column_stack([theirs.data, theirs.target])
    np.testing.assert_array_equal(_sorted_rows(ours), _sorted_rows(expected))


def _sorted_rows(rows):
    return np.array(sorted(map(tuple, rows.astype(int))))
