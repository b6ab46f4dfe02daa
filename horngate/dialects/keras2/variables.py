"""What tensors and variables are asked in other programs: their value, to take another, what Keras noted on them."""

from typing import Any

import numpy as np

from horngate.backend.graph import LEARNING_PHASE, StaticShape, Tensor, Variable, ancestors


def numpy(self: Variable) -> np.ndarray:
    """The array, as NumPy."""
    return self.get_value()


def assign(self: Variable, value: Any) -> Variable:
    """Replace the array by `value`, of the same shape; returns the variable."""
    self.set_value(value)
    return self


def assign_add(self: Variable, value: Any) -> Variable:
    """Add `value`; returns the variable."""
    return assign(self, self.get_value() + np.asarray(value))


def assign_sub(self: Variable, value: Any) -> Variable:
    """Subtract `value`; returns the variable."""
    return assign(self, self.get_value() - np.asarray(value))


def _phase_matters(symbol: Any) -> bool:
    """Return whether a symbol depends on the phase, as far as its graph tells: through `K.learning_phase` itself."""
    if not isinstance(symbol, Tensor):
        return False
    return any(s is LEARNING_PHASE for node in ancestors([symbol], strict=False) for s in node.symbols())


# A program may set these two: an attribute of the object then hides them.
_keras_shape = property(lambda symbol: StaticShape(symbol.shape), doc="The shape.")
_uses_learning_phase = property(_phase_matters, doc="Whether the phase of learning matters.")
initializer = property(lambda self: None, doc="What TensorFlow ran to give a variable its first value: nothing.")
