"""`saving` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.models import load_model as load_model
from horngate.keras3.models import save_model as save_model
from horngate.keras3.utils import CustomObjectScope as CustomObjectScope
from horngate.keras3.utils import custom_object_scope as custom_object_scope
from horngate.keras3.utils import get_custom_objects as get_custom_objects

def register_keras_serializable(package: str = 'Custom', name: str | None = None) -> _Callable[..., Any]: ...
