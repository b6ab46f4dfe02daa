"""`backend` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.backend import abs as abs
from horngate.backend import all as all
from horngate.backend import any as any
from horngate.backend import arange as arange
from horngate.backend import argmax as argmax
from horngate.backend import argmin as argmin
from horngate.backend import backend as backend
from horngate.backend import batch_dot as batch_dot
from horngate.backend import batch_flatten as batch_flatten
from horngate.backend import batch_set_value as batch_set_value
from horngate.backend import cast as cast
from horngate.backend import cast_to_floatx as cast_to_floatx
from horngate.backend import clear_session as clear_session
from horngate.backend import clip as clip
from horngate.backend import concatenate as concatenate
from horngate.backend import cos as cos
from horngate.backend import count_params as count_params
from horngate.backend import ctc_batch_cost as ctc_batch_cost
from horngate.backend import ctc_label_dense_to_sparse as ctc_label_dense_to_sparse
from horngate.backend import cumsum as cumsum
from horngate.backend import dot as dot
from horngate.backend import dtype as dtype
from horngate.backend import elu as elu
from horngate.backend import epsilon as epsilon
from horngate.backend import equal as equal
from horngate.backend import eval as eval
from horngate.backend import exp as exp
from horngate.backend import eye as eye
from horngate.backend import flatten as flatten
from horngate.backend import floatx as floatx
from horngate.backend import foldl as foldl
from horngate.backend import foldr as foldr
from horngate.backend import function as function
from horngate.backend import gather as gather
from horngate.backend import get_session as get_session
from horngate.backend import get_uid as get_uid
from horngate.backend import get_value as get_value
from horngate.backend import get_variable_shape as get_variable_shape
from horngate.backend import gradients as gradients
from horngate.backend import greater as greater
from horngate.backend import greater_equal as greater_equal
from horngate.backend import hard_sigmoid as hard_sigmoid
from horngate.backend import in_test_phase as in_test_phase
from horngate.backend import in_top_k as in_top_k
from horngate.backend import in_train_phase as in_train_phase
from horngate.backend import int_shape as int_shape
from horngate.backend import is_keras_tensor as is_keras_tensor
from horngate.backend import is_sparse as is_sparse
from horngate.backend import l2_normalize as l2_normalize
from horngate.backend import learning_phase as learning_phase
from horngate.backend import lesser as _lesser
from horngate.backend import lesser_equal as _lesser_equal
from horngate.backend import log as log
from horngate.backend import logsumexp as logsumexp
from horngate.backend import manual_variable_initialization as manual_variable_initialization
from horngate.backend import map_fn as map_fn
from horngate.backend import max as max
from horngate.backend import maximum as maximum
from horngate.backend import mean as mean
from horngate.backend import min as min
from horngate.backend import minimum as minimum
from horngate.backend import ndim as ndim
from horngate.backend import normalize_batch_in_training as normalize_batch_in_training
from horngate.backend import not_equal as not_equal
from horngate.backend import ones as ones
from horngate.backend import permute_dimensions as permute_dimensions
from horngate.backend import pow as pow
from horngate.backend import print_tensor as print_tensor
from horngate.backend import prod as prod
from horngate.backend import random_binomial as random_binomial
from horngate.backend import random_normal_variable as random_normal_variable
from horngate.backend import random_uniform_variable as random_uniform_variable
from horngate.backend import relu as relu
from horngate.backend import repeat as repeat
from horngate.backend import repeat_elements as repeat_elements
from horngate.backend import reset_uids as reset_uids
from horngate.backend import reshape as reshape
from horngate.backend import reverse as reverse
from horngate.backend import rnn as rnn
from horngate.backend import round as round
from horngate.backend import set_image_data_format as set_image_data_format
from horngate.backend import set_image_dim_ordering as set_image_dim_ordering
from horngate.backend import set_learning_phase as set_learning_phase
from horngate.backend import set_session as set_session
from horngate.backend import set_value as set_value
from horngate.backend import shape as shape
from horngate.backend import sigmoid as sigmoid
from horngate.backend import sign as sign
from horngate.backend import sin as sin
from horngate.backend import softplus as softplus
from horngate.backend import softsign as softsign
from horngate.backend import sqrt as sqrt
from horngate.backend import square as square
from horngate.backend import squeeze as squeeze
from horngate.backend import stack as stack
from horngate.backend import std as std
from horngate.backend import stop_gradient as stop_gradient
from horngate.backend import sum as sum
from horngate.backend import switch as switch
from horngate.backend import tanh as tanh
from horngate.backend import temporal_padding as temporal_padding
from horngate.backend import tile as tile
from horngate.backend import to_dense as to_dense
from horngate.backend import transpose as transpose
from horngate.backend import update as update
from horngate.backend import update_add as update_add
from horngate.backend import update_sub as update_sub
from horngate.backend import var as var
from horngate.backend import variable as variable
from horngate.backend import zeros as zeros

def batch_get_value(ops: Any) -> list[Any]: ...
def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 0.001) -> Any: ...
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any: ...
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any: ...
def conv1d(x: Any, kernel: Any, strides: int | _Sequence[int] = 1, padding: str = 'valid', data_format: str = 'tf', dilation_rate: int | _Sequence[int] = 1) -> Any: ...
def conv2d(x: Any, kernel: Any, strides: int | _Sequence[int] = (1, 1), padding: str = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = (1, 1)) -> Any: ...
def conv3d(x: Any, kernel: Any, strides: int | _Sequence[int] = (1, 1, 1), padding: str = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = (1, 1, 1)) -> Any: ...
def ctc_decode(y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1, merge_repeated: bool = False) -> tuple[list[Any], Any]: ...
def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any: ...
def expand_dims(x: Any, axis: int = -1) -> Any: ...
def image_dim_ordering() -> str: ...
less = _lesser
less_equal = _lesser_equal
def moving_average_update(x: Any, value: Any, momentum: Any) -> tuple[Any, Any]: ...
def one_hot(indices: Any, num_classes: int) -> Any: ...
def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any: ...
def placeholder(shape: _Sequence[int | None] | None = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: str | None = None) -> Any: ...
def pool2d(x: Any, pool_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: str = 'valid', data_format: str | None = None, pool_mode: str = 'max') -> Any: ...
def pool3d(x: Any, pool_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1, 1), padding: str = 'valid', data_format: str | None = None, pool_mode: str = 'max') -> Any: ...
def random_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: int | None = None) -> Any: ...
def random_uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: int | None = None) -> Any: ...
def resize_images(x: Any, height_factor: int, width_factor: int, data_format: str | None = None, interpolation: str = 'nearest') -> Any: ...
def resize_volumes(x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: str | None = None) -> Any: ...
def separable_conv2d(x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: int | _Sequence[int] = (1, 1), padding: str = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1) -> Any: ...
def softmax(x: Any, axis: int | _Sequence[int] | None = -1) -> Any: ...
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any: ...
def spatial_2d_padding(x: Any, padding: int | _Sequence[int] = (1, 1), data_format: str | None = None) -> Any: ...
def spatial_3d_padding(x: Any, padding: int | _Sequence[int] = (1, 1, 1), data_format: str | None = None) -> Any: ...
def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any: ...
def image_data_format() -> str: ...
def set_epsilon(e: float) -> None: ...
def set_floatx(floatx: str) -> None: ...
