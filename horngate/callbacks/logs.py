"""Callbacks that show, save or send measured values."""

import csv
import json
import os
import time
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

import numpy as np

from horngate.backend.notices import remark, warn
from horngate.backend.orders import of_eras
from horngate.backend.switches import tell
from horngate.callbacks.base import Callback, Logs, Place, Text, is_count, running
from horngate.callbacks.events import EventFiles, NoFiles
from horngate.callbacks.log_files import closed_if_full, cut, ends_a_line
from horngate.engine.arguments import argument
from horngate.training.epochs import RunningMeans
from horngate.training.layouts import leads
from horngate.utils.generic_utils import PathLike
from horngate.utils.progbar import Progbar
from horngate.utils.whole_files import atomic_write, make_place

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from horngate.training.model import Model


def _size_in(logs: Logs | None) -> int:
    """Return the number of samples that the logs of a batch tell."""
    return logs.size if isinstance(logs, RunningMeans) else int((logs or {}).get("size", 0))


class BaseLogger(Callback):
    """Add the means over an epoch's samples to its logs, unless they are there already."""

    stateful_metrics: Any = argument("names of values whose last one counts, not the mean; None for none", default=None)
    needs_every_batch: ClassVar[bool] = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self.seen: int = 0
        self.totals: dict[str, float] = {}

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        size, running = _size_in(logs), isinstance(logs, RunningMeans)
        self.seen += size
        for name, value in (logs or {}).items():
            last = running or name in (self.stateful_metrics or ())
            self.totals[name] = value * self.seen if last else self.totals.get(name, 0.0) + value * size

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is None:
            return
        for name in self.params["metrics"]:
            if name in self.totals and name not in logs:
                logs[name] = self.totals[name] / max(1, self.seen)


class ProgbarLogger(Callback):
    """Show the progress of each epoch, and its metrics."""

    count_mode: str = argument(
        "taken for the sake of old programs: samples are counted", default="samples", choices=("samples", "steps")
    )
    stateful_metrics: Any = argument(
        "names of values whose last one is shown, not the mean; None for none", default=None
    )
    needs_every_batch: ClassVar[bool] = False
    of_one_process: ClassVar[bool] = True

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.verbose: int = self.params["verbose"]
        self.nb_epoch: int = self.params["nb_epoch"]

    def get_state(self) -> int:
        """Return the number of samples of the epoch shown so far."""
        return getattr(self, "seen", 0)

    def set_state(self, state: int) -> None:
        """Continue to show an epoch that was interrupted after `state` samples."""
        self.seen: int = state

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.verbose:
            tell(f"Epoch {epoch + 1}/{self.nb_epoch}")
        self.target: int | None = self.params.get("nb_sample")
        self.seen = 0
        self.progbar: Progbar = Progbar(self.target, verbose=self.verbose)
        self.log_values: list[tuple[str, float]] = []

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self.log_values = []

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self.seen += _size_in(logs)
        logs, running = logs or {}, isinstance(logs, RunningMeans)
        self.log_values = [(name, logs[name]) for name in self.params["metrics"] if name in logs]
        # the last drawing of an epoch waits for the validation
        if self.verbose and (self.target is None or self.seen < self.target):
            if running:
                self._show_as_they_are(self.log_values)
            self.progbar.update(self.seen, self.log_values)

    def _show_as_they_are(self, values):
        """Have the bar show these values, not their means with those shown before."""
        for name, _ in values:
            self.progbar.sum_values.pop(name, None)
        self.progbar.unique_values = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        values = [(name, logs[name]) for name in self.params["metrics"] if name in logs]
        self._show_as_they_are(values)
        if self.verbose:
            self.progbar.seen_so_far = min(self.progbar.seen_so_far, self.seen - 1)
            self.progbar.target = self.seen if self.target is None else self.target
            self.progbar.update(max(self.seen, self.progbar.target), values, force=True)


_SPELLINGS = (
    ("acc", "accuracy"),
    ("mae", "mean_absolute_error"),
    ("mse", "mean_squared_error"),
    ("mape", "mean_absolute_percentage_error"),
    ("msle", "mean_squared_logarithmic_error"),
)


