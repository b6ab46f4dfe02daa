"""K: functions on tensors, alike for arrays and for symbolic tensors."""

import importlib as _importlib
import sys
import typing as _typing

from horngate.backend.draws import draws_undone as _draws_undone
from horngate.backend.gc_pause import gc_paused

# The first search of JAX's own objects takes 50 ms; and JAX draws numbers as it is imported, so that a seed would give
# other numbers in a program that the launcher starts, which has imported it before.
with gc_paused(stays="jax" not in sys.modules), _draws_undone():
    import jax  # noqa: F401

from horngate.backend import cache, compilation, tracebacks  # noqa: F401  the cache comes before any program
from horngate.backend.attention import attended, attention, attention_scores, einsum, masked_softmax
from horngate.backend.config import (
    EraDefault,
    backend,
    cast_to_floatx,
    compute_dtype,
    conv_convention,
    deterministic,
    epsilon,
    era,
    floatx,
    image_data_format,
    image_dim_ordering,
    matmul_precision,
    set_conv_convention,
    set_deterministic,
    set_epsilon,
    set_era,
    set_floatx,
    set_image_data_format,
    set_image_dim_ordering,
    set_matmul_precision,
)
from horngate.backend.conv import (
    atrous_conv2d,
    conv1d,
    conv2d,
    conv3d,
    convolution,
    deconv2d,
    depthwise_conv,
    separable_conv2d,
    transposed_convolution,
)
from horngate.backend.ctc import (
    ctc_batch_cost,
    ctc_cost,
    ctc_create_skip_idxs,
    ctc_decode,
    ctc_interleave_blanks,
    ctc_label_dense_to_sparse,
    ctc_path_probs,
    ctc_update_log_p,
)
from horngate.backend.function import (
    Function,
    flatten_tree,
    function,
    gradients,
    learning_phase,
    set_learning_phase,
    within,
)
from horngate.backend.fused_rnn import FUSED_ACTIVATIONS, fused_rnn
from horngate.backend.graph import Tensor, Variable, get_uid, op, random_op, reset_uids
from horngate.backend.nn import (
    binary_crossentropy,
    categorical_crossentropy,
    elu,
    hard_sigmoid,
    in_top_k,
    l2_normalize,
    relu,
    sigmoid,
    softmax,
    softplus,
    softsign,
    sparse_categorical_crossentropy,
    tanh,
)
from horngate.backend.normalization import batch_normalization, normalize_batch_in_training, normalized, unit_length
from horngate.backend.ops import (
    abs,
    all,
    any,
    argmax,
    argmin,
    array_function,
    batch_dot,
    cast,
    clip,
    cos,
    cumsum,
    dot,
    equal,
    exp,
    gather,
    greater,
    greater_equal,
    in_test_phase,
    in_train_phase,
    is_keras_tensor,
    lesser,
    lesser_equal,
    log,
    logsumexp,
    max,
    maximum,
    mean,
    min,
    minimum,
    not_equal,
    one_hot,
    pow,
    print_tensor,
    prod,
    round,
    sign,
    sin,
    sqrt,
    square,
    std,
    stop_gradient,
    sum,
    switch,
    transpose,
    var,
)
from horngate.backend.pool import pool2d, pool3d, pooling
from horngate.backend.random import (
    drawing_by,
    dropout,
    mixed_with_step,
    random_binomial,
    random_bits,
    random_normal,
    random_uniform,
)
from horngate.backend.ranges import class_numbers, in_range, range_of_rows
from horngate.backend.recurrence import foldl, foldr, map_fn, rnn
from horngate.backend.running import is_running
from horngate.backend.shapes import (
    arange,
    batch_flatten,
    concatenate,
    count_params,
    dtype,
    expand_dims,
    flatten,
    int_shape,
    is_explicit_shape,
    ndim,
    normalize_axis,
    ones_like,
    pack,
    pattern_broadcast,
    permute_dimensions,
    repeat,
    repeat_elements,
    reshape,
    resize_repeat,
    reverse,
    shape,
    squeeze,
    stack,
    tile,
    zeros_like,
)
from horngate.backend.spatial import (
    added,
    asymmetric_spatial_2d_padding,
    asymmetric_temporal_padding,
    layout,
    pad,
    pad_spatial,
    patches,
    product_by_position,
    resize,
    resize_images,
    resize_volumes,
    spatial_2d_padding,
    spatial_3d_padding,
    temporal_padding,
)
from horngate.backend.state import (
    batch_get_value,
    batch_set_value,
    clear_session,
    eval,
    eye,
    get_session,
    get_value,
    get_variable_shape,
    is_sparse,
    legacy_weight_ordering,
    manual_variable_initialization,
    moving_average_update,
    ones,
    placeholder,
    random_normal_variable,
    random_uniform_variable,
    set_legacy_weight_ordering,
    set_session,
    set_value,
    to_dense,
    update,
    update_add,
    update_sub,
    variable,
    zeros,
)

