"""Functions and words of K in Keras 2, against NumPy; each in the words and the order of its time."""

import numpy as np
import pytest

from horngate import backend as K

X = np.arange(24, dtype="float32").reshape(2, 3, 4) / 24
IMAGES = np.random.RandomState(0).rand(2, 6, 5, 3).astype("float32")
KERNEL = np.random.RandomState(1).rand(3, 3, 3, 4).astype("float32")
P, T = np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([[0.0, 1.0], [1.0, 0.0]])


@pytest.fixture(autouse=True)
def era():
    K.set_era("2")
    yield
    K.set_era("1.0")


def first(x):
    return np.moveaxis(np.asarray(x), -1, 1)


def windows(x, size):
    """(samples, places, size * channels) of (samples, steps, channels)."""
    return np.stack([x[:, i : i + size].reshape(len(x), -1) for i in range(x.shape[1] - size + 1)], 1)


CASES = {
    "constant": (lambda: K.constant(2.0, shape=(2, 3)), np.full((2, 3), 2.0)),
    "constant with values": (lambda: K.constant([1, 2, 3, 4], "int32", (2, 2)), [[1, 2], [3, 4]]),
    "identity": (lambda: K.identity(X), X),
    "size": (lambda: K.size(X), 24),
    "slice": (lambda: K.slice(X, [0, 1, 2], [2, -1, 1]), X[:, 1:, 2:3]),
    "cumprod": (lambda: K.cumprod(X, axis=1), np.cumprod(X, 1)),
    "less": (lambda: K.less(X, 0.5), X < 0.5),
    "less_equal": (lambda: K.less_equal(X, 0.5), X <= 0.5),
    "bias_add": (lambda: K.bias_add(IMAGES, np.arange(3.0)), IMAGES + np.arange(3.0)),
    "bias_add, channels first": (
        lambda: K.bias_add(first(IMAGES), np.arange(3.0), "channels_first"),
        first(IMAGES + np.arange(3.0)),
    ),
    "depthwise_conv2d": (
        lambda: K.depthwise_conv2d(IMAGES, KERNEL[:1, :1, :, :2], padding="same"),
        np.einsum("nrcp,pm->nrcpm", IMAGES, KERNEL[0, 0, :, :2]).reshape(2, 6, 5, 6),
    ),
    "separable_conv1d": (
        lambda: K.separable_conv1d(X, np.ones((1, 4, 1)), np.ones((1, 4, 2))),
        np.repeat(X.sum(-1, keepdims=True), 2, -1),
    ),
    "local_conv1d": (
        lambda: K.local_conv1d(X, np.arange(32.0).reshape(2, 8, 2), 2, 1),
        np.einsum("npi,pio->npo", windows(X, 2), np.arange(32.0).reshape(2, 8, 2)),
    ),
    "conv2d by names": (
        lambda: K.conv2d(IMAGES, KERNEL[:1, :1], strides=(2, 2), padding="same", data_format="channels_last"),
        np.einsum("nrci,io->nrco", IMAGES[:, ::2, ::2], KERNEL[0, 0]),
    ),
    "conv1d, causal": (
        lambda: K.conv1d(X, np.ones((2, 4, 1)), padding="causal", dilation_rate=2),
        (X + np.pad(X, ((0, 0), (2, 0), (0, 0)))[:, :3]).sum(-1, keepdims=True),
    ),
    "relu with a threshold": (lambda: K.relu(X, 0.1, threshold=0.5), np.where(X > 0.5, X, 0.1 * (X - 0.5))),
    "softmax over an axis": (lambda: K.softmax(X, axis=1), np.exp(X) / np.exp(X).sum(1, keepdims=True)),
    "binary_crossentropy": (lambda: K.binary_crossentropy(T, P), -np.log(np.where(T == 1, P, 1 - P))),
    "categorical_crossentropy": (lambda: K.categorical_crossentropy(T, P), -np.log([0.8, 0.6])),
    "categorical_crossentropy over an axis": (
        lambda: K.categorical_crossentropy(T.T, P.T, axis=0),
        -np.log([0.8, 0.6]),
    ),
    "sparse_categorical_crossentropy": (
        lambda: K.sparse_categorical_crossentropy(np.array([1, 0]), P),
        -np.log([0.8, 0.6]),
    ),
    "spatial_2d_padding": (
        lambda: K.spatial_2d_padding(IMAGES, ((1, 0), (2, 1)), "channels_last"),
        np.pad(IMAGES, ((0, 0), (1, 0), (2, 1), (0, 0))),
    ),
    "expand_dims": (lambda: K.expand_dims(X, axis=1), X[:, None]),
    "one_hot": (lambda: K.one_hot(np.array([1, 0]), num_classes=2), np.eye(2)[[1, 0]]),
    "in_train_phase": (lambda: K.in_train_phase(X, X + 1, training=True), X),
    "in_test_phase": (lambda: K.in_test_phase(X, X + 1, training=True), X + 1),
    "map_fn": (lambda: K.map_fn(lambda x: x * 24, X, dtype="int32"), (X * 24).astype("int32")),
    "batch_normalization over an axis": (
        lambda: K.batch_normalization(X, np.arange(3.0), np.ones(3), None, None, axis=1, epsilon=0.0),
        X - np.arange(3.0)[:, None],
    ),
    "pool2d": (
        lambda: K.pool2d(IMAGES, (2, 1), (2, 1), padding="valid", data_format="channels_last"),
        np.maximum(IMAGES[:, ::2], IMAGES[:, 1::2]),
    ),
    "normalize_data_format": (lambda: K.normalize_data_format(None) == "channels_last", True),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name):
    found, wanted = CASES[name]
    np.testing.assert_allclose(np.asarray(K.eval(found())), wanted, rtol=1e-5)


