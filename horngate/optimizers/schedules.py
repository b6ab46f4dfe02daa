"""Schedules: learning rates that follow a formula of the step, given to an optimizer in the place of a number."""

import math
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.engine.arguments import Part, argument
from horngate.engine.kinds import Numbers
from horngate.utils.generic_utils import get_custom_objects
from horngate.utils.nearest import did_you_mean

_FIRST = "the rate at step 0"
_STEPS = "the number of steps that the formula counts as one"


class LearningRateSchedule(Part):
    """A rate for each step, from 0. A subclass gives `__call__(step)`, made of functions of `K` or of jax.numpy."""

    name: str | None = argument("what it is called", default=None, kw_only=True)

    def __call__(self, step: Any) -> Any:
        """The rate at `step`, the number of steps taken before."""
        raise TypeError(f"{type(self).__name__} must define __call__(step).")


class ExponentialDecay(LearningRateSchedule):
    """r = initial_learning_rate decay_rate^(step / decay_steps)."""

    initial_learning_rate: float = argument(_FIRST)
    decay_steps: float = argument(_STEPS, above=0)
    decay_rate: float = argument("what is left of the rate after `decay_steps`", at_least=0)
    staircase: bool = argument("whether only whole multiples of `decay_steps` count", default=False)

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate * K.pow(self.decay_rate, _passed(self, step))


class InverseTimeDecay(LearningRateSchedule):
    """r = initial_learning_rate / (1 + decay_rate step / decay_steps)."""

    initial_learning_rate: float = argument(_FIRST)
    decay_steps: float = argument(_STEPS, above=0)
    decay_rate: float = argument("how fast the rate falls", at_least=0)
    staircase: bool = argument("whether only whole multiples of `decay_steps` count", default=False)

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate / (1 + self.decay_rate * _passed(self, step))


class PiecewiseConstantDecay(LearningRateSchedule):
    """The first of `values` up to the first boundary (that step included), then the second, and so on."""

    boundaries: Numbers = argument("numbers of steps, rising")
    values: Numbers = argument("rates, one more than boundaries")

    def __post_init__(self) -> None:
        boundaries, values = np.ravel(self.boundaries).tolist(), np.ravel(self.values).tolist()
        if len(values) != len(boundaries) + 1 or sorted(boundaries) != boundaries:
            raise ValueError(
                f"PiecewiseConstantDecay: {len(boundaries)} boundaries, rising, need {len(boundaries) + 1} values; "
                f"received {boundaries} and {values}."
            )

    def __call__(self, step: Any) -> Any:
        boundaries, values = np.ravel(self.boundaries), np.ravel(self.values)
        rate: Any = K.cast(float(values[0]), K.floatx())
        for boundary, value in zip(boundaries, values[1:]):
            rate = K.switch(_number(step) > float(boundary), float(value), rate)
        return rate


class PolynomialDecay(LearningRateSchedule):
    """r = (initial - end) (1 - step / decay_steps)^power + end, and `end_learning_rate` from `decay_steps` on.

    `cycle`: each time the rate reaches its end, `decay_steps` grows to its next multiple, and the rate falls again.
    """

    initial_learning_rate: float = argument(_FIRST)
    decay_steps: float = argument("the number of steps until the end is reached", above=0)
    end_learning_rate: float = argument("the rate at the end", default=1e-4)
    power: float = argument("the exponent: 1 is a straight line", default=1.0, at_least=0)
    cycle: bool = argument("whether to go on falling in longer periods", default=False)

    def __call__(self, step: Any) -> Any:
        step, steps = _number(step), float(self.decay_steps)
        if self.cycle:
            steps = steps * K.maximum(1.0, _ceiling(step / steps))
        else:
            step = K.minimum(step, steps)
        left = K.pow(1 - step / steps, self.power)
        return (self.initial_learning_rate - self.end_learning_rate) * left + self.end_learning_rate


