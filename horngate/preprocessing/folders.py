"""Data sets of the images, texts and sounds in a folder that has a subfolder for each class."""

import os
import wave
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from horngate.backend import config
from horngate.backend.arrays.pictures import part_of
from horngate.preprocessing.image.files import channels_last, img_to_array, load_img
from horngate.preprocessing.image.warp import workers
from horngate.utils.generic_utils import PathLike
from horngate.utils.passes import Dataset

_MODES = ("int", "categorical", "binary", None)
_SUBSETS = ("training", "validation", "both", None)
_IMAGES, _TEXTS, _SOUNDS = (".bmp", ".gif", ".jpeg", ".jpg", ".png"), (".txt",), (".wav",)
_REACH = {"bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}  # over how many pixels a kernel goes


def _checked(name: str, value: Any, known: Sequence[Any]) -> None:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}; received {value!r}.")


class _Folder:
    """The files of a folder, their labels, and the data sets of their parts; see `image_dataset_from_directory`."""

    def __init__(self, directory: PathLike, told: dict[str, Any], endings: tuple[str, ...]) -> None:
        self.directory, self.told, self.endings = os.fspath(directory), told, endings
        _checked("label_mode", told["label_mode"], _MODES)
        _checked("subset", told["subset"], _SUBSETS)
        _checked("format", told.get("format", "tf"), ("tf", "grain"))
        split, subset = told["validation_split"], told["subset"]
        if (split is None) != (subset is None):
            raise ValueError(
                f"give validation_split and subset, or neither; received validation_split={split!r}, subset={subset!r}."
            )
        if split is not None and not 0 < split < 1:
            raise ValueError(f"validation_split must be above 0 and below 1; received {split!r}.")
        if split is not None and told["shuffle"] and told["seed"] is None:
            raise ValueError(
                "validation_split with shuffle=True needs a seed, so that no file is in both parts: give, say, seed=1 "
                "to both calls."
            )
        for name in ("batch_size", "max_length", "output_sequence_length", "sampling_rate"):
            if (n := told.get(name)) is not None and (not isinstance(n, (int, np.integer)) or n < 1):
                raise ValueError(f"{name} must be None or a whole number of at least 1; received {n!r}.")
        self.seed = np.random.randint(2**31) if told["seed"] is None else told["seed"]
        self.paths, self.labels, self.class_names = self._found()

    def _files(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder and those in it, in their order."""
        found = sorted(os.walk(folder, followlinks=self.told["follow_links"]), key=lambda each: each[0])
        every = [os.path.join(place, name) for place, _, names in found for name in sorted(names)]
        return [path for path in every if path.lower().endswith(self.endings)]

    def _found(self) -> tuple[list[str], Any, list[str] | None]:
        """Return the paths, their labels or None, and the names of the classes."""
        labels, names = self.told["labels"], self.told["class_names"]
        if not os.path.isdir(self.directory):
            raise FileNotFoundError(
                f"{self.directory} is no folder. It must be one that holds a folder for each class."
            )
        numbers: Any = None
        if isinstance(labels, str) and labels == "inferred":
            there = sorted(each.name for each in os.scandir(self.directory) if each.is_dir())
            if names is not None and not set(names) <= set(there):
                raise ValueError(f"class_names must be among the subfolders {there}; received {list(names)}.")
            names = there if names is None else list(names)
            parts = [self._files(os.path.join(self.directory, name)) for name in names]
            paths = [path for part in parts for path in part]
            numbers = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        else:
            if names is not None:
                raise ValueError("class_names are the subfolders' names: give them with labels='inferred' only.")
            paths = self._files(self.directory)
            if labels is not None:
                numbers = self._given(labels, paths)
                names = [str(label) for label in np.unique(numbers)]
        if self.told["label_mode"] is None or numbers is None:
            numbers = names = None
        if not paths:
            raise ValueError(f"{self.directory} holds no files {', '.join(self.endings)}.")
        if self.told["label_mode"] == "binary" and names is not None and len(names) != 2:
            raise ValueError(f"label_mode='binary' needs two classes; {self.directory} has {names}.")
        if self.told["verbose"]:
            print(f"Found {len(paths)} files" + (f" belonging to {len(names)} classes." if names else "."))
        return paths, numbers, names

    def _given(self, labels, paths):
        numbers = None if isinstance(labels, str) else np.asarray(labels)
        if numbers is None or numbers.shape != (len(paths),) or numbers.dtype.kind not in "iu":
            raise ValueError(
                f"labels must be 'inferred', None, or a list of {len(paths)} whole numbers, one for each file of "
                f"{self.directory} in the order of their names; received {labels!r:.60}."
            )
        return numbers

    def datasets(self, read: Callable[[str], Any], joined: Callable[[list[Any]], Any]) -> Any:
        """Return the data set of the subset, or a tuple of both.

        `read`: function from a path to a sample. `joined`: function from samples to a batch.
        """
        order, told = np.arange(len(self.paths)), self.told
        if told["shuffle"]:
            np.random.RandomState(self.seed).shuffle(order)
        count = int((told["validation_split"] or 0) * len(order))
        parts = {"training": order[: len(order) - count], "validation": order[len(order) - count :], None: order}
        wanted = ("training", "validation") if told["subset"] == "both" else (told["subset"],)
        for name in wanted:
            if not len(parts[name]):
                raise ValueError(f"the part for {name} of {len(order)} files is empty: change validation_split.")
            if name is not None and told["verbose"]:
                print(f"Using {len(parts[name])} files for {name}.")
        made = [self._dataset(parts[name], read, joined) for name in wanted]
        return tuple(made) if len(made) > 1 else made[0]

    def _dataset(self, order: np.ndarray, read: Callable[[str], Any], joined: Callable[[list[Any]], Any]) -> Dataset:
        size, rng = self.told["batch_size"], np.random.RandomState(self.seed)

        def one_pass() -> Iterator[Any]:
            now = rng.permutation(order) if self.told["shuffle"] else order
            for first in range(0, len(now), size or 1):
                chosen = now[first : first + (size or 1)]
                samples = list(workers().map(lambda i: read(self.paths[i]), chosen))
                x: Any = samples[0] if size is None else joined(samples)
                labels = self._labels(chosen)
                yield x if labels is None else (x, labels[0] if size is None else labels)

        return Dataset(one_pass, -(-len(order) // (size or 1)), self.class_names, [self.paths[i] for i in order])

    def _labels(self, chosen: np.ndarray) -> np.ndarray | None:
        """Return the labels of some files in the form of `label_mode`; None for none."""
        if self.labels is None or self.class_names is None:
            return None
        numbers = self.labels[chosen]
        if self.told["label_mode"] == "categorical":
            return np.eye(len(self.class_names), dtype=config.floatx())[numbers]
        binary = self.told["label_mode"] == "binary"
        return numbers.astype(config.floatx())[:, None] if binary else numbers.astype("int32")


def image_dataset_from_directory(
    directory: PathLike,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | Sequence[int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return a `Dataset` of batches (images, labels) of the image files in a folder; threads decode them.

    Shuffled files are divided as by Keras 3 with the same seed; each pass has another order.

    # Arguments
        directory: the folder, with a subfolder for each class.
        labels: 'inferred' from the subfolders; None for images alone; or a whole number for each file, in order.
        label_mode: 'int' numbers; 'categorical' one-hot rows; 'binary' a column of 0 and 1; None: no labels.
        class_names: the subfolders to use, in the order of their numbers; None for all.
        color_mode: 'rgb', 'rgba' or 'grayscale'.
        batch_size: images in a batch; None for single images.
        image_size: (rows, columns), or one number for both.
        shuffle: whether the order is random, else that of the names.
        seed: a whole number that makes orders repeatable.
        validation_split: the share of files for validation, above 0 and below 1.
        subset: 'training', 'validation', or 'both' for two data sets.
        interpolation: 'nearest', 'bilinear', 'bicubic', 'lanczos3' or 'lanczos5'.
        follow_links: whether to enter folders that are links.
        crop_to_aspect_ratio, pad_to_aspect_ratio: cut or fill up with 0, so that nothing is stretched.
        data_format: 'channels_first' or 'channels_last'; None for that in force.
        format: 'tf' or 'grain', what Keras 3 returns; here a `Dataset` in either case.
        verbose: whether to print how many files were found.
    """
    told = dict(locals())
    _checked("color_mode", color_mode, ("rgb", "rgba", "grayscale"))
    _checked("interpolation", interpolation, ("nearest", *_REACH))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("give crop_to_aspect_ratio or pad_to_aspect_ratio, not both.")
    pair = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size)
    if len(pair) != 2 or not all(isinstance(n, (int, np.integer)) and n > 0 for n in pair):
        raise ValueError(f"image_size must be (rows, columns), each at least 1; received {image_size!r}.")
    rows, columns = pair
    last = channels_last(data_format)

    def read(path: str) -> np.ndarray:
        x = img_to_array(load_img(path, color_mode=color_mode), "tf")
        top, left, high, wide = part_of(x.shape[:2], (rows, columns), crop_to_aspect_ratio, pad_to_aspect_ratio)
        if min(top, left) < 0:
            x = np.pad(x, [(-top, high - x.shape[0] + top), (-left, wide - x.shape[1] + left), (0, 0)])
        x = _resized(x[max(0, top) :, max(0, left) :][:high, :wide], (rows, columns), interpolation)
        return x if last else x.transpose(2, 0, 1)

    return _Folder(directory, told, _IMAGES).datasets(read, np.stack)


