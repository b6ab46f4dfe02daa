"""Layers that a layer keeps are trained, saved, counted, frozen and penalized with it, wherever it keeps them."""

import copy
import functools
import pickle

import numpy as np
import pytest

from horngate import backend as K
from horngate import constraints
from horngate.layers import (
    LSTM,
    BatchNormalization,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Input,
    Lambda,
    Layer,
    Masking,
    SimpleRNN,
    TimeDistributed,
    untracked,
)
from horngate.models import Model, Sequential, load_model

X = np.random.RandomState(0).randn(32, 3).astype("float32")
Y = X[:, :1] + 1


class Block(Layer):
    """One inner layer after the other; a subclass says where it keeps them."""

    def call(self, x, mask=None):
        for layer in self.chain():
            x = layer(x)
        return x

    def get_output_shape_for(self, shape):
        return (shape[0], 1)


class InList(Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = [Dense(4, activation="tanh"), Dense(1)]

    def chain(self):
        return self.inner


class InAttributesBeforeTheBase(Block):
    def __init__(self, **kwargs):
        self.first, self.second = Dense(4, activation="tanh"), Dense(1)
        super().__init__(**kwargs)

    def chain(self):
        return self.first, self.second


class InNestedDictionary(Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.parts = {"b": ([Dense(4, activation="tanh")],), "a": {"last": Dense(1)}}

    def chain(self):
        return self.parts["b"][0][0], self.parts["a"]["last"]


class AppendedLater(Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = []
        for width in (4, 1):
            self.inner.append(Dense(width, activation="tanh" if width > 1 else None))

    def chain(self):
        return self.inner


class InBuild(Block):
    def build(self, input_shape):
        self.first, self.second = Dense(4, activation="tanh"), Dense(1)

    def chain(self):
        return self.first, self.second


class InAnotherBlock(Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = InList()

    def chain(self):
        return (self.inner,)


class InAModel(Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.net = Sequential([Dense(4, activation="tanh", input_dim=3), Dense(1)])

    def chain(self):
        return (self.net,)


class WithACycle(InList):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.itself = [self]


class BuiltByHand(Block):
    """As Keras 1's programs did it: the inner layers built, their weights announced."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first, self.second = Dense(4, activation="tanh"), Dense(1)

    def build(self, input_shape):
        self.first.build(input_shape)
        self.second.build((input_shape[0], 4))
        self.trainable_weights = self.first.trainable_weights + self.second.trainable_weights

    def chain(self):
        return self.first, self.second


BLOCKS = {
    cls.__name__: cls
    for cls in (
        InList,
        InAttributesBeforeTheBase,
        InNestedDictionary,
        AppendedLater,
        InBuild,
        InAnotherBlock,
        InAModel,
        WithACycle,
        BuiltByHand,
    )
}


def in_a_lambda(**kwargs):
    first, second = Dense(4, activation="tanh"), Dense(1)
    return Lambda(lambda x: second(first(x)), output_shape=(1,), **kwargs)


def in_a_function_of_a_lambda(**kwargs):
    first, second = Dense(4, activation="tanh"), Dense(1)

    def ahead(x):
        return first(x)

    return Lambda(functools.partial(lambda last, x: last(ahead(x)), second), **kwargs)


def in_globals(**kwargs):
    names = {"first": Dense(4, activation="tanh"), "second": Dense(1)}
    exec("def ahead(x): return first(x)", names)
    return Lambda(eval("lambda x: second(ahead(x))", names), **kwargs)


class Net:
    """An object that is no layer."""

    def __init__(self):
        self.layers = [Dense(4, activation="tanh"), Dense(1)]

    def run(self, x):
        return self.layers[1](self.layers[0](x))


def in_a_method(**kwargs):
    return Lambda(Net().run, **kwargs)


WAYS = {**BLOCKS, **{f.__name__: f for f in (in_a_lambda, in_a_function_of_a_lambda, in_globals, in_a_method)}}


@pytest.mark.parametrize("name", WAYS)
def test_inner_layers_belong_to_their_owner(name, tmp_path):
    model = Sequential([WAYS[name](input_shape=(3,))])
    block = model.layers[0]
    assert model.count_params() == block.count_params() == 21
    order = [w.name for w in block.weights]
    assert order == [w.name for w in model.trainable_weights]
    assert name not in BLOCKS or [w.shape for w in block.weights] == [(3, 4), (4,), (4, 1), (1,)]
    model.compile("adam", "mse")
    before = model.get_weights()
    model.train_on_batch(X, Y)
    assert all((old != new).any() for old, new in zip(before, model.get_weights()))
    model.save_weights(tmp_path / "weights.h5")
    again = Sequential([WAYS[name](input_shape=(3,))])
    again.load_weights(tmp_path / "weights.h5")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    block.trainable = False
    assert model.trainable_weights == [] and [w.name for w in block.weights] == order
    assert len(model.non_trainable_weights) == 4


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_comes_back_with_its_training_state(name, tmp_path):
    model = Sequential([Dense(3, input_dim=3), BLOCKS[name]()])
    model.compile("adam", "mse")
    model.train_on_batch(X, Y)
    model.save(tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5", custom_objects=BLOCKS)
    assert [model.train_on_batch(X, Y) for _ in range(2)] == [again.train_on_batch(X, Y) for _ in range(2)]


@pytest.mark.parametrize("name", ["InList", "InBuild", "InNestedDictionary", "WithACycle"])
def test_a_block_is_copied_and_pickled_with_its_layers(name):
    block = BLOCKS[name]()
    block(X)
    for twin in (copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
        np.testing.assert_array_equal(twin(X), block(X))
        assert len(twin.weights) == 4 and not set(twin.weights) & set(block.weights)


class Rich(Layer):
    """Inner layers of every kind that adds to the training: penalty, constraint, statistics, dropout."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = Dense(3, W_regularizer="l2", W_constraint=constraints.MaxNorm(0.5), activity_regularizer="l2")
        self.norm, self.drop = BatchNormalization(), Dropout(0.5)

    def call(self, x, mask=None):
        return self.drop(self.norm(self.dense(x)))


def test_penalties_constraints_updates_and_phases_work_within():
    inside = Sequential([Rich(input_shape=(3,))])
    apart = Sequential(
        [
            Dense(3, input_dim=3, W_regularizer="l2", W_constraint=constraints.MaxNorm(0.5), activity_regularizer="l2"),
            BatchNormalization(),
        ]
    )
    inside.layers[0].drop.p = 0.0
    apart.set_weights(inside.get_weights())
    targets = np.ones((32, 3))
    for model in (inside, apart):
        model.compile("sgd", "mse")
    for _ in range(3):
        assert inside.train_on_batch(X, targets) == pytest.approx(apart.train_on_batch(X, targets), rel=1e-5)
    for ours, theirs in zip(inside.get_weights(), apart.get_weights()):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    layer = inside.layers[0]
    assert layer.uses_learning_phase and inside.uses_learning_phase and not layer.stateful
    assert len(layer.losses) == 2 and len(layer.get_losses_for(None)) == 1 and len(inside.losses) == 2
    assert (np.linalg.norm(layer.dense.get_weights()[0], axis=0) < 0.501).all()


class Recalling(Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cells = {"forward": LSTM(2, stateful=True)}

    def call(self, x, mask=None):
        return self.cells["forward"](x)


def test_states_of_inner_layers_are_kept_and_reset():
    model = Sequential([Recalling(batch_input_shape=(4, 5, 3))])
    x = np.random.RandomState(1).randn(4, 5, 3)
    first, second = model.predict(x, batch_size=4), model.predict(x, batch_size=4)
    assert model.stateful and model.layers[0].stateful and not np.allclose(first, second)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x, batch_size=4), first)


class Reader(Layer):
    supports_masking = True

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.words, self.walk = Embedding(9, 4, mask_zero=True), SimpleRNN(3)

    def call(self, x, mask=None):
        return self.walk(self.words(x))

    def compute_mask(self, x, mask=None):
        return None


class Walker(Reader):
    def call(self, x, mask=None):
        return self.walk(x)


def test_masks_pass_from_one_inner_layer_to_the_next():
    words = np.array([[1, 2, 0, 0], [3, 4, 5, 0]])
    inside, apart = (
        Sequential([Reader(input_shape=(4,))]),
        Sequential([Embedding(9, 4, mask_zero=True, input_length=4), SimpleRNN(3)]),
    )
    apart.set_weights(inside.get_weights())
    np.testing.assert_allclose(inside.predict(words), apart.predict(words), rtol=1e-5)
    steps = np.random.RandomState(1).randn(2, 5, 3)
    steps[:, 3:] = 0
    inside, apart = (Sequential([Masking(input_shape=(5, 3)), layer]) for layer in (Walker(), SimpleRNN(3)))
    apart.set_weights(inside.get_weights())
    np.testing.assert_allclose(inside.predict(steps), apart.predict(steps), rtol=1e-5)


class Tied(Layer):
    """The transposed weights of a layer that stands in the model itself."""

    def __init__(self, other, **kwargs):
        self.other = other
        super().__init__(**kwargs)

    def call(self, x, mask=None):
        return K.dot(x, K.transpose(self.other.W))


def test_a_layer_that_stands_in_the_model_is_no_second_time_in_its_files(tmp_path):
    def made():
        dense = Dense(2, input_dim=3)
        return Sequential([dense, Tied(dense)])

    import h5py

    model, again = made(), made()
    model.compile("sgd", "mse")
    assert model.count_params() == 8 and len(model.get_weights()) == 2
    model.train_on_batch(X, X)
    model.save_weights(tmp_path / "weights.h5")
    with h5py.File(tmp_path / "weights.h5") as file:
        assert [len(file[layer.name]) for layer in model.layers] == [2, 0]
    again.load_weights(tmp_path / "weights.h5")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    model.layers[1].trainable = False
    assert len(model.trainable_weights) == 2


def test_both_directions_have_inner_layers_of_their_own():
    layer = Bidirectional(SimpleRNN(3, return_sequences=True, activation=Dense(3)), input_shape=(4, 3))
    model = Sequential([layer])
    assert model.count_params() == 2 * (21 + 12) and len(set(model.weights)) == 10


def test_a_wrapped_block_is_built_and_counted():
    model = Sequential([TimeDistributed(InList(), input_shape=(4, 3))])
    assert model.count_params() == 21 and model.output_shape == (None, 4, 1)


def test_untracked_layers_stay_as_they_are():
    teacher = Dense(1)
    teacher(X)

    class Student(Layer):
        def __init__(self, **kwargs):
            self.teachers = untracked([teacher])
            self.own = Dense(1)
            super().__init__(**kwargs)

        def call(self, x, mask=None):
            return self.own(x) - self.teachers[0](x)

    model = Sequential([Student(input_shape=(3,))])
    before = teacher.get_weights()
    model.compile("sgd", "mse")
    model.train_on_batch(X, Y)
    assert model.count_params() == 4
    np.testing.assert_array_equal(teacher.get_weights()[0], before[0])


class MadeInCall(Layer):
    def call(self, x, mask=None):
        return Dense(3)(x)


def test_a_layer_that_nobody_keeps_is_an_error_that_says_what_to_do():
    for make in (MadeInCall, lambda **kwargs: Lambda(lambda x: Dense(3)(x), **kwargs)):
        with pytest.raises(RuntimeError, match=r"Dense.*does not keep it.*neither trained nor saved.*__init__"):
            Sequential([make(input_shape=(3,))])
    with pytest.raises(RuntimeError, match="does not keep it"):
        MadeInCall()(X)
    x = Input((3,))
    model, judge = Model(x, Dense(3)(x)), Dense(1)
    model.compile("sgd", lambda y, p: K.square(judge(p)))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="a loss, a metric or another function.*Input"):
            model.train_on_batch(X, X)
    judge(Input((3,)))
    model.train_on_batch(X, X)


def test_layers_without_weights_may_be_made_anywhere():
    model = Sequential([Lambda(lambda x: Dropout(0.5)(x), input_shape=(3,)), Dense(1)])
    assert model.predict(X).shape == (32, 1)


def test_unknown_sizes_of_a_trace_make_no_weights():
    class Wide(Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.walk = LSTM(2, stateful=True)

        def call(self, x, mask=None):
            return self.walk(x)

    with pytest.raises(ValueError, match="fixed batch size"):
        Sequential([Wide(input_shape=(5, 3))])