if _typing.TYPE_CHECKING:  # imported when first named
    from horngate.backend.later import (
        bias_add,
        constant,
        control_dependencies,
        conv2d_transpose,
        conv3d_transpose,
        cumprod,
        depthwise_conv2d,
        eager,
        identity,
        is_placeholder,
        is_symbolic,
        is_tensor,
        is_variable,
        less,
        less_equal,
        local_conv1d,
        local_conv2d,
        name_scope,
        normalize_data_format,
        separable_conv1d,
        size,
        slice,
        symbolic,
        truncated_normal,
        v1_variable_initialization,
    )

tracebacks.install()

_LATER = [
    "bias_add",
    "constant",
    "control_dependencies",
    "conv2d_transpose",
    "conv3d_transpose",
    "cumprod",
    "depthwise_conv2d",
    "eager",
    "identity",
    "is_placeholder",
    "is_symbolic",
    "is_tensor",
    "is_variable",
    "less",
    "less_equal",
    "local_conv1d",
    "local_conv2d",
    "name_scope",
    "normalize_data_format",
    "separable_conv1d",
    "size",
    "slice",
    "symbolic",
    "truncated_normal",
    "v1_variable_initialization",
]


def __getattr__(name: str) -> _typing.Any:
    """A function that Keras 2 added; its module is imported when one is first named."""
    if name in _LATER:
        return getattr(_importlib.import_module(f"{__name__}.later"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# What K has, for editors and checkers. One name a line would be half of this file.
# fmt: off
__all__ = [
    "EraDefault", "FUSED_ACTIVATIONS", "Function", "Tensor", "Variable", "abs", "added", "all", "any", "arange",
    "argmax", "argmin", "array_function", "asymmetric_spatial_2d_padding", "asymmetric_temporal_padding",
    "atrous_conv2d", "attended", "attention",
    "attention_scores",
    "backend", "batch_dot", "batch_flatten", "batch_get_value", "batch_normalization",
    "batch_set_value", "binary_crossentropy", "cast", "cast_to_floatx", "categorical_crossentropy", "class_numbers",
    "clear_session", "clip", "compute_dtype", "concatenate", "conv1d", "conv2d", "conv3d", "conv_convention",
    "convolution", "cos", "count_params", "ctc_batch_cost", "ctc_cost", "ctc_create_skip_idxs", "ctc_decode",
    "ctc_interleave_blanks", "ctc_label_dense_to_sparse", "ctc_path_probs", "ctc_update_log_p", "cumsum", "deconv2d",
    "depthwise_conv", "deterministic", "dot", "drawing_by", "dropout", "dtype", "einsum", "elu", "epsilon", "equal",
    "era", "eval", "exp", "expand_dims", "eye", "flatten", "flatten_tree", "floatx", "foldl", "foldr", "function",
    "fused_rnn", "gather", "get_session",
    "get_uid", "get_value", "get_variable_shape", "gradients", "greater", "greater_equal", "hard_sigmoid",
    "image_data_format", "image_dim_ordering", "in_range", "in_test_phase", "in_top_k", "in_train_phase", "int_shape",
    "is_explicit_shape", "is_keras_tensor", "is_running", "is_sparse", "l2_normalize", "layout", "learning_phase",
    "legacy_weight_ordering", "lesser", "lesser_equal", "log", "logsumexp", "manual_variable_initialization", "map_fn",
    "masked_softmax",
    "matmul_precision", "max", "maximum", "mean", "min", "minimum", "mixed_with_step", "moving_average_update", "ndim",
    "normalize_axis", "normalize_batch_in_training", "normalized",
    "not_equal", "one_hot", "ones", "ones_like", "op", "pack", "pad",
    "pad_spatial", "patches", "pattern_broadcast", "permute_dimensions", "placeholder", "pool2d", "pool3d", "pooling",
    "pow", "print_tensor", "prod", "product_by_position", "random_binomial", "random_bits", "random_normal",
    "random_normal_variable", "random_op", "random_uniform", "random_uniform_variable", "range_of_rows", "relu",
    "repeat", "repeat_elements", "reset_uids", "reshape", "resize", "resize_images", "resize_repeat", "resize_volumes",
    "reverse", "rnn", "round", "separable_conv2d", "set_conv_convention", "set_deterministic", "set_epsilon", "set_era",
    "set_floatx", "set_image_data_format", "set_image_dim_ordering", "set_learning_phase", "set_legacy_weight_ordering",
    "set_matmul_precision", "set_session", "set_value", "shape", "sigmoid", "sign", "sin", "softmax", "softplus",
    "softsign", "sparse_categorical_crossentropy", "spatial_2d_padding", "spatial_3d_padding", "sqrt", "square",
    "squeeze", "stack", "std", "stop_gradient", "sum", "switch", "tanh", "temporal_padding", "tile",
    "to_dense", "transpose", "transposed_convolution", "unit_length",
    "update", "update_add", "update_sub", "var", "variable",
    "within", "zeros", "zeros_like",
    "bias_add", "constant", "control_dependencies", "conv2d_transpose", "conv3d_transpose", "cumprod",
    "depthwise_conv2d", "eager", "identity", "is_placeholder", "is_symbolic", "is_tensor", "is_variable", "less",
    "less_equal", "local_conv1d", "local_conv2d", "name_scope", "normalize_data_format", "separable_conv1d", "size",
    "slice", "symbolic", "truncated_normal", "v1_variable_initialization",
]
# fmt: on
