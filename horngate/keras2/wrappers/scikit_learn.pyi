"""`wrappers.scikit_learn` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

import horngate.callbacks
import horngate.wrappers.scikit_learn

class BaseWrapper(horngate.wrappers.scikit_learn.BaseWrapper):
    r"""What the classifier and the regressor share."""
    def __init__(self, build_fn: _Callable[..., Any] | None = None, **sk_params: Any) -> None: ...
class KerasClassifier(BaseWrapper, horngate.wrappers.scikit_learn.KerasClassifier):
    r"""A network as a scikit-learn classifier; labels may be of any kind, or rows of zeros with a single one."""
    def __init__(self, build_fn: _Callable[..., Any] | None = None, **sk_params: Any) -> None: ...
class KerasRegressor(BaseWrapper, horngate.wrappers.scikit_learn.KerasRegressor):
    r"""A network as a scikit-learn regressor."""
    def __init__(self, build_fn: _Callable[..., Any] | None = None, **sk_params: Any) -> None: ...
