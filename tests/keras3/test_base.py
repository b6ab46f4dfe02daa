"""What Keras 3 asks of every layer, and of chains, logs and first values. Numbers are those of Keras 3.15."""

import numpy as np
import pytest

from horngate import keras3 as keras

L, ops = keras.layers, keras.ops
X = np.ones((2, 3), "float32")


class Own(L.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units, self.seen = units, keras.metrics.Mean(name="seen")

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones", dtype="float32", name="w")
        self.count = self.add_weight(name="count", shape=(), initializer="zeros", trainable=False, dtype="int32")
        self.more = self.add_variable((2,), "zeros", name="more")

    def call(self, x):
        self.add_loss(0.1 * ops.sum(ops.square(x)))
        return ops.matmul(x, self.w)


def test_a_layer_of_ones_own_has_what_keras_3_gives():
    layer = Own(4)
    np.testing.assert_array_equal(layer(X), np.full((2, 4), 3.0))
    assert [layer.dtype, layer.compute_dtype, layer.variable_dtype, layer.dtype_policy.name] == ["float32"] * 4
    assert [w.dtype for w in layer.weights] == ["float32", "float32", "int32"]
    assert [m.name for m in layer.metrics] == ["seen"] and layer.path == layer.name
    outputs, after, losses = layer.stateless_call(
        layer.trainable_variables, layer.non_trainable_variables, X, return_losses=True
    )
    assert float(np.sum(outputs)) == 24.0 and len(after) == 1 and [round(float(x), 5) for x in losses] == [0.6]
    with pytest.raises(NotImplementedError, match="no add_metric"):
        layer.add_metric()
    with pytest.raises(ValueError, match="overwrite_with_gradient must be False"):
        layer.add_weight(shape=(1,), overwrite_with_gradient=True)


def test_a_stateless_call_gives_the_next_averages():
    layer = L.BatchNormalization()
    layer(X)
    trained, kept = ([np.asarray(v) for v in vs] for vs in (layer.trainable_variables, layer.non_trainable_variables))
    _, (mean, variance) = layer.stateless_call(trained, kept, 2 * X, training=True)
    np.testing.assert_allclose([mean, variance], [[0.02] * 3, [0.99] * 3], rtol=1e-5)
    np.testing.assert_array_equal(layer.non_trainable_variables[0], 0)
    with pytest.raises(ValueError, match="trainable_variables must be 2 arrays"):
        layer.stateless_call([], kept, X)


SPECS = [({"min_ndim": 3}, "at least 3"), ({"max_ndim": 1}, "at most 1"), ({"axes": {-1: 2}}, "size 2 on axis -1")]


@pytest.mark.parametrize("told, words", SPECS)
def test_a_spec_refuses_what_does_not_fit(told, words):
    layer = L.Activation("relu")
    layer.input_spec = L.InputSpec(**told)
    for x in (X, keras.Input((3,))):
        with pytest.raises(ValueError, match=words):
            layer(x)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_autocast_decides_about_16_bits(dtype):
    seen = []
    for autocast in (True, False):
        layer = L.Dense(2, activation=lambda x: seen.append(str(x.dtype)) or x, dtype=dtype, autocast=autocast)
        layer(X)
        assert L.deserialize(L.serialize(L.Dense(2, autocast=autocast))).autocast is autocast
    assert (seen[0] == seen[-1]) == (dtype == "float32")


@pytest.mark.parametrize("options", [{"ragged": True}, {"optional": True}])
def test_inputs_refuse_what_has_no_meaning(options):
    for make in (keras.Input, L.InputLayer):
        with pytest.raises(ValueError, match=next(iter(options))):
            make(shape=(3,), **options)


def test_an_embedding_waits_for_the_length():
    model = keras.Sequential([L.Embedding(10, 4), L.Flatten(), L.Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.ones((8, 5), "int32"), np.ones((8, 1)), verbose=0)
    assert model.predict(np.ones((3, 5)), verbose=0).shape == (3, 1)


def test_a_chain_is_built_within_a_layer_for_steps_of_any_number(recwarn):
    class Block(L.Layer):
        def __init__(self):
            super().__init__()
            self.mlp = keras.Sequential([L.Dense(6, activation="relu"), L.Dense(4)])

        def call(self, x):
            return x + self.mlp(x)

    x = keras.Input((None, 4))
    model = keras.Model(x, Block()(x))
    assert len(model.weights) == 4 and model.predict(np.ones((2, 5, 4)), verbose=0).shape == (2, 5, 4)
    assert not [w for w in recwarn if "told the output shape" in str(w.message)]


def test_logs_of_batches_are_means_over_the_epoch_so_far():
    told = []

    class Each(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            told.append(dict(logs))

    model = keras.Sequential([keras.Input((3,)), L.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x, y = np.random.RandomState(0).rand(10, 3), np.arange(10.0)[:, None]
    losses = np.square(model.predict(x, verbose=0) - y)[:, 0]
    history = model.fit(x, y, batch_size=4, shuffle=False, verbose=0, callbacks=[Each()]).history
    np.testing.assert_allclose([t["loss"] for t in told], [losses[:n].mean() for n in (4, 8, 10)], rtol=1e-5)
    assert told[-1]["loss"] == pytest.approx(history["loss"][0]) and list(told[0]) == ["loss"]


FIRST = {"LSTM": (0.09, 0.071), "GRU": (0.1, 0.082), "SimpleRNN": (0.14, 0.141)}  # standard deviations


@pytest.mark.parametrize("name", FIRST)
def test_first_weights_of_recurrent_layers_are_drawn_as_in_keras_3(name):
    np.random.seed(0)
    layer = getattr(L, name)(50)
    layer(np.ones((1, 2, 50), "float32"))
    kernel, recurrent, *_ = layer.get_weights()
    assert [kernel.std(), recurrent.std()] == pytest.approx(FIRST[name], abs=0.007)
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(50), atol=1e-4)  # all gates together


@pytest.mark.parametrize("name", ["glorot_normal", "he_normal", "lecun_normal"])
def test_normal_first_weights_are_cut_at_two_deviations(name):
    layer = L.Dense(300, kernel_initializer=name)
    layer(np.ones((1, 200), "float32"))
    kernel = layer.get_weights()[0]
    assert np.abs(kernel).max() < 2.3 * kernel.std()


def test_a_callback_list_for_loops_of_ones_own():
    calls = []
    names = ("on_train_batch_end", "on_test_begin", "on_predict_batch_begin")
    listens = keras.callbacks.Callback()
    for name in names:
        setattr(listens, name, lambda *args, name=name, **kwargs: calls.append(name))
    together = keras.callbacks.CallbackList([listens], add_history=True, model=keras.Sequential(), epochs=2)
    together.on_train_batch_end(0, {})
    together.on_test_begin()
    together.on_predict_batch_begin(0)
    assert calls == [*names] and listens.params["epochs"] == 2 and len(together.callbacks) == 2
