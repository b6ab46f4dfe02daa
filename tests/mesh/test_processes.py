"""Programs in two processes: they train as one, agree on what differs between them, and end together."""

import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

from horngate.commands import launch
from tests.mesh.test_mesh import QUICKLY

pytestmark = pytest.mark.skipif(
    os.name != "posix" or os.environ.get("JAX_PLATFORMS", "cpu") != "cpu", reason="devices are simulated on a CPU"
)
WITHIN = 120  # seconds


def launched(processes, devices, do, folder, *told, code=0, **environment):
    """Run a part of `together`; returns what each process found, and what was printed."""
    flags = QUICKLY.partition(" ")[2]
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", **environment}
    options = ["-n", str(processes), "--devices", str(devices), *told]
    command = [sys.executable, "-m", "horngate", "launch", *options, "-m", "tests.mesh.together", do, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WITHIN)
    assert done.returncode == code, done.stdout + done.stderr
    found = [folder / f"found_{i}.json" for i in range(processes)]
    return [json.loads(path.read_text()) for path in found if code == 0], done.stdout + done.stderr


def numbers(found):
    """The numbers in nested lists, in their order."""
    return [x for each in found for x in (numbers(each) if isinstance(each, list) else [each])]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folders = [tmp_path_factory.mktemp("two"), tmp_path_factory.mktemp("one")]
    together, _ = launched(2, 2, "train", folders[0])
    (alone,), _ = launched(1, 4, "train", folders[1])
    return together, alone, folders[0]


@pytest.mark.parametrize(
    "what", ["fit", "predict", "saved", "file", "blocks", "same", "own", "evaluated", "pictures", "delayed"]
)
def test_two_processes_give_what_one_gives(what, trained):
    """Losses, predictions, weights and the optimizer's arrays, in float64, on four devices each time."""
    (first, second), alone, _ = trained
    assert numbers(first[what]) == numbers(second[what])
    np.testing.assert_allclose(numbers(first[what]), numbers(alone[what]), rtol=1e-12)


