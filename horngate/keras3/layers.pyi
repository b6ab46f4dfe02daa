"""`layers` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.layers

class AdaptiveAveragePooling1D(Layer, horngate.layers.AdaptiveAveragePooling1D):
    r"""The mean of each of `output_size` windows of steps."""
    def __init__(self, output_size: int | _Sequence[int] | None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        output_size: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[Any]: ...
class AdaptiveAveragePooling2D(Layer, horngate.layers.AdaptiveAveragePooling2D):
    r"""The mean of each of `output_size` windows of images."""
    def __init__(self, output_size: int | _Sequence[int] | None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        output_size: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[Any]: ...
class AdaptiveAveragePooling3D(Layer, horngate.layers.AdaptiveAveragePooling3D):
    r"""The mean of each of `output_size` windows of volumes."""
    def __init__(self, output_size: int | _Sequence[int] | None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        output_size: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[Any]: ...
class AdaptiveMaxPooling1D(AdaptiveAveragePooling1D, horngate.layers.AdaptiveMaxPooling1D):
    r"""The maximum of each of `output_size` windows of steps; arguments as in `AdaptiveAveragePooling1D`."""
    def __init__(self, output_size: int | _Sequence[int] | None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class AdaptiveMaxPooling2D(AdaptiveAveragePooling2D, horngate.layers.AdaptiveMaxPooling2D):
    r"""The maximum of each of `output_size` windows of images; arguments as in `AdaptiveAveragePooling2D`."""
    def __init__(self, output_size: int | _Sequence[int] | None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class AdaptiveMaxPooling3D(AdaptiveAveragePooling3D, horngate.layers.AdaptiveMaxPooling3D):
    r"""The maximum of each of `output_size` windows of volumes; arguments as in `AdaptiveAveragePooling3D`."""
    def __init__(self, output_size: int | _Sequence[int] | None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class AlphaDropout(Layer, horngate.layers.AlphaDropout):
    r"""Set a fraction of the inputs to the lower limit of SELU in training, and keep their mean 0 and variance 1."""
    def __init__(self, rate: float, noise_shape: _Sequence[int | None] | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        noise_shape: Any
        seed: Any
class Identity(Layer, horngate.layers.Identity):
    r"""Return the input: y = x; a placeholder for another layer."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class AdditiveAttention(Layer, horngate.layers.AdditiveAttention):
    r"""Dot-product attention: for each query, the mean of values weighted by its scores: softmax(scores) value."""
    def __init__(self, use_scale: bool = True, dropout: float = 0.0, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def call_by_name(self, given, options, training=None) -> Any: ...
        def call_in(self, form, tensors, masks=None) -> Any: ...
        def compute(self, query, value, key=None, query_mask=None, value_mask=None, return_attention_scores=False, use_causal_mask=False) -> Any: ...
        def named(self, items) -> dict[str, Any]: ...
        options: Any
        scale: Any
        def scores(self, query, key) -> Any: ...
        seed: Any
        tensors: Any
        def told_shapes(self, input_shape) -> dict[str, Any]: ...
        use_scale: Any
        uses_learning_phase: Any
class Attention(Layer, horngate.layers.Attention):
    r"""Dot-product attention: for each query, the mean of values weighted by its scores: softmax(scores) value."""
    def __init__(self, use_scale: bool = False, score_mode: Any = 'dot', dropout: float = 0.0, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def call_by_name(self, given, options, training=None) -> Any: ...
        def call_in(self, form, tensors, masks=None) -> Any: ...
        def compute(self, query, value, key=None, query_mask=None, value_mask=None, return_attention_scores=False, use_causal_mask=False) -> Any: ...
        concat_score_weight: Any
        def named(self, items) -> dict[str, Any]: ...
        options: Any
        scale: Any
        score_mode: Any
        def scores(self, query, key) -> Any: ...
        seed: Any
        tensors: Any
        def told_shapes(self, input_shape) -> dict[str, Any]: ...
        use_scale: Any
        uses_learning_phase: Any
class Conv1DTranspose(Layer, horngate.layers.Conv1DTranspose):
    r"""Transposed convolution along time: it enlarges the input by `strides`."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', output_padding: int | _Sequence[int] | None = None, data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        nb_filter: Any
        output_padding: Any
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        window: Any
        window_names: Any
class Conv3DTranspose(Layer, horngate.layers.Conv3DTranspose):
    r"""Transposed convolution of volumes: it enlarges the input by `strides`."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = (1, 1, 1), output_padding: int | _Sequence[int] | None = None, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        nb_filter: Any
        output_padding: Any
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        window: Any
        window_names: Any
class ConvLSTM1D(LSTM, horngate.layers.ConvLSTM1D):
    r"""Convolutional LSTM on sequences of rows: the formulas of `LSTM` with convolutions in place of products."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        nb_filter: Any
        rank: Any
        strides: Any
        strides_name: Any
        strides_of_input: Any
        window: Any
class ConvLSTM3D(LSTM, horngate.layers.ConvLSTM3D):
    r"""Convolutional LSTM on sequences of volumes: the formulas of `LSTM` with convolutions in place of products."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zeros', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        nb_filter: Any
        rank: Any
        strides: Any
        strides_name: Any
        strides_of_input: Any
        window: Any
class GlobalAvgPool3D(GlobalMaxPool3D, horngate.layers.GlobalAveragePooling3D):
    r"""The mean over all voxels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class GlobalMaxPool3D(Layer, horngate.layers.GlobalMaxPooling3D):
    r"""The maximum over all voxels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        keepdims: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class ReversibleEmbedding(Embedding, horngate.layers.ReversibleEmbedding):
    r"""An `Embedding` W whose call with `reverse=True` scores each word for a vector: y = x W'."""
    def __init__(self, input_dim: int, output_dim: int, tie_weights: bool = True, embeddings_initializer: Any = 'uniform', embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: bool = False, reverse_dtype: Any = None, logit_soft_cap: float | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        logit_soft_cap: Any
        reverse_dtype: Any
        reverse_embeddings: Any
        tie_weights: Any
class SpectralNormalization(Wrapper, horngate.layers.SpectralNormalization):
    r"""A layer with W / s in the place of its kernel W, where s is about the largest singular value of W."""
    def __init__(self, layer: Any, power_iterations: int = 1, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def normalized_weights(self) -> tuple[Any, Any]: ...
        power_iterations: Any
        vector_u: Any
def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any: ...
def serialize(layer: Any) -> dict[str, Any]: ...
Convolution1DTranspose = Conv1DTranspose
class Convolution2DTranspose(Conv2D, horngate.layers.Conv2DTranspose):
    r"""`Deconvolution2D` that computes its output sizes: n * stride; with 'valid', plus what the windows reach further."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', output_padding: int | _Sequence[int] | None = None, data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        output_padding: Any
        output_shape_: Any
Convolution3DTranspose = Conv3DTranspose
class DepthwiseConv1D(Layer, horngate.layers.DepthwiseConv1D):
    r"""Depthwise convolution along time: each feature is convolved separately."""
    def __init__(self, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', depth_multiplier: int = 1, data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', depthwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        depth_multiplier: Any
        depthwise_constraint: Any
        depthwise_initializer: Any
        depthwise_kernel: Any
        depthwise_regularizer: Any
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        window: Any
        window_names: Any
class DepthwiseConv2D(Layer, horngate.layers.DepthwiseConv2D):
    r"""Depthwise convolution of images: each channel is convolved separately."""
    def __init__(self, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', depth_multiplier: int = 1, data_format: str | None = None, dilation_rate: int | _Sequence[int] = (1, 1), activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', depthwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        depth_multiplier: Any
        depthwise_constraint: Any
        depthwise_initializer: Any
        depthwise_kernel: Any
        depthwise_regularizer: Any
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        def padded(self, x) -> tuple[Any, str]: ...
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        window: Any
        window_names: Any
class EinsumDense(Layer, horngate.layers.EinsumDense):
    r"""A fully connected layer over any axes: y = activation(einsum(equation, x, kernel) + bias)."""
    def __init__(self, equation: Any, output_shape: Any, activation: Any = None, bias_axes: Any = None, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: None = None, lora_alpha: None = None, gptq_unpacked_column_size: None = None, quantization_config: None = None, activity_regularizer: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        activation: Any
        bias: Any
        bias_axes: Any
        bias_initializer: Any
        equation: Any
        gptq_unpacked_column_size: Any
        kernel: Any
        lora_alpha: Any
        lora_rank: Any
        output_shape_: Any
        quantization_config: Any
class GRUCell(GRU, horngate.layers.GRUCell):
    r"""One step of `GRU`."""
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, reset_after: bool = True, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def masks(self, x) -> list[Any]: ...
        output_size: Any
        state_size: Any
class GroupNormalization(Layer, horngate.layers.GroupNormalization):
    r"""Normalize groups of features of each sample to mean 0 and variance 1, then apply a learned scale and offset."""
    def __init__(self, groups: int = 32, axis: int = -1, epsilon: float = 0.001, center: bool = True, scale: bool = True, beta_initializer: Any = 'zeros', gamma_initializer: Any = 'ones', beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def add_scale(self, shape, axes) -> None: ...
        def axes_of(self, shape) -> list[int]: ...
        axis: Any
        beta: Any
        beta_constraint: Any
        beta_regularizer: Any
        center: Any
        epsilon: Any
        gamma: Any
        gamma_constraint: Any
        gamma_regularizer: Any
        groups: Any
        scale: Any
        def scaled(self, y) -> Any: ...
class GroupQueryAttention(Layer, horngate.layers.GroupQueryAttention):
    r"""`MultiHeadAttention` in which several heads of queries share one head of keys and values."""
    def __init__(self, head_dim: int, num_query_heads: int, num_key_value_heads: int, dropout: float = 0.0, use_bias: bool = True, sliding_window: int | None = None, flash_attention: bool | None = None, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, use_gate: bool = False, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        attention_axes: Any
        bias_initializer: Any
        def call_by_name(self, given, options, training=None) -> Any: ...
        def call_in(self, form, tensors, masks=None) -> Any: ...
        def compute(self, query, value=None, key=None, return_attention_scores=False, use_causal_mask=False, **masks) -> Any: ...
        flash_attention: Any
        gate_dense: Any
        head_dim: Any
        heads: Any
        key_dense: Any
        def named(self, items) -> dict[str, Any]: ...
        num_key_value_heads: Any
        num_query_heads: Any
        options: Any
        output_dense: Any
        query_dense: Any
        seed: Any
        def sizes_out(self, query_shape) -> tuple[int, ...]: ...
        sliding_window: Any
        tensors: Any
        def told_shapes(self, input_shape) -> dict[str, Any]: ...
        use_gate: Any
        uses_learning_phase: Any
        value_dense: Any
        widths: Any
class LSTMCell(LSTM, horngate.layers.LSTMCell):
    r"""One step of `LSTM`."""
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def masks(self, x) -> list[Any]: ...
        output_size: Any
        state_size: Any
class LayerNormalization(Layer, horngate.layers.LayerNormalization):
    r"""Normalize each sample to mean 0 and variance 1 along its last axis, then apply a learned scale and offset."""
    def __init__(self, axis: int | _Sequence[int] = -1, epsilon: float = 0.001, center: bool = True, scale: bool = True, beta_initializer: Any = 'zeros', gamma_initializer: Any = 'ones', beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def add_scale(self, shape, axes) -> None: ...
        def axes_of(self, shape) -> list[int]: ...
        axis: Any
        beta: Any
        beta_constraint: Any
        beta_regularizer: Any
        center: Any
        epsilon: Any
        gamma: Any
        gamma_constraint: Any
        gamma_regularizer: Any
        scale: Any
        def scaled(self, y) -> Any: ...
class MultiHeadAttention(Layer, horngate.layers.MultiHeadAttention):
    r"""Multi-head attention: for each query and head, the mean of values weighted by the scores of the keys."""
    def __init__(self, num_heads: int, key_dim: int, value_dim: int | None = None, dropout: float = 0.0, use_bias: bool = True, output_shape: Any = None, attention_axes: int | _Sequence[int] | None = None, sliding_window: int | None = None, flash_attention: bool | None = None, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, use_gate: bool = False, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        attention_axes: Any
        bias_initializer: Any
        def call_by_name(self, given, options, training=None) -> Any: ...
        def call_in(self, form, tensors, masks=None) -> Any: ...
        def compute(self, query, value=None, key=None, return_attention_scores=False, use_causal_mask=False, **masks) -> Any: ...
        flash_attention: Any
        gate_dense: Any
        heads: Any
        key_dense: Any
        key_dim: Any
        def named(self, items) -> dict[str, Any]: ...
        num_heads: Any
        options: Any
        output_dense: Any
        output_shape_: Any
        query_dense: Any
        seed: Any
        def sizes_out(self, query_shape) -> tuple[int, ...]: ...
        sliding_window: Any
        tensors: Any
        def told_shapes(self, input_shape) -> dict[str, Any]: ...
        use_gate: Any
        uses_learning_phase: Any
        value_dense: Any
        value_dim: Any
        widths: Any
class Normalization(Layer, horngate.layers.Normalization):
    r"""Bring each feature to mean 0 and variance 1: y = (x - mean) / max(sqrt(variance), epsilon)."""
    def __init__(self, axis: int | _Sequence[int] | None = -1, mean: float | _Sequence[float] | None = None, variance: float | _Sequence[float] | None = None, invert: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def adapt(self, data, batch_size=None, steps=None) -> None: ...
        adapt_mean: Any
        adapt_variance: Any
        axis: Any
        count: Any
        def finalize_state(self) -> None: ...
        input_mean: Any
        input_variance: Any
        invert: Any
        mean: Any
        def reset_state(self) -> None: ...
        def update_state(self, data) -> None: ...
        variance: Any
class Rescaling(Layer, horngate.layers.Rescaling):
    r"""x * scale + offset: pixels from 0 to 255 become 0 to 1 with scale=1/255."""
    def __init__(self, scale: float | _Sequence[float], offset: float | _Sequence[float] = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        offset: Any
        scale: Any
class AugMix(Layer, horngate.layers.AugMix):
    r"""Mixes each image with `num_chains` chains of up to `chain_depth` changes of itself."""
    def __init__(self, value_range: float | _Sequence[float] = (0, 255), num_chains: int = 3, chain_depth: int = 3, factor: float | _Sequence[float] = 0.3, alpha: float = 1.0, all_ops: bool = True, interpolation: Any = 'bilinear', seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        all_ops: Any
        alpha: Any
        def by_chance(self, x, y, among) -> Any: ...
        chain_depth: Any
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        num_chains: Any
        def of_unit(self, x) -> Any: ...
        def one_of(self, x, names, number) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class CutMix(Layer, horngate.layers.CutMix):
    r"""Puts a random part of another image of the batch into each image; the labels are mixed as the areas are."""
    def __init__(self, factor: float | _Sequence[float] = 1.0, seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def mixed(self, x, other) -> tuple[Any, Any]: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
class MixUp(Layer, horngate.layers.MixUp):
    r"""y = a x + (1 - a) x', with another image x' of the batch; the labels likewise."""
    def __init__(self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        in_test: Any
        keeps_type: Any
        def mixed(self, x, other) -> tuple[Any, Any]: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
class RandAugment(Layer, horngate.layers.RandAugment):
    r"""Applies `num_ops` changes of colours and places to each image, drawn from all."""
    def __init__(self, value_range: float | _Sequence[float] = (0, 255), num_ops: int = 2, factor: float | _Sequence[float] = 0.5, interpolation: Any = 'bilinear', seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        num_ops: Any
        def of_unit(self, x) -> Any: ...
        def one_of(self, x, names, number) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class MelSpectrogram(Layer, horngate.layers.MelSpectrogram):
    r"""How strong the frequencies of a signal are over time, in bands that sound alike."""
    def __init__(self, fft_length: int = 2048, sequence_stride: int = 512, sequence_length: int | None = None, window: Any = 'hann', sampling_rate: int = 16000, num_mel_bins: int = 128, min_freq: float = 20.0, max_freq: float | None = None, power_to_db: bool = True, top_db: float = 80.0, mag_exp: float = 2.0, min_power: float = 1e-10, ref_power: float = 1.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        fft_length: Any
        mag_exp: Any
        max_freq: Any
        min_freq: Any
        min_power: Any
        num_mel_bins: Any
        power_to_db: Any
        ref_power: Any
        sampling_rate: Any
        sequence_length: Any
        sequence_stride: Any
        top_db: Any
        window: Any
class Pipeline(Layer, horngate.layers.Pipeline):
    r"""Layers one after the other, to prepare data: in a model, or in calls on arrays."""
    def __init__(self, layers: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        layers: Any
        trains_unless_told: Any
class STFTSpectrogram(Layer, horngate.layers.STFTSpectrogram):
    r"""The short-time Fourier transform of each channel of a signal, as a convolution."""
    def __init__(self, mode: Any = 'log', frame_length: int = 256, frame_step: int | None = None, fft_length: int | None = None, window: Any = 'hann', periodic: bool = False, scaling: Any = 'density', padding: Any = 'valid', expand_dims: bool = False, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        expand_dims: Any
        fft_length: Any
        frame_length: Any
        frame_step: Any
        imag_kernel: Any
        mode: Any
        periodic: Any
        rank: Any
        real_kernel: Any
        window: Any
class CategoryEncoding(Layer, horngate.layers.CategoryEncoding):
    r"""Numbers of categories as vectors."""
    def __init__(self, num_tokens: int, output_mode: Any = 'multi_hot', sparse: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        num_tokens: Any
        output_mode: Any
        sparse: Any
class Discretization(Layer, horngate.layers.Discretization):
    r"""The number of the bin in which each value lies: how many `bin_boundaries` are at most the value."""
    def __init__(self, bin_boundaries: float | _Sequence[float] | None = None, num_bins: int | None = None, epsilon: float = 0.01, output_mode: Any = 'int', sparse: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def adapt(self, data, batch_size=None, steps=None) -> None: ...
        bin_boundaries: Any
        epsilon: Any
        def finalize_state(self) -> None: ...
        num_bins: Any
        output_mode: Any
        def reset_state(self) -> None: ...
        sparse: Any
        def update_state(self, data) -> None: ...
class HashedCrossing(Layer, horngate.layers.HashedCrossing):
    r"""Items of several features together as numbers of bins, by a hash: those of sample i are one item."""
    def __init__(self, num_bins: int, output_mode: Any = 'int', sparse: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        num_bins: Any
        output_mode: Any
        sparse: Any
class Hashing(Layer, horngate.layers.Hashing):
    r"""Texts or whole numbers as numbers of bins, by a hash that is the same everywhere; several may share a bin."""
    def __init__(self, num_bins: int, mask_value: Any = None, salt: int | _Sequence[int] | None = None, output_mode: Any = 'int', sparse: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        mask_value: Any
        num_bins: Any
        output_mode: Any
        salt: Any
        sparse: Any
class IntegerLookup(Layer, horngate.layers.IntegerLookup):
    r"""Whole numbers as their places in a vocabulary, or with `invert` places as numbers."""
    def __init__(self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: int | None = None, oov_token: int = -1, vocabulary: Any = None, vocabulary_dtype: Any = 'int64', idf_weights: Any = None, invert: bool = False, output_mode: Any = 'int', sparse: bool = False, pad_to_max_tokens: bool = False, oov_method: Any = 'floormod', salt: int | _Sequence[int] | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def adapt(self, data, batch_size=None, steps=None) -> None: ...
        def finalize_state(self) -> None: ...
        def formed(self, numbers) -> Any: ...
        def get_vocabulary(self, include_special_tokens=True) -> list[Any]: ...
        def hash_of(self, item) -> int: ...
        idf_weights: Any
        invert: Any
        def items_of(self, data) -> list[list[Any]]: ...
        mask_token: Any
        max_tokens: Any
        num_oov_indices: Any
        oov_method: Any
        oov_token: Any
        output_mode: Any
        pad_to_max_tokens: Any
        def place_of(self, item) -> int: ...
        def places(self, array) -> Any: ...
        def reset_state(self) -> None: ...
        salt: Any
        def set_vocabulary(self, vocabulary, idf_weights=None) -> None: ...
        sparse: Any
        def update_state(self, data) -> None: ...
        vocabulary: Any
        vocabulary_dtype: Any
        def vocabulary_size(self) -> int: ...
class StringLookup(Layer, horngate.layers.StringLookup):
    r"""Words as their places in a vocabulary, or with `invert` places as words."""
    def __init__(self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: Any = None, oov_token: Any = '[UNK]', vocabulary: Any = None, idf_weights: Any = None, invert: bool = False, output_mode: Any = 'int', pad_to_max_tokens: bool = False, sparse: bool = False, encoding: Any = 'utf-8', salt: int | _Sequence[int] | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def adapt(self, data, batch_size=None, steps=None) -> None: ...
        encoding: Any
        def finalize_state(self) -> None: ...
        def formed(self, numbers) -> Any: ...
        def get_vocabulary(self, include_special_tokens=True) -> list[Any]: ...
        def hash_of(self, item) -> int: ...
        idf_weights: Any
        invert: Any
        def items_of(self, data) -> list[list[Any]]: ...
        mask_token: Any
        max_tokens: Any
        num_oov_indices: Any
        oov_token: Any
        output_mode: Any
        pad_to_max_tokens: Any
        def place_of(self, item) -> int: ...
        def places(self, array) -> Any: ...
        def reset_state(self) -> None: ...
        salt: Any
        def set_vocabulary(self, vocabulary, idf_weights=None) -> None: ...
        sparse: Any
        def update_state(self, data) -> None: ...
        vocabulary: Any
        def vocabulary_size(self) -> int: ...
class TextVectorization(Layer, horngate.layers.TextVectorization):
    r"""Texts as the places of their words in a vocabulary, filled up with 0, or as vectors that count words."""
    def __init__(self, max_tokens: int | None = None, standardize: Any = 'lower_and_strip_punctuation', split: Any = 'whitespace', ngrams: int | _Sequence[int] | None = None, output_mode: Any = 'int', output_sequence_length: int | None = None, pad_to_max_tokens: bool = False, vocabulary: Any = None, idf_weights: Any = None, sparse: bool = False, ragged: bool = False, encoding: Any = 'utf-8', *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def adapt(self, data, batch_size=None, steps=None) -> None: ...
        encoding: Any
        def finalize_state(self) -> None: ...
        def formed(self, numbers) -> Any: ...
        def get_vocabulary(self, include_special_tokens=True) -> list[Any]: ...
        def hash_of(self, item) -> int: ...
        idf_weights: Any
        def items_of(self, data) -> list[list[str]]: ...
        mask_token: Any
        max_tokens: Any
        ngrams: Any
        num_oov_indices: Any
        oov_token: Any
        output_mode: Any
        output_sequence_length: Any
        pad_to_max_tokens: Any
        def place_of(self, item) -> int: ...
        def places(self, array) -> Any: ...
        ragged: Any
        def reset_state(self) -> None: ...
        salt: Any
        def set_vocabulary(self, vocabulary, idf_weights=None) -> None: ...
        sparse: Any
        split: Any
        standardize: Any
        def update_state(self, data) -> None: ...
        vocabulary: Any
        def vocabulary_size(self) -> int: ...
class AutoContrast(Layer, horngate.layers.AutoContrast):
    r"""Stretches the values of each channel of each image over the whole range, in testing too."""
    def __init__(self, value_range: float | _Sequence[float] = (0, 255), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class Equalization(Layer, horngate.layers.Equalization):
    r"""Changes the values of each channel of each image so that all are about as frequent."""
    def __init__(self, value_range: float | _Sequence[float] = (0, 255), bins: int = 256, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        bins: Any
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomBrightness(Layer, horngate.layers.RandomBrightness):
    r"""y = x + factor (high - low), the same for all pixels of an image."""
    def __init__(self, factor: float | _Sequence[float], value_range: float | _Sequence[float] = (0, 255), seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomColorDegeneration(Layer, horngate.layers.RandomColorDegeneration):
    r"""Mixes each image with its grey one: y = x + factor (grey - x)."""
    def __init__(self, factor: float | _Sequence[float], value_range: float | _Sequence[float] = (0, 255), data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomColorJitter(Layer, horngate.layers.RandomColorJitter):
    r"""Changes brightness, contrast, saturation and hue, each by the layer of that name where its factor is given."""
    def __init__(self, value_range: float | _Sequence[float] = (0, 255), brightness_factor: float | _Sequence[float] | None = None, contrast_factor: float | _Sequence[float] | None = None, saturation_factor: float | _Sequence[float] | None = None, hue_factor: float | _Sequence[float] | None = None, seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        brightness_factor: Any
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        contrast_factor: Any
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        hue_factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        saturation_factor: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomContrast(Layer, horngate.layers.RandomContrast):
    r"""y = mean + c (x - mean) with the mean of each image and channel, c uniform in [1 - lower, 1 + upper]."""
    def __init__(self, factor: float | _Sequence[float], value_range: float | _Sequence[float] = (0, 255), seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomGaussianBlur(Layer, horngate.layers.RandomGaussianBlur):
    r"""Blurs an image by a bell, with a probability drawn from `factor`."""
    def __init__(self, factor: float | _Sequence[float] = 1.0, kernel_size: int | _Sequence[int] = 3, sigma: float | _Sequence[float] = 1.0, value_range: float | _Sequence[float] = (0, 255), data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        sigma: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomGrayscale(Layer, horngate.layers.RandomGrayscale):
    r"""Makes an image grey, in all of its channels, with the probability `factor`."""
    def __init__(self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
class RandomHue(Layer, horngate.layers.RandomHue):
    r"""Turns the colour circle by up to factor / 2 of a full turn, to either side."""
    def __init__(self, factor: float | _Sequence[float], value_range: float | _Sequence[float] = (0, 255), data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomInvert(Layer, horngate.layers.RandomInvert):
    r"""Turns an image into its negative, low + high - x, with a probability drawn from `factor`."""
    def __init__(self, factor: float | _Sequence[float] = 1.0, value_range: float | _Sequence[float] = (0, 255), seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomPosterization(Layer, horngate.layers.RandomPosterization):
    r"""Keeps the first `factor` of the 8 bits of each value, scaled to 0 ... 255."""
    def __init__(self, factor: float | _Sequence[float], value_range: float | _Sequence[float] = (0, 255), data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomSaturation(Layer, horngate.layers.RandomSaturation):
    r"""Multiplies the saturation by factor / (1 - factor): 0 gives grey, 1/2 changes nothing, 1 gives pure colours."""
    def __init__(self, factor: float | _Sequence[float], value_range: float | _Sequence[float] = (0, 255), data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomSharpness(Layer, horngate.layers.RandomSharpness):
    r"""y = s + 2 factor (x - s), with s the image smoothed: 0 smooths, 1/2 changes nothing, 1 sharpens."""
    def __init__(self, factor: float | _Sequence[float], value_range: float | _Sequence[float] = (0, 255), data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class Solarization(Layer, horngate.layers.Solarization):
    r"""Adds to each image, then inverts values from a threshold on: y = low + high - x where x >= threshold."""
    def __init__(self, addition_factor: float | _Sequence[float] = 0.0, threshold_factor: float | _Sequence[float] = 0.0, value_range: float | _Sequence[float] = (0, 255), seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        addition_factor: Any
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        def coloured(self, x) -> Any: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        in_test: Any
        keeps_type: Any
        def of_unit(self, x) -> Any: ...
        rank: Any
        seed: Any
        threshold_factor: Any
        trains_unless_told: Any
        def unit(self, x) -> Any: ...
        def untouched(self, x) -> Any: ...
        value_range: Any
class CenterCrop(Layer, horngate.layers.CenterCrop):
    r"""Cuts out the middle of images; those that are too small are resized first."""
    def __init__(self, height: int, width: int, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        def fitted(self, x) -> Any: ...
        height: Any
        in_test: Any
        keeps_type: Any
        rank: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        width: Any
class RandomCrop(Layer, horngate.layers.RandomCrop):
    r"""Cuts a part out of images, at the same random place of all; those that are too small are resized instead."""
    def __init__(self, height: int, width: int, seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        def fitted(self, x) -> Any: ...
        height: Any
        in_test: Any
        keeps_type: Any
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        width: Any
class RandomElasticTransform(Layer, horngate.layers.RandomElasticTransform):
    r"""Bends each image as if it were drawn on rubber: pixels move by a smooth random field."""
    def __init__(self, factor: float | _Sequence[float] = 1.0, scale: float | _Sequence[float] = 1.0, interpolation: Any = 'bilinear', fill_mode: Any = 'reflect', fill_value: float = 0.0, value_range: float | _Sequence[float] = (0, 255), seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        fill_mode: Any
        fill_value: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        rank: Any
        scale: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomErasing(Layer, horngate.layers.RandomErasing):
    r"""Fills a random part of each image."""
    def __init__(self, factor: float | _Sequence[float] = 1.0, scale: float | _Sequence[float] = (0.02, 0.33), fill_value: float | None = None, value_range: float | _Sequence[float] = (0, 255), seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        fill_value: Any
        in_test: Any
        keeps_type: Any
        rank: Any
        scale: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        value_range: Any
class RandomFlip(Layer, horngate.layers.RandomFlip):
    r"""Mirrors each image with probability 1/2."""
    def __init__(self, mode: Any = 'horizontal_and_vertical', seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        in_test: Any
        keeps_type: Any
        mode: Any
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
class RandomPerspective(Layer, horngate.layers.RandomPerspective):
    r"""Shows each image from a random side: its corners move towards its middle."""
    def __init__(self, factor: float | _Sequence[float] = 1.0, scale: float = 1.0, interpolation: Any = 'bilinear', fill_value: float = 0.0, seed: int | None = None, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        fill_value: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        rank: Any
        scale: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
class RandomRotation(Layer, horngate.layers.RandomRotation):
    r"""Turns each image around its middle by a random angle."""
    def __init__(self, factor: float | _Sequence[float], fill_mode: Any = 'reflect', interpolation: Any = 'bilinear', seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        factor: Any
        fill_mode: Any
        fill_value: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        def matrix(self, x, rows, columns) -> tuple[Any, ...]: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
class RandomShear(Layer, horngate.layers.RandomShear):
    r"""Moves the rows of each image against each other, and the columns."""
    def __init__(self, x_factor: float | _Sequence[float] = 0.0, y_factor: float | _Sequence[float] = 0.0, interpolation: Any = 'bilinear', fill_mode: Any = 'reflect', fill_value: float = 0.0, data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        fill_mode: Any
        fill_value: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        def matrix(self, x, rows, columns) -> tuple[Any, ...]: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        x_factor: Any
        y_factor: Any
class RandomTranslation(Layer, horngate.layers.RandomTranslation):
    r"""Moves each image."""
    def __init__(self, height_factor: float | _Sequence[float], width_factor: float | _Sequence[float], fill_mode: Any = 'reflect', interpolation: Any = 'bilinear', seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        fill_mode: Any
        fill_value: Any
        height_factor: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        def matrix(self, x, rows, columns) -> tuple[Any, ...]: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        width_factor: Any
class RandomZoom(Layer, horngate.layers.RandomZoom):
    r"""Makes what each image shows larger or smaller, around its middle."""
    def __init__(self, height_factor: float | _Sequence[float], width_factor: float | _Sequence[float] | None = None, fill_mode: Any = 'reflect', interpolation: Any = 'bilinear', seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        fill_mode: Any
        fill_value: Any
        height_factor: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        def matrix(self, x, rows, columns) -> tuple[Any, ...]: ...
        rank: Any
        seed: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        width_factor: Any
class Resizing(Layer, horngate.layers.Resizing):
    r"""Gives images another size; whole numbers are rounded and stay such."""
    def __init__(self, height: int, width: int, interpolation: Any = 'bilinear', crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False, fill_mode: Any = 'constant', fill_value: float = 0.0, antialias: bool = False, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        antialias: Any
        def by_chance(self, x, y, among) -> Any: ...
        def changed(self, x) -> Any: ...
        def changed_with(self, x, labels) -> tuple[Any, Any]: ...
        crop_to_aspect_ratio: Any
        dim_ordering: Any
        def drawn(self, x, among=(0.0, 1.0)) -> Any: ...
        def either_way(self, x, among) -> Any: ...
        fill_mode: Any
        fill_value: Any
        def fitted(self, x) -> Any: ...
        height: Any
        in_test: Any
        interpolation: Any
        keeps_type: Any
        pad_to_aspect_ratio: Any
        rank: Any
        trains_unless_told: Any
        def untouched(self, x) -> Any: ...
        width: Any
class RMSNormalization(Layer, horngate.layers.RMSNormalization):
    r"""Normalize each sample to root mean square 1 along its last axis, then apply a learned scale."""
    def __init__(self, axis: int | _Sequence[int] = -1, epsilon: float = 1e-06, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def add_scale(self, shape, axes) -> None: ...
        def axes_of(self, shape) -> list[int]: ...
        axis: Any
        beta: Any
        epsilon: Any
        gamma: Any
        scale: Any
        def scaled(self, y) -> Any: ...
class SeparableConv1D(Layer, horngate.layers.SeparableConv1D):
    r"""Separable convolution along time: a depthwise convolution, then a convolution of size 1 that mixes the features."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = 'glorot_uniform', pointwise_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zeros', depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        border_mode: Any
        def build_bias(self, shape, axes) -> None: ...
        def build_kernel(self, channels) -> None: ...
        def convolve(self, x, **finish) -> Any: ...
        def convolved(self, x, W, **finish) -> Any: ...
        depth_multiplier: Any
        depthwise_constraint: Any
        depthwise_initializer: Any
        depthwise_kernel: Any
        depthwise_regularizer: Any
        dilation: Any
        dilation_name: Any
        dim_ordering: Any
        def filters_for(self, channels) -> int: ...
        form: Any
        groups: Any
        has_kernels: Any
        kernel_role: Any
        def kernel_shape(self, channels) -> tuple[int, ...]: ...
        def kernel_words(self) -> tuple[str, ...]: ...
        def padded(self, x) -> tuple[Any, str]: ...
        pointwise_constraint: Any
        pointwise_initializer: Any
        pointwise_kernel: Any
        pointwise_regularizer: Any
        rank: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
        stride_name: Any
        strides: Any
        window: Any
        window_names: Any
SeparableConvolution1D = SeparableConv1D
class SimpleRNNCell(SimpleRNN, horngate.layers.SimpleRNNCell):
    r"""One step of `SimpleRNN`."""
    def __init__(self, units: int, activation: Any = 'tanh', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def masks(self, x) -> list[Any]: ...
        output_size: Any
        state_size: Any
class StackedRNNCells(Layer, horngate.layers.StackedRNNCells):
    r"""Cells upon cells: each takes the output of the one before; the states are a list with those of each."""
    def __init__(self, cells: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        cells: Any
        direction: Any
        def get_initial_state(self, batch_size) -> list[Any]: ...
        def masks(self, x) -> list[Any]: ...
        order: Any
        output_size: Any
        state_size: Any
class UnitNormalization(Layer, horngate.layers.UnitNormalization):
    r"""Scale each vector of a sample to length 1: y = x / sqrt(sum(x^2)), with the sum over `axis`."""
    def __init__(self, axis: int | _Sequence[int] = -1, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def add_scale(self, shape, axes) -> None: ...
        def axes_of(self, shape) -> list[int]: ...
        axis: Any
        beta: Any
        gamma: Any
        def scaled(self, y) -> Any: ...
class Activation(Layer, horngate.layers.Activation):
    r"""A function applied to every element: y = activation(x)."""
    def __init__(self, activation: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        activation: Any
class ActivityRegularization(Layer, horngate.layers.ActivityRegularization):
    r"""The identity, adding l1 * sum(|x|) + l2 * sum(x^2) to the training loss."""
    def __init__(self, l1: float = 0.0, l2: float = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        activity_regularizer: Any
        l1: Any
        l2: Any
class Add(Layer, horngate.layers.Add):
    r"""The sum of tensors of one shape."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, pool_size: int | _Sequence[int] = 2, strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class AveragePooling2D(MaxPooling2D, horngate.layers.AveragePooling2D):
    r"""The mean over each window of an image; arguments as in `MaxPooling2D`."""
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class AveragePooling3D(MaxPooling3D, horngate.layers.AveragePooling3D):
    r"""The mean over each window of a volume; arguments as in `MaxPooling3D`."""
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class BatchNormalization(Layer, horngate.layers.BatchNormalization):
    r"""Normalizes activations to mean 0 and variance 1, then applies a learned scale and offset."""
    def __init__(self, axis: int = -1, momentum: Any = 0.99, epsilon: float = 0.001, center: bool = True, scale: bool = True, beta_initializer: Any = 'zero', gamma_initializer: Any = 'one', moving_mean_initializer: Any = 'zero', moving_variance_initializer: Any = 'one', beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None, renorm_momentum: float = 0.99, synchronized: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, layer: Any, merge_mode: Any = 'concat', weights: list[Any] | None = None, backward_layer: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
        def results(self, last, outputs, states, mask) -> Any: ...
        return_sequences: Any
        return_state: Any
        state_count: Any
        states: Any
        def walk(self, x, initial_states, mask) -> tuple[Any, Any, list[Any]]: ...
class Concatenate(Layer, horngate.layers.Concatenate):
    r"""Tensors joined along an axis."""
    def __init__(self, axis: int = -1, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = 1, padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, groups: int = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None, input_dim: int | None = None) -> None: ...
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
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, groups: int = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
Conv2DTranspose = Convolution2DTranspose
class Conv3D(Layer, horngate.layers.Convolution3D):
    r"""Convolution of volumes."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, groups: int = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, cropping: int | _Sequence[Any] = (1, 1), *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, cropping: int | _Sequence[Any] = ((0, 0), (0, 0)), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, cropping: int | _Sequence[Any] = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, lora_rank: None = None, lora_alpha: None = None, quantization_config: None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None, input_dim: int | None = None) -> None: ...
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
    def __init__(self, axes: int | _Sequence[Any] = -1, normalize: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, rate: float, noise_shape: _Sequence[int | None] | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def mask_shape(self, x) -> Any: ...
        noise_shape: Any
        p: Any
        seed: Any
class ELU(Layer, horngate.layers.ELU):
    r"""x where it is positive, else alpha * (exp(x) - 1)."""
    def __init__(self, alpha: float | _Sequence[float] = 1.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
class Embedding(Layer, horngate.layers.Embedding):
    r"""A learned vector for each of a fixed number of words: y[s, t] = W[x[s, t]]."""
    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = 'uniform', embeddings_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: bool = False, weights: list[Any] | None = None, lora_rank: None = None, lora_alpha: None = None, quantization_config: None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, data_format: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class GRU(Layer, horngate.layers.GRU):
    r"""Gated recurrent unit."""
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, reset_after: bool = True, use_cudnn: Any = 'auto', zero_output_for_mask: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None, input_dim: int | None = None) -> None: ...
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
    def __init__(self, rate: float, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        p: Any
        seed: Any
class GaussianNoise(Layer, horngate.layers.GaussianNoise):
    r"""In training, y = x + normal noise of standard deviation sigma; in testing, y = x."""
    def __init__(self, stddev: float, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        seed: Any
        sigma: Any
class GlobalAveragePooling1D(GlobalMaxPooling1D, horngate.layers.GlobalAveragePooling1D):
    r"""The mean over all time steps: (samples, steps, features) to (samples, features)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
class GlobalAveragePooling2D(GlobalMaxPooling2D, horngate.layers.GlobalAveragePooling2D):
    r"""The mean over all pixels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
GlobalAveragePooling3D = GlobalAvgPool3D
class GlobalMaxPooling1D(Layer, horngate.layers.GlobalMaxPooling1D):
    r"""The maximum over all time steps: (samples, steps, features) to (samples, features)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        keepdims: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class GlobalMaxPooling2D(Layer, horngate.layers.GlobalMaxPooling2D):
    r"""The maximum over all pixels, of each channel: to (samples, channels)."""
    def __init__(self, data_format: str | None = None, keepdims: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        form: Any
        keepdims: Any
        rank: Any
        reduce: Any
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
GlobalMaxPooling3D = GlobalMaxPool3D
def Input(shape: _Sequence[int | None] | None = None, batch_size: int | None = None, dtype: Any = None, sparse: bool = False, ragged: bool | None = None, batch_shape: _Sequence[int | None] | None = None, name: str | None = None, tensor: Any = None, optional: bool = False) -> Any: ...
class InputLayer(Layer, horngate.layers.InputLayer):
    r"""The place where data enter a graph of layers."""
    def __init__(self, shape: Any = None, batch_size: int | None = None, dtype: Any = None, sparse: bool = False, ragged: bool | None = None, batch_shape: _Sequence[int | None] | None = None, input_tensor: Any = None, optional: bool = False, name: str | None = None, *, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, activity_regularizer: Any = None, autocast: Any = True) -> None: ...
    if not TYPE_CHECKING:
        batch_shape: Any
        built: Any
        input_dtype: Any
        trainable: Any
class InputSpec(horngate.layers.InputSpec):
    r"""The requirements of a layer on an input; None for any."""
    def __init__(self, dtype: Any = None, shape: _Sequence[int | None] | None = None, ndim: Any = None, max_ndim: int | None = None, min_ndim: int | None = None, axes: dict[int, int | None] | None = None, allow_last_axis_squeeze: bool = False, name: str | None = None, optional: bool = False) -> None: ...
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
    def __init__(self, units: int, activation: Any = 'tanh', recurrent_activation: Any = 'sigmoid', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', unit_forget_bias: bool = True, kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, use_cudnn: Any = 'auto', zero_output_for_mask: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None, input_dim: int | None = None) -> None: ...
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
    def __init__(self, function: Any, output_shape: Any = None, mask: Any = None, arguments: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        arguments: Any
        function: Any
        mask: Any
        output_shape_: Any
        takes_mask: Any
class Layer(horngate.layers.Layer):
    r"""A function from tensors to tensors, with weights of its own."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    def __call__(self, inputs: Any, mask: Any = None, training: Any = None) -> Any: ...
    def add_weight(self, shape: Any = None, initializer: Any = None, dtype: Any = None, trainable: bool = True, autocast: bool = True, regularizer: Any = None, constraint: Any = None, aggregation: str = 'none', overwrite_with_gradient: bool = False, name: str | None = None) -> Any: ...
    def add_loss(self, loss: Any, inputs: Any = None) -> None: ...
    if not TYPE_CHECKING:
        activity_regularizer: Any
        def add_inbound_node(self, inbound_layers, node_indices=None, tensor_indices=None) -> None: ...
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
    def __init__(self, negative_slope: float | _Sequence[float] = 0.3, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha: Any
class Masking(Layer, horngate.layers.Masking):
    r"""Masks the steps in which every feature is `mask_value`."""
    def __init__(self, mask_value: float = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        mask_value: Any
class MaxPooling1D(Layer, horngate.layers.MaxPooling1D):
    r"""The maximum over each `pool_size` time steps, in windows `strides` apart (None: adjacent)."""
    def __init__(self, pool_size: int | _Sequence[int] = 2, strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, pool_size: int | _Sequence[int] = (2, 2, 2), strides: int | _Sequence[int] | None = None, padding: Any = 'valid', data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, alpha_initializer: Any = 'zero', alpha_regularizer: Any = None, alpha_constraint: Any = None, shared_axes: int | _Sequence[int] | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        alpha_constraint: Any
        alpha_regularizer: Any
        alphas: Any
        init: Any
        def parameter(self, input_shape, name, init, role='slope', **rules) -> Any: ...
        shared_axes: Any
class Permute(Layer, horngate.layers.Permute):
    r"""Puts the axes into another order."""
    def __init__(self, dims: int | _Sequence[int] | None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dims: Any
class RNN(Wrapper, horngate.layers.RNN):
    r"""Applies a cell to each time step in turn: output, states = cell.call(x[:, t], states)."""
    def __init__(self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, zero_output_for_mask: bool = False, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, max_value: float | None = None, negative_slope: float | _Sequence[float] = 0.0, threshold: float = 0.0, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        max_value: Any
        negative_slope: Any
        threshold: Any
class RepeatVector(Layer, horngate.layers.RepeatVector):
    r"""Repeats the input n times: y[:, t] = x for every step t."""
    def __init__(self, n: int, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        n: Any
class Reshape(Layer, horngate.layers.Reshape):
    r"""Gives the input another shape."""
    def __init__(self, target_shape: _Sequence[int], *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        target_shape: Any
class SeparableConv2D(Conv2D, horngate.layers.SeparableConvolution2D):
    r"""A convolution of each channel by itself, then a 1 x 1 convolution that mixes the channels."""
    def __init__(self, filters: int, kernel_size: int | _Sequence[int], strides: int | _Sequence[int] = (1, 1), padding: Any = 'valid', data_format: str | None = None, dilation_rate: int | _Sequence[int] = 1, depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None, pointwise_initializer: Any = None, bias_initializer: Any = 'zero', depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None, bias_constraint: Any = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, units: int, activation: Any = 'tanh', use_bias: bool = True, kernel_initializer: Any = 'glorot_uniform', recurrent_initializer: Any = 'orthogonal', bias_initializer: Any = 'zero', kernel_regularizer: Any = None, recurrent_regularizer: Any = None, bias_regularizer: Any = None, *, kernel_constraint: Any = None, recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False, stateful: bool = False, unroll: bool = False, seed: int | None = None, zero_output_for_mask: bool = False, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None, input_dim: int | None = None) -> None: ...
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
    def __init__(self, axis: int | _Sequence[int] = -1, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        axis: Any
class SpatialDropout1D(Dropout, horngate.layers.SpatialDropout1D):
    r"""Dropout of whole channels of a sequence: better than Dropout where neighbouring steps are alike."""
    def __init__(self, rate: float, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        rank: Any
class SpatialDropout2D(Dropout, horngate.layers.SpatialDropout2D):
    r"""Dropout of whole channels of an image: better than Dropout where neighbouring pixels are alike."""
    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        rank: Any
class SpatialDropout3D(Dropout, horngate.layers.SpatialDropout3D):
    r"""Dropout of whole channels of a volume: better than Dropout where neighbouring voxels are alike."""
    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        rank: Any
class Subtract(Layer, horngate.layers.Subtract):
    r"""The first of two tensors minus the second."""
    def __init__(self, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, layer: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        passes_masks: Any
class UpSampling1D(Layer, horngate.layers.UpSampling1D):
    r"""Each time step repeated `size` times: (samples, steps, features) to (samples, length * steps, features)."""
    def __init__(self, size: int = 2, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, size: int | _Sequence[int] | None = (2, 2), data_format: str | None = None, interpolation: Any = 'nearest', *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        dim_ordering: Any
        factors: Any
        form: Any
        interpolation: Any
        rank: Any
        size: Any
        def size_for(self, size, axis) -> int: ...
        def sizes_for(self, sizes) -> _Sequence[int | None]: ...
class UpSampling3D(Layer, horngate.layers.UpSampling3D):
    r"""Each plane along the three axes repeated; `size` holds the three numbers of repetitions."""
    def __init__(self, size: int | _Sequence[int] | None = (2, 2, 2), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, layer: Any, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
    if not TYPE_CHECKING:
        def build_held(self, layer, input_shape) -> None: ...
        built: Any
        held: Any
        layer: Any
class ZeroPadding1D(Layer, horngate.layers.ZeroPadding1D):
    r"""Zeros before and after the time steps."""
    def __init__(self, padding: int | _Sequence[Any] | dict[str, int] = 1, data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, padding: int | _Sequence[Any] | dict[str, int] = (1, 1), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
    def __init__(self, padding: int | _Sequence[Any] | dict[str, int] = (1, 1, 1), data_format: str | None = None, *, name: str | None = None, trainable: bool = True, input_shape: _Sequence[int | None] | None = None, dtype: Any = None, activity_regularizer: Any = None, autocast: Any = True, batch_shape: _Sequence[int | None] | None = None) -> None: ...
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
