"""Array functions, activations and losses against NumPy, each evaluated in three ways; gradients by differences."""

import numpy as np
import pytest
import scipy.special

from horngate import backend as K
from tests.backend.checks import WAYS, listed, numerical_gradient, replaced

rng = np.random.RandomState(0)


def floats(*shape):
    return rng.uniform(-2, 2, shape).astype("float32")


def positive(*shape):
    return rng.uniform(0.2, 2, shape).astype("float32")


def probabilities(*shape):
    values = rng.uniform(0.1, 1, shape)
    return (values / values.sum(-1, keepdims=True)).astype("float32")


def truths(*shape):
    return rng.uniform(size=shape) > 0.5


x34, y34, x234 = floats(3, 4), floats(3, 4), floats(2, 3, 4)
halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.2], "float32")
classes = np.array([3, 0, 2])
scores = np.array([[0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.9, 0.05, 0.05]], "float32")


def softmax(x):
    return scipy.special.softmax(x, axis=-1)


def crossentropy(output, target):
    output = output / output.sum(-1, keepdims=True)
    return -(target * np.log(np.clip(output, 1e-7, 1 - 1e-7))).sum(-1)


def binary(output, target):
    output = np.clip(output, 1e-7, 1 - 1e-7)
    return -(target * np.log(output) + (1 - target) * np.log(1 - output))


def batch_dot(x, y, first, second):
    """By a loop over samples."""
    out = np.stack([np.tensordot(a, b, (first - 1, second - 1)) for a, b in zip(x, y)])
    return out[:, None] if out.ndim == 1 else out


def among_highest(scores, targets, k):
    """Of equal scores the later one is the higher."""
    return np.array([target in np.argsort(row, kind="stable")[-k:] for row, target in zip(scores, targets)])


def normalized(x, gamma, beta, axes, epsilon):
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    out = (x - mean) / np.sqrt(var + epsilon)
    out = out if gamma is None else out * gamma.reshape(mean.shape)
    out = out if beta is None else out + beta.reshape(mean.shape)
    return [out, mean.squeeze(axes), var.squeeze(axes)]


def masked_softmax(x, mask):
    return np.where(mask, softmax(np.where(mask, x, -1e30)), 0)


