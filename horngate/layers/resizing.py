"""Layers that pad, crop and enlarge sequences, images and volumes."""

from collections.abc import Sequence
from typing import Any, ClassVar

from horngate.engine.for_layers import K, OfEra, TensorLike, argument
from horngate.engine.kinds import DataFormat, Margins, Ordering, Pairs, Sizes
from horngate.layers.spatial import Spatial


class _Resizing(Spatial):
    """Base of layers that pad, crop or enlarge each spatial axis independently."""

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        return [None if n is None else self.size_for(n, i) for i, n in enumerate(sizes)]

    def size_for(self, size: int, axis: int) -> int:
        """The size of the output along a spatial axis; `size` is that of the input."""
        return size


class _UpSampling(_Resizing):
    """Each element repeated along the spatial axes."""

    @property
    def factors(self) -> tuple[int, ...]:
        """The number of repetitions along each axis."""
        return tuple(self.size)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.resize(x, self.factors, self.dim_ordering)

    def size_for(self, size: int, axis: int) -> int:
        return size * self.factors[axis]


class UpSampling1D(_UpSampling):
    """Each time step repeated `length` times: (samples, steps, features) to (samples, length * steps, features)."""

    length: int = argument("how often each step is repeated", default=2, at_least=1)

    rank = 1
    factors: ClassVar[Any] = property(lambda self: (self.length,))


class UpSampling2D(_UpSampling):
    """Rows and columns enlarged; `size` holds the two factors."""

    size: Sizes = argument("how often rows and columns are repeated", default=(2, 2))
    dim_ordering: Ordering = argument(default="default")
    interpolation: str = argument(
        "'nearest' repeats rows and columns; the others compute what lies between",
        default="nearest",
        choices=("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"),
        kw_only=True,
        later=True,
    )

    from_corners: ClassVar[Any] = OfEra("enlarged_from_corners")

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.resize(x, self.factors, self.dim_ordering, self.interpolation, self.from_corners)


class UpSampling3D(_UpSampling):
    """Each plane along the three axes repeated; `size` holds the three numbers of repetitions."""

    size: Sizes = argument("how often each place is repeated along each axis", default=(2, 2, 2))
    dim_ordering: Ordering = argument(default="default")

    rank = 3


class _ZeroPadding(_Resizing):
    """Zeros before and after each spatial axis."""

    sides: ClassVar[tuple[str, ...]] = ()  # the keys of `padding` as a dictionary

    @property
    def pads(self) -> list[Any]:
        """(before, after) for each axis, from any form of `padding`."""
        padding = self.padding
        if isinstance(padding, dict):
            padding = tuple(padding.get(side, 0) for side in self.sides)
        if isinstance(padding, int):
            padding = (padding,) * self.rank
        if len(padding) == 2 * self.rank:
            return [padding[i : i + 2] for i in range(0, len(padding), 2)]
        return [(n, n) if isinstance(n, int) else n for n in padding]

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.pad_spatial(x, self.pads, self.dim_ordering)

    def size_for(self, size: int, axis: int) -> int:
        return size + sum(self.pads[axis])


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after the time steps."""

    padding: Margins = argument(
        "one number for both ends, two (before, after), or a dictionary with `left_pad` and `right_pad`", default=1
    )
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    rank = 1
    sides: ClassVar[tuple[str, ...]] = ("left_pad", "right_pad")


class ZeroPadding2D(_ZeroPadding):
    """Zeros around images."""

    padding: Margins = argument(
        "two numbers (rows, columns), four (top, bottom, left, right), or a dictionary with `top_pad`, "
        "`bottom_pad`, `left_pad` and `right_pad`",
        default=(1, 1),
    )
    dim_ordering: Ordering = argument(default="default")

    sides: ClassVar[tuple[str, ...]] = ("top_pad", "bottom_pad", "left_pad", "right_pad")


class ZeroPadding3D(_ZeroPadding):
    """Zeros around volumes; `padding` holds the three numbers of zeros."""

    padding: Margins = argument(default=(1, 1, 1))
    dim_ordering: Ordering = argument(default="default")

    rank = 3


class _Cropping(_Resizing):
    """Removes the ends of the spatial axes; `cuts` holds (before, after) for each."""

    cuts: ClassVar[Any] = property(lambda self: self.cropping)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        sizes = zip(self.cuts, self.form.sizes(x))
        kept = [slice(before, max(n - after, before)) for (before, after), n in sizes]
        return x[tuple(self.form.spread(kept, slice(None)))]

    def size_for(self, size: int, axis: int) -> int:
        return size - sum(self.cuts[axis])


class Cropping1D(_Cropping):
    """Removes time steps at both ends; `cropping` is (before, after)."""

    cropping: Pairs = argument(default=(1, 1))

    rank = 1
    cuts: ClassVar[Any] = property(lambda self: (self.cropping,))


class Cropping2D(_Cropping):
    """Removes the margins of images; `cropping` is ((top, bottom), (left, right))."""

    cropping: Pairs = argument(default=((0, 0), (0, 0)))
    dim_ordering: Ordering = argument(default="default")


class Cropping3D(_Cropping):
    """Removes the margins of volumes; `cropping` holds (before, after) for each axis."""

    cropping: Pairs = argument(default=((1, 1), (1, 1), (1, 1)))
    dim_ordering: Ordering = argument(default="default")

    rank = 3
