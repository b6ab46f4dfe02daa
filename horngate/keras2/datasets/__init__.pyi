"""`datasets` of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras2.datasets import boston_housing as boston_housing
from horngate.keras2.datasets import cifar as cifar
from horngate.keras2.datasets import cifar10 as cifar10
from horngate.keras2.datasets import cifar100 as cifar100
from horngate.keras2.datasets import fashion_mnist as fashion_mnist
from horngate.keras2.datasets import imdb as imdb
from horngate.keras2.datasets import mnist as mnist
from horngate.keras2.datasets import reuters as reuters


