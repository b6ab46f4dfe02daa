"""A training that was killed goes on, bit for bit, as if nothing had happened."""

import collections
import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest

from horngate import backend as K
from horngate.backend.graph import reset_uids
from horngate.callbacks import BackupAndResume, Callback, CSVLogger, EarlyStopping, LambdaCallback, ReduceLROnPlateau
from horngate.layers import GRU, Dense, Dropout, Layer
from horngate.models import Sequential
from horngate.training.plain_state import NotPlain, PlainState


class Killed(BaseException):
    """What ends a training in these tests; to the files it is what a kill is."""


def killed_at(hook, number):
    """A callback that ends the training at the `number`-th call of a hook, from 1."""
    calls = iter(range(1, 10**6))

    def end(*arguments):
        if next(calls) == number:
            raise Killed

    return LambdaCallback(**{hook: end})


def small(*layers):
    model = Sequential([Dense(4, input_dim=3), *layers, Dense(1)])
    model.compile("adam", "mse")
    return model


def data(count=10):
    X = np.random.randn(count, 3)
    return X, X[:, :1]


def run(folder, callbacks=(), kill=None, make=small, **options):
    """Train a new model in a new program, as it were; its model and History, or None where it was killed."""
    reset_uids()
    np.random.seed(5)
    random.seed(5)
    (X, Y), model = options.pop("xy", None) or data(), make()
    told = callbacks if any(isinstance(each, BackupAndResume) for each in callbacks) else None
    told = told or [*callbacks, BackupAndResume(folder, seconds=0), *([kill] if kill else [])]
    options = {"x": X, "y": Y, "batch_size": 4, "nb_epoch": 3, "verbose": 0, "callbacks": told} | options
    try:
        return model, model.fit(**options)
    except Killed:
        return None


def outcome(trained):
    model, history = trained
    state = [*model.get_weights(), *model.optimizer.get_weights()]
    return history.epoch, repr(dict(history.history)), [x.tolist() for x in state], np.random.rand(), random.random()


WHOLE = []  # what comes out undisturbed, and its table


@pytest.mark.parametrize(
    "hook, number",
    [
        ("on_train_begin", 1),
        ("on_epoch_begin", 3),
        ("on_batch_begin", 2),
        ("on_batch_end", 6),
        ("on_epoch_end", 1),
        ("on_train_end", 1),
    ],
)
def test_a_training_that_ends_anywhere_goes_on(tmp_path, hook, number):
    def drawing():
        draw = lambda *_: np.random.rand() + random.random()  # noqa: E731
        return LambdaCallback(on_epoch_begin=draw, on_train_end=draw)

    def trained(name, kill=None):
        told = [drawing(), CSVLogger(tmp_path / f"{name}.csv")]
        done = run(tmp_path / name, told, kill, lambda: small(Dropout(0.4)))
        return done and outcome(done)

    if not WHOLE:
        WHOLE.extend([trained("whole"), (tmp_path / "whole.csv").read_bytes()])
    assert trained("killed", killed_at(hook, number)) is None
    assert trained("killed") == WHOLE[0]
    if hook == "on_train_end":
        assert trained("killed") == WHOLE[0], "one that has ended is not trained further"
    assert (tmp_path / "killed.csv").read_bytes() == WHOLE[1]


@pytest.mark.parametrize("hook", ["on_train_begin", "on_batch_end", "on_epoch_begin", "on_epoch_end"])
def test_ctrl_c_saves_and_says_so(tmp_path, capfd, hook):
    """However long ago it was saved: what was trained until then is kept."""

    def pressing(times):
        calls = iter(range(10**6))

        def press(*arguments):
            if next(calls) == 1 or hook == "on_train_begin":
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)

        return LambdaCallback(**{hook: press})

    def trained(name, *told):
        callbacks = [*told, BackupAndResume(tmp_path / name, seconds=10**6)]
        return run(tmp_path / name, make=lambda: small(Dropout(0.4)), callbacks=callbacks)

    whole = outcome(trained("whole"))
    with pytest.raises(KeyboardInterrupt, match="saved in .*once; run the script again to go on"):
        trained("once", pressing(1))
    assert "Ctrl-C once more ends at once" in capfd.readouterr().err
    assert outcome(trained("once")) == whole
    with pytest.raises(KeyboardInterrupt) as caught:
        trained("twice", pressing(2))
    assert not caught.value.args
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_more_epochs_are_added_to_a_training_that_has_ended(tmp_path):
    whole = outcome(run(tmp_path / "whole", nb_epoch=5))
    run(tmp_path / "longer", nb_epoch=2)
    with pytest.warns(RuntimeWarning, match="ended after 2 epochs; nothing is trained"):
        run(tmp_path / "longer", nb_epoch=2)
    assert outcome(run(tmp_path / "longer", nb_epoch=5)) == whole


def test_a_model_that_is_built_again_in_the_same_program_goes_on(tmp_path, monkeypatch):
    whole = outcome(run(tmp_path / "whole"))
    run(tmp_path / "killed", kill=killed_at("on_epoch_end", 2))
    monkeypatch.setattr(sys.modules[__name__], "reset_uids", lambda: None)  # its layers have other names
    assert outcome(run(tmp_path / "killed")) == whole


