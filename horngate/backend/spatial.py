"""Layouts: the places of axes in sequences, images and volumes; padding and enlarging them."""

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend import config
from horngate.backend.graph import active_scope, op
from horngate.backend.limits import sizes as sizes_of
from horngate.backend.orders import of_eras
from horngate.backend.shapes import int_shape, resize_repeat
from horngate.backend.types import F, PerAxis, TensorLike
from horngate.utils.nearest import did_you_mean


@dataclass(frozen=True)
class Layout:
    """The layout of data with `rank` spatial axes: `th` has the channels before them, `tf` after.

    `numbers`: in the form of `lax.conv_general_dilated`. `last`, `kernel_last`: the permutations that bring data to
    channels last, and kernels to (window, channels in, channels out). `back`: the inverse of `last`.
    """

    rank: int
    ordering: str

    @property
    def channel_axis(self) -> int:
        return 1 if self.ordering == "th" else self.rank + 1

    @property
    def spatial_axes(self) -> tuple[int, ...]:
        first = 2 if self.ordering == "th" else 1
        return tuple(range(first, first + self.rank))

    @property
    def kernel_axes(self) -> tuple[int, ...]:
        """The spatial axes of a kernel."""
        first = 2 if self.ordering == "th" else 0
        return tuple(range(first, first + self.rank))

    @property
    def numbers(self) -> tuple[str, str, str]:
        window = "XYZDHW"[-self.rank :]
        if self.ordering == "th":
            return "NC" + window, "OI" + window, "NC" + window
        return "N" + window + "C", window + "IO", "N" + window + "C"

    @property
    def last(self) -> tuple[int, ...]:
        return (0, *self.spatial_axes, self.channel_axis)

    @property
    def back(self) -> tuple[int, ...]:
        return tuple(int(axis) for axis in np.argsort(self.last))

    @property
    def kernel_last(self) -> tuple[int, ...]:
        outer = (1, 0) if self.ordering == "th" else (self.rank, self.rank + 1)
        return (*self.kernel_axes, *outer)

    @property
    def filter_axis(self) -> int:
        """The axis of the filters of a kernel."""
        return 0 if self.ordering == "th" else self.rank + 1

    def kernel_shape(self, window: Sequence[Any], channels: Any, filters: Any) -> tuple[Any, ...]:
        """The shape of a kernel."""
        return (filters, channels, *window) if self.ordering == "th" else (*window, channels, filters)

    def kernel_words(self, channels: str | None = None, filters: str = "filters") -> tuple[str, ...]:
        """The words of engine/axes for the axes of a kernel."""
        channels = channels or ("features" if self.rank == 1 and self.ordering == "tf" else "channels")
        return self.kernel_shape(("window",) * self.rank, channels, filters)

    def shape(self, samples: Any, sizes: Sequence[Any], channels: Any) -> tuple[Any, ...]:
        """The shape of data with these spatial sizes and channels."""
        return (samples, channels, *sizes) if self.ordering == "th" else (samples, *sizes, channels)

    def per_channel(self, channels: int) -> tuple[int, ...]:
        """The shape in which one number for each channel broadcasts against the data."""
        return self.shape(1, (1,) * self.rank, channels)

    def sizes(self, x: TensorLike) -> tuple[int, ...]:
        """The spatial sizes of `x`."""
        return tuple(x.shape[axis] for axis in self.spatial_axes)

    def spread(self, per_axis: Iterable[Any], elsewhere: Any) -> list[Any]:
        """An entry for each axis of the data: `per_axis` on the spatial ones, `elsewhere` on the others."""
        entries = [elsewhere] * (self.rank + 2)
        for axis, entry in zip(self.spatial_axes, per_axis, strict=True):
            entries[axis] = entry
        return entries


def layout(rank: int, ordering: str = "default") -> Layout:
    """The `Layout` of data with `rank` spatial axes.

    `ordering`: `'th'`, `'tf'` or `'default'` (that of the settings).

    >>> layout(2, "th").channel_axis, layout(2, "tf").spatial_axes
    (1, (1, 2))
    """
    chosen = config.image_dim_ordering() if ordering in ("default", None) else config.FORMATS.get(ordering, ordering)
    return Layout(rank, one_of("dim_ordering", chosen, ("th", "tf")))


# On CPU, arrays are stored in the order of their axes, and the fastest code wants channels last. If data with channels
# first were computed that way, the running scope remembers the array that they are a transpose of. Elementwise
# functions are applied to that array, so that nothing is moved in memory between two such layers.


