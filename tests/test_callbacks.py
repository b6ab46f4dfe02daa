"""Every callback does what it says, and is told what Keras 1 told its callbacks."""

import csv
import http.server
import inspect
import json
import threading
import urllib.parse

import numpy as np
import pytest

from horngate import backend as K
from horngate import callbacks as cbks
from horngate.engine.arguments import argument
from horngate.layers import Dense, Lambda
from horngate.models import Sequential, load_model

X = np.random.RandomState(0).randn(20, 3).astype("float32")
Y = (X @ [[1.0], [2.0], [-1.0]]).astype("float32")


def make_model(lr=0.05):
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.optimizer.lr = lr
    return model


def fit(*callbacks, model=None, nb_epoch=3, batch_size=8, **options):
    model = model or make_model()
    return model, model.fit(
        X, Y, nb_epoch=nb_epoch, batch_size=batch_size, verbose=0, callbacks=list(callbacks), **options
    )


class Script(cbks.Callback):
    """Puts chosen values into the logs of epochs, before the callbacks that follow it look."""

    def __init__(self, name, values):
        super().__init__()
        self.name, self.values = name, values

    def on_epoch_end(self, epoch, logs=None):
        logs[self.name] = self.values[epoch]


class Diary(cbks.Callback):
    """Writes down everything that it is told."""

    def on_train_begin(self, logs=None):
        self.entries = [("train begin", logs)]

    def on_train_end(self, logs=None):
        self.entries.append(("train end", logs))

    def on_epoch_begin(self, epoch, logs=None):
        self.entries.append(("epoch begin", epoch, logs))

    def on_epoch_end(self, epoch, logs=None):
        self.entries.append(("epoch end", epoch, dict(logs)))

    def on_batch_begin(self, batch, logs=None):
        self.entries.append(("batch begin", batch, dict(logs)))

    def on_batch_end(self, batch, logs=None):
        self.entries.append(("batch end", batch, dict(logs)))


def test_hooks_come_in_order_and_with_their_logs():
    diary = Diary()
    model, history = fit(diary, nb_epoch=2, validation_data=(X, Y))
    batches = [(word, batch) for batch in range(3) for word in ("batch begin", "batch end")]
    epochs = [("epoch begin", *batches, "epoch end")] * 2
    expected = ["train begin", *(entry for epoch in epochs for entry in epoch), "train end"]
    told = [entry[:2] if entry[0].startswith("batch") else entry[0] for entry in diary.entries]
    assert told == expected
    ends = [entry[2] for entry in diary.entries if entry[0] == "batch end"]
    assert [logs["size"] for logs in ends] == [8, 8, 4] * 2
    assert all({"batch", "size", "loss", "mean_absolute_error"} == set(logs) for logs in ends)
    epoch_logs = [entry[2] for entry in diary.entries if entry[0] == "epoch end"]
    assert set(epoch_logs[0]) == {"loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"}
    weighted = sum(logs["loss"] * logs["size"] for logs in ends[:3]) / 20
    assert epoch_logs[0]["loss"] == pytest.approx(weighted) == pytest.approx(history.history["loss"][0])
    assert diary.model is model
    assert diary.params == {
        "batch_size": 8,
        "nb_epoch": 2,
        "epochs": 2,
        "nb_sample": 20,
        "steps": 3,
        "verbose": 0,
        "do_validation": True,
        "metrics": ["loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"],
    }
    np.testing.assert_array_equal(model.validation_data[0], X)
    np.testing.assert_array_equal(model.validation_data[1], Y)
    np.testing.assert_array_equal(model.validation_data[2], np.ones(20))


def test_a_callback_that_needs_only_the_logs_keeps_many_steps_together():
    class Patient(Diary):
        needs_every_batch = False

    patient = Patient()
    model = make_model()
    model.fit(X, Y, nb_epoch=1, batch_size=1, verbose=0, callbacks=[patient])
    ends = [entry[2] for entry in patient.entries if entry[0] == "batch end"]
    assert len(ends) < 20 and sum(logs["size"] for logs in ends) == 20


