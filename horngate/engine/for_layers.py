"""What layers are written with: the names that nearly each of their modules needs, in one place."""

from horngate import backend as K
from horngate.backend.graph import Variable
from horngate.backend.orders import of_eras
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument, attribute, fixed
from horngate.engine.attributes import OfEra, Shapes
from horngate.engine.layer import InputSpec, Layer, to_list

__all__ = [
    "InputSpec", "K", "Layer", "OfEra", "Shapes", "TensorLike", "Variable", "argument", "attribute", "fixed", "of_eras",
    "to_list",
]  # fmt: skip