def from_last(y: jax.Array, order: Sequence[int]) -> jax.Array:
    """The inverse of `to_last`: the array that `to_last(..., order)` turns into `y`."""
    back = tuple(int(axis) for axis in np.argsort(order))
    if back == tuple(range(len(back))):
        return y
    x, scope = y.transpose(back), active_scope()
    if scope is not None:
        scope.turned[id(x)] = x, y, tuple(order)
    return x


def to_last(x: jax.Array, order: Sequence[int]) -> jax.Array:
    """`x.transpose(order)`, where `order` puts the channels last."""
    _, y, known = _turned(x)
    return y if known == tuple(order) else x.transpose(order)


def _turned(x: Any) -> tuple[Any, Any, tuple[int, ...] | None]:
    scope = active_scope()
    return (None, None, None) if scope is None else scope.turned.get(id(x), (None, None, None))


def elementwise(function: F) -> F:
    """Make `function(x, ...)`, which works element by element, a function of K; see `graph.op`."""

    @op
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        given = [*args, *kwargs.values()]
        order = next((order for _, _, order in map(_turned, given) if order), None)
        if order is None or any(getattr(x, "ndim", 0) not in (0, len(order)) for x in given):
            return function(*args, **kwargs)
        turned = {name: _with_order(x, order) for name, x in kwargs.items()}
        return from_last(function(*[_with_order(x, order) for x in args], **turned), order)

    return cast(F, wrapper)


def _with_order(x, order):
    return to_last(x, order) if getattr(x, "ndim", 0) else x


@elementwise
def added(x: TensorLike, y: TensorLike) -> TensorLike:
    """x + y."""
    return x + y


def one_of(what: str, value: Any, allowed: Collection[Any]) -> Any:
    """Check that `value` is among `allowed`; returns it."""
    if value in allowed:
        return value
    meant = did_you_mean(value, allowed)
    raise ValueError(f"{what} must be one of {', '.join(map(repr, allowed))}; received {value!r}.{meant}")


