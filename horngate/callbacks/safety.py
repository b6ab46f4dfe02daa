"""Callbacks that protect a training: against NaN and infinity, and against being killed."""

import glob
import math
import os
import secrets
import shutil
import time
import zipfile
import zlib
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from horngate.backend.interrupts import TRY_AGAIN, signals_noted
from horngate.backend.notices import warn
from horngate.callbacks.base import Callback, Logs, Place, running
from horngate.callbacks.memory import Memory
from horngate.engine.arguments import argument
from horngate.training.diagnosis import where_not_finite
from horngate.training.fingerprint import difference, fingerprint
from horngate.training.layouts import leads, write_once
from horngate.training.plain_state import PlainState, set_random_states
from horngate.training.snapshot import OtherFormat, Snapshot
from horngate.utils.whole_files import atomic_write, make_folder

if TYPE_CHECKING:
    from horngate.training.epochs import Progress
    from horngate.training.model import Model
    from horngate.training.trainer import Training


_OF_DAMAGE = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError),
    *(OSError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile, zlib.error),
)


def _layout_for_orbax(training):
    """Return the layout of a training, if it has one and Orbax is installed."""
    if training.spec.layout is None:
        return None
    from horngate.training import sharded_files  # not imported without a mesh

    return training.spec.layout if sharded_files.available() else None


def _first_loss(logs):
    """Return (name, value) of the loss; of a step that tells others, the first that is not finite, or the last."""
    names = ["loss"] if "loss" in logs else [name for name in logs if name not in ("batch", "size")]
    told = [(name, float(logs[name])) for name in names if np.ndim(logs[name]) == 0]
    return next((pair for pair in told if not math.isfinite(pair[1])), told[-1] if told else ("loss", 0.0))


class TerminateOnNaN(Callback):
    """Stop training at a loss or weight that is not finite, and name the layer in which it arose.

    When it has stopped a training, `found` is the sentence that it printed.
    """

    rollback: bool = argument(
        "put the weights, and all else, back to what they were before the steps that were run together with the bad "
        "one",
        default=True,
    )
    raise_error: bool = argument("end with a RuntimeError instead of the last epoch", default=False)

    needs_every_batch: ClassVar[bool] = False
    takes_snapshots = True

    def __post_init__(self) -> None:
        self.found: str | None = None

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._before = Snapshot.of(running(self.model)[0])

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        name, value = _first_loss(logs or {})
        training, _ = running(self.model)
        if math.isfinite(value) and all(np.isfinite(w.get_value()).all() for w in self.model.trainable_weights):
            return
        after = Snapshot.of(training)
        self._before.restore(training)
        place = where_not_finite(training)
        self.found = f"Batch {batch}: the {name} is {value}. The first number that is not finite arose {place}."
        (self._before if self.rollback else after).restore(training)
        end = " The weights are those from before that." if self.rollback else ""
        if self.raise_error:
            raise RuntimeError(f"{self.found}{end}")
        if leads(self.model):
            print(f"{self.found} Training stops.{end}")
        self.model.stop_training = True


