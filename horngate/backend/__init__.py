"""K: functions on tensors, alike for arrays and for symbolic tensors. `__init__.pyi` tells editors what it has."""

import importlib as _importlib
import sys
from typing import Any as _Any

from horngate.backend.draws import draws_undone as _draws_undone
from horngate.backend.gc_pause import gc_paused

# The first search of JAX's own objects takes 50 ms; and JAX draws numbers as it is imported, so that a seed would give
# other numbers in a program that the launcher starts, which has imported it before.
with gc_paused(stays="jax" not in sys.modules), _draws_undone():
    import jax  # noqa: F401

from horngate.backend import cache, compilation, tracebacks  # noqa: F401  the cache comes before any program

_HOMES = {  # module -> its names
    "attention": "attended attention attention_scores einsum masked_softmax",
    "config": (
        "EraDefault backend cast_to_floatx compute_dtype conv_convention deterministic epsilon era floatx "
        "image_data_format image_dim_ordering matmul_precision set_conv_convention set_deterministic set_epsilon "
        "set_era set_floatx set_image_data_format set_image_dim_ordering set_matmul_precision"
    ),
    "conv": (
        "atrous_conv2d conv1d conv2d conv3d convolution deconv2d depthwise_conv separable_conv2d transposed_convolution"
    ),
    "ctc": (
        "ctc_batch_cost ctc_cost ctc_create_skip_idxs ctc_decode ctc_interleave_blanks ctc_label_dense_to_sparse "
        "ctc_path_probs ctc_update_log_p"
    ),
    "function": "Function flatten_tree function gradients learning_phase set_learning_phase within",
    "fused_rnn": "FUSED_ACTIVATIONS fused_rnn",
    "graph": "Tensor Variable get_uid op random_op reset_uids",
    "nn": (
        "binary_crossentropy categorical_crossentropy elu hard_sigmoid in_top_k l2_normalize relu sigmoid softmax "
        "softplus softsign sparse_categorical_crossentropy tanh"
    ),
    "normalization": "batch_normalization normalize_batch_in_training normalized unit_length",
    "ops": (
        "abs all any argmax argmin array_function batch_dot cast clip cos cumsum dot equal exp gather "
        "greater greater_equal in_test_phase in_train_phase is_keras_tensor lesser lesser_equal log "
        "logsumexp max maximum mean min minimum not_equal one_hot pow print_tensor prod round sign sin sqrt "
        "square std stop_gradient sum switch transpose var"
    ),
    "pool": "pool2d pool3d pooling",
    "random": "drawing_by dropout mixed_with_step random_binomial random_bits random_normal random_uniform",
    "ranges": "class_numbers in_range range_of_rows",
    "recurrence": "foldl foldr map_fn rnn",
    "running": "is_running",
    "shapes": (
        "arange batch_flatten concatenate count_params dtype expand_dims flatten int_shape is_explicit_shape ndim "
        "normalize_axis ones_like pack pattern_broadcast permute_dimensions repeat repeat_elements reshape "
        "resize_repeat reverse shape squeeze stack tile zeros_like"
    ),
    "spatial": (
        "added asymmetric_spatial_2d_padding asymmetric_temporal_padding layout pad pad_spatial patches "
        "product_by_position resize resize_images resize_volumes spatial_2d_padding spatial_3d_padding "
        "temporal_padding"
    ),
    "state": (
        "batch_get_value batch_set_value clear_session eval eye get_session get_value get_variable_shape is_sparse "
        "legacy_weight_ordering manual_variable_initialization moving_average_update ones placeholder "
        "random_normal_variable random_uniform_variable set_legacy_weight_ordering set_session set_value to_dense "
        "update update_add update_sub variable zeros"
    ),
}
_LATER = (  # functions that Keras 2 added; their module is imported when one is first named
    "bias_add constant control_dependencies conv2d_transpose conv3d_transpose cumprod depthwise_conv2d eager identity "
    "is_placeholder is_symbolic is_tensor is_variable less less_equal local_conv1d local_conv2d name_scope "
    "normalize_data_format separable_conv1d size slice symbolic truncated_normal v1_variable_initialization"
)
for _module, _names in _HOMES.items():
    _found = _importlib.import_module(f"{__name__}.{_module}")
    globals().update({name: getattr(_found, name) for name in _names.split()})
__all__ = sorted([*" ".join(_HOMES.values()).split(), *_LATER.split()])

tracebacks.install()


def __getattr__(name: str) -> _Any:
    if name in _LATER.split():
        return getattr(_importlib.import_module(f"{__name__}.later"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
