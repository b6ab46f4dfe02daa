"""Every argument of the callbacks of Keras 3 does something in a training, or is refused."""

import inspect
import io
import re
import urllib.request

import numpy as np
import pytest

from horngate import keras3
from horngate.models import Sequential

NO_EFFECT = {  # arguments that are taken and change nothing, each with its reason
    ("BackupAndRestore", "save_freq"): "a training that goes on is the same to the bit, however often it is saved",
    ("BackupAndRestore", "double_checkpoint"): "a state is replaced whole or not at all",
    ("TensorBoard", "write_graph"): "the default in Keras; there is no graph of operations to write",
    ("TensorBoard", "write_images"): "old programs ask for it; images of weights are not written",
    ("ProgbarLogger", "stateful_metrics"): "the logs of batches are means over the epoch, which are shown as they are",
    ("ProgbarLogger", "count_mode"): "old programs tell it; the number of samples is known",
}
C = keras3.callbacks
NOT_FITTED = {"Callback", "CallbackList", "History"}  # nothing to tell, or no callback
NOT_FITTED |= {"OrbaxCheckpoint"}  # `test_orbax` has its arguments, where Orbax is installed
VAL = [3.0, 2.0, 2.5, 2.4, 1.95, 1.96]


class Course(C.Callback):
    """Lets `val_loss` take a course that goes up and down."""

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = VAL[epoch]


class Seen(C.Callback):
    """Notes the weights that the callbacks before it leave at the end of an epoch."""

    def on_epoch_end(self, epoch, logs=None):
        self.__dict__.setdefault("all", []).append([w.tolist() for w in self.model.get_weights()])


ROWS = {
    "BackupAndRestore": {"backup_dir": "state"},
    "CSVLogger": {"filename": "log.csv"},
    "EarlyStopping": {"patience": 1},
    "LambdaCallback": {},
    "LearningRateScheduler": {"schedule": lambda epoch: 0.1 / (1 + epoch)},
    "ModelCheckpoint": {"filepath": "at{epoch}.keras"},
    "ReduceLROnPlateau": {"patience": 1},
    "SwapEMAWeights": {},
    "TensorBoard": {"log_dir": "logs"},
}
WITH = {
    **{("ModelCheckpoint", name): {"save_best_only": True} for name in ("monitor", "mode", "initial_value_threshold")},
    ("EarlyStopping", "restore_best_weights"): {"patience": 2},
    ("EarlyStopping", "baseline"): {"patience": 2},
    ("BackupAndRestore", "backup_dir"): {"delete_checkpoint": False},
    ("RemoteMonitor", "field"): {"send_as_json": False},
}
OTHER = {
    "backup_dir": "elsewhere",
    "filename": "other.csv",
    "separator": ";",
    "monitor": "loss",
    "min_delta": 1.5,
    "patience": 3,
    "verbose": 1,
    "mode": "max",
    "baseline": 0.1,
    "start_from_epoch": 3,
    "schedule": lambda epoch: 0.2,
    "filepath": "there{epoch}.keras",
    "save_freq": 5,
    "initial_value_threshold": 0.5,
    "factor": 0.5,
    "cooldown": 3,
    "min_lr": 0.05,
    "root": "http://localhost:1",
    "path": "/there",
    "field": "numbers",
    "headers": {"X": "y"},
    "count_mode": "steps",
    "stateful_metrics": ["loss"],
    "log_dir": "elsewhere",
    "histogram_freq": 1,
    "update_freq": 1,
    "profile_batch": 2,
    "embeddings_freq": 1,
    "embeddings_metadata": "names.tsv",
}
EVERY = [
    (name, argument)
    for name in C.__all__
    if isinstance(getattr(C, name), type) and name not in NOT_FITTED
    for argument in inspect.signature(getattr(C, name)).parameters
    if argument != "kwargs"
]


def outcome(name, made, monkeypatch, folder, capsys):
    """What a training with a callback leaves: weights, history, files, requests, what was printed."""
    sent = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda each, **_: _sent(sent, each))
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "log.csv").write_text("epoch,loss\n")
    np.random.seed(0)
    x = np.random.RandomState(1).randn(16, 3).astype("float32")
    y = (x.sum(1, keepdims=True) + 0.1).astype("float32")
    model = keras3.Sequential([keras3.Input((3,)), keras3.layers.Dense(1)])
    model.compile(keras3.optimizers.SGD(0.1, use_ema=True), "mse")
    assert isinstance(model, Sequential)
    callback, seen = getattr(C, name)(**made), Seen()
    if name == "TerminateOnNaN":
        x[3] = np.nan
    ended = None
    try:
        model.fit(x, y, 4, epochs=6, verbose=int(name == "ProgbarLogger"), callbacks=[Course(), callback, seen])
    except RuntimeError as error:
        ended = str(error)
    printed = re.sub(r"[\d.]+(ms|s|us)\b", "", capsys.readouterr().out)
    files = [(each, _held(each)) for each in sorted(folder.rglob("*"))]
    told = [(re.sub(r"\d{6,}\S*", "", str(each.relative_to(folder))), held) for each, held in files]
    weights = [w.tolist() for w in model.get_weights()]
    history = {key: np.asarray(value).tolist() for key, value in model.history.history.items()}
    return str((weights, history, seen.__dict__.get("all"), told, printed, ended, sent))


def _sent(sent, each):
    sent.append((each.full_url, each.data, each.headers))
    return io.BytesIO()


def _held(path):
    """What tells a file from another one: its text, or its size, roughly."""
    if path.is_dir():
        return ""
    return path.read_text() if path.suffix == ".csv" else path.stat().st_size // 200


@pytest.mark.parametrize("name, argument", EVERY, ids=["-".join(each) for each in EVERY])
def test_another_value_gives_another_outcome(name, argument, monkeypatch, tmp_path, capsys):
    told = inspect.signature(getattr(C, name)).parameters[argument]
    calls = []
    other = OTHER.get(argument, not told.default)
    if name == "LambdaCallback":
        other = lambda *args: calls.append(len(args))  # noqa: E731
    made = {**ROWS.get(name, {}), **WITH.get((name, argument), {})}
    was = outcome(name, made, monkeypatch, tmp_path / "a", capsys)
    try:
        now = outcome(name, {**made, argument: other}, monkeypatch, tmp_path / "b", capsys)
    except (ValueError, TypeError) as refusal:
        assert len(str(refusal)) > 40
        return
    same = now + str(calls) == was + "[]"
    assert same == ((name, argument) in NO_EFFECT)
