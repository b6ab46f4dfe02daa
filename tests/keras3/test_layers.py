"""Layers of today against the real Keras 3: outputs and gradients of every case, in float64 and in float32."""

import numpy as np
import pytest

from horngate import backend as K
from horngate import keras3
from horngate.layers import Input
from tests.golden_data import ROOT, series
from tests.keras3.cases import CASES, weighting

NUMBERS = dict(np.load(ROOT / "keras3" / "layers.npz"))
EVERY = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]
IN_FLOAT32 = (
    "LayerNormalization",
    "RMSNormalization",
    "GroupNormalization",
)  # Keras 3 computes them, whatever the type
LOOSER = ("Conv", "RNN", "LSTM", "GRU")  # convolutions and recurrences: so many sums one after the other
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


def called(layer, given, options):
    """What the layer gives for inputs by name, as a list; "" stands for the only one."""
    given = dict(given)
    first = [given.pop("")] if "" in given else []
    out = layer(*first, **given, **options)
    return out if isinstance(out, list) else [out]


def relative(found, wanted):
    """The largest difference, measured by the largest number."""
    assert found.shape == wanted.shape
    return np.abs(found - wanted).max(initial=0) / max(np.abs(wanted).max(initial=0), 1e-3)


@every
def test_numbers_are_those_of_keras_3(name, i, floatx):
    case, expected = CASES[name][i], told(name, i)
    layer = getattr(keras3.layers, name)(*case.args, **case.kwargs)
    given = case.inputs()
    inputs = symbols(given)
    outputs = called(layer, inputs, case.options)
    roles = list(expected["roles"])
    layer.set_weights(case.weights([w.shape for w in layer.weights], roles))
    smooth = [inputs[n] for n, x in given.items() if x.dtype.kind == "f"]
    loss = sum(K.sum(out * weighting(out.shape)) for out in outputs)
    gradients = K.gradients(loss, [*smooth, *layer.trainable_weights])
    found = K.function(list(inputs.values()), [*outputs, *gradients])(list(given.values()))
    wanted = series(expected, "out")
    wanted += [expected[f"by_{n}"] for n, x in given.items() if x.dtype.kind == "f"] + series(expected, "by_weight")
    assert len(found) == len(wanted)
    exact = floatx == "float64" and name not in IN_FLOAT32
    most = 1e-12 if exact else 1e-5 if any(word in name for word in LOOSER) else 2e-6
    assert [(k, d) for k, d in enumerate(map(relative, found, wanted)) if not d < most] == []
    assert all(str(each.dtype) == floatx for each in found)
