"""`layers` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.layers

class ConvLSTM2DCell(ConvLSTM2D, horngate.layers.ConvLSTM2DCell):
    r"""One step of `ConvLSTM2D`."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = 'tanh', recurrent_activation: Any = 'hard_sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        def input_conv(self, x, w, b=None, padding='valid') -> Any: ...
        def masks(self, x) -> list[Any]: ...
        output_size: Any
        def recurrent_conv(self, x, w) -> Any: ...
        state_size: Any
class ConvRNN2D(RNN, horngate.layers.ConvRNN2D):
    r"""Applies a cell of images, such as `ConvLSTM2DCell`, to each of a sequence of images."""
    def __init__(self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class GRUCell(GRU, horngate.layers.GRUCell):
    r"""One step of `GRU`."""
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, implementation: int = 2, reset_after: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        def masks(self, x) -> list[Any]: ...
        output_size: Any
        state_size: Any
class LSTMCell(LSTM, horngate.layers.LSTMCell):
    r"""One step of `LSTM`."""
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, implementation: int = 2, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        def masks(self, x) -> list[Any]: ...
        output_size: Any
        state_size: Any
class LocallyConnected1D(Layer, horngate.layers.LocallyConnected1D):
    r"""Like `Convolution1D`, with separate weights at each step; the arguments are the same."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', *, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, input_dim: int | None = None, input_length: int | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        W: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_name: Any
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        filter_length: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        init: Any
        input_dim: Any
        input_length: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        nb_filter: Any
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        subsample_length: Any
        window: Any
        window_names: Any
class LocallyConnected2D(Layer, horngate.layers.LocallyConnected2D):
    r"""Like `Convolution2D`, with separate weights at each pixel; the arguments are the same."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', *, kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        W: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_name: Any
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        init: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        nb_col: Any
        nb_filter: Any
        nb_row: Any
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        subsample: Any
        window: Any
        window_names: Any
class SimpleRNNCell(SimpleRNN, horngate.layers.SimpleRNNCell):
    r"""One step of `SimpleRNN`."""
    def __init__(self, units: int, activation: Any = 'tanh', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        def masks(self, x) -> list[Any]: ...
        output_size: Any
        state_size: Any
class StackedRNNCells(Layer, horngate.layers.StackedRNNCells):
    r"""Cells upon cells: each takes the output of the one before; the states are a list with those of each."""
    def __init__(self, cells: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        cells: Any
        direction: Any
        def get_initial_state(self, batch_size) -> list[Any]: ...
        def masks(self, x) -> list[Any]: ...
        order: Any
        output_size: Any
        state_size: Any
class ThresholdedReLU(Layer, horngate.layers.ThresholdedReLU):
    r"""x where it is above theta, else 0."""
    def __init__(self, theta: float = 1.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        theta: Any
class Activation(Layer, horngate.layers.Activation):
    r"""A function applied to every element: y = activation(x)."""
    def __init__(self, activation: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        activation: Any
class ActivityRegularization(Layer, horngate.layers.ActivityRegularization):
    r"""The identity, adding l1 * sum(|x|) + l2 * sum(x^2) to the training loss."""
    def __init__(self, l1: float = 0.0, l2: float = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        activity_regularizer: Any
        l1: Any
        l2: Any
class Add(Layer, horngate.layers.Add):
    r"""The sum of tensors of one shape."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class Average(Layer, horngate.layers.Average):
    r"""The mean of tensors of one shape."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class AveragePooling1D(MaxPooling1D, horngate.layers.AveragePooling1D):
    r"""The mean over each `pool_size` time steps; arguments as in `MaxPooling1D`."""
    def __init__(self, pool_size: int | _Sequence[int] = 2, strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class AveragePooling2D(MaxPooling2D, horngate.layers.AveragePooling2D):
    r"""The mean over each window of an image; arguments as in `MaxPooling2D`."""
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class AveragePooling3D(MaxPooling3D, horngate.layers.AveragePooling3D):
    r"""The mean over each window of a volume; arguments as in `MaxPooling3D`."""
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class BatchNormalization(Layer, horngate.layers.BatchNormalization):
    r"""Normalizes activations to mean 0 and variance 1, then applies a learned scale and offset."""
    def __init__(self, axis: int = -1, momentum: Any = 0.99, epsilon: float = 0.001, center: bool = True, scale: bool = True, beta_initializer: Any = 'zero', gamma_initializer: Any = 'one', moving_mean_initializer: Any = 'zero', moving_variance_initializer: Any = 'one', beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, synchronized: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
        batch_norm_masks: Any
        beta: Any
        beta_constraint: Any
        beta_init: Any
        beta_regularizer: Any
        center: Any
        epsilon: Any
        frozen_batch_norm_tests: Any
        frozen_batch_norm_updates: Any
        gamma: Any
        gamma_constraint: Any
        gamma_init: Any
        gamma_regularizer: Any
        mode: Any
        momentum: Any
        moving_mean_initializer: Any
        moving_variance_initializer: Any
        moving_variance_plus_epsilon: Any
        moving_variance_unbiased: Any
        renorm: Any
        renorm_clipping: Any
        renorm_momentum: Any
        running_mean: Any
        running_std: Any
        running_variance: Any
        scale: Any
        synchronized: Any
class Bidirectional(Wrapper, horngate.layers.Bidirectional):
    r"""A recurrent layer run over the sequence in both directions, with weights for each."""
    def __init__(self, layer: Any, merge_mode: Any = 'concat', weights: list[Any] | None = None, backward_layer: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        backward_layer: Any
        backward_layer_: Any
        both_ways_zero_masked: Any
        constraints: Any
        def expect_constants(self, count) -> None: ...
        forward_layer: Any
        def handed_out(self, found) -> Any: ...
        def inner_loop(self, sequences, initial_state, mask, training=False) -> tuple[Any, Any, list[Any]]: ...
        merge_mode: Any
        num_constants: Any
        def number_of_states(self) -> int: ...
        def reset_state(self) -> None: ...
        def results(self, last, outputs, states, mask) -> Any: ...
        return_sequences: Any
        return_state: Any
        state_count: Any
        states: Any
        def walk(self, x, initial_states, mask) -> tuple[Any, Any, list[Any]]: ...
class Concatenate(Layer, horngate.layers.Concatenate):
    r"""Tensors joined along an axis."""
    def __init__(self, axis: int = -1, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class Conv1D(Layer, horngate.layers.Convolution1D):
    r"""Convolution along time."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, input_dim: int | None = None, input_length: int | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        W: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_initializer: Any
        bias_name: Any
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        filter_length: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        init: Any
        input_dim: Any
        input_length: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        nb_filter: Any
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        subsample_length: Any
        window: Any
        window_names: Any
class Conv2D(Layer, horngate.layers.Convolution2D):
    r"""Convolution of images."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        W: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_initializer: Any
        bias_name: Any
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        init: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        nb_col: Any
        nb_filter: Any
        nb_row: Any
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        subsample: Any
        window: Any
        window_names: Any
class Conv2DTranspose(Conv2D, horngate.layers.Conv2DTranspose):
    r"""`Deconvolution2D` that computes its output sizes: n * stride; with 'valid', plus what the windows reach further."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', output_padding: int | _Sequence[int] | None = None, data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        output_padding: Any
        output_shape_: Any
class Conv3D(Layer, horngate.layers.Convolution3D):
    r"""Convolution of volumes."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        W: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_initializer: Any
        bias_name: Any
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        init: Any
        kernel_dim1: Any
        kernel_dim2: Any
        kernel_dim3: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        nb_filter: Any
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        subsample: Any
        window: Any
        window_names: Any
class ConvLSTM2D(LSTM, horngate.layers.ConvLSTM2D):
    r"""Convolutional LSTM: the formulas of `LSTM` with convolutions in place of products."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = 'tanh', recurrent_activation: Any = 'hard_sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        border_mode: Any
        channels: Any
        def conv_step(self, x, W, b=None, border_mode='valid') -> Any: ...
        def conv_step_hidden(self, x, W, border_mode='valid') -> Any: ...
        dim_ordering: Any
        form: Any
        has_kernels: Any
        joins_gates: Any
        def kernels(self, letter) -> list[Any]: ...
        nb_col: Any
        nb_filter: Any
        nb_row: Any
        rank: Any
        strides: Any
        strides_name: Any
        strides_of_input: Any
        subsample: Any
        window: Any
class Cropping1D(Layer, horngate.layers.Cropping1D):
    r"""Removes time steps at both ends; `cropping` is (before, after)."""
    def __init__(self, cropping: int | _Sequence[Any] = (1, 1), *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        cropping: Any
        cuts: Any
        dim_ordering: Any
        form: Any
        rank: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class Cropping2D(Layer, horngate.layers.Cropping2D):
    r"""Removes the margins of images; `cropping` is ((top, bottom), (left, right))."""
    def __init__(self, cropping: int | _Sequence[Any] = ((0, 0), (0, 0)), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        cropping: Any
        cuts: Any
        dim_ordering: Any
        form: Any
        rank: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class Cropping3D(Layer, horngate.layers.Cropping3D):
    r"""Removes the margins of volumes; `cropping` holds (before, after) for each axis."""
    def __init__(self, cropping: int | _Sequence[Any] = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        cropping: Any
        cuts: Any
        dim_ordering: Any
        form: Any
        rank: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class Dense(Layer, horngate.layers.Dense):
    r"""Every output is connected to every input: y = activation(x W + b)."""
    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, input_dim: int | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        W: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_initializer: Any
        init: Any
        input_dim: Any
        lora_alpha: Any
        lora_rank: Any
        output_dim: Any
        quantization_config: Any
class Dot(Layer, horngate.layers.Dot):
    r"""Dot products of two tensors, for each sample."""
    def __init__(self, axes: int | _Sequence[Any] = -1, normalize: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        normalize: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class Dropout(Layer, horngate.layers.Dropout):
    r"""In training, sets a fraction of the inputs to 0 and scales the others to keep the mean."""
    def __init__(self, rate: float, noise_shape: _Sequence[int | None] | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def mask_shape(self, x) -> Any: ...
        noise_shape: Any
        p: Any
        seed: Any
class ELU(Layer, horngate.layers.ELU):
    r"""x where it is positive, else alpha * (exp(x) - 1)."""
    def __init__(self, alpha: float | _Sequence[float] = 1.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
class Embedding(Layer, horngate.layers.Embedding):
    r"""A learned vector for each of a fixed number of words: y[s, t] = W[x[s, t]]."""
    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = 'uniform', embeddings_regularizer: Any = None, activity_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: bool = False, input_length: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        W: Any
        W_constraint: Any
        W_regularizer: Any
        init: Any
        input_dim: Any
        input_length: Any
        lora_alpha: Any
        lora_rank: Any
        mask_zero: Any
        output_dim: Any
        quantization_config: Any
class Flatten(Layer, horngate.layers.Flatten):
    r"""Joins all axes but the batch into one."""
    def __init__(self, data_format: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class GRU(Layer, horngate.layers.GRU):
    r"""Gated recurrent unit."""
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, implementation: int = 2, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, reset_after: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, input_dim: int | None = None, input_length: int | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        U_constraint: Any
        U_regularizer: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_initializer: Any
        def blocks(self, x) -> list[Any]: ...
        consume_less: Any
        dropout_U: Any
        dropout_W: Any
        def expect_constants(self, count) -> None: ...
        def for_fused(self, x) -> Any: ...
        formula: Any
        def fused(self, letter) -> Any: ...
        fused_cell: Any
        fused_gates: Any
        gates: Any
        def get_constants(self, x) -> list[Any]: ...
        def get_initial_state(self, batch_size) -> list[Any]: ...
        def get_initial_states(self, x) -> list[Any]: ...
        go_backwards: Any
        def handed_out(self, found) -> Any: ...
        implementation: Any
        init: Any
        inner_activation: Any
        inner_init: Any
        def inner_loop(self, sequences, initial_state, mask, training=False) -> tuple[Any, Any, list[Any]]: ...
        def input_bias(self) -> Any: ...
        input_dim: Any
        input_length: Any
        def make_states(self, input_shape, count) -> None: ...
        num_constants: Any
        def number_of_states(self) -> int: ...
        output_dim: Any
        def preprocess_input(self, x) -> Any: ...
        def product_with_inputs(self, x, masks) -> Any: ...
        def recurrent_product(self, h, masks, U) -> Any: ...
        reset_after: Any
        def reset_state(self) -> None: ...
        def results(self, last, outputs, states, mask) -> Any: ...
        return_sequences: Any
        return_state: Any
        seed: Any
        state_count: Any
        def state_shape(self, input_shape) -> Any: ...
        states: Any
        def step(self, x, states) -> tuple[Any, list[Any]]: ...
        unroll: Any
        use_cudnn: Any
        uses_learning_phase: Any
        def walk(self, x, initial_states, mask) -> tuple[Any, Any, list[Any]]: ...
        def weight_axes(self, outputs) -> _Sequence[tuple[str, ...]]: ...
        def weight_shapes(self, count) -> _Sequence[Any]: ...
        zero_output_for_mask: Any
class GaussianDropout(Layer, horngate.layers.GaussianDropout):
    r"""In training, y = x * normal noise of mean 1 and variance p / (1 - p); in testing, y = x."""
    def __init__(self, rate: float, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        p: Any
        seed: Any
class GaussianNoise(Layer, horngate.layers.GaussianNoise):
    r"""In training, y = x + normal noise of standard deviation sigma; in testing, y = x."""
    def __init__(self, stddev: float, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        seed: Any
        sigma: Any
class GlobalAveragePooling1D(GlobalMaxPooling1D, horngate.layers.GlobalAveragePooling1D):
    r"""The mean over all time steps: (samples, steps, features) to (samples, features)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class GlobalAveragePooling2D(GlobalMaxPooling2D, horngate.layers.GlobalAveragePooling2D):
    r"""The mean over all pixels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class GlobalAveragePooling3D(GlobalMaxPooling3D, horngate.layers.GlobalAveragePooling3D):
    r"""The mean over all voxels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
class GlobalMaxPooling1D(Layer, horngate.layers.GlobalMaxPooling1D):
    r"""The maximum over all time steps: (samples, steps, features) to (samples, features)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        keepdims: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class GlobalMaxPooling2D(Layer, horngate.layers.GlobalMaxPooling2D):
    r"""The maximum over all pixels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        keepdims: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class GlobalMaxPooling3D(Layer, horngate.layers.GlobalMaxPooling3D):
    r"""The maximum over all voxels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        keepdims: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
def Input(shape: _Sequence[int | None] | None = None, batch_shape: _Sequence[int | None] | None = None, name: str | None = None, dtype: Any = None, sparse: bool = False, tensor: Any = None, batch_size: int | None = None, ragged: bool | None = None, optional: bool = False) -> Any: ...
class InputLayer(Layer, horngate.layers.InputLayer):
    r"""The place where data enter a graph of layers."""
    def __init__(self, input_shape: Any = None, batch_size: int | None = None, dtype: Any = None, input_tensor: Any = None, sparse: bool = False, name: str | None = None, *, trainable: bool = True, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        batch_shape: Any
        built: Any
        input_dtype: Any
        trainable: Any
class InputSpec(horngate.layers.InputSpec):
    r"""The requirements of a layer on an input; None for any."""
    def __init__(self, dtype: Any = None, shape: _Sequence[int | None] | None = None, ndim: Any = None, max_ndim: int | None = None, min_ndim: int | None = None, axes: dict[int, int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        allow_last_axis_squeeze: Any
        axes: Any
        dtype: Any
        def fault(self, x) -> str | None: ...
        max_ndim: Any
        min_ndim: Any
        name: Any
        ndim: Any
        optional: Any
        shape: Any
class LSTM(Layer, horngate.layers.LSTM):
    r"""Long short-term memory."""
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, implementation: int = 2, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, input_dim: int | None = None, input_length: int | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        U_constraint: Any
        U_regularizer: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_initializer: Any
        def blocks(self, x) -> list[Any]: ...
        consume_less: Any
        dropout_U: Any
        dropout_W: Any
        def expect_constants(self, count) -> None: ...
        def for_fused(self, x) -> Any: ...
        forget_bias_init: Any
        formula: Any
        def fused(self, letter) -> Any: ...
        fused_cell: Any
        fused_gates: Any
        gates: Any
        def get_constants(self, x) -> list[Any]: ...
        def get_initial_state(self, batch_size) -> list[Any]: ...
        def get_initial_states(self, x) -> list[Any]: ...
        go_backwards: Any
        def handed_out(self, found) -> Any: ...
        implementation: Any
        init: Any
        inner_activation: Any
        inner_init: Any
        def inner_loop(self, sequences, initial_state, mask, training=False) -> tuple[Any, Any, list[Any]]: ...
        def input_bias(self) -> Any: ...
        input_dim: Any
        input_length: Any
        def make_states(self, input_shape, count) -> None: ...
        num_constants: Any
        def number_of_states(self) -> int: ...
        output_dim: Any
        def preprocess_input(self, x) -> Any: ...
        def product_with_inputs(self, x, masks) -> Any: ...
        def recurrent_product(self, h, masks, U) -> Any: ...
        def reset_state(self) -> None: ...
        def results(self, last, outputs, states, mask) -> Any: ...
        return_sequences: Any
        return_state: Any
        seed: Any
        state_count: Any
        def state_shape(self, input_shape) -> Any: ...
        states: Any
        def step(self, x, states) -> tuple[Any, list[Any]]: ...
        unit_forget_bias: Any
        unroll: Any
        use_cudnn: Any
        uses_learning_phase: Any
        def walk(self, x, initial_states, mask) -> tuple[Any, Any, list[Any]]: ...
        def weight_axes(self, outputs) -> _Sequence[tuple[str, ...]]: ...
        def weight_shapes(self, count) -> _Sequence[Any]: ...
        zero_output_for_mask: Any
class Lambda(Layer, horngate.layers.Lambda):
    r"""Any function as a layer: y = function(x)."""
    def __init__(self, function: Any, output_shape: Any = None, mask: Any = None, arguments: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        function: Any
        mask: Any
        output_shape_: Any
        takes_mask: Any
class Layer(horngate.layers.Layer):
    r"""A function from tensors to tensors, with weights of its own."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    def __call__(self, inputs: Any, mask: Any = None, training: Any = None) -> Any: ...
    def add_weight(self, dtype: Any = None, name: str | None = None, shape: Any = None, initializer: Any = None, regularizer: Any = None, trainable: bool = True, constraint: Any = None) -> Any: ...
    if not TYPE_CHECKING:
        activity_regularizer: Any
        def add_inbound_node(self, inbound_layers, node_indices=None, tensor_indices=None) -> None: ...
        def add_loss(self, losses, inputs=None) -> None: ...
        def add_metric(self, *args, **kwargs) -> None: ...
        def add_update(self, updates, inputs=None) -> None: ...
        def add_variable(self, shape, initializer, dtype=None, trainable=True, autocast=True, regularizer=None, constraint=None, name=None) -> Any: ...
        alpha_initializer: Any
        def assert_input_compatibility(self, input) -> None: ...
        autocast: Any
        batch_input_shape: Any
        beta_initializer: Any
        bias_constraint: Any
        bias_regularizer: Any
        def build(self, input_shape) -> None: ...
        built: Any
        cache_enabled: Any
        def call(self, x, mask=None) -> Any: ...
        def call_arranged(self, *args, **kwargs) -> Any: ...
        cell: Any
        def clear_previous(self, reset_weights=True) -> None: ...
        compute_dtype: Any
        def compute_mask(self, input, input_mask=None) -> Any: ...
        def compute_output_shape(self, input_shape) -> Any: ...
        def count_params(self) -> int: ...
        def create_input_layer(self, batch_input_shape, input_dtype=None, name=None) -> None: ...
        data_format: Any
        dilation_rate: Any
        dropout: Any
        dtype: Any
        dtype_policy: Any
        embeddings: Any
        embeddings_constraint: Any
        embeddings_initializer: Any
        embeddings_regularizer: Any
        fans: Any
        filters: Any
        from_config: Any
        gamma_initializer: Any
        def get_config(self) -> dict[str, Any]: ...
        def get_input(self, train=False) -> Any: ...
        def get_input_at(self, node_index) -> Any: ...
        def get_input_mask(self, train=False) -> Any: ...
        def get_input_mask_at(self, node_index) -> Any: ...
        def get_input_shape_at(self, node_index) -> Any: ...
        def get_losses_for(self, inputs=None) -> list[Any]: ...
        def get_output(self, train=False) -> Any: ...
        def get_output_at(self, node_index) -> Any: ...
        def get_output_mask(self, train=False) -> Any: ...
        def get_output_mask_at(self, node_index) -> Any: ...
        def get_output_shape_at(self, node_index) -> Any: ...
        def get_output_shape_for(self, input_shape) -> Any: ...
        def get_params(self) -> tuple[list[Any], Any, Any, list[Any]]: ...
        def get_updates_for(self, inputs=None) -> list[Any]: ...
        def get_weights(self) -> list[Any]: ...
        initial_weights: Any
        input: Any
        input_dtype: Any
        input_mask: Any
        input_ndim: Any
        input_shape: Any
        input_spec: Any
        kernel: Any
        kernel_constraint: Any
        kernel_initializer: Any
        kernel_regularizer: Any
        kernel_size: Any
        layer_cache: Any
        def load_own_variables(self, store) -> None: ...
        losses: Any
        metrics: Any
        metrics_variables: Any
        moving_mean: Any
        moving_variance: Any
        name: Any
        nb_input: Any
        nb_output: Any
        non_trainable_variables: Any
        non_trainable_weights: Any
        output: Any
        output_mask: Any
        output_order: Any
        output_shape: Any
        padding: Any
        params: Any
        path: Any
        pool_size: Any
        rate: Any
        recurrent_activation: Any
        recurrent_constraint: Any
        recurrent_dropout: Any
        recurrent_initializer: Any
        recurrent_kernel: Any
        recurrent_regularizer: Any
        regularizers: Any
        def rematerialized_call(self, layer_call, *args, **kwargs) -> Any: ...
        def reset_states(self) -> None: ...
        def save_own_variables(self, store) -> None: ...
        def set_input(self, input_tensor=None, shape=None) -> None: ...
        def set_input_shape(self, input_shape) -> None: ...
        def set_previous(self, layer) -> None: ...
        def set_weights(self, weights) -> None: ...
        shape_cache: Any
        stateful: Any
        def stateless_call(self, trainable_variables, non_trainable_variables, *args, return_losses=False, **kwargs) -> Any: ...
        stddev: Any
        def supports_masked_input(self) -> bool: ...
        supports_masking: Any
        def symbolic_call(self, *args, **kwargs) -> Any: ...
        trainable: Any
        trainable_variables: Any
        trainable_weights: Any
        units: Any
        updates: Any
        use_bias: Any
        uses_learning_phase: Any
        variable_dtype: Any
        variable_serialization_spec: Any
        variables: Any
        weights: Any
class LeakyReLU(Layer, horngate.layers.LeakyReLU):
    r"""x where it is positive, else alpha * x."""
    def __init__(self, alpha: float | _Sequence[float] = 0.3, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
class Masking(Layer, horngate.layers.Masking):
    r"""Masks the steps in which every feature is `mask_value`."""
    def __init__(self, mask_value: float = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        mask_value: Any
class MaxPooling1D(Layer, horngate.layers.MaxPooling1D):
    r"""The maximum over each `pool_size` time steps, in windows `strides` apart (None: adjacent)."""
    def __init__(self, pool_size: int | _Sequence[int] = 2, strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        border_mode: Any
        dim_ordering: Any
        form: Any
        mode: Any
        pool_length: Any
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride: Any
        strides: Any
        window: Any
class MaxPooling2D(Layer, horngate.layers.MaxPooling2D):
    r"""The maximum over each window of an image."""
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        border_mode: Any
        dim_ordering: Any
        form: Any
        mode: Any
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        strides: Any
        window: Any
class MaxPooling3D(Layer, horngate.layers.MaxPooling3D):
    r"""The maximum over each window of a volume; arguments as in `MaxPooling2D`, three of each."""
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        border_mode: Any
        dim_ordering: Any
        form: Any
        mode: Any
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        strides: Any
        window: Any
class Maximum(Layer, horngate.layers.Maximum):
    r"""The elementwise maximum of tensors of one shape."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class Minimum(Layer, horngate.layers.Minimum):
    r"""The elementwise minimum of tensors of one shape."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class Multiply(Layer, horngate.layers.Multiply):
    r"""The elementwise product of tensors of one shape."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class PReLU(Layer, horngate.layers.PReLU):
    r"""x where it is positive, else alphas * x, with learned alphas."""
    def __init__(self, alpha_initializer: Any = 'zero', alpha_regularizer: Any = None, alpha_constraint: Any = None, shared_axes: int | _Sequence[int] | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        alpha_constraint: Any
        alpha_regularizer: Any
        alphas: Any
        init: Any
        def parameter(self, input_shape, name, init, role='slope', **rules) -> Any: ...
        shared_axes: Any
class Permute(Layer, horngate.layers.Permute):
    r"""Puts the axes into another order."""
    def __init__(self, dims: int | _Sequence[int] | None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dims: Any
class RNN(Wrapper, horngate.layers.RNN):
    r"""Applies a cell to each time step in turn: output, states = cell.call(x[:, t], states)."""
    def __init__(self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        cell_sees_constants: Any
        def expect_constants(self, count) -> None: ...
        def get_initial_state(self, batch_size) -> list[Any]: ...
        go_backwards: Any
        def handed_out(self, found) -> Any: ...
        def inner_loop(self, sequences, initial_state, mask, training=False) -> tuple[Any, Any, list[Any]]: ...
        layer: Any
        num_constants: Any
        def number_of_states(self) -> int: ...
        def reset_state(self) -> None: ...
        def results(self, last, outputs, states, mask) -> Any: ...
        return_sequences: Any
        return_state: Any
        state_count: Any
        state_sizes: Any
        states: Any
        unroll: Any
        def walk(self, x, initial_states, mask, constants=()) -> tuple[Any, Any, list[Any]]: ...
        zero_output_for_mask: Any
class ReLU(Layer, horngate.layers.ReLU):
    r"""max(x, 0), optionally with an upper limit, and a slope below 0 or another threshold."""
    def __init__(self, max_value: float | None = None, negative_slope: float | _Sequence[float] = 0.0, threshold: float = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        max_value: Any
        negative_slope: Any
        threshold: Any
class RepeatVector(Layer, horngate.layers.RepeatVector):
    r"""Repeats the input n times: y[:, t] = x for every step t."""
    def __init__(self, n: int, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        n: Any
class Reshape(Layer, horngate.layers.Reshape):
    r"""Gives the input another shape."""
    def __init__(self, target_shape: _Sequence[int], *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        target_shape: Any
class SeparableConv2D(Conv2D, horngate.layers.SeparableConvolution2D):
    r"""A convolution of each channel by itself, then a 1 x 1 convolution that mixes the channels."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None, pointwise_initializer: Any = None, bias_initializer: Any = 'zero', depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        depth_multiplier: Any
        depthwise_constraint: Any
        depthwise_initializer: Any
        depthwise_kernel: Any
        depthwise_regularizer: Any
        pointwise_constraint: Any
        pointwise_initializer: Any
        pointwise_kernel: Any
        pointwise_regularizer: Any
class SimpleRNN(Layer, horngate.layers.SimpleRNN):
    r"""A layer whose output is fed back: h' = activation(x W + b + h U)."""
    def __init__(self, units: int, activation: Any = 'tanh', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None, input_dim: int | None = None, input_length: int | None = None, weights: Any = None) -> None: ...
    if not TYPE_CHECKING:
        U_constraint: Any
        U_regularizer: Any
        W_constraint: Any
        W_regularizer: Any
        activation: Any
        b_constraint: Any
        b_regularizer: Any
        bias: Any
        bias_initializer: Any
        def blocks(self, x) -> list[Any]: ...
        consume_less: Any
        dropout_U: Any
        dropout_W: Any
        def expect_constants(self, count) -> None: ...
        def for_fused(self, x) -> Any: ...
        formula: Any
        def fused(self, letter) -> Any: ...
        fused_cell: Any
        fused_gates: Any
        gates: Any
        def get_constants(self, x) -> list[Any]: ...
        def get_initial_state(self, batch_size) -> list[Any]: ...
        def get_initial_states(self, x) -> list[Any]: ...
        go_backwards: Any
        def handed_out(self, found) -> Any: ...
        implementation: Any
        init: Any
        inner_init: Any
        def inner_loop(self, sequences, initial_state, mask, training=False) -> tuple[Any, Any, list[Any]]: ...
        def input_bias(self) -> Any: ...
        input_dim: Any
        input_length: Any
        def make_states(self, input_shape, count) -> None: ...
        num_constants: Any
        def number_of_states(self) -> int: ...
        output_dim: Any
        def preprocess_input(self, x) -> Any: ...
        def product_with_inputs(self, x, masks) -> Any: ...
        def recurrent_product(self, h, masks, U) -> Any: ...
        def reset_state(self) -> None: ...
        def results(self, last, outputs, states, mask) -> Any: ...
        return_sequences: Any
        return_state: Any
        seed: Any
        state_count: Any
        def state_shape(self, input_shape) -> Any: ...
        states: Any
        def step(self, x, states) -> tuple[Any, list[Any]]: ...
        unroll: Any
        use_cudnn: Any
        uses_learning_phase: Any
        def walk(self, x, initial_states, mask) -> tuple[Any, Any, list[Any]]: ...
        def weight_axes(self, outputs) -> _Sequence[tuple[str, ...]]: ...
        def weight_shapes(self, count) -> _Sequence[Any]: ...
        zero_output_for_mask: Any
class Softmax(Layer, horngate.layers.Softmax):
    r"""exp(x) / sum(exp(x)) along an axis."""
    def __init__(self, axis: int | _Sequence[int] = -1, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        activation: Any
        axis: Any
class SpatialDropout1D(Dropout, horngate.layers.SpatialDropout1D):
    r"""Dropout of whole channels of a sequence: better than Dropout where neighbouring steps are alike."""
    def __init__(self, rate: float, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class SpatialDropout2D(Dropout, horngate.layers.SpatialDropout2D):
    r"""Dropout of whole channels of an image: better than Dropout where neighbouring pixels are alike."""
    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class SpatialDropout3D(Dropout, horngate.layers.SpatialDropout3D):
    r"""Dropout of whole channels of a volume: better than Dropout where neighbouring voxels are alike."""
    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class Subtract(Layer, horngate.layers.Subtract):
    r"""The first of two tensors minus the second."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        def both_dot_axes(self, x, y) -> list[int]: ...
        concat_axis: Any
        cosine_axis: Any
        dot_axes: Any
        layers: Any
        merged_masks: Any
        merging_broadcasts: Any
        mode: Any
        node_indices: Any
        output_mask_: Any
        output_shape_: Any
        tensor_indices: Any
class TimeDistributed(Wrapper, horngate.layers.TimeDistributed):
    r"""The same layer at every time step: y[:, t] = layer(x[:, t])."""
    def __init__(self, layer: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        passes_masks: Any
        steps_apart: Any
class UpSampling1D(Layer, horngate.layers.UpSampling1D):
    r"""Each time step repeated `size` times: (samples, steps, features) to (samples, length * steps, features)."""
    def __init__(self, size: int = 2, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        factors: Any
        form: Any
        length: Any
        rank: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class UpSampling2D(Layer, horngate.layers.UpSampling2D):
    r"""Rows and columns enlarged; `size` holds the two factors."""
    def __init__(self, size: int | _Sequence[int] | None = (2, 2), data_format: str | None = None, interpolation: Any = 'nearest', *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        factors: Any
        form: Any
        from_corners: Any
        interpolation: Any
        rank: Any
        size: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class UpSampling3D(Layer, horngate.layers.UpSampling3D):
    r"""Each plane along the three axes repeated; `size` holds the three numbers of repetitions."""
    def __init__(self, size: int | _Sequence[int] | None = (2, 2, 2), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        factors: Any
        form: Any
        rank: Any
        size: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class Wrapper(Layer, horngate.layers.Wrapper):
    r"""Base of layers that hold others, whose weights, penalties, updates and states count as their own."""
    def __init__(self, layer: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def build_held(self, layer, input_shape) -> None: ...
        built: Any
        held: Any
        layer: Any
class ZeroPadding1D(Layer, horngate.layers.ZeroPadding1D):
    r"""Zeros before and after the time steps."""
    def __init__(self, padding: int | _Sequence[Any] | dict[str, int] = 1, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        pads: Any
        rank: Any
        sides: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class ZeroPadding2D(Layer, horngate.layers.ZeroPadding2D):
    r"""Zeros around images."""
    def __init__(self, padding: int | _Sequence[Any] | dict[str, int] = (1, 1), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        pads: Any
        rank: Any
        sides: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class ZeroPadding3D(Layer, horngate.layers.ZeroPadding3D):
    r"""Zeros around volumes; `padding` holds the three numbers of zeros."""
    def __init__(self, padding: int | _Sequence[Any] | dict[str, int] = (1, 1, 1), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_input_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        pads: Any
        rank: Any
        sides: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
def add(inputs: _Sequence[Any], **kwargs: Any) -> Any: ...
def average(inputs: _Sequence[Any], **kwargs: Any) -> Any: ...
def concatenate(inputs: _Sequence[Any], axis: int = -1, **kwargs: Any) -> Any: ...
def dot(inputs: _Sequence[Any], axes: Any, normalize: bool = False, **kwargs: Any) -> Any: ...
def maximum(inputs: _Sequence[Any], **kwargs: Any) -> Any: ...
def minimum(inputs: _Sequence[Any], **kwargs: Any) -> Any: ...
def multiply(inputs: _Sequence[Any], **kwargs: Any) -> Any: ...
def subtract(inputs: _Sequence[Any], **kwargs: Any) -> Any: ...
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
AvgPool3D = AveragePooling3D
Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
MaxPool3D = MaxPooling3D
SeparableConvolution2D = SeparableConv2D
