"""`dtype_policies` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.mixed_precision import DTypePolicy as DTypePolicy
from horngate.keras3.mixed_precision import DTypePolicy as FloatDTypePolicy


