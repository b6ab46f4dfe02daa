"""`activations` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.activations import elu as elu
from horngate.activations import exponential as exponential
from horngate.activations import hard_sigmoid as hard_sigmoid
from horngate.activations import linear as linear
from horngate.activations import selu as selu
from horngate.activations import serialize as serialize
from horngate.activations import sigmoid as sigmoid
from horngate.activations import softplus as softplus
from horngate.activations import softsign as softsign
from horngate.activations import tanh as tanh

def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> _Callable[..., Any]: ...
def get(identifier: str | _Callable[..., Any] | None) -> _Callable[..., Any]: ...
def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any: ...
def softmax(x: Any, axis: int = -1) -> Any: ...
