"""What layers are written with: the names that nearly each of their modules needs, in one place."""

from horngate.backend.graph import Variable
from horngate.backend.types import TensorLike
from horngate.engine.arguments import argument, attribute, fixed
from horngate.engine.attributes import Shapes
from horngate.engine.layer import InputSpec, Layer, to_list

__all__ = ["InputSpec", "Layer", "Shapes", "TensorLike", "Variable", "argument", "attribute", "fixed", "to_list"]
