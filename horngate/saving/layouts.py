"""Layouts of data in the model of a file whose images have another ordering than the model that reads it."""

import math
from dataclasses import dataclass

import numpy as np

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Same:
    """The same layout as in the model that reads the file."""


@dataclass(frozen=True)
class Images:
    """The axes of a sample from `start` on are those of an image; None if it depends on the next layer."""

    start: int | None = None


@dataclass(frozen=True, eq=False)
class Permuted:
    """The last axis holds the same features in another order: feature i stands at `order[i]` in the file."""

    order: np.ndarray

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Permuted) and np.array_equal(self.order, other.order)


@dataclass(frozen=True)
class Unknown:
    """An unknown layout; `why` says where it got lost."""

    why: str


Layout = Same | Images | Permuted | Unknown
SAME = Same()
REMEDY = "Build the model with the dim_ordering of the file; if it has that, say so: load_weights(..., dim_ordering=)."


def permuted(order: np.ndarray) -> Same | Permuted:
    """The layout of features in the given `order`."""
    return SAME if np.array_equal(order, np.arange(len(order))) else Permuted(order)


def resolve_images(layout: Layout, shape: Shape) -> Layout:
    """Resolve a `layout` that only may be of images, by the rank of `shape`."""
    if layout != Images():
        return layout
    if len(shape) == 4:
        return Images(0)
    return Unknown(f"whether an input of shape {shape} is a volume or a sequence of images is not known")


def is_transpose_trivial(shape: Shape, ordering: str) -> bool:
    """Whether images of this `shape`, batch included, are the same in memory in `ordering` and in the other one."""
    channels, window = (shape[1], shape[2:]) if ordering == "th" else (shape[-1], shape[1:-1])
    return channels == 1 or all(size == 1 for size in window)


def transpose_images(array: np.ndarray, start: int, ordering: str) -> np.ndarray:
    """Transpose the axes of `array` from `start` on, an image, from the other ordering to `ordering`."""
    return np.moveaxis(array, -1, start) if ordering == "th" else np.moveaxis(array, start, -1)


def flatten_layout(layout: Layout, shape: Shape, ordering: str) -> Layout:
    """The layout after flattening the samples of data with this `layout`, `shape` and `ordering`."""
    layout, sizes = resolve_images(layout, shape), [size for size in shape[1:] if size is not None]
    if isinstance(layout, (Same, Unknown)):
        return layout
    if len(sizes) < len(shape) - 1:
        return Unknown(f"the sizes of the data that are flattened, {shape}, are not all known")
    places = np.arange(math.prod(sizes))
    if isinstance(layout, Permuted):
        return permuted(places.reshape(-1, sizes[-1])[:, layout.order].ravel())
    start = layout.start or 0
    lead, (first, *rest) = sizes[:start], sizes[start:]
    stored = (*lead, *rest, first) if ordering == "th" else (*lead, rest[-1], first, *rest[:-1])
    return permuted(transpose_images(places.reshape(stored), start, ordering).ravel())
