"""`backend` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.backend import backend as backend
from horngate.backend import cast_to_floatx as cast_to_floatx
from horngate.backend import clear_session as clear_session
from horngate.backend import epsilon as epsilon
from horngate.backend import floatx as floatx
from horngate.backend import get_uid as get_uid
from horngate.backend import is_keras_tensor as is_keras_tensor
from horngate.backend import set_image_data_format as set_image_data_format

def image_data_format() -> str: ...
def set_epsilon(value: float) -> None: ...
def set_floatx(value: str) -> None: ...
