"""The CIFAR data sets: 60,000 small photographs, read from the binary version, which needs no unpickling."""

import os
from collections.abc import Sequence

import numpy as np

from horngate.backend import config
from horngate.datasets import reading
from horngate.datasets.reading import Parts
from horngate.utils.data_utils import get_file
from horngate.utils.generic_utils import PathLike

_SITE = "https://www.cs.toronto.edu/~kriz/"
_PIXELS = 3 * 32 * 32


def load_batch(fpath: PathLike, label_key: str = "labels") -> tuple[np.ndarray, list[int]]:
    """The images (samples, 3, 32, 32) and labels in one file of CIFAR, of its binary version or its Python version.

    # Arguments
        fpath: path of the file; the binary version ends in `.bin`.
        label_key: `'labels'` in CIFAR-10; `'fine_labels'` or `'coarse_labels'` in CIFAR-100.
    """
    if str(fpath).endswith(".bin"):
        return _binary_batch(fpath, label_key)
    (batch,) = reading.pickled(fpath)
    batch = {key.decode() if isinstance(key, bytes) else key: value for key, value in batch.items()}
    return np.asarray(batch["data"], np.uint8).reshape(-1, 3, 32, 32), list(batch[label_key])


def _binary_batch(fpath: PathLike, label_key: str) -> tuple[np.ndarray, list[int]]:
    """Read a file with a row for each image: one label or two (coarse, fine), then red, green and blue pixels."""
    labels = 1 if label_key == "labels" else 2
    rows = np.fromfile(fpath, np.uint8).reshape(-1, labels + _PIXELS)
    column = 1 if label_key == "fine_labels" else 0
    return rows[:, labels:].reshape(-1, 3, 32, 32), rows[:, column].tolist()


def load(
    folder: str, archive: str, md5_hash: str, training: Sequence[str], test: str, label_key: str = "labels"
) -> Parts:
    """Both parts of a data set: images in the ordering in force, and labels (samples, 1).

    # Arguments
        folder: the folder that the archive holds.
        archive: name of the archive on the site of CIFAR.
        md5_hash: checksum of the archive.
        training, test: names of its training files, and of its test file.
        label_key: see `load_batch`.
    """
    folder = get_file(folder, _SITE + archive, untar=True, md5_hash=md5_hash)

    def part(names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        images, labels = zip(*(load_batch(os.path.join(folder, name), label_key) for name in names))
        x, y = np.concatenate(images), np.concatenate(labels).astype("uint8")[:, None]
        return x if config.image_dim_ordering() == "th" else x.transpose(0, 2, 3, 1), y

    return part(training), part([test])