def test_each_process_may_keep_its_own_predictions(trained):
    """The first half of the samples, and the second."""
    (first, second), alone, _ = trained
    for one, other, whole in zip(first["own rows"], second["own rows"], alone["of these"], strict=True):
        assert len(one) == -(-len(whole) // 2)
        np.testing.assert_allclose([*one, *other], whole, rtol=1e-12)
    assert alone["own rows"] == alone["of these"]


def test_each_process_reads_only_its_rows(trained):
    """Of 88 rows in 2 epochs, and 64 by which it is seen that both have the same data."""
    (first, second), alone, _ = trained
    assert alone["rows read"] == [2 * 88, 2 * 88]
    assert first["rows read"] == second["rows read"] == [88 + 64, 88 + 64]


def test_each_process_loads_only_its_pictures(trained):
    """Of 8 batches of 16 to train on and 1 to test on, half; but some whole ones at first, which are compared."""
    (first, second), alone, _ = trained
    assert alone["pictures read"] == 9 * 16
    assert max(first["pictures read"], second["pictures read"]) <= 9 * 16 - 4 * 8


def test_a_slow_process_sets_the_pace_of_all(trained):
    (first, second), _, _ = trained
    assert first["steps"] == second["steps"]
    assert first["steps"][-1] == 199


def test_process_0_writes_the_files(trained):
    folder = trained[2]
    assert sorted(path.name for path in folder.iterdir() if path.is_file() and path.suffix != ".json") == [
        "log.csv",
        "model.h5",
        "w.h5",
    ]
    assert (folder / "log.csv").read_text().count("\n") == 2  # a header, and an epoch


@pytest.fixture(scope="module")
def agreed(tmp_path_factory):
    return launched(2, 2, "agree", tmp_path_factory.mktemp("agree"))[0]


def test_what_differs_between_processes_is_that_of_process_0(agreed):
    """Weights without a seed, the order of the samples, dropout, and the learning rate that a callback sets."""
    first, second = agreed
    assert first == second
    assert first["lr"] == pytest.approx(0.01)
    assert len(first["losses"]) == 2, "process 1 has stopped the training"


@pytest.mark.parametrize(
    "what, words",
    {
        "data": ["ValueError", "process 1 has other data", "same arrays"],
        "batches": ["ValueError", "another first batch", "batches='own'"],
        "shares": ["ValueError", "batches='own'", "[16, 17]"],
        "mesh": ["ValueError", "'data:3'", "'data'"],
    }.items(),
)
def test_refusals_say_what_to_do(what, words, agreed):
    assert [word for word in words if word not in agreed[0][what]] == [], agreed[0][what]


@pytest.mark.parametrize(
    "how, who, code, words",
    [
        ("kill", 1, 137, "process 1 of 2 was ended by SIGKILL"),
        ("kill", 0, 137, "process 0 of 2 was ended by SIGKILL"),
        ("raise", 1, 1, "process 1 of 2 ended with exit code 1"),
        ("hang", 1, 76, "a process has waited too long"),
    ],
)
def test_all_end_with_the_first(how, who, code, words, tmp_path):
    told = ["--watchdog", "2"] if how == "hang" else []
    printed = launched(2, 1, "fail", tmp_path, *told, code=code, HOW=how, WHO=str(who))[1]
    assert time.time() - float((tmp_path / "at").read_text()) < 30  # JAX alone would wait for minutes
    assert len(re.findall("^horngate: ", printed, re.MULTILINE)) == 1
    assert words in printed
    assert ("a fault of the user's" in printed) == (how == "raise")
    assert "together.py" in printed if how in ("raise", "hang") else "Traceback" not in printed
    assert "Check failure" not in printed
    assert "external/" not in printed


@pytest.mark.parametrize("orbax", [False, True])
def test_a_training_goes_on_with_any_number_of_devices_and_processes(orbax, tmp_path):
    """SIGTERM to one makes both save; what another mesh reads is the same to the last bit."""
    if orbax and importlib.util.find_spec("orbax") is None:
        pytest.skip("Orbax is not installed")
    environment = {} if orbax else {"WITHOUT_ORBAX": "1"}
    printed = launched(2, 2, "resume", tmp_path, code=75, TERM_NOW="1", EPOCHS="4", **environment)[1]
    assert "run the program again" in printed
    kept = sorted(path.name[:9] for path in (tmp_path / "backup").iterdir())
    assert kept == ["training."] + ["variables"] * orbax
    ended = json.loads((tmp_path / "ended_0.json").read_text())
    for mesh in [(1, 8), (1, 1), (4, 1)] if orbax else [(4, 1)]:
        found, _ = launched(*mesh, "resume", tmp_path, EPOCHS="2")
        assert all(each["weights"] == ended for each in found)
    (more,), _ = launched(1, 1, "resume", tmp_path, EPOCHS="3")
    assert more["weights"] != ended
    assert len(more["losses"]) == 3


def test_restarts(tmp_path):
    """A program that fails at its first start, and not at the second."""
    program = tmp_path / "program.py"
    program.write_text(
        f"import pathlib, sys\nfound = pathlib.Path({str(tmp_path / 'found')!r})\n"
        "if not found.exists():\n    found.touch()\n    sys.exit('fails once')\nprint('done', sys.argv[1:])\n"
    )
    command = [sys.executable, "-m", "horngate", "launch", "-n", "1", "--restarts", "2", str(program), "--more"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[0] done ['--more']\n"
    assert "[0] fails once" in done.stderr
    assert done.stderr.count("starting all again (1 of 2)") == 1


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "-n"),
        (["-n", "2"], "name the program"),
        (["-n", "0", "x.py"], "whole number from 1"),
        (["-n", "2", "--hosts", "2", "x.py"], "--coordinator HOST:PORT"),
        (["-n", "2", "--process-id", "1", "x.py"], "--process-id 1"),
    ],
)
def test_command_lines_that_mean_nothing(arguments, words, capsys):
    from horngate.commands import launch

    with pytest.raises(SystemExit) as ended:
        launch.main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_process_numbers_on_several_hosts():
    from horngate.commands import launch

    options, program = launch._parsed(
        [
            "-n",
            "2",
            "--devices",
            "4",
            "--hosts",
            "3",
            "--process-id",
            "4",
            "--coordinator",
            "first:1234",
            "train.py",
            "-n",
            "7",
        ]
    )
    found = launch._environment(options, options.coordinator, 1)
    assert program == ["train.py", "-n", "7"]
    told = {name: found[name] for name in ("HORNGATE_COORDINATOR", "HORNGATE_PROCESSES", "HORNGATE_PROCESS_ID")}
    assert list(told.values()) == ["first:1234", "6", "5"]
    assert found["JAX_LOCAL_DEVICE_IDS"] == "4,5,6,7"


