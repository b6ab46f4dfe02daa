"""Types of arguments for numbers that may change while a model trains."""

from collections.abc import Callable  # noqa: F401  in quoted types
from typing import Any

from horngate.backend import config, limits
from horngate.backend.graph import Symbolic, Variable
from horngate.engine.arguments import Argument, Declared, Given, Held, in_range


class _NumberOrSource(Declared[Given, Held]):
    """A number within limits, or an object that gives a number; such objects are kept unchanged."""

    @classmethod
    def range_of(cls, told: Argument) -> str:
        """Describe the limits."""
        return limits.described(**told.limits)

    @classmethod
    def gives_a_number(cls, value: Any) -> bool:
        """Return whether `value` is an object that gives a number later, such as a Variable."""
        return isinstance(value, Symbolic)

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Check the limits of a number; return an object that gives one unchanged."""
        return value if cls.gives_a_number(value) else in_range(value, told)


class Amount(_NumberOrSource["float | Symbolic", Any]):
    """A number that may be a Variable, such as the factor of a penalty that grows from epoch to epoch."""


class Hyperparameter(_NumberOrSource["float | Variable | Callable[[Any], Any]", Variable]):
    """A number kept in a Variable; a Variable or a function of the step may be given too."""

    @classmethod
    def gives_a_number(cls, value: Any) -> bool:
        """Return whether `value` is a Variable or a function of the step."""
        return isinstance(value, Variable) or callable(value)


class LearningRate(Hyperparameter):
    """A number, or a function of the step that returns the rate."""

    words = (
        "the learning rate: a number, or a function of the step, from 0, that gives it, such as an optax schedule; a "
        "file keeps those of `optimizers.schedules`, and of other functions the rate of the moment"
    )

    @classmethod
    def gives_a_number(cls, value: Any) -> bool:
        """Return whether `value` is a schedule, also as plain data from a file, or another source of numbers."""
        return isinstance(value, dict) or super().gives_a_number(value)

    @classmethod
    def range_of(cls, told: Argument) -> str:
        """Describe no limits: a schedule may return any number."""
        return ""


class Decay(Hyperparameter):
    """The rate at which the learning rate falls."""

    words = "how fast the rate falls: step t, from 1, uses lr / (1 + decay (t - 1))"


class LossScale(Declared["float | str | None", "float | str | None"]):
    """A number, or the word `'dynamic'`."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> Any:
        """Return the number, or `'dynamic'`. Raises ValueError for any other word."""
        if isinstance(value, str):
            if value != "dynamic":
                raise ValueError(f"must be a number above 0, or 'dynamic'; received {value!r}")
            return value
        return in_range(value, told)


class Epsilon(Declared["float | None", float]):
    """A number above 0; None, which Keras 2 took, is `K.epsilon()`."""

    @classmethod
    def converted(cls, value: Any, told: Argument, owner: type) -> float:
        """Return the number."""
        return config.epsilon() if value is None else in_range(value, told)
