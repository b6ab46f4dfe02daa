"""Layers as Keras 0.3 wrote them compute what their `get_output` says; Siamese shares what it is given."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import constraints, initializations, regularizers
from horngate.layers import Dense, Input, Layer, Masking
from horngate.layers.core import MaskedLayer, Siamese, SiameseHead, add_shared_layer
from horngate.models import Sequential, model_from_json


class Scale(Layer):
    """y = x W, twice as much in training."""

    def __init__(
        self, output_dim, init="glorot_uniform", W_regularizer=None, W_constraint=None, input_dim=None, **kwargs
    ):
        self.init = initializations.get(init)
        self.output_dim = output_dim
        self.W_regularizer = regularizers.get(W_regularizer)
        self.W_constraint = constraints.get(W_constraint)
        if input_dim:
            kwargs["input_shape"] = (input_dim,)
        super().__init__(**kwargs)

    def build(self):
        self.W = self.init((self.input_shape[1], self.output_dim))
        self.trainable_weights = [self.W]
        if self.W_regularizer:
            self.W_regularizer.set_param(self.W)
            self.regularizers.append(self.W_regularizer)
        self.constraints = [self.W_constraint]

    @property
    def output_shape(self):
        return (self.input_shape[0], self.output_dim)

    def get_output(self, train=False):
        y = K.dot(self.get_input(train), self.W)
        return 2 * y if train else y

    def get_config(self):
        config = {"name": self.__class__.__name__, "output_dim": self.output_dim}
        return dict(list(super().get_config().items()) + list(config.items()))


def test_get_output_build_and_output_shape_are_carried_over():
    model = Sequential([Scale(4, input_dim=3), Scale(2)])
    assert model.layers[0].output_shape == (None, 4) and model.output_shape == (None, 2)
    x = np.random.rand(5, 3).astype("float32")
    W, V = model.get_weights()
    np.testing.assert_allclose(model.predict(x), x @ W @ V, rtol=1e-5)
    in_training = K.function([model.input, K.learning_phase()], [model.output])
    np.testing.assert_allclose(in_training([x, 1])[0], 4 * x @ W @ V, rtol=1e-5)
    again = model_from_json(model.to_json(), custom_objects={"Scale": Scale})
    assert [layer.output_dim for layer in again.layers] == [4, 2]


def test_penalties_and_constraints_in_lists_hold():
    class L1(regularizers.Regularizer):
        def set_param(self, p):
            self.p = p

        def __call__(self, loss):
            return loss + 3 * K.sum(K.abs(self.p))

    model = Sequential([Scale(1, input_dim=3, W_regularizer=L1(), W_constraint=constraints.MaxNorm(0.1), init="one")])
    model.compile("sgd", "mse")
    x = np.zeros((4, 3))
    assert model.train_on_batch(x, np.zeros((4, 1))) == pytest.approx(9.0, rel=1e-5)
    assert np.linalg.norm(model.get_weights()[0]) <= 0.1001


def test_a_layer_without_build_and_with_weights_before_03():
    class Shift(Layer):
        def build(self):
            self.b = K.zeros((self.input_shape[-1],))
            self.params = [self.b]

        def get_output(self, train):
            return self.get_input(train) + self.b

    layer = Shift()
    model = Sequential([Dense(3, input_dim=2), layer])
    layer.set_weights([np.arange(3)])
    x = np.random.rand(4, 2).astype("float32")
    W, b = model.layers[0].get_weights()
    np.testing.assert_allclose(model.predict(x), x @ W + b + np.arange(3), rtol=1e-5)
    assert len(model.trainable_weights) == 3


def test_masks_go_through_masked_layers():
    class Last(MaskedLayer):
        def get_output(self, train=False):
            mask = self.get_input_mask(train)
            return self.get_input(train) * K.expand_dims(K.cast(mask, K.floatx()), -1)

        def get_output_mask(self, train=False):
            return None

    x = np.random.rand(2, 3, 2).astype("float32")
    x[0, 1] = 0
    model = Sequential([Masking(0.0, input_shape=(3, 2)), Last()])
    np.testing.assert_allclose(model.predict(x), x)
    assert model.layers[1].output_mask is None and MaskedLayer().supports_masked_input()


def test_a_subclass_of_our_layer_asks_it_for_its_output():
    class Doubled(Dense):
        def get_output(self, train=False):
            return 2 * super().get_output(train)

    layer = Doubled(2)
    x = np.random.rand(4, 3).astype("float32")
    assert layer(Input((3,))).shape == (None, 2)
    W, b = layer.get_weights()
    np.testing.assert_allclose(layer(x), 2 * (x @ W + b), rtol=1e-5)


def test_one_that_cannot_run_shows_how_it_is_written_today():
    class Peeks(Layer):
        def get_output(self, train=False):
            return self.previous_layer.output

    with pytest.raises(AttributeError) as caught:
        Peeks()(Input((3,)))
    assert any("class Peeks(Layer):\n        def build(self, input_shape)" in note for note in caught.value.__notes__)


def test_shapes_are_known_before_the_call_where_they_were_told():
    layer = Dense(5, input_shape=(3,))
    assert layer.input_shape == (None, 3) and layer.output_shape == (None, 5)
    other = Dense(4)
    other.set_input_shape((None, 7))
    other.build()
    assert [w.shape for w in other.get_weights()] == [(7, 4), (4,)]


@pytest.mark.parametrize("mode, numpy", [("sum", np.add), ("mul", np.multiply), ("concat", None)])
def test_siamese_shares_its_layer(mode, numpy):
    left, right = Sequential([Dense(3, input_dim=2)]), Sequential([Dense(3, input_dim=4)])
    shared = Dense(2)
    model = Sequential([Siamese(shared, [left, right], merge_mode=mode)])
    assert len(model.trainable_weights) == 6
    a, b = np.random.rand(5, 2), np.random.rand(5, 4)
    W, c = shared.get_weights()
    one, two = left.predict(a) @ W + c, right.predict(b) @ W + c
    want = np.concatenate([one, two], axis=1) if numpy is None else numpy(one, two)
    np.testing.assert_allclose(model.predict([a, b]), want, rtol=1e-4, atol=1e-6)
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict([a, b]), want, rtol=1e-4, atol=1e-6)


def test_a_layer_shared_by_models_that_stay_apart():
    left, right = Sequential([Dense(3, input_dim=2)]), Sequential([Dense(3, input_dim=2)])
    shared = Dense(2)
    add_shared_layer(shared, [left, right])
    assert left.layers[-1] is right.layers[-1] is shared
    one, two = Sequential([Dense(3, input_dim=2)]), Sequential([Dense(3, input_dim=2)])
    pair = Siamese(Dense(2), [one, two], merge_mode=None)
    for i, model in enumerate((one, two)):
        model.add(pair)
        model.add(SiameseHead(i))
    x = np.random.rand(4, 2)
    W, b = pair.layer.get_weights()
    hidden = one.layers[0].get_weights()
    np.testing.assert_allclose(one.predict(x), (x @ hidden[0] + hidden[1]) @ W + b, rtol=1e-4, atol=1e-6)
    assert pair.get_output_shape(1) == (None, 2)


def test_the_shape_is_asked_of_the_base_class():
    class Wider(Dense):
        @property
        def output_shape(self):
            shape = super().output_shape
            return (*shape[:-1], shape[-1] + self.input_shape[-1])

        def get_output(self, train=False):
            return K.concatenate([super().get_output(train), self.get_input(train)])

    model = Sequential([Wider(2, input_dim=3)])
    assert model.output_shape == (None, 5) and model.predict(np.ones((4, 3))).shape == (4, 5)
    assert Wider(2, input_dim=3).output_shape == (None, 5)


def test_layers_set_their_input_before_03():
    class Old(Layer):
        def __init__(self):
            super().__init__()
            self.input = K.placeholder(ndim=2)

        def get_output(self, train=False):
            return self.get_input(train) * 2

    layer, x = Old(), Input((3,))
    assert layer(x).shape == (None, 3) and layer.input is x
    with pytest.raises(AttributeError, match="input"):
        Dense(2).input = x


def test_every_layer_answers_to_the_names_of_03():
    first, second = Dense(3, input_shape=(2,)), Dense(4)
    first(Input((2,)))
    second.set_previous(first)
    assert second.previous is first and len(second.trainable_weights) == 2, "which belongs to somebody else"
    assert second.get_output() is second.output and second.get_input(train=True) is first.output
    assert second.get_params()[0] == second.trainable_weights and not second.supports_masked_input()
    assert (second.cache_enabled, second.nb_input, second.layer_cache, Layer.nb_output) == (True, 1, {}, 1)
    second.clear_previous()
    assert second.inbound_nodes == []


def test_an_activity_regularizer_sees_the_output_of_the_call():
    class Old(regularizers.Regularizer):
        def set_layer(self, layer):
            self.layer = layer

        def __call__(self, loss):
            return loss + K.sum(self.layer.get_output(True)) + 0 * K.sum(self.layer.W)

    model = Sequential([Dense(2, activity_regularizer=Old(), input_dim=3, bias=False, init="one")])
    model.compile("sgd", "mse")
    assert model.train_on_batch(np.ones((4, 3)), np.full((4, 2), 3.0)) == pytest.approx(6.0)
    assert model.layers[0].activity_regularizer.layer is model.layers[0]
