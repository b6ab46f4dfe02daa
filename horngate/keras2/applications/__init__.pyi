"""`applications` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras2.applications import imagenet_utils as imagenet_utils
from horngate.keras2.applications import inception_v3 as inception_v3
from horngate.keras2.applications import resnet50 as resnet50
from horngate.keras2.applications import vgg16 as vgg16
from horngate.keras2.applications import vgg19 as vgg19
from horngate.keras2.applications import xception as xception

def InceptionV3(include_top: bool = True, weights: str | None = 'imagenet', input_tensor: Any = None, input_shape: _Sequence[int | None] | None = None, pooling: str | None = None, classes: int = 1000) -> Any: ...
def ResNet50(include_top: bool = True, weights: str | None = 'imagenet', input_tensor: Any = None, input_shape: _Sequence[int | None] | None = None, pooling: str | None = None, classes: int = 1000) -> Any: ...
def VGG16(include_top: bool = True, weights: str | None = 'imagenet', input_tensor: Any = None, input_shape: _Sequence[int | None] | None = None, pooling: str | None = None, classes: int = 1000) -> Any: ...
def VGG19(include_top: bool = True, weights: str | None = 'imagenet', input_tensor: Any = None, input_shape: _Sequence[int | None] | None = None, pooling: str | None = None, classes: int = 1000) -> Any: ...
def Xception(include_top: bool = True, weights: str | None = 'imagenet', input_tensor: Any = None, input_shape: _Sequence[int | None] | None = None, pooling: str | None = None, classes: int = 1000) -> Any: ...
