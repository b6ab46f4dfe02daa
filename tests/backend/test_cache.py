"""The cache of compiled programs on disk."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from horngate.backend import cache

SCRIPT = """
import numpy as np
import pytest
from horngate import backend as K
x = K.placeholder(shape=(None, 64))
y = x
for i in range(30):
    y = K.tanh(K.dot(y, K.variable(np.eye(64)))) + K.softmax(y) * K.sum(y, axis=-1, keepdims=True)
print(K.function([x], [y])([np.ones((2, 64))])[0].sum())
"""


def run(folder, **environment):
    """What the script printed, and what it complained of."""
    environment = {**os.environ, "HORNGATE_CACHE_DIR": str(folder), **environment}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def cut(content):
    return content[: len(content) // 2]


def flipped(content):
    return content[:-40] + bytes([content[-40] ^ 1]) + content[-39:]


@pytest.mark.parametrize("damaged", [cut, flipped])
def test_a_damaged_program_is_replaced_without_a_word(tmp_path, damaged):
    folder = tmp_path / "programs"
    first = run(folder)
    # the function's own program: smaller ones are kept or not by the time that they take
    entries = {path: path.read_bytes() for path in folder.glob("jit_checked-*-cache")}
    assert entries and first[1] == ""
    for path, content in entries.items():
        path.write_bytes(damaged(content))
    assert run(folder) == first
    for path, content in entries.items():
        assert len(path.read_bytes()) > 100 and path.read_bytes() != damaged(content), "it is written anew"
    times = {path: path.stat().st_mtime_ns for path in entries}
    assert run(folder) == first
    assert {path: path.stat().st_mtime_ns for path in entries} == times, "and used from then on"
    assert set(folder.glob("jit_checked-*")) == set(entries) and folder.stat().st_mode & 0o777 == 0o700


def test_what_jax_was_told_is_kept_as_jax_does(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    run(ours, JAX_COMPILATION_CACHE_DIR=str(theirs), JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS="0")
    assert not ours.exists() and not [path for path in theirs.iterdir() if path.name.endswith("-checked-cache")]


def test_it_can_be_turned_off(monkeypatch):
    monkeypatch.setenv("HORNGATE_CACHE_DIR", "off")
    assert cache.cache_folder() is None


@pytest.mark.parametrize(
    "mode, above, kept",
    [
        *(
            (0o700, False, True),
            (0o755, False, True),
            (0o775, False, False),
            (0o777, False, False),
            (None, False, True),
        ),
        *((0o755, True, True), (0o777, True, False), (0o1777, True, True), (None, True, True)),
    ],
)
def test_a_folder_into_which_others_may_write_is_not_used(tmp_path, mode, above, kept, monkeypatch, capsys):
    folder = tmp_path / "a" / "programs" if above else tmp_path / "programs"
    if mode is not None:
        changed = folder.parent if above else folder
        changed.mkdir()
        changed.chmod(mode)
    monkeypatch.setenv("HORNGATE_CACHE_DIR", str(folder))
    told = {}
    monkeypatch.setattr(cache, "jax", SimpleNamespace(config=SimpleNamespace(update=told.__setitem__)))
    monkeypatch.setattr(cache, "jax_options", SimpleNamespace(jax_compilation_cache_dir=None))
    monkeypatch.setattr(cache.atexit, "register", lambda *args: None)
    before = os.umask(0o002)  # as of many who have a group of their own
    try:
        cache.enable_cache()
        cache.enable_cache()
    finally:
        os.umask(before)
    assert (told.get("jax_compilation_cache_dir") == str(folder)) == kept
    assert ("chmod go-w" in capsys.readouterr().err) != kept


def test_a_folder_of_another_user_is_not_used(tmp_path, monkeypatch):
    assert not cache.others_may_write(tmp_path)
    status = os.stat(tmp_path)
    monkeypatch.setattr(os, "stat", lambda path: SimpleNamespace(st_mode=status.st_mode, st_uid=12345))
    assert cache.others_may_write(tmp_path)


def test_trimming_keeps_what_was_used_last(tmp_path):
    for age, name in enumerate(("new", "middle", "old")):
        path = tmp_path / name
        path.write_bytes(b"x" * 100)
        os.utime(path, (1e9 - age, 1e9 - age))
    cache.trim(tmp_path, 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["middle", "new"]
