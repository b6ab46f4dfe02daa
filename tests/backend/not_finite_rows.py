"""Rows for the functions of K that have none in `test_ops`: the function, its arguments, NumPy's answer, gradients."""

import numpy as np

from horngate import backend as K
from tests.backend.test_conv import naive, naive_pool
from tests.backend.test_ops import floats, x34, x234, y34

# Functions that native kernels take part in.
BY_KERNELS = {
    "conv1d",
    "conv2d",
    "conv3d",
    "convolution",
    "atrous_conv2d",
    "separable_conv2d",
    "transposed_convolution",
    "deconv2d",
    "pooling",
    "pool2d",
    "pool3d",
    "fused_rnn",
    "normalize_batch_in_training",
}


def convolved(x, W, strides=1, mode="valid", ordering="tf", dilation=1, groups=1, bias=None, relu=False):
    rank = W.ndim - 2
    with np.errstate(all="ignore"):
        y = naive(x, W, (strides,) * rank, mode, "tensorflow", (dilation,) * rank, groups)
        y = y if bias is None else y + bias
        return np.maximum(y, 0) if relu else y


def transposed(x, W, sizes=None, strides=1, mode="valid", ordering="tf"):
    """Each number of x, times the window, added where the window stands."""
    window = W.shape[:2]
    sizes = [(n - 1) * strides + k for n, k in zip(x.shape[1:3], window)]
    y = np.zeros((len(x), *sizes, W.shape[-1]))
    for i, j in np.ndindex(*x.shape[1:3]):
        for a, b in np.ndindex(*window):
            y[:, i * strides + a, j * strides + b] += x[:, i, j] @ W[a, b]
    return y


def pooled(x, window, strides, mode="valid", ordering="tf", kind="max"):
    return naive_pool(x, window, strides or window, mode, "tensorflow", kind)


def simple_fused_rnn(cell, z, U, states, activations, mask=None):
    """A SimpleRNN, sample by sample."""
    rectify = {
        "relu": lambda x: np.maximum(x, 0),
        "tanh": np.tanh,
        "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "linear": lambda x: x,
    }[activations[0]]
    h, outputs = np.array(states[0], "float64"), []
    for t in range(z.shape[1]):
        new = rectify(z[:, t] + np.stack([row @ U for row in h]))
        h = new if mask is None else np.where(mask[:, t, None] != 0, new, h)
        outputs.append(h)
    return [h, np.stack(outputs, 1), h]


def recurrent(cell, z, U, states, activations, mask=None):
    """A GRU or LSTM of tanh and hard_sigmoid."""
    inner, n = lambda x: np.clip(0.2 * x + 0.5, 0, 1), U.shape[0]
    h, c, outputs = np.array(states[0], "float64"), np.array(states[-1], "float64"), []
    for t in range(z.shape[1]):
        x = np.split(z[:, t], U.shape[1] // n, axis=1)
        u = np.split(U, U.shape[1] // n, axis=1)
        if cell == "GRU":
            gate, r = inner(x[0] + h @ u[0]), inner(x[1] + h @ u[1])
            new = gate * h + (1 - gate) * np.tanh(x[2] + (r * h) @ u[2])
        else:
            i, f, o = (inner(x[k] + h @ u[k]) for k in (0, 1, 3))
            memory = f * c + i * np.tanh(x[2] + h @ u[2])
            new = o * np.tanh(memory)
            c = memory if mask is None else np.where(mask[:, t, None] != 0, memory, c)
        h = new if mask is None else np.where(mask[:, t, None] != 0, new, h)
        outputs.append(h)
    return [h, np.stack(outputs, 1), h, *([c] if cell == "LSTM" else [])]


def step(x, states):
    h = K.tanh(x + states[0])
    return h, [h]


def running(step, x, states, backwards=False, mask=None):
    h, outputs = states[0], []
    for t in range(x.shape[1]):
        new = np.tanh(x[:, t] + h)
        h = new if mask is None else np.where(mask[:, t, None] != 0, new, h)
        outputs.append(h)
    return [h, np.stack(outputs, 1), h]


def separable(x, depthwise, pointwise):
    apart = np.concatenate([convolved(x[..., c : c + 1], depthwise[:, :, c : c + 1]) for c in range(x.shape[-1])], -1)
    return convolved(apart, pointwise)


mask = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [1, 0, 0, 0]])
image, volume = floats(2, 6, 7, 3), floats(2, 4, 5, 4, 2)
wide = floats(2, 7, 6, 32)

