"""`metrics` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.metrics import binary_accuracy as binary_accuracy
from horngate.metrics import binary_crossentropy as binary_crossentropy
from horngate.metrics import categorical_accuracy as categorical_accuracy
from horngate.metrics import categorical_crossentropy as categorical_crossentropy
from horngate.metrics import kullback_leibler_divergence as kl_divergence
from horngate.metrics import mean_absolute_error as mean_absolute_error
from horngate.metrics import mean_absolute_percentage_error as mean_absolute_percentage_error
from horngate.metrics import mean_squared_error as mean_squared_error
from horngate.metrics import mean_squared_logarithmic_error as mean_squared_logarithmic_error
from horngate.metrics import poisson as poisson
from horngate.metrics import sparse_categorical_accuracy as sparse_categorical_accuracy
from horngate.metrics import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from horngate.metrics import top_k_categorical_accuracy as top_k_categorical_accuracy

def get(identifier: Any) -> _Callable[..., Any]: ...
def hinge(y_true: Any, y_pred: Any) -> Any: ...
def squared_hinge(y_true: Any, y_pred: Any) -> Any: ...
