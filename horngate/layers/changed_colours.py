"""Layers that change the colours of images; the values stay within `value_range`."""

from typing import Any

import numpy as np

from horngate.backend.arrays import found, pictures
from horngate.backend.arrays.indexing import segment_sum, take, take_along_axis
from horngate.engine.for_layers import K, TensorLike, argument
from horngate.engine.kinds import DataFormat, Range, Sizes
from horngate.layers.changed_images import LAST, ChangedImages, Drawn, chosen, spread

PIXELS = "the least and the largest value of a pixel"
PROBABILITY = "the probability that an image is changed"


def grey(x: TensorLike) -> TensorLike:
    """Return how bright the pixels of `x` are, in one channel."""
    return pictures.rgb_to_grayscale(x, LAST)


class ChangedColours(ChangedImages):
    """Base of layers that change values of pixels within `value_range`."""

    def changed(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        low, high = self.value_range
        return K.clip(self.coloured(x, draws), low, high)

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        """Return the images `x` in other colours, perhaps beyond `value_range`."""
        raise NotImplementedError(f"{type(self).__name__} changes nothing.")

    def unit(self, x: TensorLike) -> TensorLike:
        """Return values in [0, 1] for those of `value_range`."""
        low, high = self.value_range
        return (x - low) / (high - low)

    def of_unit(self, x: TensorLike) -> TensorLike:
        """Return values of `value_range` for those in [0, 1]."""
        low, high = self.value_range
        return low + x * (high - low)


class RandomBrightness(ChangedColours):
    """y = x + factor (high - low), the same for all pixels of an image."""

    factor: Range = argument("the share of the range that is added", at_least=-1, at_most=1)
    value_range: Range = argument(PIXELS, default=(0, 255))
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        low, high = self.value_range
        return {"rgb_delta": self.drawn(x, self.factor) * (high - low)}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        return x + spread(draws["rgb_delta"])


class RandomContrast(ChangedColours):
    """y = mean + c (x - mean) with the mean of each image and channel, c uniform in [1 - lower, 1 + upper]."""

    factor: Range = argument("(lower, upper)", at_least=0, at_most=1)
    value_range: Range = argument(PIXELS, default=(0, 255))
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        lower, upper = self.factor
        return {"contrast_factor": self.drawn(x, (1 - lower, 1 + upper))}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        mean = K.mean(x, axis=[1, 2], keepdims=True)
        return mean + spread(draws["contrast_factor"]) * (x - mean)


class _ByFactor(ChangedColours):
    """Base of layers that change colours by a number drawn from `factor`."""

    factor: Range = argument("what is drawn")
    value_range: Range = argument(PIXELS, default=(0, 255))
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    seed: int | None = argument(default=None)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {"factor": self.drawn(x, self.factor)}


class RandomHue(_ByFactor):
    """Turns the colour circle by up to factor / 2 of a full turn, to either side."""

    factor: Range = argument("how far, from 0 to half a turn at 1", at_least=0, at_most=1)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {"factor": self.either_way(x, self.factor) / 2}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        hsv = pictures.rgb_to_hsv(self.unit(x), LAST)
        hue = (hsv[..., :1] + spread(draws["factor"])) % 1
        return self.of_unit(pictures.hsv_to_rgb(K.concatenate([hue, hsv[..., 1:]], -1), LAST))


class RandomSaturation(_ByFactor):
    """Multiplies the saturation by factor / (1 - factor): 0 gives grey, 1/2 changes nothing, 1 gives pure colours.

    The saturation stays within [0, 1]. Keras 3 lets it grow, to values outside of `value_range`.
    """

    factor: Range = argument("how saturated; below 0 as 0", at_least=-1, at_most=1)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        factor = self.drawn(x, self.factor)
        return {"factor": factor / K.maximum(1 - factor, K.epsilon())}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        hsv = pictures.rgb_to_hsv(self.unit(x), LAST)
        saturation = K.clip(hsv[..., 1:2] * spread(draws["factor"]), 0, 1)
        changed = K.concatenate([hsv[..., :1], saturation, hsv[..., 2:]], -1)
        return self.of_unit(pictures.hsv_to_rgb(changed, LAST))


class RandomColorDegeneration(_ByFactor):
    """Mixes each image with its grey one: y = x + factor (grey - x)."""

    factor: Range = argument("the share of grey", at_least=-1, at_most=1)

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        return x + spread(draws["factor"]) * (grey(x) - x)


class RandomSharpness(_ByFactor):
    """y = s + 2 factor (x - s), with s the image smoothed: 0 smooths, 1/2 changes nothing, 1 sharpens.

    s is the mean of nine pixels of which the middle one counts five times; those outside of the image are 0.
    """

    factor: Range = argument("how sharp", at_least=0, at_most=1)

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        rows, columns = x.shape[1], x.shape[2]
        wide = K.spatial_2d_padding(x, (1, 1), dim_ordering="tf")
        around = sum(wide[:, i : i + rows, j : j + columns] for i in range(3) for j in range(3))
        smooth = (around + 4 * x) / 13
        return smooth + 2 * spread(draws["factor"]) * (x - smooth)


class RandomPosterization(_ByFactor):
    """Keeps the first `factor` of the 8 bits of each value, scaled to 0 ... 255."""

    factor: Range = argument("how many bits, a whole number", at_least=1, at_most=8)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        low, high = self.factor
        bits = K.cast(self.drawn(x, (low, high + 1)) if high > low else self.drawn(x, self.factor), "int32")
        return {"shift_factor": 8 - K.minimum(bits, int(high))}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        step = K.cast(2 ** K.cast(spread(draws["shift_factor"]), "int32"), "int32")
        return self.of_unit(K.cast(K.cast(255 * self.unit(x), "int32") // step * step, K.dtype(x)) / 255)


class RandomGrayscale(ChangedImages):
    """Makes an image grey, in all of its channels, with the probability `factor`."""

    factor: float = argument("the probability", default=0.5, at_least=0, at_most=1)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    seed: int | None = argument(default=None)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {"should_apply": self.drawn(x) < self.factor}

    def get_random_transformation(self, images: Any, training: bool = True, seed: Any = None) -> dict[str, Any] | None:
        return super().get_random_transformation(images, training, seed)

    def transform_labels(self, labels: TensorLike, transformations: Drawn = None, training: bool = True) -> TensorLike:
        return labels

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformations: Drawn = None, training: bool = True
    ) -> TensorLike:
        return segmentation_masks

    def changed(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        return chosen(spread(draws["should_apply"]), grey(x) + K.zeros_like(x), x)


class RandomInvert(ChangedColours):
    """Turns an image into its negative, low + high - x, with a probability drawn from `factor`."""

    factor: Range = argument(PROBABILITY, default=1.0, at_least=0, at_most=1)
    value_range: Range = argument(PIXELS, default=(0, 255))
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {"apply_inversion": self.happens(x, self.factor)}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        return chosen(spread(draws["apply_inversion"]), sum(self.value_range) - x, x)


class RandomGaussianBlur(ChangedColours):
    """Blurs an image by a bell, with a probability drawn from `factor`."""

    rank = 2
    factor: Range = argument(PROBABILITY, default=1.0, at_least=0, at_most=1)
    kernel_size: Sizes = argument("columns and rows of the window", default=3)
    sigma: Range = argument("the standard deviation of the bell, in pixels", default=1.0, at_least=0)
    value_range: Range = argument(PIXELS, default=(0, 255))
    dim_ordering: DataFormat = argument(default=None, alias="data_format")
    seed: int | None = argument(default=None)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        low, high = self.sigma
        sigma = K.random_uniform((), low, max(low, high), K.dtype(x), self.seed)
        return {"should_apply_blur": self.happens(x, self.factor), "blur_factor": K.stack([sigma, sigma])}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        y = pictures.gaussian_blur(x, self.kernel_size, draws["blur_factor"], LAST)
        return chosen(spread(draws["should_apply_blur"]), y, x)


class Solarization(ChangedColours):
    """Adds to each image, then inverts values from a threshold on: y = low + high - x where x >= threshold.

    Both are drawn from their ranges; Keras 3 draws from 0 to the upper end.
    """

    addition_factor: Range = argument("what is added, as a share of the range", default=0.0, at_least=0, at_most=1)
    threshold_factor: Range = argument("the threshold, as a share of the range", default=0.0, at_least=0, at_most=1)
    value_range: Range = argument(PIXELS, default=(0, 255))
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    def draw(self, x: TensorLike) -> dict[str, Any]:
        low, high = self.value_range
        additions = self.drawn(x, self.addition_factor) * (high - low)
        return {"additions": additions, "thresholds": self.of_unit(self.drawn(x, self.threshold_factor))}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        low, high = self.value_range
        x = K.clip(x + spread(draws["additions"]), low, high)
        return chosen(x < spread(draws["thresholds"]), x, low + high - x)


class RandomColorJitter(ChangedColours):
    """Changes brightness, contrast, saturation and hue, each by the layer of that name where its factor is given."""

    value_range: Range = argument(PIXELS, default=(0, 255))
    brightness_factor: Range | None = argument("of RandomBrightness", default=None, at_least=-1, at_most=1)
    contrast_factor: Range | None = argument("of RandomContrast", default=None, at_least=0, at_most=1)
    saturation_factor: Range | None = argument("of RandomSaturation", default=None, at_least=-1, at_most=1)
    hue_factor: Range | None = argument("of RandomHue", default=None, at_least=0, at_most=1)
    seed: int | None = argument(default=None)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def _parts(self):
        """Return the layers whose factors are given."""
        of = {
            RandomBrightness: self.brightness_factor,
            RandomContrast: self.contrast_factor,
            RandomSaturation: self.saturation_factor,
            RandomHue: self.hue_factor,
        }
        told = {"value_range": self.value_range, "seed": self.seed, "data_format": "channels_last"}
        return {kind.__name__: kind(factor, **told) for kind, factor in of.items() if factor is not None}

    def draw(self, x: TensorLike) -> dict[str, Any]:
        return {name: part.draw(x) for name, part in self._parts().items()}

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        for name, part in self._parts().items():
            x = part.changed(x, draws[name])
        return x


class AutoContrast(ChangedColours):
    """Stretches the values of each channel of each image over the whole range, in testing too."""

    value_range: Range = argument(PIXELS, default=(0, 255))
    dim_ordering: DataFormat = argument(default=None, alias="data_format", kw_only=True, later=True)

    in_test = True

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        low, high = (find(x, axis=[1, 2], keepdims=True) for find in (K.min, K.max))
        return chosen(high > low, self.of_unit((x - low) / K.maximum(high - low, K.epsilon())), x)


class Equalization(ChangedColours):
    """Changes the values of each channel of each image so that all are about as frequent.

    Keras 3 counts the values of all images of a batch together.
    """

    value_range: Range = argument(PIXELS, default=(0, 255))
    bins: int = argument("how many values are told apart", default=256, at_least=2)
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        samples, rows, columns, channels = x.shape
        flat = K.reshape(K.permute_dimensions(self.unit(x), (0, 3, 1, 2)), (samples * channels, rows * columns))
        level = K.clip(K.cast(flat * (self.bins - 1) + 1e-4, "int32"), 0, self.bins - 1)
        up_to = K.cumsum(_counts(level, self.bins, K.dtype(x)), 1)
        first = take_along_axis(up_to, K.min(level, axis=1, keepdims=True), 1)
        table = K.round(255 * (up_to - first) / K.maximum(rows * columns - first, 1)) / 255
        y = chosen(first < rows * columns, take_along_axis(table, level, 1), flat)  # of one value alone, that value
        y = K.reshape(y, (samples, channels, rows, columns))
        return self.of_unit(K.permute_dimensions(y, (0, 2, 3, 1))) + 0 * x  # what is NaN stays NaN


def _counts(level: TensorLike, bins: int, dtype: str) -> TensorLike:
    """Return how often each number below `bins` is in each row of `level`: (rows, bins)."""
    rows = level.shape[0]
    places = K.reshape(level + bins * np.arange(rows)[:, None], (-1,))
    return K.reshape(segment_sum(K.cast(K.ones_like(places), dtype), places, rows * bins), (rows, bins))


class ContrastLimitedAdaptiveHistogramEqualization(ChangedColours):
    """Changes values so that in each part of an image all are about as frequent, and contrast grows within limits.

    An image is divided into tiles. No value counts more than `clip_limit` times the mean of all in a tile; what is
    above is shared out evenly. Between the middles of tiles their results are mixed.

    # Source
        Zuiderveld, Contrast limited adaptive histogram equalization (Graphics Gems IV, 1994).
    """

    value_range: Range = argument(PIXELS, default=(0, 255))
    clip_limit: float = argument("how often a value counts at most; at most 0 for no limit", default=4.0)
    tile_grid_size: Sizes = argument("how many rows and columns of tiles", default=(8, 8))
    dim_ordering: DataFormat = argument(default=None, alias="data_format")

    in_test = True

    def coloured(self, x: TensorLike, draws: dict[str, Any]) -> TensorLike:
        samples, rows, columns, channels = x.shape
        grid = [int(n) for n in self.tile_grid_size]
        tile = [-(-size // n) for size, n in zip((rows, columns), grid)]
        level = K.clip(K.cast(255 * self.unit(x) + 1e-4, "int32"), 0, 255)
        table = K.reshape(self._tables(level, grid, tile, K.dtype(x)), (-1,))
        places = [(np.arange(size) - n / 2) / n for size, n in zip((rows, columns), tile)]
        first = [np.floor(place).astype(int) for place in places]
        image = np.arange(samples)[:, None, None, None] * channels + np.arange(channels)
        y: Any = 0.0
        for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
            row, column = (np.clip(at + by, 0, n - 1) for at, by, n in zip(first, (down, right), grid))
            number = (image * grid[0] + row[:, None, None]) * grid[1] + column[:, None]
            share = [1 - abs(place - at - by) for place, at, by in zip(places, first, (down, right))]
            weight = (share[0][:, None, None] * share[1][:, None]).astype("float32")
            y = y + weight * take(table, number * 256 + level)
        return self.of_unit(y) + 0 * x  # what is NaN stays NaN

    def _tables(self, level, grid, tile, dtype):
        """Return for each tile of each image and channel the new values, in [0, 1], of the 256 levels."""
        samples, rows, columns, channels = level.shape
        more = [n * size - whole for n, size, whole in zip(grid, tile, (rows, columns))]
        padded: Any = found("pad")(level, [(0, 0), (0, more[0]), (0, more[1]), (0, 0)], mode="symmetric")
        parts = K.reshape(padded, (samples, grid[0], tile[0], grid[1], tile[1], channels))
        parts = K.reshape(K.permute_dimensions(parts, (0, 5, 1, 3, 2, 4)), (-1, tile[0] * tile[1]))
        counts = _counts(parts, 256, dtype)
        if self.clip_limit > 0:
            kept = K.minimum(counts, self.clip_limit * tile[0] * tile[1] / 256)
            counts = kept + K.sum(counts - kept, axis=1, keepdims=True) / 256
        up_to = K.cumsum(counts, 1)
        return (up_to - up_to[:, :1]) / K.maximum(up_to[:, -1:] - up_to[:, :1], K.epsilon())
