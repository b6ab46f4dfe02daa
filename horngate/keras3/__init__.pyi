"""The names of Keras 3, for editors and type checkers. `tools/namespaces.py` makes this file."""

# mypy: disable-error-code="override, misc"
# Methods take the words of this era, which are not those of their bases.

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from os import PathLike as _PathLike
from typing import Any
from horngate.keras3 import activations as activations
from horngate.keras3 import applications as applications
from horngate.keras3 import backend as backend
from horngate.keras3 import callbacks as callbacks
from horngate.keras3 import config as config
from horngate.keras3 import constraints as constraints
from horngate.keras3 import datasets as datasets
from horngate.keras3 import distribution as distribution
from horngate.keras3 import initializers as initializers
from horngate.keras3 import layers as layers
from horngate.keras3 import losses as losses
from horngate.keras3 import metrics as metrics
from horngate.keras3 import mixed_precision as mixed_precision
from horngate.keras3 import models as models
from horngate.keras3 import ops as ops
from horngate.keras3 import optimizers as optimizers
from horngate.keras3 import preprocessing as preprocessing
from horngate.keras3 import random as random
from horngate.keras3 import regularizers as regularizers
from horngate.keras3 import saving as saving
from horngate.keras3 import utils as utils
from horngate.keras3.initializers import Initializer as Initializer
from horngate.keras3.layers import Input as Input
from horngate.keras3.layers import InputSpec as InputSpec
from horngate.keras3.layers import Layer as Layer
from horngate.keras3.losses import Loss as Loss
from horngate.keras3.models import Model as Model
from horngate.keras3.models import Sequential as Sequential
from horngate.keras3.optimizers import Optimizer as Optimizer
from horngate.keras3.regularizers import Regularizer as Regularizer


