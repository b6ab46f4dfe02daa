"""`activations` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.activations import elu as elu
from horngate.activations import get as get
from horngate.activations import hard_sigmoid as hard_sigmoid
from horngate.activations import linear as linear
from horngate.activations import sigmoid as sigmoid
from horngate.activations import softmax as softmax
from horngate.activations import softplus as softplus
from horngate.activations import softsign as softsign
from horngate.activations import tanh as tanh

def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None) -> Any: ...
