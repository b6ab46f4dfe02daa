"""What is frozen when a model is saved or loaded changes nothing but what is trained; slots belong to weights."""

import itertools
import json
import warnings

import h5py
import numpy as np
import pytest

from horngate.layers import (
    GRU,
    BatchNormalization,
    Bidirectional,
    Convolution2D,
    Dense,
    Flatten,
    Input,
    Layer,
    TimeDistributed,
)
from horngate.models import Graph, Model, Sequential, load_model, model_from_json
from horngate.saving.formats import writer_for
from horngate.saving.stored_weights import StoredArray, StoredLayer, StoredWeights
from horngate.saving.weights import weights_of

X = np.random.RandomState(0).randn(16, 3).astype("float32") * 3 + 2
Y = X[:, :1] + 1


def chain():
    return Sequential([Dense(3, input_dim=3), BatchNormalization(), Dense(3), Dense(1)])


def nested():
    x = Input((3,))
    core = Sequential([Dense(3, input_dim=3), BatchNormalization(), Dense(3)], name="core")
    return Model(x, Dense(1)(core(x)))


def nested_twice():
    inner = Sequential([BatchNormalization(input_shape=(3,)), Dense(3)])
    return Sequential([Sequential([inner, Dense(3), BatchNormalization()]), Dense(1)])


def wrapped():
    x = Input((3,))
    inner = Sequential([Dense(3, input_dim=3), BatchNormalization()])
    steps = TimeDistributed(inner)(Convolved()(x))
    return Model(x, Dense(1)(Flatten()(Bidirectional(GRU(3, return_sequences=True))(steps))))


class Convolved(Layer):
    """Two steps of three features."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.parts = [Dense(6), BatchNormalization()]

    def call(self, x, mask=None):
        return self.parts[1](self.parts[0](x)).reshape((-1, 2, 3))

    def get_output_shape_for(self, shape):
        return (shape[0], 2, 3)


MODELS = {f.__name__: f for f in (chain, nested, nested_twice, wrapped)}


def single_layers(model):
    """All layers of a model that can be frozen, those within others too."""
    from horngate.engine.sublayers import with_sublayers

    return [layer for layer in with_sublayers(model) if layer.weights and layer is not model]


def freeze(model, number):
    """Freeze every third layer, beginning at `number`; 3 stands for none."""
    for place, layer in enumerate(single_layers(model)):
        layer.trainable = number == 3 or place % 3 != number


def filled(make):
    """A model of random weights, no two alike."""
    model, draw = make(), np.random.RandomState(0)
    model.set_weights([1 + draw.rand(*value.shape) for value in model.get_weights()])
    return model


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("ending", ["h5", "safetensors"])
def test_files_do_not_depend_on_what_is_frozen(name, ending, tmp_path):
    model, path = filled(MODELS[name]), tmp_path / f"weights.{ending}"
    values = model.get_weights()
    other = MODELS[name]()
    for before, after in itertools.product(range(4), repeat=2):
        freeze(model, before)
        freeze(other, after)
        model.save_weights(path)
        other.set_weights([0 * value for value in values])
        other.load_weights(path)
        for ours, theirs in zip(values, other.get_weights()):
            np.testing.assert_array_equal(theirs, ours)
        other.set_weights(model.get_weights())
        assert [w.name for w in model.weights] == [w.name for w in sum_of_kinds(model)]


def sum_of_kinds(model):
    """All weights from the two lists that depend on what is frozen, each once, as `weights` has them."""
    both = {*model.trainable_weights, *model.non_trainable_weights}
    assert len(both) == len(model.trainable_weights) + len(model.non_trainable_weights)
    return [weight for weight in model.weights if weight in both]


def test_the_order_is_that_of_the_unfrozen_model_in_keras_1():
    core = Sequential([BatchNormalization(input_shape=(3,), name="n"), Dense(3, name="d")], name="core")
    model = Sequential([core, Dense(1, name="e")])
    for part in (None, core, core.layers[0], core.layers[1]):
        if part is not None:
            part.trainable = False
        layers = weights_of(Model(model.input, model.output)).layers
        written = [[array.name for array in layer.arrays] for layer in layers]
        assert written[1:] == [["n_gamma", "n_beta", "d_W", "d_b", "n_running_mean", "n_running_std"], ["e_W", "e_b"]]


def as_of_old(layer, of_keras):
    """The weights of a layer as Keras 1 and the first horngate ordered them: what is trained before what is frozen."""
    if layer._is_graph or hasattr(layer, "held"):
        inner = [as_of_old_kinds(leaf, of_keras, layer.trainable) for leaf in leaves(layer)]
        return [w for kind in zip(*inner) for weights in kind for w in weights]
    return [w for weights in as_of_old_kinds(layer, of_keras, True) for w in weights]


def as_of_old_kinds(leaf, of_keras, trainable):
    ours, never = leaf._trainable_weights, leaf._non_trainable_weights
    if leaf.trainable and trainable:
        return ours, never
    return [], ours + never if of_keras else never + ours


def write_as_of_old(path, layers):
    """A file of (name, weights) of each layer, which does not say that their order is that of unfrozen layers."""
    stored = [StoredLayer(name, [StoredArray(w.shape, w.get_value, w.name) for w in ws]) for name, ws in layers]
    writer_for(path)(path, StoredWeights(stored))


def leaves(layer):
    from horngate.engine.sublayers import with_sublayers

    return [leaf for leaf in with_sublayers(layer) if leaf._trainable_weights]


@pytest.mark.parametrize("of_keras", [True, False])
@pytest.mark.parametrize("ending", ["h5", "safetensors"])
@pytest.mark.parametrize("name", ["chain", "nested", "nested_twice"])
def test_files_of_old_that_were_written_frozen_are_read_by_their_names(name, ending, of_keras, tmp_path):
    model = filled(MODELS[name])
    for number in range(4):
        for place, layer in enumerate(single_layers(model)):
            layer.trainable = leaves(layer) != [layer] or number == 3 or place % 3 != number
        path = tmp_path / f"{number}.{ending}"
        write_as_of_old(path, [(layer.name, as_of_old(layer, of_keras)) for layer in model.flattened_layers])
        for numbers in (0, 7):  # layers are numbered otherwise in another program
            for _ in range(numbers):
                Dense(1), BatchNormalization()
            other = MODELS[name]()
            other.load_weights(path)
            for ours, theirs in zip(model.get_weights(), other.get_weights()):
                np.testing.assert_array_equal(theirs, ours)


def test_names_alone_move_nothing(tmp_path):
    """Weights stand in a file in the order of the layers; a name that happens to be another layer's says nothing."""
    first, second = (
        Sequential([Dense(3, input_dim=3, name=a), BatchNormalization(name=b), Dense(3, name=c)])
        for a, b, c in (("p", "q", "r"), ("r", "q", "p"))
    )
    write_as_of_old(tmp_path / "weights.h5", [("m", first.weights)])
    x = Input((3,))
    model = Model(x, second(x))
    model.load_weights(tmp_path / "weights.h5")
    for ours, theirs in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(theirs, ours)


