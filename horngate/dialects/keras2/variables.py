"""What tensors and variables are asked in other programs: their value, to take another, what Keras noted on them."""

from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.function import as_before, evaluate
from horngate.backend.graph import LEARNING_PHASE, Tensor, Variable, active_scope, ancestors, recorder
from horngate.backend.static_shape import StaticShape


def numpy(self: Variable) -> np.ndarray:
    """The array, as NumPy."""
    return self.read()


def assign(self: Variable, value: Any) -> Variable:
    """Replace the array by `value`, of the same shape; returns the variable.

    In the `call` of a layer this is part of the program: later reads in the call see `value`, as does each step after.
    """
    by, scope = recorder(), active_scope()
    if by is None and scope is not None and not (scope.live and scope.stand_in is None):
        scope.frame.assign(self, as_before(self, scope.resolve(value), scope.value(self)))
    elif by is None:
        self.set_value(evaluate(value) if isinstance(value, Tensor) and value.computed is None else value)
    else:
        by.assign([(self, value)])
    return self


def _now(variable):
    """Return the value of a variable; a symbol for it where a step is recorded."""
    by, scope = recorder(), active_scope()
    if by is None and scope is not None:
        return scope.value(variable)
    return variable if by is not None and not by.computes else variable.get_value()


def assign_add(self: Variable, value: Any) -> Variable:
    """Add `value`; returns the variable."""
    return assign(self, _now(self) + value)


def assign_sub(self: Variable, value: Any) -> Variable:
    """Subtract `value`; returns the variable."""
    return assign(self, _now(self) - value)


def _phase_matters(symbol: Any) -> bool:
    """Return whether a symbol depends on the phase, as far as its graph tells: through `K.learning_phase` itself."""
    if not isinstance(symbol, Tensor):
        return False
    return any(s is LEARNING_PHASE for node in ancestors([symbol], strict=False) for s in node.symbols())


def _beginning(variable):
    from horngate.dialects.tensorflow.variables import Operation  # few programs name it

    return Operation([] if variable.drawn is None else [(variable, variable.drawn().get_value())])


# A program may set these two: an attribute of the object then hides them.
_keras_shape: Any = property(lambda symbol: StaticShape(symbol.shape), doc="The shape.")
_uses_learning_phase: Any = property(_phase_matters, doc="Whether the phase of learning matters.")
initializer: Any = property(_beginning, doc="An operation that gives a weight a first value anew; others keep theirs.")


def eval(self: Any, feeds: Any = None, session: Any = None, feed_dict: Any = None) -> Any:  # noqa: A001
    """The value, as Theano and TensorFlow are asked for it.

    `feeds` or `feed_dict`: placeholder -> value. `session`: has no effect.
    """
    given = feed_dict or (feeds if isinstance(feeds, dict) else {})
    return K.function(list(given), [self])(list(given.values()))[0]


def set_shape(self: Any, shape: Any) -> None:
    """Tell sizes of `shape` that are not known yet; those known must agree."""
    known, told = tuple(self.shape), tuple(shape)
    if len(known) != len(told) or any(None not in pair and pair[0] != pair[1] for pair in zip(known, told)):
        raise ValueError(f"set_shape: {self!r} cannot have the shape {told}.")
    if isinstance(self, Tensor):
        self.shape = tuple(old if new is None else new for old, new in zip(known, told))


class _Operation:
    """What TensorFlow says of the operation behind a tensor."""

    def __init__(self, symbol: Any) -> None:
        self.name, self.outputs = symbol.name or "tensor", [symbol]
        self.type = "Variable" if isinstance(symbol, Variable) else "Placeholder" if symbol.node is None else "Op"


op: Any = property(_Operation, doc="The operation, whose name programs ask for.")


def load(self: Variable, value: Any, session: Any = None) -> None:
    """Replace the array by `value`; `session` has no effect."""
    self.set_value(value)


def read_value(self: Variable) -> Any:
    """The variable as a tensor."""
    return K.identity(self)


initialized_value = read_value
