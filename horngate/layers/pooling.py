"""Pooling: the maximum or mean over windows, or over all positions. Ranks differ in their signatures only."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from horngate.engine.for_layers import K, OfEra, Shapes, TensorLike, argument
from horngate.engine.kinds import DataFormat, Ordering, Sizes
from horngate.layers.convolutional import Spatial
from horngate.utils.np_utils import conv_output_length


class _OfWindows:
    """Attributes of layers with windows, which each public subclass declares at its own place in the signature."""

    pool_size: Sizes
    strides: Sizes
    border_mode: str


class _Pooling(Spatial, _OfWindows):
    """The maximum or mean (`mode`) of each window; windows are adjacent by default."""

    mode: ClassVar[str] = "max"
    window: ClassVar[Any] = property(lambda self: tuple(self.pool_size))
    steps: ClassVar[Any] = property(lambda self: tuple(self.strides))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rank > 1:
            self.strides = self.strides or self.pool_size

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.pooling(x, self.window, self.steps, self.border_mode, self.dim_ordering, self.mode)

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        return [conv_output_length(n, k, self.border_mode, s) for n, k, s in zip(sizes, self.window, self.steps)]


class MaxPooling1D(_Pooling):
    """The maximum over each `pool_length` time steps, in windows `stride` apart (None: adjacent).

    # Input shape
        (samples, steps, features)
    """

    pool_length: int = argument("steps of a window", default=2, at_least=1)
    stride: int | None = argument("distance between windows; None for adjacent ones", default=None, at_least=1)
    border_mode: str = argument(default="valid", choices=("valid", "same"))
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    rank = 1
    window: ClassVar[Any] = property(lambda self: (self.pool_length,))
    steps: ClassVar[Any] = property(lambda self: (self.stride,))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stride = self.stride or self.pool_length


class AveragePooling1D(MaxPooling1D):
    """The mean over each `pool_length` time steps; arguments as in `MaxPooling1D`."""

    mode = "avg"


class MaxPooling2D(_Pooling):
    """The maximum over each window of an image.

    # Input shape
        (samples, channels, rows, cols), or channels last.
    """

    pool_size: Sizes = argument("rows and columns of a window", default=(2, 2))
    strides: Sizes = argument("distance between windows along rows and columns; None for adjacent ones", default=None)
    border_mode: str = argument(default="valid", choices=("valid", "same"))
    dim_ordering: Ordering = argument(default="default")


class AveragePooling2D(MaxPooling2D):
    """The mean over each window of an image; arguments as in `MaxPooling2D`."""

    mode = "avg"


class MaxPooling3D(_Pooling):
    """The maximum over each window of a volume; arguments as in `MaxPooling2D`, three of each."""

    pool_size: Sizes = argument("the size of a window along each axis", default=(2, 2, 2))
    strides: Sizes = argument("distance between windows along each axis; None for adjacent ones", default=None)
    border_mode: str = argument(default="valid", choices=("valid", "same"))
    dim_ordering: Ordering = argument(default="default")

    rank = 3


class AveragePooling3D(MaxPooling3D):
    """The mean over each window of a volume; arguments as in `MaxPooling3D`."""

    mode = "avg"


class _GlobalPooling(Spatial):
    """The maximum or mean over all positions: (samples, channels)."""

    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)
    keepdims: bool = argument(
        "whether the axes that are pooled stay, with size 1", default=False, kw_only=True, later=True
    )

    output_order = "pooled"
    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.max)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return self.reduce(x, axis=self.form.spatial_axes, keepdims=self.keepdims)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        sizes, channels = (1,) * self.rank if self.keepdims else (), input_shape[self.form.channel_axis]
        return tuple(K.layout(len(sizes), self.dim_ordering).shape(input_shape[0], sizes, channels))


class GlobalMaxPooling1D(_GlobalPooling):
    """The maximum over all time steps: (samples, steps, features) to (samples, features)."""

    rank = 1


class GlobalAveragePooling1D(GlobalMaxPooling1D):
    """The mean over all time steps: (samples, steps, features) to (samples, features).

    In the eras of Keras 2 and 3 masked steps are left out; of a sample without any other the mean is NaN.
    """

    supports_masking: Any = OfEra("later_masks")
    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.mean)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if mask is None or not self.supports_masking:
            return super().call(x, mask)
        axis = self.form.spatial_axes[0]
        counts = K.expand_dims(K.cast(mask, K.dtype(x)), 3 - axis)
        total = K.sum(x * counts, axis=axis, keepdims=self.keepdims)
        return total / K.sum(counts, axis=axis, keepdims=self.keepdims)

    def compute_mask(self, input: TensorLike, mask: TensorLike = None) -> TensorLike:
        return None if self.supports_masking else super().compute_mask(input, mask)


class GlobalMaxPooling2D(_GlobalPooling):
    """The maximum over all pixels, of each channel: to (samples, channels)."""

    dim_ordering: Ordering = argument(default="default")


class GlobalAveragePooling2D(GlobalMaxPooling2D):
    """The mean over all pixels, of each channel: to (samples, channels)."""

    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.mean)


class GlobalMaxPooling3D(_GlobalPooling):
    """The maximum over all voxels, of each channel: to (samples, channels)."""

    dim_ordering: Ordering = argument(default="default")

    rank = 3


class GlobalAveragePooling3D(GlobalMaxPooling3D):
    """The mean over all voxels, of each channel: to (samples, channels)."""

    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.mean)
