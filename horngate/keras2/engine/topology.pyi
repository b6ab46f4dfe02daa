"""`engine.topology` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras2.layers import InputLayer as InputLayer
from horngate.keras2.layers import InputSpec as InputSpec
from horngate.keras2.layers import Layer as Layer

def Input(shape: _Sequence[int | None] | None = None, batch_shape: _Sequence[int | None] | None = None, name: str | None = None, dtype: Any = None, sparse: bool = False, tensor: Any = None, batch_size: int | None = None, ragged: bool | None = None, optional: bool = False) -> Any: ...
def get_source_inputs(tensor: Any, layer: Any = None, node_index: int | None = None) -> list[Any]: ...
