"""Losses in training: objects, strings and functions, their weights and reductions, as each era means them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3, losses
from horngate.layers import Dense, Input
from horngate.models import Model, Sequential
from horngate.optimizers import SGD

X = np.random.RandomState(0).uniform(size=(6, 3)).astype("float32")
Y = np.random.RandomState(1).uniform(size=(6, 2)).astype("float32")
WEIGHTS = np.array([0, 1, 2, 0.5, 0, 1], "float32")
EACH = ((X[:, :2] - Y) ** 2).mean(-1)


def measured(loss, y=Y, weights=None, units=2, **options):
    """The loss of a model that gives the first columns of its input."""
    model = Sequential([Dense(units, input_dim=3, weights=[np.eye(3, units), np.zeros(units)], **options)])
    model.compile("sgd", loss)
    return float(model.evaluate(X, y, sample_weight=weights, verbose=0))


@pytest.mark.parametrize(
    "reduction, weights, wanted",
    [
        ("sum_over_batch_size", None, EACH.mean()),
        ("mean", None, EACH.mean()),
        ("sum", None, EACH.sum()),
        ("mean_with_sample_weight", None, EACH.mean()),
        (None, None, EACH.mean()),
        ("sum_over_batch_size", WEIGHTS, (EACH * WEIGHTS).mean()),
        ("sum", WEIGHTS, (EACH * WEIGHTS).sum()),
        ("mean_with_sample_weight", WEIGHTS, (EACH * WEIGHTS).sum() / WEIGHTS.sum()),
        (None, WEIGHTS, (EACH * WEIGHTS).mean()),
    ],
)
def test_a_reduction_means_in_training_what_it_means_alone(reduction, weights, wanted):
    loss = losses.MeanSquaredError(reduction=reduction)
    assert measured(loss, weights=weights) == pytest.approx(wanted, rel=1e-5)
    assert float(np.mean(loss(Y, X[:, :2], weights))) == pytest.approx(wanted, rel=1e-5)


def test_samples_of_weight_0_count_in_the_mean_in_keras_3_only():
    before = K.era().name
    wanted = {"1.0": (EACH * WEIGHTS).sum() / 4, "3": (EACH * WEIGHTS).mean()}
    for era, value in wanted.items():
        K.set_era(era)
        try:
            assert measured("mse", weights=WEIGHTS) == pytest.approx(value, rel=1e-5)
        finally:
            K.set_era(before)


def test_a_users_loss_is_reduced_and_weighted():
    class Cubed(losses.Loss):
        def call(self, y_true, y_pred):
            return K.mean(K.abs(y_true - y_pred) ** 3, axis=-1)

    each = (np.abs(X[:, :2] - Y) ** 3).mean(-1)
    assert measured(Cubed(reduction="sum"), weights=WEIGHTS) == pytest.approx((each * WEIGHTS).sum(), rel=1e-5)
    assert Cubed(name="cube").name == "cube" and float(Cubed()(Y, X[:, :2])) == pytest.approx(each.mean(), rel=1e-5)


def test_class_numbers_need_no_last_axis():
    numbers = np.array([0, 1, 1, 0, 1, 0])
    for y in (numbers, numbers[:, None]):
        for loss in ("sparse_categorical_crossentropy", losses.SparseCategoricalCrossentropy()):
            found = measured(loss, y, activation="softmax")
            p = np.exp(X[:, :2]) / np.exp(X[:, :2]).sum(-1, keepdims=True)
            assert found == pytest.approx(-np.log(p[range(6), numbers]).mean(), rel=1e-5)


def test_a_number_type_has_an_effect():
    exact, rounded = (float(losses.MeanSquaredError(dtype=t)(Y, X[:, :2])) for t in (None, "float16"))
    assert exact != rounded == pytest.approx(exact, rel=1e-2)
    assert measured(losses.MeanSquaredError(dtype="float16")) != measured("mse")
    with pytest.raises(ValueError, match="dtype.*float16"):
        losses.MeanSquaredError(dtype="int32")


def test_hinge_takes_0_and_1_for_signs_in_keras_3():
    y, p = np.array([[0.0, 1]]), np.array([[0.5, 0.25]])
    assert float(keras3.losses.hinge(y, p)[0]) == pytest.approx((1.5 + 0.75) / 2)
    assert float(keras3.losses.Hinge()(y, p)) == pytest.approx((1.5 + 0.75) / 2)
    assert float(losses.hinge(y, p)[0]) == pytest.approx((1 + 0.75) / 2)


def test_crossentropy_of_one_column_is_told_of():
    with pytest.warns(UserWarning, match="one column, is always 0"):
        measured("categorical_crossentropy", Y[:, :1], units=1)


def test_softmax_of_one_column_is_told_of():
    with pytest.warns(UserWarning, match="output 'last': softmax over one column is always 1. Use 'binary_cross"):
        Sequential([Dense(1, activation="softmax", input_dim=2, name="last")]).compile("sgd", "binary_crossentropy")


@pytest.mark.parametrize("name", ["Huber", "dice", "log_cosh", "kld", "BCE"])
def test_losses_are_found_by_name(name):
    assert np.isfinite(measured(name, activation="sigmoid"))


@pytest.mark.parametrize("place", ["input", "hidden", "weight"])
def test_a_loss_may_ask_for_gradients_of_the_graph(place):
    """Of inputs, tensors between and weights that the loss is not given, as in WGAN-GP."""
    x, layer, head = Input((3,)), Dense(4, activation="tanh"), Dense(1, activation="tanh")
    hidden = layer(x)
    model = Model(x, head(hidden))
    wrt = {"input": x, "hidden": hidden, "weight": head.W}[place]

    def penalty(y_true, y_pred):
        return K.mean(K.square(K.gradients(K.sum(y_pred * y_true), wrt)[0]))

    model.compile(SGD(0.1), penalty)
    data, y = np.random.RandomState(0).randn(5, 3).astype("float32"), np.ones((5, 1), "float32")

    def by_jax(weights):
        W, b, V, c = weights

        def last(data, h, V):
            return jnp.sum(jnp.tanh((jnp.tanh(data @ W + b) + h) @ V + c))

        place_of = {"input": 0, "hidden": 1, "weight": 2}[place]
        return jnp.mean(jax.grad(last, place_of)(data, jnp.zeros((5, 4)), V) ** 2)

    before = [jnp.asarray(w) for w in model.get_weights()]
    assert abs(model.test_on_batch(data, y) - float(by_jax(before))) < 1e-6
    model.train_on_batch(data, y)
    for new, old, slope in zip(model.get_weights(), before, jax.grad(by_jax)(before)):
        np.testing.assert_allclose(new, old - 0.1 * slope, rtol=1e-4, atol=1e-6)
    assert np.isfinite(model.fit(data, y, nb_epoch=2, verbose=0).history["loss"]).all()


PAIRED = (
    "MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredLogarithmicError Hinge SquaredHinge "
)
PAIRED += "CategoricalHinge Huber LogCosh CosineSimilarity Dice Tversky KLDivergence Poisson BinaryCrossentropy "
PAIRED += "BinaryFocalCrossentropy"


@pytest.mark.parametrize("name", PAIRED.split())
def test_targets_and_predictions_of_one_axis_more_are_paired(name):
    random = np.random.RandomState(0)
    loss, y, p = getattr(losses, name)(), random.rand(6, 1).astype("float32"), random.rand(6, 1).astype("float32")
    expected = loss(y, p)
    for each in (loss, type(loss).function):
        for pair in ((y[:, 0], p), (y, p[:, 0])):
            np.testing.assert_allclose(np.mean(each(*pair)), expected, rtol=1e-5)
    steps, shown = random.rand(6, 4).astype("float32"), random.rand(6, 4).astype("float32")
    np.testing.assert_allclose(loss(steps[..., None], shown), loss(steps, shown), rtol=1e-5)
    np.testing.assert_allclose(loss(steps, shown[..., None]), loss(steps, shown), rtol=1e-5)


@pytest.mark.parametrize(
    "name", ["CategoricalCrossentropy", "CategoricalFocalCrossentropy", "BinaryCrossentropy", "BinaryFocalCrossentropy"]
)
def test_crossentropies_refuse_targets_of_another_shape(name):
    p = np.full((6, 4), 0.25)
    for y in (np.zeros((6, 1)), np.zeros(6), np.zeros((6, 5)), np.zeros((5, 4))):
        with pytest.raises(ValueError, match="to_categorical"):
            getattr(losses, name)()(y, p)
        with pytest.raises(ValueError, match="to_categorical"):
            getattr(losses, name).function(y, p)


def test_circle_leaves_out_samples_that_have_no_other_of_their_label():
    points = np.random.RandomState(0).randn(6, 3)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = np.array([0, 0, 1, 1, 2, 3])
    each = losses.Circle(reduction=None)(labels, points)
    assert list(np.asarray(each) != 0) == [True] * 4 + [False] * 2
    np.testing.assert_allclose(losses.Circle()(labels, points), np.sum(each) / 4, rtol=1e-5)
