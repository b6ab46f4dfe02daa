"""Subclasses of Model with a `call`: whatever it takes and returns, they train, predict, are saved and copied."""

import copy
import pickle

import numpy as np
import pytest

from horngate import keras3 as keras
from horngate.keras3 import layers, ops

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 4)).astype("float32")
Y = RANDOM.normal(size=(40, 3)).astype("float32")


class Net(keras.Model):
    def __init__(self, count=3, **kwargs):
        super().__init__(**kwargs)
        self.count = count
        self.first = layers.Dense(4, activation="relu")
        self.norm = layers.BatchNormalization()
        self.blocks = [layers.Dense(4) for _ in range(2)]
        self.parts = {"out": layers.Dense(count)}

    def call(self, x, context=None, training=None):
        x = self.norm(self.first(x), training=training)
        for block in self.blocks:
            x = x + block(x)
        return self.parts["out"](x if context is None else x + context)


class Pair(keras.Model):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(3), layers.Dense(3)

    def call(self, inputs):
        a, b = inputs
        return self.a(a) + self.b(b)


class Named(keras.Model):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(3), layers.Dense(4)

    def call(self, inputs):
        return {"p": self.a(inputs["u"]), "q": (self.b(inputs["v"]), inputs["u"] * 2.0)}


class Outer(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = Net(5)
        inputs = keras.Input((5,))
        self.graph = keras.Model(inputs, layers.Dense(4)(inputs))
        self.chain = keras.Sequential([layers.Dense(3)])

    def call(self, x):
        return self.chain(self.graph(self.inner(x)))


class Late(keras.Model):
    def __init__(self):
        self.kept = 3
        super().__init__(name="late")

    def build(self, input_shape):
        self.dense = layers.Dense(input_shape[-1] - 1)
        self.scale = self.add_weight(shape=(input_shape[-1],), name="scale", initializer="ones")
        super().build(input_shape)

    def call(self, x):
        return self.dense(x * self.scale)


class Words(keras.Model):
    def __init__(self):
        super().__init__()
        self.embed, self.read, self.out = layers.Embedding(9, 4, mask_zero=True), layers.LSTM(4), layers.Dense(3)

    def call(self, x):
        return self.out(self.read(self.embed(x)))


NUMBERS = RANDOM.integers(0, 9, (40, 5))
CASES = [(Net, X), (Pair, [X, X]), (Pair, (X, X)), (Outer, X), (Late, X), (Words, NUMBERS)]
every = pytest.mark.parametrize("cls, x", CASES, ids=lambda item: getattr(item, "__name__", type(item).__name__))
OBJECTS = {cls.__name__: cls for cls, _ in CASES}


def trained(cls, x, **options):
    keras.utils.set_random_seed(0)
    model = cls()
    model.compile(keras.optimizers.Adam(0.01), "mse", **options)
    history = model.fit(x, Y, epochs=4, batch_size=16, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    return model


@every
def test_it_learns_and_predicts(cls, x):
    model = trained(cls, x, metrics=["mae"])
    predicted = model.predict(x)
    assert predicted.shape == (40, 3) and np.isfinite(predicted).all()
    loss, mae = model.evaluate(x, Y, verbose=0)
    assert mae == pytest.approx(np.abs(predicted - Y).mean(), rel=1e-5)
    assert loss == pytest.approx(((predicted - Y) ** 2).mean(), rel=1e-5)
    at_once = model(x if isinstance(x, np.ndarray) else list(x))
    assert np.allclose(at_once, predicted, atol=1e-5)
    assert (
        len(model.get_weights())
        == len(model.weights)
        == len(model.trainable_weights) + len(model.non_trainable_weights)
    )


@every
def test_copies_and_files_predict_the_same(cls, x, tmp_path):
    model = trained(cls, x)
    want = model.predict(x)
    model.save_weights(tmp_path / "w.weights.h5")
    other = cls()
    other.compile("sgd", "mse")
    other.train_on_batch(x, Y)
    other.load_weights(tmp_path / "w.weights.h5")
    assert np.array_equal(other.predict(x), want)
    model.save(tmp_path / "model.h5")
    read = keras.models.load_model(tmp_path / "model.h5", custom_objects=OBJECTS)
    assert np.array_equal(read.predict(x), want)
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert np.array_equal(copied.predict(x), want)
        assert copied.train_on_batch(x, Y) == pytest.approx(read.train_on_batch(x, Y), rel=1e-5) or cls is Words
        read = keras.models.load_model(tmp_path / "model.h5", custom_objects=OBJECTS)


def test_dictionaries_and_nested_lists_go_in_and_come_out():
    model = Named()
    found = model({"u": X, "v": X})
    assert found["p"].shape == (40, 3) and np.allclose(found["q"][1], 2 * X)
    predicted = model.predict({"u": X, "v": X})
    assert predicted.keys() == {"p", "q"} and np.allclose(predicted["q"][0], found["q"][0], atol=1e-5)
    with pytest.raises(ValueError, match="no data for 'v'"):
        model.predict({"u": X})


def test_it_is_a_layer_of_another_model():
    inputs = keras.Input((4,))
    net = Net()
    graph = keras.Model(inputs, [net(inputs), net(inputs, context=inputs)])
    plain, added = graph.predict(X)
    assert np.allclose(plain, net(X), atol=1e-5) and np.allclose(added, net(X, context=X), atol=1e-5)
    assert not np.allclose(plain, added)
    again = keras.Model.from_config(graph.get_config(), custom_objects={"Net": Net})
    again.set_weights(graph.get_weights())
    assert np.allclose(again.predict(X)[1], added, atol=1e-6)


def test_arguments_of_call_are_read_by_name_and_place():
    net = Net()
    assert np.array_equal(net(X, X), net(X, context=X))
    assert not np.allclose(net(X, training=True), net(X, training=False))
    with pytest.raises(TypeError, match="call has no argument 'contex'. Did you mean 'context'"):
        net(X, contex=X)
    with pytest.raises(TypeError, match="takes x, context, training; received 4"):
        net(X, X, True, X)


def test_build_tells_the_shapes():
    net = Net()
    net.build((None, 4))
    assert len(net.weights) == 12 and net.count_params() == 4 * 4 + 4 + 16 + 2 * 20 + 15
    pair = Pair()
    pair.build([(None, 4), (None, 2)])
    assert [w.shape for w in pair.weights] == [(4, 3), (3,), (2, 3), (3,)]


def test_frozen_layers_stay():
    net = Net()
    net.build((None, 4))
    net.first.trainable = False
    before = net.first.get_weights()[0]
    net.compile("sgd", "mse")
    net.fit(X, Y, verbose=0)
    assert np.array_equal(net.first.get_weights()[0], before)
    assert len(net.trainable_weights) == 8


def test_penalties_and_added_losses_count():
    class Penalized(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.1))

        def call(self, x):
            y = self.dense(x)
            self.add_loss(0.5 * ops.mean(ops.square(y)))
            return y

    model = Penalized()
    model.compile("sgd", "mse")
    ones = np.ones((8, 4), "float32")
    assert model.evaluate(ones, np.zeros((8, 3)), verbose=0) == pytest.approx(16 + 8 + 1.2)


def test_generators_lose_no_batch():
    seen = []

    def batches():
        for i in range(6):
            seen.append(i)
            yield X[:8], Y[:8]

    model = Net()
    model.compile("sgd", "mse")
    model.fit(batches(), steps_per_epoch=3, epochs=2, verbose=0)
    assert seen[:6] == [0, 1, 2, 3, 4, 5] and float(np.asarray(model.optimizer.iterations.get_value())) == 6


def test_what_cannot_be_is_told():
    with pytest.raises(TypeError, match="defines `call`, and is made from tensors"):
        inputs = keras.Input((4,))

        class Both(keras.Model):
            def __init__(self):
                super().__init__(inputs=inputs, outputs=layers.Dense(3)(inputs))

            def call(self, x):
                return x

        Both()

    class Nothing(keras.Model):
        pass

    with pytest.raises(TypeError, match="has no `call`"):
        Nothing()(X)
