"""`applications.inception_resnet_v2` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any

def InceptionResNetV2(include_top: bool = True, weights: str | None = 'imagenet', input_tensor: Any = None, input_shape: _Sequence[int | None] | None = None, pooling: str | None = None, classes: int = 1000, classifier_activation: Any = 'softmax', name: str | None = None) -> Any: ...
def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[Any, ...]]]: ...
def preprocess_input(x: Any) -> Any: ...
