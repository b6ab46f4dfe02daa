"""Orders: the arguments whose name or place changed between eras, and how a call is read by them.

A name says what it means in any era. Where two eras put different arguments in the same place, the order of the era
in force is tried first, and another one where the values do not fit it: `EarlyStopping('val_loss', 3)` names a patience
in Keras 1.0, `EarlyStopping('val_loss', 0.01, 3)` can only be meant in the order of 1.2. What fits several orders is
read in the order of the era, and a warning says so.
"""

import functools
import inspect
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np

from horngate.backend import config
from horngate.backend.notices import warn

_DENSE_2 = "output_dim activation use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer"
_RNN_2 = (
    "output_dim activation {gates}use_bias kernel_initializer recurrent_initializer bias_initializer "
    "{forget}kernel_regularizer recurrent_regularizer bias_regularizer"
)
_CONV_2 = "strides padding data_format dilation_rate activation use_bias kernel_initializer bias_initializer"
_WEIGHTS = "weights W_regularizer b_regularizer activity_regularizer W_constraint b_constraint"
_IMAGE_1 = "row_index:row_axis col_index:col_axis channel_index:channel_axis fill_mode cval"
_FIT_GENERATOR = (
    "generator samples_per_epoch nb_epoch verbose show_accuracy callbacks validation_data {samples} class_weight "
    "nb_worker nb_val_worker:"
)

