"""`preprocessing.image` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

def save_img(path: str | _PathLike[str], x: Any, data_format: str | None = None, file_format: str | None = None, scale: bool = True, **kwargs: Any) -> None: ...
def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: str | None = None) -> Any: ...
def img_to_array(img: Any, data_format: str | None = None, dtype: str | None = None) -> Any: ...
def load_img(path: str | _PathLike[str], color_mode: str | None = None, target_size: _Sequence[int] | None = None, interpolation: str = 'nearest') -> Any: ...
