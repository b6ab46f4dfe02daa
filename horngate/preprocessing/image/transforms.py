"""Transforms of one image: by a matrix, or by chance."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate.backend.config import EraDefault, of_era
from horngate.backend.orders import of_eras
from horngate.preprocessing.image.warp import centered, matrix_of, smoothly, warp


@of_eras
def apply_transform(
    x: np.ndarray, transform_matrix: np.ndarray, channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0
) -> np.ndarray:
    """The image moved by a matrix.

    # Arguments
        x: the image, of 3 axes.
        transform_matrix: array (3, 3), from output places (row, column, 1) to input places.
        channel_axis: the axis of the channels, the first or the last.
        fill_mode: what stands beyond the border: `'nearest'`, `'constant'`, `'reflect'` or `'wrap'`; see
            `ImageDataGenerator`.
        cval: the value beyond the border where `fill_mode` is `'constant'`.
    """
    first = channel_axis % x.ndim == 0
    image = x if first else np.moveaxis(x, channel_axis, -1)
    moved = warp(image[None], np.asarray(transform_matrix)[None], fill_mode, cval, channels_last=not first)[0]
    return moved if first else np.moveaxis(moved, -1, channel_axis)


def transform_matrix_offset_center(matrix: np.ndarray, x: float, y: float) -> np.ndarray:
    """The matrix that does what `matrix` does, about the middle of an image of `x` rows and `y` columns."""
    return centered(matrix, x, y)


def _about_the_middle(
    x: np.ndarray,
    row_axis: int,
    col_axis: int,
    channel_axis: int,
    fill_mode: str,
    cval: float,
    order: Any,
    **motion: Any,
) -> np.ndarray:
    matrix = centered(matrix_of(**motion)[0], x.shape[row_axis], x.shape[col_axis])
    if of_era(order):
        return smoothly(x[None], matrix[None], fill_mode, cval, 1 + channel_axis % x.ndim, of_era(order))[0]
    return apply_transform(x, matrix, channel_axis, fill_mode, cval)


@of_eras
def random_rotation(
    x: np.ndarray,
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: Any = EraDefault("interpolation_order"),
) -> np.ndarray:
    """The image `x` turned by up to `rg` degrees either way.

    `row_axis`, `col_axis` and `channel_axis` say where its axes are; `fill_mode` and `cval` as for `apply_transform`;
    `interpolation_order` as for `ImageDataGenerator`.
    """
    angle = np.deg2rad(np.random.uniform(-rg, rg))
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order, rotation=angle)


@of_eras
def random_shift(
    x: np.ndarray,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: Any = EraDefault("interpolation_order"),
) -> np.ndarray:
    """The image `x` shifted by up to the fraction `wrg` of its width and `hrg` of its height.

    `row_axis`, `col_axis` and `channel_axis` say where its axes are; `fill_mode` and `cval` as for `apply_transform`;
    `interpolation_order` as for `ImageDataGenerator`.
    """
    down = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    right = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return _about_the_middle(
        x, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order, shift=(down, right)
    )


@of_eras
def random_shear(
    x: np.ndarray,
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: Any = EraDefault("interpolation_order"),
) -> np.ndarray:
    """The image `x` sheared by an angle of up to `intensity` radians.

    `row_axis`, `col_axis` and `channel_axis` say where its axes are; `fill_mode` and `cval` as for `apply_transform`;
    `interpolation_order` as for `ImageDataGenerator`.
    """
    shear = np.random.uniform(-intensity, intensity)
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order, shear=shear)


@of_eras
def random_zoom(
    x: np.ndarray,
    zoom_range: float | Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: Any = EraDefault("interpolation_order"),
) -> np.ndarray:
    """The image `x` zoomed by factors between the two of `zoom_range`, by rows and by columns; below 1 it grows.

    A number z stands for (1 - z, 1 + z). `row_axis`, `col_axis` and `channel_axis` say where the axes of the image are;
    `fill_mode` and `cval` as for `apply_transform`;
    `interpolation_order` as for `ImageDataGenerator`.
    """
    given = np.asarray(zoom_range, np.float64)
    if given.shape not in ((), (2,)):
        raise ValueError(f"zoom_range must be a pair of factors, such as (0.8, 1.2); received {zoom_range!r}")
    low, high = given if given.ndim else (1 - given, 1 + given)
    zoom = np.random.uniform(float(low), float(high), 2)
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order, zoom=zoom)


@of_eras
def random_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """The image `x` with a number from -`intensity` to `intensity` added to each channel, kept to its range.

    `channel_axis` is the axis of the channels.
    """
    added = [np.random.uniform(-intensity, intensity) for _ in range(x.shape[channel_axis])]
    return shift_channels(x[None], np.array([added]), channel_axis % x.ndim + 1)[0]


def shift_channels(images: np.ndarray, added: np.ndarray, channel_axis: int) -> np.ndarray:
    """The batch `images` with `added` (samples, channels) to its channels on `channel_axis`.

    Each image is kept to its own range.
    """
    others = tuple(range(1, images.ndim))
    shape = [len(images)] + [1] * len(others)
    shape[channel_axis] = -1
    low, high = images.min(others, keepdims=True), images.max(others, keepdims=True)
    return np.clip(images + added.reshape(shape).astype(images.dtype), low, high)


def random_barrel_transform(x: np.ndarray, intensity: float) -> np.ndarray:
    """The image `x` (channels, rows, columns) bent like a barrel.

    A place at distance r from the middle comes from the distance r (1 + k r^2), where k is drawn between 0 and
    `intensity`; r is 1 at the nearest border.
    """
    rows, columns = x.shape[1:]
    down, right = (np.arange(n) - (n - 1) / 2 for n in (rows, columns))
    squared = (down[:, None] ** 2 + right[None] ** 2) / (min(rows, columns) / 2) ** 2
    stretch = 1 + np.random.uniform(0, intensity) * squared
    places = [
        np.clip(np.rint(stretch * along + (n - 1) / 2), 0, n - 1).astype(int)
        for along, n in ((down[:, None], rows), (right[None], columns))
    ]
    return x[:, places[0], places[1]]


def flip_axis(x: np.ndarray, axis: int) -> np.ndarray:
    """The image `x` turned round along `axis`."""
    return np.flip(x, axis)


def horizontal_flip(x: np.ndarray) -> np.ndarray:
    """The image `x` (channels, rows, columns) turned left to right."""
    return flip_axis(x, 2)


def vertical_flip(x: np.ndarray) -> np.ndarray:
    """The image `x` (channels, rows, columns) turned upside down."""
    return flip_axis(x, 1)


def apply_brightness_shift(x: np.ndarray, brightness: float) -> np.ndarray:
    """The image `x` made brighter by the factor `brightness`, as one of whole numbers from 0 to 255.

    As in Keras 2, the image is first scaled so that its largest number is 255.
    """
    pixels = x - min(float(x.min()), 0.0)
    pixels = np.floor(pixels / (np.max(pixels) or 1) * 255)
    return np.clip(np.floor(pixels * brightness), 0, 255).astype(x.dtype)


def random_brightness(x: np.ndarray, brightness_range: Sequence[float]) -> np.ndarray:
    """The image `x` with a brightness drawn from `brightness_range`, the least and the largest factor."""
    if len(brightness_range) != 2:
        raise ValueError(f"brightness_range must be two factors; received {brightness_range!r}")
    return apply_brightness_shift(x, np.random.uniform(brightness_range[0], brightness_range[1]))


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """The image `x` with `intensity` added to all channels, kept to its range; `channel_axis` is their axis."""
    added = np.full((1, x.shape[channel_axis]), intensity)
    return shift_channels(x[None], added, channel_axis % x.ndim + 1)[0]


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 0,
    col_axis: int = 1,
    channel_axis: int = 2,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: Any = EraDefault("interpolation_order"),
) -> np.ndarray:
    """The image `x` turned, moved, sheared and zoomed about its middle.

    # Arguments
        x: the image.
        theta: the angle, in degrees.
        tx, ty: the shift along rows and columns, in pixels.
        shear: the angle of the shear, in degrees.
        zx, zy: the zoom of rows and columns.
        row_axis, col_axis, channel_axis: where its axes are.
        fill_mode, cval: as for `apply_transform`.
        order: the `interpolation_order` of `ImageDataGenerator`.
    """
    motion: dict[str, Any] = {"rotation": np.deg2rad(theta), "shift": (tx, ty), "shear": np.deg2rad(shear)}
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, order, zoom=(zx, zy), **motion)
