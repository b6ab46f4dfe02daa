"""The arguments of `fit`, `fit_many` and the methods for generators: translated, completed with defaults, checked."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from horngate.backend.config import Era, EraDefault
from horngate.backend.orders import dialect
from horngate.training.arrays import checked_count
from horngate.training.sources import source_of
from horngate.training.stream import Steps
from horngate.utils.nearest import did_you_mean

_VERBOSE = {0: 0, 1: 1, 2: 2, "auto": 1, None: 0}


@dataclass
class Options:
    """The options of `fit` or another `method`; see `Model.fit`.

    `batch_size` is None if it is not given and follows from `steps_per_epoch`, or if the data come in batches.
    `drawing`, only for generators: how batches are drawn, see `Stream`; `steps_per_epoch` and `validation_steps` then
    count samples, unless they are `Steps`.
    """

    method: str
    callbacks: Any = None
    validation_data: Any = None
    class_weight: Any = None
    nb_epoch: Any = 1
    verbose: int = 0
    shuffle: Any = None
    batch_size: Any = None
    validation_split: float = 0.0
    sample_weight: Any = None
    initial_epoch: Any = 0
    steps_per_epoch: Any = None
    validation_steps: Any = None
    validation_freq: Any = 1
    validation_batch_size: Any = None
    gather: bool = True  # whether each process gets the predictions of all
    drawing: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("nb_epoch", "initial_epoch"):
            setattr(self, name, checked_count(name, getattr(self, name), least=0))
        if self.validation_batch_size is not None:
            self.validation_batch_size = checked_count("validation_batch_size", self.validation_batch_size)
        if not isinstance(self.verbose, Hashable) or self.verbose not in _VERBOSE:
            raise ValueError(
                f"{self.method}: verbose must be 0 (silent), 1 (a progress bar), 2 (a line for each epoch) or 'auto' "
                f"(1); received {self.verbose!r}."
            )
        self.verbose = _VERBOSE[self.verbose]


def fit_arguments(method: str, era: Era, kwargs: dict[str, Any], **given: Any) -> Options:
    """Translate `kwargs`, add them to the arguments `given`, fill in the defaults of `era`, and check all of them."""
    chosen = dict(given)
    translated = dialect("reading").translate(kwargs, (), tuple(chosen)) if kwargs else {}
    for name, value in translated.items():
        if name not in chosen:
            raise TypeError(f"{method} has no argument {name!r}.{dialect('reading').argument_meant(name, chosen)}")
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
    if chosen["shuffle"] not in (True, False, "batch", "blocks"):
        raise ValueError(f"shuffle must be True, False, 'batch' or 'blocks'; received {chosen['shuffle']!r}")
    if chosen["shuffle"] == "blocks" and method == "fit_many":
        raise ValueError("shuffle='blocks' is for data in files; fit_many has arrays in memory: use shuffle=True.")
    return Options(method, **chosen)


def checked_steps(name: str, steps: int | None) -> Any:
    """Return a number of batches, checked, or None."""
    return None if steps is None else Steps(checked_count(name, steps))


# Generators


def _steps(count):
    """Return a number of batches as `Steps`; as in Keras 2, an epoch ends with the batch that reaches it."""
    return Steps(math.ceil(count))


_CONVERTED: dict[str, Any] = {  # argument -> conversion of a value given under its name in Keras 2
    **dict.fromkeys(("samples_per_epoch", "nb_val_samples", "val_samples"), _steps),
    **dict.fromkeys(("nb_epoch", "nb_worker", "max_q_size"), int),
    "pickle_safe": bool,
}
_OF_KERAS_2: dict[str, dict[str, Any]] = {  # arguments added to those of Keras 1, with their defaults
    "fit_generator": {"shuffle": None, "validation_freq": 1},
    "evaluate_generator": {"verbose": 0, "callbacks": None},
    "predict_generator": {"verbose": 0, "callbacks": None},
}
_DRAWING = {"max_q_size": "ahead", "nb_worker": "workers", "pickle_safe": "processes"}  # to the names of `Stream`
_COUNTS = {  # to the names of `fit`
    "samples_per_epoch": "steps_per_epoch",
    "val_samples": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
}


def generator_arguments(
    method: str, era: Era, kwargs: dict[str, Any], generator: Any, *drawing: Any, **given: Any
) -> Options:
    """Return the options from the arguments `given` to a method for generators, and from `kwargs` in Keras 2 spelling.

    `drawing` holds max_q_size, nb_worker and pickle_safe. For `evaluate` and `predict`, `steps_per_epoch` is the total.
    """
    chosen = {name: value.value(era) if isinstance(value, EraDefault) else value for name, value in given.items()}
    chosen.update(zip(_DRAWING, drawing), **_OF_KERAS_2[method])
    if era.generators_count_batches:
        chosen.update({name: _steps(chosen[name]) for name in _COUNTS if chosen.get(name)})
    for name, value in kwargs.items():
        orders = dialect("orders")
        target = orders.meaning(name, chosen)
        if target is None:
            known = [*chosen, *(word for word in orders.SPELLINGS if orders.meaning(word, chosen))]
            raise TypeError(f"{method} has no argument {name!r}.{did_you_mean(name, known)}")
        chosen[target] = value if value is None or target == name else _CONVERTED[target](value)
    count = next(name for name in _COUNTS if name in chosen)
    _check_count(method, count, chosen[count], generator)
    for name in ("max_q_size", "nb_worker"):
        chosen[name] = checked_count(name, chosen[name])
    told = {name: chosen.pop(ours) for ours, name in _DRAWING.items()}
    return Options(method, drawing=told, **{_COUNTS.get(name, name): value for name, value in chosen.items()})


def _check_count(method, name, count, generator):
    source = source_of(generator)
    if count is None and source.once and source.length is None:
        raise TypeError(f"{method} needs {name}: how many samples to draw from the generator.")
    if count is not None and not count > 0:
        raise ValueError(f"{name} must be above 0, the number to draw from the generator; received {count!r}")
