"""Settings: attributes of an optimizer that may be set at any time, and a warning about those without effect."""

from typing import Any, ClassVar

import numpy as np

from horngate.backend import notices
from horngate.backend.graph import Variable
from horngate.engine.names import is_ours, set_on
from horngate.utils.nearest import did_you_mean


class Settings:
    """Base of optimizers. Setting a number sets the value of the Variable held; an unknown name gives a warning."""

    __declared__: ClassVar[Any]
    slots: ClassVar[tuple[str, ...]]
    shared: ClassVar[tuple[str, ...]]
    schedule: Any

    @property
    def lr(self) -> Any:
        """The learning rate. Raises AttributeError if the optimizer has none."""
        if "lr" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has no learning rate 'lr'.")
        return vars(self)["lr"]

    @lr.setter
    def lr(self, value: Any) -> None:
        vars(self)["lr"] = value

    @property
    def learning_rate(self) -> Any:
        """The learning rate: `lr` under its name since Keras 2."""
        return self.lr

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.lr = value

    def check_rate_is_free(self) -> None:
        """Raise TypeError if a schedule gives the rate: a rate set beside it would have no effect."""
        if self.schedule is not None:
            raise TypeError(
                f"{type(self).__name__}: the schedule {self.schedule!r} gives the learning rate, so that none can be "
                "set. Compile with a number to set it, or with another schedule."
            )

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            name = "lr"
        if name == "lr" and isinstance(vars(self).get("lr"), Variable):
            self.check_rate_is_free()
        held, told = self.__dict__.get(name), type(self).__declared__.get(name)
        if isinstance(held, Variable) and isinstance(value, (int, float, np.number)):  # takes effect on the next step
            held.set_value(value if told is None else told.held(value, type(self)))
        else:
            if is_ours(type(self)) and name[0] != "_" and not hasattr(self, name) and not _told(type(self), name):
                notices.warn(
                    f"{type(self).__name__} has no {name!r}, so that setting it has no effect."
                    f"{did_you_mean(name, type(self).__declared__)}"
                )
            set_on(self, name, value)


def _told(cls, name):
    """Return whether a class declares an attribute of this name."""
    declared = (vars(base).get("__annotations__", {}) for base in cls.__mro__)
    return name in (*cls.slots, *cls.shared) or any(name in names for names in declared)
