"""`keras.utils.conv_utils` of Keras 2: arithmetic of convolutions, and kernels of the other convention."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate.backend.later import normalize_data_format  # noqa: F401
from horngate.utils.layer_utils import convert_all_kernels_in_model  # noqa: F401
from horngate.utils.np_utils import conv_input_length as _input_length
from horngate.utils.np_utils import conv_output_length as _output_length


def normalize_tuple(value: Any, n: int, name: str) -> tuple[int, ...]:
    """`value`, one whole number or `n` of them, as a tuple of `n`. `name`: of the argument, for errors."""
    given = (value,) * n if isinstance(value, (int, np.integer)) else value
    try:
        found = tuple(int(each) for each in given)
    except (TypeError, ValueError):
        found = ()
    if len(found) != n:
        raise ValueError(f"{name} must be a whole number, or {n} of them; received {value!r}.")
    return found


def normalize_padding(value: str) -> str:
    """The word `value` for padding in small letters: `'valid'`, `'same'`, `'causal'` or `'full'`."""
    padding = str(value).lower()
    if padding not in ("valid", "same", "causal", "full"):
        raise ValueError(f"padding must be 'valid', 'same', 'causal' or 'full'; received {value!r}.")
    return padding


def conv_output_length(
    input_length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1
) -> int | None:
    """The length of a convolution's output along one axis; None if that of the input is unknown.

    # Arguments
        input_length: length of the input, or None.
        filter_size: size of the window.
        padding: `'valid'`, `'same'`, `'full'` or `'causal'`.
        stride: places from one window to the next.
        dilation: places from one entry of the window to the next.
    """
    return _output_length(input_length, filter_size, padding, stride, dilation)


def conv_input_length(output_length: int | None, filter_size: int, padding: str, stride: int) -> int | None:
    """The length of a convolution's input that gives an output of `output_length`, None if that is unknown.

    `filter_size`, `padding` and `stride` as for `conv_output_length`.
    """
    return _input_length(output_length, filter_size, padding, stride)


def deconv_length(
    dim_size: int | None,
    stride_size: int,
    kernel_size: int,
    padding: str,
    output_padding: int | None,
    dilation: int = 1,
) -> int | None:
    """The length of a transposed convolution's output along one axis; None if that of the input is unknown.

    # Arguments
        dim_size: length of the input.
        stride_size: the factor by which it grows.
        kernel_size: size of the window.
        padding: `'valid'`, `'same'` or `'full'`.
        output_padding: by how much the output is longer than the windows reach; None: as `padding` says.
        dilation: places from one entry of the window to the next.
    """
    if dim_size is None:
        return None
    reach = kernel_size + (kernel_size - 1) * (dilation - 1)
    if output_padding is not None:
        cut = {"same": reach // 2, "valid": 0, "full": reach - 1}[normalize_padding(padding)]
        return (dim_size - 1) * stride_size + reach - 2 * cut + output_padding
    beyond = {"same": 0, "valid": max(reach - stride_size, 0), "full": -(stride_size + reach - 2)}
    return dim_size * stride_size + beyond[normalize_padding(padding)]


def convert_kernel(kernel: np.ndarray) -> np.ndarray:
    """A `kernel` (window, channels, filters) with its window flipped, from Theano's convention or to it."""
    return np.copy(np.flip(kernel, tuple(range(kernel.ndim - 2))))


def convert_dense_weights_data_format(
    dense: Any, previous_feature_map_shape: Sequence[int], target_data_format: str = "channels_first"
) -> None:
    """Reorder the rows of the layer `dense`, which follows a Flatten, when channels change their place.

    # Arguments
        dense: the layer; its weights change.
        previous_feature_map_shape: (rows, columns, channels) before the Flatten, in the order of the target.
        target_data_format: where the channels stand from now on, `'channels_first'` or `'channels_last'`.
    """
    kernel, *rest = dense.get_weights()
    shape = tuple(previous_feature_map_shape)
    if normalize_data_format(target_data_format) == "channels_first":
        before = kernel.reshape(*shape[1:], shape[0], -1)
        turned = before.transpose(2, 0, 1, 3)
    else:
        before = kernel.reshape(shape[2], *shape[:2], -1)
        turned = before.transpose(1, 2, 0, 3)
    dense.set_weights([turned.reshape(kernel.shape), *rest])
