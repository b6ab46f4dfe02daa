"""Wrong calls: each gives one clear error that names what is wrong and what to do, and changes nothing."""

import importlib.util

import numpy as np
import pytest

from horngate import backend as K
from horngate.callbacks import EarlyStopping, LearningRateScheduler
from horngate.layers import Activation, Convolution2D, Dense, Input, Lambda, merge
from horngate.models import Model, Sequential
from horngate.optimizers import SGD


def classifier(compiled=True, loss="categorical_crossentropy"):
    model = Sequential([Dense(4, input_dim=3, activation="relu"), Dense(2, activation="softmax", name="out")])
    if compiled:
        model.compile("sgd", loss)
    return model


def images(**options):
    return Sequential([Convolution2D(2, 3, 3, **options)])


def two():
    x = Input((3,))
    return Model(x, [Dense(2, name="a")(x), Dense(2, name="b")(x)])


def trained(model, **options):
    model.compile("sgd", "mse")
    model.fit(X, [Y, Y], verbose=0, **options)


def drawn(batches, **options):
    classifier().fit_generator(batches(), 8, 1, verbose=0, **options)


X, Y = np.random.randn(8, 3), np.eye(2)[np.arange(8) % 2]

WRONG_CALLS = {
    "an unknown activation": (lambda: Dense(3, activation="relo"), ["relo", "relu"]),
    "an unknown initialization": (lambda: Dense(3, init="glorot_unifrm"), ["glorot_unifrm", "glorot_uniform"]),
    "an unknown argument": (lambda: Dense(3, activatoin="relu"), ["Dense", "activatoin", "activation"]),
    "a missing argument": (lambda: Dense(), ["Dense", "output_dim"]),
    "an unknown loss": (
        lambda: classifier(False).compile("sgd", "categorical_crosentropy"),
        ["categorical_crossentropy"],
    ),
    "no loss": (lambda: classifier(False).compile("sgd", None), ["loss", "out"]),
    "an unknown optimizer": (lambda: classifier(False).compile("adm", "mse"), ["adm", "adam"]),
    "an unknown metric": (lambda: classifier(False).compile("sgd", "mse", metrics=["acuracy"]), ["acuracy"]),
    "an unknown output name": (lambda: classifier(False).compile("sgd", {"ot": "mse"}), ["ot", "out"]),
    "an unknown argument of compile": (lambda: classifier(False).compile("sgd", "mse", metric=["acc"]), ["metric"]),
    "an unknown layer": (lambda: classifier().get_layer("ut"), ["ut", "out"]),
    "fit before compile": (lambda: classifier(False).fit(X, Y), ["compile"]),
    "evaluate before compile": (lambda: classifier(False).evaluate(X, Y), ["compile"]),
    "a wrong number of columns": (lambda: classifier().fit(X[:, :2], Y), ["(any, 3)", "(8, 2)"]),
    "a wrong rank": (lambda: classifier().fit(X[:, :, None], Y), ["2 dimensions", "(8, 3, 1)"]),
    "targets of a wrong shape": (lambda: classifier(loss="mse").fit(X, Y[:, :1]), ["(any, 2)", "(8, 1)"]),
    "labels where columns are needed": (lambda: classifier().fit(X, Y[:, :1]), ["to_categorical", "sparse"]),
    "arrays of different lengths": (lambda: classifier().fit(X, Y[:5]), ["8", "5", "same number"]),
    "empty data": (lambda: classifier().fit(X[:0], Y[:0]), ["empty"]),
    "text as data": (lambda: classifier().fit(np.array([["a", "b", "c"]] * 8), Y), ["numbers"]),
    "ragged data": (lambda: classifier().fit(np.array([[1], [1, 2]], dtype=object), Y[:2]), ["pad_sequences"]),
    "a list of batches": (
        lambda: classifier().fit([(X[:4], Y[:4]), (X[4:], Y[4:])]),
        ["list of batches", "concatenate"],
    ),
    "inputs and targets in one": (lambda: classifier().fit((X, Y)), ["two arguments"]),
    "a list of samples": (lambda: classifier().fit(list(X), list(Y)), ["np.stack"]),
    "samples of unequal shapes": (lambda: classifier().fit([X[0], X[0, :2]], Y[:2]), ["pad_sequences"]),
    "images without channels": (
        lambda: images(dim_ordering="th", input_shape=(1, 9, 9)).predict(np.zeros((2, 9, 9))),
        ["x[:, None]"],
    ),
    "an input shape without channels": (
        lambda: images(dim_ordering="tf", input_shape=(9, 9)),
        ["x[..., None]", "input_shape=(9, 9, 1)"],
    ),
    "channels at the other end": (
        lambda: images(dim_ordering="tf", input_shape=(9, 9, 3)).predict(np.zeros((2, 3, 9, 9))),
        ["np.moveaxis(x, 1, -1)"],
    ),
    "an axis too many": (lambda: classifier().predict(X[:, None]), ["np.squeeze(x, 1)"]),
    "too many arrays": (lambda: classifier().fit([X, X], Y), ["expected 1 arrays", "2"]),
    "no data": (lambda: classifier().predict(None), ["no data"]),
    "a wrong weight length": (lambda: classifier().fit(X, Y, sample_weight=np.ones(5)), ["(5,)", "(8, 2)"]),
    "a class without a weight": (lambda: classifier().fit(X, Y, class_weight={0: 1.0}), ["class 1"]),
    "an impossible split": (lambda: classifier().fit(X, Y, validation_split=1.5), ["validation_split", "1.5"]),
    "an unknown argument of fit": (lambda: classifier().fit(X, Y, nb_epochs=3), ["nb_epochs", "nb_epoch"]),
    "weights of a wrong shape": (lambda: classifier().set_weights([np.ones((3, 4))] * 4), ["dense", "(4,)"]),
    "text for a weight": (
        lambda: Sequential([Dense(1, input_dim=1)]).set_weights([[["a"]], [0.0]]),
        ["takes numbers", "<U1"],
    ),
    "text for a loss": (lambda: classifier(loss=lambda y, z: "x").fit(X, Y, verbose=0), ["gave 'x'"]),
    "inputs of unequal numbers to predict from": (
        lambda: Model([(a := Input((3,))), (b := Input((3,)))], merge([a, b], mode="sum")).predict([X, X[:1]]),
        ["same number of samples", "[8, 1]"],
    ),
    "an item of four from a generator": (
        lambda: drawn(lambda: iter([(X, Y, Y, Y)])),
        ["tuple of ndarray of shape (8, 3)"],
    ),
    "too few weights": (lambda: classifier().set_weights([]), ["4 weights"]),
    "a first layer without a shape": (lambda: Sequential([Dense(3)]).build(), ["input_shape", "build"]),
    "a class instead of a layer": (lambda: Sequential([Dense]), ["parentheses"]),
    "popping nothing": (lambda: Sequential().pop(), ["empty"]),
    "an empty model": (lambda: Sequential().compile("sgd", "mse"), ["empty"]),
    "an input that is no tensor": (lambda: Model(X, X), ["Input"]),
    "a disconnected graph": (lambda: Model(Input((3,)), Dense(2)(Input((3,)))), ["disconnected", "input"]),
    "merging different shapes": (lambda: merge([Input((3,)), Input((4,))], mode="sum"), ["same shape", "(None, 4)"]),
    "an unknown merge mode": (lambda: merge([Input((3,)), Input((3,))], mode="sums"), ["sums", "sum"]),
    "input shape without a comma": (lambda: Input(shape=(784)), ["tuple", "784"]),
    "an unknown border mode": (
        lambda: __import__("horngate.layers").layers.Convolution2D(3, 2, 2, border_mode="some"),
        ["border_mode", "same"],
    ),
    "a generator of inputs alone": (lambda: drawn(lambda: iter([X])), ["(x, y)", "ndarray"]),
    "arrays as a generator": (lambda: classifier().fit_generator(X, 8, 1), ["next()", "ndarray", "fit"]),
    "no samples to draw": (lambda: classifier().fit_generator(iter([]), 0, 1), ["above 0", "0"]),
    "no workers": (lambda: drawn(lambda: iter([]), nb_worker=0), ["nb_worker", "0"]),
    "no queue": (lambda: drawn(lambda: iter([]), max_q_size=0), ["max_q_size", "0"]),
    "a validation generator without its size": (
        lambda: drawn(lambda: iter([(X, Y)]), validation_data=iter([(X, Y)])),
        ["nb_val_samples"],
    ),
    "targets beside an iterable": (lambda: classifier().fit(iter([(X, Y)]), Y), ["list_iterator", "leave y"]),
    "a batch size of 0": (lambda: classifier().fit(X, Y, batch_size=0), ["batch_size", "at least 1", "0"]),
    "part of an epoch": (lambda: classifier().fit(X, Y, nb_epoch=1.5), ["nb_epoch", "whole number", "1.5"]),
    "an unknown way to shuffle": (lambda: classifier().fit(X, Y, shuffle="batches"), ["shuffle", "'batch'"]),
    "a callback without brackets": (lambda: classifier().fit(X, Y, callbacks=EarlyStopping()), ["list", "brackets"]),
    "a callback's class": (lambda: classifier().fit(X, Y, callbacks=[EarlyStopping]), ["EarlyStopping()"]),
    "a schedule without a number": (
        lambda: classifier().fit(X, Y, callbacks=[LearningRateScheduler(lambda epoch: None)]),
        ["number", "None"],
    ),
    "validation data without targets": (lambda: classifier().fit(X, Y, validation_data=X), ["validation_data"]),
    "loss weights of an unknown output": (lambda: two().compile("sgd", "mse", loss_weights={"c": 1}), ["'c'", "a, b"]),
    "one loss weight for two outputs": (lambda: two().compile("sgd", "mse", loss_weights=2), ["loss_weights", "2"]),
    "metrics of an unknown output": (lambda: two().compile("sgd", "mse", {"c": ["acc"]}), ["'c'", "a, b"]),
    "metrics that are no list": (lambda: two().compile("sgd", "mse", metrics="acc"), ["list", "acc"]),
    "steps of an output without": (
        lambda: two().compile("sgd", "mse", sample_weight_mode="temporal"),
        ["temporal", "(None, 2)"],
    ),
    "weights of steps": (lambda: classifier().fit(X, Y, sample_weight=np.ones((8, 2))), ["sample_weight_mode"]),
    "class weights for one of two": (
        lambda: trained(two(), class_weight={0: 1, 1: 1}),
        ["class_weight", "'a', 'b'", "dictionary"],
    ),
    "sample weights for one of two": (lambda: trained(two(), sample_weight=np.ones(8)), ["sample_weight", "'a', 'b'"]),
    "a class number too large": (
        lambda: classifier(loss="sparse_categorical_crossentropy").fit(X, np.full((8, 1), 5)),
        ["0 to 1", "5"],
    ),
    "a loss that returns nothing": (lambda: classifier(loss=lambda y, p: None).fit(X, Y), ["loss", "None"]),
    "a rate in words": (lambda: SGD(lr="fast"), ["SGD", "lr", "fast"]),
    "no accumulation at all": (lambda: SGD(gradient_accumulation_steps=0), ["gradient_accumulation_steps", "0"]),
    "an average beyond 1": (lambda: SGD(ema_momentum=2), ["ema_momentum", "above 0 and below 1"]),
    "a scale in words": (lambda: SGD(loss_scale="big"), ["loss_scale", "dynamic"]),
    "a negative norm": (lambda: SGD(clipnorm=-1), ["clipnorm", "-1"]),
    "an unknown number type": (lambda: K.set_floatx("mixed_float8"), ["mixed_float8", "mixed_bfloat16"]),
    "averages that nobody keeps": (lambda: classifier().averaged_weights().__enter__(), ["ema_momentum"]),
    "an activation without a name": (lambda: Activation(), ["Activation", "activation"]),
}