def per_axis(what: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """`value` as a tuple of `rank` whole numbers of at least `least`; one number stands for all."""
    try:
        kept = sizes_of(value, rank, least)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{what} {error}") from None
    return kept if isinstance(kept, tuple) else (kept,)


@op
def pad(x: TensorLike, pads: Sequence[Sequence[int]]) -> TensorLike:
    """Pad `x` with zeros: `pads[axis]` is (before, after)."""
    return jnp.pad(jnp.asarray(x), pads)


def pad_spatial(x: TensorLike, pads: Sequence[Sequence[int]], dim_ordering: str = "default") -> TensorLike:
    """Pad each spatial axis of `x` with zeros; `pads` holds (before, after) for each.

    `dim_ordering`: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
    """
    return pad(x, layout(len(pads), dim_ordering).spread(pads, (0, 0)))


def asymmetric_temporal_padding(x: TensorLike, left_pad: int = 1, right_pad: int = 1) -> TensorLike:
    """`x` (samples, time, features) with `left_pad` zeros before and `right_pad` after the steps of time."""
    return pad_spatial(x, [(left_pad, right_pad)], "tf")


def temporal_padding(x: TensorLike, padding: int | Sequence[int] = 1) -> TensorLike:
    """`x` (samples, time, features) with `padding` zeros before and after the steps of time; or a pair of numbers."""
    return asymmetric_temporal_padding(x, *((padding, padding) if isinstance(padding, int) else padding))


def asymmetric_spatial_2d_padding(
    x: TensorLike,
    top_pad: int = 1,
    bottom_pad: int = 1,
    left_pad: int = 1,
    right_pad: int = 1,
    dim_ordering: str = "default",
) -> TensorLike:
    """Images `x` with zeros around them: `top_pad` rows above, `bottom_pad` below, `left_pad` and `right_pad` columns.

    `dim_ordering`: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
    """
    return pad_spatial(x, [(top_pad, bottom_pad), (left_pad, right_pad)], dim_ordering)


@of_eras(key="backend.spatial_2d_padding", same=3)
def spatial_2d_padding(x: TensorLike, padding: PerAxis = (1, 1), dim_ordering: str = "default") -> TensorLike:
    """Images `x` with zeros around them: `padding[0]` rows above and below, `padding[1]` columns left and right.

    `dim_ordering`: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
    """
    return pad_spatial(x, _both_sides(padding, 2), dim_ordering)


@of_eras(key="backend.spatial_3d_padding", same=3)
def spatial_3d_padding(x: TensorLike, padding: PerAxis = (1, 1, 1), dim_ordering: str = "default") -> TensorLike:
    """Volumes `x` with zeros around them: `padding[axis]` before and after each spatial axis.

    `dim_ordering`: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings).
    """
    return pad_spatial(x, _both_sides(padding, 3), dim_ordering)


def _both_sides(padding, rank):
    """Pairs (before, after) for each axis, of one number, a number for each axis, or such pairs."""
    if isinstance(padding, (tuple, list)) and all(isinstance(pair, (tuple, list)) for pair in padding):
        return [per_axis("padding", pair, 2, least=0) for pair in padding]
    return [(n, n) for n in per_axis("padding", padding, rank, least=0)]


def resize(
    x: TensorLike,
    factors: Sequence[int],
    dim_ordering: str = "default",
    interpolation: str = "nearest",
    from_corners: bool | None = None,
) -> TensorLike:
    """`x` enlarged by repeating each element `factors[axis]` times along each spatial axis.

    `dim_ordering`: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings). `interpolation`:
    `'nearest'` repeats; `'bilinear'`, `'bicubic'`, `'lanczos3'` and `'lanczos5'` compute what lies between.
    `from_corners`: whether `'bilinear'` counts from the corners of pixels; None for what the era in force does.
    """
    spread = layout(len(factors), dim_ordering).spread(factors, 1)
    if interpolation == "nearest":
        return resize_repeat(x, spread)
    corners = config.era().enlarged_from_corners if from_corners is None else from_corners
    return _from_corners(x, spread) if corners and interpolation == "bilinear" else _between(x, spread, interpolation)


@op
def _between(x, factors, method):
    x = jnp.asarray(x)
    shape = [size * factor for size, factor in zip(x.shape, factors)]
    return jax.image.resize(x, shape, method, antialias=False)


@op
def _from_corners(x, factors):
    x = jnp.asarray(x)
    for axis, factor in enumerate(factors):
        place = np.arange(x.shape[axis] * factor)
        share = (place % factor / factor).reshape([-1 if i == axis else 1 for i in range(x.ndim)]).astype(x.dtype)
        first, second = place // factor, np.minimum(place // factor + 1, x.shape[axis] - 1)
        x = jnp.take(x, first, axis) * (1 - share) + jnp.take(x, second, axis) * share if factor > 1 else x
    return x


@of_eras(key="backend.resize_images", same=4)
def resize_images(
    X: TensorLike, height_factor: int, width_factor: int, dim_ordering: str = "default", interpolation: str = "nearest"
) -> TensorLike:
    """Images `X` with each pixel repeated: rows `height_factor` times, columns `width_factor` times (whole numbers).

    `dim_ordering`: place of the channels: `'th'`, `'tf'` or `'default'` (that of the settings). `interpolation`: see
    `resize`.
    """
    return resize(X, (height_factor, width_factor), dim_ordering, interpolation)


@of_eras(key="backend.resize_volumes", same=5)
def resize_volumes(
    X: TensorLike, depth_factor: int, height_factor: int, width_factor: int, dim_ordering: str = "default"
) -> TensorLike:
    """Volumes `X` with each voxel repeated along their three axes.

    `depth_factor`, `height_factor`, `width_factor`: how many times, whole numbers. `dim_ordering`: where the channels
    stand, `'th'`, `'tf'` or `'default'` (that of the settings).
    """
    return resize(X, (depth_factor, height_factor, width_factor), dim_ordering)


@op
def patches(x: TensorLike, window: Sequence[int], strides: Sequence[int], ordering: str = "default") -> TensorLike:
    """The part of `x` in the window at each position: (samples, positions, window * channels).

    `window`: its size along each spatial axis; the part is flattened in the order of the data's axes. `strides`:
    distance between positions along each axis. `ordering`: place of the channels: `'th'`, `'tf'` or `'default'` (that
    of the settings).
    """
    x, form = jnp.asarray(x), layout(len(window), ordering)
    counts = [(n - k) // s + 1 for n, k, s in zip(form.sizes(x), window, strides)]
    x = x.transpose(form.last)
    seen = [
        x[(slice(None), *(slice(o, o + (n - 1) * s + 1, s) for o, n, s in zip(offset, counts, strides)))]
        for offset in np.ndindex(*window)
    ]
    together = jnp.stack(seen, axis=-1 if form.ordering == "th" else -2)
    return together.reshape(x.shape[0], int(np.prod(counts)), -1)


@op
def product_by_position(x: TensorLike, W: TensorLike) -> TensorLike:
    """x[:, p] W[p] at each position p: (samples, positions, in), (positions, in, out) to (samples, positions, out)."""
    return jnp.einsum("npi,pio->npo", jnp.asarray(x), jnp.asarray(W))


def check_rank(who: str, x: TensorLike, rank: int) -> None:
    """Raise ValueError unless `x` has `rank` spatial axes."""
    if len(int_shape(x)) != rank + 2:
        raise ValueError(
            f"{who} expects {rank + 2} axes (samples, {rank} of space, channels); received shape {int_shape(x)}"
        )