def test_what_a_callback_sets_counts_from_the_next_step_on():
    class Reset(cbks.Callback):
        """Sets the weights before each step and the rate after it."""

        def on_batch_begin(self, batch, logs=None):
            self.model.set_weights([np.full((3, 1), batch, "float32"), np.zeros(1, "float32")])

        def on_batch_end(self, batch, logs=None):
            expected = np.mean((X[batch : batch + 1] @ np.full((3, 1), batch) - Y[batch : batch + 1]) ** 2)
            assert logs["loss"] == pytest.approx(expected, rel=1e-4)
            K.set_value(self.model.optimizer.lr, 0.0)

    model, _ = fit(Reset(), nb_epoch=1, batch_size=1, shuffle=False)
    np.testing.assert_array_equal(model.get_weights()[0], np.full((3, 1), 19))


def test_training_stops_where_a_callback_says_so():
    class Stop(cbks.Callback):
        def on_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    diary = Diary()
    fit(Stop(), diary)
    assert [entry[1] for entry in diary.entries if entry[0] == "batch end"] == [0, 1]
    assert diary.entries[-1][0] == "train end"


def test_what_a_callback_raises_leaves_the_weights_of_the_last_step():
    class Fail(cbks.Callback):
        def on_batch_end(self, batch, logs=None):
            if batch == 1:
                self.seen = self.model.get_weights()
                raise KeyboardInterrupt

    model, fail = make_model(), Fail()
    with pytest.raises(KeyboardInterrupt):
        fit(fail, model=model)
    np.testing.assert_array_equal(model.get_weights()[0], fail.seen[0])
    fit(model=model)


def test_history_holds_every_epoch(tmp_path):
    _, history = fit(validation_split=0.2, initial_epoch=1)
    assert history.epoch == [1, 2]
    assert {len(values) for values in history.history.values()} == {2}
    history.plot(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_progbar_logger_prints_each_epoch(capsys):
    model = make_model()
    model.fit(X, Y, nb_epoch=2, verbose=1, validation_data=(X, Y))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2" and lines[2] == "Epoch 2/2"
    assert "20/20" in lines[1] and "- loss: " in lines[1] and "- val_mean_absolute_error: " in lines[1]
    model.fit(X, Y, nb_epoch=1, verbose=2)
    assert "[===" not in capsys.readouterr().out
    model.fit(X, Y, nb_epoch=1, verbose=0)
    assert capsys.readouterr().out == ""


def test_base_logger_means_over_samples():
    logger = cbks.BaseLogger()
    logger.set_params({"metrics": ["loss"]})
    logger.on_epoch_begin(0)
    logger.on_batch_end(0, {"size": 3, "loss": 1.0})
    logger.on_batch_end(1, {"size": 1, "loss": 5.0})
    logs = {}
    logger.on_epoch_end(0, logs)
    assert logs == {"loss": 2.0}


LOSSES = [1.0, 0.8, 0.9, 0.7, 0.75, 0.72]
CHECKPOINTS = {
    "each epoch": ({}, LOSSES, [0, 1, 2, 3, 4, 5]),
    "every second": ({"period": 2}, LOSSES, [1, 3, 5]),
    "the best": ({"save_best_only": True}, LOSSES, [0, 1, 3]),
    "the largest": ({"save_best_only": True, "mode": "max"}, LOSSES, [0]),
    "an accuracy is better when larger": ({"save_best_only": True, "monitor": "val_acc"}, LOSSES[::-1], [0, 1, 3, 5]),
    "weights only": ({"save_weights_only": True}, LOSSES, [0, 1, 2, 3, 4, 5]),
}


def test_callbacks_make_the_folders_of_their_files(tmp_path):
    fit(cbks.ModelCheckpoint(tmp_path / "a" / "b" / "m.h5"), cbks.CSVLogger(tmp_path / "c" / "log.csv"))
    assert {path.name for path in tmp_path.rglob("*.*")} == {"m.h5", "log.csv"}
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot be a folder"):
        fit(cbks.ModelCheckpoint(tmp_path / "file" / "m.h5"))


@pytest.mark.parametrize("case", CHECKPOINTS)
def test_model_checkpoint(case, tmp_path):
    options, values, kept = CHECKPOINTS[case]
    monitor = options.get("monitor", "val_loss")
    checkpoint = cbks.ModelCheckpoint(str(tmp_path / ("{epoch:02d}-{" + monitor + ":.2f}.h5")), **options)
    model, _ = fit(Script(monitor, values), checkpoint, nb_epoch=6)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{e:02d}-{values[e]:.2f}.h5" for e in kept]
    last = sorted(tmp_path.iterdir())[-1]
    if options.get("save_weights_only"):
        make_model().load_weights(last)
    elif kept[-1] == 5:
        np.testing.assert_array_equal(load_model(last).predict(X), model.predict(X))


@pytest.mark.parametrize(
    "options, values, epochs",
    [
        ({}, [1.0, 0.9, 0.95, 0.8], 3),
        ({"patience": 1}, [1.0, 0.9, 0.95, 0.94, 0.1], 4),
        ({"min_delta": 0.2}, [1.0, 0.9, 0.8], 2),
        ({"mode": "max"}, [1.0, 0.9, 2.0], 2),
        ({"monitor": "val_acc"}, [0.1, 0.2, 0.15, 0.3], 3),
    ],
)
def test_early_stopping(options, values, epochs):
    _, history = fit(
        Script(options.get("monitor", "val_loss"), values), cbks.EarlyStopping(**options), nb_epoch=len(values)
    )
    assert len(history.epoch) == epochs


def test_a_missing_quantity_is_said_once():
    with pytest.warns(RuntimeWarning, match="EarlyStopping needs 'val_loss'.*loss") as warned:
        fit(cbks.EarlyStopping(), nb_epoch=3)
    assert len(warned) == 1


def test_learning_rate_scheduler():
    rates = []
    watch = cbks.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(float(model.optimizer.lr)))
    model = make_model()
    fit(cbks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)), watch, model=model)
    np.testing.assert_allclose(rates, [0.1, 0.05, 0.1 / 3], rtol=1e-6)
    with pytest.raises(ValueError, match="epoch 0 it gave None"):
        fit(cbks.LearningRateScheduler(lambda epoch: None))


