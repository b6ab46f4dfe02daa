"""Functions of images in Keras 3 (`keras.ops.image`): sizes, colours, patches, transformations."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, scipy

from horngate.backend import config
from horngate.backend.arrays.formats import are_first, formatted
from horngate.backend.graph import op
from horngate.backend.spatial import layout, one_of, per_axis
from horngate.backend.types import PerAxis, TensorLike

_METHODS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


def _last(images, data_format):
    """The images with their channels last, as a batch, and a function that puts a result into their form."""
    images = jnp.asarray(images)
    if images.ndim not in (3, 4):
        raise ValueError(f"ops.image expects one image or a batch of them; received the shape {images.shape}.")
    alone, first = images.ndim == 3, are_first(data_format)
    batch = images[None] if alone else images
    batch = jnp.moveaxis(batch, 1, -1) if first else batch

    def as_given(y):
        y = jnp.moveaxis(y, -1, 1) if first else y
        return y[0] if alone else y

    return batch, as_given


def _floats(x):
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(config.floatx())


@formatted
def rgb_to_grayscale(images: TensorLike, data_format: str | None = None) -> TensorLike:
    """Images of three colours as images of one channel. `data_format`: where the channels stand."""
    x, as_given = _last(images, data_format)
    if x.shape[-1] not in (1, 3):
        raise ValueError(
            f"shades of grey are made of 3 channels, red, green and blue; received {x.shape[-1]}. Leave out what is no "
            "colour, such as x[..., :3]."
        )
    return as_given(jnp.sum(_floats(x) * jnp.asarray([0.2989, 0.5870, 0.1140], _floats(x).dtype), -1, keepdims=True))


@formatted
def rgb_to_hsv(images: TensorLike, data_format: str | None = None) -> TensorLike:
    """Red, green and blue in [0, 1] as hue, saturation and value in [0, 1]. `data_format`: where the channels stand."""
    x, as_given = _last(images, data_format)
    if x.shape[-1] != 3:
        raise ValueError(
            f"hue and saturation need images with 3 channels, red, green and blue; received {x.shape[-1]}."
        )
    red, green, blue = jnp.moveaxis(x, -1, 0)
    value, least = jnp.max(x, -1), jnp.min(x, -1)
    reach = value - least
    apart = jnp.where(reach > 0, reach, 1)
    hue = jnp.where(red == value, (green - blue) / apart, 2 + (blue - red) / apart)
    hue = jnp.where((green != value) & (red != value), 4 + (red - green) / apart, hue)
    hue = jnp.where(reach > 0, hue / 6 % 1, 0)
    return as_given(jnp.stack([hue, jnp.where(value > 0, reach / jnp.where(value > 0, value, 1), 0), value], -1))


@formatted
def hsv_to_rgb(images: TensorLike, data_format: str | None = None) -> TensorLike:
    """Hue, saturation and value in [0, 1] as red, green and blue in [0, 1]. `data_format`: where the channels stand."""
    x, as_given = _last(images, data_format)
    hue, saturation, value = jnp.moveaxis(x, -1, 0)
    turned = [jnp.clip(jnp.abs((hue * 6 + by) % 6 - 3) - 1, 0, 1) for by in (0, 4, 2)]
    return as_given(jnp.stack([value * (1 - saturation * (1 - part)) for part in turned], -1))


def _of_aspect(sizes, wanted):
    """The sizes of the largest part of an image that has the aspect ratio `wanted`."""
    (rows, cols), (high, wide) = sizes, wanted
    return max(1, min(rows, int(cols * high / wide))), max(1, min(cols, int(rows * wide / high)))


def part_of(sizes: Sequence[int], wanted: Sequence[int], crops: bool, pads: bool) -> tuple[int, int, int, int]:
    """The part of an image of `sizes` that is resized to `wanted`: (top, left, rows, columns).

    `crops`, `pads`: whether to cut or fill up to the ratio of `wanted`; with the latter it begins before the image.
    """
    (rows, cols), (high, wide) = sizes, wanted
    if crops:
        rows, cols = _of_aspect(sizes, wanted)
    elif pads:
        rows, cols = max(rows, int(cols * high / wide)), max(cols, int(rows * wide / high))
        return -((rows - sizes[0]) // 2), -((cols - sizes[1]) // 2), rows, cols
    return (sizes[0] - rows) // 2, (sizes[1] - cols) // 2, rows, cols


def _part(x, window, value):
    """The part (top, left, rows, columns) of images `x`, channels last, with `value` around them."""
    top, left, rows, cols = window
    pads = [(max(0, -at), max(0, at + size - n)) for at, size, n in zip((top, left), (rows, cols), x.shape[1:3])]
    x = jnp.pad(x, [(0, 0), *pads, (0, 0)], constant_values=value) if any(map(any, pads)) else x
    return x[:, max(top, 0) :, max(left, 0) :][:, :rows, :cols]


@formatted
def resize(
    images: TensorLike,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> TensorLike:
    """`images` with `size` rows and columns.

    # Arguments
        images: one image or a batch.
        size: (rows, columns).
        interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5".
        antialias: whether to smooth what is made smaller.
        crop_to_aspect_ratio, pad_to_aspect_ratio: cut or fill up to the ratio of `size`, so that nothing is stretched.
        fill_mode: "constant": fill up with `fill_value`.
        fill_value: see `fill_mode`.
        data_format: "channels_last" or "channels_first"; None: that of the settings.
    """
    one_of("interpolation", interpolation, _METHODS)
    one_of("fill_mode", fill_mode, ("constant",))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("ops.image.resize: crop_to_aspect_ratio or pad_to_aspect_ratio, not both.")
    x, as_given = _last(images, data_format)
    x = _part(x, part_of(x.shape[1:3], size, crop_to_aspect_ratio, pad_to_aspect_ratio), fill_value)
    shape, given = (x.shape[0], *size, x.shape[3]), x.dtype
    if interpolation == "nearest":
        return as_given(jax.image.resize(x, shape, "nearest", antialias=antialias))
    y = jax.image.resize(_floats(x), shape, interpolation, antialias=antialias)
    if jnp.issubdtype(given, jnp.integer):
        y = jnp.clip(jnp.round(y), *(jnp.iinfo(given).min, jnp.iinfo(given).max)).astype(given)
    return as_given(y)


@op
def scale_and_translate(
    images: TensorLike,
    output_shape: Sequence[int],
    scale: TensorLike,
    translation: TensorLike,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> TensorLike:
    """`images` enlarged by `scale` and moved by `translation` along the axes `spatial_dims`, cut to `output_shape`.

    `method`: "linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3" or "lanczos5". `antialias`:
    whether to smooth what is made smaller.
    """
    arrays = [_floats(jnp.asarray(x)) for x in (images, scale, translation)]
    return jax.image.scale_and_translate(
        arrays[0], tuple(output_shape), tuple(spatial_dims), arrays[1], arrays[2], method, antialias
    )


def _side(who: str, before: Any, after: Any, size: int, wanted: Any, sign: int) -> tuple[Any, Any]:
    """How much is cut (`sign` -1) or added (1) on the two sides of an axis."""
    given = [n is not None for n in (before, after, wanted)]
    if sum(given) != 2:
        raise ValueError(f"ops.image.{who} expects, of the two sides and the target size of an axis, two.")
    if wanted is None:
        return before, after
    rest = sign * (wanted - size)
    before, after = (before, rest - before) if before is not None else (rest - after, after)
    if before < 0 or after < 0:
        raise ValueError(f"ops.image.{who}: a size of {size} cannot become {wanted} with sides {before} and {after}.")
    return before, after


@formatted
def crop_images(
    images: TensorLike,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> TensorLike:
    """`images` without pixels at their sides: of `top_cropping`, `bottom_cropping` and `target_height` tell two.

    `left_cropping`, `right_cropping`, `target_width`: likewise. `data_format`: where the channels stand.
    """
    x, as_given = _last(images, data_format)
    top, bottom = _side("crop_images", top_cropping, bottom_cropping, x.shape[1], target_height, -1)
    left, right = _side("crop_images", left_cropping, right_cropping, x.shape[2], target_width, -1)
    return as_given(x[:, top : x.shape[1] - bottom, left : x.shape[2] - right])


@formatted
def pad_images(
    images: TensorLike,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> TensorLike:
    """`images` with zeros at their sides: of `top_padding`, `bottom_padding` and `target_height` tell two.

    `left_padding`, `right_padding`, `target_width`: likewise. `data_format`: where the channels stand.
    """
    x, as_given = _last(images, data_format)
    rows = _side("pad_images", top_padding, bottom_padding, x.shape[1], target_height, 1)
    cols = _side("pad_images", left_padding, right_padding, x.shape[2], target_width, 1)
    return as_given(jnp.pad(x, [(0, 0), rows, cols, (0, 0)]))


def _patches(x, rank, size, strides, dilation, padding):
    """The windows of (samples, ..., channels), with the channels fastest."""
    window = per_axis("size", size, rank)
    strides = window if strides is None else per_axis("strides", strides, rank)
    numbers = layout(rank, "tf").numbers
    padding = one_of("padding", padding, ("valid", "same")).upper()
    dilations = per_axis("dilation_rate", dilation, rank)
    found = lax.conv_general_dilated_patches(
        x, window, strides, padding, rhs_dilation=dilations, dimension_numbers=numbers
    )
    apart = found.reshape(*found.shape[:-1], x.shape[-1], math.prod(window))
    return jnp.swapaxes(apart, -1, -2).reshape(found.shape)


@formatted
def extract_patches(
    images: TensorLike,
    size: PerAxis,
    strides: PerAxis | None = None,
    dilation_rate: PerAxis = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> TensorLike:
    """The windows of `size` of the images, each as the channels of one place.

    `strides`: how far apart they are; None: side by side. `dilation_rate`: how far apart their pixels are. `padding`:
    "valid" or "same". `data_format`: where the channels stand.
    """
    x, as_given = _last(images, data_format)
    return as_given(_patches(_floats(x), 2, size, strides, dilation_rate, padding))


@formatted
def extract_patches_3d(
    volumes: TensorLike,
    size: PerAxis,
    strides: PerAxis | None = None,
    dilation_rate: PerAxis = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> TensorLike:
    """The windows of `size` of `volumes`, each as the channels of one place; arguments as for `extract_patches`.

    `strides`, `dilation_rate`, `padding`, `data_format`: see there.
    """
    x = _floats(jnp.asarray(volumes))
    alone, first = x.ndim == 4, are_first(data_format)
    x = x[None] if alone else x
    y = _patches(jnp.moveaxis(x, 1, -1) if first else x, 3, size, strides, dilation_rate, padding)
    y = jnp.moveaxis(y, -1, 1) if first else y
    return y[0] if alone else y


@op
def map_coordinates(
    inputs: TensorLike, coordinates: TensorLike, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> TensorLike:
    """The values of `inputs` at `coordinates`, whose first axis has one place for each axis.

    `order`: 0 takes the nearest, 1 computes what lies between. `fill_mode`: what lies outside: "constant" (that is
    `fill_value`), "nearest", "wrap", "mirror" or "reflect".
    """
    one_of("order", order, (0, 1))
    places = list(_floats(jnp.asarray(coordinates)))
    return scipy.ndimage.map_coordinates(
        jnp.asarray(inputs), places, order, one_of("fill_mode", fill_mode, _MODES), fill_value
    )


def sampled(x: Any, rows: Any, cols: Any, interpolation: str, mode: str, value: float) -> Any:
    """The pixels of a batch `x`, channels last, at the places `rows` and `cols`, each (samples, rows, columns).

    `interpolation`, `mode` and `value`: as `affine_transform` has them.
    """
    order = {"nearest": 0, "bilinear": 1}[one_of("interpolation", interpolation, ("nearest", "bilinear"))]
    one_of("fill_mode", mode, _MODES)

    def of_channel(plane, rows, cols):
        return scipy.ndimage.map_coordinates(plane, [rows, cols], order, mode, value)

    return jax.vmap(jax.vmap(of_channel, (2, None, None), 2))(x, rows, cols)


@op
def projected(
    x: TensorLike, factors: TensorLike, interpolation: str = "bilinear", mode: str = "constant", value: float = 0
) -> TensorLike:
    """A batch `x`, channels last, seen through the eight numbers of a projective transformation for each image.

    `interpolation`, `mode` and `value`: as `affine_transform` has them.
    """
    a = jnp.broadcast_to(factors, (x.shape[0], 8)).astype(_floats(x).dtype)[..., None, None]
    rows, cols = jnp.meshgrid(jnp.arange(x.shape[1]), jnp.arange(x.shape[2]), indexing="ij")
    below = a[:, 6] * cols + a[:, 7] * rows + 1
    seen_cols = (a[:, 0] * cols + a[:, 1] * rows + a[:, 2]) / below
    seen_rows = (a[:, 3] * cols + a[:, 4] * rows + a[:, 5]) / below
    return sampled(x, seen_rows, seen_cols, interpolation, mode, value)


@op
def places_after(points: TensorLike, factors: TensorLike) -> TensorLike:
    """Where `points` (samples, points, 2) of images, (column, row), are in those that `projected` makes of them."""
    back = jnp.linalg.inv(jnp.concatenate([jnp.asarray(factors), jnp.ones_like(factors[:, :1])], 1).reshape(-1, 3, 3))
    y = jnp.einsum("nij,nkj->nki", back, jnp.concatenate([points, jnp.ones_like(points[..., :1])], -1))
    return y[..., :2] / y[..., 2:]


@formatted
def affine_transform(
    images: TensorLike,
    transform: TensorLike,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> TensorLike:
    """`images` seen through `transform`, numbers a0 … a7 of which the last two are 0: x' = a0 x + a1 y + a2.

    `interpolation`: "nearest" or "bilinear". `fill_mode`, `fill_value`: as for `map_coordinates`. `data_format`: where
    the channels stand.
    """
    x, as_given = _last(images, data_format)
    factors = jnp.asarray(transform)
    straight = factors.at[..., 6:].set(0)
    return as_given(projected(x, straight, interpolation, fill_mode, fill_value))


@formatted
def perspective_transform(
    images: TensorLike,
    start_points: TensorLike,
    end_points: TensorLike,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> TensorLike:
    """`images` as if four `start_points` (column, row) came to lie at `end_points`.

    `interpolation`: "nearest" or "bilinear". `fill_value`: what lies outside. `data_format`: where the channels stand.
    """
    x, as_given = _last(images, data_format)
    return as_given(projected(x, perspective_factors(start_points, end_points), interpolation, "constant", fill_value))


@op
def perspective_factors(start_points: TensorLike, end_points: TensorLike) -> TensorLike:
    """The eight numbers by which `projected` brings four `start_points` (column, row) to `end_points`."""
    start, end = (_floats(jnp.asarray(points)).reshape(-1, 4, 2) for points in (start_points, end_points))
    zeros, ones = jnp.zeros_like(end[..., 0]), jnp.ones_like(end[..., 0])
    (u, v), (s, t) = jnp.moveaxis(end, -1, 0), jnp.moveaxis(start, -1, 0)
    first = jnp.stack([u, v, ones, zeros, zeros, zeros, -s * u, -s * v], -1)
    second = jnp.stack([zeros, zeros, zeros, u, v, ones, -t * u, -t * v], -1)
    matrix, wanted = jnp.concatenate([first, second], 1), jnp.concatenate([s, t], 1)
    return jnp.linalg.solve(matrix, wanted[..., None])[..., 0]


def _blurred(x, kernels, padding="SAME"):
    """A batch convolved with a kernel for the rows and one for the columns."""
    rows, cols = (jnp.asarray(kernel, x.dtype) for kernel in kernels)
    kernel = jnp.broadcast_to((rows[:, None] * cols)[..., None, None], (len(rows), len(cols), 1, x.shape[-1]))
    numbers = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(
        x, kernel, (1, 1), padding, dimension_numbers=numbers, feature_group_count=x.shape[-1]
    )


def _bell(size, sigma):
    values = (jnp if isinstance(sigma, jax.Array) else np).exp(-0.5 * ((np.arange(size) - (size - 1) / 2) / sigma) ** 2)
    return values / values.sum()


@formatted
def gaussian_blur(
    images: TensorLike,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> TensorLike:
    """`images` blurred by a bell of `kernel_size` and the standard deviations `sigma`, both (columns, rows).

    `data_format`: where the channels stand.
    """
    x, as_given = _last(images, data_format)
    cols, rows = (_bell(*pair) for pair in zip(kernel_size, sigma))
    return as_given(_blurred(_floats(x), (rows, cols)))


@formatted
def sobel_edges(images: TensorLike, data_format: str | None = None) -> TensorLike:
    """How fast the pixels rise down and to the right, as a last axis of size 2. `data_format`: where channels stand."""
    x, _ = _last(images, data_format)
    rise, smooth = np.array([-1.0, 0.0, 1.0]), np.array([1.0, 2.0, 1.0])
    found = [_blurred(_floats(x), pair) for pair in ((rise, smooth), (smooth, rise))]
    y = jnp.stack(found, -1)
    y = jnp.moveaxis(y, 3, 1) if are_first(data_format) else y
    return y[0] if jnp.ndim(images) == 3 else y


@formatted
def ssim(
    image1: TensorLike,
    image2: TensorLike,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> TensorLike:
    """The structural similarity of each pair of images.

    # Arguments
        image1, image2: one image each, or batches.
        max_val: the largest value a pixel can have.
        filter_size, filter_sigma: size and standard deviation of the window.
        k1, k2: small shares of `max_val` that keep the quotients finite.
        data_format: where the channels stand.

    Source: Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
    """
    (x, _), (y, _) = _last(image1, data_format), _last(image2, data_format)
    x, y = _floats(x), _floats(y)
    bell = _bell(filter_size, filter_sigma)

    def smooth(z):
        return _blurred(z, (bell, bell), "VALID")

    mean_x, mean_y = smooth(x), smooth(y)
    var_x, var_y = smooth(x * x) - mean_x**2, smooth(y * y) - mean_y**2
    both = smooth(x * y) - mean_x * mean_y
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    found = (2 * mean_x * mean_y + c1) * (2 * both + c2) / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    each = jnp.mean(found, (1, 2, 3))
    return each[0] if jnp.ndim(image1) == 3 else each