@pytest.mark.parametrize("what", WRONG_CALLS)
def test_error_says_what_is_wrong(what):
    call, words = WRONG_CALLS[what]
    with pytest.raises((ValueError, TypeError, RuntimeError)) as caught:
        call()
    for word in words:
        assert word in str(caught.value), f"{word!r} is missing in: {caught.value}"


def test_a_refused_call_changes_nothing():
    model = classifier()
    model.train_on_batch(X, Y)
    before, iterations = model.get_weights(), float(model.optimizer.iterations)
    for wrong in (
        lambda: model.fit(X, Y[:3]),
        lambda: model.train_on_batch(X[:, :1], Y),
        lambda: model.compile("sgd", "ms"),
    ):
        with pytest.raises(ValueError):
            wrong()
    for weight, old in zip(model.get_weights(), before):
        np.testing.assert_array_equal(weight, old)
    assert float(model.optimizer.iterations) == iterations
    model.train_on_batch(X, Y)


@pytest.mark.parametrize(
    "function",
    [
        lambda y, p: np.sin(p - y),
        lambda y, p: p if K.sum(p) > 0 else y,
        lambda y, p: p if p > 0 else y,
        lambda y, p: p * float(K.sum(p)),
        lambda y, p: p.numpy(),
        lambda y, p: np.concatenate([p, y]),
    ],
)
def test_functions_that_ask_for_values_are_told_what_to_use(function):
    for train in (
        lambda: classifier(loss=function).fit(X, Y, verbose=0),
        lambda: Sequential([Lambda(lambda x: function(x, x), input_shape=(3,))]).predict(X),
    ):
        with pytest.raises(TypeError, match="K.switch in the place of `if`"):
            train()


