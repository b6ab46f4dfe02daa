"""Every layer gives the numbers that the real Keras 1.2.2 gave: outputs, gradients, masks, shapes, names, settings."""

import functools
import json

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers
from horngate.layers import Input
from tests.golden_data import ROOT, close, keras_122, series, tuples  # noqa: F401

FOLDER = ROOT / "layers"

RECURRENT = ("SimpleRNN", "GRU", "LSTM", "ConvLSTM2D")
SPATIAL = (
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "Cropping2D",
    "Cropping3D",
    "SpatialDropout2D",
    "SpatialDropout3D",
)
LOST = "the original's get_config lost it, and so did its files"
OFFERED = "an argument that the original did not have, or took from a base class without a word"
ROUNDED = "the original kept it in single precision"

# All that get_config says otherwise than the original, on purpose: (classes, argument, reason). Nothing else differs:
# no output, gradient, mask or name.
DIFFERENCES = [
    (SPATIAL, "dim_ordering", LOST),
    (("PReLU", "ParametricSoftplus", "SReLU"), "shared_axes", LOST),
    (("BatchNormalization",), "beta_init", LOST),
    (("BatchNormalization",), "gamma_init", LOST),
    (("Dropout",), "noise_shape", LOST),
    (("Dropout",), "seed", LOST),
    (("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), "noise_shape", OFFERED),
    (("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), "seed", OFFERED),
    (("ConvLSTM2D",), "W_regularizer", LOST),
    (("ConvLSTM2D",), "U_regularizer", LOST),
    (("ConvLSTM2D",), "b_regularizer", LOST),
    (("ConvLSTM2D",), "dropout_W", LOST),
    (("ConvLSTM2D",), "dropout_U", LOST),
    (("ConvLSTM2D",), "subsample", LOST),
    (("Highway",), "transform_bias", "an argument of Keras 0.3 and 1.0; 1.2 fixed it to 1"),
    (RECURRENT, "input_dim", "the original left it out where a layer is stateful"),
    (RECURRENT, "input_length", "the original left it out where a layer is stateful"),
    (RECURRENT, "batch_input_shape", "the original wrote it for a stateful layer that is not a model's first, too"),
    (("TimeDistributedDense",), "input_dim", "known once the layer is built, as for Dense"),
    (("Merge",), "dot_axes", "the original wrote the axes of both inputs, counted from the front"),
    (("ThresholdedReLU",), "theta", ROUNDED),
    (("ParametricSoftplus",), "alpha_init", ROUNDED),
]


# Cases whose shape we declare otherwise.
SHAPES = {
    "Merge_cos_2d": "the original declared one axis less than it computed",
    "Merge_cos_3d_22": "the original declared one axis less than it computed",
}


@functools.cache
def archive(class_name):
    """All arrays of one layer class by `case/array`, and the descriptions by case."""
    with np.load(FOLDER / f"{class_name}.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return arrays, json.loads(str(arrays.pop("meta")))


def load(class_name, case):
    """The arrays of one case, and its description."""
    arrays, descriptions = archive(class_name)
    prefix = case + "/"
    return {name.removeprefix(prefix): x for name, x in arrays.items() if name.startswith(prefix)}, descriptions[case]


CASES = [(path.stem, case) for path in sorted(FOLDER.glob("*.npz")) for case in archive(path.stem)[1]]


def make(class_name, kwargs, name):
    """The layer that was recorded; a wrapped one is called `inner`."""

    def argument(value):
        if isinstance(value, dict) and "__layer__" in value:
            return make(value["__layer__"], value["kwargs"], "inner")
        return tuples(value)

    arguments = {key: argument(value) for key, value in kwargs.items()}
    return getattr(layers, class_name)(name=name, **arguments)


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Recorded:
    """One case, built: the layer with its weights set, its inputs and its outputs."""

    def __init__(self, class_name, case):
        self.arrays, self.meta = load(class_name, case)
        self.input_arrays = series(self.arrays, "input_") or [self.arrays["call0_input_0"]]
        sizes = [tuples(shape) for shape in self.meta["input_shapes"]]
        if not self.meta["static_batch"]:
            sizes = [(None, *shape[1:]) for shape in sizes]
        self.inputs = [Input(batch_shape=shape, dtype=str(x.dtype)) for shape, x in zip(sizes, self.input_arrays)]
        fed = self.inputs[0] if len(self.inputs) == 1 else self.inputs
        for i, before in enumerate(self.meta.get("pre_layers", [])):
            layer = make(before["class"], before["kwargs"], f"pre{i}")
            fed = layer(fed)
            layer.set_weights(series(self.arrays, f"pre{i}_weight_"))
        self.layer = make(class_name, self.meta["kwargs"], "layer")
        self.outputs = as_list(self.layer(fed))
        self.layer.set_weights(series(self.arrays, "weight_"))

    def run(self, wanted, **options):
        function = K.Function([*self.inputs, K.learning_phase()], wanted, **options)
        return lambda inputs: function([*inputs, self.meta.get("learning_phase", 0)])


@pytest.fixture
def recorded(request, keras_122):  # noqa: F811
    return Recorded(*request.param)


def every_case(wanted=lambda arrays, meta: True):
    chosen = [case for case in CASES if wanted(*load(*case))]
    return pytest.mark.parametrize("recorded", chosen, indirect=True, ids=[case for _, case in chosen])


@every_case(lambda arrays, meta: "calls" not in meta)
def test_layer(recorded):
    arrays, layer = recorded.arrays, recorded.layer
    masks = [getattr(y, "_keras_mask", None) for y in recorded.outputs]
    assert [mask is not None for mask in masks] == [f"output_mask_{i}" in arrays for i in range(len(masks))]
    masks = [mask for mask in masks if mask is not None]
    weights = [w for w in layer.weights if w in layer.trainable_weights]
    differentiated = {f"grad_input_{i}": x for i, x in enumerate(recorded.inputs)}
    differentiated.update({f"grad_weight_{j}": w for j, w in enumerate(weights)})
    differentiated = {name: x for name, x in differentiated.items() if name in arrays}
    assert set(differentiated) == {name for name in arrays if name.startswith("grad_")}
    loss = sum(K.sum(K.square(y)) for y in recorded.outputs)
    gradients = K.gradients(loss, list(differentiated.values())) if differentiated else []
    results = recorded.run(recorded.outputs + masks + gradients)(recorded.input_arrays)
    for y, result, want in zip(recorded.outputs, results, series(arrays, "output_")):
        close(result, want, what="output")
        assert len(y.shape) == result.ndim and all(n in (None, m) for n, m in zip(y.shape, result.shape))
    for mask, want in zip(results[len(recorded.outputs) :], series(arrays, "output_mask_")):
        np.testing.assert_array_equal(mask, want)
    for name, gradient in zip(differentiated, results[len(results) - len(gradients) :]):
        close(gradient, arrays[name], 1e-4, 1e-5 * max(1.0, np.abs(arrays[name]).max()), name)


@every_case()
def test_what_a_layer_says_of_itself(recorded):
    meta, layer = recorded.meta, recorded.layer
    shapes = [y.shape for y in recorded.outputs]
    declared = meta["output_shape"]
    declared = declared if isinstance(declared[0], list) else [declared]
    if meta["case"] not in SHAPES:
        assert shapes == [tuples(shape) for shape in declared]
    assert [w.name for w in layer.weights] == meta["weight_names"]
    assert [w.name for w in layer.trainable_weights] == meta["trainable_weights"]
    assert layer.count_params() == meta["count_params"]
    check_config(type(layer).__name__, layer.get_config(), meta["get_config"])


def check_config(class_name, ours, theirs):
    """`ours` is `theirs` but for the differences listed."""
    ours = json.loads(json.dumps(ours))
    expected = {key for classes, key, _ in DIFFERENCES if class_name in classes}
    if "layer" in theirs:
        inner, recorded_inner = ours.pop("layer"), theirs["layer"]
        theirs = {key: value for key, value in theirs.items() if key != "layer"}
        assert inner["class_name"] == recorded_inner["class_name"]
        check_config(inner["class_name"], inner["config"], recorded_inner["config"])
    different = {key for key in {*ours, *theirs} if ours.get(key, "nothing") != theirs.get(key, "nothing")}
    assert {key: (ours.get(key), theirs.get(key)) for key in different - expected} == {}


@every_case(lambda arrays, meta: "weight_after_0" in arrays)
def test_moving_averages(recorded):
    recorded.run(recorded.outputs, updates=recorded.layer.updates)(recorded.input_arrays)
    for got, want in zip(recorded.layer.get_weights(), series(recorded.arrays, "weight_after_"), strict=True):
        close(got, want)


@every_case(lambda arrays, meta: "calls" in meta)
def test_states_live_from_call_to_call(recorded):
    arrays, layer = recorded.arrays, recorded.layer
    call = recorded.run(recorded.outputs, collect="state")
    for repetition in range(2):
        for k in range(recorded.meta["calls"]):
            close(call([arrays[f"call{k}_input_0"]])[0], arrays[f"call{k}_output_0"])
            for state, want in zip(layer.states, series(arrays, f"call{k}_state_"), strict=True):
                close(state.get_value(), want)
        layer.reset_states()


REFUSED = json.loads((FOLDER / "unsupported.json").read_text())


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_original_refused_works(case, keras_122):  # noqa: F811
    """The original's engine could not do these; ours can, and gives what it declares."""
    meta = REFUSED[case]
    inputs = [Input(batch_shape=shape) for shape in meta["input_shapes"]]
    outputs = as_list(make(meta["class"], meta["kwargs"], "layer")(inputs[0] if len(inputs) == 1 else inputs))
    results = K.function(inputs, outputs)([np.random.randn(*shape) for shape in meta["input_shapes"]])
    for y, result in zip(outputs, results, strict=True):
        assert y.shape == result.shape
        assert np.isfinite(result).all() and np.std(result) > 0


def test_all_cases_are_here():
    assert len(CASES) == 475
