"""The package is clean in both type checkers, as pyproject.toml sets it up."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tool(name):
    """The path of a type checker beside this Python, or of one that is on the path."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    return found or pytest.skip(f"{name} is not installed")


def test_basedpyright_finds_nothing():
    command = [tool("basedpyright"), "--outputjson", "--pythonpath", sys.executable]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found = json.loads(run.stdout)["generalDiagnostics"]
    assert [f"{item['file']}: {item['message']}" for item in found if item["severity"] == "error"] == []


def test_mypy_finds_nothing():
    run = subprocess.run([tool("mypy"), "--hide-error-context"], cwd=ROOT, capture_output=True, text=True)
    assert run.stderr == "" and "Success" in run.stdout, run.stdout + run.stderr


def test_the_types_of_what_is_public_are_known():
    """To those who use the package as well: nothing is left to what a checker infers."""
    command = [tool("basedpyright"), "--verifytypes", "horngate", "--ignoreexternal", "--outputjson"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [*command, "--pythonpath", sys.executable], cwd=ROOT.parent, env=environment, capture_output=True, text=True
    )
    assert json.loads(run.stdout)["typeCompleteness"]["completenessScore"] >= 0.95


def test_exceptions_from_the_checkers_are_few_and_have_a_reason():
    lines = [
        line for path in (ROOT / "horngate").rglob("*.py") for line in path.read_text(encoding="utf-8").split("\n")
    ]
    ignored = [line for line in lines if "type: ignore" in line or "pyright: ignore" in line]
    casts = [line for line in lines if re.search(r"(?<![\w.])(?<!def )cast\(", line)]  # no `K.cast`
    assert 0 < len(ignored) + len(casts) <= 40
    assert [line for line in ignored if not line.rpartition("]")[2].strip()] == [], "the reason stands behind"
