"""Callbacks that act on measured values: save the model, stop training, or set the learning rate."""

import inspect
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from horngate import backend as K
from horngate.backend import config
from horngate.backend.notices import warn
from horngate.callbacks.base import Callback, Logs, Place, Text, is_count
from horngate.callbacks.logs import other_spelling
from horngate.engine.arguments import argument
from horngate.engine.settings import Settings
from horngate.training.layouts import leads
from horngate.utils.nearest import did_you_mean
from horngate.utils.whole_files import make_place

if TYPE_CHECKING:
    from horngate.training.model import Model


MODE = "which way is better: 'min', 'max', or 'auto', which goes by the name of the quantity"


class _Monitor:
    """Compare values of a monitored quantity.

    # Arguments
        monitor: name of the quantity in the logs of an epoch.
        mode: `min`, `max`, or `auto`: larger is better for accuracies and the like, smaller for other quantities.
        margin: smallest difference that counts as an improvement.
        owner: class named in warnings.
    """

    def __init__(self, monitor: str, mode: str, margin: float = 0.0, owner: str = "") -> None:
        if mode not in ("auto", "min", "max"):
            warn(f"{owner}: mode must be 'auto', 'min' or 'max'; {mode!r} is taken for 'auto'.")
            mode = "auto"
        larger = (
            mode == "max"
            or mode == "auto"
            and ("acc" in monitor or monitor.removeprefix("val_").startswith("fmeasure"))
        )
        self.name, self.sign, self.margin, self.owner = monitor, 1 if larger else -1, abs(margin), owner
        self.worst = -math.inf * self.sign
        self._warned = False

    def value(self, logs: Logs | None) -> float | None:
        """Return the quantity in `logs`; if it is missing, warn once and return None."""
        logs = logs or {}
        value = logs.get(self.name, logs.get(other_spelling(self.name) or self.name))
        if value is None and not self._warned:
            self._warned = True
            warn(
                f"{self.owner} needs {self.name!r}, which is not measured. There is: {', '.join(sorted(logs))}.",
                RuntimeWarning,
            )
        return value

    def better(self, value: float, best: float) -> bool:
        """Return whether `value` is better than `best` by more than the margin."""
        return (value - best) * self.sign > self.margin


