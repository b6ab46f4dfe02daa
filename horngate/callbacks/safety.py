"""Callbacks that keep a training safe: from numbers that are none, and from being killed."""
import math
import os
import time

import numpy as np

from horngate.callbacks.base import Callback
from horngate.callbacks.logs import ProgbarLogger
from horngate.engine.diagnosis import where_not_finite
from horngate.engine.snapshot import Snapshot
from horngate.saving import atomic


class TerminateOnNaN(Callback):
    """Stops training at a loss or weight that is no finite number, and says in which layer that arose.

    # Arguments
        rollback: put the weights, and all else, back to what they were before the steps that were run together with
            the bad one.

    After it has stopped a training, `found` is the sentence that it printed.
    """

    needs_every_batch, takes_snapshots = False, True

    def __init__(self, rollback=True):
        super().__init__()
        self.rollback, self.found = rollback, None

    def on_batch_begin(self, batch, logs=None):
        self._before = Snapshot.of(self.model.training)

    def on_batch_end(self, batch, logs=None):
        loss, training = (logs or {}).get("loss", 0.0), self.model.training
        if math.isfinite(loss) and all(np.isfinite(w.get_value()).all() for w in self.model.trainable_weights):
            return
        after = Snapshot.of(training)
        self._before.restore(training)
        place = where_not_finite(training)
        self.found = f"Batch {batch}: the loss is {loss}. The first number that is not finite arose {place}."
        (self._before if self.rollback else after).restore(training)
        end = " The weights are those from before that." if self.rollback else ""
        print(f"{self.found} Training stops.{end}")
        self.model.stop_training = True


class BackupAndResume(Callback):
    """Keeps the state of the training in a folder; a script that was killed goes on from there when it is run again.

    What is computed is the same, bit for bit, as if nothing had happened: weights, the optimizer's state, random
    numbers, the order of the samples, the History, and what other callbacks remember as plain numbers. Batches from
    generators and other streams cannot be gone back to: with them a training goes on from the last full epoch.
    To begin anew, delete the folder.

    # Arguments
        folder: where the state is kept; each `fit` of a script needs its own.
        seconds: least time between two savings within an epoch; at the end of an epoch it is always saved.
    """

    needs_every_batch, takes_snapshots = False, True

    def __init__(self, folder, seconds=60):
        super().__init__()
        self.path, self.seconds = os.path.join(os.fspath(folder), "training.npz"), seconds

    def set_model(self, model):
        """Go to the place where the last run ended, if there was one."""
        super().set_model(model)
        training = model.training
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        if os.path.exists(self.path):
            snapshot = Snapshot.read(self.path)
            training.progress = snapshot.progress(lambda: snapshot.restore(training, self._others()))
            model.stop_training = snapshot.facts["stopped"]
        training.at_rest.append(self._save_if_due)
        self._saved = time.monotonic()

    def _others(self):
        callbacks = self.model.training.callbacks.callbacks
        return [each for each in callbacks if each is not self and not isinstance(each, ProgbarLogger)]

    def _save_if_due(self):
        training = self.model.training
        within_epoch = training.progress.step > 0
        due = training.source.can_go_on_within_an_epoch and time.monotonic() - self._saved >= self.seconds
        if within_epoch and not due:
            return
        snapshot = Snapshot.of(training, self._others())
        snapshot.facts["stopped"] = bool(self.model.stop_training)
        with atomic(self.path) as path, open(path, "wb") as file:
            snapshot.write(file)
        self._saved = time.monotonic()
