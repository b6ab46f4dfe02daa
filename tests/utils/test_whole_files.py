"""Files take the place of others only when they are whole, where that may be, and nothing of them is left behind."""

import errno
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from horngate.callbacks import BackupAndResume, CSVLogger, ModelCheckpoint, TensorBoard
from horngate.layers import Dense
from horngate.models import Sequential, load_model
from horngate.utils import whole_files
from horngate.utils.visualize_util import plot
from horngate.utils.whole_files import atomic_write, remove_abandoned, temporary_path, write_errors

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, modes and locks of POSIX systems")


def small():
    model = Sequential([Dense(2, input_dim=2)])
    model.compile("sgd", "mse")
    return model


WRITERS = {
    "m.h5": lambda path: small().save(path),
    "w.h5": lambda path: small().save_weights(path, overwrite=True),
    "m.keras": lambda path: small().save(path),
    "w.safetensors": lambda path: small().save_weights(path, overwrite=True),
    "m.svg": lambda path: plot(small(), path),
    "m.png": lambda path: plot(small(), path),
}


def fit_with(callback):
    model = small()
    model.fit(np.ones((2, 2)), np.ones((2, 2)), nb_epoch=1, verbose=0, callbacks=[callback])


LOGS = {  # written while a model is trained; a pipe that nobody reads would stop it for ever
    "log.csv": lambda path: fit_with(CSVLogger(path)),
    "more.csv": lambda path: fit_with(CSVLogger(path, append=True)),
    "best.h5": lambda path: fit_with(ModelCheckpoint(path)),
}


@pytest.mark.parametrize("folder", [TensorBoard, BackupAndResume])
def test_a_pipe_is_no_folder(folder, tmp_path):
    os.mkfifo(tmp_path / "logs")
    with pytest.raises(OSError, match="logs cannot be a folder: a file stands in its place"):
        fit_with(folder(tmp_path / "logs"))


@pytest.mark.parametrize("name", WRITERS)
def test_links_are_followed_and_the_mode_is_kept(tmp_path, name):
    real, link, second = tmp_path / "elsewhere" / name, tmp_path / name, tmp_path / f"second-{name}"
    real.parent.mkdir()
    link.symlink_to(real)
    second.symlink_to(link.name)
    WRITERS[name](second)  # the links lead nowhere yet
    before = real.stat()
    assert stat.S_IMODE(before.st_mode) == 0o666 & ~mask()
    real.chmod(0o640)
    WRITERS[name](second)
    assert link.is_symlink() and second.is_symlink() and not real.is_symlink()
    after = real.stat()
    assert after.st_ino != before.st_ino and stat.S_IMODE(after.st_mode) == 0o640 and after.st_uid == before.st_uid
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted([name, second.name, name, "elsewhere"])


def mask():
    """The mask of this process, found without changing it."""
    lines = Path("/proc/self/status").read_text().splitlines() if os.path.exists("/proc/self/status") else []
    return next((int(line.split()[1], 8) for line in lines if line.startswith("Umask")), 0o022)


def pipe(path):
    os.mkfifo(path)


def unix_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(path.parent)  # addresses are short
        made.bind(path.name)


def device(path):
    path.symlink_to("/dev/null")


def loop(path):
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    "kind, said",
    [(pipe, "a pipe"), (unix_socket, "a socket"), (device, "a device")]
    + [(os.mkdir, "a folder"), (loop, "a link that leads to itself")],
)
@pytest.mark.parametrize("name", [*WRITERS, *LOGS])
def test_what_is_no_plain_file_is_refused(tmp_path, name, kind, said, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind(tmp_path / name)
    before = os.lstat(tmp_path / name).st_ino
    with pytest.raises(OSError, match=f"{name} is {said}.*choose another name"):
        (WRITERS | LOGS)[name](tmp_path / name)
    assert os.lstat(tmp_path / name).st_ino == before and os.listdir(tmp_path) == [name]


def test_a_file_that_is_write_protected_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "w.h5").write_bytes(b"precious")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write whatever its mode is
    with pytest.raises(OSError, match="write-protected"):
        small().save_weights(tmp_path / "w.h5", overwrite=True)
    assert (tmp_path / "w.h5").read_bytes() == b"precious" and os.listdir(tmp_path) == ["w.h5"]


def test_the_mask_of_the_process_is_never_touched(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("other threads make files, too"))
    for name, write in WRITERS.items():
        write(tmp_path / name)


