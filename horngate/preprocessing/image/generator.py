"""ImageDataGenerator: augments and normalizes images, a batch at a time."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend import config, limits
from horngate.backend.config import EraDefault
from horngate.backend.orders import of_eras
from horngate.engine.arguments import Argument, Declared, Part, argument, attribute
from horngate.engine.kinds import MaskValue, Ordering
from horngate.preprocessing.image import transforms
from horngate.preprocessing.image.iterators import DirectoryIterator, NumpyArrayIterator
from horngate.preprocessing.image.warp import FILL_MODES, centered, matrix_of, smoothly, warp
from horngate.utils.generic_utils import PathLike

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_TINY = 1e-7


class Extent(Declared["float", float]):
    """The largest change of images: a number; False, which some programs give, is 0."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Convert `value` to a finite number; `told` is the argument, `owner` its class."""
        return limits.number(0.0 if value is False else value)


class Shift(Declared["float | Sequence[float]", "float | Sequence[float]"]):
    """The farthest shift of images: a fraction of their size; from 1 on, and as a list, in pixels (Keras 2)."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Convert `value` to a finite number or a list of them; `told` is the argument, `owner` its class."""
        if isinstance(value, (list, tuple, np.ndarray)):
            return [limits.number(each) for each in value]
        return limits.number(0.0 if value is False else value)


class Brightness(Declared["Sequence[float] | None", "Sequence[float] | None"]):
    """The factors between which the brightness of images changes."""

    words = "the least and the largest factor of brightness; None for no change"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Convert `value` to two factors; `told` is the argument, `owner` its class."""
        if value is None:
            return None
        factors = [limits.number(each, 0) for each in value]
        if len(factors) != 2:
            raise ValueError(f"must be two factors, the least and the largest, at least 0; received {value!r}")
        return factors


class Zoom(Declared["float | Sequence[float]", "Sequence[float]"]):
    """The factors between which images are zoomed."""

    words = "a number z for factors between 1 - z and 1 + z, or the two factors; below 1 images grow"

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Convert `value` to two factors; `told` is the argument, `owner` its class."""
        factors = [1 - value, 1 + value] if np.ndim(value) == 0 else value
        if len(factors) != 2 or not min(factors) >= 0:
            raise ValueError(f"must be a number from 0 to 1 or a pair of factors, at least 0; received {value!r}")
        return factors


