"""Permutes the weights of layers whose input has another layout in the file, along the axes of that input."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from horngate.saving import layouts
from horngate.saving.files import FileError
from horngate.saving.layouts import Images, Layout, Permuted, Same, Shape, Unknown

if TYPE_CHECKING:
    from horngate.backend.graph import Variable
    from horngate.engine.layer import Layer


def undeclared_axes(leaf: "Layer", weight: "Variable") -> str:
    """The error text for a `weight` of the layer `leaf` that must be converted but does not declare its axes."""
    return (
        f"layer {leaf.name!r} ({type(leaf).__name__}): weight {weight.label!r} of shape {tuple(weight.shape)} does not "
        "say what its axes mean, so that it cannot be converted from a file of another ordering of images or another "
        "convention. Say so where it is made, as in add_weight(..., axes=('features', 'units'), role='kernel'); "
        "horngate.engine.axes has the words."
    )


@dataclass(frozen=True)
class Permutation:
    """The permutation of a weight of a file.

    # Arguments
        leaf: the layer that owns the weight.
        weight: the weight.
        layout: the layout of the layer's input in the file.
        shape: the shape of the input, batch included.
        ordering: the ordering of the model's images.
    """

    leaf: Any
    weight: Any
    layout: Layout
    shape: Shape
    ordering: str

    def apply(self, array: np.ndarray) -> np.ndarray:
        """Convert `array` from the file to the weight."""
        weight = self.weight
        if isinstance(self.layout, Same):
            return array
        if weight.axes is None:
            if not self._independent():
                raise FileError(undeclared_axes(self.leaf, weight))
            return array
        for axis, word in enumerate(weight.axes):
            if word in _BY_WORD and weight.shape[axis] != 1:
                if word not in ("elements", "positions") and array.shape != tuple(weight.shape):
                    return array  # its shape is refused later
                array = _BY_WORD[word](self, array, axis)
        return array

    def _independent(self) -> bool:
        """Whether a weight without declared axes cannot depend on the order of features."""
        weight, layout, shape = self.weight, self.layout, self.shape
        if weight.value.size == 1:
            return True
        if isinstance(layout, Permuted):
            return len(layout.order) not in weight.shape
        if isinstance(layout, Images):
            return len(weight.shape) == 1 and weight.shape[0] in shape[1:]
        return not set(weight.shape) & {*shape[1:], math.prod(size or 1 for size in shape[1:])}

    def _refuse(self, why: str) -> NoReturn:
        raise FileError(
            f"layer {self.leaf.name!r} ({type(self.leaf).__name__}): weight {self.weight.label!r} depends on the order "
            f"of the input's features, and that in the file cannot be told: {why}. {layouts.REMEDY}"
        )

    def _features(self, array: np.ndarray, axis: int) -> np.ndarray:
        layout = self.layout
        if isinstance(layout, Permuted) and len(layout.order) == array.shape[axis]:
            return np.take(array, layout.order, axis=axis)
        if isinstance(layout, Images) and len(self.weight.axes) == 1 and self.ordering == "tf":
            return array  # an entry for each channel
        images = "it looks at the last axis of images, which holds channels in one ordering and columns in the other"
        return self._refuse(layout.why if isinstance(layout, Unknown) else images)

    def _axis_of_images(self, array: np.ndarray, axis: int) -> np.ndarray:
        layout, channels = self.layout, self.weight.axes[axis] == "channels"
        if len(self.weight.axes) > 1:
            return array
        if isinstance(layout, Images) and not (channels and self.ordering == "th"):
            self._refuse(f"axis {1 if channels else 'two or three'} of images holds channels in one ordering only")
        if isinstance(layout, (Permuted, Unknown)) and channels:
            self._refuse(getattr(layout, "why", "it has an entry for each channel of what are no images"))
        return array

    def _elements(self, array: np.ndarray, axis: int) -> np.ndarray:
        layout, weight = layouts.resolve_images(self.layout, self.shape), self.weight
        if isinstance(layout, Unknown):
            self._refuse(layout.why)
        if isinstance(layout, Images):  # all axes at once
            first = next(i for i, size in enumerate(weight.shape) if size != 1)
            fits = axis == first and array.ndim == len(weight.shape)
            return layouts.transpose_images(array, layout.start or 0, self.ordering) if fits else array
        if isinstance(layout, Same) or axis < len(weight.axes) - 1:
            return array
        if array.shape[axis] != len(layout.order):
            self._refuse(f"it has {array.shape[axis]} entries for {len(layout.order)} features")
        return np.take(array, layout.order, axis=axis)

    def _patch(self, array: np.ndarray, axis: int) -> np.ndarray:
        layout, size, window = self.layout, array.shape[axis], self.leaf.window
        channels = size // math.prod(window)
        if isinstance(layout, Unknown):
            self._refuse(layout.why)
        if isinstance(layout, Permuted):
            order = np.arange(size).reshape(-1, channels)[:, layout.order].ravel()
        else:
            stored = (*window, channels) if self.ordering == "th" else (channels, *window)
            order = layouts.transpose_images(np.arange(size).reshape(stored), 0, self.ordering).ravel()
        return np.take(array, order, axis=axis)

    def _positions(self, array: np.ndarray, axis: int) -> np.ndarray:
        """Convert a bias (rows, columns, filters) for each position, which is read in the order of the images' axes."""
        weight = self.weight
        if weight.role != "bias" or axis or not isinstance(self.layout, Images) or array.shape != tuple(weight.shape):
            return array
        filters = array.shape[-1]
        stored = array.shape if self.ordering == "th" else (filters, *array.shape[:-1])
        return layouts.transpose_images(array.reshape(stored), 0, self.ordering).reshape(array.shape)


_BY_WORD: dict[str, Callable[[Permutation, np.ndarray, int], np.ndarray]] = {
    "features": Permutation._features,
    "elements": Permutation._elements,
    "patch": Permutation._patch,
    "positions": Permutation._positions,
    "channels": Permutation._axis_of_images,
    "steps": Permutation._axis_of_images,
}