def _resized(x: np.ndarray, sizes: tuple[int, int], how: str) -> np.ndarray:
    """Return an image with other sizes, by the method `how` without smoothing; on the host, where sizes may vary."""
    for axis, wanted in enumerate(sizes):
        size = x.shape[axis]
        place = (np.arange(wanted) + 0.5) * size / wanted - 0.5
        if how == "nearest":
            x = x.take(np.floor(place + 0.5).astype(int).clip(0, size - 1), axis)
            continue
        weights = _kernel(np.abs(place[:, None] - np.arange(size)), how)
        weights /= weights.sum(1, keepdims=True)
        x = np.moveaxis(np.tensordot(weights.astype(x.dtype), x, (1, axis)), 0, axis)
    return np.ascontiguousarray(x)


def _kernel(d: np.ndarray, how: str) -> np.ndarray:
    """Return how much pixels at the distances `d` count."""
    if how == "bilinear":
        return np.maximum(0, 1 - d)
    if how == "bicubic":
        near, far = (1.5 * d - 2.5) * d * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
        return np.where(d < 1, near, np.where(d < 2, far, 0))
    return np.where(d < _REACH[how], np.sinc(d) * np.sinc(d / _REACH[how]), 0)


def text_dataset_from_directory(
    directory: PathLike,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return a `Dataset` of batches (texts, labels) of the `.txt` files in a folder, in UTF-8.

    Number the words by `data.map(lambda x, y: (layer(x), y))`, with a `TextVectorization`.

    # Arguments
        max_length: how many characters of a text are read; None for all.
        directory, labels, label_mode, class_names, batch_size, shuffle: as for `image_dataset_from_directory`.
        seed, validation_split, subset, follow_links, format, verbose: likewise.
    """
    told = dict(locals())

    def read(path: str) -> str:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read(max_length)

    return _Folder(directory, told, _TEXTS).datasets(read, lambda texts: np.array(texts, object))


def audio_dataset_from_directory(
    directory: PathLike,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Return a `Dataset` of batches (sounds, labels) of the `.wav` files of 16 bits in a folder.

    Sounds have the shape (steps, channels) and values from -1 to 1.

    # Arguments
        sampling_rate: steps in a second to which sounds are brought, by SciPy; None: those of the files.
        output_sequence_length: how many steps sounds are cut off at or filled up to with 0; None: in each batch to the
            longest.
        ragged: must be False: arrays have rows of one length.
        directory, labels, label_mode, class_names, batch_size, shuffle: as for `image_dataset_from_directory`.
        seed, validation_split, subset, follow_links, verbose: likewise.
    """
    told = dict(locals())
    if ragged:
        raise ValueError(
            "ragged must be False: arrays have rows of one length. Give output_sequence_length, or a "
            "batch_size of None."
        )

    def read(path: str) -> np.ndarray:
        x = _sound(path, sampling_rate)
        return x if output_sequence_length is None else _filled(x, output_sequence_length)

    def joined(sounds: list[np.ndarray]) -> np.ndarray:
        return np.stack([_filled(x, max(map(len, sounds))) for x in sounds])

    return _Folder(directory, told, _SOUNDS).datasets(read, joined)


def _filled(x, length):
    return np.pad(x[:length], [(0, max(0, length - len(x))), (0, 0)])


def _sound(path: str, rate: int | None) -> np.ndarray:
    """Return the sound in a file as (steps, channels), brought to `rate` steps in a second."""
    try:
        with wave.open(path, "rb") as file:
            width, channels, own = file.getsampwidth(), file.getnchannels(), file.getframerate()
            content = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} cannot be read as a .wav file: {error}.") from error
    if width != 2:
        raise ValueError(f"{path} has {8 * width} bits for each value; .wav files of 16 bits are read. Convert it.")
    x = np.frombuffer(content, "<i2").reshape(-1, channels).astype(config.floatx()) / 32768
    if rate is None or rate == own:
        return x
    from scipy.signal import resample_poly  # which only this needs

    return resample_poly(x, rate, own, axis=0).astype(x.dtype)
