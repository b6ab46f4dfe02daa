"""Every example runs at its smallest setting, listed and started by `python -m horngate examples`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from horngate.__main__ import main
from horngate.commands import examples

ROOT = Path(__file__).resolve().parents[1]


def test_there_are_as_many_as_files_and_each_says_what_it_shows(capsys):
    assert main(["examples"]) == 0
    listed = capsys.readouterr().out
    names = [path.stem for path in (ROOT / "examples").glob("*.py")]
    assert len(names) >= 15
    for name in names:
        assert re.search(rf"^{name} +[A-Z].*[.:?!]$", listed, re.MULTILINE), name


@pytest.mark.parametrize("name", examples.available())
def test_example_runs(name, tmp_path):
    command = [sys.executable, "-m", "horngate", "examples", name, "--quick"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"\d", ended.stdout), "it ends in a number worth looking at"
    assert list(tmp_path.rglob("*")) == [] or (tmp_path / "out").is_dir(), "what it writes goes into out/"


@pytest.mark.parametrize(
    "arguments, said",
    [(["examples", "digit"], "Did you mean 'digits'?"), (["exampls"], "there is no command and no file 'exampls'")],
)
def test_wrong_names_are_answered(arguments, said, capsys):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