class ImageDataGenerator(Part):
    """Batches of images, randomly altered and normalized.

    An image is rotated, shifted, sheared and zoomed about its middle, by one affine map; its channels are shifted,
    and it is flipped. Then follow `preprocessing_function`, `rescale`, centering and scaling by sample, centering and
    scaling by feature, and whitening. `fit` must see the data before features can be centered, scaled or whitened.
    """

    featurewise_center: bool = argument(
        "whether to subtract the mean that each channel has over the data", default=EraDefault("generator_centering")
    )
    samplewise_center: bool = argument(
        "whether to subtract the mean that each pixel has over its channels", default=False
    )
    featurewise_std_normalization: bool = argument(
        "whether to divide by the standard deviation that each channel has over the data",
        default=EraDefault("generator_centering"),
    )
    samplewise_std_normalization: bool = argument(
        "whether to divide by the standard deviation that each pixel has over its channels", default=False
    )
    zca_whitening: bool = argument(
        "whether to decorrelate the pixels: x U (S + e)^(-1/2) U^T, where U S U^T is their covariance and e is "
        "`zca_epsilon`",
        default=False,
    )
    rotation_range: Extent = argument("the largest angle of a rotation, in degrees", default=0.0)
    width_shift_range: Shift = argument(
        "the farthest shift to a side, as a fraction of the width; in Keras 2, numbers from 1 on are pixels, and of a "
        "list of pixels one is drawn",
        default=0.0,
    )
    height_shift_range: Shift = argument(
        "the farthest shift up or down, as a fraction of the height, or in pixels like `width_shift_range`", default=0.0
    )
    shear_range: Extent = argument("the largest angle of a shear: in radians, from Keras 2 on in degrees", default=0.0)
    zoom_range: Zoom = argument(default=0.0)
    channel_shift_range: Extent = argument("the largest number added to a channel", default=0.0)
    fill_mode: str = argument(
        "the pixels beyond the border: the border's pixel ('nearest'), the value `cval` ('constant'), the image "
        "mirrored ('reflect'), the image again ('wrap')",
        default="nearest",
        choices=FILL_MODES,
    )
    cval: MaskValue = argument("the value beyond the border where `fill_mode` is 'constant'", default=0.0)
    horizontal_flip: bool = argument("whether to flip half of the images left to right", default=False)
    vertical_flip: bool = argument("whether to flip half of the images upside down", default=False)
    rescale: "float | np.ndarray | None" = argument("a factor for all values, or None", default=None)
    preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = argument(
        "a function of one image, applied before rescaling and normalization; or None", default=None
    )
    dim_ordering: Ordering = argument(
        "'th' for (channels, rows, columns), 'tf' for (rows, columns, channels), 'default' for what is in force",
        default="default",
    )
    zca_epsilon: float = argument("what is added to the variances before whitening", default=1e-6, kw_only=True)
    brightness_range: Brightness = argument(default=None, kw_only=True)
    validation_split: float = argument(
        "the fraction of the images that `subset='validation'` gives, and `'training'` leaves out",
        default=0.0,
        kw_only=True,
        at_least=0,
        below=1,
    )
    interpolation_order: int = argument(
        "0 takes the nearest pixel; 1 to 5, the order of splines between pixels, needs SciPy",
        default=EraDefault("interpolation_order"),
        kw_only=True,
        choices=(0, 1, 2, 3, 4, 5),
    )
    dtype: str | None = argument("the number type of the batches; None for floatx", default=None, kw_only=True)
    mean: np.ndarray | None = attribute()
    std: np.ndarray | None = attribute()
    principal_components: np.ndarray | None = attribute()
    row_axis: int = attribute()
    col_axis: int = attribute()
    channel_axis: int = attribute()
    batches: NumpyArrayIterator = attribute()
    _era: config.Era = attribute()  # in force when it was made

    def __post_init__(self) -> None:
        super().__post_init__()
        self._era = config.era()
        self.mean = self.std = self.principal_components = None
        self.row_axis, self.col_axis, self.channel_axis = (1, 2, 3) if self.dim_ordering == "tf" else (2, 3, 1)

    @of_eras
    def flow(
        self,
        X: "ArrayLike",
        y: "ArrayLike | None" = None,
        batch_size: int = 32,
        shuffle: bool | EraDefault = EraDefault("flow_shuffle"),
        seed: int | None = None,
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: Any = EraDefault("image_format"),
        sample_weight: "ArrayLike | None" = None,
        subset: str | None = None,
    ) -> "NumpyArrayIterator | _Altered":
        """Yield batches `(x, y)` of altered images of an array, for ever; x alone without `y`.

        # Arguments
            X: images (samples, ...).
            y: their targets, or None.
            batch_size: images in a batch.
            shuffle: whether to draw a new random order for each round.
            seed: int, for the same order and the same alterations each time.
            save_to_dir: a folder to which the altered images are also written, for inspection; or None.
            save_prefix: the beginning of the names of these files.
            save_format: their format and ending: `'jpeg'`, `'png'` ...
            sample_weight: a weight for each image, the third part of the batches; or None.
            subset: `'training'` or `'validation'`, parts by `validation_split`; None for all.
        """
        shuffled: bool = shuffle.value(self._era) if isinstance(shuffle, EraDefault) else shuffle
        saved = (save_to_dir, save_prefix, save_format)
        self.batches = NumpyArrayIterator(
            X, y, self, batch_size, shuffled, seed, self.dim_ordering, *saved, sample_weight, subset
        )
        return self.batches if type(self).next is ImageDataGenerator.next else _Altered(self)

    def next(self) -> Any:
        """The next batch of the last `flow`. A subclass that overrides this decides what `flow` yields."""
        return self.batches.next()

    __next__ = next

    @of_eras
    def flow_from_directory(
        self,
        directory: PathLike,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: Any = EraDefault("image_format"),
        follow_links: bool = False,
        broken: str = "raise",
        subset: str | None = None,
        interpolation: str = "nearest",
    ) -> DirectoryIterator:
        """Yield batches of altered images from a folder with a subfolder for each class.

        # Arguments
            directory, target_size, color_mode, classes, class_mode, batch_size, shuffle, seed: see `DirectoryIterator`.
            save_to_dir, save_prefix, save_format: see `flow`.
            follow_links, broken, subset, interpolation: see `DirectoryIterator`.
        """
        read = (directory, self, target_size, color_mode, self.dim_ordering, classes, class_mode)
        saved = (save_to_dir, save_prefix, save_format)
        return DirectoryIterator(*read, batch_size, shuffle, seed, *saved, follow_links, broken, subset, interpolation)

    def flow_from_dataframe(self, dataframe: Any, directory: PathLike | None = None, *args: Any, **kwargs: Any) -> Any:
        """Yield batches of altered images of which a table tells the files and their targets.

        # Arguments
            dataframe: a pandas DataFrame; see `DataFrameIterator`, also for `args` and `kwargs`.
            directory: the folder of the files; None if the table has whole paths.
        """
        from horngate.preprocessing.image.frames import DataFrameIterator  # few programs use it

        return DataFrameIterator(dataframe, directory, self, *args, **kwargs)

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Alter the image `x` at random; `seed`: for the same alteration each time, None for NumPy's global state."""
        return self.transform_batch(x[None], np.random if seed is None else np.random.RandomState(seed))[0]

    def get_random_transform(self, img_shape: Sequence[int], seed: int | None = None) -> dict[str, Any]:
        """Draw how an image of shape `img_shape` is altered, for `apply_transform`; `seed` as in `random_transform`."""
        rng: Any = np.random if seed is None else np.random.RandomState(seed)
        angle, down, right, shear, by_rows, by_columns, added, across, over = self._drawn(rng, 1, 1)[0]
        return {
            "theta": angle,
            "tx": self._pixels(down, self.height_shift_range, img_shape[self.row_axis - 1]),
            "ty": self._pixels(right, self.width_shift_range, img_shape[self.col_axis - 1]),
            "shear": shear if self._in_degrees else np.rad2deg(shear),
            "zx": by_rows,
            "zy": by_columns,
            "flip_horizontal": across < 0.5,
            "flip_vertical": over < 0.5,
            "channel_shift_intensity": added if self.channel_shift_range else None,
            "brightness": None if self.brightness_range is None else rng.uniform(*self.brightness_range),
        }

    def apply_transform(self, x: np.ndarray, transform_parameters: Mapping[str, Any]) -> np.ndarray:
        """Alter the image `x` as `transform_parameters` say, any of those that `get_random_transform` gives."""
        told, row, column, channel = transform_parameters, self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        moved = {name: told[name] for name in ("theta", "tx", "ty", "shear", "zx", "zy") if name in told}
        filled: dict[str, Any] = {"fill_mode": self.fill_mode, "cval": self.cval, "order": self.interpolation_order}
        x = transforms.apply_affine_transform(x, row_axis=row, col_axis=column, channel_axis=channel, **filled, **moved)
        if told.get("channel_shift_intensity") is not None:
            x = transforms.apply_channel_shift(x, told["channel_shift_intensity"], channel)
        turned = {"flip_horizontal": column, "flip_vertical": row}
        x = np.flip(x, tuple(axis for name, axis in turned.items() if told.get(name)))
        return x if told.get("brightness") is None else transforms.apply_brightness_shift(x, told["brightness"])

    @property
    def _in_degrees(self) -> bool:
        """Whether `shear_range` is in degrees."""
        return self._era.windows_first

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Normalize the image `x`."""
        return self.standardize_batch(x[None])[0]

    def transform_batch(self, images: np.ndarray, rng: Any) -> np.ndarray:
        """Alter the batch `images` at random; `rng` draws for one image after the other."""
        rows, columns = images.shape[self.row_axis], images.shape[self.col_axis]
        drawn = self._drawn(rng, len(images), images.shape[self.channel_axis])
        degrees, down, right, shear, by_rows, by_columns = drawn[:, :6].T
        added, flips = drawn[:, 6:-2], drawn[:, -2:] < 0.5
        down = self._pixels(down, self.height_shift_range, rows)
        right = self._pixels(right, self.width_shift_range, columns)
        if not self.channel_shift_range and not self._moves():
            images = self._flipped(images, flips)
        else:
            shear = np.deg2rad(shear) if self._in_degrees else shear
            motion = matrix_of(np.deg2rad(degrees), (down, right), shear, (by_rows, by_columns))
            images = self._warped(images, centered(motion, rows, columns), flips[:, ::-1])
            images = transforms.shift_channels(images, added, self.channel_axis) if self.channel_shift_range else images
        if self.brightness_range is None:
            return images
        factors = rng.uniform(*self.brightness_range, len(images))
        return np.stack([transforms.apply_brightness_shift(image, factor) for image, factor in zip(images, factors)])

    def _moves(self) -> bool:
        ranges = (self.rotation_range, self.width_shift_range, self.height_shift_range, self.shear_range)
        return any(ranges) or list(self.zoom_range) != [1, 1]

    def _in_pixels(self, farthest: Any) -> bool:
        return isinstance(farthest, list) or farthest >= 1 and self._era.generation in ("2", "3")

    def _pixels(self, drawn: np.ndarray, farthest: Any, size: int) -> np.ndarray:
        """Return shifts in pixels from the numbers `drawn` for an argument."""
        if isinstance(farthest, list):  # numbers from -1 to 1 choose one of them, or its opposite
            both = np.array([*farthest, *(-each for each in farthest)])
            return both[((drawn + 1) / 2 * len(both)).astype(int) % len(both)]
        return np.rint(drawn) if self._in_pixels(farthest) else drawn * size

    def _warped(self, images, matrices, mirrored):
        if not self.interpolation_order:
            return warp(images, matrices, self.fill_mode, self.cval, self.channel_axis == 3, mirrored)
        moved = smoothly(images, matrices, self.fill_mode, self.cval, self.channel_axis, self.interpolation_order)
        return self._flipped(moved, mirrored[:, ::-1])

    def _drawn(self, rng: Any, count: int, channels: int) -> np.ndarray:
        """Draw a row of numbers for each image; the last two flip it if they are below 0.5.

        Alterations that are off draw nothing, and the order is that of Keras 1, so that seeds give the same images.
        """
        shifts: list[Any] = [
            1.0 if isinstance(w, list) else w for w in (self.height_shift_range, self.width_shift_range)
        ]
        widths = (self.rotation_range, *shifts, self.shear_range)
        limits = [(-width, width) for width in widths] + [tuple(self.zoom_range)] * 2
        limits += [(-self.channel_shift_range, self.channel_shift_range)] * channels
        limits += [(0.0, 1.0) if asked else (1.0, 1.0) for asked in (self.horizontal_flip, self.vertical_flip)]
        low, high = np.array(limits, np.float64).T
        drawn, asked = np.tile(low, (count, 1)), low != high
        drawn[:, asked] += (high - low)[asked] * rng.random_sample((count, asked.sum()))
        return drawn

    def _flipped(self, images: np.ndarray, flips: np.ndarray) -> np.ndarray:
        images = images.copy()
        for flipped, axis in zip(flips.T, (self.col_axis, self.row_axis)):
            images[flipped] = np.flip(images[flipped], axis)
        return images

    def standardize_batch(self, images: np.ndarray) -> np.ndarray:
        """Normalize the batch `images`."""
        x = images
        if self.preprocessing_function:
            x = np.stack([self.preprocessing_function(image) for image in x])
        if self.rescale:
            x = x * np.asarray(self.rescale, x.dtype)
        if self.samplewise_center:
            x = x - x.mean(self.channel_axis, keepdims=True)
        if self.samplewise_std_normalization:
            x = x / (x.std(self.channel_axis, keepdims=True) + _TINY)
        if self.featurewise_center:
            x = x - self._fitted("mean", "featurewise_center")
        if self.featurewise_std_normalization:
            x = x / (self._fitted("std", "featurewise_std_normalization") + _TINY)
        if self.zca_whitening:
            components = self._fitted("principal_components", "zca_whitening")
            x = (x.reshape(len(x), -1) @ components).reshape(x.shape)
        return x.astype(images.dtype)

    def _fitted(self, name: str, option: str) -> np.ndarray:
        value = getattr(self, name)
        if value is None:
            raise ValueError(f"ImageDataGenerator with {option}=True must see the data first: call fit(x) before.")
        return value

    @of_eras
    def fit(self, x: "ArrayLike", augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Compute the mean, standard deviation and principal components of the data, as far as they are needed.

        # Arguments
            x: images (samples, ...).
            augment: whether to compute those of randomly altered images.
            rounds: number of alterations of each image for that.
            seed: int, for the same alterations each time.
        """
        images = np.array(x, config.floatx())
        if images.ndim != 4:
            raise ValueError(f"fit expects images of 4 axes, (samples, ...); received shape {images.shape}")
        if images.shape[self.channel_axis] not in (1, 3, 4):
            raise ValueError(
                f"images with dim_ordering {self.dim_ordering!r} have their 1, 3 or 4 channels on axis "
                f"{self.channel_axis}; received shape {images.shape}"
            )
        rng = np.random if seed is None else np.random.RandomState(seed)
        if augment:
            images = np.concatenate([self.transform_batch(images, rng) for _ in range(rounds)])
        places = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = mean = images.mean(places, keepdims=True)[0]
            images -= mean
        if self.featurewise_std_normalization:
            self.std = std = images.std(places, keepdims=True)[0]
            images /= std + _TINY
        if self.zca_whitening:
            flat = images.reshape(len(images), -1)
            u, s, _ = np.linalg.svd(flat.T @ flat / len(flat))
            self.principal_components = (u / np.sqrt(s + self.zca_epsilon)) @ u.T


class _Altered:
    """Batches from a generator's own `next`."""

    def __init__(self, generator: ImageDataGenerator) -> None:
        self.next = generator.next

    def __iter__(self) -> "_Altered":
        return self

    def __next__(self) -> Any:
        return self.next()


class GraphImageDataGenerator(ImageDataGenerator):
    """Batches for a Graph with an input `input` and an output `output`; override `next` for other names."""

    def next(self) -> dict[str, np.ndarray]:
        """The next batch, as a dictionary."""
        x, y = super().next()
        return {"input": x, "output": y}
