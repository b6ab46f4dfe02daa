"""Arguments of layers, optimizers and losses that are set later: they have an effect at once, or are refused."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3 as keras
from horngate import layers
from horngate.dialects.orders import SPELLINGS, meaning
from tests.layers.conformance_table import ROWS

X = np.linspace(-1, 1, 32).reshape(8, 4).astype("float32")


def in_other_words():
    for name, rows in ROWS.items():
        _, args, kwargs = rows[0]
        layer = getattr(layers, name)(*args, **kwargs)
        for word in SPELLINGS:
            if meaning(word, type(layer).__declared__) not in (None, word) and hasattr(layer, word):
                yield layer, word


def test_an_argument_set_in_the_words_of_later_eras_is_the_argument():
    count = 0
    for layer, word in in_other_words():
        if word != "strides":  # only read
            setattr(layer, word, getattr(layer, word))
            assert word not in vars(layer), (layer, word)
            count += 1
    assert count > 250
    layer = keras.layers.Dense(3)
    layer.units, layer.kernel_regularizer = 5, keras.regularizers.L2(1.0)
    assert layer(X).shape == (8, 5) and len(layer.losses) == 1 and layer.get_config()["units"] == 5


def squares(layer, loss="mse", **options):
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile(keras.optimizers.SGD(**options), loss)
    model.fit(X, X, batch_size=8, verbose=0)
    model.predict(X, verbose=0)
    return model


def test_training_evaluation_and_prediction_follow_what_is_set_on_a_layer():
    layer = keras.layers.Dropout(0.9)
    model = squares(layer)
    layer.rate = 0.0
    assert model.fit(X, X, verbose=0).history["loss"] == [0.0] and model.train_on_batch(X, X) == 0
    layer = keras.layers.Activation("linear")
    model = squares(layer)
    layer.activation = "tanh"
    np.testing.assert_allclose(model.predict(X, verbose=0), np.tanh(X), atol=1e-6)
    np.testing.assert_allclose(model.evaluate(X, X, verbose=0), np.mean((np.tanh(X) - X) ** 2), rtol=1e-5)


def test_a_callback_that_sets_an_argument_changes_the_next_epoch():
    class Ends(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[0].rate = 0.9 if epoch == 0 else 0.0

    layer = keras.layers.Dropout(0.5)
    first, *later = squares(layer).fit(X, X, epochs=3, verbose=0, callbacks=[Ends()]).history["loss"]
    assert first > 0 and later == [0.0, 0.0]


def test_arguments_of_the_optimizer_and_the_loss_follow_too():
    model = squares(keras.layers.Dense(4), learning_rate=1.0)
    model.optimizer.clipvalue = 1e-9
    before = model.get_weights()[0]
    model.fit(X, X, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], before, atol=1e-6)
    loss = keras.losses.Huber(delta=1e-3)
    model = squares(keras.layers.Activation("linear"), loss)
    assert model.evaluate(X, X + 2, verbose=0) < 0.1
    loss.delta = 9.0
    assert model.evaluate(X, X + 2, verbose=0) == 2.0


def test_what_did_not_change_is_not_compiled_again():
    layer = keras.layers.Dropout(0.5)
    model, other = squares(layer), squares(keras.layers.Dropout(0.5))
    step = other.steps["train"]
    layer.rate = layer.rate
    assert model.steps["train"] is model.steps["train"]
    kept = model.steps["train"]
    layer.rate = 0.25
    assert model.steps["train"] is not kept and other.steps["train"] is step


def test_sizes_of_weights_that_are_made_are_refused(recwarn):
    layer = keras.layers.Dense(3)
    layer.build((None, 4))
    with pytest.raises(ValueError, match=r"Dense, argument 'units': the weights of .* are made, with 3; received 5"):
        layer.units = 5
    assert layer.units == 3
    layer.kernel_regularizer = "l2"
    assert "its weights are made, and stay as they are" in str(recwarn.pop(UserWarning).message)
    assert keras.layers.Dense.from_config(layer.get_config())(X).shape == (8, 3)
    assert K.is_keras_tensor(layer(keras.Input((4,))))


def test_a_layer_that_comes_after_the_first_call_is_told_of(recwarn):
    class Chain(keras.Model):
        def __init__(self):
            super().__init__()
            self.steps_, self.unused = [keras.layers.Dense(4)], keras.layers.Dense(4)

        def call(self, x):
            for step in self.steps_:
                x = step(x)
            return x

    model = Chain()
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)
    model.predict(X, verbose=0)
    assert not recwarn
    model.steps_.append(keras.layers.Dense(4, name="late"))
    model.predict(X, verbose=0)
    assert "late came after the first call" in str(recwarn.pop(UserWarning).message)
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)
    assert len(model.weights) == 4


CLASSES = {
    "loss": lambda: squares(keras.layers.Dense(4), keras.losses.Huber),
    "metric": lambda: squares(keras.layers.Dense(4)).compile("sgd", "mse", metrics=[keras.metrics.MeanAbsoluteError]),
    "initializer": lambda: squares(keras.layers.Dense(4, kernel_initializer=keras.initializers.HeNormal)),
    "regularizer": lambda: squares(keras.layers.Dense(4, kernel_regularizer=keras.regularizers.L2)),
    "constraint": lambda: squares(keras.layers.Dense(4, kernel_constraint=keras.constraints.NonNeg)),
    "activation": lambda: squares(keras.layers.Dense(4, activation=keras.layers.ReLU)),
}


@pytest.mark.parametrize("part", CLASSES)
def test_a_class_stands_for_an_object_of_it(part):
    CLASSES[part]()


def test_weights_for_a_model_without_any_tell_to_build_it(tmp_path):
    squares(keras.layers.Dense(4)).save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match="has no weights yet, as the shape of its input is not known"):
        keras.Sequential([keras.layers.Dense(4)]).load_weights(tmp_path / "m.weights.h5")


def with_regularizer():
    penalty = keras.regularizers.L2(0.0)
    return keras.layers.Dense(4, kernel_regularizer=penalty), "mse", 0.0, lambda: setattr(penalty, "l2", 10.0)


def with_loss_in_a_list():
    loss = keras.losses.Huber(delta=1.0)
    return keras.layers.Activation("tanh"), [loss], 0.0, lambda: setattr(loss, "delta", 1e-4)


def with_schedule():
    rate = keras.optimizers.schedules.ExponentialDecay(0.0, 1, 1.0)
    return keras.layers.Dense(4), "mse", rate, lambda: setattr(rate, "initial_learning_rate", 0.5)


@pytest.mark.parametrize("case", [with_regularizer, with_loss_in_a_list, with_schedule])
def test_what_parts_hold_is_followed_too(case):
    layer, loss, rate, change = case()
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile(keras.optimizers.SGD(rate), loss)
    before = [model.fit(X, 0 * X, batch_size=8, verbose=0).history["loss"][0] for _ in range(2)]
    change()
    after = [model.fit(X, 0 * X, batch_size=8, verbose=0).history["loss"][0] for _ in range(2)]
    assert np.isclose(*before, rtol=1e-6) and not np.isclose(after[1], before[0], rtol=1e-3)


def test_a_model_without_compile_follows_too():
    layer = keras.layers.Activation("linear")
    model = keras.Sequential([keras.Input((4,)), layer])
    model.predict(X, verbose=0)
    layer.activation = "tanh"
    np.testing.assert_allclose(model.predict(X, verbose=0), np.tanh(X), atol=1e-6)
