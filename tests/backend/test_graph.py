"""The graph: gradients by any symbol, updates, phases, random masks, errors, depth."""

import numpy as np
import pytest

from horngate import backend as K

x = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")


def test_gradients_by_placeholder_intermediate_and_variable_at_once():
    a, W = K.placeholder((None, 2)), K.variable([[1.0, -1.0], [2.0, 0.5]])
    h = K.dot(a, W)
    loss = K.sum(K.square(h))
    outputs = [loss, *K.gradients(loss, [a, h, W])]
    total, by_a, by_h, by_W = K.function([a], outputs)([x])
    weights = K.get_value(W)
    product = x @ weights
    np.testing.assert_allclose(total, (product**2).sum(), rtol=1e-6)
    np.testing.assert_allclose(by_h, 2 * product, rtol=1e-6)
    np.testing.assert_allclose(by_a, 2 * product @ weights.T, rtol=1e-6)
    np.testing.assert_allclose(by_W, x.T @ (2 * product), rtol=1e-6)


def test_gradient_by_one_symbol_need_not_be_in_a_list():
    a = K.placeholder((2, 2))
    assert K.function([a], K.gradients(K.sum(a * a * a), a))([x])[0].tolist() == (3 * x**2).tolist()


def test_second_and_third_derivatives():
    a = K.placeholder((2,))
    first = K.gradients(K.sum(a**4), a)[0]
    second = K.gradients(K.sum(first), a)[0]
    third = K.gradients(K.sum(second), a)[0]
    values = K.function([a], [first, second, third])([[1, 2]])
    np.testing.assert_allclose(values, [[4, 32], [12, 48], [24, 48]], rtol=1e-5)


def test_gradient_penalty_by_weights():
    """The gradient by a variable of the norm of a gradient by an input, as gradient penalties need it."""
    a, w = K.placeholder((2,)), K.variable([3.0, 5.0])
    by_a = K.gradients(K.sum(w * a * a), a)[0]
    by_w = K.gradients(K.sum(by_a**2), [w])[0]
    np.testing.assert_allclose(K.function([a], by_w)([[1, 2]]), [8 * 3, 8 * 5 * 4], rtol=1e-6)


def test_gradient_by_what_the_loss_does_not_depend_on_is_zero():
    a, b, v = K.placeholder((2,)), K.placeholder((3,)), K.variable([1.0])
    values = K.function([a, b], K.gradients(K.sum(a), [b, v]))([[1, 2], [1, 2, 3]])
    assert [value.tolist() for value in values] == [[0, 0, 0], [0]]


def test_gradient_by_an_intermediate_that_the_loss_reaches_twice():
    a = K.placeholder((2,))
    h = a * 2
    loss = K.sum(h * K.exp(h))
    value = K.function([a], K.gradients(loss, h))([[0.1, 0.2]])[0]
    np.testing.assert_allclose(value, (1 + np.array([0.2, 0.4])) * np.exp([0.2, 0.4]), rtol=1e-6)


def test_gradients_of_what_is_no_symbol_are_refused():
    with pytest.raises(TypeError, match="jax.grad"):
        K.gradients(3.0, K.placeholder((2,)))


def test_updates_are_simultaneous():
    a, b = K.variable(1.0), K.variable(2.0)
    out = K.function([], [a, b], updates=[(a, b), (b, a + b)])([])
    assert [float(value) for value in out] == [1, 2]
    assert (K.get_value(a), K.get_value(b)) == (2, 3)


def test_updates_see_values_set_between_calls():
    a = K.variable(1.0)
    step = K.function([], [a * 1], updates=[K.update_add(a, 1)])
    step([])
    K.set_value(a, 10)
    assert step([])[0] == 10 and K.get_value(a) == 11


@pytest.mark.parametrize("by_gradient", [False, True])
def test_phase_is_fed(by_gradient):
    a = K.placeholder((2,))
    out = K.in_train_phase(a * 3, a)
    out = K.gradients(K.sum(out), a)[0] if by_gradient else out
    function = K.function([a, K.learning_phase()], out)
    assert function([[1, 1], 1]).tolist() == [3, 3] and function([[1, 1], 0]).tolist() == [1, 1]


def test_phase_is_test_unless_fed_or_fixed():
    a = K.placeholder((2,))
    function = K.function([a], K.in_train_phase(a * 3, a))
    assert function([[1, 1]]).tolist() == [1, 1]
    K.set_learning_phase(1)
    assert function([[1, 1]]).tolist() == [3, 3] and K.learning_phase() == 1
    with pytest.raises(ValueError, match="0 .test. or 1"):
        K.set_learning_phase(2)


def test_random_masks_are_reproducible_by_numpy_seed():
    def run():
        np.random.seed(5)
        a = K.placeholder((None, 50))
        function = K.function([a], K.dropout(a, 0.5))
        return [function([np.ones((2, 50))]) for _ in range(2)]

    (first, second), again = run(), run()
    assert (first != second).any()
    np.testing.assert_array_equal([first, second], again)
    np.random.seed(6)
    other = K.placeholder((None, 50))
    assert (K.function([other], K.dropout(other, 0.5))([np.ones((2, 50))]) != first).any()


def test_masks_of_two_nodes_differ_and_one_node_has_one_mask():
    a = K.placeholder((None, 50))
    one, two = K.dropout(a, 0.5), K.dropout(a, 0.5)
    first, second, doubled = K.function([a], [one, two, one * 2])([np.ones((2, 50))])
    assert (first != second).any()
    np.testing.assert_array_equal(doubled, first * 2)


