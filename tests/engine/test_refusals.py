"""What cannot be meant is refused by a sentence; what is accepted beside it has its effect."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import random
from horngate.callbacks import LearningRateScheduler
from horngate.layers import (
    LSTM,
    Activation,
    Bidirectional,
    Convolution2D,
    Dense,
    Flatten,
    Input,
    Lambda,
    Layer,
    MaxPooling2D,
    TimeDistributed,
)
from horngate.models import Model, Sequential, load_model, model_from_json, model_from_yaml
from horngate.optimizers import SGD, Adam
from horngate.saving.files import FileError

X = np.random.RandomState(0).randn(8, 4).astype("float32")
Y, ONE_HOT = X[:, :1], np.eye(2, dtype="float32")[[0, 1] * 4]


def network(loss="mse", size=1, activation=None, **options):
    model = Sequential([Dense(size, input_dim=4, activation=activation)])
    model.compile(SGD(lr=0.0), loss, **options)
    return model


def classifier():
    return network("categorical_crossentropy", 2, "softmax")


class Remaking(Layer):
    """Makes its variable anew each time it runs."""

    def call(self, x, mask=None):
        self.scale = K.variable(np.ones(4))
        self.trainable_weights = [self.scale]
        return x * self.scale


class Weighing(Layer):
    """Makes a weight while it runs."""

    def call(self, x, mask=None):
        return x * self.add_weight((4,), "one", name="w")


def train_remaking():
    model = Sequential([Remaking(input_shape=(4,)), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, nb_epoch=2, verbose=0)


def updated(value, start=0.0, dtype=None):
    variable, x = K.variable(start, dtype=dtype), K.placeholder((None, 2))
    K.function([x], [variable], updates=value(variable, x))([np.ones((1, 2))])


def holding_itself():
    model = Sequential([Dense(4, input_dim=4)])
    model.add(model)


REFUSED = {
    "other weights at each run": (train_remaking, "in build"),
    "a weight made in call": (lambda: Weighing()(Input((4,))), "in build"),
    "one loss for a batch, and weights": (
        lambda: network(lambda y, p: K.mean(K.square(y - p))).fit(X, Y, sample_weight=X[:, 0], verbose=0),
        "axis=-1",
    ),
    "a loss of whole numbers": (
        lambda: network(lambda y, p: K.cast(K.equal(y, p), "int32")).fit(X, Y, verbose=0),
        "int32",
    ),
    "an update of another shape": (lambda: updated(lambda v, x: [(v, K.sum(x, axis=0))]), "shape"),
    "two updates of a variable": (lambda: updated(lambda v, x: [(v, v + 1), (v, v + 2)]), "two updates"),
    "a fraction for an integer": (lambda: updated(lambda v, x: [(v, v + 1.5)], 0, "int32"), "int32"),
    "fewer rows": (lambda: Sequential([Lambda(lambda x: x[:2], input_shape=(4,))]).predict(X), "8 samples"),
    "no rows": (lambda: Sequential([Lambda(lambda x: K.sum(x), input_shape=(4,))]).predict(X), "8 samples"),
    "weights of NaN": (lambda: network().fit(X, Y, sample_weight=np.full(8, np.nan), verbose=0), "NaN"),
    "weights that are text": (lambda: network().fit(X, Y, sample_weight=np.array(["1"] * 8), verbose=0), "numbers"),
    "one number for weights": (lambda: network().evaluate(X, Y, sample_weight=2.0, verbose=0), "sample_weight"),
    "classes of NaN": (lambda: classifier().fit(X, ONE_HOT, class_weight={0: 1, 1: np.nan}, verbose=0), "class 1"),
    "classes of None": (lambda: classifier().fit(X, ONE_HOT, class_weight={0: 1, 1: None}, verbose=0), "class 1"),
    "classes in an array": (lambda: classifier().fit(X, ONE_HOT, class_weight=np.ones(2), verbose=0), "dictionary"),
    "classes of fractions": (lambda: network().fit(X, Y, class_weight={0: 1, 1: 2}, verbose=0), "one class"),
    "several classes at once": (
        lambda: network("binary_crossentropy", 2, "sigmoid").fit(X, ONE_HOT * 0 + 1, class_weight={0: 1}, verbose=0),
        "one class",
    ),
    "a split that is text": (lambda: network().fit(X, Y, validation_split="0.2", verbose=0), "validation_split"),
    "a loss's weight of NaN": (lambda: network(loss_weights=[float("nan")]), "loss_weights"),
    "complex numbers": (lambda: network().predict(X * 1j), "complex"),
    "times": (lambda: network().predict(np.zeros((8, 4), "datetime64[s]")), "datetime64"),
    "masked arrays": (lambda: network().predict(np.ma.masked_array(X, X > 0)), "filled"),
    "masked targets of a generator": (lambda: network().fit(iter([(X, np.ma.masked_array(Y, Y > 0))])), "filled"),
    "masked inputs of a generator": (lambda: network().evaluate(iter([(np.ma.masked_array(X, X > 0), Y)])), "filled"),
    "masked sample weights": (
        lambda: network().fit(X, Y, sample_weight=np.ma.masked_array([1.0] * 8, Y > 0)),
        "filled",
    ),
    "masked values": (lambda: network().set_weights([np.ma.masked_array(X[:, :1][:4], True), [0.0]]), "filled"),
    "a rate of NaN for an epoch": (
        lambda: network().fit(X, Y, callbacks=[LearningRateScheduler(lambda epoch: np.nan)]),
        "finite number; for epoch 0 it gave nan",
    ),
    "a key that comes twice": (
        lambda: model_from_json('{"class_name": "Model", "class_name": "Dense"}'),
        "comes twice",
    ),
    "arrays of another width": (lambda: network()(np.ones((2, 5))), "needs shape .any, 4.; received .2, 5."),
    "averages that never move": (lambda: Adam(beta_1=1.0), "beta_1"),
    "a seed between numbers": (lambda: random.normal((2,), seed=1.5), "seed"),
    "bounds that cross": (lambda: random.uniform((2,), 5, 1), "maxval"),
    "a deviation below 0": (lambda: random.normal((2,), stddev=-1.0), "stddev"),
    "a model within itself": (holding_itself, "itself"),
    "an empty model": (lambda: Sequential().predict(X), "add layers"),
    "images without channels": (lambda: Sequential([Convolution2D(4, 3, 3, input_shape=(28, 28))]), "4 dimensions"),
    "two names of one argument": (lambda: Dense(units=3, output_dim=5), "two names"),
    "two names in fit": (lambda: network().fit(X, Y, epochs=2, nb_epoch=3, verbose=0), "two names"),
    "truth as text": (lambda: LSTM(4, return_sequences="no"), "return_sequences"),
    "an optimizer's class": (lambda: network().compile(Adam, "mse"), "Adam()"),
    "a callback that is none": (lambda: network().fit(X, Y, callbacks=[3], verbose=0), "callbacks"),
    "custom objects in a list": (lambda: load_model("m.h5", [Layer]), "dictionary"),
    "trainable as text": (lambda: setattr(Dense(2), "trainable", "no"), "trainable"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused(case):
    action, words = REFUSED[case]
    with pytest.raises((ValueError, TypeError, RuntimeError, AttributeError), match=words):
        action()


def test_weights_of_samples_and_of_classes_multiply():
    model, of_samples = classifier(), np.arange(8.0)
    of_classes = np.array([1.0, 9.0])[ONE_HOT.argmax(1)]
    both = model.test_on_batch(X, ONE_HOT, sample_weight=of_samples * of_classes)
    assert model.train_on_batch(X, ONE_HOT, class_weight={0: 1, 1: 9}, sample_weight=of_samples) == pytest.approx(both)


def test_freezing_after_compile_is_said():
    model = network()
    model.layers[0].trainable = False
    with pytest.warns(UserWarning, match="call compile again"):
        model.fit(X, Y, nb_epoch=1, verbose=0)


def test_a_metric_of_nothing_is_no_number():
    loss, mae = network(metrics=["mae"]).test_on_batch(X, Y, sample_weight=np.zeros(8))
    assert loss == 0 and np.isnan(mae)


def test_a_layer_that_gives_another_shape_than_it_told_is_said():
    class Liar(Layer):
        def call(self, x, mask=None):
            return 2 * x

        def get_output_shape_for(self, shape):
            return shape[0], 7

    with pytest.warns(UserWarning, match="told the output shape"):
        Sequential([Liar(input_shape=(4,))]).predict(X)


def test_names_of_which_none_is_in_the_file_are_said(tmp_path):
    path = str(tmp_path / "w.h5")
    Sequential([Dense(2, input_dim=4, name="one")]).save_weights(path)
    with pytest.warns(UserWarning, match="nothing was loaded"):
        Sequential([Dense(2, input_dim=4, name="other")]).load_weights(path, by_name=True)


# Frozen layers within others.


class Inner(Layer):
    """Two dense layers, made when it is built."""

    def build(self, input_shape):
        self.parts = [Dense(4), Dense(4)]

    def call(self, x, mask=None):
        return self.parts[1](self.parts[0](x))


def partly_frozen():
    walk, inner = Bidirectional(LSTM(2), input_shape=(3, 4)), Inner()
    model = Sequential([walk, inner, Dense(1)])
    walk.forward_layer.trainable = inner.parts[1].trainable = False
    model.compile("adam", "mse")
    return model


@pytest.mark.parametrize("way", ["json", "yaml", "file"])
def test_layers_frozen_within_others_stay_frozen(way, tmp_path):
    model, custom, path = partly_frozen(), {"Inner": Inner}, str(tmp_path / "m.h5")
    model.save(path)
    again = {
        "json": lambda: model_from_json(model.to_json(), custom),
        "yaml": lambda: model_from_yaml(model.to_yaml(), custom),
        "file": lambda: load_model(path, custom),
    }[way]()
    flags = [weight in set(model.trainable_weights) for weight in model.weights]
    assert [weight in set(again.trainable_weights) for weight in again.weights] == flags and not all(flags)


# Files say how the images of their model stand.


def of_images(ordering, *layers):
    shape = (3, 6, 6) if ordering == "th" else (6, 6, 3)
    first = Convolution2D(3, 3, 3, input_shape=shape, dim_ordering=ordering)
    return Sequential([first, MaxPooling2D(dim_ordering=ordering), Flatten(), Dense(2)])


@pytest.mark.parametrize("suffix", ["h5", "safetensors"])
@pytest.mark.parametrize("written, read", [("th", "tf"), ("tf", "th"), ("th", "th")])
def test_files_tell_the_ordering_of_images(suffix, written, read, tmp_path):
    path, x = str(tmp_path / f"w.{suffix}"), np.random.RandomState(1).randn(2, 3, 6, 6)
    inputs = {"th": x, "tf": x.transpose(0, 2, 3, 1)}
    ours, theirs = of_images(written), of_images(read)
    ours.save_weights(path)
    theirs.load_weights(path)
    np.testing.assert_allclose(theirs.predict(inputs[read]), ours.predict(inputs[written]), atol=1e-5)


@pytest.mark.parametrize("suffix", ["h5", "safetensors"])
def test_files_tell_the_convention_of_convolutions(suffix, tmp_path):
    path, x = str(tmp_path / f"w.{suffix}"), np.random.RandomState(1).randn(2, 3, 6, 6)
    conventions = ["theano", "tensorflow"]
    before = K.conv_convention()
    try:
        K.set_conv_convention(conventions[0])
        ours = of_images("th")
        ours.save_weights(path)
        wanted = ours.predict(x)
        K.set_conv_convention(conventions[1])
        theirs = of_images("th")
        theirs.load_weights(path)
        np.testing.assert_allclose(theirs.predict(x), wanted, atol=1e-5)
    finally:
        K.set_conv_convention(before)


def test_steps_that_may_be_axes_of_images_are_not_converted(tmp_path):
    def made(ordering, shape):
        K.set_image_dim_ordering(ordering)
        return Sequential([Activation("linear", input_shape=shape), TimeDistributed(Flatten()), Flatten(), Dense(3)])

    path = str(tmp_path / "w.h5")
    made("th", (2, 4, 5)).save_weights(path)
    with pytest.raises(FileError, match="for time"):
        made("tf", (4, 5, 2)).load_weights(path, dim_ordering="th")


def test_a_model_whose_part_has_changed_says_so():
    inner = Sequential([Dense(3, input_dim=4), Dense(2)])
    x = Input((4,))
    outer = Model(x, Dense(1)(inner(x)))
    inner.pop()
    with pytest.warns(UserWarning, match="told the output shape"), pytest.raises(TypeError):
        outer.predict(X)


@pytest.mark.parametrize("kind", ["chain", "graph", "list"])
def test_models_within_models_are_bounded(kind):
    """Where they can be built they can be used: Python's stack does not end in the midst of it."""
    x, made = Input((2,)), []
    model = Model(x, Dense(2)(x))
    with pytest.raises(ValueError, match="61 models lie within each other, where 60 can"):
        for _ in range(100):
            made.append(model)
            if kind == "graph":
                x = Input((2,))
                model = Model(x, model(x))
            else:
                inner, model = model, Sequential([model] if kind == "list" else [])
                if kind == "chain":
                    model.add(inner)
    assert len(made) == 60
    made[-1].compile("sgd", "mse")
    made[-1].train_on_batch(np.ones((2, 2)), np.ones((2, 2)))
    assert model_from_json(made[-1].to_json()).predict(np.ones((2, 2))).shape == (2, 2)
