"""What variables are asked in programs of Keras 2 and 3: their value as an array of NumPy, and to take another."""

from typing import Any

import numpy as np

from horngate.backend.graph import Variable, recorder


def numpy(self: Variable) -> np.ndarray:
    """The array, as NumPy."""
    return self.read()


def assign(self: Variable, value: Any) -> Variable:
    """Replace the array by `value`, of the same shape; returns the variable."""
    by = recorder()
    if by is None:
        self.set_value(value)
    else:
        by.assign([(self, value)])
    return self


def _now(variable):
    """Return the value of a variable; a symbol for it where a step is recorded."""
    by = recorder()
    return variable if by is not None and not by.computes else variable.get_value()


def assign_add(self: Variable, value: Any) -> Variable:
    """Add `value`; returns the variable."""
    return assign(self, _now(self) + value)


def assign_sub(self: Variable, value: Any) -> Variable:
    """Subtract `value`; returns the variable."""
    return assign(self, _now(self) - value)
