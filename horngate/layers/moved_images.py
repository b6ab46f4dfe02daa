"""Layers that move the pixels of images: they mirror, turn, zoom, shear and bend."""

import math
from typing import Any

import numpy as np

from horngate.backend.arrays import pictures
from horngate.engine.for_layers import K, TensorLike, argument
from horngate.engine.kinds import DataFormat, Range
from horngate.layers.changed_images import (
    FILL_MODE,
    FILL_VALUE,
    INSIDE,
    INTERPOLATION,
    LAST,
    OUTSIDE,
    ChangedImages,
    chosen,
    spread,
)


class RandomFlip(ChangedImages):
    """Mirrors each image with probability 1/2."""

    mode: str = argument(
        "which ends change places",
        default="horizontal_and_vertical",
        choices=("horizontal", "vertical", "horizontal_and_vertical"),
    )
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    moves = True

    def draw(self, x: TensorLike) -> dict[str, Any]:
        flips = {"flips": self.drawn(x) < 0.5}
        both = self.mode == "horizontal_and_vertical"
        return {**flips, "vertical_flips": self.drawn(x) < 0.5} if both else flips

    def _flips(self, draws):
        """Return the axes along which images are mirrored, each with whether it is."""
        names = {"horizontal": 2, "vertical": 1}
        found = [(axis, draws["flips"]) for name, axis in names.items() if name in self.mode]
        return [found[0], (1, draws.get("vertical_flips", draws["flips"]))] if len(found) == 2 else found

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        for axis, flips in self._flips(draws):
            x = chosen(spread(flips), x[:, :, ::-1] if axis == 2 else x[:, ::-1], x)
        return x

    def points(self, points: TensorLike, draws: dict[str, Any]) -> TensorLike:
        rows, columns = self.sizes_in(draws)
        for axis, flips in self._flips(draws):
            end, sign = ([columns, 0], [-1, 1]) if axis == 2 else ([0, rows], [1, -1])
            points = chosen(spread(flips, 3), np.array(end, "float32") + np.array(sign, "float32") * points, points)
        return points


class _Seen(ChangedImages):
    """Base of layers that see images through a transformation of places.

    `matrix` gives the numbers a, b, ..., f, each for all images or one for each, by which column c and row r of the
    output come from column a c + b r + c0 and row d c + e r + f of the input.
    """

    moves = True

    def matrix(self, draws: dict[str, Any], rows: int, columns: int) -> tuple[Any, ...]:
        """Return the six numbers; `rows` and `columns`: sizes of the images."""
        raise NotImplementedError

    def factors(self, draws: dict[str, Any], samples: int) -> TensorLike:
        """Return the eight numbers of a projective transformation for each image: (samples, 8)."""
        one = K.ones((samples,))
        found = [one * K.reshape(part, (-1,)) for part in self.matrix(draws, *self.sizes_in(draws))]
        return K.stack([*found, 0 * one, 0 * one], axis=-1)

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        factors = self.factors(draws, x.shape[0])
        return pictures.projected(x, factors, interpolation, self.fill_mode, self.fill_value)

    def points(self, points: TensorLike, draws: dict[str, Any]) -> TensorLike:
        return pictures.places_after(points - 0.5, self.factors(draws, points.shape[0])) + 0.5

    def get_transformed_x_y(self, x: TensorLike, y: TensorLike, transform: TensorLike) -> tuple[TensorLike, TensorLike]:
        """Return the columns and rows of the input that are seen at columns `x` and rows `y`, (samples, 1) each.

        `transform`: the eight numbers of a projective transformation, (8,) or one for each sample, (samples, 8).
        """
        a, b, c, d, e, f, g, h = (K.reshape(transform, (-1, 8))[:, i : i + 1] for i in range(8))
        below = g * x + h * y + 1
        return (a * x + b * y + c) / below, (d * x + e * y + f) / below


class _Shifted(_Seen):
    """Base of layers that move parts of images without turning them."""

    def get_shifted_bbox(
        self, bounding_boxes: dict[str, Any], w_shift_factor: TensorLike, h_shift_factor: TensorLike
    ) -> dict[str, Any]:
        """Return boxes of the form xyxy moved to the left and up, by as many pixels as told; these spread over them."""
        return _shifted(bounding_boxes, bounding_boxes["boxes"], w_shift_factor, h_shift_factor)