# Function, or Class.method (a class alone is its constructor) -> eras -> the parameters of that time. `old:ours` is a
# name that became another, `old:` one that has no meaning any more and is taken and dropped.
ORDERS = {
    "dropout": {"0.3": "x level seed"},
    "ones_like": {"0.3 1.0": "x name"},
    "zeros_like": {"0.3 1.0": "x name"},
    "placeholder": {"0.3 1.0": "shape ndim dtype name"},
    "ctc_decode": {"1.0": "y_pred input_length greedy beam_width dict_seq_lens dict_values"},
    "EarlyStopping": {"0.3 1.0": "monitor patience verbose mode"},
    "ModelCheckpoint": {"0.3": "filepath monitor verbose save_best_only mode"},
    "imdb.load_data": {"0.3": "path nb_words skip_top maxlen test_split seed start_char oov_char index_from"},
    # layers
    "Layer.__call__": {"0.3": "X:x mask train:"},
    "Layer.set_previous": {"0.3": "layer reset_weights: connection_map: node:layer"},
    "Dense": {"0.3": f"output_dim init activation {_WEIGHTS} input_dim", "2 3": _DENSE_2},
    "TimeDistributedDense": {"0.3": f"output_dim init activation {_WEIGHTS} input_dim input_length"},
    "MaxoutDense": {"0.3": f"output_dim nb_feature init {_WEIGHTS} input_dim"},
    "Highway": {
        "0.3": f"init transform_bias activation {_WEIGHTS} input_dim",
        "1.0": f"init transform_bias activation {_WEIGHTS} bias input_dim",
    },
    "Reshape": {"0.3": "dims:target_shape"},
    "Masking.compute_mask": {"1.0": "input:x input_mask"},
    "TimeDistributed.call": {"1.0": "X:inputs mask"},
    "Bidirectional.call": {"1.0": "X:inputs mask"},
    "Convolution1D": {
        "0.3": "nb_filter filter_length init activation weights border_mode subsample_length W_regularizer "
        "b_regularizer activity_regularizer W_constraint b_constraint input_dim input_length",
        "2 3": f"nb_filter filter_length {_CONV_2}",
    },
    "BatchNormalization": {"2 3": "axis momentum epsilon"},
    "Embedding": {"2 3": "input_dim output_dim embeddings_initializer embeddings_regularizer"},
    "Recurrent": {"0.3": "weights return_sequences go_backwards stateful input_dim input_length"},
    "Recurrent.get_constants": {"0.3": "x train:"},
    "Recurrent.preprocess_input": {"0.3": "x train:"},
    "SimpleRNN.step": {"0.3": "h:x states"},
    "SimpleRNN": {"2 3": _RNN_2.format(gates="", forget="")},
    "GRU": {"2 3": _RNN_2.format(gates="recurrent_activation ", forget="")},
    "LSTM": {"2 3": _RNN_2.format(gates="recurrent_activation ", forget="unit_forget_bias ")},
    "Input": {"0.3 1.0": "shape batch_shape name dtype tensor"},
    "InputLayer": {"0.3 1.0": "input_shape batch_input_shape input_dtype input_tensor name"},
    "merge": {"0.3 1.0": "inputs mode concat_axis dot_axes output_shape output_mask name"},
    "Merge": {"0.3 1.0": "layers mode concat_axis dot_axes output_shape output_mask node_indices tensor_indices name"},
    # models
    "check_array_lengths": {"1.0": "X:inputs Y:targets W:weights"},
    "standardize_input_data": {"1.0": "data names shapes check_batch_dim:check_batch_axis exception_prefix"},
    "Container.get_config": {"0.3": "verbose:"},
    "Container.load_weights": {"0.3 1.0": "fname:filepath"},
    "Sequential.get_config": {"0.3": "verbose:"},
    "Model.compile": {"3": "optimizer loss loss_weights metrics weighted_metrics"},
    "Sequential.compile": {
        "0.3": "optimizer loss class_mode sample_weight_mode",
        "2": "optimizer loss metrics loss_weights sample_weight_mode weighted_metrics",
        "3": "optimizer loss loss_weights metrics weighted_metrics",
    },
    "Sequential.fit": {
        "0.3": "X:x y batch_size nb_epoch verbose callbacks validation_split validation_data shuffle show_accuracy "
        "class_weight sample_weight"
    },
    "Sequential.evaluate": {"0.3": "X:x y batch_size show_accuracy verbose sample_weight"},
    "Sequential.predict": {"0.3": "X:x batch_size verbose"},
    "Sequential.predict_classes": {"0.3": "X:x batch_size verbose"},
    "Sequential.predict_proba": {"0.3": "X:x batch_size verbose"},
    "Sequential.predict_on_batch": {"0.3": "X:x"},
    "Sequential.train_on_batch": {
        "0.3": "X:x y accuracy class_weight sample_weight",
        "2 3": "x y sample_weight class_weight",
    },
    "Sequential.test_on_batch": {"0.3": "X:x y accuracy sample_weight"},
    "Sequential.fit_generator": {"0.3": _FIT_GENERATOR.format(samples="nb_val_samples")},
    "Sequential.evaluate_generator": {"0.3": "generator val_samples show_accuracy verbose"},
    "Graph.compile": {"0.3": "optimizer loss sample_weight_modes loss_weights"},
    "Graph.fit": {
        "0.3": "data batch_size nb_epoch verbose callbacks validation_split validation_data shuffle show_accuracy "
        "class_weight sample_weight"
    },
    "Graph.evaluate": {"0.3": "data batch_size show_accuracy verbose sample_weight"},
    "Graph.train_on_batch": {"0.3": "data accuracy class_weight sample_weight"},
    "Graph.test_on_batch": {"0.3": "data accuracy sample_weight"},
    "Graph.fit_generator": {"0.3": _FIT_GENERATOR.format(samples="nb_val_samples")},
    "Graph.evaluate_generator": {"0.3": "generator nb_val_samples:val_samples show_accuracy verbose"},
    "Optimizer.set_state": {"0.3 1.0": "value_list:weights"},
    # pictures
    "array_to_img": {"0.3": "x scale"},
    "apply_transform": {"1.0": "x transform_matrix channel_index:channel_axis fill_mode cval"},
    "random_rotation": {"0.3": "x rg fill_mode cval", "1.0": f"x rg {_IMAGE_1}"},
    "random_shear": {"0.3": "x intensity fill_mode cval", "1.0": f"x intensity {_IMAGE_1}"},
    "random_shift": {"0.3": "x wrg hrg fill_mode cval", "1.0": f"x wrg hrg {_IMAGE_1}"},
    "random_zoom": {"0.3": "x rg:zoom_range fill_mode cval", "1.0": f"x zoom_range {_IMAGE_1}"},
    "random_channel_shift": {"0.3": "x rg:intensity", "1.0": "x intensity channel_index:channel_axis"},
    "ImageDataGenerator": {
        "0.3": "featurewise_center samplewise_center featurewise_std_normalization samplewise_std_normalization "
        "zca_whitening rotation_range width_shift_range height_shift_range shear_range horizontal_flip "
        "vertical_flip",
        "1.0": "featurewise_center samplewise_center featurewise_std_normalization samplewise_std_normalization "
        "zca_whitening rotation_range width_shift_range height_shift_range shear_range zoom_range "
        "channel_shift_range fill_mode cval horizontal_flip vertical_flip rescale dim_ordering",
    },
    "ImageDataGenerator.fit": {"0.3 1.0": "X:x augment rounds seed"},
    "Iterator": {"1.0": "N:n batch_size shuffle seed"},
    "NumpyArrayIterator": {"1.0": "X:x y image_data_generator batch_size shuffle seed"},
    # the rest
    "multiclass_logloss": {"0.3 1.0": "P:p Y:y"},
    "BaseWrapper.fit": {"0.3 1.0": "X:x y"},
    "KerasClassifier.predict": {"0.3 1.0": "X:x"},
    "KerasClassifier.predict_proba": {"0.3 1.0": "X:x"},
    "KerasClassifier.score": {"0.3 1.0": "X:x y"},
    "KerasRegressor.predict": {"0.3 1.0": "X:x"},
    "KerasRegressor.score": {"0.3 1.0": "X:x y"},
}

