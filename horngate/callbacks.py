"""Callbacks: what happens besides training, at its beginning and end, each epoch's, each batch's."""

import csv
import json
import math
import os
import warnings

import numpy as np

from horngate import backend as K
from horngate.utils.progbar import Progbar


class Callback:
    """Something that is told how training goes, and may act on it.

    A subclass overrides any of the `on_...` methods. `self.model` is the model, `self.params` a dictionary with
    `batch_size`, `nb_epoch`, `nb_sample`, `verbose`, `do_validation` and `metrics`. `logs` hold `loss` and the
    metrics; those of batches also `batch` and `size`; those of epochs also `val_loss` and so on.

    Many steps run in one dispatch. A class that overrides `on_batch_begin` or `on_batch_end` is told of each step
    exactly; with `needs_every_batch = False` it is told once for several, with `size` their number of samples.
    """

    needs_every_batch = None

    def __init__(self):
        pass

    def set_params(self, params):
        """Called before training with `params`; old callbacks override `_set_params`."""
        self._set_params(params)

    def set_model(self, model):
        """Called before training with the model; old callbacks override `_set_model`."""
        self._set_model(model)

    def _set_params(self, params):
        self.params = params

    def _set_model(self, model):
        self.model = model

    def on_epoch_begin(self, epoch, logs=None):
        """Before each epoch."""

    def on_epoch_end(self, epoch, logs=None):
        """After each epoch, with its logs."""

    def on_batch_begin(self, batch, logs=None):
        """Before each step."""

    def on_batch_end(self, batch, logs=None):
        """After each step, with its logs."""

    def on_train_begin(self, logs=None):
        """Before the first epoch."""

    def on_train_end(self, logs=None):
        """After the last epoch."""


def needs_every_batch(callback):
    """Whether a callback must be told of each step by itself."""
    wish = getattr(callback, "needs_every_batch", None)
    if wish is not None:
        return wish
    hooks = ("on_batch_begin", "on_batch_end")
    return any(getattr(type(callback), hook, None) is not getattr(Callback, hook) for hook in hooks)


class CallbackList:
    """Several callbacks, told together."""

    def __init__(self, callbacks=None, queue_length=10):
        self.callbacks, self.queue_length = list(callbacks or []), queue_length

    def append(self, callback):
        """Put one more at the end."""
        self.callbacks.append(callback)

    def _tell(self, hook, *args):
        for callback in self.callbacks:
            getattr(callback, hook)(*args)

    def set_params(self, params):
        """Hand on `params`."""
        self._tell("set_params", params)

    def set_model(self, model):
        """Hand on the model."""
        self._tell("set_model", model)

    def on_epoch_begin(self, epoch, logs=None):
        """Hand on."""
        self._tell("on_epoch_begin", epoch, {} if logs is None else logs)

    def on_epoch_end(self, epoch, logs=None):
        """Hand on."""
        self._tell("on_epoch_end", epoch, {} if logs is None else logs)

    def on_batch_begin(self, batch, logs=None):
        """Hand on."""
        self._tell("on_batch_begin", batch, {} if logs is None else logs)

    def on_batch_end(self, batch, logs=None):
        """Hand on."""
        self._tell("on_batch_end", batch, {} if logs is None else logs)

    def on_train_begin(self, logs=None):
        """Hand on."""
        self._tell("on_train_begin", {} if logs is None else logs)

    def on_train_end(self, logs=None):
        """Hand on."""
        self._tell("on_train_end", {} if logs is None else logs)


class BaseLogger(Callback):
    """Puts the means over an epoch's samples into its logs, where they are not there yet."""

    needs_every_batch = False

    def on_epoch_begin(self, epoch, logs=None):
        self.seen, self.totals = 0, {}

    def on_batch_end(self, batch, logs=None):
        size = (logs or {}).get("size", 0)
        self.seen += size
        for name, value in (logs or {}).items():
            self.totals[name] = self.totals.get(name, 0.0) + value * size

    def on_epoch_end(self, epoch, logs=None):
        for name in self.params["metrics"] if logs is not None else ():
            if name in self.totals and name not in logs:
                logs[name] = self.totals[name] / max(1, self.seen)


class ProgbarLogger(Callback):
    """Shows the progress of each epoch, and its metrics."""

    needs_every_batch = False

    def on_train_begin(self, logs=None):
        self.verbose, self.nb_epoch = self.params["verbose"], self.params["nb_epoch"]

    def on_epoch_begin(self, epoch, logs=None):
        if self.verbose:
            print(f"Epoch {epoch + 1}/{self.nb_epoch}")
        self.target, self.seen = self.params.get("nb_sample"), 0
        self.progbar = Progbar(self.target, verbose=self.verbose)
        self.log_values = []

    def on_batch_begin(self, batch, logs=None):
        self.log_values = []

    def on_batch_end(self, batch, logs=None):
        logs = logs or {}
        self.seen += logs.get("size", 0)
        self.log_values = [(name, logs[name]) for name in self.params["metrics"] if name in logs]
        # the last drawing of an epoch waits for the validation
        if self.verbose and (self.target is None or self.seen < self.target):
            self.progbar.update(self.seen, self.log_values)

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        values = [(name, logs[name]) for name in self.params["metrics"] if name in logs]
        for name, _ in values:  # the epoch's own values, not the mean of what was shown on the way
            self.progbar.sum_values.pop(name, None)
        self.progbar.unique_values = []
        if self.verbose:
            self.progbar.seen_so_far = min(self.progbar.seen_so_far, self.seen - 1)
            self.progbar.target = self.seen if self.target is None else self.target
            self.progbar.update(max(self.seen, self.progbar.target), values, force=True)


