"""What could sink the architecture: losses over inner tensors, any gradient, updates, masks, sharing, nesting."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate import backend as K
from horngate.engine.topology import Input, Layer, merge
from horngate.layers import Activation, BatchNormalization, Dense, Dropout, Lambda
from horngate.models import Model, Sequential


def test_loss_that_closes_over_inner_tensors():
    """A variational auto-encoder: its loss speaks of the mean and variance inside the model."""
    x = Input(shape=(6,))
    mean, log_variance = Dense(2, name="mean")(x), Dense(2, name="log_variance")(x)
    z = Lambda(lambda args: args[0] + K.exp(args[1] / 2) * 0.5, output_shape=(2,))([mean, log_variance])
    model = Model(x, Dense(6)(z))

    def loss(y_true, y_pred):
        divergence = -0.5 * K.mean(1 + log_variance - K.square(mean) - K.exp(log_variance), axis=-1)
        return K.mean(K.square(y_true - y_pred), axis=-1) + divergence

    model.compile("sgd", loss)
    data = np.random.randn(8, 6).astype("float32")
    w_mean, b_mean, w_var, b_var, w_out, b_out = model.get_weights()

    def by_hand(weights):
        w_mean, b_mean, w_var, b_var, w_out, b_out = weights
        mu, lv = data @ w_mean + b_mean, data @ w_var + b_var
        out = (mu + jnp.exp(lv / 2) * 0.5) @ w_out + b_out
        divergence = -0.5 * jnp.mean(1 + lv - mu**2 - jnp.exp(lv), -1)
        return jnp.mean(jnp.mean((data - out) ** 2, -1) + divergence)

    weights = [w_mean, b_mean, w_var, b_var, w_out, b_out]
    expected, gradients = jax.value_and_grad(by_hand)(weights)
    assert model.train_on_batch(data, data) == pytest.approx(float(expected), rel=1e-5)
    for before, gradient, after in zip(weights, gradients, model.get_weights()):
        np.testing.assert_allclose(after, before - 0.01 * gradient, rtol=1e-4, atol=1e-6)


def test_gradient_of_a_layer_output_with_respect_to_the_input():
    """Deep dream: climb the activation of an inner layer by changing the image."""
    model = Sequential([Dense(5, activation="tanh", input_dim=3, name="inner"), Dense(2)])
    activity = K.sum(K.square(model.get_layer("inner").output))
    step = K.function([model.input], [activity, K.gradients(activity, model.input)[0]])
    x = np.random.randn(4, 3).astype("float32")
    w, b = model.get_weights()[:2]
    expected, gradient = jax.value_and_grad(lambda x: jnp.sum(jnp.tanh(x @ w + b) ** 2))(x)
    got, got_gradient = step([x])
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    np.testing.assert_allclose(got_gradient, gradient, rtol=1e-4, atol=1e-6)


def test_gradient_with_respect_to_an_inner_tensor():
    """Grad-CAM: the gradient of a class score by the output of an inner layer."""
    model = Sequential([Dense(5, activation="relu", input_dim=3, name="features"), Dense(2)])
    features = model.get_layer("features").output
    (gradient,) = K.function([model.input], [K.gradients(model.output[:, 1], features)[0]])([np.ones((4, 3))])
    np.testing.assert_allclose(gradient, np.tile(model.get_weights()[2][:, 1], (4, 1)), rtol=1e-5)


def test_batch_normalization_statistics_move_under_fit():
    model = Sequential([BatchNormalization(input_shape=(3,), epsilon=1e-3, momentum=0.5)])
    model.compile("sgd", "mse")
    x = (np.random.randn(32, 3) * 4 + 7).astype("float32")
    model.fit(x, x, batch_size=32, nb_epoch=1, verbose=0)
    mean, variance = model.get_weights()[2:]
    before = 0.5 * model.layers[0].get_config()["epsilon"] * 0  # the running mean starts at 0
    np.testing.assert_allclose(mean, before + 0.5 * x.mean(0), rtol=1e-4)
    assert np.all(variance > 1)
    assert len(model.updates) == 2
    predicted = model.predict(x)
    model.evaluate(x, x, verbose=0)
    np.testing.assert_array_equal(model.predict(x), predicted)  # testing moves nothing


class Attention(Layer):
    """Raw jax.numpy, einsum and a scan in a layer that does not tell its output shape."""

    def build(self, input_shape):
        self.W = self.add_weight((input_shape[-1], 1), "glorot_uniform", f"{self.name}_W")

    def call(self, x, mask=None):
        scores = jax.nn.softmax(jnp.einsum("btd,dk->btk", x, self.W), axis=1)
        _, running = jax.lax.scan(lambda total, item: (total + item, total), jnp.zeros(x.shape[-1]), x[0])
        return jnp.sum(scores * x, axis=1) + 0 * running.sum()


def test_custom_layer_with_raw_jax():
    model = Sequential([Attention(input_shape=(7, 4)), Dense(1)])
    assert model.layers[0].output_shape == (None, 4)
    model.compile("adam", "mse")
    x, y = np.random.randn(16, 7, 4), np.random.randn(16, 1)
    before = model.layers[0].get_weights()[0]
    first, *_, last = model.fit(x, y, nb_epoch=30, verbose=0).history["loss"]
    assert last < first
    assert np.abs(model.layers[0].get_weights()[0] - before).max() > 1e-4


def test_dropout_draws_one_mask_forward_and_in_the_gradient():
    x = Input(shape=(50,))
    dropped = Dropout(0.5)(x)
    gradient = K.gradients(K.sum(dropped), x)[0]
    run = K.function([x, K.learning_phase()], [dropped, gradient])
    data = np.ones((3, 50), "float32")
    forward, backward = run([data, 1])
    np.testing.assert_allclose(forward, backward)
    assert 0.2 < (forward == 0).mean() < 0.8
    assert not np.array_equal(forward, run([data, 1])[0])  # another call, another mask
    np.testing.assert_array_equal(run([data, 0])[0], data)


def test_random_masks_follow_the_seed_of_numpy():
    def train():
        K.clear_session()
        np.random.seed(5)
        model = Sequential([Dense(8, input_dim=4), Dropout(0.5), Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.arange(40.0).reshape(10, 4) / 40, np.ones((10, 1)), nb_epoch=3, batch_size=4, verbose=0)
        return model.get_weights()

    for first, second in zip(train(), train()):
        np.testing.assert_array_equal(first, second)


def test_shared_layer_gets_the_gradients_of_all_its_uses():
    a, b = Input(shape=(3,)), Input(shape=(3,))
    shared = Dense(1, bias=False)
    model = Model([a, b], merge([shared(a), shared(b)], mode="sum"))
    model.compile("sgd", "mse")
    x, z, y = np.random.randn(5, 3), np.random.randn(5, 3), np.zeros((5, 1))
    w = shared.get_weights()[0]
    model.train_on_batch([x, z], y)
    gradient = jax.grad(lambda w: jnp.mean((x @ w + z @ w) ** 2))(w)
    np.testing.assert_allclose(shared.get_weights()[0], w - 0.01 * gradient, rtol=1e-4)
    assert len(model.trainable_weights) == 1


def test_nested_models_and_their_updates():
    inner = Sequential([Dense(4, input_dim=3), BatchNormalization(), Activation("tanh")])
    x = Input(shape=(3,))
    outer = Model(x, Dense(2)(inner(x)))
    outer.compile("sgd", "mse")
    data = np.random.randn(16, 3) + 3
    before = inner.get_weights()
    outer.fit(data, np.ones((16, 2)), nb_epoch=1, verbose=0)
    assert all(np.abs(new - old).max() > 0 for new, old in zip(inner.get_weights(), before))
    by_hand = inner.predict(data) @ outer.get_weights()[-2] + outer.get_weights()[-1]
    np.testing.assert_allclose(outer.predict(data), by_hand, rtol=1e-4, atol=1e-5)


def test_a_thousand_layers_build_and_run():
    model = Sequential([Dense(2, input_dim=2, init="identity")] + [Activation("linear") for _ in range(1000)])
    assert len(model.layers) == 1001
    x = np.random.randn(3, 2).astype("float32")
    np.testing.assert_allclose(model.predict(x), x, rtol=1e-6)


def test_set_weights_and_lr_between_steps_take_effect():
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.zeros((4, 1))
    model.train_on_batch(x, y)
    model.set_weights([np.full((2, 1), 2.0), np.zeros(1)])
    K.set_value(model.optimizer.lr, 0.0)
    assert model.train_on_batch(x, y) == pytest.approx(16.0)
    np.testing.assert_array_equal(model.get_weights()[0], np.full((2, 1), 2.0))


def test_second_step_does_not_compile_again():
    model = Sequential([Dense(3, input_dim=2), Dropout(0.5), Dense(1)])
    model.compile("adam", "mse")
    x, y = np.random.randn(8, 2), np.random.randn(8, 1)
    model.train_on_batch(x, y)
    compiled = model.steps["train"].function.dispatch.compiled
    size = compiled._cache_size()
    model.optimizer.lr = 0.5
    model.train_on_batch(x, y)
    assert compiled._cache_size() == size == 1
