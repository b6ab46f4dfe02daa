"""Trainings in the manner of Keras 3, against what the real one gave for the same weights and data."""

import numpy as np
import pytest

from horngate import keras3 as keras
from horngate.layers import LSTM, Input
from horngate.models import Model

R = np.random.RandomState(0)
X, Y, S = R.randn(12, 3).astype("float32"), R.randn(12, 2).astype("float32"), R.randint(0, 2, 12)


def net(activation=None):
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation=activation)])
    made.set_weights([0.4 * np.random.RandomState(0).randn(*w.shape) for w in made.get_weights()])
    return made


def test_weighted_metrics_are_means_by_the_weights():
    made = net("softmax")
    made.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    told = made.evaluate(X, S, sample_weight=np.arange(12.0), verbose=0, return_dict=True)
    assert told == {"loss": pytest.approx(6.24745, abs=1e-4), "accuracy": pytest.approx(0.19697, abs=1e-5)}


def test_metrics_with_and_without_weights_have_names_of_their_own():
    made = net("softmax")
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])
    options = {"class_weight": {0: 1.0, 1: 3.0}, "validation_data": (X, S, np.arange(12.0))}
    told = made.fit(X, S, batch_size=5, shuffle=False, verbose=0, **options).history
    wanted = {"accuracy": 0.33333, "loss": 2.78118, "val_accuracy": 0.33333, "val_loss": 6.06547}
    wanted |= {"val_weighted_accuracy": 0.19697, "weighted_accuracy": 0.33333}
    assert {name: values[0] for name, values in told.items()} == pytest.approx(wanted, abs=1e-4)


RATES = {  # (cooldown, patience) -> learning rates, in 1e-4
    (0, 0): [1.0, 1.0, 0.5, 0.25, 0.125, 0.1, 0.1, 0.1],
    (0, 2): [1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125],
    (1, 1): [1.0, 1.0, 0.5, 0.25, 0.125, 0.1, 0.1, 0.1],
    (2, 1): [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125],
    (2, 2): [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25],
}


@pytest.mark.parametrize("cooldown, patience", RATES)
def test_rates_are_reduced_when_keras_3_does_so(cooldown, patience):
    made = net()
    made.compile(keras.optimizers.SGD(1e-4), "mse")
    options = {"factor": 0.5, "patience": patience, "cooldown": cooldown, "min_delta": 0.5, "min_lr": 1e-5}
    reduces = keras.callbacks.ReduceLROnPlateau("loss", **options)
    told = made.fit(X, Y, epochs=8, shuffle=False, verbose=0, callbacks=[reduces]).history["learning_rate"]
    np.testing.assert_allclose(np.array(told) * 1e4, RATES[cooldown, patience], rtol=1e-5)


def test_a_scheduler_tells_its_rates():
    made = net()
    made.compile("sgd", "mse")
    falls = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    assert made.fit(X, Y, epochs=2, verbose=0, callbacks=[falls]).history["learning_rate"] == pytest.approx([0.1, 0.05])


@pytest.mark.parametrize("on_epoch", [True, False])
def test_averages_stand_in_and_stay(on_epoch):
    made = net()
    made.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
    options = {"epochs": 3, "batch_size": 5, "verbose": 0, "shuffle": False, "validation_data": (X, Y)}
    told = made.fit(X, Y, callbacks=[swap], **options).history
    np.testing.assert_allclose(told["val_loss"], [1.643, 1.0894, 0.8308], atol=1e-3)
    np.testing.assert_allclose(made.get_weights()[0][0], [0.1223, -0.0625], atol=1e-3)


def test_calls_that_train_move_the_averages_of_batch_normalization():
    wanted = [[0.32015634, 0.166465, -0.03834394], [1.1097863, 0.9505789, 1.0937243]]
    alone = keras.layers.BatchNormalization(momentum=0.5)
    alone.build((None, 3))
    alone(X, training=True)
    within = keras.layers.BatchNormalization(momentum=0.5)
    made = keras.Sequential([keras.Input((3,)), within])
    made(X, training=False)
    assert np.array_equal(within.get_weights()[2], np.zeros(3))
    made(X, training=True)
    for layer in (alone, within):
        np.testing.assert_allclose(layer.get_weights()[2:], wanted, rtol=1e-5)


@pytest.mark.parametrize("metric, wanted", [("RootMeanSquaredError", 0.81092), ("Mean", 0.62278)])
def test_rows_count_alike_with_and_without_weights(metric, wanted):
    made, values = getattr(keras.metrics, metric)(), np.random.RandomState(1).rand(6, 4).astype("float32")
    lead = [] if metric == "Mean" else [0 * values]
    made.update_state(*lead, values)
    made.update_state(*lead, 2 * values, sample_weight=np.array([1, 2, 0, 3, 0.5, 1], "float32"))
    assert float(made.result()) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("weights", [None, R.rand(4)])
def test_labels_of_steps_need_no_last_axis(weights):
    made = keras.Sequential([keras.Input((5, 3)), keras.layers.Dense(4, activation="softmax")])
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, labels = R.randn(4, 5, 3), R.randint(0, 4, (4, 5))
    whole = made.evaluate(x, labels[..., None], sample_weight=weights, verbose=0)
    assert made.evaluate(x, labels, sample_weight=weights, verbose=0) == pytest.approx(whole)
    made.fit(x, labels, verbose=0)
    with pytest.raises(ValueError, match="target"):
        made.fit(x, labels[:, :4], verbose=0)


def test_a_stateful_network_of_a_fixed_batch_takes_its_batches():
    inputs = Input(batch_shape=(2, 3, 3))
    made = Model(inputs, LSTM(4, stateful=True)(inputs))
    made.compile("sgd", "mse")
    x, y = R.randn(4, 3, 3), R.randn(4, 4)
    told = made.predict(x)
    made.reset_states()
    np.testing.assert_array_equal(made.predict(x, batch_size=2), told)
    made.fit(x, y, nb_epoch=1, verbose=0, shuffle=False)
    made.evaluate(x, y, verbose=0)
    with pytest.raises(ValueError, match="a stateful network needs whole batches"):
        made.predict(x[:3])


def test_validation_has_batches_of_its_own_size():
    made, seen = net(), []
    made.compile("sgd", "mse")

    class Notes(keras.callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            seen.append(logs["size"])

    made.fit(X, Y, batch_size=12, validation_data=(X, Y), validation_batch_size=4, verbose=0, callbacks=[Notes()])
    assert seen == [4, 4, 4]
    with pytest.raises(ValueError, match="validation_batch_size must be a whole number"):
        made.fit(X, Y, validation_data=(X, Y), validation_batch_size=0)
    with pytest.raises(ValueError, match="validation_batch_size is for arrays"):
        made.fit(X, Y, validation_data=iter([(X, Y)]), validation_steps=1, validation_batch_size=4)
