"""ImageDataGenerator: images altered at random and brought to one scale, whole batches at a time."""

import numpy as np

from horngate.backend import config
from horngate.backend.config import EraDefault
from horngate.backend.orders import of_eras
from horngate.engine import params
from horngate.preprocessing.image.files import channels_last
from horngate.preprocessing.image.iterators import DirectoryIterator, NumpyArrayIterator
from horngate.preprocessing.image.transforms import shift_channels
from horngate.preprocessing.image.warp import FILL_MODES, centered, matrix_of, warp

_TINY = 1e-7


class ImageDataGenerator:
    """Batches of images, altered at random and brought to one scale.

    An image is rotated, shifted, sheared and zoomed about its middle, by one affine map; its channels are shifted,
    and it is flipped. Then follow `preprocessing_function`, `rescale`, the centering and scaling of each sample, that
    of each feature, and the whitening. `fit` must see the data before features are centered, scaled or whitened.

    # Arguments
        featurewise_center, featurewise_std_normalization: subtract the mean, divide by the standard deviation that each
            channel has over the data.
        samplewise_center, samplewise_std_normalization: the same with those that each pixel has over its channels.
        zca_whitening: decorrelate the pixels: x U (S + 1e-6)^(-1/2) U^T, where U S U^T is their covariance.
        rotation_range: degrees.
        width_shift_range, height_shift_range: fractions of the width and the height.
        shear_range: angle in radians.
        zoom_range: a number z for factors between 1 - z and 1 + z, or the two factors.
        channel_shift_range: the most that is added to a channel.
        fill_mode: what stands beyond the border: `'nearest'` the border's pixel, `'constant'` the value `cval`,
            `'reflect'` the image mirrored, `'wrap'` the image again.
        horizontal_flip, vertical_flip: whether half of the images are turned left to right, upside down.
        rescale: a factor for all values, or None.
        preprocessing_function: a function of one image, applied first of all that brings it to scale.
        dim_ordering: `'th'` for (channels, rows, columns), `'tf'` for (rows, columns, channels).

    # Raises
        ValueError: for a zoom_range that is neither a number nor a pair, an unknown fill_mode or dim_ordering.
    """

    @of_eras
    def __init__(
        self,
        featurewise_center=EraDefault("generator_centering"),
        samplewise_center=False,
        featurewise_std_normalization=EraDefault("generator_centering"),
        samplewise_std_normalization=False,
        zca_whitening=False,
        rotation_range=0.0,
        width_shift_range=0.0,
        height_shift_range=0.0,
        shear_range=0.0,
        zoom_range=0.0,
        channel_shift_range=0.0,
        fill_mode="nearest",
        cval=0.0,
        horizontal_flip=False,
        vertical_flip=False,
        rescale=None,
        preprocessing_function=None,
        dim_ordering="default",
    ):
        given = {name: value for name, value in locals().items() if name != "self"}
        self.__dict__.update({n: v.value() if isinstance(v, EraDefault) else v for n, v in given.items()})
        self.mean = self.std = self.principal_components = None
        last = channels_last(dim_ordering)
        self.dim_ordering = "tf" if last else "th"
        self.row_axis, self.col_axis, self.channel_axis = (1, 2, 3) if last else (2, 3, 1)
        if np.ndim(zoom_range) == 0:
            self.zoom_range = [1 - zoom_range, 1 + zoom_range]
        elif len(zoom_range) != 2:
            raise ValueError(f"zoom_range must be a number or a pair of factors; received {zoom_range!r}")
        if fill_mode not in FILL_MODES:
            known = ", ".join(map(repr, FILL_MODES))
            hint = params.did_you_mean(fill_mode, FILL_MODES)
            raise ValueError(f"fill_mode must be one of {known}; received {fill_mode!r}.{hint}")

    def flow(
        self,
        X,
        y=None,
        batch_size=32,
        shuffle=EraDefault("flow_shuffle"),
        seed=None,
        save_to_dir=None,
        save_prefix="",
        save_format="jpeg",
    ):
        """Batches `(x, y)`, or x alone without `y`, of altered images of an array, for ever.

        # Arguments
            seed: int, for the same order and the same alterations each time.
            save_to_dir, save_prefix, save_format: also write the images there, to look at them.
        """
        shuffle = shuffle.value() if isinstance(shuffle, EraDefault) else shuffle
        self.batches = NumpyArrayIterator(
            X,
            y,
            self,
            batch_size,
            shuffle,
            seed,
            self.dim_ordering,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
        )
        return self.batches if type(self).next is ImageDataGenerator.next else _Altered(self)

    def next(self):
        """The next batch of what `flow` gave last. A subclass that has its own says what `flow` yields."""
        return self.batches.next()

    __next__ = next

    def flow_from_directory(
        self,
        directory,
        target_size=(256, 256),
        color_mode="rgb",
        classes=None,
        class_mode="categorical",
        batch_size=32,
        shuffle=True,
        seed=None,
        save_to_dir=None,
        save_prefix="",
        save_format="jpeg",
        follow_links=False,
        broken="raise",
    ):
        """Batches of altered images of a folder that holds a folder for each class; see `DirectoryIterator`."""
        return DirectoryIterator(
            directory,
            self,
            target_size,
            color_mode,
            self.dim_ordering,
            classes,
            class_mode,
            batch_size,
            shuffle,
            seed,
            save_to_dir,
            save_prefix,
            save_format,
            follow_links,
            broken,
        )

    def random_transform(self, x):
        """One image altered at random, by NumPy's global generator."""
        return self.transform_batch(x[None], np.random)[0]

    def standardize(self, x):
        """One image brought to scale."""
        return self.standardize_batch(x[None])[0]

    def transform_batch(self, images, rng):
        """Images altered at random; `rng` draws for one after the other."""
        rows, columns = images.shape[self.row_axis], images.shape[self.col_axis]
        drawn = self._drawn(rng, len(images), images.shape[self.channel_axis])
        degrees, down, right, shear, by_rows, by_columns = drawn[:, :6].T
        added, flips = drawn[:, 6:-2], drawn[:, -2:] < 0.5
        if not self.channel_shift_range and not self._moves():
            return self._flipped(images, flips)
        motion = matrix_of(np.deg2rad(degrees), (down * rows, right * columns), shear, (by_rows, by_columns))
        matrices = centered(motion, rows, columns)
        images = warp(images, matrices, self.fill_mode, self.cval, self.channel_axis == 3, flips[:, ::-1])
        return shift_channels(images, added, self.channel_axis) if self.channel_shift_range else images

    def _moves(self):
        ranges = (self.rotation_range, self.width_shift_range, self.height_shift_range, self.shear_range)
        return any(ranges) or list(self.zoom_range) != [1, 1]

    def _drawn(self, rng, count, channels):
        """What is drawn for each image, a row of numbers each; the last two flip where they are below 0.5.

        What is not asked for draws no number, and the order is that of Keras 1, so that seeds mean what they meant.
        """
        widths = (self.rotation_range, self.height_shift_range, self.width_shift_range, self.shear_range)
        limits = [(-width, width) for width in widths] + [tuple(self.zoom_range)] * 2
        limits += [(-self.channel_shift_range, self.channel_shift_range)] * channels
        limits += [(0.0, 1.0) if asked else (1.0, 1.0) for asked in (self.horizontal_flip, self.vertical_flip)]
        low, high = np.array(limits, np.float64).T
        drawn, asked = np.tile(low, (count, 1)), low != high
        drawn[:, asked] += (high - low)[asked] * rng.random_sample((count, asked.sum()))
        return drawn

    def _flipped(self, images, flips):
        images = images.copy()
        for flipped, axis in zip(flips.T, (self.col_axis, self.row_axis)):
            images[flipped] = np.flip(images[flipped], axis)
        return images

    def standardize_batch(self, images):
        """Images brought to scale."""
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

    def _fitted(self, name, option):
        value = getattr(self, name)
        if value is None:
            raise ValueError(f"ImageDataGenerator with {option}=True must see the data first: call fit(x) before.")
        return value

    @of_eras
    def fit(self, x, augment=False, rounds=1, seed=None):
        """Find the mean, the standard deviation and the principal components of the data, as far as asked for.

        # Arguments
            x: images (samples, ...).
            augment: whether to find those of images altered at random, `rounds` times each.
            seed: int, for the same alterations each time.
        """
        x = np.array(x, config.floatx())
        if x.ndim != 4:
            raise ValueError(f"fit expects images of 4 axes, (samples, ...); received shape {x.shape}")
        if x.shape[self.channel_axis] not in (1, 3, 4):
            raise ValueError(
                f"images with dim_ordering {self.dim_ordering!r} have their 1, 3 or 4 channels on axis "
                f"{self.channel_axis}; received shape {x.shape}"
            )
        rng = np.random if seed is None else np.random.RandomState(seed)
        if augment:
            x = np.concatenate([self.transform_batch(x, rng) for _ in range(rounds)])
        places = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = x.mean(places, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = x.std(places, keepdims=True)[0]
            x /= self.std + _TINY
        if self.zca_whitening:
            flat = x.reshape(len(x), -1)
            u, s, _ = np.linalg.svd(flat.T @ flat / len(flat))
            self.principal_components = (u / np.sqrt(s + 10e-7)) @ u.T


class _Altered:
    """Batches as a generator's own `next` gives them."""

    def __init__(self, generator):
        self.next = generator.next

    def __iter__(self):
        return self

    def __next__(self):
        return self.next()


class GraphImageDataGenerator(ImageDataGenerator):
    """Batches for a Graph with an input `input` and an output `output`; give `next` in a subclass for other names."""

    def next(self):
        """The next batch, as a dictionary."""
        x, y = super().next()
        return {"input": x, "output": y}
