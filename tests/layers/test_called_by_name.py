"""Calls that name their tensors and say options: in graphs, copies and texts of models, and with masks."""

import copy
import json

import numpy as np
import pytest

from horngate import layers
from horngate.layers import Input
from horngate.models import Model, model_from_json


def model():
    query, value, allowed = Input((5, 6)), Input((4, 6)), Input((5, 4), dtype="bool")
    attend = layers.MultiHeadAttention(2, 4, name="attend")
    first = attend(query, value, attention_mask=allowed)
    return Model([query, value, allowed], [first, *attend(first, value, return_attention_scores=True)])


RNG = np.random.default_rng(0)
DATA = [RNG.normal(size=(3, 5, 6)), RNG.normal(size=(3, 4, 6)), RNG.uniform(size=(3, 5, 4)) < 0.7]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda made: model_from_json(made.to_json())], ids=["copy", "json"])
def test_the_form_of_a_call_is_kept(again):
    made = model()
    other = again(made)
    other.set_weights(made.get_weights())
    for x, y in zip(made.predict(DATA), other.predict(DATA), strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_text_that_names_what_the_layer_does_not_take_is_refused():
    told = json.loads(model().to_json())
    told["config"]["layers"][-1]["inbound_nodes"][0][0][3]["names"] = ["query", "value", "__class__"]
    with pytest.raises(ValueError, match="attend: a call takes query, .*received '__class__'"):
        model_from_json(json.dumps(told))


def test_masked_keys_are_not_looked_at_and_the_mask_of_the_query_goes_on():
    words = Input((5,), dtype="int32")
    x = layers.Embedding(7, 6, mask_zero=True)(words)
    attended, scores = layers.MultiHeadAttention(2, 4)(x, x, return_attention_scores=True)
    assert attended._keras_mask is not None and scores._keras_mask is None
    found = Model(words, scores).predict(np.array([[3, 2, 1, 0, 0]]))
    assert np.all(found[..., 3:] == 0) and np.all(found[..., :3] > 0)


@pytest.mark.parametrize("name, args", [("Attention", ()), ("AdditiveAttention", ()), ("MultiHeadAttention", (2, 2))])
def test_attention_to_no_keys_gives_zeros(name, args):
    """Of nothing the mean is 0, as Keras 3 has it, before the bias of the output is added."""
    query, value = np.ones((2, 3, 4), "float32"), np.ones((2, 0, 4), "float32")
    np.testing.assert_array_equal(getattr(layers, name)(*args)([query, value]), np.zeros((2, 3, 4)))