class CosineDecay(LearningRateSchedule):
    """From the top along half a cosine to `alpha` times the top, after a straight rise where `warmup_target` is given.

    # Source
        Loshchilov, Hutter, SGDR (arXiv:1608.03983).
    """

    initial_learning_rate: float = argument(_FIRST)
    decay_steps: float = argument("the number of steps of the fall", above=0)
    alpha: float = argument("the rate at the end, in parts of the top", default=0.0)
    warmup_target: float | None = argument("the top, to which the rate rises first", default=None, kw_only=True)
    warmup_steps: float = argument("the number of steps of the rise", default=0, kw_only=True, at_least=0)

    def __call__(self, step: Any) -> Any:
        step, first = _number(step), self.initial_learning_rate
        if self.warmup_target is None:
            return first * self._fallen(K.minimum(step, self.decay_steps))
        top, rise = self.warmup_target, self.warmup_steps
        rising = first + (top - first) * step / (rise or 1)
        falling = top * self._fallen(K.clip(step - rise, 0.0, float(self.decay_steps)))
        return K.switch(step < rise, rising, falling)

    def _fallen(self, step):
        return _along_cosine(step / self.decay_steps, self.alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """Half cosines that begin anew, each `t_mul` times as long and `m_mul` times as high as the one before.

    # Source
        Loshchilov, Hutter, SGDR (arXiv:1608.03983).
    """

    initial_learning_rate: float = argument(_FIRST)
    first_decay_steps: float = argument("the number of steps of the first fall", above=0)
    t_mul: float = argument("how much longer each fall is than the one before", default=2.0, at_least=1)
    m_mul: float = argument("how much higher each fall begins than the one before", default=1.0, at_least=0)
    alpha: float = argument("the rate at the end of a fall, in parts of `initial_learning_rate`", default=0.0)

    def __call__(self, step: Any) -> Any:
        done = _number(step) / self.first_decay_steps
        if self.t_mul == 1:
            number = _floor(done)
            part = done - number
        else:
            number = _floor(K.log(1 - done * (1 - self.t_mul)) / math.log(self.t_mul))
            begun = (1 - K.pow(self.t_mul, number)) / (1 - self.t_mul)
            part = (done - begun) / K.pow(self.t_mul, number)
        return self.initial_learning_rate * _along_cosine(part, self.alpha, K.pow(self.m_mul, number))


def _along_cosine(part, alpha, height: Any = 1.0):
    """From `height` to `alpha` along half a cosine, of which `part` has passed."""
    return (1 - alpha) * 0.5 * height * (1 + K.cos(math.pi * part)) + alpha


def _number(step):
    return K.cast(step, K.floatx())


def _passed(schedule, step):
    passed = _number(step) / schedule.decay_steps
    return _floor(passed) if schedule.staircase else passed


def _floor(x):
    return K.cast(K.cast(x, "int32"), K.floatx())  # of what is at least 0


def _ceiling(x):
    return _floor(x) + K.cast(x > _floor(x), K.floatx())


_CLASSES: dict[str, Any] = {cls.__name__: cls for cls in LearningRateSchedule.__subclasses__()}


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """A schedule, `learning_rate_schedule`, as plain data: the name of its class, and its arguments."""
    return {"class_name": type(learning_rate_schedule).__name__, "config": learning_rate_schedule.get_config()}


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> LearningRateSchedule:
    """A schedule from what `serialize` gave.

    # Arguments
        config: `{"class_name": ..., "config": ...}`.
        custom_objects: schedules of one's own, by the names of their classes.
    """
    known = {**_CLASSES, **get_custom_objects(), **(custom_objects or {})}
    name = config["class_name"]
    if name not in known:
        raise ValueError(
            f"unknown schedule {name!r}.{did_you_mean(name, known)} Known: {', '.join(_CLASSES)}. One of your own is "
            f"given in custom_objects={{{name!r}: ...}}."
        )
    return known[name].from_config(config["config"])
