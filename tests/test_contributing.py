"""CONTRIBUTING.md shows patches that are true: each applies to a copy of this tree, and the tests that it adds pass."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATCHES = dict(re.findall(r"^## (An? [^\n]*)\n.*?^```diff\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
COPIED = ("horngate", "tests/layers", "tests/backend", "tests/saving", "tests/conftest.py", "tests/__init__.py")
LONGEST = 35  # lines that a patch adds and takes away

# What is added -> the tests, by parts of their names in small letters, that must be found and pass.
ADDED = {
    "A layer": ("test_conformance.py", "scale"),
    "A function of K": ("test_ops.py", "log1p"),
    "An optimizer": ("test_optimizer_options.py", "yogi"),
    "A file format": ("test_round_trip.py", "npz"),
    "A callback": ("test_callbacks.py", "stopwatch"),
}


def files_of(patch):
    return re.findall(r"^\+\+\+ b/(.*)$", patch, re.MULTILINE)


@pytest.fixture(scope="module")
def patched(tmp_path_factory):
    """A copy of the tree, what `git apply` said there of each patch, and the lines in which pytest told of tests."""
    if not shutil.which("git"):
        pytest.skip("needs git, which applies patches")
    folder = tmp_path_factory.mktemp("tree")
    touched = [name for patch in PATCHES.values() for name in files_of(patch) if (ROOT / name).exists()]
    for name in [*COPIED, *touched]:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent), "PYTHONPATH": str(folder)}
    options = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    said = {what: subprocess.run(["git", "apply", "-"], input=PATCHES[what], **options).stderr for what in PATCHES}
    wanted = " or ".join(name for _, name in ADDED.values())
    tests = sorted({name for patch in PATCHES.values() for name in files_of(patch) if name.startswith("tests/test_")})
    tests += ["tests/layers/test_conformance.py", "tests/backend/test_ops.py", "tests/saving/test_round_trip.py"]
    pytest_command = [sys.executable, "-m", "pytest", "-v", "--import-mode=importlib", "-p", "no:cacheprovider"]
    done = subprocess.run([*pytest_command, *tests, "-k", wanted], **options)
    return folder, said, done.stdout.splitlines() + done.stderr.splitlines()


def test_each_thing_that_is_added_has_a_patch():
    assert PATCHES.keys() == ADDED.keys()


@pytest.mark.parametrize("what", ADDED)
def test_patch(what, patched):
    _, said, told = patched
    assert said[what] == "", "the patch does not apply: write it anew, with `git diff -U1`"
    file, name = ADDED[what]
    found = [line for line in told if file in line and name in line.partition("::")[2].lower()]
    assert [line for line in found if " PASSED" in line], "\n".join(told[-40:])
    assert [line for line in found if " PASSED" not in line] == []


@pytest.mark.parametrize("what", ADDED)
def test_patch_is_short_and_brings_a_test(what):
    lines = [line for line in PATCHES[what].splitlines() if re.match(r"[+-](?!\+\+ |-- )", line)]
    assert len(lines) <= LONGEST
    assert any(name.startswith("tests/") for name in files_of(PATCHES[what]))


def test_patched_files_keep_the_style(patched):
    """What is shown is laid out as ruff lays it out."""
    names = sorted({name for patch in PATCHES.values() for name in files_of(patch)})
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), *names]
        done = subprocess.run(ruff, cwd=patched[0], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