_ACTIVATIONS = (
    "relu",
    "tanh",
    "softmax",
    "sigmoid",
    "hard_sigmoid",
    "linear",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "swish",
    "gelu",
)
_NUMBER_TYPES = (
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "float",
    "int",
)
_CLASS_MODES = ("categorical", "binary", "multiclass")


def _flag(value):
    return isinstance(value, (bool, np.bool_))


def _number(value):
    return isinstance(value, numbers.Real) and not _flag(value)


def _members(value):
    """What a list or dictionary holds, or the value alone."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]


def _names(value):
    """Whether this may be metrics: a list or dictionary, but not of numbers."""
    return isinstance(value, (list, tuple, dict)) and not (value and all(map(_number, _members(value))))


def _count(value):
    return value is None or isinstance(value, numbers.Integral) and not _flag(value)


def _type_name(value):
    return value is None or isinstance(value, (type, np.dtype)) or isinstance(value, str) and value in _NUMBER_TYPES


def _text(value):
    return value is None or isinstance(value, str)


def _part(value):
    """What an initialization, a regularizer or the like can be: not a number, and not an activation's name."""
    return value is None or not isinstance(value, (numbers.Number, tuple, list)) and value not in _ACTIVATIONS


# What a value must be to be meant for an argument whose place changed; a name that is not here takes anything.
FITS = {
    **dict.fromkeys(
        (
            "bias",
            "use_bias",
            "unroll",
            "sparse",
            "show_accuracy",
            "accuracy",
            "save_weights_only",
            "check_batch_axis",
            "unit_forget_bias",
            "horizontal_flip",
            "vertical_flip",
            "scale",
        ),
        _flag,
    ),
    **dict.fromkeys(
        (
            "seed",
            "patience",
            "input_dim",
            "input_length",
            "beam_width",
            "top_paths",
            "batch_size",
            "axis",
            "row_axis",
            "col_axis",
            "channel_axis",
            "max_q_size",
            "start_char",
            "oov_char",
            "index_from",
        ),
        _count,
    ),
    **dict.fromkeys(("min_delta", "transform_bias", "shear_range", "channel_shift_range", "cval", "momentum"), _number),
    **dict.fromkeys(("fill_mode", "consume_less", "padding", "data_format"), _text),
    **dict.fromkeys(("EarlyStopping.mode", "ModelCheckpoint.mode"), lambda v: v in ("auto", "min", "max")),
    "name": lambda v: _text(v) and (v is None or not _type_name(v)),
    "epsilon": lambda v: v is None or _number(v) and 0 <= v < 1,
    **dict.fromkeys(
        ("init", "inner_init", "kernel_initializer", "recurrent_initializer", "embeddings_initializer"), _part
    ),
    "activation": lambda v: v is None or callable(v) or isinstance(v, str) and v in _ACTIVATIONS,
    "recurrent_activation": lambda v: v is None or callable(v) or isinstance(v, str) and v in _ACTIVATIONS,
    "dtype": _type_name,
    "test_split": lambda v: _number(v) and 0 < v < 1,
    "verbose": lambda v: _flag(v) or _count(v) and v in (0, 1, 2),
    "class_mode": lambda v: v is None or isinstance(v, str) and v in _CLASS_MODES,
    "metrics": lambda v: v is None or isinstance(v, str) and v not in _CLASS_MODES or _names(v),
    "loss_weights": lambda v: v is None or not isinstance(v, str) and all(map(_number, _members(v))),
    "sample_weight_modes": lambda v: v is None or isinstance(v, dict),
    "arguments": lambda v: v is None or isinstance(v, dict),
    "node_indices": lambda v: v is None or isinstance(v, (list, tuple)),
    "noise_shape": lambda v: v is None or isinstance(v, (list, tuple)),
    "callbacks": lambda v: v is None or isinstance(v, (list, tuple)),
    "class_weight": lambda v: v is None or isinstance(v, (dict, list, str)),
    "sample_weight": lambda v: v is None or hasattr(v, "__len__"),
    "strides": lambda v: _count(v) or isinstance(v, (list, tuple)),
}


