"""The names of Keras 2, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras2 import activations as activations
from horngate.keras2 import applications as applications
from horngate.keras2 import backend as backend
from horngate.keras2 import callbacks as callbacks
from horngate.keras2 import constraints as constraints
from horngate.keras2 import datasets as datasets
from horngate.keras2 import engine as engine
from horngate.keras2 import initializers as initializers
from horngate.keras2 import layers as layers
from horngate.keras2 import losses as losses
from horngate.keras2 import metrics as metrics
from horngate.keras2 import models as models
from horngate.keras2 import optimizers as optimizers
from horngate.keras2 import preprocessing as preprocessing
from horngate.keras2 import regularizers as regularizers
from horngate.keras2 import utils as utils
from horngate.keras2 import wrappers as wrappers
from horngate.keras2.layers import Input as Input
from horngate.keras2.models import Model as Model
from horngate.keras2.models import Sequential as Sequential


