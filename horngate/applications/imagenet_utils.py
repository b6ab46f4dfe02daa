"""Input and output of networks trained on ImageNet: preprocessed images, and names of classes."""

import functools
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.preprocessing.image.files import channels_last
from horngate.utils.data_utils import get_file

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_MEAN_BLUE_GREEN_RED = (103.939, 116.779, 123.68)
MEAN = (0.485, 0.456, 0.406)  # of red, green and blue from 0 to 1
DEVIATION = (0.229, 0.224, 0.225)
_CLASSES = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
_CLASSES_MD5 = "c2c37ea517e94d9795004a39431a14cb"


def preprocess_input(x: np.ndarray, dim_ordering: str = "default") -> np.ndarray:
    """Convert images for VGG and ResNet: blue, green, red, minus their means.

    # Arguments
        x: an image or a batch of them, of 0 ... 255, in red, green, blue.
        dim_ordering: `'th'` for channels first, `'tf'` for channels last, `'default'` for that in force.
    """
    axis = -1 if channels_last(dim_ordering) else -3
    mean = np.reshape(_MEAN_BLUE_GREEN_RED, (3,) if axis == -1 else (3, 1, 1))
    return (np.flip(x, axis) - mean).astype(x.dtype if x.dtype.kind == "f" else "float32")


def between_minus_one_and_one(x: np.ndarray) -> np.ndarray:
    """Convert images `x` from 0 ... 255 to -1 ... 1, for Inception and Xception."""
    return x / 127.5 - 1


def standardized(x: np.ndarray, dim_ordering: str = "default") -> np.ndarray:
    """Convert images for DenseNet: values of mean 0 and deviation 1 in each channel.

    # Arguments
        x: an image or a batch of them, of 0 ... 255, in red, green, blue.
        dim_ordering: `'th'` for channels first, `'tf'` for channels last, `'default'` for that in force.
    """
    shape = (3,) if channels_last(dim_ordering) else (3, 1, 1)
    mean, deviation = (np.reshape(v, shape) for v in (MEAN, DEVIATION))
    return ((x / 255.0 - mean) / deviation).astype(x.dtype if x.dtype.kind == "f" else "float32")


@functools.cache
def _class_index() -> dict[str, list[str]]:
    path = get_file("imagenet_class_index.json", _CLASSES, md5_hash=_CLASSES_MD5, cache_subdir="models")
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def decode_predictions(preds: "ArrayLike", top: int = 5) -> list[list[tuple[Any, ...]]]:
    """The most probable classes of each image: (WordNet number, name, probability), the most probable first.

    # Arguments
        preds: (samples, 1000), as a network with ImageNet's classes predicts.
        top: how many classes, from 1 to 1000.
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != 1000:
        raise ValueError(f"decode_predictions expects predictions (samples, 1000); received shape {preds.shape}")
    index = _class_index()
    best = np.argsort(-preds, axis=1, kind="stable")[:, :top]
    return [[(*index[str(i)], row[i]) for i in order] for row, order in zip(preds, best)]
