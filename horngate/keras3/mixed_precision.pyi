"""`mixed_precision` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.optimizers import LossScaleOptimizer as LossScaleOptimizer

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.mixed_precision

class DTypePolicy(horngate.mixed_precision.DTypePolicy):
    r"""The number types of layers."""
    def __init__(self, name: str | None = None) -> None: ...
    if not TYPE_CHECKING:
        compute_dtype: Any
        def convert_input(self, x, autocast, dtype) -> Any: ...
        def get_config(self) -> dict[str, Any]: ...
        name: Any
        variable_dtype: Any
Policy = DTypePolicy
def dtype_policy() -> Any: ...
def global_policy() -> Any: ...
def set_dtype_policy(policy: Any) -> None: ...
def set_global_policy(policy: Any) -> None: ...