ROWS = [
    ("added", (x34, y34), np.add, True),
    ("resize", (floats(2, 2, 3, 2), (2, 2), "tf"), lambda x, n, order: x.repeat(2, 1).repeat(2, 2), False),
    ("pad", (x34, ((1, 0), (0, 2))), np.pad, False),
    ("pad_spatial", (x234, [(1, 2)], "tf"), lambda x, n, order: np.pad(x, ((0, 0), (1, 2), (0, 0))), False),
    ("patches", (x234, (2,), (1,), "tf"), lambda x, *_: np.concatenate([x[:, :-1], x[:, 1:]], -1), True),
    ("product_by_position", (x234, floats(3, 4, 2)), lambda x, W: np.einsum("npi,pio->npo", x, W), True),
    ("conv1d", (floats(2, 9, 3), floats(3, 3, 4)), convolved, True),
    ("conv2d", (image, floats(3, 2, 3, 4), (1, 1), "valid", "tf"), lambda x, W, *_: convolved(x, W), True),
    ("conv3d", (volume, floats(2, 2, 2, 2, 3), (1, 1, 1), "valid", "tf"), lambda x, W, *_: convolved(x, W), False),
    (
        "atrous_conv2d",
        (image, floats(2, 2, 3, 4), 2, "valid", "tf"),
        lambda x, W, *_: convolved(x, W, dilation=2),
        False,
    ),
    ("convolution", (image, floats(3, 3, 3, 20), 2, "valid", "tf", 1, 1, floats(20), True), convolved, True),
    ("convolution", (wide, floats(3, 3, 32, 32), 1, "valid", "tf", 1, 1, floats(32), True), convolved, False),
    ("convolution", (wide, floats(1, 1, 32, 40), 1, "valid", "tf", 1, 1, floats(40), True), convolved, False),
    ("convolution", (floats(2, 5, 6, 4), floats(2, 2, 2, 6), 1, "valid", "tf", 1, 2), convolved, True),
    (
        "convolution",
        (floats(2, 5, 6, 20), floats(3, 3, 1, 20), 1, "valid", "tf", 1, 20, floats(20), True),
        convolved,
        False,
    ),
    (
        "separable_conv2d",
        (image, floats(2, 2, 3, 1), floats(1, 1, 3, 5), (1, 1), "valid", "tf"),
        lambda x, d, p, *_: separable(x, d, p),
        False,
    ),
    ("transposed_convolution", (floats(2, 3, 4, 3), floats(2, 3, 3, 4), None, 2, "valid", "tf"), transposed, True),
    (
        "deconv2d",
        (floats(2, 3, 4, 3), floats(2, 3, 3, 4), (2, 6, 9, 4), (2, 2), "valid", "tf"),
        lambda x, W, *_: transposed(x, W, None, 2),
        False,
    ),
    ("pool2d", (image, (2, 2), (2, 2), "valid", "tf"), pooled, True),
    ("pool2d", (image, (3, 2), (1, 2), "same", "tf", "max"), pooled, False),
    ("pool2d", (image, (3, 2), (1, 2), "same", "tf", "avg"), pooled, True),
    ("pool3d", (volume, (2, 2, 2), (1, 1, 1), "valid", "tf", "max"), pooled, False),
    ("pooling", (floats(2, 9, 20), (2,), None, "valid", "tf", "max"), pooled, True),
    ("pooling", (floats(2, 9, 20), (3,), (2,), "same", "tf", "avg"), pooled, True),
    ("rnn", (step, floats(3, 4, 2), [floats(3, 2)]), running, True),
    ("rnn", (step, floats(3, 4, 2), [floats(3, 2)], False, mask), running, True),
    *[
        (
            "fused_rnn",
            ("SimpleRNN", floats(3, 4, 9), 0.2 * floats(9, 9), [floats(3, 9)], (name, "tanh"), *masks),
            simple_fused_rnn,
            True,
        )
        for name in ("relu", "tanh", "sigmoid", "hard_sigmoid", "linear")
        for masks in ([], [mask])
    ],
    *[
        (
            "fused_rnn",
            (
                cell,
                floats(3, 4, 9 * gates),
                0.1 * floats(9, 9 * gates),
                [floats(3, 9)] * states,
                ("tanh", "hard_sigmoid"),
                *masks,
            ),
            recurrent,
            True,
        )
        for cell, gates, states in (("GRU", 3, 1), ("LSTM", 4, 2))
        for masks in ([], [mask])
    ],
]

# Why functions of K have no row.
EXEMPT = {
    "settings, the graph and its variables: they compute nothing with numbers of their own": (
        "array_function",
        "backend",
        "batch_get_value",
        "batch_set_value",
        "cast_to_floatx",
        "clear_session",
        "gc_paused",
        "compute_dtype",
        "conv_convention",
        "count_params",
        "deterministic",
        "dtype",
        "epsilon",
        "era",
        "eval",
        "eye",
        "drawing_by",
        "mixed_with_step",
        "flatten_tree",
        "floatx",
        "function",
        "get_session",
        "get_uid",
        "get_value",
        "get_variable_shape",
        "gradients",
        "image_data_format",
        "image_dim_ordering",
        "int_shape",
        "is_explicit_shape",
        "is_keras_tensor",
        "is_running",
        "is_sparse",
        "layout",
        "learning_phase",
        "legacy_weight_ordering",
        "manual_variable_initialization",
        "matmul_precision",
        "ndim",
        "normalize_axis",
        "ones",
        "op",
        "placeholder",
        "random_op",
        "reset_uids",
        "set_conv_convention",
        "set_deterministic",
        "set_epsilon",
        "set_era",
        "set_floatx",
        "set_image_data_format",
        "set_image_dim_ordering",
        "set_matmul_precision",
        "set_learning_phase",
        "set_legacy_weight_ordering",
        "set_session",
        "set_value",
        "update",
        "update_add",
        "update_sub",
        "variable",
        "within",
        "zeros",
        "arange",
    ),
    "made of other functions of K, by sums and products": (
        "depthwise_conv",
        "moving_average_update",
        "in_test_phase",
        "in_train_phase",
        "foldl",
        "foldr",
        "map_fn",
        "print_tensor",
    ),
    "drawn at random: what is dropped is 0, whatever it was, and no bound is NaN": (
        "dropout",
        "random_binomial",
        "random_bits",
        "random_normal",
        "random_normal_variable",
        "random_uniform",
        "random_uniform_variable",
    ),
    "they refuse numbers that are not whole, NaN among them": ("class_numbers", "in_range", "range_of_rows"),
    "labels and paths of whole numbers": ("ctc_create_skip_idxs", "ctc_interleave_blanks", "ctc_label_dense_to_sparse"),
    "in the tests of connectionist temporal classification below": (
        "ctc_batch_cost",
        "ctc_cost",
        "ctc_decode",
        "ctc_path_probs",
        "ctc_update_log_p",
    ),
}
