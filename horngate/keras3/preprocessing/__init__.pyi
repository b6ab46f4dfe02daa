"""`preprocessing` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.preprocessing import image as image
from horngate.keras3.preprocessing import sequence as sequence

def image_dataset_from_directory(directory: str | _PathLike[str], labels: Any = 'inferred', label_mode: str | None = 'int', class_names: _Sequence[str] | None = None, color_mode: str = 'rgb', batch_size: int | None = 32, image_size: int | _Sequence[int] = (256, 256), shuffle: bool = True, seed: int | None = None, validation_split: float | None = None, subset: str | None = None, interpolation: str = 'bilinear', follow_links: bool = False, crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False, data_format: str | None = None, format: str = 'tf', verbose: bool = True) -> Any: ...
def text_dataset_from_directory(directory: str | _PathLike[str], labels: Any = 'inferred', label_mode: str | None = 'int', class_names: _Sequence[str] | None = None, batch_size: int | None = 32, max_length: int | None = None, shuffle: bool = True, seed: int | None = None, validation_split: float | None = None, subset: str | None = None, follow_links: bool = False, format: str = 'tf', verbose: bool = True) -> Any: ...
def timeseries_dataset_from_array(data: Any, targets: Any, sequence_length: int, sequence_stride: int = 1, sampling_rate: int = 1, batch_size: int | None = 128, shuffle: bool = False, seed: int | None = None, start_index: int | None = None, end_index: int | None = None, format: str = 'tf') -> Any: ...
