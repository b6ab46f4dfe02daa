"""Imports and lines of public programs of 2015 to 2019, run through `python -m horngate` as they stand there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from horngate.dialects import facade

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "lines"
RUNNER = """
import sys, traceback
failed = []
for line in open(sys.argv[1], encoding="utf-8").read().splitlines():
    if line and not line.startswith("#"):
        try:
            exec(line.replace("\\\\n", "\\n"), {"__name__": "__main__"})
        except BaseException as error:
            failed.append(f"{line}\\n    {type(error).__name__}: {error}")
print("\\n".join(failed) or "none failed")
"""
FILES = {"names.txt": "2", "names_1.txt": "1.0", "words.txt": "2", "theano.txt": "1.0", "tensorflow.txt": "2"}


@pytest.mark.parametrize("name", FILES)
def test_lines_of_programs(name, tmp_path):
    """Each line is a program's; `\\n` in it begins a new line."""
    (tmp_path / "run.py").write_text(RUNNER)
    done = subprocess.run(
        [sys.executable, "-m", "horngate", "--era", FILES[name], "run.py", str(HERE / name)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.rstrip().endswith("none failed"), done.stdout + done.stderr


def test_every_file_has_lines():
    assert all(len((HERE / name).read_text().splitlines()) >= 5 for name in FILES)


def test_families_name_modules_that_exist():
    """Else a name would be looked for in vain without a word."""
    for kin in facade._KIN.values():
        for inside in kin:
            assert facade._module(inside) is not None, inside
