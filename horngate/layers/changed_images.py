"""Layers that change images: what they share, and those that move, turn and cut them."""

import math
from typing import Any, ClassVar

import numpy as np

from horngate import backend as K
from horngate.backend.arrays import pictures
from horngate.backend.arrays.indexing import take
from horngate.backend.running import changes_images
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument
from horngate.engine.attributes import Shapes
from horngate.engine.kinds import DataFormat, Range
from horngate.engine.layer import Layer
from horngate.layers.core import floats

LAST = "channels_last"
INTERPOLATION, FILL_MODE = ("nearest", "bilinear"), ("constant", "nearest", "wrap", "mirror", "reflect")
INSIDE = "how the values between pixels are found"
OUTSIDE = "what lies outside of the image: `fill_value`, the nearest pixel, or the image again, mirrored or not"
FILL_VALUE = "the value outside of the image with fill_mode='constant'"


class Told:
    """Attributes of layers that change images, which each public class declares at its own place in the signature."""

    dim_ordering: Any  # where the channels stand
    seed: Any  # what makes the draws differ from those of other layers
    fill_mode: Any
    fill_value: Any
    interpolation: Any
    height: int
    width: int
    value_range: Any
    factor: Any


class ChangedImages(Layer, Told):
    """Base of layers that change images, at random or not: in training, and where they are called by themselves.

    # Input shape
        (samples, rows, columns, channels), or channels first; outside of models also one image without samples. A
        dictionary with `images` and perhaps `labels` comes back as one.

    # Output shape
        That of the input, or with the sizes that the layer makes.
    """

    output_order = "images"
    rank = 2

    in_test: ClassVar[bool] = False  # whether images are changed in testing, too
    trains_unless_told: ClassVar[bool] = True  # in direct calls
    keeps_type: ClassVar[bool] = False  # whether whole numbers stay such

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if isinstance(x, dict):
            return self._changed_in(x)
        return self._changed(x, None)[0]

    def _changed_in(self, x: dict[str, Any]) -> dict[str, Any]:
        if odd := sorted(x.keys() - {"images", "labels"}):
            raise ValueError(
                f"{type(self).__name__} {self.name} changes 'images' and 'labels'; received {', '.join(odd)} too. "
                "Change boxes and masks in a layer of your own."
            )
        images, labels = self._changed(x["images"], x.get("labels"))
        return {**x, "images": images} if labels is None else {"images": images, "labels": labels}

    def _changed(self, x, labels):
        x = x if self.keeps_type else floats(x)
        if not (self.in_test or changes_images()):
            return self.untouched(x), labels
        alone, first = K.ndim(x) == 3, self.dim_ordering == "th"
        batch = K.expand_dims(x, 0) if alone else x
        batch = K.permute_dimensions(batch, (0, 2, 3, 1)) if first else batch
        y, labels = self.changed_with(batch, labels)
        y = K.permute_dimensions(y, (0, 3, 1, 2)) if first else y
        return (y[0] if alone else y), labels

    def changed_with(self, x: TensorLike, labels: Any) -> tuple[TensorLike, Any]:
        """Return the changed images and their labels."""
        return self.changed(x), labels

    def changed(self, x: TensorLike) -> TensorLike:
        """Return the images `x`, with channels last, changed."""
        raise NotImplementedError(f"{type(self).__name__} changes nothing.")

    def untouched(self, x: TensorLike) -> TensorLike:
        """Return the images `x` as they leave the layer in testing."""
        return x

    def drawn(self, x: TensorLike, among: tuple[float, float] = (0.0, 1.0)) -> TensorLike:
        """Return a number for each image of `x`, uniform `among` two numbers, that spreads over the images."""
        low, high = among
        return K.random_uniform((x.shape[0], 1, 1, 1), low, max(low, high), K.dtype(x), self.seed)

    def either_way(self, x: TensorLike, among: tuple[float, float]) -> TensorLike:
        """Like `drawn`, with a random sign."""
        return self.drawn(x, among) * chosen(self.drawn(x) < 0.5, -1.0, 1.0)

    def by_chance(self, x: TensorLike, y: TensorLike, among: tuple[float, float]) -> TensorLike:
        """Return for each image that of `y` with a probability drawn from `among`, else that of `x`."""
        return chosen(self.drawn(x) < self.drawn(x, among), y, x)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return input_shape if isinstance(input_shape, dict) else tuple(input_shape)


