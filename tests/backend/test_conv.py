"""Convolution and pooling against plain loops and SciPy, in both conventions; their gradients to second order."""

import itertools
import json
import pathlib

import jax
import numpy as np
import pytest
import scipy.signal

from horngate import backend as K
from horngate.backend import conv
from tests.backend.checks import numerical_gradient

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "backend"
rng = np.random.RandomState(0)


def ceil_div(a, b):
    return -(-a // b)


def pads_of(size, reach, stride, mode, convention):
    """Zeros before the data, and how many windows there are."""
    if mode == "valid":
        return 0, (size - reach) // stride + 1
    if mode == "full":
        return reach - 1, (size + reach - 2) // stride + 1
    count = ceil_div(size, stride)
    if convention == "theano":
        return reach // 2, count
    return max((count - 1) * stride + reach - size, 0) // 2, count


def naive(x, W, strides, mode, convention, dilation, groups=1):
    """x (samples, ..., channels), W (window, channels / groups, filters), element by element."""
    rank = len(strides)
    if convention == "theano":
        W = np.flip(W, range(rank))
    window = W.shape[:rank]
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation)]
    placed = [pads_of(*axis, mode, convention) for axis in zip(x.shape[1:-1], reach, strides)]
    out = np.zeros((x.shape[0], *[count for _, count in placed], W.shape[-1]))
    taken, given = W.shape[-2], W.shape[-1] // groups
    for where in np.ndindex(*out.shape[1:-1]):
        for tap in np.ndindex(*window):
            at = [i * s + t * d - p for i, s, t, d, (p, _) in zip(where, strides, tap, dilation, placed)]
            if all(0 <= a < n for a, n in zip(at, x.shape[1:-1])):
                pixel = x[(slice(None), *at)]
                for group in range(groups):
                    part = (
                        pixel[:, group * taken : (group + 1) * taken] @ W[tap][:, group * given : (group + 1) * given]
                    )
                    out[(slice(None), *where, slice(group * given, (group + 1) * given))] += part
    return out


def to_th(x):
    return np.moveaxis(x, -1, 1)


def kernel_to_th(W):
    rank = W.ndim - 2
    return W.transpose(rank + 1, rank, *range(rank))


SIZES = {1: (7,), 2: (6, 7), 3: (4, 5, 4)}
WINDOWS = {1: [(1,), (2,), (3,), (4,)], 2: [(1, 1), (2, 3), (3, 3), (1, 4)], 3: [(1, 1, 1), (2, 3, 2)]}
STEPS = [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2)]  # stride, dilation