class ModelCheckpoint(Callback):
    """Save the model during training."""

    filepath: Place = argument("where; `{epoch:02d}` and names of the logs, `{val_loss:.2f}`, are filled in")
    monitor: Text = argument(
        "name in the logs of the quantity that is compared with `save_best_only`", default="val_loss"
    )
    verbose: Any = argument("1 says when it saves, 0 nothing", default=0)
    save_best_only: bool = argument("keep only what beats everything before", default=False)
    save_weights_only: bool = argument("weights instead of the whole model", default=False)
    mode: str = argument(MODE, default="auto")
    period: int = argument("epochs between two saves", default=1, at_least=1)
    save_freq: Any = argument(
        "'epoch', or a number of batches after which it saves, counted over epochs", default="epoch", kw_only=True
    )
    initial_value_threshold: float | None = argument(
        "what the first saved model must beat, with `save_best_only`", default=None, kw_only=True
    )

    def __post_init__(self) -> None:
        self._quantity = _Monitor(self.monitor, self.mode, owner="ModelCheckpoint")
        threshold = self.initial_value_threshold
        self.best: float = self._quantity.worst if threshold is None else threshold
        self.epochs_since_last_save: int = 0
        if self.save_freq != "epoch" and not is_count(self.save_freq):
            raise ValueError(
                "ModelCheckpoint: save_freq must be 'epoch' or a number of batches, at least 1; received "
                f"{self.save_freq!r}."
            )
        vars(self)["needs_every_batch"] = self.save_freq != "epoch"
        self._epoch, self._batches, self._from = 0, 0, config.era().first_epoch_in_names

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            return
        self._batches += 1
        if self._batches % self.save_freq == 0:
            self._save(self._epoch, {"batch": batch + self._from, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epochs_since_last_save += 1
        if self.save_freq != "epoch" or self.epochs_since_last_save < self.period:
            return
        self.epochs_since_last_save = 0
        self._save(epoch, logs or {})

    def _save(self, epoch: int, logs: Logs) -> None:
        filepath = self._path(epoch, logs)
        if self.save_best_only:
            value = self._quantity.value(logs)
            if value is None:
                return
            if not self._quantity.better(value, self.best):
                self._say(f"Epoch {epoch:05d}: {self.monitor} did not improve")
                return
            self._say(
                f"Epoch {epoch:05d}: {self.monitor} improved from {self.best:.5f} to {value:.5f}, saving to {filepath}"
            )
            self.best = value
        else:
            self._say(f"Epoch {epoch:05d}: saving to {filepath}")
        self._write(filepath)

    def _write(self, filepath: str) -> None:
        """Save the model, or its weights."""
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(filepath, overwrite=True)

    def _path(self, epoch: int, logs: Logs) -> str:
        """Return the path to save to, with the numbers of this epoch filled in."""
        known = {"epoch": epoch + self._from, **logs}
        try:
            path = str(self.filepath).format(**known)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            name = str(error.args[0]) if isinstance(error, KeyError) else ""
            raise ValueError(
                f"ModelCheckpoint: {self.filepath!r} cannot be filled in: {error}.{did_you_mean(name, known)} "
                f"There is: {', '.join(known)}."
            ) from None
        if leads(self.model):
            make_place(path)
        return path

    def _say(self, text: str) -> None:
        if self.verbose and leads(self.model):
            print(text)


class EarlyStopping(Callback):
    """Stop training when a quantity no longer improves."""

    monitor: Text = argument("name of the quantity in the logs of an epoch", default="val_loss")
    min_delta: float = argument("the least change that counts as an improvement", default=0)
    patience: float = argument("epochs without improvement before it stops", default=0, at_least=0)
    verbose: Any = argument("1 says when it stopped, 0 nothing", default=0)
    mode: str = argument(MODE, default="auto")
    baseline: float | None = argument("a value that must be beaten; else it stops all the same", default=None)
    restore_best_weights: bool = argument(
        "give the model the weights of its best epoch when training ends", default=False
    )
    start_from_epoch: int = argument("epochs before it begins to compare", default=0, at_least=0)

    def __post_init__(self) -> None:
        self._quantity = _Monitor(self.monitor, self.mode, self.min_delta, "EarlyStopping")
        self._stops_at_patience = config.era().stops_at_patience
        # the best begins at the baseline, and its weights come back if training was stopped
        self._as_in_2 = config.era().generation == "2"

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.wait: int = 0
        self.stopped_epoch: int = 0
        self.best: float = self.baseline if self._as_in_2 and self.baseline is not None else self._quantity.worst
        self.best_epoch: int = 0
        self.best_weights: list[np.ndarray] | None = None

    def get_monitor_value(self, logs: Logs | None) -> float | None:
        """Return the monitored quantity in the `logs` of an epoch; None, after a warning, if it is missing."""
        return self._quantity.value(logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if improved := self._quantity.better(value, self.best):
            self.best = value
        if self.restore_best_weights and (improved or self.best_weights is None):
            self.best_epoch, self.best_weights = epoch, self.model.get_weights()
        if improved and (self.baseline is None or self._quantity.better(value, self.baseline)):
            self.wait = 0
            return
        waited = self.wait + self._stops_at_patience
        if not improved and waited >= self.patience and epoch >= self._stops_at_patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True
        self.wait += 1

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.best_weights is not None and (self.stopped_epoch or not self._as_in_2):
            self.model.set_weights(self.best_weights)
        if self.stopped_epoch > 0 and self.verbose > 0 and leads(self.model):
            print(f"Epoch {self.stopped_epoch:05d}: early stopping")


def _learning_rate(model: "Model", to_set: bool = False) -> Any:
    optimizer: Any = model.optimizer  # a user's optimizer may lack `lr`
    if to_set and isinstance(optimizer, Settings):
        optimizer.check_rate_is_free()
    return optimizer.lr


def _takes_two(schedule):
    """Return whether a function requires two arguments."""
    try:
        inspect.signature(schedule).bind(0)
    except TypeError:
        return True
    except ValueError:  # a builtin without a signature
        return False
    return False


class LearningRateScheduler(Callback):
    """Set the learning rate of each epoch."""

    schedule: Callable[..., float] = argument(
        "function from the number of the epoch, from 0, to the learning rate; one that takes two is told that of now"
    )
    verbose: Any = argument("1 says each rate, 0 nothing", default=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._in_logs = config.era().rate_in_logs if config.era().scheduler_logs else None  # what they call the rate
        if not callable(self.schedule):
            raise TypeError(
                "LearningRateScheduler: schedule must be a function from the number of the epoch to the learning rate, "
                f"such as lambda epoch: 0.1 / (epoch + 1); received {self.schedule!r}"
            )

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        rate = self.schedule(epoch, *[float(K.get_value(_learning_rate(self.model)))] * _takes_two(self.schedule))
        if not isinstance(rate, (float, int, np.floating, np.integer)) or not np.isfinite(rate):
            raise ValueError(
                f"LearningRateScheduler: the schedule must give a finite number; for epoch {epoch} it gave {rate!r}"
            )
        K.set_value(_learning_rate(self.model, to_set=True), float(rate))
        if self.verbose and leads(self.model):
            print(f"Epoch {epoch:05d}: learning rate {float(rate):.6g}")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._in_logs and logs is not None:
            logs[self._in_logs] = float(K.get_value(_learning_rate(self.model)))


class ReduceLROnPlateau(Callback):
    """Reduce the learning rate when a quantity no longer improves."""

    monitor: Text = argument("name of the quantity in the logs of an epoch", default="val_loss")
    factor: float = argument("the learning rate is multiplied by it; below 1", default=0.1, at_least=0)
    patience: float = argument("epochs without improvement before that", default=10, at_least=0)
    verbose: Any = argument("1 says when it lowers the rate, 0 nothing", default=0)
    mode: str = argument(MODE, default="auto")
    epsilon: float = argument("the least change that counts as an improvement", default=1e-4)
    cooldown: float = argument("epochs after a reduction during which none are counted", default=0, at_least=0)
    min_lr: float = argument("the learning rate goes no lower", default=0, at_least=0)

    def __post_init__(self) -> None:
        if self.factor >= 1:
            raise ValueError(
                f"ReduceLROnPlateau: factor must be below 1, or the rate would not fall; received {self.factor}"
            )
        self._quantity = _Monitor(self.monitor, self.mode, self.epsilon, "ReduceLROnPlateau")
        self._stops_at_patience, self._in_logs = config.era().stops_at_patience, config.era().rate_in_logs

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.wait: int = 0
        self.cooldown_counter: float = 0
        self.best: float = self._quantity.worst

    def in_cooldown(self) -> bool:
        """Return whether the last reduction is so recent that epochs are not counted."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        rate = float(K.get_value(_learning_rate(self.model)))
        if logs is not None:
            logs[self._in_logs] = rate
        value = self._quantity.value(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._quantity.better(value, self.best):
            self.best, self.wait = value, 0
        elif not self.in_cooldown():
            reduces = self.wait + self._stops_at_patience >= self.patience and rate > self.min_lr * (1 + 1e-4)
            if reduces:
                self._reduce(epoch, rate)
            self.wait += not (reduces and self._stops_at_patience)

    def _reduce(self, epoch: int, rate: float) -> None:
        lower = max(rate * self.factor, self.min_lr)
        K.set_value(_learning_rate(self.model, to_set=True), lower)
        if self.verbose and leads(self.model):
            print(f"Epoch {epoch:05d}: reducing learning rate to {lower}")
        self.cooldown_counter, self.wait = self.cooldown, 0
