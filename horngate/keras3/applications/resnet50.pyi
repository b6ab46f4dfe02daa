"""`applications.resnet50` of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3.applications.resnet import ResNet50 as ResNet50

def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[Any, ...]]]: ...
def preprocess_input(x: Any, data_format: str | None = None) -> Any: ...