@pytest.mark.parametrize(
    "options, values, rates",
    [
        ({"patience": 1}, [1.0, 1.0, 1.0, 0.5], [1.0, 1.0, 0.1, 0.1]),
        ({"patience": 0, "factor": 0.5}, [1.0, 1.0, 0.5, 0.6], [1.0, 0.5, 0.5, 0.25]),
        ({"patience": 0, "cooldown": 2}, [1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 0.1, 0.1, 0.01, 0.01]),
        ({"patience": 0, "min_lr": 0.05}, [1.0, 1.0, 1.0, 1.0], [1.0, 0.1, 0.05, 0.05]),
        ({"patience": 0, "epsilon": 0.5}, [1.0, 0.8, 0.2], [1.0, 0.1, 0.1]),
    ],
)
def test_reduce_lr_on_plateau(options, values, rates):
    seen, model = [], make_model(lr=1.0)
    watch = cbks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(float(model.optimizer.lr)))
    fit(Script("val_loss", values), cbks.ReduceLROnPlateau(**options), watch, model=model, nb_epoch=len(values))
    np.testing.assert_allclose(seen, rates, rtol=1e-5)


def test_reduce_lr_on_plateau_must_reduce():
    with pytest.raises(ValueError, match="factor must be below 1.*1.5"):
        cbks.ReduceLROnPlateau(factor=1.5)


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_logger(separator, tmp_path):
    path = tmp_path / "log.csv"
    _, first = fit(cbks.CSVLogger(str(path), separator=separator))
    _, second = fit(cbks.CSVLogger(str(path), separator=separator, append=True), nb_epoch=1)
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file, delimiter=separator))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "0"]
    losses = first.history["loss"] + second.history["loss"]
    np.testing.assert_allclose([float(row["loss"]) for row in rows], losses)


def test_lambda_callback_calls_each_function():
    told = []

    def note(name):
        return lambda *args: told.append(name)

    hooks = ["on_train_begin", "on_epoch_begin", "on_batch_begin", "on_batch_end", "on_epoch_end", "on_train_end"]
    fit(cbks.LambdaCallback(**{hook: note(hook) for hook in hooks}), nb_epoch=1, batch_size=20)
    assert told == hooks


