"""Layers that users write, in the manner of Keras 1: they build, train, tell their shapes and come back from files."""

import jax.numpy as jnp
import numpy as np
import pytest

from horngate import backend as K
from horngate import initializations, layers, regularizers
from horngate.engine.topology import InputSpec, Layer
from horngate.layers import GRU, LSTM, Dense, Input, Lambda, Masking, Recurrent, SimpleRNN, TimeDistributed, Wrapper
from horngate.models import Model, Sequential, load_model, model_from_json
from horngate.utils.generic_utils import custom_object_scope

X = np.random.RandomState(1).randn(12, 4).astype("float32")
STEPS = np.random.RandomState(2).randn(6, 5, 3).astype("float32")


class Affine(Layer):
    """The layer that Keras 1's documentation teaches to write."""

    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.W = self.add_weight(
            shape=(input_shape[1], self.output_dim),
            initializer="glorot_uniform",
            trainable=True,
            regularizer=regularizers.get("l2"),
        )
        super().build(input_shape)

    def call(self, x, mask=None):
        return K.dot(x, self.W)

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], self.output_dim)

    def get_config(self):
        return {**super().get_config(), "output_dim": self.output_dim}


class AffineOfOld(Layer):
    """The same in the manner of Keras 0.3 and 1.0: weights made by an initialization and announced by hand."""

    def __init__(self, output_dim, init="glorot_uniform", weights=None, **kwargs):
        self.output_dim = output_dim
        self.init = initializations.get(init)
        self.initial_weights = weights
        self.input_spec = [InputSpec(ndim=2)]
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.W = self.init((input_shape[1], self.output_dim), name=f"{self.name}_W")
        self.b = K.zeros((self.output_dim,), name=f"{self.name}_b")
        self.trainable_weights = [self.W, self.b]
        if self.initial_weights is not None:
            self.set_weights(self.initial_weights)
            del self.initial_weights

    def call(self, x, mask=None):
        return K.dot(x, self.W) + self.b


class InJax(Affine):
    """jax.numpy instead of K."""

    def call(self, x, mask=None):
        return jnp.einsum("bi,io->bo", x, jnp.asarray(self.W))


class InComputeOutputShape(Affine):
    """Keras 2's name for the shape."""

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.output_dim)


LAYERS = {cls.__name__: cls for cls in (Affine, AffineOfOld, InJax, InComputeOutputShape)}


@pytest.mark.parametrize("name", LAYERS)
def test_it_is_a_layer_like_any_other(name, tmp_path):
    model = Sequential([LAYERS[name](3, input_shape=(4,)), Dense(1)])
    layer = model.layers[0]
    assert model.layers[0].output_shape == (None, 3)
    np.testing.assert_allclose(
        K.function([model.input], [layer.output])([X])[0], X @ layer.get_weights()[0], rtol=1e-4, atol=1e-6
    )
    model.compile("sgd", "mse")
    before = layer.get_weights()[0].copy()
    model.fit(X, X[:, :1], nb_epoch=2, verbose=0)
    assert not np.allclose(layer.get_weights()[0], before)


@pytest.mark.parametrize("name", ["Affine", "InJax"])
def test_it_comes_back_from_a_file_by_its_name(name, tmp_path):
    model = Sequential([LAYERS[name](3, input_shape=(4,)), Dense(1)])
    model.compile("sgd", "mse")
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5", custom_objects=LAYERS)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with custom_object_scope(LAYERS):
        assert type(model_from_json(model.to_json()).layers[0]) is LAYERS[name]
    with pytest.raises(ValueError, match=f"{name}.*custom_objects"):
        model_from_json(model.to_json())


def test_initial_weights_are_set():
    W, b = np.ones((4, 2), "float32"), np.array([1.0, 2.0], "float32")
    model = Sequential([AffineOfOld(2, weights=[W, b], input_shape=(4,))])
    np.testing.assert_allclose(model.predict(X), X @ W + b, rtol=1e-5)


def test_a_penalty_given_to_a_weight_counts():
    model = Sequential([Affine(3, input_shape=(4,))])
    model.compile("sgd", "mse")
    W, y = model.get_weights()[0], np.zeros((12, 3))
    loss = model.train_on_batch(X, y)
    assert loss == pytest.approx(np.mean((X @ W) ** 2) + 0.01 * np.sum(W**2), rel=1e-5)


class Counter(Layer):
    """Counts the samples of training, and adds the mean of its input to the loss."""

    def build(self, input_shape):
        self.count = K.variable(0.0, name="count")
        self.non_trainable_weights = [self.count]

    def call(self, x, mask=None):
        self.add_update((self.count, self.count + K.shape(x)[0]), x)
        self.add_loss(K.mean(x), x)
        return x