def attention_scores(query, key, scale):
    key = np.repeat(key, query.shape[2] // key.shape[2], 2)
    return scale * np.einsum("bqhd,bkhd->bhqk", query, key)


def attended(weights, value):
    return np.einsum("bhqk,bkhd->bqhd", weights, np.repeat(value, weights.shape[1] // value.shape[2], 2))


def attention(query, key, value):
    return attended(softmax(attention_scores(query, key, query.shape[-1] ** -0.5)), value)


def standardized(x, axes, epsilon, centered=True):
    x = x - x.mean(axes, keepdims=True) if centered else x
    return x / np.sqrt((x**2).mean(axes, keepdims=True) + epsilon)


# (function, arguments, what NumPy makes of them, whether its gradient by the first argument is checked)
ROWS = [
    ("dot", (x34, floats(4, 5)), np.dot, True),
    ("dot", (x234, floats(4, 5)), np.dot, True),
    ("dot", (x234, floats(5, 4, 6)), np.dot, True),
    ("dot", (x34, floats(4)), np.dot, True),
    ("batch_dot", (x34, y34, 1), lambda x, y, axes: (x * y).sum(1, keepdims=True), True),
    ("batch_dot", (x34, y34), lambda x, y: (x * y).sum(1, keepdims=True), True),
    ("batch_dot", (x34, floats(3, 5, 4), (1, 2)), lambda x, y, axes: batch_dot(x, y, 1, 2), True),
    ("batch_dot", (x34, floats(3, 4, 5), [1, 1]), lambda x, y, axes: batch_dot(x, y, 1, 1), True),
    ("batch_dot", (x34, floats(3, 4, 5)), lambda x, y: batch_dot(x, y, 1, 1), False),
    ("batch_dot", (x234, floats(2, 4, 5)), lambda x, y: batch_dot(x, y, 2, 1), True),
    ("batch_dot", (x234, floats(2, 5, 4), 2), lambda x, y, axes: batch_dot(x, y, 2, 2), True),
    ("batch_dot", (x234, floats(2, 3, 5), 1), lambda x, y, axes: batch_dot(x, y, 1, 1), False),
    ("batch_dot", (x234, floats(2, 3), (1, 1)), lambda x, y, axes: batch_dot(x, y, 1, 1), False),
    ("batch_dot", (x234, floats(2, 5, 4), (-1, -1)), lambda x, y, axes: batch_dot(x, y, 2, 2), False),
    ("batch_dot", (floats(2, 3, 4, 5), floats(2, 6, 5), (3, 2)), lambda x, y, axes: batch_dot(x, y, 3, 2), False),
    ("transpose", (x234,), np.transpose, True),
    ("gather", (floats(5, 2), np.array([[0, 4], [2, 2]])), lambda x, i: x[i], True),
    ("gather", (floats(5, 2), np.array([1.0, 3.0], "float32")), lambda x, i: x[i.astype(int)], False),
    ("max", (x234,), np.max, True),
    ("max", (x234, 1, True), lambda x, axis, keep: np.max(x, 1, keepdims=True), True),
    ("min", (x234, [0, 2]), lambda x, axis: np.min(x, (0, 2)), True),
    ("sum", (x234, (1, 2)), np.sum, True),
    ("sum", (truths(3, 4), 1), np.sum, False),
    ("prod", (x34, 1), np.prod, True),
    ("mean", (x234, -1), np.mean, True),
    ("mean", (truths(3, 4),), np.mean, False),
    ("mean", (np.arange(6), 0), np.mean, False),
    ("var", (x34, 0), np.var, True),
    ("std", (x34, 0), np.std, True),
    ("any", (truths(4, 3), 1), np.any, False),
    ("all", (truths(4, 3), 1), np.all, False),
    ("all", (truths(4, 3),), np.all, False),
    ("argmax", (x234,), lambda x: np.argmax(x, -1), False),
    ("argmin", (x234, 1), np.argmin, False),
    ("logsumexp", (x34, 1), lambda x, axis: scipy.special.logsumexp(x, axis), True),
    ("cumsum", (x34, 1), np.cumsum, True),
    ("square", (x34,), np.square, True),
    ("abs", (x34,), np.abs, True),
    ("sqrt", (positive(3, 4),), np.sqrt, True),
    ("sqrt", (np.array([-4.0, 4.0], "float32"),), lambda x: np.array([0.0, 2.0]), False),
    ("exp", (x34,), np.exp, True),
    ("exp", (np.arange(3),), np.exp, False),
    ("log", (positive(3, 4),), np.log, True),
    ("round", (halves,), np.round, False),
    ("sign", (halves,), np.sign, False),
    ("pow", (positive(3, 4), 3), np.power, True),
    ("pow", (positive(3, 4), 0.5), np.power, True),
    ("clip", (x34, -1, 1), np.clip, True),
    ("clip", (x34, 1, -1), lambda x, low, high: np.ones_like(x), False),
    ("clip", (x34, None, 0.5), lambda x, low, high: np.minimum(x, 0.5), False),
    ("equal", (np.array([1, 2]), np.array([1, 3])), np.equal, False),
    ("not_equal", (np.array([1, 2]), np.array([1, 3])), np.not_equal, False),
    ("greater", (x34, y34), np.greater, False),
    ("greater_equal", (x34, x34), np.greater_equal, False),
    ("lesser", (x34, y34), np.less, False),
    ("lesser_equal", (x34, x34), np.less_equal, False),
    ("maximum", (x34, y34), np.maximum, True),
    ("minimum", (x34, 0.5), np.minimum, True),
    ("sin", (x34,), np.sin, True),
    ("cos", (x34,), np.cos, True),
    ("cast", (np.arange(3), "float32"), lambda x, dtype: x.astype(dtype), False),
    ("shape", (x234,), np.shape, False),
    ("reshape", (x234, (-1, 12)), np.reshape, True),
    ("concatenate", ([x34, y34],), lambda xs: np.concatenate(xs, -1), False),
    ("concatenate", ([x34, y34], 0), lambda xs, axis: np.concatenate(xs, 0), False),
    ("stack", ([x34, y34],), np.stack, False),
    ("pack", ([x34, y34],), np.stack, False),
    ("permute_dimensions", (x234, (2, 0, 1)), np.transpose, True),
    ("repeat_elements", (x234, 3, 1), np.repeat, True),
    ("repeat_elements", (x234, 2, -1), np.repeat, False),
    ("resize_repeat", (x34, (2, 3)), lambda x, n: np.kron(x, np.ones(n)), True),
    ("repeat", (x34, 2), lambda x, n: np.stack([x, x], 1), True),
    ("tile", (x34, (2, 3)), np.tile, True),
    ("tile", (x34, 2), np.tile, False),
    ("flatten", (x234,), np.ravel, True),
    ("batch_flatten", (x234,), lambda x: x.reshape(2, 12), True),
    ("expand_dims", (x34,), lambda x: x[..., None], True),
    ("expand_dims", (x34, 1), np.expand_dims, False),
    ("squeeze", (x34[:, None], 1), np.squeeze, True),
    ("reverse", (x234, 1), np.flip, True),
    ("reverse", (x234, [0, 2]), lambda x, axes: np.flip(x, (0, 2)), False),
    ("one_hot", (classes, 4), lambda i, n: np.eye(n)[i], False),
    ("zeros_like", (x34,), np.zeros_like, False),
    ("ones_like", (x34, "int32"), np.ones_like, False),
    ("pattern_broadcast", (x34, (False, True)), lambda x, pattern: x, False),
    ("to_dense", (x34,), lambda x: x, False),
    ("switch", (np.array(1), x34, y34), lambda c, x, y: x, False),
    ("switch", (x34 > 0, x34, y34), np.where, False),
    ("stop_gradient", (x34,), lambda x: x, False),
    ("relu", (x34,), lambda x: np.maximum(x, 0), True),
    ("relu", (x34, 0.3, 1.5), lambda x, a, top: np.minimum(np.where(x > 0, x, a * x), top), True),
    ("elu", (x34, 0.7), lambda x, a: np.where(x > 0, x, a * np.expm1(x)), True),
    ("softmax", (x234,), softmax, False),
    ("masked_softmax", (x234,), softmax, False),
    ("masked_softmax", (x234, truths(2, 3, 4)), masked_softmax, True),
    ("attention_scores", (floats(2, 3, 4, 5), floats(2, 6, 2, 5), 0.5), attention_scores, True),
    ("attended", (floats(2, 4, 3, 6), floats(2, 6, 2, 5)), attended, True),
    ("attention", (floats(2, 3, 4, 5), floats(2, 6, 2, 5), floats(2, 6, 2, 7)), attention, True),
    ("einsum", ("ij,jk->ki", x34, floats(4, 5)), np.einsum, False),
    ("normalized", (x234, (1, 2), 1e-3), standardized, True),
    ("normalized", (x234, (2,), 1e-3, False), standardized, True),
    ("unit_length", (x234, (1,)), lambda x, axes: x / np.linalg.norm(x, axis=1, keepdims=True), True),
    ("softplus", (x34,), lambda x: np.log1p(np.exp(x)), True),
    ("softsign", (x34,), lambda x: x / (1 + np.abs(x)), True),
    ("tanh", (x34,), np.tanh, True),
    ("sigmoid", (x34,), scipy.special.expit, True),
    ("hard_sigmoid", (3 * x34,), lambda x: np.clip(0.2 * x + 0.5, 0, 1), True),
    ("l2_normalize", (x234, 1), lambda x, axis: x / np.linalg.norm(x, axis=1, keepdims=True), True),
    (
        "batch_normalization",
        (x34, floats(4), positive(4), floats(4), floats(4), 0.01),
        lambda x, m, v, b, g, e: g * (x - m) / np.sqrt(v + e) + b,
        True,
    ),
    ("batch_normalization", (x34, 1.0, 4.0, None, None, 0.0), lambda x, m, v, b, g, e: (x - 1) / 2, False),
    (
        "normalize_batch_in_training",
        (x34, floats(4), floats(4), [0], 0.01),
        lambda x, g, b, axes, e: normalized(x, g, b, (0,), e),
        False,
    ),
    (
        "normalize_batch_in_training",
        (x234, positive(3), None, (0, 2), 0.01),
        lambda x, g, b, axes, e: normalized(x, g, b, (0, 2), e),
        False,
    ),
    (
        "normalize_batch_in_training",
        (x234, None, floats(4), (0, 1), 0.01),
        lambda x, g, b, axes, e: normalized(x, g, b, (0, 1), e),
        False,
    ),
    ("categorical_crossentropy", (positive(3, 4), np.eye(4, dtype="float32")[classes]), crossentropy, True),
    ("categorical_crossentropy", (positive(2, 3, 4), probabilities(2, 3, 4)), crossentropy, True),
    (
        "categorical_crossentropy",
        (x34, np.eye(4, dtype="float32")[classes], True),
        lambda x, t, logits: crossentropy(softmax(x), t),
        True,
    ),
    (
        "sparse_categorical_crossentropy",
        (probabilities(3, 4), classes),
        lambda x, t: crossentropy(x, np.eye(4)[t]),
        True,
    ),
    (
        "sparse_categorical_crossentropy",
        (probabilities(2, 3, 4), rng.randint(0, 4, (2, 3, 1)).astype("float32")),
        lambda x, t: crossentropy(x, np.eye(4)[t[..., 0].astype(int)]),
        False,
    ),
    ("binary_crossentropy", (probabilities(3, 4), truths(3, 4).astype("float32")), binary, True),
    (
        "binary_crossentropy",
        (x34, truths(3, 4).astype("float32"), True),
        lambda x, t, logits: binary(scipy.special.expit(x), t),
        True,
    ),
    ("in_top_k", (scores, np.array([2, 0, 1]), 2), among_highest, False),
    ("in_top_k", (scores, np.array([0, 0, 0]), 1), among_highest, False),
    ("temporal_padding", (x234, 2), lambda x, n: np.pad(x, ((0, 0), (n, n), (0, 0))), True),
    ("asymmetric_temporal_padding", (x234, 2, 0), lambda x, a, b: np.pad(x, ((0, 0), (a, b), (0, 0))), True),
    (
        "spatial_2d_padding",
        (floats(1, 2, 2, 3), (1, 2), "th"),
        lambda x, n, order: np.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2))),
        True,
    ),
    (
        "spatial_2d_padding",
        (floats(1, 2, 2, 3), (1, 2), "tf"),
        lambda x, n, order: np.pad(x, ((0, 0), (1, 1), (2, 2), (0, 0))),
        True,
    ),
    (
        "asymmetric_spatial_2d_padding",
        (floats(1, 2, 2, 3), 1, 2, 3, 0),
        lambda x, *n: np.pad(x, ((0, 0), (0, 0), (1, 2), (3, 0))),
        False,
    ),
    (
        "spatial_3d_padding",
        (floats(1, 2, 2, 3, 1), (1, 2, 0), "tf"),
        lambda x, n, order: np.pad(x, ((0, 0), (1, 1), (2, 2), (0, 0), (0, 0))),
        False,
    ),
    ("resize_images", (floats(1, 2, 2, 3), 2, 3, "th"), lambda x, r, c, order: x.repeat(r, 2).repeat(c, 3), True),
    ("resize_images", (floats(1, 2, 2, 3), 2, 3, "tf"), lambda x, r, c, order: x.repeat(r, 1).repeat(c, 2), False),
    (
        "resize_volumes",
        (floats(1, 2, 2, 3, 1), 2, 1, 3, "tf"),
        lambda x, d, r, c, order: x.repeat(d, 1).repeat(c, 3),
        False,
    ),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_against_numpy(row, way):
    name, args, reference, _ = row
    results, expected = WAYS[way](name, args, {}), listed(reference(*args))
    assert len(results) == len(expected)
    for result, wanted in zip(results, expected):
        assert result.shape == wanted.shape
        assert (result.dtype.kind == "b") == (wanted.dtype.kind == "b")
        np.testing.assert_allclose(result, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("row", [row for row in ROWS if row[3]], ids=lambda row: row[0])
def test_gradients_against_finite_differences(row):
    name, (x, *rest), reference, _ = row
    symbol = K.placeholder(shape=x.shape)
    output = getattr(K, name)(symbol, *rest)
    weights = rng.uniform(0.5, 1.5, output.shape).astype("float32")
    gradient = K.function([symbol], K.gradients(K.sum(output * weights), symbol))([x])[0]
    exact = replaced(rest, lambda item: item.astype("float64") if item.dtype.kind == "f" else item)
    expected = numerical_gradient(lambda moved: reference(moved, *exact) * weights, x)
    np.testing.assert_allclose(gradient, expected, rtol=2e-4, atol=1e-5)


def test_softmax_has_no_gradient_of_its_sum_but_has_one_of_its_parts():
    symbol = K.placeholder(shape=x34.shape)
    part = K.sum(K.softmax(symbol)[:, 0])
    gradient = K.function([symbol], K.gradients(part, symbol))([x34])[0]
    np.testing.assert_allclose(gradient, numerical_gradient(lambda x: softmax(x)[:, 0], x34), rtol=1e-4, atol=1e-6)


def test_normalization_gradient_passes_through_the_statistics():
    symbol = K.placeholder(shape=x34.shape)
    out = K.normalize_batch_in_training(symbol, None, None, [0], 0.01)[0]
    gradient = K.function([symbol], K.gradients(K.sum(out * y34), symbol))([x34])[0]
    expected = numerical_gradient(lambda x: normalized(x, None, None, (0,), 0.01)[0] * y34, x34)
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-5)


def test_accuracy_is_a_mean_of_truths_in_floatx():
    share = K.mean(K.equal(np.array([1, 2, 3, 4]), np.array([1, 2, 0, 0])))
    assert str(share.dtype) == "float32" and float(share) == 0.5


def test_stop_gradient_stops_gradients_of_one_and_of_a_list():
    x = K.variable(3.0)
    y, (z,) = K.stop_gradient(x), K.stop_gradient([x])
    assert K.eval(K.gradients(x * y * z, [x])[0]) == 9.0


def test_properties():
    x, v = K.placeholder((None, 3)), K.variable(np.ones((2, 3)))
    assert K.int_shape(x) == (None, 3) and K.int_shape(v) == (2, 3) and K.int_shape(np.ones(4)) == (4,)
    assert (K.ndim(x), K.ndim(v)) == (2, 2)
    assert K.dtype(x) == "float32" and K.dtype(K.placeholder((2,), dtype="int32")) == "int32"
    assert K.count_params(v) == 6 and K.count_params(K.variable(1.0)) == 1
    assert K.get_variable_shape(v) == (2, 3)
    assert K.normalize_axis(-1, 4) == 3 and K.normalize_axis([0, -2], 3) == [0, 1]
    assert K.is_explicit_shape((1, 2)) and not K.is_explicit_shape((None, 2)) and not K.is_explicit_shape(3)
    assert not K.is_keras_tensor(x) and not K.is_keras_tensor(v)


def test_arange():
    assert np.asarray(K.arange(4)).tolist() == [0, 1, 2, 3]
    assert np.asarray(K.arange(1, 7, 2, dtype="float32")).tolist() == [1, 3, 5] and K.dtype(K.arange(3)) == "int32"


def test_sizes_can_be_computed_with():
    x = K.placeholder((None, 3, 4))
    sizes = K.shape(x)
    shapes = [
        (sizes[0], sizes[1] * sizes[2]),
        (sizes[0] * 3, -1),
        K.concatenate([sizes[:1], [12]]),
        K.stack([sizes[0], 12]),
        (-1, K.prod(sizes[1:])),
    ]
    outputs = [K.reshape(x, shape) for shape in shapes] + [K.random_uniform(sizes[:2]), sizes]
    results = K.function([x], outputs)([np.zeros((2, 3, 4))])
    assert [result.shape for result in results] == [(2, 12), (6, 4), (2, 12), (2, 12), (2, 12), (2, 3), (3,)]
    assert outputs[0].shape == (None, 12) and results[-1].tolist() == [2, 3, 4]


@pytest.mark.parametrize("phase", [0, 1])
def test_phase_chooses(phase):
    x = K.placeholder((2,))
    out = [K.in_train_phase(x * 2, x), K.in_test_phase(lambda: x * 2, lambda: x)]
    train, test = K.function([x, K.learning_phase()], out)([np.ones(2), phase])
    assert train.tolist() == [1 + phase] * 2 and test.tolist() == [2 - phase] * 2
    K.set_learning_phase(phase)
    assert K.in_train_phase(lambda: "train", lambda: "test") == ("test", "train")[phase]


def test_switch_takes_functions_and_symbolic_conditions():
    x = K.placeholder(())
    chosen = K.switch(x > 0, lambda: x * 10, lambda: x - 1)
    assert [float(K.function([x], chosen)([value])) for value in (2.0, -2.0)] == [20.0, -3.0]


def test_print_tensor_prints_when_the_value_is_computed(capfd):
    x = K.placeholder((2,))
    assert K.function([x], K.print_tensor(x, "here {it} is:"))([np.array([1, 2])]).tolist() == [1, 2]
    assert "here {it} is: [1. 2.]" in capfd.readouterr().out


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: K.batch_dot(x34, y34, (0, 1)), "batch axis"),
        (lambda: K.repeat(x234, 2), "samples, dim"),
        (lambda: K.spatial_2d_padding(np.ones((1, 2, 2, 1)), dim_ordering="hf"), "dim_ordering"),
        (lambda: K.spatial_3d_padding(np.ones((1, 2, 2, 1, 1)), (1, 2)), "3 whole numbers"),
    ],
)
def test_errors_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()
