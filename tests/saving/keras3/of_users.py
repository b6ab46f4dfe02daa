"""Models with classes of the user, and calls that say more than their input, for Keras 3 and for horngate.

`made(keras)` gives name -> (model, its input); the classes are made anew for each of the two.
"""

import numpy as np


def layers_of_users(keras):
    """Layers whose calls take several arguments, dictionaries and data."""
    register, layers = keras.saving.register_keras_serializable("of_users"), keras.layers

    @register
    class Scaled(layers.Layer):
        def call(self, x, by=None, scale=1.0, training=None):
            y = x * scale if by is None else x * by * scale
            return y + 100.0 if training else y

    @register
    class Pair(layers.Layer):
        def call(self, given):
            return given["a"] * 2 + given["b"]

    return Scaled, Pair


def calls(keras):
    """Name -> (a model with calls that say more than their input, its inputs)."""
    layers, (scaled, pair) = keras.layers, layers_of_users(keras)
    i, j, s = keras.Input((4,)), keras.Input((4,)), keras.Input((5, 4))
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=(6, 4)).astype("float32") for _ in range(2))
    steps = rng.normal(size=(6, 5, 4)).astype("float32")
    state = keras.Input((3,))
    return {
        "norm_trains": (keras.Model(i, layers.BatchNormalization()(i, training=True)), x),
        "norm_tests": (keras.Model(i, layers.BatchNormalization()(i, training=False)), x),
        "nested_trains": (
            keras.Model(i, keras.Sequential([keras.Input((4,)), layers.BatchNormalization()])(i, training=True)),
            x,
        ),
        "drops_nothing": (keras.Model(s, layers.LSTM(3, dropout=0.5)(s, training=False)), steps),
        "from_state": (keras.Model([s, state], layers.GRU(3)(s, state)), [steps, x[:, :3]]),
        "both_ways": (keras.Model(s, layers.Bidirectional(layers.GRU(3))(s, training=False)), steps),
        "causal": (keras.Model(s, layers.MultiHeadAttention(2, 3)(s, s, use_causal_mask=True, training=False)), steps),
        "listed": (keras.Model(s, layers.Attention()([s, s], use_causal_mask=True)), steps),
        "number": (keras.Model(i, scaled()(i, scale=3.0)), x),
        "tensor_by_name": (keras.Model([i, j], scaled()(i, by=j, training=True)), [x, y]),
        "tensor_by_place": (keras.Model([i, j], scaled()(i, j, scale=2.0)), [x, y]),
        "dictionary": (keras.Model([i, j], pair()({"a": i, "b": j})), [x, y]),
    }


def _block(keras):
    register, layers = keras.saving.register_keras_serializable("of_users"), keras.layers

    @register
    class Block(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units, self.dense, self.norm = units, layers.Dense(units, activation="relu"), None

        def build(self, shape):
            self.norm = layers.BatchNormalization()
            self.dense.build(shape)
            self.norm.build((*shape[:-1], self.units))
            self.built = True

        def call(self, x, training=None):
            return self.norm(self.dense(x), training=training)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Block


def _net(keras):
    register, layers = keras.saving.register_keras_serializable("of_users"), keras.layers
    block = _block(keras)

    @register
    class Net(keras.Model):
        def __init__(self, units=4, depth=2, **kwargs):
            super().__init__(**kwargs)
            self.units, self.depth = units, depth
            self.blocks = [block(units) for _ in range(depth)]
            self.scale = self.add_weight(shape=(2,), initializer="ones", name="scale")
            self.drop, self.out, self._hidden = layers.Dropout(0.3), layers.Dense(2), layers.Dense(units)
            self.table = {"x": layers.Dense(units)}

        def call(self, x, training=None):
            for block in self.blocks:
                x = block(x, training=training)
            x = self._hidden(x) + self.table["x"](x)
            return self.out(self.drop(x, training=training)) * self.scale

        def get_config(self):
            return {**super().get_config(), "units": self.units, "depth": self.depth}

    return Net


def _plain_and_holding(keras):
    register, layers = keras.saving.register_keras_serializable("of_users"), keras.layers

    @register
    class Plain(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.one, self.two = layers.Dense(3), layers.Dense(3)

        def call(self, x):
            return {"both": self.one(x["a"]) + self.two(x["b"]), "alone": self.two(x["b"])}

    @register
    class Holds(keras.Model):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner, self.last = inner, layers.Dense(2)

        def call(self, x):
            return self.last(self.inner(x))

        def get_config(self):
            return {**super().get_config(), "inner": keras.saving.serialize_keras_object(self.inner)}

        @classmethod
        def from_config(cls, config):
            return cls(keras.saving.deserialize_keras_object(config.pop("inner")), **config)

    return Plain, Holds


def _stepped_and_words(keras, plain):
    register, layers = keras.saving.register_keras_serializable("of_users"), keras.layers

    @register
    class Stepped(plain):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.seen = keras.metrics.Mean(name="seen")

        def call(self, x):
            return self.two(self.one(x))

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return keras.ops.mean(keras.ops.square(y - y_pred))

    @register
    class Words(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.rows, self.last = layers.Embedding(9, 3), layers.Dense(2)

        def call(self, x):
            return self.last(self.rows(x))

    return Stepped, Words


def classes(keras):
    """Name -> (a model that computes in its `call`, its input)."""
    layers, net = keras.layers, _net(keras)
    plain, holds = _plain_and_holding(keras)
    stepped, words = _stepped_and_words(keras, plain)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 5)).astype("float32")
    chain, i = keras.Sequential([keras.Input((5,)), layers.Dense(4, activation="relu")]), keras.Input((5,))
    return {
        "net": (net(3, depth=1), x),
        "plain": (plain(), {"a": x, "b": x[:, :3]}),
        "holds": (holds(chain), x),
        "stepped": (stepped(), x),
        "words": (words(), rng.integers(0, 9, (8, 2)).astype("int32")),
        "within": (keras.Model(i, layers.Dense(2)(net(3, depth=1)(i))), x),
    }


def outputs_of(model, x):
    """What a call gives for `x`, as arrays in the order of their names."""
    found = model(x)
    return [np.asarray(found[key]) for key in sorted(found)] if isinstance(found, dict) else [np.asarray(found)]


def filled(model, x):
    """Call a model on `x`, and give it weights that no initializer gives."""
    model(x)
    rng = np.random.default_rng(7)
    for variable in sorted(model.weights, key=lambda v: v.path.split("/")[-1]):
        variable.assign(rng.uniform(0.2, 0.8, tuple(variable.shape)).astype("float32"))
    return model


def trained(model, x):
    """Take two steps of Adam on `x`."""
    y = np.ones((8, 3 if type(model).__name__ == "Stepped" else 2), "float32")
    model.train_on_batch(x, y)
    model.train_on_batch(x, y)


def compiled(keras, model):
    """Compile a model, whose dropout is left out so that both packages train the same."""
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
    return model