def test_updates_and_losses_effects_of_a_call():
    model = Sequential([Counter(input_shape=(4,)), Dense(1)])
    model.compile("sgd", "mse")
    predicted = model.predict(X)
    loss = model.train_on_batch(X, predicted)
    assert loss == pytest.approx(X.mean(), abs=1e-6)
    model.fit(X, predicted, nb_epoch=2, batch_size=5, verbose=0)
    assert float(model.layers[0].get_weights()[0]) == 3 * len(X)
    model.predict(X)
    assert float(model.layers[0].get_weights()[0]) == 3 * len(X), "only training counts"


class LeakySum(Recurrent):
    """A recurrent layer of one's own: h' = 0.5 h + x W."""

    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super().__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        self.W = self.add_weight((input_shape[2], self.output_dim), "glorot_uniform", name=f"{self.name}_W")
        self.states = [None]
        self.built = True

    def step(self, x, states):
        h = 0.5 * states[0] + K.dot(x, self.W)
        return h, [h]

    def get_constants(self, x):
        return []


@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"go_backwards": True}, {"unroll": True}])
def test_a_recurrent_cell(options):
    model = Sequential([LeakySum(2, input_shape=(5, 3), **options)])
    W, h, sequence = model.get_weights()[0], 0.0, []
    for x in STEPS.transpose(1, 0, 2)[:: -1 if "go_backwards" in options else 1]:
        h = 0.5 * h + x @ W
        sequence.append(h)
    want = np.stack(sequence, axis=1) if "return_sequences" in options else h
    np.testing.assert_allclose(model.predict(STEPS), want, rtol=1e-4, atol=1e-5)
    assert model.output_shape == (None, *want.shape[1:])


class Twice(Wrapper):
    """A wrapper of one's own: the wrapped layer, applied two times."""

    def build(self, input_shape):
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        super().build()

    def get_output_shape_for(self, input_shape):
        return self.layer.get_output_shape_for(input_shape)

    def call(self, x, mask=None):
        return self.layer.call(self.layer.call(x))


def test_a_wrapper():
    model = Sequential([Twice(Dense(4), input_shape=(4,))])
    W, b = model.get_weights()
    np.testing.assert_allclose(model.predict(X), (X @ W + b) @ W + b, rtol=1e-4, atol=1e-5)
    assert len(model.trainable_weights) == 2


def test_lambdas_of_several_inputs_and_with_arguments():
    a, b = Input((4,)), Input((4,))
    added = Lambda(
        lambda inputs, factor: inputs[0] + factor * inputs[1],
        output_shape=lambda shapes: shapes[0],
        arguments={"factor": 3.0},
    )([a, b])
    np.testing.assert_allclose(Model([a, b], added).predict([X, X]), 4 * X, rtol=1e-6)


def test_layers_within_a_layer():
    class Block(Layer):
        """Two dense layers that an outer one holds."""

        def build(self, input_shape):
            self.first, self.second = Dense(6, activation="relu"), Dense(2)
            self.first.build(input_shape)
            self.second.build((None, 6))
            self.trainable_weights = self.first.trainable_weights + self.second.trainable_weights

        def call(self, x, mask=None):
            return self.second(self.first(x))

    model = Sequential([Block(input_shape=(4,))])
    assert model.output_shape == (None, 2) and model.count_params() == 4 * 6 + 6 + 6 * 2 + 2
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.train_on_batch(X, X[:, :2])
    assert all(not np.array_equal(old, new) for old, new in zip(before, model.get_weights()))


