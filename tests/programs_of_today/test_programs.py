"""Programs in the manner of today record what the real Keras 3 records for them: losses, metrics, predictions, texts.

`golden.json` holds what `oracle.py` recorded with Keras 3.15 on JAX. Each program sets its weights from NumPy's random
numbers and shuffles nothing, so that the numbers are the same within rounding.
"""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import horngate
from horngate.backend.dispatch import Dispatch
from horngate.dialects import install, tensorflow

FOLDER = Path(__file__).parent
GOLDEN = json.loads((FOLDER / "golden.json").read_text())
PROGRAMS = sorted(p.stem for p in FOLDER.glob("*.py") if p.stem != "oracle" and not p.stem.startswith("test_"))

LOOPS = ("actor_critic", "dqn", "jax_loop", "maml", "triplet")  # their loops run layer by layer, or by JAX itself
# The numbers of compiled programs that train; 1 for all others: no step runs by Python, or is compiled twice.
TRAINING = {
    "distillation": 3,
    "generators": 4,
    "gradient_accumulation": 3,
    "losses_in_call": 2,
    "own_parts": 2,
    "segmentation": 3,
}
TRAINING |= {"rate_finder": 2, "vit": 2, **dict.fromkeys(LOOPS, 0)}


@pytest.fixture
def today(monkeypatch, tmp_path):
    """`import keras` is horngate in the era of Keras 3, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with horngate.backend.config.within_era("3"):
        install.install_as("keras", facades=True)  # as the command does it
        for name, module in tensorflow.modules().items():
            monkeypatch.setitem(sys.modules, name, module)
        yield
        install.uninstall("keras")


def differences(wanted, given, place=""):
    """Yield the places at which what was recorded differs from what was wanted."""
    if isinstance(wanted, dict):
        assert wanted.keys() == given.keys()
        for key, value in wanted.items():
            yield from differences(value, given[key], f"{place}.{key}")
    elif isinstance(wanted, list):
        if len(wanted) != len(given):
            yield place, wanted, given
        for number, pair in enumerate(zip(wanted, given)):
            yield from differences(*pair, f"{place}[{number}]")
    elif not (given == pytest.approx(wanted, rel=1e-4, abs=1e-6) if isinstance(wanted, float) else given == wanted):
        yield place, wanted, given


def test_every_program_has_golden_numbers():
    assert sorted(GOLDEN) == PROGRAMS


@pytest.fixture
def dispatches(monkeypatch):
    """All that dispatches compiled programs."""
    made, make = [], Dispatch.__init__

    def noted(self, *arguments, **options):
        make(self, *arguments, **options)
        made.append(self)

    monkeypatch.setattr(Dispatch, "__init__", noted)
    return made


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_records_what_keras_3_records(name, today, dispatches):
    record = runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")["record"]
    assert list(differences(GOLDEN[name], json.loads(json.dumps(record)))) == []
    training = [each for each in dispatches if each.function.name in ("train", "train_step")]
    assert sum(len(each._programs) for each in training) == TRAINING.get(name, 1)


BY_COMMAND = PROGRAMS if os.environ.get("HORNGATE_TESTS") == "all" else ["jax_loop"]  # the rest: `run.py tests --all`


@pytest.mark.parametrize("name", BY_COMMAND)
def test_program_runs_by_the_public_command(name, tmp_path):
    command = [sys.executable, "-m", "horngate", str(FOLDER / f"{name}.py")]
    path = os.pathsep.join([str(FOLDER.parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert list(differences(GOLDEN[name], json.loads(done.stdout.splitlines()[-1]))) == []
