"""Callbacks that look at what was measured and act: they save, stop, and set the learning rate."""

import math
import warnings

import numpy as np

from horngate import backend as K
from horngate.backend.orders import of_eras
from horngate.callbacks.base import Callback
from horngate.callbacks.logs import other_spelling


class _Monitor:
    """Which of two values of a monitored quantity is better.

    # Arguments
        monitor: its name in the logs of an epoch.
        mode: `min`, `max`, or `auto`: the larger is better for accuracies and the like, the smaller for the rest.
    """

    def __init__(self, monitor, mode, margin=0.0, owner=""):
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{owner}: mode must be 'auto', 'min' or 'max'; {mode!r} is taken for 'auto'.", stacklevel=4)
            mode = "auto"
        larger = (
            mode == "max"
            or mode == "auto"
            and ("acc" in monitor or monitor.removeprefix("val_").startswith("fmeasure"))
        )
        self.name, self.sign, self.margin, self.owner = monitor, 1 if larger else -1, abs(margin), owner
        self.worst = -math.inf * self.sign
        self._warned = False

    def value(self, logs):
        """The quantity in the logs, or None with one warning."""
        value = (logs or {}).get(self.name, (logs or {}).get(other_spelling(self.name)))
        if value is None and not self._warned:
            self._warned = True
            warnings.warn(
                f"{self.owner} needs {self.name!r}, which is not measured. There is: {', '.join(sorted(logs or {}))}.",
                RuntimeWarning,
                stacklevel=4,
            )
        return value

    def better(self, value, best):
        """Whether `value` beats `best` by more than the margin."""
        return (value - best) * self.sign > self.margin


class ModelCheckpoint(Callback):
    """Saves the model as training goes.

    # Arguments
        filepath: where; `{epoch:02d}` and names of the logs, `{val_loss:.2f}`, are filled in.
        monitor, mode: what is compared with `save_best_only`.
        verbose: 1 says when it saves.
        save_best_only: keep only what beats everything before.
        save_weights_only: weights instead of the whole model.
        period: epochs between two saves.
    """

    @of_eras
    def __init__(
        self,
        filepath,
        monitor="val_loss",
        verbose=0,
        save_best_only=False,
        save_weights_only=False,
        mode="auto",
        period=1,
    ):
        super().__init__()
        self.filepath, self.monitor, self.verbose = filepath, monitor, verbose
        self.save_best_only, self.save_weights_only, self.period = save_best_only, save_weights_only, period
        self._quantity = _Monitor(monitor, mode, owner="ModelCheckpoint")
        self.best, self.epochs_since_last_save = self._quantity.worst, 0

    def on_epoch_end(self, epoch, logs=None):
        self.epochs_since_last_save += 1
        if self.epochs_since_last_save < self.period:
            return
        self.epochs_since_last_save = 0
        filepath = str(self.filepath).format(epoch=epoch, **(logs or {}))
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
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(filepath, overwrite=True)

    def _say(self, text):
        if self.verbose:
            print(text)


class EarlyStopping(Callback):
    """Stops training when a quantity no longer improves.

    # Arguments
        monitor, mode: the quantity, and which way is better.
        min_delta: the least change that counts as an improvement.
        patience: epochs without improvement before it stops.
        verbose: 1 says when it stopped.
    """

    @of_eras
    def __init__(self, monitor="val_loss", min_delta=0, patience=0, verbose=0, mode="auto"):
        super().__init__()
        self.monitor, self.patience, self.verbose, self.min_delta = monitor, patience, verbose, min_delta
        self._quantity = _Monitor(monitor, mode, min_delta, "EarlyStopping")

    def on_train_begin(self, logs=None):
        self.wait, self.stopped_epoch, self.best = 0, 0, self._quantity.worst

    def on_epoch_end(self, epoch, logs=None):
        value = self._quantity.value(logs)
        if value is None:
            return
        if self._quantity.better(value, self.best):
            self.best, self.wait = value, 0
            return
        if self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True
        self.wait += 1

    def on_train_end(self, logs=None):
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch:05d}: early stopping")


class LearningRateScheduler(Callback):
    """Sets the learning rate of each epoch.

    # Arguments
        schedule: function from the number of the epoch, from 0, to the learning rate.
    """

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule

    def on_epoch_begin(self, epoch, logs=None):
        rate = self.schedule(epoch)
        if not isinstance(rate, (float, int, np.floating, np.integer)):
            raise ValueError(
                f"LearningRateScheduler: the schedule must give a number; for epoch {epoch} it gave {rate!r}"
            )
        K.set_value(self.model.optimizer.lr, float(rate))


class ReduceLROnPlateau(Callback):
    """Lowers the learning rate when a quantity no longer improves.

    # Arguments
        monitor, mode: the quantity, and which way is better.
        factor: the learning rate is multiplied by it; below 1.
        patience: epochs without improvement before that.
        epsilon: the least change that counts as an improvement.
        cooldown: epochs after a reduction during which none are counted.
        min_lr: the learning rate goes no lower.
    """

    def __init__(
        self, monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto", epsilon=1e-4, cooldown=0, min_lr=0
    ):
        super().__init__()
        if factor >= 1:
            raise ValueError(
                f"ReduceLROnPlateau: factor must be below 1, or the rate would not fall; received {factor}"
            )
        self.monitor, self.factor, self.patience, self.verbose = monitor, factor, patience, verbose
        self.epsilon, self.cooldown, self.min_lr = epsilon, cooldown, min_lr
        self._quantity = _Monitor(monitor, mode, epsilon, "ReduceLROnPlateau")

    def on_train_begin(self, logs=None):
        self.wait, self.cooldown_counter, self.best = 0, 0, self._quantity.worst

    def in_cooldown(self):
        """Whether a reduction was made so lately that epochs are not counted."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch, logs=None):
        rate = float(K.get_value(self.model.optimizer.lr))
        if logs is not None:
            logs["lr"] = rate
        value = self._quantity.value(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._quantity.better(value, self.best):
            self.best, self.wait = value, 0
        elif not self.in_cooldown():
            if self.wait >= self.patience and rate > self.min_lr * (1 + 1e-4):
                self._reduce(epoch, rate)
            self.wait += 1

    def _reduce(self, epoch, rate):
        lower = max(rate * self.factor, self.min_lr)
        K.set_value(self.model.optimizer.lr, lower)
        if self.verbose:
            print(f"Epoch {epoch:05d}: reducing learning rate to {lower}")
        self.cooldown_counter, self.wait = self.cooldown, 0