def test_who_reads_a_new_file_at_once_finds_no_lock(tmp_path, monkeypatch):
    """HDF5 refuses a file that another holds a lock on; until it is whole, it has one, by which it is known as such."""
    import fcntl

    def try_lock(path, how=fcntl.LOCK_SH):
        with open(path, "rb") as file:
            fcntl.flock(file, how | fcntl.LOCK_NB)

    def replaced(path, target):
        try_lock(path)
        replace(path, target)

    replace = os.replace
    monkeypatch.setattr(os, "replace", replaced)
    with pytest.raises(BlockingIOError), atomic_write(tmp_path / "a") as path:
        try_lock(path)
    small().save(tmp_path / "m.h5")
    with open(tmp_path / "m.h5", "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match="m.h5 is being written by another program. Read it when that has ended"):
            load_model(tmp_path / "m.h5")


def test_a_private_file_is_private_while_it_is_written(tmp_path):
    target = tmp_path / "a"
    target.write_bytes(b"")
    target.chmod(0o600)
    with atomic_write(target) as path:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


# What killed writers leave.

KILLED = """
import os, sys, time
from horngate.utils.whole_files import atomic_write
with atomic_write(sys.argv[1]) as path:
    print(path, flush=True)
    time.sleep(100)
"""


def writer(path):
    """A process that is writing `path`, and its temporary file."""
    command = [sys.executable, "-c", KILLED, path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path):
    living, its = writer(tmp_path / "a")
    killed, left = writer(tmp_path / "b")
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        host, _, token = left.name.split("-")[1:]
        foreign = left.with_name(f".horngate-{'0' * 8}-{killed.pid}-{token}")  # of another host
        locked = left.with_name(f".horngate-{host}-{killed.pid}-{'1' * 8}.tmp")  # of a process in another container
        folder = left.with_name(f".horngate-{host}-{killed.pid}-{'2' * 8}.tmp")
        alike = left.with_name(f".horngate-{host}-{killed.pid}.tmp")
        for path in (foreign, locked, alike):
            path.write_bytes(b"")
        (folder / "inside").mkdir(parents=True)
        with open(locked) as held:
            assert whole_files.lock(held.fileno())
            with atomic_write(tmp_path / "c") as path:
                Path(path).write_bytes(b"new")
        assert set(tmp_path.iterdir()) == {its, foreign, locked, alike, tmp_path / "c"}
        remove_abandoned(str(tmp_path))
        assert set(tmp_path.iterdir()) == {its, foreign, alike, tmp_path / "c"}
    finally:
        living.kill()
        living.wait()
        killed.stdout.close()
        living.stdout.close()


def test_without_locks_files_are_written_and_nothing_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(whole_files, "fcntl", None)
    left = Path(temporary_path(str(tmp_path)).replace(f"-{os.getpid()}-", "-4194305-"))
    left.write_bytes(b"")
    with atomic_write(tmp_path / "a") as path:
        Path(path).write_bytes(b"new")
    assert set(tmp_path.iterdir()) == {left, tmp_path / "a"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_is_said_in_one_sentence(code):
    with (
        pytest.raises(
            OSError, match=r"a\.csv could not be written: .*\. Make room there, or write elsewhere\.$"
        ) as caught,
        write_errors("a.csv"),
    ):
        raise OSError(code, os.strerror(code))
    assert caught.value.errno == code


def test_other_errors_stay_as_they_are():
    with pytest.raises(KeyError), write_errors("a.csv"):
        raise KeyError("x")
    with pytest.raises(OSError, match="unable to read") as caught, write_errors("a.csv", "temporary"):
        raise OSError("unable to read")
    assert type(caught.value) is OSError


PEAK = """
import os, sys, numpy as np
from horngate.layers import Dense, Embedding
from horngate.models import Sequential, load_model
def status(key):
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith(key))
def save(model, number):
    model.save(f"{number}.h5")
    model.save_weights(f"{number}.weights.h5")
    model.save_weights(f"{number}.safetensors")
save(Sequential([Dense(2, input_dim=2)]), 0)
for number, model in enumerate([Sequential([Embedding(20000, 1500, input_length=2)]),
                                Sequential([Dense(2000, input_dim=2000), *(Dense(2000) for _ in range(6))])]):
    model.compile("adam", "mse")
    model._make_train_function()
    for name in ("m.h5", "w.h5", "w.safetensors"):
        open("/proc/self/clear_refs", "w").write("5")
        before = status("VmRSS")
        (model.save if name == "m.h5" else model.save_weights)(name, overwrite=True)
        print(number, name, status("VmHWM") - before - os.path.getsize(name) // 2**20)
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="only Linux tells the peak of a moment")
def test_a_save_takes_no_more_memory_than_what_it_saves(tmp_path):
    """One large weight, and several; with an optimizer's state of twice their size, and without."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PEAK], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    more = {line.rsplit(" ", 1)[0]: int(line.split()[-1]) for line in done.stdout.splitlines()}
    assert len(more) == 6, done.stderr
    assert max(more.values()) <= 64, more
