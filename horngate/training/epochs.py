"""Epochs: the loop over passes through the data, for a single model and for several trained together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from horngate.training.arrays import checked_count


class RunningMeans(dict):
    """The logs of batches in the manner of Keras 3: means over the epoch so far, and no other entries.

    # Arguments
        values: name -> mean.
        size: number of samples of the last dispatch, which other logs hold as an entry.
    """

    def __init__(self, values: dict[str, Any], size: int) -> None:
        super().__init__(values)
        self.size = size


class Trainee:
    """A model in training, and its callbacks.

    # Arguments
        names: the names of the measured values that are reported.
        callbacks: the user's callbacks.
        first: callbacks that are called before these.
    """

    model: Any
    objective: Any
    names: Sequence[str]

    def __init__(self, model: Any, names: Sequence[str], callbacks: Sequence[Any], first: Sequence[Any] = ()) -> None:
        from horngate.callbacks import CallbackList, History  # from a room above

        self.model, self.objective, self.names = model, model.objective, names
        self.history: History = History()
        model.history = self.history
        self.callbacks: CallbackList = CallbackList([*first, *callbacks, self.history])
        self.params: dict[str, Any] = {}

    def begin(self, batch_size: int | None, nb_epoch: int, nb_sample: int | None, verbose: int, tested: bool) -> None:
        """Give the callbacks the model and the parameters of the training, and clear `stop_training`."""
        self.model.stop_training = False
        self.params.update(
            batch_size=batch_size,
            nb_epoch=nb_epoch,
            epochs=nb_epoch,
            nb_sample=nb_sample,
            steps=-(-nb_sample // batch_size) if nb_sample and batch_size else None,
            verbose=verbose,
            do_validation=tested,
            metrics=[*self.names, *(f"val_{name}" for name in self.names if tested)],
        )
        self.callbacks.set_model(self.model)
        self.callbacks.set_params(self.params)

    def tell(self, hook: str, *arguments: Any) -> None:
        """Call the method `hook` of the callbacks."""
        if hook == "on_train_end" and getattr(self.model.optimizer, "use_ema", False):
            self.model.optimizer.finalize_variable_values()
        getattr(self.callbacks, hook)(*arguments)

    def logs(self, rows: np.ndarray, samples: int, whole: bool = False) -> dict[str, Any]:
        """Return the logs of steps on `samples` samples in all; `rows` holds the sums of each step.

        `whole`: whether these are all steps of an epoch.
        """
        return self.named(self.objective.values(self.objective.total(rows), samples, whole))

    def named(self, values: Sequence[Any], names: Sequence[str] | None = None) -> dict[str, Any]:
        """Return name -> value for the measured values that are known and reported; `names`: theirs, if others."""
        measured = zip(names or self.objective.metrics_names, values)
        return {name: value for name, value in measured if value is not None and (names or name in self.names)}


@dataclass
class Progress:
    """The place in a training from which it can resume exactly.

    `rows` are the sums of each step of this epoch. `order_state` is NumPy's random state from which the order of its
    samples is drawn. `restore`, if given, is called when training arrives at this place. `sums` are those of the rows,
    where they are asked for.
    """

    epoch: int
    step: int = 0
    samples: int = 0
    rows: list[Any] = field(default_factory=list)
    order_state: dict[str, Any] | None = None
    restore: Callable[[], None] | None = None
    sums: Any = None

    def added(self, rows: np.ndarray) -> np.ndarray:
        """Return the sums of all steps of this epoch, `rows` being the last of them."""
        self.sums = np.concatenate(self.rows).sum(axis=0) if self.sums is None else self.sums + rows.sum(axis=0)
        return self.sums


class Epochs:
    """A training, epoch by epoch. A subclass defines how a pass over the data runs, and which callbacks are called.

    # Arguments
        nb_epoch: total number of epochs; those before the place of `progress` count too.
        tested: whether there are data to validate on; `validated`: function that returns whether to validate after an
            epoch, counted from 1.
    """

    nb_epoch: int
    tested: bool
    validated: Callable[[int], bool]
    progress: Progress

    def __init__(self, nb_epoch: int, tested: bool, validated: Callable[[int], bool] = bool) -> None:
        self.nb_epoch, self.tested, self.validated = nb_epoch, tested, validated
        self.progress = Progress(0)

    def _loop(self) -> None:
        try:
            self._tell("on_train_begin")
            while self.progress.epoch < self.nb_epoch and self._running():
                self._epoch(self.progress)
        finally:
            self._settle()
        self._tell("on_train_end")

    def _epoch(self, progress):
        self._tell("on_epoch_begin", progress.epoch)
        logs = self._trained(progress)
        if logs is None:  # stopped before the first step
            return
        if self.tested and self.validated(progress.epoch + 1):
            for log, values in zip(logs, self._tested()):
                log.update(("val_" + name, value) for name, value in values.items())
        self.progress = Progress(progress.epoch + 1)
        self._tell("on_epoch_end", progress.epoch, logs)

    def _running(self) -> bool:
        """Return whether any model still trains."""
        raise NotImplementedError

    def _tell(self, hook: str, epoch: int | None = None, logs: Any = None) -> None:
        """Call the method `hook` of the callbacks; `logs` holds a dictionary for each model."""
        raise NotImplementedError

    def _trained(self, progress: Progress) -> list[dict[str, float]] | None:
        """Run a pass over the training data, and return its logs: a dictionary for each model."""
        raise NotImplementedError

    def _tested(self) -> list[dict[str, float]]:
        """Run a pass over the validation data, and return its logs."""
        raise NotImplementedError

    def _settle(self) -> None:
        """Leave the models in a consistent state; called however the epochs end."""


def validated(freq: Any) -> Callable[[int], bool]:
    """Return a function of the epoch, counted from 1, that returns whether to validate after it."""
    if isinstance(freq, (list, tuple, set, range)):
        return frozenset(checked_count("validation_freq", epoch) for epoch in freq).__contains__
    freq = checked_count("validation_freq", freq)
    return lambda epoch: epoch % freq == 0
