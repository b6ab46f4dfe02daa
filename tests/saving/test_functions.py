"""Functions in configurations: found again in the process that made them, and in no other; no stored code is run."""

import functools
import gc
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from horngate import activations, initializations, regularizers
from horngate import backend as K
from horngate.engine import function_keys
from horngate.layers import LSTM, Activation, Bidirectional, Dense, Input, Lambda, Merge, TimeDistributed, merge
from horngate.models import Model, Sequential, load_model, model_from_json, model_from_yaml
from horngate.utils.generic_utils import CustomObjectScope


def triple(x):
    return x * 3


def times(k):
    def scaled(x):
        return x * k

    return scaled


class Scale:
    def __init__(self, k):
        self.k = k

    def apply(self, x):
        return x * self.k

    __call__ = apply


KEPT = Scale(7), Scale(11)
FUNCTIONS = {
    "lambda": lambda: lambda x: x * 2,
    "function": lambda: triple,
    "closure": lambda: times(4),
    "default that is an array": lambda: lambda x, shift=np.arange(3.0): x + shift,
    "partial": lambda: functools.partial(lambda x, k: x * k, k=9),
    "method": lambda: KEPT[0].apply,
    "object": lambda: KEPT[1],
    "function of K": lambda: K.abs,
    "builtin": lambda: abs,
}


def again_by(way, model, path):
    if way == "config":
        return type(model).from_config(model.get_config())
    if way == "json":
        return model_from_json(model.to_json())
    if way == "yaml":
        return model_from_yaml(model.to_yaml())
    model.save(path / "model.h5")
    return load_model(path / "model.h5")


X = np.random.RandomState(0).randn(4, 3)


def check(model, data, path, ways=("config", "json", "yaml", "file")):
    for way in ways:
        again = again_by(way, model, path)
        again.set_weights(model.get_weights())
        np.testing.assert_array_equal(again.predict(data), model.predict(data), err_msg=way)


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_a_lambda_comes_back(kind, tmp_path):
    function = FUNCTIONS[kind]()
    model = Sequential([Dense(3, input_dim=3), Lambda(function)])
    check(model, X, tmp_path, ["json"])
    again = model_from_json(model.to_json())
    assert again.layers[1].function == function and again.get_config() == model.get_config()


def test_functions_that_look_alike_are_not_swapped(tmp_path):
    alike = [lambda x: x * 2, lambda x: x * 5, times(2), times(3), KEPT[0].apply, KEPT[1].apply]
    model = Sequential([Lambda(alike[0], input_shape=(3,)), *map(Lambda, alike[1:])])
    for way in ("config", "json", "yaml", "file"):
        again = again_by(way, model, tmp_path)
        assert [layer.function for layer in again.layers] == alike


def test_shapes_masks_and_merges_come_back(tmp_path):
    x, y = Input((3,)), Input((3,))
    merged = merge([x, y], mode=lambda v: v[0] - 2 * v[1], output_shape=lambda shapes: shapes[0])
    product = Merge(mode=lambda v: v[0] * v[1], output_mask=lambda masks: None)([x, y])
    model = Model([x, y], [Lambda(lambda v: v[:, :2], output_shape=lambda shape: (shape[0], 2))(merged), product])
    for way in ("config", "json", "yaml", "file"):
        for got, want in zip(again_by(way, model, tmp_path).predict([X, X + 1]), model.predict([X, X + 1])):
            np.testing.assert_array_equal(got, want)


def test_functions_within_wrappers_and_parts_come_back(tmp_path):
    steps = np.random.RandomState(0).randn(2, 4, 3)
    model = Sequential(
        [
            TimeDistributed(Lambda(lambda x: x + 1), input_shape=(4, 3)),
            TimeDistributed(Dense(2, activation=lambda x: x + 2, init=lambda shape: np.ones(shape))),
            Bidirectional(LSTM(2, inner_activation=times(0.5), return_sequences=True)),
            Dense(2, W_regularizer=lambda w: K.sum(w), b_constraint=times(2), activation=times(3)),
            Activation(times(4)),
        ]
    )
    check(model, steps, tmp_path)
    assert model_from_json(model.to_json()).layers[3].W_regularizer is model.layers[3].W_regularizer


