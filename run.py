#!/usr/bin/env python3
"""Runs the digits example, the tests or the benchmark, after setting up everything that they need.

    python3 run.py digits      trains two networks on handwritten digits and saves what they learned in out/
    python3 run.py tests       passes the tests; with --all also an hour of kills, random models, hostile files, wheels
    python3 run.py oracle      compares with the real Keras 3, which it installs beside horngate; takes most of an hour
    python3 run.py benchmark   trains networks in horngate and its peers; writes benchmarks/results/report.md

What follows is handed on: `python3 run.py tests tests/test_network.py -x`. The first run makes a virtual environment in
.venv and installs horngate there; later ones find it up to date and start at once. Standard library only.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
JOBS = {  # what a job needs installed besides horngate itself, and its command for Python
    "digits": ("plot", ["examples/digits.py"]),
    "benchmark": ("bench", ["-m", "benchmarks"]),
    "oracle": ("dev", ["-m", "tests.oracle"]),
    "tests": ("dev", ["-m", "pytest", "-n", "2", "-q"]),
}
HARNESSES = (
    ["-m", "tests.kills", "--kills", "200"],
    ["-m", "tests.properties", "--models", "3000"],
    ["-m", "tests.hostile", "--files", "3000", "--limits", "30"],
    ["-m", "tests.fits", "--fits", "500"],
)


def check_python():
    """End with a sentence where this Python cannot do the set-up."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(
            f"horngate needs Python {wanted} or later; this is {sys.version.split()[0]}. "
            f"Run this file with a newer one, such as: python{wanted} run.py"
        )
    try:
        import ensurepip  # noqa: F401  Debian and Ubuntu leave it out of their python3 package
        import venv  # noqa: F401
    except ImportError as error:
        sys.exit(
            f"This Python cannot make virtual environments: its module {error.name} is missing. "
            "On Debian and Ubuntu install it with: sudo apt install python3-venv"
        )


def venv_python():
    """The Python of the virtual environment."""
    windows = sys.platform == "win32"
    return VENV / ("Scripts/python.exe" if windows else "bin/python")


def make_venv():
    """A fresh virtual environment, unless a working one of the same Python is there."""
    config = VENV / "pyvenv.cfg"
    wanted = "version = " + ".".join(map(str, sys.version_info[:3]))
    if venv_python().exists() and config.exists() and wanted in config.read_text(encoding="utf-8").splitlines():
        return
    print(f"Making a virtual environment in {VENV} ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install(extra):
    """Install horngate with an extra, unless that was done with what is there today."""
    patterns = "pyproject.toml", "hatch_build.py", "horngate/backend/kernels/source/*"
    read = b"".join(path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern)))
    wanted = hashlib.sha256(read + str(ROOT).encode()).hexdigest()
    stamp = VENV / f"horngate-{extra}.installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print(f"Installing horngate[{extra}] and what it needs; this takes about a minute ...", flush=True)
    python = str(venv_python())
    subprocess.run([python, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)  # .venv may have been cut short
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--editable", f"{ROOT}[{extra}]"], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def main(arguments):
    """Set up and run a job; returns its exit code."""
    job, *rest = arguments or [None]
    if job not in JOBS:
        print(__doc__)
        return 0 if job in ("-h", "--help") else 2
    check_python()
    extra, command = JOBS[job]
    try:
        make_venv()
        install(extra)
    except subprocess.CalledProcessError as error:
        return f"The set-up failed: {error.cmd} ended with exit code {error.returncode}; see its message above."
    commands, environment = [[*command, *rest]], dict(os.environ)
    if job == "tests" and "--all" in rest:
        rest.remove("--all")
        commands, environment["HORNGATE_TESTS"] = [[*command, *rest], *HARNESSES], "all"
    try:
        codes = [subprocess.run([str(venv_python()), *each], cwd=ROOT, env=environment).returncode for each in commands]
        return next((code for code in codes if code), 0)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
