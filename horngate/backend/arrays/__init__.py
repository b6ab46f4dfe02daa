"""The array functions of Keras 3, for arrays and symbolic tensors: found by name, a module loaded for its first one."""

import functools
import importlib
from typing import Any

from horngate.backend.graph import op

_MODULES = {  # module -> the functions it defines one by one
    "indexing": "get_item scatter scatter_update segment_max segment_min segment_prod segment_sum slice slice_update "
    "stop_gradient top_k in_top_k one_hot multi_hot unstack rearrange unique saturate_cast is_tensor dtype "
    "take take_along_axis bincount view view_as_complex view_as_real extract_sequences polar psnr convert_to_tensor",
    "control": "associative_scan cond custom_gradient fori_loop jvp map scan switch vectorized_map while_loop",
    "linalg": "cdist cholesky cholesky_inverse det eig eigh inv logdet lstsq lu_factor matrix_rank norm normalize pinv "
    "qr slogdet solve solve_triangular svd",
    "signal": "fft fft2 ifft2 irfft istft rfft stft",
    "networks": "adaptive_average_pool adaptive_max_pool average_pool batch_normalization binary_crossentropy "
    "categorical_crossentropy conv conv_transpose ctc_decode ctc_loss depth_to_space depthwise_conv "
    "dot_product_attention fold layer_normalization max_pool moments rms_normalization separable_conv space_to_depth "
    "sparse_categorical_crossentropy unfold",
}
_HOME = {name: module for module, names in _MODULES.items() for name in names.split()}


def names() -> list[str]:
    """Return the names of all functions."""
    return [*_HOME, *importlib.import_module(f"{__name__}.of_numpy").NAMES]


@functools.cache
def found(name: str) -> Any:
    """Return the function `name` of Keras 3, or None if there is none."""
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    of_numpy = importlib.import_module(f"{__name__}.of_numpy")
    function = of_numpy.made(name)
    return None if function is None else op(function)