@pytest.mark.parametrize("convention", ["tensorflow", "theano"])
@pytest.mark.parametrize("mode", ["valid", "same", "full"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolution_against_loops(rank, mode, convention):
    K.set_conv_convention(convention)
    for window, (stride, dilation) in itertools.product(WINDOWS[rank], STEPS):
        strides, dilations = (stride,) + (1,) * (rank - 1), (1,) * (rank - 1) + (dilation,)
        if mode == "valid" and (window[-1] - 1) * dilation + 1 > SIZES[rank][-1]:
            continue
        x, W = rng.normal(size=(2, *SIZES[rank], 3)), rng.normal(size=(*window, 3, 4))
        expected = naive(x, W, strides, mode, convention, dilations)
        out = K.convolution(x, W, strides, mode, "tf", dilations)
        np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)
        out = K.convolution(to_th(x), kernel_to_th(W), strides, mode, "th", dilations)
        np.testing.assert_allclose(out, to_th(expected), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "convention, reference", [("theano", scipy.signal.convolve2d), ("tensorflow", scipy.signal.correlate2d)]
)
@pytest.mark.parametrize("mode", ["valid", "full"])
def test_convention_is_convolution_or_correlation(convention, reference, mode):
    K.set_conv_convention(convention)
    image, window = rng.normal(size=(6, 7)), rng.normal(size=(3, 2))
    out = K.conv2d(image[None, None], window[None, None], border_mode=mode, dim_ordering="th")
    np.testing.assert_allclose(out[0, 0], reference(image, window, mode), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("groups", [2, 4])
@pytest.mark.parametrize("strides, mode", [((1, 1), "same"), ((2, 1), "valid")])
def test_groups(groups, strides, mode):
    x, W = rng.normal(size=(2, 6, 5, 4)), rng.normal(size=(3, 2, 4 // groups, 8))
    expected = naive(x, W, strides, mode, "tensorflow", (1, 1), groups)
    np.testing.assert_allclose(K.convolution(x, W, strides, mode, "tf", groups=groups), expected, rtol=1e-4, atol=1e-5)


CASES = [  # window, strides, mode, dilation, groups
    ((3, 2), (1, 1), "valid", (1, 1), 1),
    ((3, 2), (2, 3), "same", (1, 1), 1),
    ((2, 2), (2, 1), "full", (1, 2), 1),
    ((2, 4), (1, 2), "same", (2, 1), 1),
    ((1, 1), (1, 1), "same", (1, 1), 1),
    ((1, 1), (2, 2), "same", (1, 1), 1),
    ((3, 3), (1, 1), "same", (1, 1), 2),
    ((3, 2), (2, 1), "valid", (1, 1), 4),
]


@pytest.mark.parametrize("convention", ["tensorflow", "theano"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_of_convolution(case, convention):
    """Against finite differences of the loops: the convolution is linear in both operands, so they are exact."""
    K.set_conv_convention(convention)
    window, strides, mode, dilation, groups = case
    x, W = rng.normal(size=(2, 5, 6, 4)), rng.normal(size=(*window, 4 // groups, 4))
    expected = naive(x, W, strides, mode, convention, dilation, groups)
    g = rng.normal(size=expected.shape)
    symbols = [K.placeholder(x.shape), K.placeholder(W.shape)]
    out = K.convolution(*symbols, strides, mode, "tf", dilation, groups)
    dx, dW = K.function(symbols, K.gradients(K.sum(out * g.astype("float32")), symbols))([x, W])
    wanted = numerical_gradient(lambda x: naive(x, W, strides, mode, convention, dilation, groups) * g, x, 1.0)
    np.testing.assert_allclose(dx, wanted, rtol=1e-4, atol=1e-4)
    wanted = numerical_gradient(lambda W: naive(x, W, strides, mode, convention, dilation, groups) * g, W, 1.0)
    np.testing.assert_allclose(dW, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_second_derivatives_of_convolution(case, monkeypatch):
    """Those of the products written out are those that JAX finds for plain lax."""
    window, strides, mode, dilation, groups = case
    x, W = rng.normal(size=(2, 5, 6, 4)).astype("float32"), rng.normal(size=(*window, 4 // groups, 4)).astype("float32")

    def penalty(x, W):
        def loss(x, W):
            return (K.convolution(x, W, strides, mode, "tf", dilation, groups) ** 3).sum()

        return sum((g**2).sum() for g in jax.grad(loss, (0, 1))(x, W))

    ours = jax.grad(penalty, (0, 1))(x, W)
    monkeypatch.setattr(conv, "_written_out", lambda: False)
    theirs = jax.grad(penalty, (0, 1))(x, W)
    for one, other in zip(ours, theirs):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3 * np.abs(other).max())


def test_rank_one_kernels_have_a_second_axis_of_one():
    x, W = rng.normal(size=(2, 7, 3)), rng.normal(size=(3, 3, 4))
    expected = naive(x, W, (2,), "same", "tensorflow", (1,))
    np.testing.assert_allclose(K.conv1d(x, W[:, None], 2, "same"), expected, rtol=1e-4, atol=1e-5)


def test_volumes():
    x, W = rng.normal(size=(1, 4, 3, 4, 2)), rng.normal(size=(2, 2, 3, 2, 3))
    expected = naive(x, W, (1, 1, 2), "same", "tensorflow", (1, 1, 1))
    out = K.conv3d(x, W, (1, 1, 2), "same", "tf")
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


def test_atrous():
    x, W = rng.normal(size=(1, 7, 7, 2)), rng.normal(size=(3, 2, 2, 3))
    expected = naive(x, W, (1, 1), "valid", "tensorflow", (2, 2))
    np.testing.assert_allclose(K.atrous_conv2d(x, W, 2, "valid", "tf"), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_separable_is_a_product_of_two_convolutions(ordering):
    x = rng.normal(size=(2, 6, 5, 3))
    depthwise, pointwise = rng.normal(size=(3, 2, 3, 2)), rng.normal(size=(1, 1, 6, 4))
    full = np.zeros((3, 2, 3, 6))  # the depthwise kernel as one of all channels
    for channel, copy in np.ndindex(3, 2):
        full[:, :, channel, channel * 2 + copy] = depthwise[:, :, channel, copy]
    expected = naive(x, full, (2, 1), "same", "tensorflow", (1, 1)) @ pointwise[0, 0]
    if ordering == "th":
        x, expected = to_th(x), to_th(expected)
        depthwise, pointwise = kernel_to_th(depthwise), kernel_to_th(pointwise)
    out = K.separable_conv2d(x, depthwise, pointwise, (2, 1), "same", ordering)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("convention", ["tensorflow", "theano"])
@pytest.mark.parametrize("ordering", ["th", "tf"])
@pytest.mark.parametrize(
    "window, strides, mode, size",
    [
        ((3, 3), (1, 1), "valid", (6, 7)),
        ((3, 2), (2, 2), "valid", (9, 10)),
        ((3, 3), (2, 2), "same", (8, 9)),
        ((3, 3), (1, 1), "same", (4, 5)),
        ((2, 2), (2, 2), "valid", None),
    ],
)
def test_deconvolution_is_the_transpose_of_convolution(window, strides, mode, size, ordering, convention):
    """<deconv(y), x> = <y, conv(x)> for the kernel with channels in and out swapped."""
    K.set_conv_convention(convention)
    y, W = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(*window, 3, 2))
    size = size or (8, 10)
    x = rng.normal(size=(2, *size, 2))
    forward = naive(x, W.swapaxes(2, 3), strides, mode, convention, (1, 1))
    assert forward.shape == y.shape
    shape, arguments = (2, *size, 2), (y, W)
    if ordering == "th":
        shape, arguments = (2, 2, *size), (to_th(y), kernel_to_th(W))
    out = np.asarray(K.deconv2d(*arguments, shape, strides, mode, ordering))
    assert out.shape == shape
    out = np.moveaxis(out, 1, -1) if ordering == "th" else out
    np.testing.assert_allclose((out * x).sum(), (y * forward).sum(), rtol=1e-4)


def test_deconvolution_finds_the_least_size_itself():
    y, W = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(3, 3, 3, 2))
    for mode, size in (("valid", (9, 11)), ("same", (8, 10)), ("full", (5, 7))):
        assert K.deconv2d(y, W, (None, None, None, 2), (2, 2), mode, "tf").shape == (2, *size, 2)


def naive_pool(x, window, strides, mode, convention, kind):
    """x (samples, ..., channels)."""
    placed = []
    for n, k, s in zip(x.shape[1:-1], window, strides):
        before, count = pads_of(n, k, s, mode, convention)
        if mode == "same" and convention == "theano":
            before = k - 2 if k > 2 and k % 2 else k - 1
        placed.append((before, count))
    out = np.zeros((x.shape[0], *[count for _, count in placed], x.shape[-1]))
    for where in np.ndindex(*out.shape[1:-1]):
        spans = []
        for i, k, s, n, (before, _) in zip(where, window, strides, x.shape[1:-1], placed):
            start = i * s - before
            spans.append(slice(max(start, 0), min(start + k, n)))
        held = x[(slice(None), *spans)]
        reduce = np.max if kind == "max" else np.mean
        out[(slice(None), *where)] = reduce(held, tuple(range(1, len(window) + 1)))
    return out


POOLS = [
    ((2, 2), (2, 2)),
    ((3, 2), (3, 2)),
    ((3, 3), (1, 1)),
    ((3, 3), (2, 2)),
    ((2, 3), (1, 2)),
    ((4, 4), (2, 2)),
    ((5, 5), (2, 3)),
    ((1, 1), (1, 1)),
    ((1, 1), (2, 2)),
    ((2, 2), (3, 3)),
]


@pytest.mark.parametrize("convention", ["tensorflow", "theano"])
@pytest.mark.parametrize("mode", ["valid", "same"])
@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("window, strides", POOLS)
def test_pooling_of_images(window, strides, kind, mode, convention):
    K.set_conv_convention(convention)
    x = rng.normal(size=(2, 6, 7, 3))
    expected = naive_pool(x, window, strides, mode, convention, kind)
    np.testing.assert_allclose(K.pool2d(x, window, strides, mode, "tf", kind), expected, rtol=1e-5, atol=1e-6)
    out = K.pool2d(to_th(x), window, strides, mode, "th", kind)
    np.testing.assert_allclose(out, to_th(expected), rtol=1e-5, atol=1e-6)
    symbol, g = K.placeholder(x.shape), rng.normal(size=expected.shape)
    loss = K.sum(K.pool2d(symbol, window, strides, mode, "tf", kind) * g.astype("float32"))
    gradient = K.function([symbol], K.gradients(loss, symbol))([x])[0]
    wanted = numerical_gradient(lambda x: naive_pool(x, window, strides, mode, convention, kind) * g, x)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("convention", ["tensorflow", "theano"])
@pytest.mark.parametrize("mode", ["valid", "same"])
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling_of_volumes(kind, mode, convention):
    K.set_conv_convention(convention)
    x = rng.normal(size=(2, 4, 5, 4, 2))
    for window, strides in (((2, 2, 2), (2, 2, 2)), ((3, 2, 2), (1, 2, 1))):
        expected = naive_pool(x, window, strides, mode, convention, kind)
        np.testing.assert_allclose(K.pool3d(x, window, strides, mode, "tf", kind), expected, rtol=1e-5, atol=1e-6)


def test_pooling_along_time_side_by_side():
    x = rng.normal(size=(2, 7, 3))
    expected = naive_pool(x, (2,), (2,), "valid", "tensorflow", "max")
    np.testing.assert_allclose(K.pooling(x, (2,), ordering="tf"), expected, rtol=1e-6)


def test_gradient_of_equal_elements_goes_to_the_first():
    symbol = K.placeholder((1, 4, 4, 1))
    gradient = K.function([symbol], K.gradients(K.sum(K.pool2d(symbol, (2, 2), (2, 2), dim_ordering="tf")), symbol))
    assert gradient([np.zeros((1, 4, 4, 1))])[0][0, :, :, 0].tolist() == [[1, 0, 1, 0], [0, 0, 0, 0]] * 2


def test_pooling_of_whole_numbers():
    x = np.arange(16).reshape(1, 4, 4, 1)
    assert np.asarray(K.pool2d(x, (2, 2), (2, 2), dim_ordering="tf")).ravel().tolist() == [5, 7, 13, 15]
    same = K.pool2d(x, (3, 3), (2, 2), "same", "tf")
    assert np.asarray(same).ravel().tolist() == [10, 11, 14, 15]
    mean = K.pool2d(x, (2, 2), (2, 2), dim_ordering="tf", pool_mode="avg")
    assert np.asarray(mean).ravel().tolist() == [2.5, 4.5, 10.5, 12.5]


def test_the_ordering_of_the_settings_is_the_default():
    x, W = rng.normal(size=(1, 3, 5, 5)), rng.normal(size=(4, 3, 2, 2))
    assert K.conv2d(x, W).shape == (1, 4, 4, 4)
    K.set_image_dim_ordering("tf")
    assert K.conv2d(to_tf(x), W.transpose(2, 3, 1, 0)).shape == (1, 4, 4, 4)
    assert K.pool2d(to_tf(x), (2, 2)).shape == (1, 4, 4, 3)


def to_tf(x):
    return np.moveaxis(x, 1, -1)


def test_convolution_of_unknown_sizes_is_symbolic():
    x = K.placeholder((None, 3, None, 8))
    out = K.conv2d(x, K.variable(np.ones((4, 3, 3, 3))), border_mode="same")
    assert out.shape == (None, 4, None, 8)
    assert K.function([x], out)([np.ones((2, 3, 5, 8))]).shape == (2, 4, 5, 8)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: K.conv2d(np.ones((1, 3, 5, 5)), np.ones((4, 2, 3, 3))), "for 2 channels.*have 3"),
        (lambda: K.conv2d(np.ones((1, 3, 2, 5)), np.ones((4, 3, 3, 3))), "does not fit"),
        (lambda: K.conv2d(np.ones((3, 5, 5)), np.ones((4, 3, 3, 3))), "4 axes"),
        (lambda: K.conv2d(np.ones((1, 3, 5, 5)), np.ones((4, 3, 3, 3)), border_mode="sane"), "Did you mean 'same'"),
        (lambda: K.conv2d(np.ones((1, 3, 5, 5)), np.ones((4, 3, 3, 3)), strides=(1, 1, 1)), "2 whole numbers"),
        (lambda: K.pool2d(np.ones((1, 3, 5, 5)), (6, 6)), "does not fit"),
        (lambda: K.pool2d(np.ones((1, 3, 5, 5)), (2, 2), pool_mode="mean"), "pool_mode"),
        (lambda: K.deconv2d(np.ones((1, 3, 5, 5)), np.ones((4, 3, 3, 3)), (1, 4, 9, 9)), "Correct output_shape"),
    ],
)
def test_errors_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def recorded(case):
    """The description and the arrays of one recorded layer."""
    with np.load(GOLDEN / f"{case}.npz", allow_pickle=False) as file:
        arrays = dict(file)
    return json.loads(str(arrays.pop("meta"))), arrays


def as_layer(kind, options, x, weights):
    """What the recorded layer computes, in K."""
    ordering, mode = options["dim_ordering"], options.get("border_mode", "valid")
    if kind.endswith("Pooling2D"):
        size = options["pool_size"]
        return K.pool2d(x, size, options.get("strides") or size, mode, ordering, kind[:3].lower().replace("ave", "avg"))
    W, b = weights
    steps = options.get("subsample", (1, 1))
    if kind == "Deconvolution2D":
        out = K.deconv2d(x, W, options["output_shape"], steps, mode, ordering)
    else:
        out = K.conv2d(x, W, steps, mode, ordering, filter_dilation=options.get("atrous_rate", (1, 1)))
    return out + (K.reshape(b, (-1, 1, 1)) if ordering == "th" else b)


@pytest.mark.parametrize("case", sorted(path.stem for path in GOLDEN.glob("*.npz")))
def test_against_keras_on_theano(case):
    K.set_conv_convention("theano")
    meta, arrays = recorded(case)
    symbols = [K.placeholder(arrays["input_0"].shape)]
    symbols += [K.placeholder(arrays[f"weight_{i}"].shape) for i in range(len(meta["weight_names"]))]
    out = as_layer(meta["class"], meta["kwargs"], symbols[0], symbols[1:])
    feeds = [arrays["input_0"]] + [arrays[f"weight_{i}"] for i in range(len(symbols) - 1)]
    results = K.function(symbols, [out, *K.gradients(K.sum(out**2), symbols)])(feeds)
    names = ["output_0", "grad_input_0"] + [f"grad_weight_{i}" for i in range(len(symbols) - 1)]
    assert "grad_error" in meta or set(names) <= set(arrays)
    for name, result in zip(names, results):
        if name in arrays:
            np.testing.assert_allclose(result, arrays[name], rtol=1e-4, atol=1e-4 * np.abs(arrays[name]).max())


@pytest.mark.parametrize("channels", [3, 4, 8, 12, 16, 27])
def test_depthwise_channels_do_not_meet(channels):
    """Vectors, halves of them and single channels: each gives what it gives among others."""
    rng = np.random.default_rng(0)
    x, k = (rng.normal(size=shape).astype("float32") for shape in ((2, 5, 6, channels), (3, 3, channels, 1)))

    def found(x, k):
        run = lambda x, k: K.depthwise_conv(x, k, (1, 1), "same", "tf")  # noqa: E731
        y, back = jax.vjp(run, x, k)
        return y, *back(2 * y)

    whole = found(x, k)
    alone = [found(x[..., c : c + 1], k[:, :, c : c + 1]) for c in range(channels)]
    for i, axis in enumerate((-1, -1, 2)):
        np.testing.assert_allclose(whole[i], np.concatenate([each[i] for each in alone], axis), rtol=1e-4, atol=1e-4)
