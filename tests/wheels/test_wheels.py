"""A wheel with kernels and a pure one are built, and each does its work in an environment that holds nothing else.

This takes some minutes and what pip fetches: with HORNGATE_TESTS=all in the environment only.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT_FROM = ("LICENSE", "README.md", "examples", "hatch_build.py", "horngate", "pyproject.toml")
pytestmark = pytest.mark.skipif(os.environ.get("HORNGATE_TESTS") != "all", reason="takes minutes: run.py tests --all")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what a package is built of, without anything that was compiled before."""
    folder = tmp_path_factory.mktemp("tree")
    for name in BUILT_FROM:
        source, target = ROOT / name, folder / name
        ignored = shutil.ignore_patterns("*.native", "__pycache__")
        shutil.copytree(source, target, ignore=ignored) if source.is_dir() else shutil.copy(source, target)
    return folder


def run(*command, **environment):
    """Run a command outside of the tree, without what leads back to it; returns what it printed."""
    without = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=Path(sys.prefix), env=without | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.parametrize("kind", ["native", "pure"])
def test_a_wheel_works_where_nothing_else_is_installed(kind, tree, tmp_path):
    if kind == "native" and not any(map(shutil.which, ("c++", "g++", "clang++"))):
        pytest.skip("needs a C++ compiler")
    pip = "-m", "pip", "--disable-pip-version-check"
    run(sys.executable, *pip, "wheel", "--no-deps", "-w", tmp_path, tree, HORNGATE_WHEEL=kind)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith(".native") for name in names) == (kind == "native")
    assert wheel.stem.endswith("-py3-none-any") == (kind == "pure") and "-py3-none-" in wheel.stem
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    run(sys.executable, "-m", "venv", tmp_path / "bare")
    python = tmp_path / "bare" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(python, *pip, "install", wheel)
    assert "1 passed" in run(python, ROOT / "tests" / "wheels" / "smoke.py", kind, JAX_PLATFORMS="cpu")


def test_kernels_compile_for_aarch64(tmp_path):
    """By Debian's compiler, where it is installed."""
    if not shutil.which("aarch64-linux-gnu-g++"):
        pytest.skip("needs aarch64-linux-gnu-g++: apt-get install g++-aarch64-linux-gnu")
    build = "-c", "import sys, hatch_build as b; sys.exit(not b.compile_kernels(sys.argv[1], ['-O1']))", tmp_path
    run(sys.executable, *build, CXX="aarch64-linux-gnu-g++", PYTHONPATH=str(ROOT))
    (file,) = tmp_path.iterdir()
    assert file.name == "kernels-16.native"
    assert int.from_bytes(file.read_bytes()[18:20], "little") == 183, "the number by which ELF files name aarch64"
