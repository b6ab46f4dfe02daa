"""A batch whose weights or masks are all 0 has no loss of its own and no gradient, and its rows enter nothing."""

import numpy as np
import pytest

from horngate.layers import BatchNormalization, Dense, Input, Masking, SimpleRNN
from horngate.models import Model, Sequential
from horngate.optimizers import SGD

X = np.random.RandomState(0).randn(8, 3).astype("float32")
Y = X[:, :1]
NONE, HALF = np.zeros(8), np.repeat([1.0, 0.0], 4)


def network(**dense):
    model = Sequential([Dense(1, input_dim=3, **dense)])
    model.compile(SGD(lr=0.1, momentum=0.9), "mse", metrics=["mae"])
    return model


def unchanged(model, before):
    return all((a == b).all() for a, b in zip(before, model.get_weights()))


@pytest.mark.parametrize("y", [Y, np.full_like(Y, np.nan), np.full_like(Y, np.inf)], ids=["plain", "nan", "inf"])
def test_nothing_is_learned_from_labels_that_do_not_count(y):
    model = network()
    before = model.get_weights()
    loss, mae = model.train_on_batch(X, y, sample_weight=NONE)
    assert loss == 0 and np.isnan(mae) and unchanged(model, before)  # the mean of no sample is no number
    assert model.optimizer.iterations.get_value() == 1


def test_labels_without_weight_are_free_beside_others():
    model, alone = network(), network()
    alone.set_weights(model.get_weights())
    y = Y.copy()
    y[4:] = np.nan
    assert np.allclose(model.train_on_batch(X, y, sample_weight=HALF)[0], alone.train_on_batch(X[:4], Y[:4])[0])
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(model.get_weights(), alone.get_weights()))


def test_penalties_and_momentum_go_on():
    model = network(W_regularizer="l2")
    model.train_on_batch(X, Y)
    W, b = model.get_weights()
    velocity = model.optimizer.get_weights()
    loss, _ = model.train_on_batch(X, Y, sample_weight=NONE)
    assert loss == pytest.approx(0.01 * (W**2).sum(), rel=1e-5)
    moved = [v for v in velocity if v.shape == W.shape][0]
    assert np.allclose(model.get_weights()[0], W + 0.9 * moved - 0.1 * 0.02 * W, atol=1e-6)


def test_epochs_report_the_means_of_what_counts():
    model, alone = network(), network()
    alone.set_weights(model.get_weights())
    told = model.fit(X, Y, sample_weight=HALF, batch_size=4, shuffle=False, nb_epoch=1, verbose=0).history
    wanted = alone.fit(X[:4], Y[:4], batch_size=4, nb_epoch=1, verbose=0).history
    assert {name: pytest.approx(value) for name, value in wanted.items()} == told
    value = model.evaluate(X, Y, sample_weight=HALF, batch_size=4, verbose=0)
    assert value == pytest.approx(model.evaluate(X[:4], Y[:4], verbose=0))


def test_statistics_leave_such_rows_out():
    model = Sequential([BatchNormalization(input_shape=(3,)), Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.train_on_batch(X + 7, Y, sample_weight=NONE)
    assert unchanged(model, before)
    model.train_on_batch(X + 7, Y, sample_weight=np.eye(8)[0])
    assert not unchanged(model, before)


def test_masks_that_hide_every_step():
    model = Sequential([Masking(0.0, input_shape=(4, 2)), SimpleRNN(3, return_sequences=True)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    assert model.train_on_batch(np.zeros((2, 4, 2)), np.ones((2, 4, 3))) == 0 and unchanged(model, before)


def test_one_of_two_outputs_may_count_alone():
    x = Input((3,))
    model = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    model.compile("sgd", "mse", metrics=["mae"], loss_weights=[1.0, 2.0])
    before = model.get_weights()
    values = dict(zip(model.metrics_names, model.train_on_batch(X, [Y, Y], sample_weight=[None, NONE])))
    assert values["loss"] == pytest.approx(values["a_loss"])
    assert values["b_loss"] == 0 and np.isnan(values["b_mean_absolute_error"])
    after = model.get_weights()
    assert (before[0] != after[0]).any() and (before[2] == after[2]).all() and (before[3] == after[3]).all()
