"""Runs the tests on each supported Python that is here: `nox`; `nox -s tests-3.12 -- tests/saving -x` picks."""

import os
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.sessions = ["tests"]
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = False

# pyenv keeps interpreters out of sight unless they were chosen.
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
os.environ["PATH"] = os.pathsep.join([*map(str, PYENV.glob("versions/3.*/bin")), os.environ["PATH"]])

JAX = {  # Python -> the JAX to test with: the oldest that is supported on the oldest Python, else the newest allowed
    "3.11": "jax>=0.10,<0.11",
    "3.12": "jax",
    "3.13": "jax",
}


@nox.session(python=list(JAX))
def tests(session):
    """Passes the tests, or those that are named."""
    session.install("--editable", ".[dev]", JAX[session.python])
    session.run("python", "-m", "pytest", "-n", "2", "-q", *session.posargs)


@nox.session(python=list(JAX))
def wheels(session):
    """Builds a wheel with kernels and a pure one, and tries out each in a bare environment."""
    session.install("pytest>=8")
    session.run("python", "-m", "pytest", "-q", "--noconftest", "tests/wheels", env={"HORNGATE_TESTS": "all"})