def other_spelling(name: str) -> str | None:
    """Exchange the short and the long name of a metric in the `name` of a quantity; return None for other names.

    >>> other_spelling('val_acc'), other_spelling('mean_squared_error')
    ('val_accuracy', 'mse')
    """
    for pair in _SPELLINGS:
        for one, other in (pair, pair[::-1]):
            if name == one or name.endswith(f"_{one}"):
                return name.removesuffix(one) + other
    return None


class _Curves(dict):
    """Name -> values of the logs; found under both spellings of a metric."""

    def __missing__(self, name: str) -> list[float]:
        other = other_spelling(name)
        if other is None or other not in self:
            raise KeyError(f"{name!r} was not measured. There is: {', '.join(map(str, self))}.")
        return self[other]


class History(Callback):
    """The logs of all epochs: `history[name]` is a list of values, `epoch` the list of epochs. `fit` returns one."""

    needs_every_batch: ClassVar[bool] = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = _Curves()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def plot(self, to_file: PathLike | None = None) -> "Figure":
        """Draw the curves of training and validation; saved to `to_file` if given. Needs matplotlib."""
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
            kind = os.path.splitext(to_file)[1][1:] or "png"
            with atomic_write(to_file) as path:
                figure.savefig(path, dpi=120, format=kind)
        return figure


class CSVLogger(Callback):
    """Write the logs of each epoch to a CSV file."""

    filename: Place = argument("where")
    sep: str = argument("between columns", default=",", alias="separator")
    append: bool = argument("go on with a table that is there, instead of writing it anew", default=False)

    of_one_process: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.sep, str) or len(self.sep) != 1:
            raise ValueError(f"CSVLogger: separator must be one character, such as ','; received {self.sep!r}")
        self.keys: list[str] | None = None
        self.csv_file: TextIO | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        make_place(self.filename)
        appended = self.append or running(self.model)[1].restore is not None
        self.csv_file = file = open(self.filename, "a" if appended else "w", newline="")
        self._needs_header = os.path.getsize(self.filename) == 0
        if not ends_a_line(self.filename):
            csv.writer(file).writerow([])  # an incomplete row stays a row of its own

    def _table(self) -> TextIO:
        if self.csv_file is None:
            raise RuntimeError("CSVLogger: the table is open only while a model is trained.")
        return self.csv_file

    def get_state(self) -> dict[str, Any]:
        """Return the columns, and the size of the file."""
        self._table().flush()
        return {"keys": self.keys, "size": os.path.getsize(self.filename)}

    def set_state(self, state: dict[str, Any]) -> None:
        """Remove the rows written after `get_state` returned `state`: they will be written again."""
        self.keys = state["keys"]
        cut(self.filename, state["size"])
        self._needs_header = os.path.getsize(self.filename) == 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs, file = logs or {}, self._table()
        self.keys = self.keys or sorted({*logs, *self.params.get("metrics", ())})  # not every epoch is validated
        writer = csv.writer(file, delimiter=self.sep)
        with closed_if_full(file, self.filename):
            if self._needs_header:
                writer.writerow(["epoch", *self.keys])
                self._needs_header = False
            writer.writerow([epoch, *(logs.get(key, "NA") for key in self.keys)])
            file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._table().close()


class RemoteMonitor(Callback):
    """Send the logs of each epoch to a server, as JSON in a field of a form."""

    root: Text = argument("the address of the server", default="http://localhost:9000")
    path: Text = argument("the rest of the address", default="/publish/epoch/end/")
    field: Text = argument("name of the field", default="data")
    headers: dict[str, str] | None = argument("more headers of the request", default=None)
    send_as_json: bool = argument("send JSON alone, not a form with the field", default=False)

    of_one_process: ClassVar[bool] = True

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        from urllib import error, parse, request

        message = {"epoch": epoch, **{name: float(value) for name, value in (logs or {}).items()}}
        body, headers = parse.urlencode({self.field: json.dumps(message)}), self.headers or {}
        if self.send_as_json:
            body, headers = json.dumps(message), {"Content-Type": "application/json", **headers}
        try:
            request.urlopen(request.Request(self.root + self.path, body.encode(), headers), timeout=10).close()
        except (error.URLError, OSError) as problem:
            warn(f"RemoteMonitor: {self.root + self.path} could not be reached ({problem}).")