def chosen(condition: TensorLike, x: TensorLike, y: TensorLike) -> TensorLike:
    """Return `x` where the `condition` holds, else `y`."""
    return K.switch(condition, x, y)


class RandomFlip(ChangedImages):
    """Mirrors each image with probability 1/2."""

    mode: str = argument(
        "which ends change places",
        default="horizontal_and_vertical",
        choices=("horizontal", "vertical", "horizontal_and_vertical"),
    )
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def changed(self, x: TensorLike) -> TensorLike:
        if "horizontal" in self.mode:
            x = chosen(self.drawn(x) < 0.5, x[:, :, ::-1], x)
        return chosen(self.drawn(x) < 0.5, x[:, ::-1], x) if "vertical" in self.mode else x


class _Seen(ChangedImages):
    """Base of layers that see images through a linear transformation of places.

    `matrix` gives for each image the numbers a, b, ..., f by which column c and row r of the output come from column
    a c + b r + c0 and row d c + e r + f of the input.
    """

    def changed(self, x: TensorLike) -> TensorLike:
        one, rows, columns = K.ones_like(x[:, 0, 0, 0]), x.shape[1], x.shape[2]
        found = [one * (part[:, 0, 0, 0] if K.ndim(part) else part) for part in self.matrix(x, rows, columns)]
        factors = K.stack([*found, 0 * one, 0 * one], axis=-1)
        told = (self.interpolation, self.fill_mode, self.fill_value, LAST)
        return pictures.affine_transform(x, factors, *told)

    def matrix(self, x: TensorLike, rows: int, columns: int) -> tuple[Any, ...]:
        """Return the six numbers; `rows` and `columns`: sizes of the images `x`."""
        raise NotImplementedError


