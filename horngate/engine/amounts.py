"""Types of arguments that are numbers and may change while a model trains."""

from collections.abc import Callable  # noqa: F401  in quoted types
from typing import Any

from horngate.backend import limits
from horngate.backend.graph import Symbolic, Variable
from horngate.engine.arguments import Argument, Declared, Given, Held, in_range


class _Changing(Declared[Given, Held]):
    """A number within limits, or what stands for one, which is kept as it is."""

    @classmethod
    def range_of(cls, told: Argument) -> str:
        """At least and at most how much."""
        return limits.described(**told.limits)

    @classmethod
    def stands_for_a_number(cls, value: Any) -> bool:
        """Whether `value` is no number, but will give one."""
        return isinstance(value, Symbolic)

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """A number within limits, unless something stands for it."""
        return value if cls.stands_for_a_number(value) else in_range(value, told)


class Amount(_Changing["float | Symbolic", Any]):
    """A number that may be a Variable, such as the factor of a penalty that grows from epoch to epoch."""


class Hyperparameter(_Changing["float | Variable | Callable[[Any], Any]", Variable]):
    """A number that lives in a Variable: it may be one already, or a function of the step."""

    @classmethod
    def stands_for_a_number(cls, value: Any) -> bool:
        """Variables, and functions of the step."""
        return isinstance(value, Variable) or callable(value)
