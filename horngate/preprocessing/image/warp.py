"""Moving the pixels of whole batches of images by affine maps, with one gather for many images."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from horngate.utils.generic_utils import need

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Pixels moved at once: their coordinates stay in the processor's cache.
_PIXELS_AT_ONCE = 1 << 15
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
_pool = None


def workers() -> ThreadPoolExecutor:
    """Threads for work on images, as many as there are processors; made when first needed."""
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="images")
    return _pool


def warp(
    images: np.ndarray,
    matrices: np.ndarray,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    channels_last: bool = True,
    mirrored: np.ndarray | None = None,
) -> np.ndarray:
    """Images, each moved by its matrix; the nearest pixel is taken.

    Output pixel (i, j) is input pixel M (i, j, 1), rounded to the nearest whole place.

    # Arguments
        images: (samples, rows, columns, channels).
        matrices: (samples, 3, 3), from output places (row, column, 1) to input places.
        fill_mode: what stands beyond the border: `'nearest'` the border's pixel, `'constant'` the value `cval`,
            `'reflect'` the image mirrored at its border, `'wrap'` the image again.
        cval: the value beyond the border where `fill_mode` is `'constant'`.
        channels_last: False for images (samples, channels, rows, columns).
        mirrored: (samples, 2) truth values, whether to turn the outcome upside down and left to right.
    """
    if fill_mode not in FILL_MODES:
        raise ValueError(f"fill_mode must be one of {', '.join(map(repr, FILL_MODES))}; received {fill_mode!r}")
    images = np.ascontiguousarray(images)
    rows, columns = images.shape[1:3] if channels_last else images.shape[2:]
    warped, step = np.empty_like(images), max(1, _PIXELS_AT_ONCE // (rows * columns))
    mirrored = np.zeros((len(images), 2), bool) if mirrored is None else mirrored

    def move(start):
        part = slice(start, start + step)
        places, outside = _sources(matrices[part], mirrored[part], (rows, columns), fill_mode)
        _gather(images[part], places, warped[part], channels_last)
        if outside is not None:
            shape = (*outside.shape, 1) if channels_last else (len(outside), 1, *outside.shape[1:])
            np.copyto(warped[part], cval, where=outside.reshape(shape), casting="unsafe")

    starts = range(0, len(images), step)
    if len(starts) == 1:
        move(0)
    else:
        list(workers().map(move, starts))
    return warped


def _sources(
    matrices: np.ndarray, mirrored: np.ndarray, size: tuple[int, int], fill_mode: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Where each output pixel comes from, as a flat index (samples, rows, columns), and which come from outside."""
    rows, columns = (_turned(np.arange(n, dtype=np.float64), flip) for n, flip in zip(size, mirrored.T))
    outside, places = None, []
    for axis, n in enumerate(size):
        a, b, offset = (matrices[:, axis, k, None] for k in range(3))
        place = (a * rows + offset)[:, :, None] + (b * columns)[:, None, :]
        if fill_mode == "constant":
            beyond = (place < 0) | (place > n - 1)
            outside = beyond if outside is None else outside | beyond
        places.append(_within(place, n, fill_mode))
    flat, right = places
    flat *= size[1]
    flat += right
    return flat, outside


def _turned(places: np.ndarray, flipped: np.ndarray) -> np.ndarray:
    """(samples, places), backwards where `flipped`."""
    return np.where(flipped[:, None], places[::-1], places)


def _within(place: np.ndarray, n: int, fill_mode: str) -> np.ndarray:
    """Rounded places, brought into [0, n) as `fill_mode` says."""
    if fill_mode == "reflect":
        place = np.mod(place + 0.5, 2 * n)
        return np.minimum(np.minimum(place, 2 * n - place), n - 0.5).astype(np.int32)
    if fill_mode == "wrap" and n > 1:
        place = np.where((place < 0) | (place > n - 1), np.mod(place, n - 1), place)
    place += 0.5
    np.clip(place, 0, n - 0.5, out=place)
    return place.astype(np.int32)  # all are positive: cutting is rounding down


def _gather(images: np.ndarray, places: np.ndarray, out: np.ndarray, channels_last: bool) -> None:
    samples, pixels = len(images), places[0].size
    if channels_last:
        places = places.reshape(samples, -1) + np.arange(samples, dtype=np.int32)[:, None] * pixels
        flat = (-1, images.shape[-1])
        np.take(images.reshape(flat), places.ravel(), axis=0, out=out.reshape(flat), mode="clip")
        return
    planes = (samples, images.shape[1], pixels)
    for image, place, moved in zip(images.reshape(planes), places.reshape(samples, -1), out.reshape(planes)):
        np.take(image, place, axis=1, out=moved, mode="clip")  # with `raise`, NumPy would fill a copy first


def matrix_of(
    rotation: "ArrayLike" = 0.0,
    shift: "tuple[ArrayLike, ArrayLike]" = (0.0, 0.0),
    shear: "ArrayLike" = 0.0,
    zoom: "tuple[ArrayLike, ArrayLike]" = (1.0, 1.0),
) -> np.ndarray:
    """Affine matrices (samples, 3, 3): rotation, shift, shear and zoom one after the other.

    Each is a number, or an array of one for each sample.

    # Arguments
        rotation, shear: angles in radians.
        shift: down and to the right, in pixels.
        zoom: factors by rows and by columns.
    """
    rotation, down, right, shear, by_rows, by_columns = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, np.float64)) for x in (rotation, *shift, shear, *zoom))
    )
    cos, sin = np.cos(rotation), np.sin(rotation)
    matrix = np.zeros((len(cos), 3, 3))
    # the product of [cos -sin; sin cos], the shift, [1 -sin(shear); 0 cos(shear)] and the zoom
    matrix[:, 0, 0], matrix[:, 1, 0] = cos * by_rows, sin * by_rows
    matrix[:, 0, 1] = (-cos * np.sin(shear) - sin * np.cos(shear)) * by_columns
    matrix[:, 1, 1] = (-sin * np.sin(shear) + cos * np.cos(shear)) * by_columns
    matrix[:, 0, 2], matrix[:, 1, 2] = cos * down - sin * right, sin * down + cos * right
    matrix[:, 2, 2] = 1
    return matrix


def centered(matrices: np.ndarray, rows: float, columns: float) -> np.ndarray:
    """What does the same as `matrices` about the middle of an image of `rows` and `columns`: C M C^-1."""
    middle = np.array([rows / 2 + 0.5, columns / 2 + 0.5, 1.0])
    moved = np.array(matrices, np.float64)
    moved[..., :2, 2] += middle[:2] - moved[..., :2, :2] @ middle[:2]
    return moved


def smoothly(
    images: np.ndarray, matrices: np.ndarray, fill_mode: str, cval: float, channel_axis: int, order: int
) -> np.ndarray:
    """Images, each moved by its matrix, with splines between pixels.

    # Arguments
        images: the images.
        matrices, fill_mode, cval: as for `warp`.
        channel_axis: the axis of the channels in the batch.
        order: of the splines, 1 to 5.
    """
    need("scipy", "interpolation_order > 0 needs the package scipy: pip install '.[old]'")
    from scipy import ndimage

    channels = np.moveaxis(images, channel_axis, 1)
    told = {"order": order, "mode": "grid-wrap" if fill_mode == "wrap" else fill_mode, "cval": cval}
    moved = [
        [ndimage.affine_transform(plane, matrix[:2, :2], matrix[:2, 2], **told) for plane in image]
        for image, matrix in zip(channels, matrices)
    ]
    return np.moveaxis(np.asarray(moved, images.dtype), 1, channel_axis)