def test_a_function_by_name_is_taken_from_custom_objects(tmp_path):
    def act(x):
        return x * 2

    model = Sequential([Dense(3, input_dim=3, activation=triple), Dense(3, activation=act), Lambda(act)])
    text = model.to_json()
    again = model_from_json(text, custom_objects={"act": times(5)})
    assert again.layers[0].activation is triple
    assert again.layers[2].function(1) == again.layers[1].activation(1) == 5  # what is given goes first
    elsewhere = re.sub("@[0-9a-f]{16}", "@" + 16 * "0", text)
    with pytest.raises(ValueError, match="unknown activation 'triple'"):
        model_from_json(elsewhere)
    again = model_from_json(elsewhere, custom_objects={"act": act, "triple": triple})
    assert [layer.activation for layer in again.layers[:2]] == [triple, act]


def relu(x):
    return -x


def test_a_name_is_enough_where_it_leads_back(tmp_path):
    for name, part in (("activation", activations.relu), ("init", initializations.uniform), ("init", "normal")):
        assert Dense(3, **{name: part}).get_config()[name] == getattr(part, "__name__", part)
    assert Dense(3, W_regularizer=regularizers.l2).get_config()["W_regularizer"] == "l2"
    with CustomObjectScope({"triple": triple}):
        assert Dense(3, activation=triple).get_config()["activation"] == "triple"
    check(Sequential([Dense(3, input_dim=3, activation=relu)]), X, tmp_path, ["json"])  # not the library's


def test_another_process_has_none_of_them(tmp_path):
    Sequential([Lambda(lambda x: x * 2, input_shape=(3,), name="mine")]).save(tmp_path / "lambda.h5")
    Sequential([Dense(3, input_dim=3, activation=lambda x: x * 2)]).save(tmp_path / "part.h5")
    program = """
from horngate.models import load_model, Sequential
from horngate.layers import Lambda, Dense
mine = Sequential([Lambda(lambda x: x, input_shape=(3,)), Dense(3, activation=lambda x: x)])
mine.to_json()
for name, words in (("lambda", ["'mine'", "custom_objects={'mine': function}"]), ("part", ["activation", "def"])):
    try:
        load_model(name + ".h5")
    except ValueError as error:
        assert all(word in str(error) for word in words), error
    else:
        raise AssertionError(name)
assert load_model("lambda.h5", custom_objects={"mine": abs}).layers[0].function is abs
assert load_model("part.h5", custom_objects={"<lambda>": abs}).layers[0].activation is abs
"""
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)


def test_a_model_that_is_gone_is_loaded_where_its_functions_hold_nothing(tmp_path):
    model = Sequential([Lambda(lambda x: x * 2, input_shape=(3,))])
    expected = model.predict(X)
    model.save(tmp_path / "m.h5")
    del model
    gc.collect()
    np.testing.assert_array_equal(load_model(tmp_path / "m.h5").predict(X), expected)


def test_nothing_is_kept_alive():
    gc.collect()
    before = len(function_keys._functions)
    for _ in range(20):
        big = np.zeros(1000)
        layer = Lambda(lambda x: x + big[0])  # noqa: B023  called at once
        assert function_keys.function_of(layer.get_config()["function"]) is layer.function
        Lambda(Scale(2).apply).get_config()
        Lambda(functools.partial(triple)).get_config()
    del layer
    gc.collect()
    assert len(function_keys._functions) - before <= 1 and len(function_keys._keys) == len(function_keys._functions)
    for _ in range(3):
        for _ in range(function_keys._MOST_HELD):
            function_keys.keyed_name(lambda x: x)
    assert len(function_keys._functions) < before + function_keys._MOST_HELD + 2