def _shifted(bounding_boxes, corners, left, up):
    moved = [corners[..., i : i + 1] - (up if i % 2 else left) for i in range(4)]
    return {**bounding_boxes, "boxes": K.concatenate(moved, -1)}


class RandomRotation(_Seen):
    """Turns each image around its middle by a random angle."""

    factor: Range = argument("the angle in full turns, against the clock", at_least=-1, at_most=1)
    fill_mode: str = argument(OUTSIDE, default="reflect", choices=FILL_MODE)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    seed: int | None = argument(default=None)
    fill_value: float = argument(FILL_VALUE, default=0.0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {"angle": 360 * self.drawn(x, self.factor)}

    def matrix(self, draws: dict[str, Any], rows: int, columns: int) -> tuple[Any, ...]:
        angle = math.pi / 180 * draws["angle"]
        cos, sin, wide, high = K.cos(angle), K.sin(angle), columns - 1, rows - 1
        left, top = (wide - cos * wide + sin * high) / 2, (high - sin * wide - cos * high) / 2
        return cos, -sin, left, sin, cos, top


class RandomZoom(_Seen):
    """Makes what each image shows larger or smaller, around its middle."""

    height_factor: Range = argument("by what share of the height more is shown; below 0 less, which enlarges", above=-1)
    width_factor: Range | None = argument("the same for the width; None: that of the height", default=None, above=-1)
    fill_mode: str = argument(OUTSIDE, default="reflect", choices=FILL_MODE)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    seed: int | None = argument(default=None)
    fill_value: float = argument(FILL_VALUE, default=0.0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def draw(self, x: TensorLike) -> dict[str, Any]:
        high = 1 + self.drawn(x, self.height_factor)
        wide = high if self.width_factor is None else 1 + self.drawn(x, self.width_factor)
        return {"height_zoom": high, "width_zoom": wide}

    def matrix(self, draws: dict[str, Any], rows: int, columns: int) -> tuple[Any, ...]:
        high, wide = draws["height_zoom"], draws["width_zoom"]
        return wide, 0, (columns - 1) / 2 * (1 - wide), 0, high, (rows - 1) / 2 * (1 - high)

    def get_clipped_bbox(
        self,
        bounding_boxes: dict[str, Any],
        h_end: TensorLike,
        h_start: TensorLike,
        w_end: TensorLike,
        w_start: TensorLike,
    ) -> dict[str, Any]:
        """Return boxes of the form xyxy cut off at a part of the images, and counted in pixels from its corner.

        `h_start`, `h_end`, `w_start`, `w_end`: the first and the last row and column of the part; they spread over
        the boxes.
        """
        low, high = (w_start, h_start), (w_end, h_end)
        boxes = bounding_boxes["boxes"]
        cut = [K.minimum(K.maximum(boxes[..., i : i + 1], low[i % 2]), high[i % 2]) for i in range(4)]
        return _shifted(bounding_boxes, K.concatenate(cut, -1), w_start, h_start)


class RandomTranslation(_Shifted):
    """Moves each image."""

    height_factor: Range = argument("how far down, as a share of the height", at_least=-1, at_most=1)
    width_factor: Range = argument("how far to the right, as a share of the width", at_least=-1, at_most=1)
    fill_mode: str = argument(OUTSIDE, default="reflect", choices=FILL_MODE)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    seed: int | None = argument(default=None)
    fill_value: float = argument(FILL_VALUE, default=0.0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def draw(self, x: TensorLike) -> dict[str, Any]:
        down, right = x.shape[1] * self.drawn(x, self.height_factor), x.shape[2] * self.drawn(x, self.width_factor)
        return {"translations": K.concatenate([right, down], -1)[:, 0, 0]}

    def matrix(self, draws: dict[str, Any], rows: int, columns: int) -> tuple[Any, ...]:
        return 1, 0, -draws["translations"][:, 0], 0, 1, -draws["translations"][:, 1]


class RandomShear(_Shifted):
    """Moves the rows of each image against each other, and the columns."""

    x_factor: Range = argument(
        "how far a row is moved, as a share of its distance", default=0.0, at_least=-1, at_most=1
    )
    y_factor: Range = argument("the same for columns", default=0.0, at_least=-1, at_most=1)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    fill_mode: str = argument(OUTSIDE, default="reflect", choices=FILL_MODE)
    fill_value: float = argument(FILL_VALUE, default=0.0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    seed: int | None = argument(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()  # images go either way: below 0 there is nothing more
        both = self.x_factor, self.y_factor
        self.x_factor, self.y_factor = ((max(0.0, low), max(-low, high)) for low, high in both)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        along = self.either_way(x, self.x_factor), self.either_way(x, self.y_factor)
        return {"shear_factor": K.concatenate(along, -1)[:, 0, 0]}

    def matrix(self, draws: dict[str, Any], rows: int, columns: int) -> tuple[Any, ...]:
        return 1, draws["shear_factor"][:, 0], 0, draws["shear_factor"][:, 1], 1, 0


class RandomPerspective(_Seen):
    """Shows each image from a random side: its corners move towards its middle."""

    factor: Range = argument("the probability that an image is changed", default=1.0, at_least=0, at_most=1)
    scale: float = argument(
        "how far corners move at most, as a share of half the size", default=1.0, at_least=0, at_most=1
    )
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    fill_value: float = argument("the value outside of the image", default=0.0)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    fill_mode = "constant"

    def draw(self, x: TensorLike) -> dict[str, Any]:
        samples, rows, columns = x.shape[0], x.shape[1], x.shape[2]
        ends = np.array([[0, 0], [columns - 1, 0], [0, rows - 1], [columns - 1, rows - 1]], "float32")
        inward = np.array([[1, 1], [-1, 1], [1, -1], [-1, -1]]) * [columns / 2, rows / 2] * self.scale / 2
        moved = ends + inward * K.random_uniform((samples, 4, 2), seed=self.seed)
        start = K.zeros_like(moved) + ends
        return {"apply_perspective": self.happens(x, self.factor), "start_points": start, "end_points": moved}

    def factors(self, draws: dict[str, Any], samples: int) -> TensorLike:
        found = pictures.perspective_factors(draws["start_points"], draws["end_points"])
        same = np.array([1, 0, 0, 0, 1, 0, 0, 0], "float32")
        return chosen(spread(draws["apply_perspective"], 2), found, same)


class RandomElasticTransform(ChangedImages):
    """Bends each image as if it were drawn on rubber: pixels move by a smooth random field.

    # Source
        Simard, Steinkraus, Platt, Best practices for convolutional neural networks (ICDAR 2003).
    """

    factor: Range = argument("the probability that an image is changed", default=1.0, at_least=0, at_most=1)
    scale: Range = argument("how far pixels move, as a share of the size", default=1.0, at_least=0, at_most=1)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    fill_mode: str = argument(OUTSIDE, default="reflect", choices=FILL_MODE)
    fill_value: float = argument(FILL_VALUE, default=0.0)
    value_range: Range = argument("the least and the largest value of a pixel", default=(0, 255))
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    moves = True

    def draw(self, x: TensorLike) -> dict[str, Any]:
        samples, rows, columns = x.shape[0], x.shape[1], x.shape[2]
        field = K.random_normal((samples, rows, columns, 2), dtype=K.dtype(x), seed=self.seed)
        size = max(3, min(rows, columns) // 4 * 2 + 1)
        smooth = pictures.gaussian_blur(field, (size, size), (size / 6, size / 6), LAST)
        strength = self.drawn(x, self.scale) * 0.05 * size * np.array([rows, columns], "float32")
        return {"apply_transform": self.happens(x, self.factor), "distances": strength * smooth}

    def get_elastic_transform_params(self, height: int, width: int, factor: float) -> tuple[float, float]:
        """Return Keras 3's (strength, width of the bell) for images of `height` rows and `width` columns.

        `factor`: how strong. The layer itself takes `scale` as its strength.
        """
        return 0.1 * max(height, width) * factor, 0.05 * min(height, width) * factor

    def moved(self, x: TensorLike, draws: dict[str, Any], interpolation: str) -> TensorLike:
        places = np.meshgrid(np.arange(x.shape[1]), np.arange(x.shape[2]), indexing="ij")
        down, right = (place + draws["distances"][..., i] for i, place in enumerate(places))
        y = pictures.sampled(x, down, right, interpolation, self.fill_mode, self.fill_value)
        return chosen(draws["apply_transform"], y, x)

    def changed(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        low, high = self.value_range
        return chosen(draws["apply_transform"], K.clip(super().changed(x, draws), low, high), x)
