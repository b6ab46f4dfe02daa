"""Layers that give images another size, cut them, or fill parts of them."""

from typing import Any

import numpy as np

from horngate.backend.arrays import pictures
from horngate.backend.arrays.indexing import take
from horngate.engine.for_layers import K, Shapes, TensorLike, argument
from horngate.engine.kinds import DataFormat, Range
from horngate.layers.changed_images import INSIDE, LAST, ChangedImages, Drawn, chosen, spread


class _Sized(ChangedImages):
    """Base of layers that give images another size."""

    in_test = True
    moves = True

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        shape = list(input_shape)
        last = len(shape) - (1 if self.dim_ordering == "tf" else 0)
        shape[last - 2 : last] = [self.height, self.width]
        return tuple(shape)

    def sizes_out(self, rows: int, columns: int) -> tuple[int, int]:
        return self.height, self.width

    def window(self, rows: int, columns: int, draws: dict[str, Any]) -> tuple[Any, Any, int, int]:
        """Return (top, left, rows, columns) of the part of images that becomes the new image."""
        spare = rows - self.height, columns - self.width
        if min(spare) < 0:
            return pictures.part_of((rows, columns), (self.height, self.width), True, False)
        top, left = draws.get("place", [n // 2 for n in spare])
        return top, left, self.height, self.width

    def points(self, points: TensorLike, draws: dict[str, Any]) -> TensorLike:
        top, left, rows, columns = self.window(*self.sizes_in(draws), draws)
        begin = K.cast(K.stack([K.cast(left, "float32"), K.cast(top, "float32")]), "float32")
        return (points - begin) * np.array([self.width / columns, self.height / rows], "float32")

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        top, left, rows, columns = self.window(x.shape[1], x.shape[2], draws)
        for axis, begin, size in ((1, top, rows), (2, left, columns)):
            x = take(x, begin + np.arange(size), axis)
        wanted = (self.height, self.width)
        return x if (rows, columns) == wanted else pictures.resize(x, wanted, interpolation, data_format=LAST)


class Resizing(_Sized):
    """Gives images another size; whole numbers are rounded and stay such."""

    height: int = argument("number of rows", at_least=1)
    width: int = argument("number of columns", at_least=1)
    interpolation: str = argument(
        INSIDE, default="bilinear", choices=("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    )
    crop_to_aspect_ratio: bool = argument("whether to cut off what would be stretched", default=False)
    pad_to_aspect_ratio: bool = argument("whether to fill up what would be stretched", default=False)
    fill_mode: str = argument("with what to fill up", default="constant", choices=("constant",))
    fill_value: float = argument("see fill_mode", default=0.0)
    antialias: bool = argument("whether to smooth what is made smaller", default=False)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    keeps_type = True

    def window(self, rows: int, columns: int, draws: dict[str, Any]) -> tuple[Any, Any, int, int]:
        told = self.crop_to_aspect_ratio, self.pad_to_aspect_ratio
        return pictures.part_of((rows, columns), (self.height, self.width), *told)

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        told = (self.antialias, self.crop_to_aspect_ratio, self.pad_to_aspect_ratio, self.fill_mode, self.fill_value)
        return pictures.resize(x, (self.height, self.width), interpolation, *told, LAST)


class CenterCrop(_Sized):
    """Cuts out the middle of images; those that are too small are resized first."""

    height: int = argument("number of rows", at_least=1)
    width: int = argument("number of columns", at_least=1)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")


class RandomCrop(_Sized):
    """Cuts a part out of images, at the same random place of all; those that are too small are resized instead.

    In testing the middle is cut out, so that the size is always the same. Keras 3.15 returns images unchanged there.
    """

    height: int = argument("number of rows", at_least=1)
    width: int = argument("number of columns", at_least=1)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def draw(self, x: TensorLike) -> dict[str, Any]:
        spare, shares = (x.shape[1] - self.height, x.shape[2] - self.width), K.random_uniform((2,), seed=self.seed)
        return {"place": [K.cast(shares[i] * (max(n, 0) + 1), "int32") for i, n in enumerate(spare)]}


class RandomErasing(ChangedImages):
    """Fills a random part of each image.

    # Source
        Zhong et al., Random Erasing Data Augmentation (arXiv:1708.04896).
    """

    factor: Range = argument("the probability that an image is changed", default=1.0, at_least=0, at_most=1)
    scale: Range = argument(
        "the area of the part, as a share of the image", default=(0.02, 0.33), at_least=0, at_most=1
    )
    fill_value: float | None = argument("what the part is filled with; None: normal noise", default=None)
    value_range: Range = argument("the least and the largest value of a pixel", default=(0, 255))
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def draw(self, x: TensorLike) -> dict[str, Any]:
        low, high = self.value_range
        fill = K.zeros_like(x) + (self.fill_value or 0.0)
        if self.fill_value is None:
            fill = low + (high - low) * K.random_normal(x.shape, dtype=K.dtype(x), seed=self.seed)
        masks = within_part(self, x, self.drawn(x, self.scale))
        return {"apply_erasing": self.happens(x, self.factor), "batch_masks": masks, "fill_value": fill}

    def changed(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        erased = spread(draws["apply_erasing"]) & draws["batch_masks"]
        return chosen(erased, K.clip(draws["fill_value"], *self.value_range), x)


class MaxNumBoundingBoxes(ChangedImages):
    """Gives each image the same number of boxes: the first `max_number`, filled up with boxes and labels of -1."""

    max_number: int = argument("how many boxes", at_least=1)
    fill_value: float = argument("the numbers of a box and the label that stand for none", default=-1)
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    in_test = True

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Drawn = None, training: bool = True
    ) -> dict[str, Any]:
        axis = K.ndim(bounding_boxes["boxes"]) - 2
        return {name: self._filled(value, axis) for name, value in bounding_boxes.items()}

    def _filled(self, x, axis):
        kept = x[: self.max_number] if axis == 0 else x[:, : self.max_number]
        missing = self.max_number - kept.shape[axis]
        filler = K.zeros_like(take(kept, np.zeros(missing, "int32"), axis)) + self.fill_value
        return K.concatenate([kept, K.cast(filler, K.dtype(kept))], axis)


def within_part(layer: ChangedImages, x: TensorLike, share: TensorLike) -> TensorLike:
    """Return whether each pixel of `x` lies in a random part, alike the image and a `share` of its area."""
    inside: Any = True
    for axis in (1, 2):
        size = x.shape[axis]
        part = K.round(K.sqrt(share) * size)
        begin = K.cast(layer.drawn(x) * (size - part + 1), "int32")
        places = np.arange(size).reshape([size if i == axis else 1 for i in range(4)])
        inside = inside & (places >= begin) & (places < begin + part)
    return inside
