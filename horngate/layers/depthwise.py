"""Depthwise convolutions: DepthwiseConv1D, DepthwiseConv2D, and SeparableConv1D, which then mixes the channels."""

from typing import Any, ClassVar

from horngate.engine.axes import in_use
from horngate.engine.for_layers import K, TensorLike, Variable, argument
from horngate.engine.kinds import Activation, Constraint, DataFormat, Initializer, Regularizer, Sizes
from horngate.layers.convolutional import Convolution
from horngate.layers.dense import own_kernel


class _OfDepthwise:
    """Attributes of depthwise convolutions that each public class declares at its own place in the signature."""

    kernel_size: Sizes
    steps: Sizes
    dilation_rate: Sizes
    depth_multiplier: int
    depthwise_initializer: Initializer
    bias_initializer: Initializer
    depthwise_regularizer: Regularizer
    depthwise_constraint: Constraint


class _Depthwise(Convolution, _OfDepthwise):
    """Base of depthwise convolutions: `depth_multiplier` filters for each channel, adjacent in the output."""

    window_names: ClassVar[tuple[str, ...]] = ("kernel_size",)
    bias_name: ClassVar[str] = "bias"
    stride_name: ClassVar[str] = "steps"
    dilation_name: ClassVar[str | None] = "dilation_rate"
    W_regularizer = W_constraint = None

    def filters_for(self, channels: int) -> int:
        return channels * self.depth_multiplier

    def build_kernel(self, channels: int) -> None:
        shape = self.form.kernel_shape(self.window, channels, self.depth_multiplier)
        axes = self.form.kernel_words(filters="multiplier")
        self.depthwise_kernel: Variable = own_kernel(self, "depthwise", shape, axes)

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        x, mode = self.padded(x)
        kernel = in_use(self.depthwise_kernel)
        return K.depthwise_conv(x, kernel, self.strides, mode, self.dim_ordering, self.dilation, **finish)


class _DepthwiseAlone(_Depthwise):
    """Base of `DepthwiseConv1D` and `DepthwiseConv2D`, with their arguments in the words for sequences."""

    kernel_size: Sizes = argument("steps that a filter sees")
    steps: Sizes = argument("how far the filter moves", default=1, alias="strides")
    border_mode: str = argument(
        "'same' for as many steps as the stride leaves", default="valid", alias="padding", choices=("valid", "same")
    )
    depth_multiplier: int = argument("filters for each feature", default=1, at_least=1)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    dilation_rate: Sizes = argument("how far the elements of the filter stand apart", default=1)
    activation: Activation = argument(default=None)
    bias: bool = argument("whether there is a bias", default=True, alias="use_bias")
    depthwise_initializer: Initializer = argument(default="glorot_uniform")
    bias_initializer: Initializer = argument(default="zeros")
    depthwise_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None, alias="bias_regularizer")
    activity_regularizer: Regularizer = argument(default=None)
    depthwise_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None, alias="bias_constraint")


class DepthwiseConv1D(_DepthwiseAlone):
    """Depthwise convolution along time: each feature is convolved separately.

    # Input shape
        (samples, steps, features), or features first.

    # Output shape
        (samples, new steps, features * depth_multiplier), or features first.

    # Source
        Chollet, Xception: deep learning with depthwise separable convolutions (arXiv:1610.02357).
    """

    rank = 1
    output_order = "unknown"  # the filters of each feature follow the order of the features


class DepthwiseConv2D(_DepthwiseAlone):
    """Depthwise convolution of images: each channel is convolved separately.

    # Input shape
        (samples, channels, rows, cols), or channels last.

    # Output shape
        (samples, channels * depth_multiplier, new rows, new cols), or channels last.

    # Source
        Chollet, Xception: deep learning with depthwise separable convolutions (arXiv:1610.02357).
    """

    kernel_size: Sizes = argument("rows and columns that a filter sees")
    steps: Sizes = argument("how far the filter moves along rows and columns", default=(1, 1), alias="strides")
    border_mode: str = argument(
        "'same' for as many places as the stride leaves", default="valid", alias="padding", choices=("valid", "same")
    )
    depth_multiplier: int = argument("filters for each channel", default=1, at_least=1)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    dilation_rate: Sizes = argument("how far the elements of the filter stand apart", default=(1, 1))


class SeparableConv1D(_Depthwise):
    """Separable convolution along time: a depthwise convolution, then a convolution of size 1 that mixes the features.

    # Input shape
        (samples, steps, features), or features first.

    # Output shape
        (samples, new steps, filters), or filters first.

    # Source
        Chollet, Xception: deep learning with depthwise separable convolutions (arXiv:1610.02357).
    """

    filters: int = argument("number of filters", at_least=1)
    kernel_size: Sizes = argument("steps that a filter sees")
    steps: Sizes = argument("how far the filter moves", default=1, alias="strides")
    border_mode: str = argument(
        "'same' for as many steps as the stride leaves", default="valid", alias="padding", choices=("valid", "same")
    )
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    dilation_rate: Sizes = argument("how far the elements of the filter stand apart", default=1)
    depth_multiplier: int = argument("filters for each feature in the first convolution", default=1, at_least=1)
    activation: Activation = argument(default=None)
    bias: bool = argument("whether there is a bias", default=True, alias="use_bias")
    depthwise_initializer: Initializer = argument(default="glorot_uniform")
    pointwise_initializer: Initializer = argument(default="glorot_uniform")
    bias_initializer: Initializer = argument(default="zeros")
    depthwise_regularizer: Regularizer = argument(default=None)
    pointwise_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None, alias="bias_regularizer")
    activity_regularizer: Regularizer = argument(default=None)
    depthwise_constraint: Constraint = argument(default=None)
    pointwise_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None, alias="bias_constraint")

    rank = 1

    def filters_for(self, channels: int) -> int:
        return self.filters

    def build_kernel(self, channels: int) -> None:
        super().build_kernel(channels)
        shape = self.form.kernel_shape((1,), channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel: Variable = own_kernel(self, "pointwise", shape, self.form.kernel_words())

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        kernel = in_use(self.pointwise_kernel)
        return K.convolution(super().convolve(x), kernel, 1, "valid", self.dim_ordering, **finish)