def test_missing_inputs_are_named():
    a, b = K.placeholder((2,), name="first"), K.placeholder((2,), name="second")
    with pytest.raises(ValueError, match="second.*given no value"):
        K.function([a], a + b)([[1, 2]])


@pytest.mark.parametrize(
    "feed, words",
    [([[[1.0, 2.0, 3.0]]], r"'data' expects shape \(None, 2\); received \(1, 3\)"), ([], "takes 1 inputs; received 0")],
)
def test_wrong_inputs_are_refused(feed, words):
    a = K.placeholder((None, 2), name="data")
    with pytest.raises(ValueError, match=words):
        K.function([a], a * 2)(feed)


def test_a_chain_of_three_thousand_nodes_builds_and_runs():
    a = out = K.placeholder((2,))
    for _ in range(3000):
        out = out + 1
    value, gradient = K.function([a], [out, *K.gradients(K.sum(out), a)])([[1, 2]])
    assert value.tolist() == [3001, 3002] and gradient.tolist() == [1, 1]


def test_function_returns_a_list_where_it_was_given_one():
    a = K.placeholder((2,))
    assert isinstance(K.function([a], [a * 2])([[1, 2]]), list)
    assert K.function([a], a * 2)([[1, 2]]).tolist() == [2, 4]
    assert isinstance(K.function([a], a * 2), K.Function)


def test_operators_agree_with_numpy():
    a, y = K.placeholder((2, 2)), np.array([[2.0, 1.0], [3.0, 5.0]], "float32")
    calls = [
        lambda a, y: a + y,
        lambda a, y: y + a,
        lambda a, y: a - y,
        lambda a, y: y - a,
        lambda a, y: a * y,
        lambda a, y: a / y,
        lambda a, y: y / a,
        lambda a, y: a // y,
        lambda a, y: y % a,
        lambda a, y: a**2,
        lambda a, y: 2**a,
        lambda a, y: a @ y,
        lambda a, y: y @ a,
        lambda a, y: -a,
        lambda a, y: abs(a - 3),
        lambda a, y: a < y,
        lambda a, y: a <= y,
        lambda a, y: a > y,
        lambda a, y: (a >= y) & (a > 1),
        lambda a, y: (a > y) | (a == 100),
        lambda a, y: ~(a > y),
        lambda a, y: a[0],
        lambda a, y: a[:, 1:],
    ]
    results = K.function([a], [call(a, y) for call in calls[:-4]] + [~(a > y), a[0], a[:, 1:]])([x])
    expected = [call(x, y) for call in calls[:-4] + calls[-3:]]
    for result, wanted in zip(results, expected):
        np.testing.assert_allclose(result, wanted, rtol=1e-6)


def test_symbols_refuse_what_only_values_can_answer():
    a = K.placeholder((None, 2))
    for wrong in (lambda: bool(a > 0), lambda: list(a), lambda: float(a)):
        with pytest.raises(TypeError):
            wrong()
    assert [row.shape for row in K.placeholder((2, 3))] == [(3,), (3,)]


def test_an_unknown_size_may_meet_a_known_one():
    a, v = K.placeholder((None, 2)), K.variable(np.ones((3, 2)))
    assert (a + v).shape == (3, 2) and K.concatenate([a, np.ones((5, 4))]).shape == (5, 6)
    assert K.function([a], a + v)([np.ones((3, 2))]).tolist() == [[2, 2]] * 3
    with pytest.raises((TypeError, ValueError)):
        K.dot(a, K.variable(np.ones((3, 4))))


def test_sizes_unknown_before_remain_unknown_after():
    a = K.placeholder((None, 3, None))
    assert K.permute_dimensions(a, (2, 1, 0)).shape == (None, 3, None)
    assert K.concatenate([a, a], axis=1).shape == (None, 6, None) and K.sum(a, axis=2).shape == (None, 3)
    assert K.batch_flatten(a).shape == (None, None) and K.flatten(a).shape == (None,)


def test_an_input_of_known_rank_meets_variables_of_several_sizes():
    x, y = K.variable(np.arange(8.0).reshape(4, 2)), K.placeholder(ndim=2)
    total = K.square(x) + y
    assert total.shape == (4, 2)
    np.testing.assert_allclose(K.function([y], [total])([np.ones((4, 2))])[0], np.arange(8.0).reshape(4, 2) ** 2 + 1)


@pytest.mark.parametrize(
    "shapes, combine, expected",
    [
        ([(2, 3)], lambda y, a: K.dot(y, a), (None, 3)),  # only the size that is summed over is settled
        ([(2, 3), (3, 5)], lambda y, a, b: K.dot(K.dot(y, a), b), (None, 5)),
        ([(4, 2), (2, 7)], lambda y, a, b: K.dot(a + y, b), (4, 7)),
        ([(3,)], lambda y, a: y * a, (None, 3)),
    ],
    ids=["dot", "two dots", "sum and dot", "broadcast"],
)
def test_only_those_unknown_sizes_are_settled_that_must_be(shapes, combine, expected):
    y = K.placeholder(ndim=2)
    assert combine(y, *(K.variable(np.ones(shape)) for shape in shapes)).shape == expected


def test_what_fits_no_size_is_an_error_of_the_stand_ins():
    with pytest.raises((TypeError, ValueError)):
        K.placeholder(ndim=2) + K.variable(np.ones((4, 2, 3))) + K.variable(np.ones((5, 2)))