def test_functions_of_numpy_work_on_symbols():
    x = K.placeholder((None, 3))
    for y, expected in ((np.sin(x), np.sin(X)), (np.add(1.0, x), 1 + X), (X - x, 0 * X), (np.float32(2) * x, 2 * X)):
        np.testing.assert_allclose(K.function([x], [y])([X])[0], expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(TypeError, match="np.add needs its value"):
        np.add.reduce(x)


@pytest.mark.parametrize(
    "line, meant",
    [
        ("from horngate.layer import Dense", "layers"),
        ("import horngate.optimisers", "optimizers"),
        ("from horngate import optimisers", "optimizers"),
        ("from horngate.layers import Dens", "Dense"),
        ("from horngate.layers.cor import Dense", "core"),
        ("from horngate.datasets import mnst", "mnist"),
        ("from horngate.keras3.layers import Dens", "Dense"),
        ("from horngate.keras3.layer import Dense", "layers"),
    ],
)
def test_imports_name_what_is_meant(line, meant):
    with pytest.raises(ImportError, match=f"Did you mean '{meant}'"):
        exec(line)


def test_a_question_for_a_module_is_answered():
    assert importlib.util.find_spec("horngate.optimisers") is None
    assert not hasattr(importlib.import_module("horngate.layers"), "optimisers")