class History(Callback):
    """The logs of all epochs: `history[name]` is a list, `epoch` their numbers. `fit` returns one."""

    needs_every_batch = False

    def on_train_begin(self, logs=None):
        self.epoch, self.history = [], {}

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def plot(self, to_file=None):
        """Draw the curves of training and validation; into a file where one is named. Needs matplotlib."""
        from matplotlib.figure import Figure

        names = [name for name in self.history if not name.startswith("val_")]
        figure = Figure(figsize=(5 * len(names), 3.6), layout="constrained")
        epochs = [epoch + 1 for epoch in self.epoch]
        for axes, name in zip(np.ravel(figure.subplots(1, len(names))), names):
            axes.plot(epochs, self.history[name], label="training")
            if "val_" + name in self.history:
                axes.plot(epochs, self.history["val_" + name], label="validation")
                axes.legend(frameon=False)
            axes.set(title=name, xlabel="epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.grid(alpha=0.3)
            axes.spines[["top", "right"]].set_visible(False)
        if to_file:
            figure.savefig(to_file, dpi=120)
        return figure


class _Monitor:
    """Which of two values of a monitored quantity is better.

    # Arguments
        monitor: its name in the logs of an epoch.
        mode: `min`, `max`, or `auto`: the larger is better for accuracies and the like, the smaller for the rest.
    """

    def __init__(self, monitor, mode, margin=0.0, owner=""):
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"{owner}: mode must be 'auto', 'min' or 'max'; {mode!r} is taken for 'auto'.", stacklevel=4
            )
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
        value = (logs or {}).get(self.name)
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


class CSVLogger(Callback):
    """Writes the logs of each epoch into a table.

    # Arguments
        filename: where.
        separator: between columns.
        append: go on with a table that is there.
    """

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        self.filename, self.sep, self.append = filename, separator, append
        self.keys, self.csv_file = None, None

    def on_train_begin(self, logs=None):
        going_on = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self._needs_header = not going_on
        self.csv_file = open(self.filename, "a" if self.append else "w", newline="")

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        self.keys = self.keys or sorted(logs)
        writer = csv.writer(self.csv_file, delimiter=self.sep)
        if self._needs_header:
            writer.writerow(["epoch", *self.keys])
            self._needs_header = False
        writer.writerow([epoch, *(logs.get(key, "NA") for key in self.keys)])
        self.csv_file.flush()

    def on_train_end(self, logs=None):
        self.csv_file.close()


class RemoteMonitor(Callback):
    """Sends the logs of each epoch to a server, as JSON in one field of a form.

    # Arguments
        root, path: the address.
        field: name of the field.
        headers: more headers of the request.
    """

    def __init__(self, root="http://localhost:9000", path="/publish/epoch/end/", field="data", headers=None):
        super().__init__()
        self.root, self.path, self.field, self.headers = root, path, field, headers or {}

    def on_epoch_end(self, epoch, logs=None):
        from urllib import error, parse, request

        message = {"epoch": epoch, **{name: float(value) for name, value in (logs or {}).items()}}
        body = parse.urlencode({self.field: json.dumps(message)}).encode()
        try:
            request.urlopen(
                request.Request(self.root + self.path, data=body, headers=self.headers), timeout=10
            ).close()
        except (error.URLError, OSError) as problem:
            warnings.warn(f"RemoteMonitor: {self.root + self.path} could not be reached ({problem}).", stacklevel=2)


class TensorBoard(Callback):
    """Writes event files for TensorBoard, without TensorFlow. Needs tensorboardX.

    # Arguments
        log_dir: folder of the files.
        histogram_freq: epochs between two histograms of the weights; 0 for none.
        write_graph, write_images: taken for the sake of old programs; graph and images are not written.
    """

    def __init__(self, log_dir="./logs", histogram_freq=0, write_graph=True, write_images=False):
        super().__init__()
        self.log_dir, self.histogram_freq = log_dir, histogram_freq
        self.write_graph, self.write_images = write_graph, write_images

    def set_model(self, model):
        super().set_model(model)
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise ImportError("TensorBoard writes its files with tensorboardX: pip install tensorboardX") from None
        self.writer = SummaryWriter(self.log_dir)

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            self.writer.add_scalar(name, float(value), epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for weight in self.model.weights:
                self.writer.add_histogram(weight.name, weight.get_value(), epoch)
        self.writer.flush()

    def on_train_end(self, _=None):
        self.writer.close()


class TerminateOnNaN(Callback):
    """Stops training at a loss that is no number."""

    needs_every_batch = False

    def on_batch_end(self, batch, logs=None):
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            print(f"Batch {batch}: the loss is {loss}, training stops")
            self.model.stop_training = True


class LambdaCallback(Callback):
    """A callback made of functions.

    # Arguments
        on_epoch_begin, on_epoch_end: functions of (epoch, logs).
        on_batch_begin, on_batch_end: functions of (batch, logs).
        on_train_begin, on_train_end: functions of (logs).
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_batch_begin=None,
        on_batch_end=None,
        on_train_begin=None,
        on_train_end=None,
        **kwargs,
    ):
        super().__init__()
        self.__dict__.update(kwargs)
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
        }
        for name, function in hooks.items():
            if function is not None:
                setattr(self, name, function)
        self.needs_every_batch = on_batch_begin is not None or on_batch_end is not None
