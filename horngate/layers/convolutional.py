"""Convolutions in one, two and three dimensions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from horngate import activations
from horngate.backend import EraDefault
from horngate.engine.arguments import REQUIRED
from horngate.engine.axes import in_use, turned
from horngate.engine.for_layers import InputSpec, K, Shapes, TensorLike, Variable, argument, fixed
from horngate.engine.kinds import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    InitializerOrNone,
    InitialWeights,
    Ordering,
    OutputShape,
    Regularizer,
    Sizes,
)
from horngate.layers.dense import bias_of, kernel_of, own_kernel
from horngate.layers.resizing import *  # noqa: F403  Keras 1 had them here
from horngate.layers.spatial import Spatial
from horngate.utils.np_utils import conv_output_length


class _OfKernels:
    """Attributes of layers with a kernel, which each public subclass declares at its own place in the signature."""

    nb_filter: int
    init: Initializer
    activation: Activation
    border_mode: str
    W_regularizer: Any  # None, like W_constraint, if the class has one for each of its kernels
    b_regularizer: Regularizer
    W_constraint: Any
    b_constraint: Constraint
    bias: bool
    groups: int = 1


class Convolution(Spatial, _OfKernels):
    """Base of convolutions: a kernel W slides over the data, y = activation(conv(x, W) + b).

    `window_names`, `stride_name`, `dilation_name`: the names of the arguments that hold these.
    """

    window_names: ClassVar[tuple[str, ...]] = ("nb_row", "nb_col")
    stride_name: ClassVar[str] = "subsample"
    dilation_name: ClassVar[str | None] = None
    kernel_role: ClassVar[str] = "kernel"
    bias_name: ClassVar[str] = "b"
    has_kernels: ClassVar[bool] = True

    @property
    def window(self) -> tuple[int, ...]:
        """The sizes of the kernel along the spatial axes."""
        sizes = tuple(getattr(self, name) for name in self.window_names)
        return self._per_axis(sizes[0] if len(sizes) == 1 else sizes)

    @property
    def strides(self) -> tuple[int, ...]:
        """The distance between windows along the spatial axes."""
        return self._per_axis(getattr(self, self.stride_name))

    @property
    def dilation(self) -> tuple[int, ...]:
        """The distance between the kernel's elements along the spatial axes."""
        return self._per_axis(getattr(self, self.dilation_name) if self.dilation_name else 1)

    def _per_axis(self, value):
        return (value,) * self.rank if isinstance(value, int) else tuple(value)

    def build(self, input_shape: Shapes) -> None:
        channels = input_shape[self.form.channel_axis]
        if channels is None:
            raise ValueError(
                f"{self.name}: the number of channels of the input must be known; its shape is {input_shape}."
            )
        self._expect(InputSpec(ndim=self.rank + 2, axes={self.form.channel_axis: channels}))
        self.build_kernel(channels)
        self.build_bias((self.filters_for(channels),), ("filters",))

    def filters_for(self, channels: int) -> int:
        """The number of filters that go out."""
        return self.nb_filter

    def build_kernel(self, channels: int) -> None:
        """Make the kernel."""
        if channels % self.groups or self.nb_filter % self.groups:
            raise ValueError(
                f"{type(self).__name__} {self.name}: groups must divide the channels of the input and the filters; "
                f"received groups={self.groups} for {channels} channels and {self.nb_filter} filters."
            )
        shape = self.kernel_shape(channels // self.groups)
        self.W: Variable = kernel_of(self, shape, self.kernel_words(), self.kernel_role)

    def build_bias(self, shape: tuple[int, ...], axes: tuple[str, ...]) -> None:
        """Make the bias, if there is one."""
        self.b: Variable | None = bias_of(self, shape, axes, self.bias_name)

    def kernel_shape(self, channels: int) -> tuple[int, ...]:
        """The shape of the weight W."""
        return self.form.kernel_shape(self.window, channels, self.nb_filter)

    def kernel_words(self) -> tuple[str, ...]:
        """The words of engine/axes for the axes of W."""
        return self.form.kernel_words()

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        """Convolve; `finish`: the bias, and whether negative results become 0."""
        return self.convolved(x, in_use(self.W), **finish)

    def convolved(self, x: TensorLike, W: TensorLike, **finish: Any) -> TensorLike:
        """Convolve `x` with `W`; `finish` as above."""
        (x, mode), more = self.padded(x), {"groups": self.groups, **finish}
        return K.convolution(x, W, self.strides, mode, self.dim_ordering, self.dilation, **more)

    def padded(self, x: TensorLike) -> tuple[TensorLike, str]:
        """Return `x` and its border mode: a causal convolution gets zeros in front, so that it sees no later step."""
        if self.border_mode != "causal":
            return x, self.border_mode
        pads = [((k - 1) * d, 0) for k, d in zip(self.window, self.dilation)]
        return K.pad_spatial(x, pads, self.dim_ordering), "valid"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if self.activation is activations.relu:
            return self.convolve(x, bias=self.b, relu=True)
        return self.activation(self.convolve(x, bias=self.b))

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        axes = zip(sizes, self.window, self.strides, self.dilation)
        return [conv_output_length(n, k, self.border_mode, s, d) for n, k, s, d in axes]

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        shape = list(super().get_output_shape_for(input_shape))
        shape[self.form.channel_axis] = self.filters_for(input_shape[self.form.channel_axis])
        return tuple(shape)


class SequenceConvolution(Convolution):
    """Base of `Convolution1D` and `LocallyConnected1D`, with their common arguments."""

    nb_filter: int = argument("number of filters", at_least=1)
    filter_length: int = argument("steps that a filter sees", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample_length: int = argument("how far the filter moves", default=1, at_least=1)
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    input_dim: int | None = argument(default=None, at_least=1)
    input_length: int | None = argument(default=None, at_least=1)

    rank = 1
    window_names: ClassVar[tuple[str, ...]] = ("filter_length",)
    stride_name: ClassVar[str] = "subsample_length"
    shape_arguments: ClassVar[tuple[str, ...]] = ("input_length", "input_dim")


class Convolution1D(SequenceConvolution):
    """Convolution along time.

    # Input shape
        (samples, steps, input_dim)

    # Output shape
        (samples, new steps, nb_filter)
    """

    init: Initializer = argument(default=EraDefault("convolution1d_init"))
    border_mode: str = argument(default="valid", choices=("valid", "same", "full", "causal"))
    dilation_rate: Sizes = argument("how far the elements of a filter stand apart", default=1, kw_only=True, later=True)
    groups: int = argument(default=1, at_least=1, kw_only=True, later=True)
    bias_initializer: Initializer = argument(default="zero", kw_only=True, later=True)
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    dilation_name: ClassVar[str | None] = "dilation_rate"

    def kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (self.filter_length, 1, channels, self.nb_filter)  # as Keras 1 files have it

    def kernel_words(self) -> tuple[str, ...]:
        return "window", "single", "features", "filters"

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        return self.convolved(x, turned(self.W, self.W.axes, self.form.kernel_words()), **finish)


class ImageConvolution(Convolution):
    """Base of `Convolution2D` and `LocallyConnected2D`, with their common arguments."""

    nb_filter: int = argument("number of filters", at_least=1)
    nb_row: int = argument("rows that a filter sees", at_least=1)
    nb_col: int = argument("columns that a filter sees", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample: Sizes = argument("how far the filter moves along rows and columns", default=(1, 1))
    dim_ordering: Ordering = argument(default="default")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)


class Convolution2D(ImageConvolution):
    """Convolution of images.

    # Input shape
        (samples, channels, rows, cols), or channels last.

    # Output shape
        (samples, nb_filter, new rows, new cols), or channels last.

    >>> from horngate.layers import Convolution2D, Input
    >>> Convolution2D(64, 3, 3, border_mode='same')(Input((3, 256, 256))).shape
    (None, 64, 256, 256)
    """

    dilation_rate: Sizes = argument("how far the elements of a filter stand apart", default=1, kw_only=True, later=True)
    groups: int = argument(default=1, at_least=1, kw_only=True, later=True)
    bias_initializer: Initializer = argument(default="zero", kw_only=True, later=True)

    dilation_name: ClassVar[str | None] = "dilation_rate"


if TYPE_CHECKING:  # these checkers put new arguments behind those of a base class: here the base has none
    _Convolution1D: TypeAlias = Convolution
    _Convolution2D: TypeAlias = Convolution
else:
    _Convolution1D, _Convolution2D = Convolution1D, Convolution2D


class AtrousConvolution1D(_Convolution1D):
    """Convolution along time by a kernel with holes: its elements stand `atrous_rate` steps apart.

    # Source
        Yu, Koltun, Multi-scale context aggregation by dilated convolutions (arXiv:1511.07122).
    """

    nb_filter: int = argument("number of filters", at_least=1)
    filter_length: int = argument("steps that a filter sees", at_least=1)
    init: Initializer = argument(default=EraDefault("convolution1d_init"))
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample_length: int = argument("how far the filter moves", default=1, at_least=1)
    atrous_rate: Sizes = argument("how far the elements of the kernel stand apart", default=1)
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    dilation_rate: Any = fixed(1)

    dilation_name: ClassVar[str | None] = "atrous_rate"


class AtrousConvolution2D(_Convolution2D):
    """Convolution of images by a kernel with holes: its elements stand `atrous_rate` pixels apart.

    # Source
        Yu, Koltun, Multi-scale context aggregation by dilated convolutions (arXiv:1511.07122).
    """

    nb_filter: int = argument("number of filters", at_least=1)
    nb_row: int = argument("rows that a filter sees", at_least=1)
    nb_col: int = argument("columns that a filter sees", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample: Sizes = argument("how far the filter moves along rows and columns", default=(1, 1))
    atrous_rate: Sizes = argument(
        "how far the elements of the kernel stand apart along rows and columns", default=(1, 1)
    )
    dim_ordering: Ordering = argument(default="default")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    dilation_rate: Any = fixed(1)

    dilation_name: ClassVar[str | None] = "atrous_rate"


class Deconvolution2D(_Convolution2D):
    """The transpose of a convolution of images, which enlarges by `subsample`.

    # Source
        Zeiler et al., Deconvolutional networks (CVPR 2010).
    """

    nb_filter: int = argument("number of filters", at_least=1)
    nb_row: int = argument("rows that a filter sees", at_least=1)
    nb_col: int = argument("columns that a filter sees", at_least=1)
    output_shape_: OutputShape = argument(
        "the shape of the output, samples included (None where unknown)", default=REQUIRED, alias="output_shape"
    )
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample: Sizes = argument("how far the filter moves along rows and columns", default=(1, 1))
    dim_ordering: Ordering = argument(default="default")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    dilation_rate: Any = fixed(1)
    groups: Any = fixed(1)

    dilation_name: ClassVar[str | None] = None

    kernel_role = "transposed_kernel"

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        sizes = self.sizes_for(())
        W, ordering = in_use(self.W), self.dim_ordering
        return K.transposed_convolution(x, W, sizes, self.strides, self.border_mode, ordering, **finish)

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        channels = self.output_shape_[self.form.channel_axis]
        if channels not in (None, self.nb_filter):
            raise ValueError(
                f"{self.name}: output_shape {tuple(self.output_shape_)} has {channels} channels, and nb_filter is "
                f"{self.nb_filter}: they must be the same. Channels stand at axis {self.form.channel_axis} "
                f"(dim_ordering {self.dim_ordering!r})."
            )
        return [self.output_shape_[axis] for axis in self.form.spatial_axes]


class SeparableConvolution2D(_Convolution2D):
    """A convolution of each channel by itself, then a 1 x 1 convolution that mixes the channels.

    # Source
        Chollet, Xception: deep learning with depthwise separable convolutions (arXiv:1610.02357).
    """

    nb_filter: int = argument("number of filters", at_least=1)
    nb_row: int = argument("rows that a filter sees", at_least=1)
    nb_col: int = argument("columns that a filter sees", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample: Sizes = argument("how far the filter moves along rows and columns", default=(1, 1))
    depth_multiplier: int = argument("filters for each channel of the input", default=1, at_least=1)
    dim_ordering: Ordering = argument(default="default")
    depthwise_regularizer: Regularizer = argument(default=None)
    pointwise_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    depthwise_constraint: Constraint = argument(default=None)
    pointwise_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    depthwise_initializer: InitializerOrNone = argument(
        "how the first kernel begins; None: as `init`", default=None, kw_only=True, later=True
    )
    pointwise_initializer: InitializerOrNone = argument(
        "how the second kernel begins; None: as `init`", default=None, kw_only=True, later=True
    )
    dilation_rate: Sizes = argument(
        "how far the elements of the first kernel stand apart", default=1, kw_only=True, later=True
    )
    groups: Any = fixed(1)

    W_regularizer: Any = fixed(None)  # there is one for each of the two kernels
    W_constraint: Any = fixed(None)

    def build_kernel(self, channels: int) -> None:
        apart = self.form.kernel_shape(self.window, channels, self.depth_multiplier)
        mixing = self.form.kernel_shape((1, 1), channels * self.depth_multiplier, self.nb_filter)
        words = self.form.kernel_words
        self.depthwise_kernel: Variable = own_kernel(self, "depthwise", apart, words(filters="multiplier"))
        self.pointwise_kernel: Variable = own_kernel(self, "pointwise", mixing, words())

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        kernels = in_use(self.depthwise_kernel), in_use(self.pointwise_kernel)
        if self.dilation == (1, 1):
            return K.separable_conv2d(x, *kernels, self.strides, self.border_mode, self.dim_ordering, **finish)
        y = K.depthwise_conv(x, kernels[0], self.strides, self.border_mode, self.dim_ordering, self.dilation)
        return K.convolution(y, kernels[1], 1, "valid", self.dim_ordering, **finish)


class Convolution3D(Convolution):
    """Convolution of volumes.

    # Input shape
        (samples, channels, dim1, dim2, dim3), or channels last.

    # Output shape
        (samples, nb_filter, new dim1, new dim2, new dim3), or channels last.
    """

    nb_filter: int = argument("number of filters", at_least=1)
    kernel_dim1: int = argument("what a filter sees along the first axis", at_least=1)
    kernel_dim2: int = argument("what a filter sees along the second axis", at_least=1)
    kernel_dim3: int = argument("what a filter sees along the third axis", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    border_mode: str = argument(default="valid", choices=("valid", "same", "full"))
    subsample: Sizes = argument("how far the filter moves along each axis", default=(1, 1, 1))
    dim_ordering: Ordering = argument(default="default")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    dilation_rate: Sizes = argument("how far the elements of a filter stand apart", default=1, kw_only=True, later=True)
    groups: int = argument(default=1, at_least=1, kw_only=True, later=True)
    bias_initializer: Initializer = argument(default="zero", kw_only=True, later=True)

    rank = 3
    dilation_name: ClassVar[str | None] = "dilation_rate"
    window_names: ClassVar[tuple[str, ...]] = ("kernel_dim1", "kernel_dim2", "kernel_dim3")


Conv1D: TypeAlias = Convolution1D
Conv2D: TypeAlias = Convolution2D
Conv3D: TypeAlias = Convolution3D
AtrousConv1D: TypeAlias = AtrousConvolution1D
AtrousConv2D: TypeAlias = AtrousConvolution2D
Deconv2D: TypeAlias = Deconvolution2D
SeparableConv2D: TypeAlias = SeparableConvolution2D


def __getattr__(name: str) -> Any:
    """Keras 0.3 had the pooling layers here."""
    if "Pooling" in name:
        from horngate.layers import pooling

        return getattr(pooling, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