@pytest.mark.parametrize("text, limit", [(None, 60), ("5", 5), ("0", float("inf"))])
def test_time_of_the_watchdog(text, limit):
    from horngate.backend.watchdog import limit_from

    assert limit_from(text) == limit


@pytest.mark.parametrize("text", ["-1", "soon"])
def test_times_that_the_watchdog_does_not_take(text):
    from horngate.backend.watchdog import limit_from

    with pytest.raises(ValueError, match=f"received '{text}'"):
        limit_from(text)


PROGRAM = """
import os, signal, sys, time
import numpy as np
np.random.seed(0)
print("drawn", np.random.rand())
import jax
from horngate.callbacks import Callback
from horngate.layers import Dense
from horngate.models import Sequential

how, me = sys.argv[1], jax.process_index()
DO = {
    "term": lambda: me or os.kill(os.getpid(), signal.SIGTERM),
    "told": lambda: me or os.kill(os.getppid(), signal.SIGTERM),
    "exit": lambda: me and sys.exit(0),
    "leave": lambda: me and os._exit(0),
    "call": lambda: None,
}

class Slow(Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.05)
        if epoch == 1:
            DO[how]()

if how == "asleep":
    DO["told"]()
    time.sleep(60)
x = np.ones((8, 2))
model = Sequential([Dense(2, input_dim=2)])
model.compile("sgd", "mse")
if how == "call" and me:
    model.predict(x)
model.fit(x, x, nb_epoch=600, verbose=0, callbacks=[Slow()])
"""


@pytest.mark.parametrize(
    "how, code, words",
    [
        ("told", 143, "the launcher was told to end by SIGTERM"),
        ("asleep", 143, "the launcher was told to end by SIGTERM"),
        ("term", 143, "process 0 of 2 was ended by SIGTERM"),
        ("exit", 78, "process 1 of 2 ended (exit code 0) while the others still train"),
        ("leave", 78, "process 1 of 2 ended (exit code 0) while the others still train"),
        ("call", 1, "ended with exit code 1"),
    ],
)
def test_trainings_that_end_early_end_soon_and_with_one_sentence(how, code, words, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "horngate", "launch", "-n", "2", str(program), how]
    began = time.monotonic()
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WITHIN)
    assert done.returncode == code, done.stderr
    assert time.monotonic() - began < 30, "the training ended by itself, or the watchdog ended it"
    assert "[0] drawn 0.548813503" in done.stdout, "a seed gives other numbers than in one process"
    said = [line for line in done.stderr.splitlines() if not line.startswith("[")]
    assert len(said) == 1
    assert words in said[0]
    assert ".cc:" not in done.stderr
    assert ("different calls: fit in process 0, predict in process 1" in done.stderr) == (how == "call")


@pytest.mark.parametrize("program, words", [(["gone.py"], "no program 'gone.py'"), (["-m", "gone.x"], "module 'gone'")])
def test_a_missing_program_starts_no_process(program, words, capsys, monkeypatch):
    from horngate.commands import launch

    monkeypatch.setattr(launch, "_Processes", None)
    assert launch.main(["-n", "2", *program]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_what_jax_says_of_the_end_of_a_connection_is_left_out_and_lines_of_the_program_are_not():
    of_jax = [
        b"E0101 00:00:00.000000   11 coordination_service_agent.cc:379] Polled an error\n",
        b":UNAVAILABLE:Stream removed (Socket closed)\n",
        b"=== Source Location Trace: ===\n",
        b"external/xla+/xla/pjrt/distributed/coordination/coordination_service_error_util.cc:64\n",
        b"\n",
    ]
    printed = io.StringIO()
    launch._pass_on(1, [b"\n", *of_jax, b"WARNING: mine\n", b"external/of_mine.cc:64\n"], printed)
    assert printed.getvalue() == "[1] \n[1] WARNING: mine\n[1] external/of_mine.cc:64\n"