class RandomRotation(_Seen):
    """Turns each image around its middle by a random angle."""

    factor: Range = argument("the angle in full turns, against the clock", at_least=-1, at_most=1)
    fill_mode: str = argument(OUTSIDE, default="reflect", choices=FILL_MODE)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    seed: int | None = argument(default=None)
    fill_value: float = argument(FILL_VALUE, default=0.0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def matrix(self, x: TensorLike, rows: int, columns: int) -> tuple[Any, ...]:
        angle = 2 * math.pi * self.drawn(x, self.factor)
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

    def matrix(self, x: TensorLike, rows: int, columns: int) -> tuple[Any, ...]:
        high = 1 + self.drawn(x, self.height_factor)
        wide = high if self.width_factor is None else 1 + self.drawn(x, self.width_factor)
        return wide, 0, (columns - 1) / 2 * (1 - wide), 0, high, (rows - 1) / 2 * (1 - high)


class RandomTranslation(_Seen):
    """Moves each image."""

    height_factor: Range = argument("how far down, as a share of the height", at_least=-1, at_most=1)
    width_factor: Range = argument("how far to the right, as a share of the width", at_least=-1, at_most=1)
    fill_mode: str = argument(OUTSIDE, default="reflect", choices=FILL_MODE)
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    seed: int | None = argument(default=None)
    fill_value: float = argument(FILL_VALUE, default=0.0)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def matrix(self, x: TensorLike, rows: int, columns: int) -> tuple[Any, ...]:
        down, right = self.drawn(x, self.height_factor), self.drawn(x, self.width_factor)
        return 1, 0, -columns * right, 0, 1, -rows * down


class RandomShear(_Seen):
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
        self.x_factor, self.y_factor = (
            (max(0.0, low), max(-low, high)) for low, high in (self.x_factor, self.y_factor)
        )

    def matrix(self, x: TensorLike, rows: int, columns: int) -> tuple[Any, ...]:
        return 1, self.either_way(x, self.x_factor), 0, self.either_way(x, self.y_factor), 1, 0


class RandomPerspective(ChangedImages):
    """Shows each image from a random side: its corners move towards its middle."""

    factor: Range = argument("the probability that an image is changed", default=1.0, at_least=0, at_most=1)
    scale: float = argument(
        "how far corners move at most, as a share of half the size", default=1.0, at_least=0, at_most=1
    )
    interpolation: str = argument(INSIDE, default="bilinear", choices=INTERPOLATION)
    fill_value: float = argument("the value outside of the image", default=0.0)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def changed(self, x: TensorLike) -> TensorLike:
        samples, rows, columns = x.shape[0], x.shape[1], x.shape[2]
        ends = np.array([[0, 0], [columns - 1, 0], [0, rows - 1], [columns - 1, rows - 1]], "float32")
        inward = np.array([[1, 1], [-1, 1], [1, -1], [-1, -1]]) * [columns / 2, rows / 2] * self.scale / 2
        moved = ends + inward * K.random_uniform((samples, 4, 2), seed=self.seed)
        start = K.zeros_like(moved) + ends
        y = pictures.perspective_transform(x, start, moved, self.interpolation, self.fill_value, LAST)
        return self.by_chance(x, y, self.factor)


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

    def changed(self, x: TensorLike) -> TensorLike:
        samples, rows, columns = x.shape[0], x.shape[1], x.shape[2]
        field = K.random_normal((samples, rows, columns, 2), dtype=K.dtype(x), seed=self.seed)
        size = max(3, min(rows, columns) // 4 * 2 + 1)
        smooth = pictures.gaussian_blur(field, (size, size), (size / 6, size / 6), LAST)
        strength = self.drawn(x, self.scale)[..., 0] * 0.05 * size
        places = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
        moved = [place + strength * smooth[..., i] * n for i, (place, n) in enumerate(zip(places, (rows, columns)))]
        y = pictures.sampled(x, moved[0], moved[1], self.interpolation, self.fill_mode, self.fill_value)
        low, high = self.value_range
        return self.by_chance(x, K.clip(y, low, high), self.factor)


class _Sized(ChangedImages):
    """Base of layers that give images another size."""

    in_test = True

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        shape = list(input_shape)
        last = len(shape) - (1 if self.dim_ordering == "tf" else 0)
        shape[last - 2 : last] = [self.height, self.width]
        return tuple(shape)

    def fitted(self, x: TensorLike) -> TensorLike:
        """Return the largest part of `x` that has the shape, in the wanted size."""
        return pictures.resize(x, (self.height, self.width), crop_to_aspect_ratio=True, data_format=LAST)


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

    def changed(self, x: TensorLike) -> TensorLike:
        told = (self.antialias, self.crop_to_aspect_ratio, self.pad_to_aspect_ratio, self.fill_mode, self.fill_value)
        return pictures.resize(x, (self.height, self.width), self.interpolation, *told, LAST)


class CenterCrop(_Sized):
    """Cuts out the middle of images; those that are too small are resized first."""

    height: int = argument("number of rows", at_least=1)
    width: int = argument("number of columns", at_least=1)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def changed(self, x: TensorLike) -> TensorLike:
        top, left = x.shape[1] - self.height, x.shape[2] - self.width
        if top < 0 or left < 0:
            return self.fitted(x)
        return x[:, top // 2 : top // 2 + self.height, left // 2 : left // 2 + self.width]


class RandomCrop(_Sized):
    """Cuts a part out of images, at the same random place of all; those that are too small are resized instead.

    In testing the middle is cut out, so that the size is always the same. Keras 3.15 returns images unchanged there.
    """

    height: int = argument("number of rows", at_least=1)
    width: int = argument("number of columns", at_least=1)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def changed(self, x: TensorLike) -> TensorLike:
        spare = x.shape[1] - self.height, x.shape[2] - self.width
        if min(spare) < 0:
            return self.fitted(x)
        place = [n // 2 for n in spare]
        if changes_images():
            draws = K.random_uniform((2,), seed=self.seed)
            place = [K.cast(draws[i] * (n + 1), "int32") for i, n in enumerate(spare)]
        for axis, (begin, size) in enumerate(zip(place, (self.height, self.width)), 1):
            x = take(x, begin + np.arange(size), axis)
        return x


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

    def changed(self, x: TensorLike) -> TensorLike:
        low, high = self.value_range
        fill = K.zeros_like(x) + (self.fill_value or 0.0)
        if self.fill_value is None:
            fill = low + (high - low) * K.random_normal(x.shape, dtype=K.dtype(x), seed=self.seed)
        y = chosen(within_part(self, x, self.drawn(x, self.scale)), K.clip(fill, low, high), x)
        return self.by_chance(x, y, self.factor)


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
