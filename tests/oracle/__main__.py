"""Compares horngate with the real Keras 3: `python3 run.py oracle [WORDS]` asks all rows, or those that contain WORDS.

One process asks Keras, another horngate, a third lets Keras read horngate's descriptions. KERAS3_PYTHON names a Python
that has Keras 3 and JAX; without it, one is made in .venv/keras3. Takes most of an hour on two cores, less when it runs
again.
Prints what differs and the count; ends with 1 if anything differs.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.oracle import comparing

ROOT = Path(__file__).resolve().parents[2]
VERSION = "3.15.1"
COMPILED = Path(sys.prefix) / "oracle"  # programs of JAX, kept from run to run


def python_with_keras():
    """The Python that has Keras 3."""
    if os.environ.get("KERAS3_PYTHON"):
        return os.environ["KERAS3_PYTHON"]
    home = Path(sys.prefix) / "keras3"
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"keras=={VERSION}", "jax"], check=True)
    return str(python)


def ask(python, library, path, other="", words=""):
    """Let a library answer, and read what it said."""
    settings = {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiling takes nearly all the time
        "JAX_COMPILATION_CACHE_DIR": str(COMPILED / library),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "PYTHONWARNINGS": "ignore",
    }
    command = [python, "-m", "tests.oracle.answers", library, str(path), str(other), words]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **settings})
    return pickle.loads(Path(path).read_bytes())


def main(words=""):
    python = python_with_keras()
    with tempfile.TemporaryDirectory() as folder:
        theirs_at, ours_at = Path(folder) / "keras", Path(folder) / "horngate"
        theirs = ask(python, "keras", theirs_at, words=words)
        ours = ask(sys.executable, "horngate", ours_at, theirs_at)
        theirs["crossed"] = ask(python, "keras", Path(folder) / "read", ours_at, "crossed")["crossed"]
    found = list(comparing.verdicts(ours, theirs))
    for each in found:
        if each.kind == "differs":
            print(f"{each.wide} {each.row}: {each.aspect}: {each.said[:300]}")
    print(f"\nhorngate beside Keras {theirs['version']}, {len(theirs['rows'])} rows\n")
    print(comparing.table(found))
    return any(each.kind == "differs" for each in found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