@functools.cache
def _rows(key):
    """(eras, [(name then, name now or None)]) for each order that `key` had."""
    parsed = []
    for eras, words in ORDERS[key].items():
        pairs = [word.partition(":") for word in words.split()]
        parsed.append((eras.split(), [(old, (new or None) if colon else old) for old, colon, new in pairs]))
    return parsed


def _agreed(ours, orders):
    """How many places hold the same argument in `ours` and in all `orders`."""
    places = 0
    while places < len(ours) and all(places >= len(order) or order[places] == ours[places] for order in orders):
        places += 1
    return places


@functools.lru_cache(1024)
def _compared(key, ours):
    """The orders that `key` had, how many places mean the same in all, and names that have changed: old -> new."""
    rows = _rows(key)
    orders = [[new for _, new in row] for _, row in rows]
    known = {old: new for _, row in rows for old, new in row if old != new and old not in ours}
    return orders, _agreed(ours, orders), known


def arranged(key: str, ours: Iterable[str], args: Any, kwargs: Any, era: str | None = None) -> tuple[Any, Any]:
    """The arguments of a call of `key`, whose parameters are `ours`, in the places and names of today.

    `era`: in whose order they are, if not that in force.
    """
    if key not in ORDERS:
        return args, kwargs
    orders, agreed, known = _compared(key, tuple(ours))
    for old in known.keys() & kwargs.keys():
        if new := known[old]:
            kwargs = {**kwargs, new: kwargs[old]}
        kwargs = {name: value for name, value in kwargs.items() if name != old}
    if len(args) <= agreed:
        return args, kwargs
    rest = dict(zip(_meant(key, ours, orders, args, agreed, era or config.era())[agreed:], args[agreed:]))
    rest.pop(None, None)
    if twice := rest.keys() & kwargs.keys():
        raise TypeError(f"{key} got {sorted(twice)[0]!r} twice, in its place and by its name.")
    return args[:agreed], {**kwargs, **rest}


def _meant(key, ours, orders, args, agreed, era):
    """The order that fits the values best: that of the era, else ours, else another."""
    of_era = [order for (eras, _), order in zip(_rows(key), orders) if era.name in eras]
    possible = [order for order in [*of_era, ours, *orders] if len(order) >= len(args)]
    if not possible:
        raise TypeError(f"{key} takes at most {max(map(len, [ours, *orders]))} arguments in places; got {len(args)}.")
    fitting = [order for order in possible if _fits(key, order, args, agreed)] or possible
    readings = [_told(order, args, agreed) for order in fitting]
    if other := next((reading for reading in readings if reading != readings[0]), None):
        warn(
            f"{key}: read as {_listed(readings[0])}, in the order of Keras {era.name}; another version would read "
            f"{_listed(other)}. Give arguments by name where versions differ."
        )
    return fitting[0]


def _fits(key, order, args, agreed):
    pairs = zip(order[agreed:], args[agreed:])
    return all((FITS.get(f"{key}.{name}") or FITS.get(name) or _anything)(value) for name, value in pairs)


def _anything(value):
    return True


def _told(order, args, agreed):
    """What an order makes of the arguments; None is what is not given."""
    return {name: value for name, value in zip(order[agreed:], args[agreed:]) if value is not None and name}


def _listed(reading):
    return ", ".join(f"{name}={value!r}" if len(repr(value)) < 40 else f"{name}=..." for name, value in reading.items())


def shown(key: str, signature: inspect.Signature) -> inspect.Signature:
    """`signature` with what any era took: places only where all of Keras 1 agree, the rest by name or by the era."""
    if key not in ORDERS:
        return signature
    rows = [row for eras, row in _rows(key) if not {"2", "3"} >= set(eras)]
    given = list(signature.parameters.values())
    first = [p for p in given[:1] if p.name == "self"]
    plain = [p for p in given[len(first) :] if p.kind is p.POSITIONAL_OR_KEYWORD]
    agreed = _agreed([p.name for p in plain], [[new for _, new in row] for row in rows])
    names = {p.name for p in given}
    old = dict.fromkeys(name for row in rows for name, _ in row if name not in names)
    kind = inspect.Parameter
    longer = agreed < len(plain) or any(len(row) > agreed for row in rows)
    parts = [
        *first,
        *plain[:agreed],
        *([kind("by_era", kind.VAR_POSITIONAL)] if longer else []),
        *(p.replace(kind=kind.KEYWORD_ONLY) for p in plain[agreed:]),
        *(p for p in given if p.kind is kind.KEYWORD_ONLY),
        *(kind(name, kind.KEYWORD_ONLY, default=None) for name in old),
        *(p for p in given if p.kind is kind.VAR_KEYWORD),
    ]
    return signature.replace(parameters=parts)