def test_remote_monitor_posts_the_logs():
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, json.loads(urllib.parse.parse_qs(body)["data"][0])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            """Quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        _, history = fit(cbks.RemoteMonitor(root=root), nb_epoch=2)
        server.shutdown()
    assert [path for path, _ in received] == ["/publish/epoch/end/"] * 2
    assert [message["loss"] for _, message in received] == history.history["loss"]
    with pytest.warns(UserWarning, match="could not be reached"):
        fit(cbks.RemoteMonitor(root=root), nb_epoch=1)


def test_tensorboard_files_can_be_read(tmp_path):
    pytest.importorskip("tensorboardX")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    _, history = fit(cbks.TensorBoard(log_dir=str(tmp_path), histogram_freq=1))
    events = accumulator.EventAccumulator(str(tmp_path)).Reload()
    np.testing.assert_allclose([event.value for event in events.Scalars("loss")], history.history["loss"], rtol=1e-6)
    assert len(events.Tags()["histograms"]) == 2


LAYERS_THAT_FAIL = {
    "a layer": (lambda x: K.log(x - 100.0), "in the output of layer 'culprit'"),
    "a gradient": (lambda x: K.sqrt(0.0 * K.square(x)), "in the gradient of weight 'first_"),
}


@pytest.mark.parametrize("what", LAYERS_THAT_FAIL)
@pytest.mark.parametrize("rollback", [True, False])
def test_terminate_on_nan_names_the_place_and_rolls_back(what, rollback, capsys):
    function, place = LAYERS_THAT_FAIL[what]
    model = Sequential([Dense(4, input_dim=3, name="first"), Lambda(function, name="culprit"), Dense(1, name="last")])
    model.compile("sgd", "mse")
    before, guard = model.get_weights(), cbks.TerminateOnNaN(rollback)
    _, history = fit(guard, model=model)
    assert place in guard.found and guard.found in capsys.readouterr().out
    assert len(history.epoch) == 1
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights())) == rollback
    assert np.isnan(model.get_weights()[0]).any() == (not rollback)


def test_terminate_on_nan_names_data_and_rates():
    bad = X.copy()
    bad[7, 1] = np.nan
    guard, model = cbks.TerminateOnNaN(), make_model()
    model.fit(bad, Y, verbose=0, callbacks=[guard])
    assert f"in the data for '{model.input_names[0]}'" in guard.found
    guard, model = cbks.TerminateOnNaN(), make_model(lr=1e30)
    fit(guard, model=model, nb_epoch=5)
    assert "in the" in guard.found
    assert np.isfinite(model.get_weights()[0]).all()


def test_every_callback_is_tested():
    here = inspect.getsource(inspect.getmodule(Diary))
    public = [
        name
        for name, item in vars(cbks).items()
        if inspect.isclass(item) and item.__module__.startswith(cbks.__name__) and not name.startswith("_")
    ]
    assert [name for name in public if f"cbks.{name}(" not in here and name not in INDIRECTLY] == []


# every training has the first four; the others have files of their own
OTHERS = ("BackupAndResume", "BackupAndRestore", "SwapEMAWeights")
INDIRECTLY = ("Callback", "CallbackList", "History", "ProgbarLogger", "OrbaxCheckpoint", *OTHERS)


def test_users_declare_arguments_or_write_constructors():
    class Every(cbks.Callback):
        """Counts epochs."""

        period: int = argument("epochs between two counts", default=1, at_least=1)

        def on_train_begin(self, logs=None):
            self.count = 0

        def on_epoch_end(self, epoch, logs=None):
            self.count += epoch % self.period == 0

    class Alone(cbks.Callback):
        def __init__(self, limit):
            self.limit = limit  # and no word to the base class

        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch + 1 == self.limit

    class Patient(cbks.EarlyStopping):
        def __init__(self, extra, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.patience += extra

    every = Every(period=2)
    _, history = fit(every, Alone(3), Patient(2, "loss", patience=1), nb_epoch=5)
    assert history.epoch == [0, 1, 2] and every.count == 2 and Patient(2, "loss", patience=1).patience == 3
    with pytest.raises(ValueError, match="Every, argument 'period'"):
        Every(0)
    with pytest.raises(TypeError, match="EarlyStopping has no argument 'patiense'. Did you mean 'patience'"):
        cbks.EarlyStopping(patiense=3)
