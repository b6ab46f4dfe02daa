"""Transforms of one image: by a matrix, or by chance."""

import numpy as np

from horngate.backend.orders import of_eras
from horngate.preprocessing.image.warp import centered, matrix_of, warp


@of_eras
def apply_transform(x, transform_matrix, channel_axis=0, fill_mode="nearest", cval=0.0):
    """The image moved by a matrix (3, 3) from output places (row, column, 1) to input places.

    # Arguments
        channel_axis: the axis of the channels.
        fill_mode, cval: what stands beyond the border; see `ImageDataGenerator`.
    """
    first = channel_axis % x.ndim == 0
    image = x if first else np.moveaxis(x, channel_axis, -1)
    moved = warp(image[None], np.asarray(transform_matrix)[None], fill_mode, cval, channels_last=not first)[0]
    return moved if first else np.moveaxis(moved, -1, channel_axis)


def transform_matrix_offset_center(matrix, x, y):
    """The matrix that does what `matrix` does, about the middle of an image of `x` rows and `y` columns."""
    return centered(matrix, x, y)


def _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, **motion):
    matrix = centered(matrix_of(**motion)[0], x.shape[row_axis], x.shape[col_axis])
    return apply_transform(x, matrix, channel_axis, fill_mode, cval)


@of_eras
def random_rotation(x, rg, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """The image turned by up to `rg` degrees either way."""
    angle = np.deg2rad(np.random.uniform(-rg, rg))
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, rotation=angle)


@of_eras
def random_shift(x, wrg, hrg, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """The image shifted by up to the fraction `wrg` of its width and `hrg` of its height."""
    down = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    right = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, shift=(down, right))


@of_eras
def random_shear(x, intensity, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """The image sheared by an angle of up to `intensity` radians."""
    shear = np.random.uniform(-intensity, intensity)
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, shear=shear)


@of_eras
def random_zoom(x, zoom_range, row_axis=1, col_axis=2, channel_axis=0, fill_mode="nearest", cval=0.0):
    """The image zoomed by factors between the two of `zoom_range`, by rows and by columns; below 1 it grows.

    A number z stands for (1 - z, 1 + z).
    """
    if np.ndim(zoom_range) == 0:
        zoom_range = (1 - zoom_range, 1 + zoom_range)
    if np.ndim(zoom_range) != 1 or len(zoom_range) != 2:
        raise ValueError(f"zoom_range must be a pair of factors, such as (0.8, 1.2); received {zoom_range!r}")
    zoom = np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return _about_the_middle(x, row_axis, col_axis, channel_axis, fill_mode, cval, zoom=zoom)


@of_eras
def random_channel_shift(x, intensity, channel_axis=0):
    """The image with a number between -`intensity` and `intensity` added to each channel, kept to its range."""
    added = [np.random.uniform(-intensity, intensity) for _ in range(x.shape[channel_axis])]
    return shift_channels(x[None], np.array([added]), channel_axis % x.ndim + 1)[0]


def shift_channels(images, added, channel_axis):
    """Images with `added` (samples, channels) to their channels, each image kept to its own range."""
    others = tuple(range(1, images.ndim))
    shape = [len(images)] + [1] * len(others)
    shape[channel_axis] = -1
    low, high = images.min(others, keepdims=True), images.max(others, keepdims=True)
    return np.clip(images + added.reshape(shape).astype(images.dtype), low, high)


def random_barrel_transform(x, intensity):
    """The image (channels, rows, columns) bent like a barrel.

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


def flip_axis(x, axis):
    """The image turned round along an axis."""
    return np.flip(x, axis)


def horizontal_flip(x):
    """The image (channels, rows, columns) turned left to right."""
    return flip_axis(x, 2)


def vertical_flip(x):
    """The image (channels, rows, columns) turned upside down."""
    return flip_axis(x, 1)
