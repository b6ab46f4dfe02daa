"""Images: reading, random augmentation, and batches for training."""

from typing import Any

from horngate.backend.orders import elsewhere as _elsewhere
from horngate.preprocessing.image.files import array_to_img, img_to_array, list_pictures, load_img, save_img  # noqa
from horngate.preprocessing.image.generator import GraphImageDataGenerator, ImageDataGenerator  # noqa: F401
from horngate.preprocessing.image.iterators import DirectoryIterator, Iterator, NumpyArrayIterator  # noqa: F401
from horngate.preprocessing.image.sheet import plot_batch  # noqa: F401
from horngate.preprocessing.image.transforms import (  # noqa: F401
    apply_transform,
    flip_axis,
    horizontal_flip,
    random_barrel_transform,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
    transform_matrix_offset_center,
    vertical_flip,
)


def __getattr__(name: str) -> Any:
    return _elsewhere(__name__, name)
