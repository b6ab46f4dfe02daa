"""Adaptive pooling: pool to a given output size; the windows follow from it and the input size."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from horngate.engine.for_layers import K, TensorLike, argument
from horngate.engine.kinds import DataFormat, Sizes
from horngate.layers.spatial import Spatial


class _OfSize:
    """The attribute of adaptive poolings that each public class declares at its own place in the signature."""

    output_size: Sizes


class _AdaptivePooling(Spatial, _OfSize):
    """The mean or maximum of m windows over n entries: window i spans floor(i n / m) to ceil((i + 1) n / m)."""

    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.mean)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        for axis, count in zip(self.form.spatial_axes, self.sizes_for(())):
            size = x.shape[axis]
            before = (slice(None),) * axis
            windows = [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
            x = K.concatenate([self.reduce(x[(*before, w)], axis=axis, keepdims=True) for w in windows], axis=axis)
        return x

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[Any]:
        return (self.output_size,) if isinstance(self.output_size, int) else self.output_size


class AdaptiveAveragePooling1D(_AdaptivePooling):
    """The mean of each of `output_size` windows of steps.

    # Input shape
        (samples, steps, features), or features first.

    # Output shape
        (samples, output_size, features), or features first.
    """

    output_size: Sizes = argument("the number of steps of the output")
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    rank = 1


class AdaptiveMaxPooling1D(AdaptiveAveragePooling1D):
    """The maximum of each of `output_size` windows of steps; arguments as in `AdaptiveAveragePooling1D`."""

    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.max)


class AdaptiveAveragePooling2D(_AdaptivePooling):
    """The mean of each of `output_size` windows of images.

    # Input shape
        (samples, channels, rows, cols), or channels last.

    # Output shape
        (samples, channels, *output_size), or channels last.
    """

    output_size: Sizes = argument("rows and columns of the output; one number stands for both")
    dim_ordering: DataFormat = argument(default=None, alias="data_format")


class AdaptiveMaxPooling2D(AdaptiveAveragePooling2D):
    """The maximum of each of `output_size` windows of images; arguments as in `AdaptiveAveragePooling2D`."""

    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.max)


class AdaptiveAveragePooling3D(_AdaptivePooling):
    """The mean of each of `output_size` windows of volumes.

    # Input shape
        (samples, channels, dim1, dim2, dim3), or channels last.

    # Output shape
        (samples, channels, *output_size), or channels last.
    """

    output_size: Sizes = argument("the sizes of the output's three axes; one number stands for all")
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    rank = 3


class AdaptiveMaxPooling3D(AdaptiveAveragePooling3D):
    """The maximum of each of `output_size` windows of volumes; arguments as in `AdaptiveAveragePooling3D`."""

    reduce: ClassVar[Callable[..., Any]] = staticmethod(K.max)
