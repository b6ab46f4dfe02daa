"""run.py, the way in: it says what is missing, installs once, and installs again when something changed."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run.py in an empty project, with the commands that it would have started in `run.started`."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("first")
    module.started, module.exit_code = [], 0

    def start(command, check=False, **options):
        module.started.append(command)
        if check and module.exit_code:
            raise subprocess.CalledProcessError(module.exit_code, command)
        if "venv" in command:
            make_venv(module, sys.version_info)
        return SimpleNamespace(returncode=module.exit_code)

    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module.subprocess, "run", start)
    return module


def make_venv(module, version):
    module.venv_python().parent.mkdir(parents=True, exist_ok=True)
    module.venv_python().touch()
    (module.VENV / "pyvenv.cfg").write_text(f"version = {'.'.join(map(str, version[:3]))}\n")


def steps(module):
    """What the started commands were for."""
    known = {"venv": "venv", "ensurepip": None, "pip": "pip"}
    known |= dict.fromkeys(("pytest", "examples/digits.py", "benchmarks"), "job")
    found = [next(known[word] for word in command if word in known) for command in module.started]
    return [step for step in found if step]


def test_first_run_sets_up_and_second_does_not(run):
    assert run.main(["tests"]) == 0
    assert run.main(["tests", "-x"]) == 0
    assert steps(run) == ["venv", "pip", "job", "job"]
    assert run.started[2][-1] == f"{run.ROOT}[dev]"
    assert run.started[-1][-1] == "-x"


def test_all_tests_are_the_harnesses_too(run):
    assert run.main(["tests", "-x", "--all"]) == 0
    assert run.started[-len(run.HARNESSES) - 1][-1] == "-x"
    last = run.started[-len(run.HARNESSES) :]
    assert [command[-len(harness) :] for command, harness in zip(last, run.HARNESSES)] == [*run.HARNESSES]


def test_each_job_gets_its_extra(run):
    run.main(["tests"])
    for job, extra in (("digits", "plot"), ("benchmark", "bench")):
        run.main([job])
        assert steps(run)[-2:] == ["pip", "job"]
        assert run.started[-2][-1] == f"{run.ROOT}[{extra}]"


def test_a_changed_pyproject_is_installed_again(run):
    run.main(["tests"])
    (run.ROOT / "pyproject.toml").write_text("second")
    run.main(["tests"])
    assert steps(run) == ["venv", "pip", "job", "pip", "job"]


def test_another_python_makes_the_environment_anew(run):
    make_venv(run, (3, 11, 99))
    run.main(["tests"])
    assert steps(run) == ["venv", "pip", "job"]


def test_a_failed_installation_is_told_and_tried_again(run):
    make_venv(run, sys.version_info)
    run.exit_code = 3
    assert "ended with exit code 3" in run.main(["tests"])
    run.exit_code, run.started[:] = 0, []
    assert run.main(["tests"]) == 0
    assert steps(run) == ["pip", "job"]


def test_the_job_gives_its_exit_code(run):
    run.main(["tests"])
    run.exit_code = 5
    assert run.main(["tests"]) == 5


def test_missing_venv_is_told(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="ensurepip is missing.*apt install python3-venv"):
        run.main(["tests"])
    assert run.started == []


def test_an_old_python_is_told(run, monkeypatch):
    monkeypatch.setattr(run, "sys", SimpleNamespace(version_info=(3, 10, 1), version="3.10.1 (main)", exit=sys.exit))
    with pytest.raises(SystemExit, match="needs Python 3.11 or later; this is 3.10.1"):
        run.main(["tests"])


@pytest.mark.parametrize("arguments, code", [([], 2), (["nonsense"], 2), (["--help"], 0)])
def test_what_is_no_job_shows_the_help(run, arguments, code, capsys):
    assert run.main(arguments) == code
    assert "python3 run.py tests" in capsys.readouterr().out
