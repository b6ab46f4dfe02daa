"""The native kernels, and what does their work without them, against jax.lax in double precision."""

import os
import shutil
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import horngate
from horngate import backend as K
from horngate.backend import conv, kernels, normalization, updates
from horngate.backend.function import Function
from horngate.backend.kernels import rows
from horngate.layers import Activation, BatchNormalization, Convolution2D, MaxPooling2D
from horngate.models import Sequential
from tests.device import exact_where_not_finite, on_cpu

LETTERS = {1: "W", 2: "HW", 3: "DHW"}
EXACT = 5e-6  # of the largest number in a result: float32 sums of some hundred products


@pytest.fixture(params=["native", "without"])
def state(request):
    """Both states of an installation."""
    if request.param == "without":
        with kernels.without():
            yield request.param
        return
    if kernels.status() == "turned off by HORNGATE_KERNELS=off":
        pytest.skip("turned off")
    yield request.param


def random_case(seed):
    """A geometry with x and W: any rank, odd sizes, strides, padding, dilation and groups."""
    rng = np.random.default_rng(seed)
    rank, groups = int(rng.integers(1, 4)), int(rng.choice([1, 1, 1, 2, 3]))
    taken, given = int(rng.integers(1, 20)), int(rng.integers(1, 70))
    if seed % 5 == 0:  # channel by channel
        groups, taken, given = int(rng.integers(1, 40)), 1, int(rng.integers(1, 3))

    def per_axis(low, high):
        return tuple(int(n) for n in rng.integers(low, high, rank))

    window, strides, dilation = per_axis(1, 5), per_axis(1, 4), per_axis(1, 3)
    if seed % 5 == 1:  # what is done by tiles
        rank, groups, taken, given = 2, 1, int(rng.choice([32, 48])), int(rng.choice([32, 80]))
        window, strides, dilation = (3, 3), (1, 1), (1, 1)
    if seed % 5 == 2:  # few results for each position, of the convolution or of its input's gradient
        taken, given = ((32, 1), (48, 3), (2, 32), (17, 2), (1, 40))[seed // 5 % 5]
    spare = per_axis(1, 18 if rank < 3 else 5)
    sizes = tuple(n + (k - 1) * d for n, k, d in zip(spare, window, dilation))
    pads = tuple(zip(per_axis(0, 4), per_axis(0, 4)))
    geometry = conv.Geometry(strides, pads, dilation, groups, sizes, window)
    x = rng.standard_normal((int(rng.integers(1, 4)), *sizes, taken * groups), dtype="float32")
    return geometry, x, rng.standard_normal((*window, taken, given * groups), dtype="float32")


def by_lax(geometry, x, W):
    """The correlation and its two gradients, for a random cotangent, in float64."""
    letters = LETTERS[len(geometry.sizes)]
    numbers = (f"N{letters}C", f"{letters}IO", f"N{letters}C")

    def correlate(x, W):
        return lax.conv_general_dilated(
            x, W, geometry.strides, geometry.pads, None, geometry.dilation, numbers, feature_group_count=geometry.groups
        )

    with jax.enable_x64(True):
        y, back = jax.vjp(correlate, x.astype("float64"), W.astype("float64"))
        g = np.random.default_rng(len(x)).standard_normal(y.shape, dtype="float32")
        return [np.asarray(a) for a in (y, *back(g.astype("float64")))], g


def assert_near(got, expected):
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=EXACT * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("seed", range(24))
def test_products(seed, state):
    geometry, x, W = random_case(seed)
    (y, dx, dW), g = by_lax(geometry, x, W)
    assert_near(conv.correlate(geometry, False, x, W), y)
    assert_near(conv.input_gradient(geometry, g, W), dx)
    assert_near(conv.kernel_gradient(geometry, False, x, g)[0], dW)
    bias = W.reshape(-1, W.shape[-1])[0]
    assert_near(conv.correlate(geometry, True, x, W, bias), np.maximum(y + bias, 0))
    assert_near(conv.kernel_gradient(geometry, True, x, g)[1], g.sum(tuple(range(g.ndim - 1)), dtype="float64"))


@exact_where_not_finite
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("seed", [*range(6), 7, 11, 12, 16, 21])  # 1, 6, 11, ...: by tiles; 2, 7, 12: few
def test_products_of_what_is_not_finite(seed, value, state):
    """It reaches the windows that see it, and none beside them; in a product by tiles, too."""
    geometry, x, W = random_case(seed)
    geometry = geometry._replace(pads=tuple((0, 0) for _ in geometry.pads))  # 0 * NaN beyond the edge may be left out
    _, g = by_lax(geometry, x, W)
    x[0].reshape(-1)[x[0].size // 2] = value
    spoiled = g.copy()
    spoiled[-1].reshape(-1)[g[-1].size // 3] = value
    bias = W.reshape(-1, W.shape[-1])[0]
    y, dW = correlated(geometry, x, W, g)
    for relu in (False, True):
        wanted = np.maximum(y + bias, 0) if relu else y + bias
        np.testing.assert_allclose(conv.correlate(geometry, relu, x, W, bias), wanted, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(conv.kernel_gradient(geometry, False, x, g)[0], dW, rtol=1e-4, atol=1e-3)
    touched = conv.input_gradient(geometry, np.where(np.isfinite(spoiled), 0, 1).astype("float32"), np.ones_like(W))
    dx = np.asarray(conv.input_gradient(geometry, spoiled, W))
    np.testing.assert_array_equal(~np.isfinite(dx), np.asarray(touched) > 0)


def correlated(geometry, x, W, g):
    """The correlation, and the gradient of W for g: in float64, tap by tap."""
    y, dW, groups = np.zeros(g.shape), np.zeros(W.shape), geometry.groups
    taken, given = W.shape[-2], W.shape[-1] // groups
    with np.errstate(all="ignore"):
        for tap in np.ndindex(*geometry.window):
            axes = zip(tap, geometry.dilation, geometry.strides, geometry.outputs)
            places = [slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, s, n in axes]
            seen = x[(slice(None), *places)].astype("float64")
            for group in range(groups):
                own, out = seen[..., group * taken : (group + 1) * taken], slice(group * given, (group + 1) * given)
                # by sums, as products of matrices take NaN further where they are done in blocks
                y[..., out] += np.einsum("...i,io->...o", own, W[tap][:, out])
                dW[tap][:, out] += np.einsum("ni,no->io", own.reshape(-1, taken), g[..., out].reshape(-1, given))
    return y, dW


@pytest.mark.parametrize("seed", range(4))
def test_products_of_many_models_at_once(seed, state):
    geometry, x, W = random_case(seed)
    xs, Ws = np.stack([x, 2 - x]), np.stack([W, W + 1])
    g = np.stack([by_lax(geometry, *each)[1] for each in zip(xs, Ws)])
    products = [
        (lambda x, W: conv.correlate(geometry, True, x, W, W.reshape(-1, W.shape[-1])[0]), (xs, Ws)),
        (lambda y, W: conv.input_gradient(geometry, y, W), (g, Ws)),
        (lambda x, y: jnp.concatenate([a.ravel() for a in conv.kernel_gradient(geometry, True, x, y)]), (xs, g)),
    ]
    for function, pairs in products:
        for axes in [(0, 0), (0, None), (None, 0)]:
            given = [a if axis == 0 else a[0] for a, axis in zip(pairs, axes)]
            got = jax.vmap(function, axes)(*given)
            alone = [function(*[a[i] if axis == 0 else a for a, axis in zip(given, axes)]) for i in range(2)]
            assert_near(got, np.stack(alone))


@pytest.mark.parametrize("vector_bytes", [16, 32])
def test_other_instruction_sets(vector_bytes):
    """A library for narrower vectors than this machine's widest gives the same."""
    if not kernels.library_file(vector_bytes).exists():
        pytest.skip("not compiled here")
    if os.environ.get("HORNGATE_VECTOR_BYTES"):
        pytest.skip("this is such a run")
    environment = {**os.environ, "HORNGATE_VECTOR_BYTES": str(vector_bytes)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", __file__]
    done = subprocess.run([*command, "-k", "native and products"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_compiler_leads_to_kernels():
    """Where there is a compiler, the installation that runs the tests has compiled them."""
    if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")) or sys.platform == "win32":
        pytest.skip("no compiler")
    assert (kernels.FOLDER / "kernels-16.native").exists()


def test_the_kernels_are_what_runs():
    text = (
        jax.jit(lambda x, W: conv.convolution.on_arrays(x, W, ordering="tf"))
        .lower(np.ones((1, 5, 5, 2), "float32"), np.ones((3, 3, 2, 4), "float32"))
        .as_text()
    )
    assert ("horngate_correlate" in text) == kernels.status().startswith("vectors")


def test_same_bits_each_time():
    geometry, x, W = random_case(3)
    _, g = by_lax(geometry, x, W)
    results = [
        [np.asarray(a) for a in (conv.correlate(geometry, False, x, W), *conv.kernel_gradient(geometry, True, x, g))]
        for _ in range(5)
    ]
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other))


def numbers(strides=(1, 1, 1), pads=(0, 0, 0), dilation=(1, 1, 1), groups=1):
    return np.array([*strides, *pads, *dilation, groups], np.int64)


ONES = np.ones((2, 1, 4, 4, 3), "float32")
BAD_CALLS = {
    "rank": ((2, 1, 2, 2, 5), ONES[0], np.ones((1, 3, 3, 3, 5), "float32"), numbers()),
    "channels": ((2, 1, 2, 2, 5), ONES, np.ones((1, 3, 3, 4, 5), "float32"), numbers()),
    "filters": ((2, 1, 2, 2, 6), ONES, np.ones((1, 3, 3, 3, 5), "float32"), numbers()),
    "samples": ((3, 1, 2, 2, 5), ONES, np.ones((1, 3, 3, 3, 5), "float32"), numbers()),
    "groups": ((2, 1, 2, 2, 4), ONES, np.ones((1, 3, 3, 1, 4), "float32"), numbers(groups=3)),
    "stride": ((2, 1, 2, 2, 5), ONES, np.ones((1, 3, 3, 3, 5), "float32"), numbers(strides=(1, 0, 1))),
    "dilation": ((2, 1, 2, 2, 5), ONES, np.ones((1, 3, 3, 3, 5), "float32"), numbers(dilation=(1, 1, -1))),
    "numbers": ((2, 1, 2, 2, 5), ONES, np.ones((1, 3, 3, 3, 5), "float32"), numbers()[:7]),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_bad_shapes_are_refused(name):
    if not kernels.serve(ONES):
        pytest.skip("no kernels")
    shape, x, W, placed = BAD_CALLS[name]
    with pytest.raises(Exception, match="horngate kernels"):
        bias = np.zeros(0, "float32")
        jax.block_until_ready(kernels.call("correlate", [shape], x, W, bias, numbers=placed, relu=False))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_adam_of_what_is_not_finite(value, state):
    p, g, m, v = (np.full(50, n, "float32") for n in (1, 0.5, 0.1, 0.2))
    g[37] = value
    for part, clean in zip(
        updates.adam([p], [g], [m], [v], 0.1, 0.9, 0.99, 1e-8),
        updates.adam([p], [np.full(50, 0.5, "float32")], [m], [v], 0.1, 0.9, 0.99, 1e-8),
    ):
        lost = ~np.isfinite(np.asarray(part[0]))
        assert lost[37] and lost.sum() == 1
        np.testing.assert_allclose(part[0][:37], clean[0][:1].repeat(37))


@pytest.mark.parametrize("models", [None, 3])
def test_adam(models, state):
    """Against the formula in float64; sizes around those of vectors and of what a thread takes at once."""
    rng = np.random.default_rng(0)
    shapes = [(1,), (), (37,), (5, 130), (1 << 14,), ((1 << 14) + 33,), (0, 3)]
    shapes = shapes if models is None else [(models, *shape) for shape in shapes]
    p, g, m, v = ([rng.standard_normal(shape, "float32") for shape in shapes] for _ in range(4))
    v = [np.square(each) for each in v]
    numbers = rng.uniform(0.1, 0.9, (3, *([] if models is None else [models]))).astype("float32")
    step = updates.adam if models is None else jax.vmap(updates.adam, (0, 0, 0, 0, 0, 0, 0, None))
    got = step(p, g, m, v, *numbers, 1e-3)
    for i, shape in enumerate(shapes):
        rate, b1, b2 = (n.astype("float64").reshape(-1, *[1] * (len(shape) - 1)) for n in numbers)
        rate, b1, b2 = (n if models else n.item() for n in (rate, b1, b2))
        mean, square = b1 * m[i] + (1 - b1) * g[i].astype("float64"), b2 * v[i] + (1 - b2) * g[i].astype("float64") ** 2
        for found, expected in zip(got, (p[i] - rate * mean / (np.sqrt(square) + 1e-3), mean, square)):
            assert found[i].shape == shape
            np.testing.assert_allclose(found[i], expected, rtol=1e-5, atol=1e-6)


ADAM = np.ones(4, "float32")
BAD_STEPS = {
    "arrays": (ADAM, [np.ones(3, "float32")] * 3),
    "numbers": (ADAM[:3], [np.ones(3, "float32")] * 4),
    "sizes": (ADAM, [np.ones(3, "float32")] * 3 + [np.ones(2, "float32")]),
    "type": (ADAM, [np.ones(3, "float32")] * 3 + [np.ones(3, "int32")]),
    "models": (np.ones((2, 4), "float32"), [np.ones(3, "float32")] * 4),
}


@pytest.mark.parametrize("name", BAD_STEPS)
def test_bad_steps_are_refused(name):
    if not kernels.serve():
        pytest.skip("no kernels")
    given, arrays = BAD_STEPS[name]
    with pytest.raises(Exception, match="horngate kernels"):
        jax.block_until_ready(kernels.call("adam", [(3,)] * 3, given, *arrays))


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8", "int8", "int32", "bool"])
@pytest.mark.parametrize("shape", [(1_000_000,), (70_000, 3), (900, 5, 200)])
def test_native_rows_come_from_where_they_lie(dtype, shape):
    if not kernels.serve():
        pytest.skip("no kernels")
    rng = np.random.default_rng(1)
    array = rng.integers(0, 100, shape).astype(dtype)
    held = rows.at_hand(array)
    assert held.array is array
    chosen = rng.integers(0, shape[0], 333).astype("uint32")
    np.testing.assert_array_equal(jax.jit(rows.gathered)(held, chosen), array[chosen])


LARGE = np.zeros((300, 300), "float32")


@pytest.mark.parametrize("array", [LARGE[:2], LARGE.T[:200], LARGE[:, :200], LARGE.astype("complex64")])
def test_arrays_that_are_small_or_lie_otherwise_go_to_the_device(array):
    assert isinstance(rows.at_hand(array), jax.Array)


def test_a_row_that_there_is_not_is_refused():
    if not kernels.serve():
        pytest.skip("no kernels")
    held = rows.at_hand(np.zeros((40_000, 1), "float32"))
    with pytest.raises(Exception, match="horngate kernels: there is no row"):
        jax.block_until_ready(jax.jit(rows.gathered)(held, np.array([3, 40_000], "uint32")))


@on_cpu
def test_show_config_tells_of_the_kernels(capsys):
    horngate.show_config()
    assert kernels.status() in capsys.readouterr().out


@pytest.mark.parametrize("setting, said", [("off", "turned off"), ("", "vectors")])
def test_switch(setting, said):
    program = "from horngate.backend import kernels; print(kernels.status())"
    environment = {**os.environ, "HORNGATE_KERNELS": setting}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said in done.stdout or "not compiled" in done.stdout and setting != "off"


@pytest.mark.parametrize("strides", [(2, 2), (1, 1)])
def test_gradients_of_pooling_go_to_nan(strides, state):
    """Where NaN is a window's maximum, to it goes the gradient; and from it comes that of the gradient."""
    x = np.random.default_rng(0).standard_normal((2, 6, 6, 20)).astype("float32")
    x[0, 3, 2, 5] = np.nan

    def pool(x):
        return K.pooling.on_arrays(x, (2, 2), strides, "valid", "tf", "max")

    def back(g):
        return jax.vjp(pool, x)[1](g)

    g = jnp.full(pool(x).shape, 2, "float32")
    gradient = np.asarray(back(g)[0])
    assert gradient[0, 3, 2, 5] == 2 * (4 if strides == (1, 1) else 1)
    assert gradient[0, :, :, 5].sum() == 2 * (25 if strides == (1, 1) else 9) and np.isfinite(gradient).all()
    picked = np.asarray(jax.vjp(back, g)[1]((np.arange(x.size, dtype="float32").reshape(x.shape),))[0])
    assert picked[0, 2 // strides[0], 2 // strides[1], 5] == np.arange(x.size).reshape(x.shape)[0, 3, 2, 5]


def test_second_order_gradients(state):
    x, W = np.random.default_rng(0).standard_normal((2, 5, 5, 2), "float32"), K.ones((3, 3, 2, 3)).get_value()

    def penalty(x):
        y, back = jax.vjp(lambda x: conv.convolution.on_arrays(x, W, border_mode="same", ordering="tf") ** 2, x)
        return (back(y)[0] ** 2).sum()

    got = jax.grad(penalty)(x)
    step = 1e-2 * np.sign(got)
    change = (penalty(x + step) - penalty(x - step)) / 2
    np.testing.assert_allclose(change, (np.asarray(got) * step).sum(), rtol=1e-2)


@pytest.mark.parametrize("shape", [(1000, 7), (513, 48), (3, 20)])
def test_moments_far_from_zero(shape, state):
    """Statistics lose no digits where the mean is large beside the deviation."""
    rng = np.random.default_rng(0)
    x = (rng.standard_normal(shape) * rng.uniform(0.5, 2, shape[1]) + 3000).astype("float32")
    mean, var = normalization.moments(x)
    exact = x.astype("float64")
    np.testing.assert_allclose(mean, exact.mean(0), rtol=1e-6)
    np.testing.assert_allclose(var, exact.var(0), rtol=1e-3)
    total, product = normalization.paired_sums(x - 3000, x, exact.mean(0).astype("float32"))
    np.testing.assert_allclose(total, (exact - 3000).sum(0), rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(product, ((exact - 3000) * (exact - exact.mean(0))).sum(0), rtol=1e-3)


@pytest.mark.parametrize("axes", [(0,), (0, 1, 2), (0, 2, 3), (1,)])
def test_normalization_and_its_gradients(axes, state):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((6, 5, 4, 3)) if len(axes) > 1 else rng.standard_normal((6, 5))
    features = [n for axis, n in enumerate(x.shape) if axis not in axes]
    gamma, beta = rng.standard_normal((2, *features))
    weights = [rng.standard_normal(shape) for shape in (x.shape, features, features)]

    def plain(x, gamma, beta):
        mean, var = jnp.mean(x, axes, keepdims=True), jnp.var(x, axes, keepdims=True)
        y = (x - mean) / jnp.sqrt(var + 0.01) * gamma.reshape(mean.shape) + beta.reshape(mean.shape)
        return [y, mean.reshape(gamma.shape), var.reshape(gamma.shape)]

    def loss(normalize, *operands):
        return sum((a * jnp.asarray(w, a.dtype)).sum() for a, w in zip(normalize(*operands), weights))

    def ours(x, gamma, beta):
        return K.normalize_batch_in_training.on_arrays(x, gamma, beta, axes, 0.01)

    with jax.enable_x64(True):
        expected = jax.grad(lambda *o: loss(plain, *o), (0, 1, 2))(x, gamma, beta)
    got = jax.grad(lambda *o: loss(ours, *o), (0, 1, 2))(*[a.astype("float32") for a in (x, gamma, beta)])
    for a, b in zip(got, expected):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_nothing_is_turned_between_layers_with_channels_first():
    """Of a step of such a model, only what comes in is moved to channels last, and what comes out of the last image."""
    if not kernels.serve(ONES):
        pytest.skip("no kernels")
    model = Sequential()
    for number in range(3):
        first = {"input_shape": (3, 12, 12)} if number == 0 else {}
        model.add(Convolution2D(8, 3, 3, dim_ordering="th", border_mode="same", **first))
        model.add(BatchNormalization(axis=1))
        model.add(Activation("relu"))
        model.add(MaxPooling2D((2, 2), strides=(1, 1), border_mode="same", dim_ordering="th"))
    function = Function(model.inputs, model.outputs)
    x = np.zeros((4, 3, 12, 12), "float32")
    text = (
        jax.jit(lambda state, x: function.run(state, [x], np.zeros(2, "uint32"), 1))
        .lower(function.state(), x)
        .compile()
        .as_text()
    )
    images = [line for line in text.splitlines() if " transpose(" in line and "f32[4," in line]
    assert len(images) <= 2, images
