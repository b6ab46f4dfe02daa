"""Transposed convolutions that compute their output shape."""

from collections.abc import Sequence
from typing import Any, ClassVar

from horngate.engine.axes import in_use
from horngate.engine.for_layers import K, TensorLike, argument
from horngate.engine.kinds import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    OutputShape,
    Regularizer,
    Sizes,
    SizesFromZero,
)
from horngate.layers.convolutional import Convolution, Deconvolution2D

_PADDING = "'same': n * strides; 'valid': what goes beyond too"
_LONGER = "by how much the output is longer at its end than the windows reach; None: as 'padding' says"


class _OfTransposed:
    """Attributes of transposed convolutions that each public class declares at its own place in the signature."""

    kernel_size: Sizes
    steps: Sizes
    output_padding: Any
    dilation_rate: Sizes
    bias_initializer: Initializer


class _Enlarging(Convolution, _OfTransposed):
    """The formula of transposed convolutions, and the sizes of their outputs."""

    kernel_role = "transposed_kernel"

    def convolve(self, x: TensorLike, **finish: Any) -> TensorLike:
        more = {"dilation": self.dilation, "output_padding": self.output_padding, **finish}
        sizes, ordering = self.sizes_for(self.form.sizes(x)), self.dim_ordering
        return K.transposed_convolution(x, in_use(self.W), sizes, self.strides, self.border_mode, ordering, **more)

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        reach = [(k - 1) * d + 1 for k, d in zip(self.window, self.dilation)]
        same = self.border_mode == "same"
        if self.output_padding is None:
            rest = [0 if same else max(r - s, 0) for r, s in zip(reach, self.strides)]
        else:
            more = self._per_axis(self.output_padding)
            rest = [r - s - 2 * (r // 2 if same else 0) + m for r, s, m in zip(reach, self.strides, more)]
        return [None if n is None else n * s + beyond for n, s, beyond in zip(sizes, self.strides, rest)]


class Conv2DTranspose(_Enlarging, Deconvolution2D):
    """`Deconvolution2D` that computes its output sizes: n * stride; with 'valid', plus what the windows reach further.

    # Source
        Dumoulin, Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285), chapter 4.
    """

    output_shape_: OutputShape = argument(
        "the shape of the output; None to compute it", default=None, alias="output_shape", kw_only=True
    )
    dilation_rate: Sizes = argument("how far the elements of a filter stand apart", default=1, kw_only=True, later=True)
    output_padding: SizesFromZero = argument(_LONGER, default=None, kw_only=True, later=True)

    dilation_name: ClassVar[str | None] = "dilation_rate"


class _Transposed(_Enlarging):
    """Base of transposed convolutions with the arguments of Keras 3."""

    window_names: ClassVar[tuple[str, ...]] = ("kernel_size",)
    bias_name: ClassVar[str] = "bias"
    stride_name: ClassVar[str] = "steps"
    dilation_name: ClassVar[str | None] = "dilation_rate"


class Conv1DTranspose(_Transposed):
    """Transposed convolution along time: it enlarges the input by `strides`.

    # Input shape
        (samples, steps, features), or features first.

    # Output shape
        (samples, new steps, filters), or filters first.

    # Source
        Dumoulin, Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285), chapter 4.
    """

    nb_filter: int = argument("number of filters", at_least=1, alias="filters")
    kernel_size: Sizes = argument("steps that a filter covers")
    steps: Sizes = argument("by how much the data grow", default=1, alias="strides")
    border_mode: str = argument(_PADDING, default="valid", alias="padding", choices=("valid", "same"))
    output_padding: SizesFromZero = argument(_LONGER, default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    dilation_rate: Sizes = argument("how far the elements of a filter stand apart", default=1)
    activation: Activation = argument(default=None)
    bias: bool = argument("whether there is a bias", default=True, alias="use_bias")
    init: Initializer = argument(default="glorot_uniform", alias="kernel_initializer")
    bias_initializer: Initializer = argument(default="zeros")
    W_regularizer: Regularizer = argument(default=None, alias="kernel_regularizer")
    b_regularizer: Regularizer = argument(default=None, alias="bias_regularizer")
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None, alias="kernel_constraint")
    b_constraint: Constraint = argument(default=None, alias="bias_constraint")

    rank = 1


class Conv3DTranspose(_Transposed):
    """Transposed convolution of volumes: it enlarges the input by `strides`.

    # Input shape
        (samples, channels, dim1, dim2, dim3), or channels last.

    # Output shape
        (samples, filters, new dim1, new dim2, new dim3), or filters last.

    # Source
        Dumoulin, Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285), chapter 4.
    """

    nb_filter: int = argument("number of filters", at_least=1, alias="filters")
    kernel_size: Sizes = argument("what a filter covers along each axis")
    steps: Sizes = argument("by how much the data grow", default=(1, 1, 1), alias="strides")
    border_mode: str = argument(_PADDING, default="valid", alias="padding", choices=("valid", "same"))
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    output_padding: SizesFromZero = argument(_LONGER, default=None)
    dilation_rate: Sizes = argument("how far the elements of a filter stand apart", default=(1, 1, 1))
    activation: Activation = argument(default=None)
    bias: bool = argument("whether there is a bias", default=True, alias="use_bias")
    init: Initializer = argument(default="glorot_uniform", alias="kernel_initializer")
    bias_initializer: Initializer = argument(default="zeros")
    W_regularizer: Regularizer = argument(default=None, alias="kernel_regularizer")
    b_regularizer: Regularizer = argument(default=None, alias="bias_regularizer")
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None, alias="kernel_constraint")
    b_constraint: Constraint = argument(default=None, alias="bias_constraint")

    rank = 3