def test_a_layer_called_on_an_array_computes_at_once():
    layer = Affine(2)
    y = layer(X)
    np.testing.assert_allclose(y, X @ layer.get_weights()[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [lambda: TimeDistributed(Dense(2), input_shape=(5, 3)), lambda: LSTM(2, input_shape=(5, 3), return_sequences=True)],
)
def test_a_mask_reaches_a_layer_of_ones_own(make):
    class LastKept(Layer):
        """The sum over the steps that the mask keeps."""

        supports_masking = True

        def call(self, x, mask=None):
            return K.sum(x * K.expand_dims(K.cast(mask, "float32"), -1), axis=1)

        def compute_mask(self, input, input_mask=None):
            return None

        def get_output_shape_for(self, input_shape):
            return (input_shape[0], input_shape[2])

    from horngate.layers import Masking

    steps = STEPS.copy()
    steps[:, 3:] = 0
    masked = Sequential([Masking(input_shape=(5, 3)), make(), LastKept()])
    plain = Sequential([make()])
    plain.set_weights(masked.get_weights())
    np.testing.assert_allclose(masked.predict(steps), plain.predict(steps)[:, :3].sum(axis=1), rtol=1e-4, atol=1e-5)


def test_a_forgotten_super_call_is_told():
    class Forgetful(Layer):
        """Does not call its base."""

        def __init__(self):
            pass

    with pytest.raises(RuntimeError, match="super"):
        Forgetful()(Input((3,)))


class Negative(LSTM):
    """An LSTM with a step of its own."""

    def step(self, x, states):
        output, states = super().step(x, states)
        return -output, states


def test_a_recurrent_layer_keeps_to_the_step_that_a_subclass_or_a_user_gives_it():
    model = Sequential([LSTM(2, input_shape=(5, 3), return_sequences=True)])
    expected, own = model.predict(STEPS), Sequential([Negative(2, input_shape=(5, 3), return_sequences=True)])
    own.set_weights(model.get_weights())
    np.testing.assert_allclose(own.predict(STEPS), -expected, rtol=1e-5, atol=1e-6)
    given = Sequential([LSTM(2, input_shape=(5, 3), return_sequences=True)])
    given.layers[0].step = lambda x, states: (K.zeros_like(states[0]) + 7, states[:2])
    assert np.all(given.predict(STEPS) == 7) and np.abs(expected).max() > 0.01


@pytest.mark.parametrize("kind", [SimpleRNN, GRU, LSTM])
@pytest.mark.parametrize("activation", ["tanh", "softsign", np.tanh], ids=["known", "other", "function"])
def test_recurrent_layers_unrolled_and_not(kind, activation):
    """Backwards over masked steps, outputs and weights after training alike, whatever form the loop takes."""
    if activation is np.tanh:
        activation = lambda x: jnp.tanh(x) / 2  # noqa: E731
    x = STEPS * (np.random.RandomState(0).rand(6, 5, 1) > 0.4)
    results = []
    for unroll in (False, True):
        np.random.seed(1)
        layer = kind(4, activation=activation, unroll=unroll, go_backwards=True, return_sequences=True)
        model = Sequential([Masking(0.0, input_shape=(5, 3)), layer])
        model.compile("sgd", "mse")
        model.fit(x, np.ones((6, 5, 4)), nb_epoch=3, batch_size=6, verbose=0)
        results.append([model.predict(x), *model.get_weights()])
    for looped, unrolled in zip(*results):
        np.testing.assert_allclose(looped, unrolled, rtol=1e-4, atol=1e-5)


def test_merging_layers_read_what_horngate_01_wrote():
    was = {"name": "m", "mode_type": "raw", "concat_axis": 1, "dot_axes": [1, 2], "output_shape": None, "arguments": {}}
    assert layers.Concatenate.from_config({**was, "mode": "concat"}).concat_axis == 1
    dot = layers.Dot.from_config({**was, "mode": "cos"})
    assert list(dot.dot_axes) == [1, 2] and dot.normalize and dot.mode == "cos"
    assert layers.Add.from_config({**was, "mode": "sum"}).name == "m"


def _seen(*, mask=None, training=None):
    """The input, 100 more in training, and 10 more where a mask came."""
    return 100.0 * bool(training) + 10.0 * (mask is not None)


CALLS = {  # ways to write `call` -> what it is told beside the input: "mt", mask and training
    "x": (lambda self, x: x, ""),
    "x, mask": (lambda self, x, mask=None: x + _seen(mask=mask), "m"),
    "x, another name for the mask": (lambda self, x, m: x + _seen(mask=m), "m"),
    "x, training": (lambda self, x, training=None: x + _seen(training=training), "t"),
    "x, training that must be given": (lambda self, x, training: x + _seen(training=training), "t"),
    "x, training, mask": (lambda self, x, training=None, mask=None: x + _seen(mask=mask, training=training), "mt"),
    "x, mask, training": (lambda self, x, mask=None, training=None: x + _seen(mask=mask, training=training), "mt"),
    "both by name": (lambda self, x, *, mask=None, training=False: x + _seen(mask=mask, training=training), "mt"),
    "whatever comes": (lambda self, x, **more: x + _seen(**more), ""),
}


@pytest.mark.parametrize("written", CALLS)
def test_a_call_is_told_the_mask_and_the_phase_as_it_names_them(written):
    call, told = CALLS[written]
    model = Sequential(
        [Masking(-1.0, input_shape=(2, 1)), type("Told", (Layer,), {"call": call, "supports_masking": True})()]
    )
    for phase in (0, 1):
        found = K.function([model.input, K.learning_phase()], [model.output])([np.zeros((1, 2, 1)), phase])[0]
        assert np.unique(found).tolist() == [10.0 * ("m" in told) + 100.0 * phase * ("t" in told)]
