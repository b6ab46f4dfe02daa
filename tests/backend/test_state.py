"""Variables, placeholders, values, updates, settings, and what is left of sessions."""

import json
import os
import pathlib
import subprocess
import sys

import jax
import numpy as np
import pytest
import scipy.sparse

from horngate import backend as K


def test_variables_of_constants():
    assert K.eval(K.zeros((2, 3))).tolist() == np.zeros((2, 3)).tolist()
    assert K.eval(K.ones(4, dtype="int32")).dtype == "int32"
    assert K.eval(K.eye(3)).tolist() == np.eye(3).tolist()
    assert K.zeros((2,), name="bias").name == "bias" and K.zeros((2,)).dtype == "float32"
    K.set_floatx("float16")
    assert K.zeros((2,)).dtype == "float16"


def test_constants_made_while_a_graph_runs_are_arrays():
    x = K.placeholder((None, 2))
    out = K.map_fn(lambda row: row + K.ones((2,)) + K.zeros((2,)), x)
    assert K.function([x], out)([np.zeros((3, 2))]).tolist() == np.ones((3, 2)).tolist()


def test_random_variables_come_from_numpy():
    np.random.seed(3)
    expected = np.random.uniform(-1, 2, (3, 4)), np.random.normal(1, 2, (3, 4))
    np.random.seed(3)
    drawn = K.random_uniform_variable((3, 4), -1, 2), K.random_normal_variable((3, 4), 1, 2)
    for variable, values in zip(drawn, expected):
        np.testing.assert_allclose(K.get_value(variable), values, rtol=1e-6)
    seeded = K.random_uniform_variable((3,), 0, 1, seed=5)
    np.testing.assert_allclose(K.get_value(seeded), np.random.RandomState(5).uniform(0, 1, 3), rtol=1e-6)
    seeded = K.random_normal_variable((3,), 0, 1, seed=5)
    np.testing.assert_allclose(K.get_value(seeded), np.random.RandomState(5).normal(0, 1, 3), rtol=1e-6)


def test_values_are_read_and_set():
    a, b = K.variable([1, 2]), K.variable(3.0)
    K.set_value(a, [5, 6])
    K.batch_set_value([(b, 7)])
    values = K.batch_get_value([a, b])
    assert values[0].tolist() == [5, 6] and values[1] == 7 and values[0].dtype == "float32"
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        K.set_value(a, [1, 2, 3])
    for wrong in (lambda: K.set_value(3, 4), lambda: K.get_value(a + b), lambda: K.variable(a + b)):
        with pytest.raises(TypeError):
            wrong()


def test_a_value_read_is_a_copy():
    a = K.variable([1, 2])
    K.get_value(a)[0] = 9
    assert K.get_value(a).tolist() == [1, 2]


def test_placeholders():
    assert K.placeholder((None, 3)).shape == (None, 3)
    assert K.placeholder(ndim=3).shape == (None, None, None)
    assert K.placeholder((2,), dtype="int32").dtype == "int32"
    with pytest.raises(ValueError, match="ndim"):
        K.placeholder()


def test_sparse_values_are_held_dense_and_remembered_as_sparse():
    matrix = scipy.sparse.csr_matrix(np.array([[0, 1], [2, 0]], "float32"))
    variable, symbol = K.variable(matrix), K.placeholder((None, 2), sparse=True)
    assert K.is_sparse(variable) and K.is_sparse(symbol) and K.is_sparse(matrix)
    assert not K.is_sparse(K.variable([1])) and not K.is_sparse(K.to_dense(symbol))
    assert K.eval(K.to_dense(variable)).tolist() == K.to_dense(matrix).tolist() == [[0, 1], [2, 0]]
    product = K.function([symbol], K.dot(symbol, K.variable(np.ones((2, 1)))))
    assert product([matrix]).tolist() == [[1], [2]]


