"""`regularizers` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

TYPE_CHECKING = False  # type checkers take it for True, jedi does not
if TYPE_CHECKING:
    import horngate.regularizers

class L1(Regularizer, horngate.regularizers.L1L2Regularizer):
    r"""l1 sum(|x|) + l2 sum(x^2)."""
    def __init__(self, l1: float = 0.01) -> None: ...
    if not TYPE_CHECKING:
        l1: Any
        l2: Any
class L2(Regularizer, horngate.regularizers.L1L2Regularizer):
    r"""l1 sum(|x|) + l2 sum(x^2)."""
    def __init__(self, l2: float = 0.01) -> None: ...
    if not TYPE_CHECKING:
        l1: Any
        l2: Any
class OrthogonalRegularizer(Regularizer, horngate.regularizers.OrthogonalRegularizer):
    r"""factor times the mean of the absolute products of different rows (or columns) of a matrix, brought to length 1."""
    def __init__(self, factor: Any = 0.01, mode: Any = 'rows') -> None: ...
    if not TYPE_CHECKING:
        factor: Any
        mode: Any
l1 = L1
l2 = L2
orthogonal_regularizer = OrthogonalRegularizer
class L1L2(Regularizer, horngate.regularizers.L1L2Regularizer):
    r"""l1 sum(|x|) + l2 sum(x^2)."""
    def __init__(self, l1: Any = 0.0, l2: Any = 0.0) -> None: ...
    if not TYPE_CHECKING:
        l1: Any
        l2: Any
class Regularizer(horngate.regularizers.Regularizer):
    r"""A penalty: calling it on a weight (or a layer's output) returns a number to add to the loss."""
    def __init__(self) -> None: ...
    if not TYPE_CHECKING:
        from_config: Any
        def get_config(self) -> dict[str, Any]: ...
        layer: Any
        p: Any
        def penalty(self, x) -> Any: ...
        def set_layer(self, _=None, layer=None) -> None: ...
        def set_param(self, _=None, p=None) -> None: ...
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any: ...
def get(identifier: Any, kwargs: dict[str, Any] | None = None) -> _Callable[..., Any] | None: ...
l1_l2 = L1L2
def serialize(regularizer: Any) -> Any: ...