def test_a_transposed_convolution_is_the_gradient_of_the_convolution():
    x, y = K.variable(IMAGES), np.random.RandomState(2).rand(2, 3, 3, 4)
    kernel = KERNEL
    down = K.conv2d(x, kernel, (2, 2), "same", "channels_last")
    (wanted,) = K.function([], K.gradients(K.sum(down * y), [x]))([])
    up = K.conv2d_transpose(y, kernel, (2, 6, 5, 3), (2, 2), "same")
    np.testing.assert_allclose(up, wanted, rtol=1e-4)
    other = K.conv2d_transpose(first(y), kernel, (2, 3, 6, 5), (2, 2), "same", "channels_first")
    np.testing.assert_allclose(other, first(wanted), rtol=1e-4)
    cubes = K.conv3d_transpose(np.ones((1, 2, 2, 2, 1)), np.ones((2, 2, 2, 1, 1)), (1, 4, 4, 4, 1), 2)
    assert cubes.shape == (1, 4, 4, 4, 1) and float(K.sum(cubes)) == 64


def test_what_a_symbol_is():
    x, v = K.placeholder((None, 2)), K.variable(1.0)
    told = [[f(s) for s in (x, x + 1, v, 1.0)] for f in (K.is_tensor, K.is_symbolic, K.is_variable, K.is_placeholder)]
    assert told == [[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]
    assert x.get_shape().as_list() == [None, 2] and x._keras_shape == (None, 2) and x.get_shape().ndims == 2
    x._keras_shape, x._uses_learning_phase = (3, 2), True
    assert x._keras_shape == (3, 2) and x._uses_learning_phase
    assert K.in_train_phase(v + 1, v)._uses_learning_phase and not (v + 1)._uses_learning_phase
    with K.name_scope("part") as name, K.control_dependencies([x]):
        assert name == "part"
    assert K.eager(abs) is K.symbolic(abs) is abs and K.v1_variable_initialization() is None


def test_truncated_normal():
    drawn = K.eval(K.truncated_normal((2000,), 1.0, 0.5, seed=1))
    assert abs(drawn - 1).max() <= 1 and abs(drawn.mean() - 1) < 0.05 and 0.4 < drawn.std() < 0.47


def test_local_conv2d_is_a_convolution_if_all_places_have_one_kernel():
    places = np.broadcast_to(KERNEL.reshape(1, 27, 4), (12, 27, 4))
    local = K.local_conv2d(IMAGES, places, (3, 3), (1, 1), (4, 3), "channels_last")
    np.testing.assert_allclose(local, K.conv2d(IMAGES, KERNEL, data_format="channels_last"), rtol=1e-4)


def test_a_constraint_of_a_variable_holds_after_training():
    from horngate.layers import Layer
    from horngate.models import Sequential

    class Scaled(Layer):
        def build(self, input_shape):
            self.scale = K.variable(1.0, constraint=lambda w: K.minimum(w, 1.5))
            self.trainable_weights = [self.scale]

        def call(self, x):
            return x * self.scale

    model = Sequential([Scaled(input_shape=(1,))])
    model.compile("sgd", "mse")
    model.fit(np.ones((64, 1)), np.full((64, 1), 9.0), batch_size=1, epochs=1, verbose=0)
    assert model.get_weights()[0] == 1.5


def test_a_beam_search_merges_repeated_labels_if_asked():
    y = np.full((1, 5, 3), 0.01)
    y[0, range(5), [0, 2, 0, 1, 2]] = 0.98
    kept, _ = K.ctc_decode(y, np.array([5.0]), greedy=False, beam_width=5)
    merged, _ = K.ctc_decode(y, np.array([5.0]), greedy=False, beam_width=5, merge_repeated=True)
    assert np.asarray(kept[0])[0, :3].tolist() == [0, 0, 1] and np.asarray(merged[0])[0, :3].tolist() == [0, 1, -1]