def test_states_that_a_trace_meets_go_on(tmp_path):
    class Counting(Layer):
        """Adds how often it was called."""

        def build(self, input_shape):
            self.counted = K.variable(0.0, name="count")

        def call(self, x, mask=None):
            self.add_update([(self.counted, self.counted + 1)])
            return x + self.counted

    def make():
        model = Sequential([GRU(2, stateful=True, batch_input_shape=(4, 2, 3)), Counting(), Dense(1)])
        model.compile("sgd", "mse")
        return model

    def trained(name, kill=None):
        X = np.random.RandomState(1).randn(12, 2, 3)
        done = run(tmp_path / name, [], kill, make, xy=(X, X[:, 0, :1]), shuffle=False)
        return done and (outcome(done), done[0].predict(X[:4], batch_size=4).tolist())

    whole = trained("whole")
    for kill in (("on_batch_end", 3), ("on_epoch_end", 3)):  # with steps left, and without
        assert trained(str(kill), killed_at(*kill)) is None
        assert trained(str(kill)) == whole
    assert trained("whole") == whole, "the states are there, though no step was traced"


class Inner:
    """Something that a callback consists of."""

    def __init__(self):
        self.count = 0


class Remembers(Callback):
    """Has attributes of all kinds."""

    of_all = []
    last_epoch = None

    def __init__(self):
        super().__init__()
        self.table, self.inner, self.given = collections.Counter(), Inner(), None
        self.draw, self.same = np.random.RandomState(3), self.of_all

    def on_epoch_end(self, epoch, logs=None):
        self.array = np.arange(epoch + 2, dtype="int16")
        self.set, self.pair, self.number = {epoch, (1, "x")}, (epoch, [np.float32(0.1)]), np.float64(logs["loss"])
        self.table["epochs"] += 1
        self.by_epoch = {epoch: np.bool_(True), "recent": collections.deque([epoch], 2)}
        self.inner.count += 1
        self.drawn = self.draw.rand()
        self.of_all.append(epoch)
        type(self).last_epoch = epoch

    def state(self):
        held = {name: value for name, value in vars(self).items() if name not in ("model", "params", "draw", "inner")}
        return repr(sorted(held.items())), self.inner.count, self.draw.rand(), self.last_epoch


def test_callbacks_remember_values_of_every_kind(tmp_path):
    def state(name, kill=None):
        del Remembers.of_all[:]
        Remembers.last_epoch, callback = None, Remembers()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return run(tmp_path / name, [callback], kill) and callback.state()

    whole = state("whole")
    assert state("killed", killed_at("on_epoch_begin", 3)) is None
    assert state("killed") == whole
    assert "np.float32(0.1)" in whole[0] and "int16" in whole[0]


def test_what_a_callback_cannot_keep_is_said(tmp_path):
    class Writes(Callback):
        def on_train_begin(self, logs=None):
            self.file, self.function, self.count = open(os.devnull), len, 0

    class Decides(Writes):
        def get_state(self):
            return {"epochs": 7}

        def set_state(self, state):
            self.found = state

    with pytest.warns(RuntimeWarning, match=r"cannot keep Writes.file \(TextIOWrapper\).*get_state") as said:
        run(tmp_path, [Writes(), decides := Decides()])
        run(tmp_path, [Writes(), decides])
    assert sum("cannot keep" in str(each.message) for each in said) == 2 and decides.found == {"epochs": 7}


def test_what_the_script_changes_in_a_callback_holds(tmp_path):
    stop = EarlyStopping("loss", patience=1)
    run(tmp_path, [stop], killed_at("on_epoch_begin", 3))
    other = EarlyStopping("loss", patience=5)
    run(tmp_path, [other])
    assert other.patience == 5 and other.best < np.inf


def test_callbacks_that_act_go_on(tmp_path, capsys):
    def trained(name, kill=None):
        acting = [EarlyStopping("loss", min_delta=1e9, patience=2, verbose=1), ReduceLROnPlateau("loss", 0.5, 0, 1)]
        done = run(tmp_path / name, acting, kill, nb_epoch=9)
        text = capsys.readouterr().out
        return done and (outcome(done), acting[0].stopped_epoch, acting[1].wait, text.count("early stopping"), text)

    whole = trained("whole")
    assert whole[1] == 3 and whole[3] == 1
    assert trained("killed", killed_at("on_epoch_end", 4)) is None
    after = trained("killed")
    assert after[:4] == whole[:4] and whole[4].endswith(after[4])


def _narrow():
    model = Sequential([Dense(3, input_dim=3), Dense(1)])
    model.compile("adam", "mse")
    return model


def _compiled(optimizer, loss):
    model = Sequential([Dense(4, input_dim=3), Dense(1)])
    model.compile(optimizer, loss)
    return model


