"""`config` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.backend import backend as backend
from horngate.keras3.backend import epsilon as epsilon
from horngate.keras3.backend import floatx as floatx
from horngate.keras3.backend import image_data_format as image_data_format
from horngate.keras3.backend import set_epsilon as set_epsilon
from horngate.keras3.backend import set_floatx as set_floatx
from horngate.keras3.backend import set_image_data_format as set_image_data_format
from horngate.keras3.mixed_precision import global_policy as dtype_policy
from horngate.keras3.mixed_precision import set_global_policy as set_dtype_policy

def enable_unsafe_deserialization() -> None: ...