# trainable in configurations


def frozen_models():
    x = Input((3,))
    core = Sequential([Dense(3, input_dim=3)], name="core")
    core.trainable = False
    yield Sequential([core, Dense(1)])
    yield Model(x, Dense(1)(core(x)))
    inner = Model(x, Dense(3)(x))
    inner.trainable = False
    yield Sequential([Sequential([inner, Dense(3)]), Dense(1)])
    yield Sequential([TimeDistributed(core, input_shape=(2, 3)), Dense(1)])
    whole = Sequential([Dense(3, input_dim=3), Dense(1)])
    whole.trainable = False
    yield whole
    graph = Graph()
    graph.add_input(name="a", input_shape=(3,))
    graph.add_node(core, name="n", input="a")
    graph.add_output(name="out", input="n")
    yield graph


@pytest.mark.parametrize("number", range(6))
def test_frozen_containers_come_back_frozen(number):
    model = list(frozen_models())[number]
    text = model.to_json()
    again = model_from_json(text)
    names = [w.name for w in model.trainable_weights]
    assert [w.name for w in again.trainable_weights] == names and len(names) < len(model.weights)
    for kept in (again, type(model).from_config(model.get_config())):
        for layer in (kept, *single_layers(kept)):
            layer.trainable = True
        assert len(kept.trainable_weights) == len(model.weights)


def test_nothing_is_said_of_what_is_not_frozen():
    assert "model_trainable" not in nested_twice().to_json()
    assert "trainable" not in json.loads(nested().to_json())["config"]


# the optimizer's state


def adversary():
    judge = Sequential([Dense(3, input_dim=3), Dense(3), Dense(1)])
    judge.compile("adam", "mse")
    judge.train_on_batch(X, Y)
    judge.trainable = False
    gan = Sequential([Dense(3, input_dim=3), Dense(3), judge])
    gan.compile("adam", "mse")
    gan.train_on_batch(X, Y)
    return judge, gan


def goes_on_alike(model, again):
    return [model.train_on_batch(X, Y) for _ in range(3)] == [again.train_on_batch(X, Y) for _ in range(3)]


