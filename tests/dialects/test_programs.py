"""Programs of every era, written in the manner of their time, run through `python -m horngate` as they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(path for path in (Path(__file__).parent / "programs").iterdir() if path.suffix in (".py", ".ipynb"))
ERAS = {"03": "0.3", "10": "1.0", "12": "1.2", "2": "2", "tf2": "tf2", "3": "3"}


def run(*arguments, cwd, **environment):
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-m", "horngate", *map(str, arguments)],
        cwd=cwd,
        env=settings,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(path, tmp_path):
    options = ["--py2"] if path.stem.startswith("python2") else []
    if options:
        pytest.importorskip("fissix")
    ended = run(*options, path, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert any(character.isdigit() for character in ended.stdout) or "done" in ended.stdout
    era = ERAS[path.stem.rpartition("_")[2]]
    assert f"for Keras {era}" in ended.stderr


def test_there_are_twenty_of_them():
    assert len(PROGRAMS) >= 20


def test_the_era_can_be_chosen_and_notices_silenced(tmp_path):
    (tmp_path / "p.py").write_text("from keras import backend as K\nprint(K.image_dim_ordering(), __name__)")
    for options, environment, ordering in (
        (["--era", "1.2"], {}, "tf"),
        ([], {"HORNGATE_ERA": "2"}, "tf"),
        ([], {"HORNGATE_QUIET": "1"}, "th"),
    ):
        ended = run(*options, "p.py", cwd=tmp_path, **environment)
        assert ended.stdout == f"{ordering} __main__\n"
        assert ended.stderr == ""


def test_a_module_and_its_arguments(tmp_path):
    package = tmp_path / "study"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "train.py").write_text("import sys, keras\nfrom . import parts\nprint(sys.argv[1:], keras.__name__)")
    (package / "parts.py").write_text("from keras.layers.core import Dense")
    ended = run("-m", "study.train", "--lr", "0.1", cwd=tmp_path)
    assert ended.stdout == "['--lr', '0.1'] keras\n", ended.stderr


def test_a_script_finds_its_neighbours_and_its_arguments(tmp_path):
    (tmp_path / "neighbour.py").write_text("import keras\nname = keras.__name__")
    (tmp_path / "p.py").write_text("import sys, neighbour\nprint(neighbour.name, sys.argv[1:])")
    ended = run(tmp_path / "p.py", "a", "--era", "b", cwd=tmp_path.parent)
    assert ended.stdout == "keras ['a', '--era', 'b']\n", ended.stderr


def test_what_is_no_program_is_said(tmp_path):
    ended = run("missing.py", cwd=tmp_path)
    assert ended.returncode == 2 and "no file 'missing.py'" in ended.stderr


def test_a_program_that_fails_shows_its_own_line(tmp_path):
    (tmp_path / "p.py").write_text("import keras\n1 / 0\n")
    ended = run("p.py", cwd=tmp_path)
    assert ended.returncode == 1 and "ZeroDivisionError" in ended.stderr and 'p.py", line 2' in ended.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_programs_of_strangers(tmp_path):
    """Programs in the manner of strangers, each with a number that a broken library would not give."""
    programs = sorted((Path(__file__).parent / "strangers").iterdir())
    command = [sys.executable, "-m", "tests.dialects.many_programs", str(tmp_path), *map(str, programs)]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "HORNGATE_QUIET": "1"}
    ended = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=1800)
    assert ended.returncode == 0, ended.stdout