CHANGED = {
    r"the data \(input 1\)": lambda: {"xy": data(10)},
    r"the data \(target 1\)": lambda: {"xy": (data_of_seed()[0], data_of_seed()[1] + 1)},
    "another model.*(3, 4).*(3, 3)": lambda: {"make": _narrow},
    "another model": lambda: {"make": lambda: small(Dense(4))},
    "the layers": lambda: {"make": lambda: small(Dropout(0.1))},
    "batch_size: 4 then, 5 now": lambda: {"batch_size": 5},
    "shuffle: True then, False now": lambda: {"shuffle": False},
    "the validation data": lambda: {"validation_data": data(4)},
    "the loss: mse then, mae now": lambda: {"make": lambda: _compiled("adam", "mae")},
    "the optimizer: .*0.001.* then, .*0.5.* now": lambda: {"make": lambda: _compiled(_adam(0.5), "mse")},
}


def data_of_seed():
    np.random.seed(5)
    return data()


def _adam(rate):
    from horngate.optimizers import Adam

    return Adam(lr=rate)


@pytest.mark.parametrize("told", CHANGED)
def test_another_training_is_refused(tmp_path, told):
    run(tmp_path, nb_epoch=1)
    np.random.seed(6)
    with pytest.raises(ValueError, match=told.replace("(3, 4)", r"\(3, 4\)").replace("(3, 3)", r"\(3, 3\)")) as refused:
        run(tmp_path, **CHANGED[told]())
    assert f"Delete the folder {tmp_path}" in str(refused.value)


def _without_format(path):
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["facts"] = json.dumps({**json.loads(str(arrays["facts"])), "format": 99})
    np.savez(path, **arrays)


def _of_0_1(path):
    np.savez(path, facts=json.dumps({"variables": [], "calls": [0], "epoch": 1, "step": 0}))


@pytest.mark.parametrize(
    "damage, told",
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-700]), "damaged"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (_without_format, "a later horngate (format 99)"),
        (_of_0_1, "horngate 0.1"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_delete(tmp_path, damage, told):
    run(tmp_path, nb_epoch=1)
    damage(tmp_path / "training.npz")
    with pytest.raises(ValueError, match=re.escape(told)) as refused:
        run(tmp_path)
    assert f"Delete the folder {tmp_path}" in str(refused.value)


def test_a_table_that_goes_on_keeps_what_was_there_before(tmp_path):
    table = tmp_path / "log.csv"
    table.write_text("epoch,loss\r\n0,9.5\r\n")

    def trained(kill=None):
        return run(tmp_path / "state", [CSVLogger(table, append=True)], kill)

    assert trained(killed_at("on_epoch_end", 1)) is None  # the first state was kept before the first row
    assert trained(killed_at("on_epoch_end", 2)) is None
    with open(table, "a") as file:
        file.write("1,0.3")  # and within a row
    trained()
    with open(table, newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "0", "1", "2"]


def test_a_row_cut_short_does_not_run_into_the_next(tmp_path):
    table = tmp_path / "log.csv"
    table.write_text("epoch,loss\r\n0,9")
    small().fit(*data(), nb_epoch=1, verbose=0, callbacks=[CSVLogger(table, append=True)])
    assert table.read_text().splitlines()[1] == "0,9" and table.read_text().splitlines()[-1].startswith("0,")


def test_logs_that_have_gone_are_missed(tmp_path):
    run(tmp_path / "state", [CSVLogger(tmp_path / "log.csv")], killed_at("on_epoch_begin", 3))
    os.unlink(tmp_path / "log.csv")
    with pytest.warns(RuntimeWarning, match="log.csv has lost"):
        run(tmp_path / "state", [CSVLogger(tmp_path / "log.csv")])
    assert (tmp_path / "log.csv").read_text().startswith("epoch,loss")


VALUES = [
    None,
    True,
    3,
    10**30,
    0.1,
    float("nan"),
    "x",
    b"ab",
    1 + 2j,
    [1, [2.5]],
    (1, (2,)),
    {1, 2},
    frozenset([1]),
    collections.deque([1, 2], 3),
    {"a": 1, 2: (3,), (1, 2): None},
    collections.OrderedDict(b=1, a=2),
    np.float64(0.1),
    np.float32(0.1),
    np.int64(3),
    np.bool_(True),
    np.str_("x"),
    np.datetime64("2020-01-01"),
    np.arange(3),
    np.zeros((2, 0), "int8"),
    random.getstate(),
    np.random.get_state(),
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_comes_back_in_its_type(value):
    kept = PlainState.of(value)
    kept.plain = json.loads(json.dumps(kept.plain))
    back = kept.restored()
    assert type(back) is type(value) and repr(back) == repr(value)
    assert PlainState.of(back).digest() == PlainState.of(value).digest()


@pytest.mark.parametrize("value", [iter([1]), np.array([None]), object(), [open(os.devnull)]], ids=range(4))
def test_what_has_no_plain_form_is_refused(value):
    with pytest.raises(NotPlain):
        PlainState.of(value)


def test_trainings_survive_kills():
    """A dozen of them; `python -m tests.kills` kills two hundred times."""
    pytest.importorskip("tensorboardX")
    command = [sys.executable, "-m", "tests.kills", "--kills", "12", "--kinds", "dense,stateful,generator,best_only"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 not;" in done.stdout
