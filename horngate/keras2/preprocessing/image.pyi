"""`preprocessing.image` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

import horngate.callbacks
import horngate.preprocessing.image.generator
import horngate.preprocessing.image.iterators

class DirectoryIterator(Iterator, horngate.preprocessing.image.iterators.DirectoryIterator):
    r"""Batches of altered images of a folder that holds a folder for each class; files are decoded by several threads."""
    def __init__(self, directory: str | _PathLike[str], image_data_generator: Any, target_size: _Sequence[int] = (256, 256), color_mode: str = 'rgb', classes: _Sequence[str] | None = None, class_mode: str | None = 'categorical', batch_size: int = 32, shuffle: bool = True, seed: int | None = None, data_format: str | None = None, save_to_dir: str | _PathLike[str] | None = None, save_prefix: str = '', save_format: str = 'jpeg', follow_links: bool = False) -> None: ...
class ImageDataGenerator(horngate.preprocessing.image.generator.ImageDataGenerator):
    r"""Batches of images, altered at random and brought to one scale."""
    def __init__(self, featurewise_center: bool = False, samplewise_center: bool = False, featurewise_std_normalization: bool = False, samplewise_std_normalization: bool = False, zca_whitening: bool = False, *, rotation_range: float = 0.0, width_shift_range: float = 0.0, height_shift_range: float = 0.0, shear_range: float = 0.0, zoom_range: float | _Sequence[float] = 0.0, channel_shift_range: float = 0.0, fill_mode: Any = 'nearest', cval: float = 0.0, horizontal_flip: bool = False, vertical_flip: bool = False, rescale: Any = None, preprocessing_function: Any = None, data_format: str | None = None) -> None: ...
class Iterator(horngate.preprocessing.image.iterators.Iterator):
    r"""Goes through the indices of `n` samples in batches, for ever; may be asked from several threads."""
    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None: ...
class NumpyArrayIterator(Iterator, horngate.preprocessing.image.iterators.NumpyArrayIterator):
    r"""Batches of altered images of an array; see `ImageDataGenerator.flow`."""
    def __init__(self, x: Any, y: Any, image_data_generator: Any, batch_size: int = 32, shuffle: bool = False, *, seed: int | None = None, data_format: str | None = None, save_to_dir: str | _PathLike[str] | None = None, save_prefix: str = '', save_format: str = 'jpeg') -> None: ...
def array_to_img(x: Any, data_format: str | None = None, scale: bool = True) -> Any: ...
def img_to_array(img: Any, data_format: str | None = None) -> Any: ...
def load_img(path: str | _PathLike[str], grayscale: bool = False, *, target_size: _Sequence[int] | None = None, interpolation: str = 'nearest') -> Any: ...