class TensorBoard(Callback):
    """Write event files for TensorBoard, without TensorFlow. Needs tensorboardX."""

    log_dir: Place = argument("folder of the files", default="./logs")
    histogram_freq: int = argument("epochs between two histograms of the weights; 0 for none", default=0, at_least=0)
    write_graph: Any = argument("taken for the sake of old programs; no graph is written", default=True)
    write_images: Any = argument(
        "taken for the sake of old programs; no images are written, which a line says", default=False
    )

    update_freq: Any = argument(
        "'epoch', or a number of batches ('batch' for 1) after which the values of a batch are written, too, as "
        "`batch_loss` and so on",
        default="epoch",
        kw_only=True,
    )
    write_steps_per_second: bool = argument("write how many steps a second took", default=False, kw_only=True)
    profile_batch: Any = argument("0: profiles are made by jax.profiler.trace", default=0, kw_only=True)
    embeddings_freq: int = argument(
        "epochs between which the vectors of embeddings are written for the projector; 0 for none",
        default=0,
        at_least=0,
        kw_only=True,
    )
    embeddings_metadata: Any = argument("None: the projector shows numbers of rows", default=None, kw_only=True)

    def __post_init__(self) -> None:
        # batches between two values of batches; 0 for none
        self._every = 1 if self.update_freq == "batch" else 0 if self.update_freq == "epoch" else self.update_freq
        if not is_count(self._every) and (self._every != 0 or self._every is False):
            raise ValueError(
                "TensorBoard: update_freq must be 'epoch', 'batch' or a number of batches; received "
                f"{self.update_freq!r}."
            )
        for name, way in (
            ("profile_batch", "with jax.profiler.trace(log_dir): model.fit(...)"),
            ("embeddings_metadata", "tensorboardX's SummaryWriter.add_embedding"),
        ):
            if getattr(self, name):
                raise ValueError(f"TensorBoard: {name} is not offered; received {getattr(self, name)!r}. Use {way}.")
        if self.write_images:
            remark(
                f"TensorBoard: write_images={self.write_images!r} has no effect here; histogram_freq writes weights."
            )
        vars(self)["needs_every_batch"] = self._every > 0 or self.write_steps_per_second
        self._steps = 0  # of all epochs

    @property
    def summary(self) -> Any:
        """What writes the events: `add_scalar(name, value, step)` and so on."""
        return getattr(self, "writer", None)

    def set_model(self, model: "Model") -> None:
        super().set_model(model)
        self.writer: EventFiles | NoFiles = EventFiles(self.log_dir) if leads(model) else NoFiles()

    def get_state(self) -> dict[str, Any]:
        """Return the files, and the size of each."""
        return self.writer.get_state()

    def set_state(self, state: dict[str, Any]) -> None:
        """Remove the events added after `get_state` returned `state`: they will be added again."""
        self.writer.set_state(state)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._since = time.perf_counter(), self._steps

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._steps += 1
        if self._every and self._steps % self._every == 0:
            for name, value in (logs or {}).items():
                if name not in ("batch", "size"):
                    self.writer.add_scalar(f"batch_{name}", value, self._steps - 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        for name, value in (logs or {}).items():
            self.writer.add_scalar(name, value, epoch)
        if self.write_steps_per_second:
            begun, before = self._since
            rate = (self._steps - before) / (time.perf_counter() - begun)
            self.writer.add_scalar("epoch_steps_per_second", rate, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for weight in self.model.weights:
                self.writer.add_histogram(weight.label, weight.get_value(), epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            tables = (weight for weight in self.model.weights if weight.role == "embeddings")
            self.writer.add_embeddings({weight.label: weight.get_value() for weight in tables})
        self.writer.flush()

    @of_eras
    def on_train_end(self, _: Logs | None = None) -> None:
        """Close the files; `_`, in Keras 3 `logs`, are the empty logs."""
        self.writer.close()
