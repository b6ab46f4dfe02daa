"""What variables are asked in programs of Keras 2 and 3: their value as an array of NumPy, and to take another."""

from typing import Any

import numpy as np

from horngate.backend.graph import Variable


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
