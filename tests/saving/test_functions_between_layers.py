"""Functions and operators between the layers of a model are written down by name, and come back in every way."""

import copy
import pickle

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3, ops
from horngate.backend.config import within_era
from horngate.dialects.keras3.operations import Operation
from horngate.layers import Dense, Embedding, Input
from horngate.models import Model, clone_model, load_model, model_from_json
from tests.keras3 import op_cases

X = np.random.RandomState(0).normal(size=(3, 4)).astype("float32")


def listed(y):
    return [np.asarray(each) for each in (y if isinstance(y, (list, tuple)) else [y])]


def same(found, wanted):
    for one, other in zip(listed(found), listed(wanted), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


CASES = {
    key: case
    for key, case in zip(op_cases.KEYS, op_cases.CASES)
    if isinstance(case[1][0], np.ndarray) and not key.startswith(("nonzero", "bincount", "unique-0"))
}


@pytest.mark.parametrize("key", list(CASES)[::5])
def test_each_function_of_ops_comes_back_from_text(key):
    name, args, kwargs, _ = CASES[key]
    with within_era("3"):
        x = keras3.Input(batch_shape=args[0].shape, dtype=args[0].dtype.name)
        model = Model(x, op_cases.leaves(op_cases.found(ops, name)(x, *args[1:], **kwargs)))
        same(model_from_json(model.to_json())(args[0]), model(args[0]))


def operators():
    x = Input((4,))
    y = Dense(4)(x)
    z = abs(2 - y[:, ::2]) ** 2 / 3 % 2 // 0.5
    truths = ((y[:, 1:3] > 0) | (y[:, 1:3] <= -1)) & ~(z >= 3)
    return Model(x, [y @ K.transpose(y) + y[:, [0]], K.cast(truths, "float32") * z, K.batch_dot(y, y, axes=1)])


@pytest.mark.filterwarnings("ignore:model_")
@pytest.mark.parametrize("how", ["json", "config", "keras", "h5", "clone", "copy", "pickle"])
def test_operators_and_functions_of_k_come_back_in_every_way(how, tmp_path):
    model = operators()
    path = tmp_path / f"m.{how}"
    if how in ("keras", "h5"):
        model.save(path)
    ways = {
        "json": lambda: model_from_json(model.to_json()),
        "config": lambda: Model.from_config(model.get_config()),
        "clone": lambda: clone_model(model),
        "copy": lambda: copy.deepcopy(model),
        "pickle": lambda: pickle.loads(pickle.dumps(model)),
    }
    again = ways.get(how, lambda: load_model(path))()
    again.set_weights(model.get_weights())
    same(again.predict(X), model.predict(X))
    assert [type(layer).__name__ for layer in again.layers] == ["InputLayer", "Dense"]


def test_the_table_shows_them_and_the_list_of_layers_does_not():
    model, lines = operators(), []
    model.summary(print_fn=lines.append)
    assert any("(GetItem)" in line for line in lines) and any("(batch_dot)" in line for line in lines)
    assert len(model.layers) == 2


def test_a_function_drops_the_mask_and_a_nested_model_keeps_its_own():
    x = Input((3,), dtype="int32")
    inner = Model(x, Embedding(5, 4, mask_zero=True)(x) * 2)
    again = model_from_json(Model(x, inner(x) + 1).to_json())
    assert again.predict(np.ones((2, 3))).shape == (2, 3, 4)


@pytest.mark.parametrize("name", ["eval", "function", "set_value", "NoSuch", "Map", "__import__", "CustomGradient"])
def test_no_other_function_is_found_by_a_name_in_a_file(name):
    with pytest.raises(ValueError, match="which horngate lacks"):
        Operation(function=name)


def test_what_no_file_can_hold_is_told():
    x = Input((4,))
    weight = K.variable(np.ones(4))
    model = Model(x, Dense(2)(Dense(4)(x) * weight))
    same(model.predict(X), model.predict(X))
    with pytest.raises(ValueError, match="cannot be written down"):
        model.to_json()
