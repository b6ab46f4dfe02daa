"""The arguments of `fit`: in any spelling, checked; and the part of the data that is held out."""

from typing import Any

import numpy as np

from horngate.backend.config import Era, EraDefault
from horngate.backend.orders import dialect
from horngate.engine.arguments import did_you_mean
from horngate.training import generators
from horngate.training.data import checked_count, slice_X

_FIT_NAMES = (
    "batch_size",
    "nb_epoch",
    "verbose",
    "callbacks",
    "validation_split",
    "validation_data",
    "shuffle",
    "class_weight",
    "sample_weight",
    "initial_epoch",
    "steps_per_epoch",
    "validation_steps",
    "validation_freq",
)


def fit_arguments(method: str, kwargs: dict[str, Any], given: dict[str, Any], era: Era) -> dict[str, Any]:
    """`kwargs` in other spellings put with the arguments `given`; defaults are those of `era`; all of it checked.

    `batch_size` is None where nobody gave it, and `steps_per_epoch` batches are to hold all samples.
    """
    chosen = {name: given[name] for name in _FIT_NAMES if name in given}
    translated = dialect("spellings").translate(kwargs, (), tuple(chosen)) if kwargs else {}
    for name, value in translated.items():
        if name not in chosen:
            raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, chosen)}")
        if name in ("batch_size", "nb_epoch") and not isinstance(chosen[name], EraDefault):
            raise TypeError(f"{method}: {name} was given by two names; give it once.")
        chosen[name] = value
    for name in ("steps_per_epoch", "validation_steps"):
        chosen[name] = checked_steps(name, chosen.get(name))
    if chosen["steps_per_epoch"] and isinstance(chosen["batch_size"], EraDefault):
        chosen["batch_size"] = None
    chosen = {name: value.value(era) if isinstance(value, EraDefault) else value for name, value in chosen.items()}
    if chosen["batch_size"] is None and not chosen["steps_per_epoch"]:
        chosen["batch_size"] = era.fit_batch_size
    if chosen["batch_size"] is not None:
        chosen["batch_size"] = checked_count("batch_size", chosen["batch_size"])
    chosen["nb_epoch"] = checked_count("nb_epoch", chosen["nb_epoch"], least=0)
    if chosen["shuffle"] not in (True, False, "batch"):
        raise ValueError(f"shuffle must be True, False or 'batch'; received {chosen['shuffle']!r}")
    return chosen


def checked_steps(name: str, steps: int | None) -> Any:
    """A number of batches, or None."""
    return None if steps is None else generators.Steps(checked_count(name, steps))


def validation_parts(validation_data: Any) -> Any:
    """`validation_data` as the arguments of `_standardize_user_data`."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ValueError("validation_data must be (x, y) or (x, y, sample_weight).")
    return validation_data


def split(data: Any, fraction: float) -> tuple[Any, Any]:
    """The data without their last part, and that part, or None."""
    if not fraction:
        return data, None
    at = split_at(int(data[0][0].shape[0]), fraction)
    return tuple(slice_X(part, 0, at) for part in data), tuple(slice_X(part, at) for part in data)


def split_at(count: int, fraction: float) -> int:
    """The first of `count` samples that a `validation_split` of `fraction` holds out."""
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float, np.number)) or not 0 < fraction < 1:
        raise ValueError(f"validation_split must lie between 0 and 1; received {fraction!r}")
    at = int(count * (1 - fraction))
    if not 0 < at < count:
        raise ValueError(f"validation_split {fraction} of {count} samples leaves one part empty.")
    return at
