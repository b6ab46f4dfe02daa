"""Every argument of the layers of today does something: another value gives another outcome, or a refusal."""

import functools

import numpy as np
import pytest

from horngate import backend as K
from horngate import layers
from horngate.engine.node import to_list
from horngate.layers import Input
from tests.keras3.cases import CASES
from tests.layers.conformance_table import ROWS

NEW_MODULES = [
    "attention",
    "multi_head_attention",
    "normalization_of_samples",
    "einsum_dense",
    "transposed",
    "depthwise",
    "adaptive_pooling",
    "identity",
    "convolutional_recurrent",
    "spectral_normalization",
]
NAMES = [name for name in CASES if getattr(layers, name).__module__.rpartition(".")[2] in NEW_MODULES]
NAMES.remove("ConvLSTM2D")
NAMES.remove("Conv2DTranspose")  # its arguments but the later ones are those of Keras 1
OTHER = {  # another value than the default or that of the class's row
    "activation": ["tanh", "relu"],
    "activity_regularizer": ["l1"],
    "attention_axes": [2],
    "axis": [1, -1],
    "bias_axes": ["e"],
    "center": [False],
    "data_format": ["channels_last"],
    "depth_multiplier": [3],
    "dilation_rate": [3],
    "dropout": [0.5],
    "epsilon": [0.5],
    "equation": ["...c,cd->...d"],
    "filters": [4],
    "flash_attention": [True],
    "groups": [2],
    "head_dim": [5],
    "kernel_size": [2, 3],
    "key_dim": [5],
    "noise_shape": [(4, 1)],
    "num_heads": [4],
    "num_key_value_heads": [3],
    "num_query_heads": [2],
    "output_padding": [1],
    "output_shape": [9],
    "output_size": [2, 3],
    "padding": ["same", "valid"],
    "rate": [0.6],
    "scale": [False],
    "score_mode": ["concat"],
    "seed": [3],
    "sliding_window": [1],
    "strides": [2, 1],
    "use_bias": [False],
    "use_gate": [True],
    "use_scale": [True, False],
    "value_dim": [2],
}
ENDINGS = {"initializer": "he_normal", "regularizer": "l2", "constraint": "nonneg"}
ROW_OF = {"GroupQueryAttention": ([(6, 4), (5, 3)], (3, 4, 2), {}), "Attention": ([(6, 4), (6, 4)], (), {})}
ROW_OF |= {"MultiHeadAttention": ([(6, 4), (5, 3)], (2, 3), {})}
ROW_OF |= {"SpectralNormalization": ([(6,)], (layers.Dense(3),), {})}
OTHER |= {"layer": [layers.Dense(3, activation="relu")], "power_iterations": [2], "go_backwards": [True]}
OTHER |= {
    "return_sequences": [True],
    "zero_output_for_mask": [True],
    "recurrent_dropout": [0.5],
    "inner_init": ["zero"],
}
ROW_OF |= {"ConvLSTM1D": ([(3, 6, 4)], (2, 3), {"data_format": "channels_last"})}
ROW_OF |= {"ConvLSTM3D": ([(2, 4, 4, 4, 2)], (2, 2), {"data_format": "channels_last"})}
OTHER |= {"renorm": [True], "renorm_clipping": [(0, 3)], "renorm_momentum": [0.5], "threshold": [0.5]}
OTHER |= {"interpolation": ["bilinear"], "keepdims": [True], "dim_ordering": ["tf", "th"], "return_state": [True]}
OTHER |= {"bias": [False], "unit_forget_bias": [False, True], "stateful": [True]}
OTHER |= {"reset_after": [True], "zero_output_for_mask": [True], "use_cudnn": [True]}
ENDINGS |= {"init": "he_normal"}
OTHER |= {"recurrent_activation": ["relu"]}
SAME = {("BatchNormalization", "synchronized")}  # both values mean the same, as its sentence says
OF_RECURRENT = ("SimpleRNN", "GRU", "LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "RNN")
SAME |= {(name, "zero_output_for_mask") for name in OF_RECURRENT}  # without a mask: `cases` has one with it
SAME |= {(name, "implementation") for name in OF_RECURRENT}  # its sentence says that it has no effect
SAME |= {("Bidirectional", "backward_layer")}  # likewise
SAME |= {
    (name, "num_constants") for name in ("RNN", "ConvRNN2D", "Bidirectional")
}  # as many as calls give: `test_cells_of_keras_2` has it
SAME |= {("ConvRNN2D", "zero_output_for_mask")}  # images have no mask here
SAME |= {("Lambda", "mask")}  # it changes the mask that the layer passes on: `test_base` has it
SAME |= {
    (name, "data_format") for name in ("RandomBrightness", "Solarization", "MaxNumBoundingBoxes")
}  # pixel by pixel
SAME |= {(name, "bounding_box_format") for name in ROWS}  # of boxes beside images: `test_changed_images` has it
NOT_HERE = ("lora_rank", "lora_alpha", "gptq_unpacked_column_size", "quantization_config")
EVERY = [(name, argument) for name in NAMES for argument in getattr(layers, name).__declared__]
SAME |= {(name, "weights") for name in NAMES}  # a list for each class: `tests/layers` gives it
EVERY = [pair for pair in EVERY if pair not in SAME]
LATER = [
    (n, a) for n in ROWS if hasattr(layers, n) for a, told in getattr(layers, n).__declared__.items() if told.later
]
EVERY += [pair for pair in LATER if pair not in EVERY and pair not in SAME]


def arguments(name):
    """The arguments by which a class is made."""
    _, args, kwargs = ROW_OF.get(name) or ROWS[name][0]
    return {**dict(zip(getattr(layers, name).__declared__, args)), **kwargs}


def other(name, argument):
    """A value that the argument does not have."""
    if argument in NOT_HERE:
        return 1
    if argument == "data_format" and ("1D" in name or "LSTM" in name or name == "Flatten"):
        return "channels_first"
    given = arguments(name).get(argument, getattr(layers, name).__declared__[argument].default)
    values = OTHER.get(argument) or [ENDINGS[argument.rpartition("_")[2]]]
    return next(value for value in values if value != given)


@functools.cache
def outcome(name, *changes):
    """What a layer of a class gives in training, its weights, its penalties and its constraints, as text."""
    shapes = (ROW_OF.get(name) or ROWS[name][0])[0]
    np.random.seed(0)
    layer = getattr(layers, name)(**{**arguments(name), **dict(changes)})
    inputs = [Input(shape) for shape in (shapes if isinstance(shapes, list) else [shapes])]
    by_name = name in ("MultiHeadAttention", "GroupQueryAttention")
    outputs = to_list(layer(*inputs) if by_name or len(inputs) == 1 else layer(inputs))
    rng = np.random.RandomState(1)
    drawn = [rng.uniform(0.2, 1, (4, *x.shape[1:])) for x in inputs]
    data = [x.round() for x in drawn] if name == "Embedding" else drawn
    numbers = K.function([*inputs, K.learning_phase()], [*outputs, *layer.losses])([*data, 1])
    held = [type(part).__name__ for each in [layer, *layer._sublayers] for part in each.constraints.values()]
    return str([np.asarray(x).tolist() for x in [*numbers, *layer.get_weights()]]) + str(held)


@pytest.mark.parametrize("name, argument", EVERY, ids=[f"{name}-{argument}" for name, argument in EVERY])
def test_another_value_gives_another_outcome(name, argument):
    always = [("dropout", 0.5)] if argument == "seed" and "Attention" in name else []
    rate = "recurrent_dropout" if name in ("ConvLSTM1D", "ConvLSTM3D") else "dropout_U"
    always = [(rate, 0.5)] if argument == "seed" and name in OF_RECURRENT else always
    before = outcome(name, *always)
    try:
        assert outcome(name, *always, (argument, other(name, argument))) != before
    except (ValueError, TypeError) as refusal:
        assert len(str(refusal)) > 30


@pytest.mark.parametrize("name", ["AlphaDropout", "MultiHeadAttention", "LayerNormalization"])
def test_the_same_values_give_the_same_outcome(name):
    assert outcome.__wrapped__(name) == outcome(name)


def test_a_list_of_tensors_is_read_by_their_names_or_refused():
    query, value = np.random.RandomState(0).rand(2, 2, 3, 4).astype("float32")
    attend = layers.MultiHeadAttention(2, 2)
    np.testing.assert_array_equal(attend([query, value]), attend(query, value))
    for given, more in (([query] * 9, {}), ([], {}), ([query, query], {"value": value})):
        with pytest.raises(TypeError, match="a list holds 1 to 7 tensors, query, value.* stands alone"):
            attend(given, **more)


def test_attention_to_itself_leaves_out_masked_steps():
    """Whatever calls the layer: padding of a sequence must not be attended to."""
    x = np.random.RandomState(0).rand(2, 3, 4).astype("float32")
    mask, attend = np.array([[1, 1, 0], [1, 0, 0]], bool), layers.MultiHeadAttention(2, 2)
    wanted = attend(x, x, value_mask=mask)
    np.testing.assert_allclose(attend(x, query_mask=mask), wanted, atol=1e-6)
    np.testing.assert_allclose(attend.compute(x, query_mask=mask), wanted, atol=1e-6)
