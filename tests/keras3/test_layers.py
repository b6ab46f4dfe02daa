"""Layers of today against the real Keras 3: outputs and gradients of every case, in float64 and in float32."""

import json

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3
from horngate.engine.node import to_list
from horngate.layers import Input
from tests.golden_data import ROOT, series
from tests.keras3.cases import CASES, weighting

NUMBERS = dict(np.load(ROOT / "keras3" / "layers.npz"))
EVERY = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]
IN_FLOAT32 = ("LayerNormalization", "RMSNormalization", "GroupNormalization", "AdditiveAttention")  # Keras 3 computes
IN_FLOAT32 += ("BatchNormalization", "TimeDistributed", *(f"GlobalAveragePooling{rank}D" for rank in (1, 2, 3)))
FUSED = ("MultiHeadAttention", "GroupQueryAttention")  # Keras 3 computes in float32 where no scores are asked for
LOOSER = (
    "Conv",
    "RNN",
    "LSTM",
    "GRU",
    "Bidirectional",
)  # convolutions and recurrences: so many sums one after the other
every = pytest.mark.parametrize("name, i", EVERY, ids=[f"{name}-{i}" for name, i in EVERY])


@pytest.fixture(params=["float64", "float32"])
def floatx(request):
    before = K.floatx()
    K.set_floatx(request.param)
    yield request.param
    K.set_floatx(before)


def told(name, i):
    """What Keras 3 gave, by name."""
    start = f"{name}-{i}-"
    return {key.removeprefix(start): value for key, value in NUMBERS.items() if key.startswith(start)}


def symbols(given):
    """An input for each array."""
    kinds = {"b": "bool", "i": "int32", "f": K.floatx()}
    return {name: Input(batch_shape=x.shape, dtype=kinds[x.dtype.kind]) for name, x in given.items()}


def faults(found, wanted, most):
    """(place, difference) of arrays that differ by more than `most`, measured by the largest number among them."""
    assert [x.shape for x in found] == [x.shape for x in wanted]
    size = max((np.abs(x).max(initial=1e-3) for x in wanted), default=1)
    differences = [np.abs(x - y).max(initial=0) / size for x, y in zip(found, wanted)]
    return [(place, d) for place, d in enumerate(differences) if not d < most]


@every
def test_numbers_are_those_of_keras_3(name, i, floatx):
    case, expected = CASES[name][i], told(name, i)
    layer = getattr(keras3.layers, name)(*case.parts(keras3.layers), **case.options_of(keras3.layers))
    given = case.inputs()
    inputs = symbols(given)
    args, call = case.arguments(name, inputs)
    outputs = to_list(layer(*args, **call))
    shapes = [tuple(shape) for shape in json.loads(str(expected["shapes"]))]
    assert [tuple(weight.shape) for weight in layer.weights] == shapes
    told_weights = case.weights(shapes, list(expected["roles"]))
    layer.set_weights(told_weights)
    smooth = [inputs[n] for n, x in given.items() if x.dtype.kind == "f"]
    loss = sum(K.sum(out * weighting(out.shape)) for out in outputs)
    gradients = K.gradients(loss, [*smooth, *layer.trainable_weights])
    after = series(expected, "after")
    updates = layer.updates if after else []
    found = K.function(list(inputs.values()), [*outputs, *gradients], updates)(list(given.values()))
    assert faults(layer.get_weights()[-len(after) :] if after else [], after, 2e-6) == []
    slopes = [expected[f"by_{n}"] for n, x in given.items() if x.dtype.kind == "f"]
    slopes += series(expected, "by_weight")
    rough = name in IN_FLOAT32 or name in FUSED and not case.options.get("return_attention_scores")
    rough = rough or expected["out0"].dtype == "float32" or "concat" in f"{case.args} {case.kwargs}"
    exact = floatx == "float64" and not rough
    most = 1e-12 if exact else 1e-5 if any(word in name for word in LOOSER) else 2e-6
    assert faults(found[: len(outputs)], series(expected, "out"), most) == []
    assert faults(found[len(outputs) :], slopes, most) == []
    assert all(str(each.dtype) == floatx for each in found)
