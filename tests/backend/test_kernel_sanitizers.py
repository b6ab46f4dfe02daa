"""The tests of the native kernels once more, on libraries in which every access to memory is checked."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from horngate.backend import kernels

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
CHOSEN = "native and (products or moments or adam or rows) or refused or bits"


def runtime_libraries():
    """What must be loaded before Python for checked code to run, or None where the compiler lacks it."""
    compiler = shutil.which("g++")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    asked = [[compiler, f"-print-file-name=lib{name}.so"] for name in ("asan", "ubsan")]
    found = [subprocess.run(command, capture_output=True, text=True).stdout.strip() for command in asked]
    return " ".join(found) if all(map(os.path.isabs, found)) else None


@pytest.fixture(scope="module")
def checked_libraries(tmp_path_factory):
    if runtime_libraries() is None or not kernels.status().startswith("vectors"):
        pytest.skip("needs g++ with its sanitizers, and native kernels")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    size = kernels.vector_bytes()
    folder = tmp_path_factory.mktemp("checked")
    build.compile_kernels(folder, FLAGS, sizes=[size])
    return folder, size


def checked_run(checked_libraries, *command):
    folder, size = checked_libraries
    environment = {
        **os.environ,
        "LD_PRELOAD": runtime_libraries(),
        "ASAN_OPTIONS": "detect_leaks=0",
        "HORNGATE_KERNELS": str(folder),
        "HORNGATE_VECTOR_BYTES": str(size),
        "HORNGATE_CACHE_DIR": "off",
    }
    return subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True)


def test_kernels_touch_only_their_own_memory(checked_libraries):
    tests = str(ROOT / "tests" / "backend" / "test_kernels.py")
    done = checked_run(checked_libraries, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", tests, "-k", CHOSEN)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert " passed" in done.stdout


def test_the_checks_do_find_what_is_wrong(checked_libraries):
    """What reads past the end of its memory is stopped."""
    program = (
        "import ctypes; from horngate.backend import kernels\n"
        "library = ctypes.CDLL(str(kernels.library_file(kernels.vector_bytes())))\n"
        "library.horngate_read_beyond(ctypes.c_int64(64))\n"
    )
    done = checked_run(checked_libraries, "-c", program)
    assert done.returncode != 0 and "heap-buffer-overflow" in done.stderr