class BackupAndResume(Callback):
    """Save the state of a training in a folder. A killed script resumes from there when it runs again.

    The results are the same, bit for bit, as without the interruption: weights, the optimizer's state, random numbers
    (NumPy's, Python's and the layers'), the order of the samples, the History, and the state of other callbacks;
    `CSVLogger` and `TensorBoard` hold each epoch once. A callback's attributes are saved if they consist of numbers,
    strings, arrays and the usual containers; for others, one line says that they are not. A callback with `get_state()`
    and `set_state(state)` chooses its own state.

    Generators and other streams of batches: a source with `get_state()` and `set_state(state)` continues where it was.
    For any other, the batches already used are drawn again and dropped.

    Ctrl-C saves after the current step and then ends the program; a second Ctrl-C ends it at once. So does SIGTERM, by
    which systems announce that they will end a program; the exit code is then 75, for "try again".

    If several processes train together, all of them must see the folder. They save at the same step if it is due in
    process 0, or if one of them gets a signal; a run with another number of devices or processes can resume.

    A training that has ended does not run again; with a larger `nb_epoch`, it continues. To start again, delete the
    folder.

    # Raises
        ValueError: if model, optimizer or data differ from those of the saved training, or if the file is damaged.
    """

    folder: Place = argument("where the state is kept; each `fit` of a script needs its own")
    seconds: float = argument(
        "least time between two savings within an epoch, at the end of which it is always saved", default=60
    )

    needs_every_batch: ClassVar[bool] = False
    takes_snapshots = True

    def __post_init__(self) -> None:
        self.folder = os.fspath(self.folder)
        self.path: str = os.path.join(self.folder, "training.npz")

    def set_model(self, model: "Model") -> None:
        """Resume where the last run of the `model` ended, if there was one."""
        super().set_model(model)
        training, _ = running(model)
        training.note_sources()
        self._begun, self._saved = False, time.monotonic()  # once it has begun, there is a `_memory`
        self._identity = PlainState.of(fingerprint(training))
        self._shared = training.shared  # whether several processes train together
        if leads(model):
            make_folder(self.folder)
        if self._is_there():
            snapshot = self._read()
            training.progress = snapshot.progress(lambda: self._restore(snapshot))
            model.stop_training = snapshot.parts["course"].restored()["stopped"]
        training.at_rest.append(self._save_if_due)
        self._noted = training.until_it_ends.enter_context(
            signals_noted("BackupAndResume: saving after this step; Ctrl-C once more ends at once.")
        )

    def _is_there(self) -> bool:
        """Return whether there is a state to resume from. Raises OSError if only some processes see it."""
        there = os.path.exists(self.path)
        if not self._shared:
            return there
        from horngate.backend import processes  # not imported where there is one process

        seen = processes.gathered(np.array([there], np.uint32))[:, 0].tolist()
        if len(set(seen)) > 1:
            raise FileNotFoundError(
                f"BackupAndResume: process {seen.index(1)} finds {self.path}, and process {seen.index(0)} does not. "
                "Give a folder that all processes see."
            )
        return there

    def _read(self) -> Snapshot:
        """Return the snapshot in the folder. Raises ValueError if it is damaged or belongs to another training."""
        anew = f"Delete the folder {self.folder} to begin anew"
        try:
            snapshot = Snapshot.read(self.path, running(self.model)[0])
            kept = snapshot.parts["identity"].restored()
        except OtherFormat as error:
            raise ValueError(f"BackupAndResume cannot go on from {self.path}: {error}. {anew}.") from None
        except _OF_DAMAGE as error:
            raise ValueError(
                f"BackupAndResume: {self.path} is damaged, or no file of its own ({error}). {anew}."
            ) from error
        try:
            snapshot.check(running(self.model)[0])
        except ValueError as error:
            raise ValueError(f"BackupAndResume: {error}. {anew}, or train the model that it belongs to.") from None
        found = difference(kept, self._identity.restored())
        if found:
            raise ValueError(
                f"BackupAndResume: the state in {self.folder} is that of another training ({found}). {anew}, or put "
                "back what was changed; random data need np.random.seed."
            )
        return snapshot

    def _restore(self, snapshot: Snapshot) -> None:
        training, _ = running(self.model)
        state, course = snapshot.state, snapshot.parts["course"].restored()
        for name, source in training.resumable.items():
            if name in snapshot.parts:
                source.restore(snapshot.parts[name].restored(), amid_pass=name == "source" and state["step"] > 0)
        snapshot.restore(training)
        training.params["nb_sample"] = course["nb_sample"]
        self._memory.restore(
            {
                callback: {key: snapshot.parts[f"{callback}: {key}"] for key in keys}
                for callback, keys in course["callbacks"].items()
            }
        )
        set_random_states(state["random"])

    def _save_if_due(self) -> None:
        training, progress = running(self.model)
        if not self._begun:
            others = [each for each in training.callbacks.callbacks if each is not self]
            self._begun, self._memory = True, Memory(others, apart=(training, training.callbacks, self.model.optimizer))
            if progress.restore is not None:
                self._say_ended(training, progress)
                return
        due = not progress.step or time.monotonic() - self._saved >= self.seconds
        interrupted, ended = self._noted.asked, self._noted.ended
        if self._shared:
            from horngate.backend import processes  # not imported where there is one process

            due, interrupted, ended = processes.any_of(due and leads(self.model), interrupted, ended)
        if not (due or interrupted or ended):
            return
        self._save(training)
        if ended:
            raise SystemExit(TRY_AGAIN)
        if interrupted:
            raise KeyboardInterrupt(f"BackupAndResume: saved in {self.folder}; run the script again to go on.")

    def _save(self, training: "Training") -> None:
        layout = _layout_for_orbax(training)
        snapshot, kept = Snapshot.of(training, layout), self._memory.kept()
        snapshot.parts["identity"] = self._identity
        snapshot.parts["course"] = PlainState.of(
            {
                "stopped": bool(self.model.stop_training),
                "nb_sample": training.params["nb_sample"],
                "callbacks": {callback: list(states) for callback, states in kept.items()},
            }
        )
        for callback, states in kept.items():
            snapshot.parts.update({f"{callback}: {key}": each for key, each in states.items()})
        for name, source in training.resumable.items():
            snapshot.parts[name] = PlainState.of(source.state())
        if layout is not None:
            name = layout.of_first(f"variables-{secrets.token_hex(4)}")
            snapshot.write_variables(os.path.join(self.folder, name))
        write_once(self.model, list, lambda: self._write(snapshot))
        self._saved = time.monotonic()

    def _write(self, snapshot: Snapshot) -> None:
        with atomic_write(self.path) as path, open(path, "wb") as file:
            snapshot.write(file)
        for other in glob.glob(os.path.join(self.folder, "variables-*")):
            if os.path.basename(other) != snapshot.apart:
                shutil.rmtree(other)

    def _say_ended(self, training: "Training", progress: "Progress") -> None:
        if self.model.stop_training or progress.epoch >= training.params["nb_epoch"]:
            warn(
                f"BackupAndResume: the training in {self.folder} ended after {progress.epoch} epochs; nothing "
                "is trained now, and the model is what it was then. Delete the folder to begin anew.",
                RuntimeWarning,
            )