def test_updates():
    x, step = K.variable(10.0), K.variable(0.0)
    updates = [K.update(x, x * 2), K.update_add(step, 1)]
    K.function([], [], updates=updates)([])
    assert (K.get_value(x), K.get_value(step)) == (20, 1)
    K.function([], [], updates=[K.update_sub(x, 5)])([])
    assert K.get_value(x) == 15
    K.function([], [], updates=[K.moving_average_update(x, 5.0, 0.9)])([])
    np.testing.assert_allclose(K.get_value(x), 14.0)


def test_there_are_no_sessions():
    for call in (K.get_session, lambda: K.set_session(None), lambda: K.manual_variable_initialization(True)):
        with pytest.warns(UserWarning):
            assert call() is None


def test_clear_session_begins_names_and_phase_anew():
    K.reset_uids()
    assert [K.get_uid("a"), K.get_uid("a"), K.get_uid("b")] == [1, 2, 1]
    K.set_learning_phase(1)
    K.clear_session()
    assert K.get_uid("a") == 1 and K.learning_phase() not in (0, 1)


def test_legacy_weight_ordering_is_remembered():
    K.set_legacy_weight_ordering(True)
    assert K.legacy_weight_ordering() is True
    K.set_legacy_weight_ordering(False)
    with pytest.raises(ValueError):
        K.set_legacy_weight_ordering("yes")


def test_settings():
    K.set_floatx("float16"), K.set_epsilon(1e-3), K.set_image_dim_ordering("tf")
    assert (K.floatx(), K.epsilon(), K.image_dim_ordering(), K.backend()) == ("float16", 1e-3, "tf", "jax")
    assert K.cast_to_floatx([1.5]).dtype == "float16"
    for setter, value in (
        (K.set_floatx, "float31"),
        (K.set_image_dim_ordering, "hf"),
        (K.set_era, "2.0"),
        (K.set_conv_convention, "cntk"),
        (K.set_matmul_precision, "low"),
    ):
        with pytest.raises(ValueError, match="must be one of"):
            setter(value)


@pytest.mark.parametrize(
    "precision, deterministic, told",
    [("", "", ["default", "False"]), ("highest", "1", ["highest", "True"]), ("high", "0", ["high", "False"])],
)
def test_exactness_comes_from_the_environment(precision, deterministic, told):
    script = "from horngate import backend as K; print(K.matmul_precision(), K.deterministic())"
    chosen = {"HORNGATE_MATMUL_PRECISION": precision, "HORNGATE_DETERMINISTIC": deterministic}
    environment = {**os.environ, **chosen}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == told


@pytest.mark.parametrize("precision", ["default", "high", "highest"])
def test_products_are_as_exact_as_was_chosen(precision):
    before = K.matmul_precision()
    try:
        K.set_matmul_precision(precision)
        assert K.matmul_precision() == precision
        program = str(jax.make_jaxpr(lambda x: K.dot(x, x))(np.ones((2, 2), "float32")))
        assert ("HIGHEST" in program.upper()) is (precision == "highest")
        assert ("HIGH" in program.upper()) is (precision != "default")
    finally:
        K.set_matmul_precision(before)


def test_the_era_decides_the_ordering_unless_it_was_set():
    assert K.image_dim_ordering() == "th"
    K.set_era("1.2")
    assert K.image_dim_ordering() == "tf"
    K.set_image_dim_ordering("th")
    assert K.image_dim_ordering() == "th"


def test_settings_come_from_keras_json_and_the_environment(tmp_path):
    (tmp_path / "keras.json").write_text(
        json.dumps({"floatx": "float16", "epsilon": 1e-5, "image_dim_ordering": "tf", "backend": "theano"})
    )
    script = (
        "from horngate import backend as K;print(K.floatx(), K.epsilon(), K.image_dim_ordering(), K.conv_convention())"
    )
    environment = {**os.environ, "KERAS_HOME": str(tmp_path), "HORNGATE_FLOATX": "float32"}
    root = pathlib.Path(__file__).parents[2]
    printed = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert printed.split() == ["float32", "1e-05", "tf", "theano"]
