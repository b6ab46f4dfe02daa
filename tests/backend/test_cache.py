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
for i in range(60):
    y = K.tanh(K.dot(y, K.variable(np.eye(64)))) + K.softmax(y) * K.sum(y, axis=-1, keepdims=True)
print(K.function([x], [y])([np.ones((2, 64))])[0].sum())
"""


def run(folder, **environment):
    environment = {**os.environ, "HORNGATE_CACHE_DIR": str(folder), **environment}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_programs_are_kept_and_a_damaged_one_is_ignored(tmp_path):
    folder = tmp_path / "programs"
    first = run(folder)
    entries = [path for path in folder.iterdir() if path.name.endswith("-cache")]
    assert entries
    for path in entries:
        path.write_bytes(b"damaged" + path.read_bytes()[50:])
    assert run(folder) == first


def test_it_can_be_turned_off(monkeypatch):
    monkeypatch.setenv("HORNGATE_CACHE_DIR", "off")
    assert cache.cache_folder() is None


@pytest.mark.parametrize("mode, kept", [(0o700, True), (0o755, True), (0o775, False), (0o777, False), (None, True)])
def test_a_folder_into_which_others_may_write_is_not_used(tmp_path, mode, kept, monkeypatch, capsys):
    folder = tmp_path / "programs"
    if mode is not None:
        folder.mkdir()
        folder.chmod(mode)
    monkeypatch.setenv("HORNGATE_CACHE_DIR", str(folder))
    told = {}
    monkeypatch.setattr(cache, "jax", SimpleNamespace(config=SimpleNamespace(update=told.__setitem__)))
    monkeypatch.setattr(cache, "jax_options", SimpleNamespace(jax_compilation_cache_dir=None))
    monkeypatch.setattr(cache.atexit, "register", lambda *args: None)
    before = os.umask(0o002)
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