def read(path):
    """A model from a file, and what was warned of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        return load_model(path), [str(warning.message) for warning in said]


def test_a_gan_goes_on_where_it_was(tmp_path):
    judge, gan = adversary()
    gan.save(tmp_path / "gan.h5")
    again, said = read(tmp_path / "gan.h5")
    assert said == [] and len(again.trainable_weights) == 4 and not again.layers[2].trainable
    assert goes_on_alike(gan, again)


CHANGES = {
    "frozen after compile": (lambda model: setattr(model.layers[0], "trainable", False), lambda model: None),
    "frozen whole": (lambda model: setattr(model, "trainable", False), lambda model: None),
    "thawed after compile": (
        lambda model: setattr(model.layers[0], "trainable", True),
        lambda model: setattr(model.layers[0], "trainable", False),
    ),
    "another of the same shape": (
        lambda model: [setattr(model.layers[i], "trainable", bool(i)) for i in (0, 1)],
        lambda model: setattr(model.layers[1], "trainable", False),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_set_of_trained_weights_warns_and_starts_the_optimizer_anew(change, tmp_path):
    model = Sequential([Dense(3, input_dim=3), Dense(3), Dense(1)])
    after, before = CHANGES[change]
    before(model)
    model.compile("adam", "mse")
    model.optimizer.lr = 0.5
    model.train_on_batch(X, Y)
    after(model)
    model.save(tmp_path / "model.h5")
    again, said = read(tmp_path / "model.h5")
    assert len(said) == 1 and "starts anew" in said[0] and "_W" in said[0], said
    assert float(again.optimizer.lr) == 0.5 and float(again.optimizer.iterations) == 0
    assert all((array == 0).all() for array in again.optimizer.get_weights())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert [w.name for w in again.trainable_weights] == [w.name for w in model.trainable_weights]


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nadam", "adadelta"])
def test_files_that_name_no_weights_are_taken_in_order_if_all_fits(optimizer, tmp_path):
    model = Sequential([Dense(3, input_dim=3), Dense(2), Dense(1)])
    model.layers[1].trainable = False
    model.compile(optimizer, "mse")
    model.train_on_batch(X, Y)
    model.save(tmp_path / "model.h5")
    forget_names(tmp_path / "model.h5")
    again, said = read(tmp_path / "model.h5")
    assert said == [] and goes_on_alike(model, again)
    model.layers[0].trainable = False
    model.save(tmp_path / "model.h5")
    forget_names(tmp_path / "model.h5")
    again, said = read(tmp_path / "model.h5")
    assert len(said) == 1 and "starts anew" in said[0] and "shapes" in said[0]


def forget_names(path):
    with h5py.File(path, "a") as file:
        group = file["optimizer_weights"]
        for name in ("trained_places", "slot_places"):
            del group[name]
        del group.attrs["trained_weights"]


OPTIONS = [{"gradient_accumulation_steps": 2}, {"ema_momentum": 0.9}, {"clipnorm": 1.0}]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_slots_find_their_weights_whatever_their_order(options, tmp_path):
    """Inner layers are numbered anew when they are made again, so names sort otherwise: dense_10 before dense_9."""
    from horngate.backend.graph import name_from, naming
    from horngate.optimizers import Adam

    class Pair(Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.pair = [Dense(3), Dense(3)]

        def call(self, x, mask=None):
            return self.pair[1](self.pair[0](x))

    numbers = naming()
    name_from({**numbers, "dense": 7})
    model = Sequential([Pair(input_shape=(3,)), Dense(1, name="last")])
    model.compile(Adam(**options), "mse")
    for _ in range(3):
        model.train_on_batch(X, Y)
    model.save(tmp_path / "model.h5")
    name_from({**numbers, "dense": 8})
    again = load_model(tmp_path / "model.h5", custom_objects={"Pair": Pair})
    name_from(numbers)
    orders = [[w.name for w in m._collected_trainable_weights[:4:2]] for m in (model, again)]
    assert orders == [["dense_8_W", "dense_9_W"], ["dense_10_W", "dense_9_W"]]
    assert goes_on_alike(model, again)


def test_weights_of_a_frozen_convolution_and_of_by_name_are_read(tmp_path):
    def made():
        return Sequential(
            [
                Convolution2D(2, 2, 2, input_shape=(4, 4, 1), dim_ordering="tf", name="c"),
                BatchNormalization(name="n"),
                Flatten(),
                Dense(1, name="d"),
            ]
        )

    model, again = made(), made()
    model.layers[1].trainable = False
    again.layers[0].trainable = False
    model.save_weights(tmp_path / "weights.h5")
    again.load_weights(tmp_path / "weights.h5", by_name=True)
    for ours, theirs in zip(model.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(theirs, ours)


@pytest.mark.parametrize("suffix", ["h5", "safetensors"])
def test_names_that_a_chain_shares_with_its_first_model(suffix, tmp_path):
    def chain():
        return Sequential([Sequential([Dense(3, input_dim=3, name="same")], name="front"), Dense(3, name="same")])

    ours, theirs, path = chain(), chain(), str(tmp_path / f"w.{suffix}")
    ours.save_weights(path)
    theirs.load_weights(path)
    assert all((a == b).all() for a, b in zip(ours.get_weights(), theirs.get_weights()))
