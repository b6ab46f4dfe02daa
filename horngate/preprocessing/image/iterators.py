"""Endless iterators over batches of images, from an array or a folder of files."""

import functools
import io
import os
import threading
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from horngate.backend import config
from horngate.backend.config import EraDefault, of_era
from horngate.backend.notices import warn
from horngate.backend.orders import of_eras
from horngate.preprocessing.image import files
from horngate.preprocessing.image.warp import workers
from horngate.utils.generic_utils import PathLike
from horngate.utils.nearest import did_you_mean
from horngate.utils.whole_files import atomic_write

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from horngate.preprocessing.image.generator import ImageDataGenerator


_Indices = Generator[tuple[np.ndarray, int, int, Any], None, None]


class Iterator:
    """An endless iterator over the indices of `n` samples in batches; safe for several threads.

    # Arguments
        n: number of samples.
        batch_size: samples in a batch.
        shuffle: whether to draw a new random order for each round.
        seed: int, for the same order and the same draws each time; None for NumPy's global generator.
    """

    @of_eras
    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None:
        self.n: int = n
        self.N: int = n
        self.batch_size: int = batch_size
        self.shuffle: bool = shuffle
        self.seed: int | None = seed
        self.total_batches_seen: int = 0
        self.lock: Any = threading.Lock()  # it has no public type before Python 3.13
        self.index_generator: _Indices = self._flow_index(n, batch_size, shuffle, seed)
        self._order: np.ndarray | None = None
        self.reset()

    def reset(self) -> None:
        """Begin again with the first batch of a round."""
        self.batch_index: int = 0

    def _flow_index(self, n: int, batch_size: int = 32, shuffle: bool = False, seed: int | None = None) -> _Indices:
        """Yield for each batch: the indices of its samples, the place of the first, their number, and its generator."""
        order = np.arange(n)
        while True:
            rng = np.random if seed is None else np.random.RandomState(seed + self.total_batches_seen)
            if self.batch_index == 0:
                order = rng.permutation(n) if shuffle else np.arange(n)
            start = self.batch_index * batch_size
            chosen = order[start : start + batch_size]
            self.batch_index = self.batch_index + 1 if start + batch_size < n else 0
            self.total_batches_seen += 1
            yield chosen, start, len(chosen), rng

    def __len__(self) -> int:
        """The number of batches in a round."""
        return -(-self.n // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        """The batch of that number in a round, whose order stays until `on_epoch_end`; images are altered anew."""
        if not 0 <= index < len(self):
            raise IndexError(f"{type(self).__name__} has {len(self)} batches, from number 0; received {index}.")
        with self.lock:
            rng = np.random if self.seed is None else np.random.RandomState(self.seed + self.total_batches_seen)
            self.total_batches_seen += 1
            if self._order is None:
                self._order = rng.permutation(self.n) if self.shuffle else np.arange(self.n)
        start = index * self.batch_size
        return self._made(self._order[start : start + self.batch_size], start, rng)

    def on_epoch_end(self) -> None:
        """Let batches that are asked for by number have a new order."""
        self._order = None

    def _made(self, chosen: np.ndarray, start: int, rng: Any) -> Any:
        """Return the batch of the samples `chosen`, the first of which is number `start` of its round."""
        raise TypeError(f"{type(self).__name__} gives batches in turn alone: define _made(chosen, start, rng).")

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return self.next()

    def next(self) -> Any:
        """The next batch."""
        raise TypeError(f"{type(self).__name__} must define next(), which gives a batch.")

    def _drawn(self) -> tuple[np.ndarray, int, Any]:
        """The indices of the next batch, the place of the first, and its random generator."""
        with self.lock:
            chosen, start, _, rng = next(self.index_generator)
        return chosen, start, rng


def _encoded(picture: Any, kind: str) -> bytes:
    """The bytes of a file of that kind, such as `'png'`; PIL says nothing of a disk too full for what it writes."""
    extensions = files.pil().registered_extensions()
    packed = io.BytesIO()
    picture.save(packed, extensions.get(f".{kind.lower()}", kind))
    return packed.getvalue()


def _task(iterator: Any) -> Callable[[], Any]:
    """A function that makes the next batch with its own random numbers, so that several can run in parallel."""
    chosen, start, rng = iterator._drawn()
    if rng is np.random:
        rng = np.random.RandomState(np.random.randint(2**31))
    return functools.partial(iterator._made, chosen, start, rng)


class _OfGenerator(Iterator):
    """Base of iterators over images that an `ImageDataGenerator` alters; `_made` makes a batch."""

    def _begin(self, generator: "ImageDataGenerator", dim_ordering: str, dtype: str | None, *saved: Any) -> None:
        self.image_data_generator: ImageDataGenerator = generator
        self.dim_ordering: str = "tf" if files.channels_last(dim_ordering) else "th"
        self.dtype: str = dtype or generator.dtype or config.floatx()
        folder, prefix, kind = saved
        self.save_to_dir: PathLike | None = folder
        self.save_prefix: str = prefix
        self.save_format: str = of_era(kind)

    def next(self) -> Any:
        """The next batch: `(x, y)`, or x alone."""
        return self._made(*self._drawn())

    vars(next)["task"] = _task

    def _made(self, chosen: np.ndarray, start: int, rng: Any) -> Any:
        raise NotImplementedError

    def _altered(self, images: np.ndarray, rng: Any, start: int) -> np.ndarray:
        """Alter and normalize images by the generator, and write them to files if `save_to_dir` is set."""
        images = self.image_data_generator.transform_batch(images, rng)
        images = self.image_data_generator.standardize_batch(images)
        if self.save_to_dir:
            os.makedirs(self.save_to_dir, exist_ok=True)
            for i, image in enumerate(images):
                name = f"{self.save_prefix}_{start + i}_{np.random.randint(10**4)}.{self.save_format}"
                picture = files.array_to_img(image, self.dim_ordering, scale=True)
                with atomic_write(os.path.join(self.save_to_dir, name)) as path, open(path, "wb") as file:
                    file.write(_encoded(picture, self.save_format))
        return images


class NumpyArrayIterator(_OfGenerator):
    """Batches of altered images of an array; see `ImageDataGenerator.flow`.

    # Arguments
        x: images (samples, ...).
        y: their targets, or None.
        image_data_generator: the `ImageDataGenerator` that alters them.
        batch_size, shuffle, seed: see `Iterator`.
        dim_ordering: `'th'` for channels first, `'tf'` for channels last, `'default'` for that in force.
        save_to_dir, save_prefix, save_format: see `ImageDataGenerator.flow`.
        sample_weight: a weight for each image, the third part of the batches; or None.
        subset: `'training'` or `'validation'`, parts by the generator's `validation_split`; None for all.
        dtype: the number type of the images; None for that of the generator.
    """

    @of_eras
    def __init__(
        self,
        x: "ArrayLike",
        y: "ArrayLike | None",
        image_data_generator: "ImageDataGenerator",
        batch_size: int = 32,
        shuffle: bool = False,
        seed: int | None = None,
        dim_ordering: str = "default",
        save_to_dir: PathLike | None = None,
        save_prefix: str = "",
        save_format: Any = EraDefault("image_format"),
        sample_weight: "ArrayLike | None" = None,
        subset: str | None = None,
        dtype: str | None = None,
    ) -> None:
        part = _part(subset, image_data_generator)
        several: Any = x if isinstance(x, (list, tuple)) and np.ndim(x[0]) == 4 else [x]
        images, parts = several[0], [*several, y, sample_weight]
        for name, each in zip(("x",) * (len(parts) - 2) + ("y", "sample_weight"), parts):
            if each is not None and len(each) != len(images):
                raise ValueError(f"flow: x has {len(images)} samples and {name} {len(each)}; they must be as many.")
        chosen: list[Any] = [None if each is None else np.asarray(each)[part(len(images))] for each in parts]
        self.x: np.ndarray = chosen[0]
        self.X: np.ndarray = self.x
        self._more = chosen[1:-2]
        self.y: np.ndarray | None = chosen[-2]
        self.sample_weight: np.ndarray | None = chosen[-1]
        if self.x.ndim != 4:
            raise ValueError(f"flow expects images of 4 axes, (samples, ...); received shape {self.x.shape}")
        self._begin(image_data_generator, dim_ordering, dtype, save_to_dir, save_prefix, save_format)
        channels = self.x.shape[3 if self.dim_ordering == "tf" else 1]
        if channels not in (1, 3, 4):
            raise ValueError(
                f"flow: images with dim_ordering {self.dim_ordering!r} have 1, 3 or 4 channels; received {channels}, "
                f"in shape {self.x.shape}. Is the other ordering meant?"
            )
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _made(self, chosen: np.ndarray, start: int, rng: Any) -> Any:
        images: Any = self._altered(self.x[chosen].astype(self.dtype), rng, start)
        if self._more:
            images = [images, *(each[chosen] for each in self._more)]
        if self.y is None:
            return images
        weights = () if self.sample_weight is None else (self.sample_weight[chosen],)
        return (images, self.y[chosen], *weights)


def _part(subset: str | None, generator: Any) -> Callable[[int], slice]:
    """Return a function from the number of samples to those in the `subset`: the first are for validation."""
    _check("subset", subset, ("training", "validation", None))
    split = generator.validation_split
    if subset is not None and not split:
        raise ValueError(f"subset={subset!r} needs a generator with validation_split, the fraction for validation.")

    def chosen(count):
        bound = int(count * split)
        return {"validation": slice(bound), "training": slice(bound, None), None: slice(None)}[subset]

    return chosen


_CLASS_MODES = ("categorical", "binary", "sparse", "input", None)
_CHANNELS = {"rgb": 3, "grayscale": 1, "rgba": 4}


class DirectoryIterator(_OfGenerator):
    """Batches of altered images from a folder with a subfolder for each class; several threads decode the files.

    # Arguments
        directory: the folder.
        image_data_generator: the `ImageDataGenerator` that alters them.
        target_size: (rows, columns) to which images are resized.
        color_mode: `'rgb'`, `'grayscale'` or `'rgba'`.
        dim_ordering: `'th'` for channels first, `'tf'` for channels last, `'default'` for that in force.
        classes: the subfolders of the classes, in their order; None for all, sorted by name.
        class_mode: the kind of targets: `'categorical'` one-hot rows, `'binary'` numbers 0 and 1, `'sparse'` class
            numbers, `'input'` the altered images themselves, None for no targets.
        batch_size, shuffle, seed: see `Iterator`.
        save_to_dir, save_prefix, save_format: see `ImageDataGenerator.flow`.
        follow_links: whether to enter folders that are links.
        broken: `'raise'` an error that names a file that cannot be read, or `'skip'` it; the iterator's `broken_files`
            then holds the names.
        subset: `'training'` or `'validation'`, parts of each class by the generator's `validation_split`; None for all.
        interpolation: how images are resized, see `load_img`.
        dtype: the number type of the images; None for that of the generator.

    # Raises
        ValueError: for another color_mode, class_mode or broken, or if no image is found.
    """

    needs: Callable[[int], slice] | None = None  # of the samples of a batch, those that this process uses; None for all
    filenames: list[str]
    class_indices: dict[str, int]

    @of_eras
    def __init__(
        self,
        directory: PathLike,
        image_data_generator: "ImageDataGenerator",
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        dim_ordering: str = "default",
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
        dtype: str | None = None,
    ) -> None:
        _check("color_mode", color_mode, tuple(_CHANNELS))
        _check("class_mode", class_mode, _CLASS_MODES)
        _check("broken", broken, ("raise", "skip"))
        self._begin(image_data_generator, dim_ordering, dtype, save_to_dir, save_prefix, save_format)
        self.directory: PathLike = directory
        self.target_size: tuple[int, ...] = tuple(target_size)
        self.color_mode: str = color_mode
        self.class_mode: str | None = class_mode
        self.interpolation: str = interpolation
        sizes, channels = self.target_size, _CHANNELS[color_mode]
        self.image_shape: tuple[int, ...] = (*sizes, channels) if self.dim_ordering == "tf" else (channels, *sizes)
        self.broken: str = broken
        self.broken_files: list[str] = []
        self._find(classes, follow_links, subset)
        super().__init__(self.nb_sample, batch_size, shuffle, seed)

    def _find(self, classes: Sequence[str] | None, follow_links: bool, subset: str | None) -> None:
        self.filenames, numbers, self.class_indices = self._listed(self.directory, classes, follow_links)
        numbers = self._kept(numbers, subset)
        self.classes: np.ndarray = np.array(numbers, "int32")
        self.nb_class: int = len(self.class_indices)
        self.num_classes: int = self.nb_class
        self.nb_sample: int = len(self.filenames)
        self.samples: int = self.nb_sample
        if not self.filenames:
            endings = ", ".join(files.EXTENSIONS)
            raise ValueError(
                f"{self.directory}: no images found. It must hold a folder for each class, with image files "
                f"({endings})."
            )
        print(f"Found {self.nb_sample} images belonging to {self.nb_class} classes.")

    def _kept(self, numbers, subset):
        """Keep the files of the `subset` alone, a part of each class; returns the numbers of their classes."""
        if subset is None:
            return numbers
        part, each = _part(subset, self.image_data_generator), np.unique(numbers)
        kept = np.concatenate([np.flatnonzero(np.equal(numbers, n))[part(numbers.count(n))] for n in each] or [[]])
        self.filenames = [self.filenames[i] for i in kept]
        return [numbers[i] for i in kept]

    @property
    def filepaths(self) -> list[str]:
        """The paths of the images."""
        return [os.path.join(self.directory, name) for name in self.filenames]

    def _listed(self, directory, classes, follow_links):
        return _listed(directory, classes, follow_links)

    def _made(self, chosen: np.ndarray, start: int, rng: Any) -> Any:
        while True:
            read = self._read_needed(chosen)
            images = [image for image in read if image is not None]
            if images:
                break
            if len(self.broken_files) == self.n:
                raise ValueError(f"{self.directory}: none of the {self.n} images can be read.")
            chosen, start, rng = self._drawn()
        x = self._altered(np.stack(images).astype(self.dtype), rng, start)
        numbers = self.classes[chosen[[image is not None for image in read]]]
        if self.class_mode in (None, "input"):
            return x if self.class_mode is None else (x, x.copy())
        if self.class_mode == "categorical":
            return x, np.eye(self.nb_class, dtype=config.floatx())[numbers]
        return x, numbers.astype(config.floatx()) if self.class_mode == "binary" else numbers

    def _read_needed(self, chosen: np.ndarray) -> list[np.ndarray | None]:
        """Read the images that are needed; another of them stands for each of the rest."""
        if self.needs is None or self.broken == "skip" or self.save_to_dir:
            return list(workers().map(self._read, chosen))
        needed = self.needs(len(chosen))
        own = list(workers().map(self._read, chosen[needed]))
        return [*own[:1] * needed.start, *own, *own[:1] * (len(chosen) - needed.stop)]

    def _read(self, i: int) -> np.ndarray | None:
        """Read image `i` as an array; None if it is broken and to be skipped."""
        name = self.filenames[i]
        try:
            told: dict[str, Any] = {"target_size": self.target_size, "interpolation": self.interpolation}
            img = files.load_img(os.path.join(self.directory, name), color_mode=self.color_mode, **told)
        except ValueError:
            if self.broken == "raise":
                raise
            with self.lock:
                if name not in self.broken_files:
                    self.broken_files.append(name)
                    warn(f"skipped {name}, which cannot be read ({len(self.broken_files)} so far)")
            return None
        return files.img_to_array(img, self.dim_ordering)


def _check(name: str, value: str | None, known: Sequence[str | None]) -> None:
    if value not in known:
        hint = did_you_mean(value, [k for k in known if k])
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}; received {value!r}.{hint}")


def _listed(
    directory: PathLike, classes: Sequence[str] | None, follow_links: bool
) -> tuple[list[str], list[int], dict[str, int]]:
    """Return file names relative to `directory`, their class numbers, and the dictionary class -> number."""
    if not os.path.isdir(directory):
        raise FileNotFoundError(f"{directory} is no folder. It must be one that holds a folder for each class.")
    if classes is None:
        classes = sorted(e.name for e in os.scandir(directory) if e.is_dir(follow_symlinks=True))
    names, numbers = [], []
    for number, label in enumerate(classes):
        for folder, folders, inside in os.walk(os.path.join(directory, label), followlinks=follow_links):
            folders.sort()
            pictures = [name for name in sorted(inside) if name.lower().rpartition(".")[2] in files.EXTENSIONS]
            names += [os.path.relpath(os.path.join(folder, name), directory) for name in pictures]
            numbers += [number] * len(pictures)
    return names, numbers, {label: number for number, label in enumerate(classes)}
