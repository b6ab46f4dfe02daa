"""Mixed precision: layers compute in 16 bits; weights, statistics, probabilities and losses stay in 32."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers
from horngate.layers import Activation, BatchNormalization, Convolution2D, Dense, Embedding, Flatten, Input, Lambda
from horngate.models import Model, Sequential
from horngate.optimizers import SGD, Adam
from tests.layers.conformance_table import ROWS
from tests.layers.test_conformance import Case


@pytest.fixture(params=["mixed_bfloat16", "mixed_float16"])
def mixed(request):
    K.set_floatx(request.param)
    yield request.param.removeprefix("mixed_")
    K.set_floatx("float32")


def computed_types(layer, x):
    """The type in which `layer` gives its output while the graph runs."""
    seen = []
    inputs = Input(x.shape[1:])
    spied = Lambda(lambda y: seen.append(str(y.dtype)) or y, output_shape=lambda shape: shape)(layer(inputs))
    output = Model(inputs, spied).predict(x)
    return set(seen), output


IMAGES = np.random.RandomState(0).rand(4, 3, 8, 8).astype("float32")
ROWS_OF_DATA = IMAGES.reshape(4, -1)


def test_floatx_and_weights_stay_float32(mixed):
    assert K.floatx() == "float32" and K.compute_dtype() == mixed
    dense = Dense(5)
    types, output = computed_types(dense, ROWS_OF_DATA)
    assert types == {mixed} and output.dtype == np.float32
    assert {w.dtype for w in dense.weights} == {"float32"}
    exact = ROWS_OF_DATA @ dense.get_weights()[0]
    assert 0 < np.abs(output - exact).max() < 0.05, "computed in 16 bits, and nearly right"


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_probabilities_are_float32(mixed, activation):
    types, output = computed_types(Dense(5, activation=activation), ROWS_OF_DATA)
    assert types == {"float32"}
    if activation == "softmax":
        np.testing.assert_allclose(output.sum(axis=1), 1, rtol=1e-6)


def test_batch_normalization_keeps_its_statistics_exact(mixed):
    x = 300 + np.random.RandomState(0).rand(512, 4).astype("float32")  # in bfloat16 all would be 300 or 302
    layer = BatchNormalization(momentum=0.0, input_shape=(4,))
    model = Sequential([layer])
    model.compile("sgd", "mse")
    model.train_on_batch(x, x)
    np.testing.assert_allclose(layer.running_mean.get_value(), x.mean(0), rtol=1e-6)
    np.testing.assert_allclose(layer.running_variance.get_value(), x.var(0), rtol=1e-2)


def test_indices_are_not_rounded(mixed):
    x = np.arange(2000).reshape(4, 500)
    model = Sequential([Embedding(2000, 1, input_length=500)])
    words = np.arange(2000, dtype="float32")[:, None] / 2048
    model.set_weights([words])
    np.testing.assert_allclose(model.predict(x).ravel() * 2048, np.arange(2000), rtol=2**-8)
    floats = Input((500,))  # float indices, through a layer without weights
    by_floats = Model(floats, model.layers[0](layers.Reshape((500,))(floats)))
    np.testing.assert_array_equal(by_floats.predict(x), model.predict(x))


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_layer_computes_nearly_the_same_and_has_gradients(name):
    exact = Case(name, 0)
    try:
        K.set_floatx("mixed_bfloat16")
        case = Case(name, 0)
        case.layer.set_weights(exact.layer.get_weights())
        output = case.model.predict(case.data)
        wanted = exact.model.predict(exact.data)
        assert output.dtype == np.float32
        scale = max(1.0, np.abs(wanted).max())
        assert np.abs(output - wanted).max() < 0.06 * scale
        case.model.compile("sgd", "mse")
        case.model.train_on_batch(case.data if len(case.data) > 1 else case.data[0], np.zeros_like(wanted))
        for weight, value in zip(case.layer.weights, case.layer.get_weights()):
            assert weight.dtype == ("int32" if weight.role == "count" else "float32") and np.isfinite(value).all()
    finally:
        K.set_floatx("float32")


def network():
    return Sequential(
        [
            Convolution2D(8, 3, 3, activation="relu", input_shape=(3, 8, 8)),
            BatchNormalization(axis=1),
            Flatten(),
            Dense(16),
            Activation("tanh"),
            Dense(2, activation="softmax"),
        ]
    )


def separable(count=256):
    rng = np.random.RandomState(0)
    y = rng.randint(2, size=count)
    x = rng.randn(count, 3, 8, 8).astype("float32") + y[:, None, None, None]
    return x, np.eye(2, dtype="float32")[y]


def test_a_network_learns(mixed):
    model, (x, y) = network(), separable()
    model.compile(Adam(0.01), "categorical_crossentropy", metrics=["acc"])
    history = model.fit(x, y, nb_epoch=4, verbose=0).history
    assert history["acc"][-1] > 0.95 and history["loss"][-1] < history["loss"][0]
    assert {w.dtype for w in model.weights} == {"float32"}


def test_what_was_built_mixed_stays_so_and_loads_anywhere(mixed):
    model, (x, _) = network(), separable(8)
    mixed_output = model.predict(x)
    K.set_floatx("float32")
    np.testing.assert_array_equal(model.predict(x), mixed_output)
    exact = Sequential.from_config(model.get_config())
    exact.set_weights(model.get_weights())
    difference = np.abs(exact.predict(x) - mixed_output).max()
    assert 0 < difference < 0.05


def test_penalties_are_float32(mixed):
    layer = Dense(2000, activity_regularizer="activity_l2", init="one", input_shape=(4,))
    model = Sequential([layer])
    model.compile("sgd", lambda y, p: 0 * K.mean(p, axis=-1))
    loss = model.train_on_batch(np.ones((1, 4)), np.zeros((1, 2000)))
    np.testing.assert_allclose(loss, layer.activity_regularizer.l2 * 2000 * 16, rtol=1e-5)  # beyond 65504 / 0.01


# Loss scaling


def small_gradient_model(optimizer):
    """One weight whose gradient, 1e-8, is 0 in float16."""
    model = Sequential([Dense(1, init="one", bias=False, input_shape=(1,))])
    model.compile(optimizer, lambda y, p: 1e-8 * K.mean(p, axis=-1))
    return model


def test_small_gradients_outlast_float16():
    K.set_floatx("mixed_float16")
    try:
        steps = {}
        for scale in (1.0, 2.0**15, "dynamic", None):
            model = small_gradient_model(SGD(lr=1e6, **({} if scale is None else {"loss_scale": scale})))
            model.train_on_batch(np.ones((2, 1)), np.ones((2, 1)))
            steps[scale] = 1 - model.get_weights()[0].item()
    finally:
        K.set_floatx("float32")
    assert steps.pop(1.0) == 0, "without scaling it is lost"
    for scale, step in steps.items():
        np.testing.assert_allclose(step, 1e-2, rtol=1e-2, err_msg=str(scale))


def test_a_step_that_overflows_is_left_out():
    model = Sequential([Dense(1, init="one", bias=False, input_shape=(1,))])
    model.compile(Adam(lr=0.1, loss_scale="dynamic", clipvalue=1.0), "mse")
    x = np.ones((2, 1))
    model.train_on_batch(x, 2 * x)
    before, state = model.get_weights(), model.optimizer.get_weights()
    model.train_on_batch(np.full((2, 1), 1e30), x)  # the gradient is beyond float32
    np.testing.assert_array_equal(model.get_weights(), before)
    after = model.optimizer.get_weights()
    assert [a.item() for a in after[:-2]] == [s.item() for s in state[:-2]]
    assert after[-2] == state[-2] / 2 and after[-1] == 0
    model.train_on_batch(x, 2 * x)
    assert model.get_weights() != before


def test_the_scale_grows_after_steps_without_overflow(monkeypatch):
    monkeypatch.setattr("horngate.training.transformations.STEPS_TO_GROW", 3)
    model = Sequential([Dense(1, input_shape=(1,))])
    model.compile(SGD(loss_scale="dynamic"), "mse")
    scales = []
    for _ in range(7):
        model.train_on_batch(np.ones((2, 1)), np.ones((2, 1)))
        scales.append(model.optimizer.scaling[0].get_value().item() / 2**15)
    assert scales == [1, 1, 2, 2, 2, 4, 4]


def test_scaled_steps_are_the_steps():
    steps = []
    x, y = separable(64)
    for options in ({}, {"loss_scale": 1024.0}, {"loss_scale": "dynamic"}):
        np.random.seed(0)
        model = network()
        model.compile(SGD(lr=0.1, momentum=0.9, clipnorm=0.5, **options), "categorical_crossentropy")
        model.fit(x, y, nb_epoch=2, verbose=0, shuffle=False)
        steps.append(model.get_weights())
    for plain, *scaled in zip(*steps):
        for weight in scaled:
            np.testing.assert_allclose(weight, plain, rtol=1e-4, atol=1e-5)
