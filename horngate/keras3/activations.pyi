"""`activations` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.activations import celu as celu
from horngate.activations import elu as elu
from horngate.activations import exponential as exponential
from horngate.activations import gelu as gelu
from horngate.activations import glu as glu
from horngate.activations import hard_shrink as hard_shrink
from horngate.activations import hard_sigmoid_of_keras_3 as _hard_sigmoid_of_keras_3
from horngate.activations import hard_silu as hard_silu
from horngate.activations import hard_tanh as hard_tanh
from horngate.activations import leaky_relu as leaky_relu
from horngate.activations import linear as linear
from horngate.activations import log_sigmoid as log_sigmoid
from horngate.activations import log_softmax as log_softmax
from horngate.activations import mish as mish
from horngate.activations import relu6 as relu6
from horngate.activations import selu as selu
from horngate.activations import serialize as serialize
from horngate.activations import sigmoid as sigmoid
from horngate.activations import silu as silu
from horngate.activations import soft_shrink as soft_shrink
from horngate.activations import softplus as softplus
from horngate.activations import softsign as softsign
from horngate.activations import sparse_plus as sparse_plus
from horngate.activations import sparse_sigmoid as sparse_sigmoid
from horngate.activations import sparsemax as sparsemax
from horngate.activations import squareplus as squareplus
from horngate.activations import tanh as tanh
from horngate.activations import tanh_shrink as tanh_shrink
from horngate.activations import threshold as threshold

hard_swish = hard_silu
swish = silu
hard_sigmoid = _hard_sigmoid_of_keras_3
def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> _Callable[..., Any]: ...
def get(identifier: str | _Callable[..., Any] | None) -> _Callable[..., Any]: ...
def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any: ...
def softmax(x: Any, axis: int = -1) -> Any: ...
