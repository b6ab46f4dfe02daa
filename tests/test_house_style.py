"""The habits that keep the code readable: short files and functions, one direction of imports, a sentence on top."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = sorted((ROOT / "horngate").rglob("*.py"))
FOLDERS = ("horngate", "tests", "examples", "benchmarks", "tools")
SOURCES = [ROOT / "run.py", ROOT / "hatch_build.py", ROOT / "noxfile.py"]
SOURCES += [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent.name not in ("programs", "strangers")
]  # which are written in the manner of their time
LONGEST_FILE, LONGEST_LINE = 600, 120
LONGEST_FUNCTION, LONGEST_IN_LIBRARY = 60, 40

IN_THEIR_USER = {"h5py", "matplotlib", "optax", "PIL", "pydot", "scipy", "sklearn", "tqdm", "yaml"}


def relative(path):
    return str(path.relative_to(ROOT))


def every(paths):
    return pytest.mark.parametrize("path", paths, ids=relative)


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(nodes):
    """(line, dotted name) of every import among `nodes`; `from a import b` counts as a.b."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def at_import_time(node):
    """Everything that runs when a module is imported: bodies of functions do not, nor what is for type checkers."""
    for child in ast.iter_child_nodes(node):
        for_checkers = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if not for_checkers and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from at_import_time(child)


def dotted(path):
    """The name by which a module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def own_length(function):
    """Lines of a function without its docstring."""
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)
    docstring = first.end_lineno - first.lineno + 1 if has_docstring else 0
    return function.end_lineno - function.lineno + 1 - docstring


@every(SOURCES)
def test_files_are_short_and_open_with_a_sentence(path):
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines() or ['"""An empty file needs no sentence."""']
    assert len(lines) <= LONGEST_FILE
    opening = lines[1] if lines[0].startswith("#!") else lines[0]
    assert opening.startswith('"""') and len(opening) > 10, "the first line says what the file is"
    assert [n for n, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []


@every(SOURCES)
def test_functions_are_short(path):
    functions = (node for node in ast.walk(tree_of(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    longest = LONGEST_IN_LIBRARY if path in LIBRARY else LONGEST_FUNCTION
    assert [f"{f.name}: {own_length(f)} lines" for f in functions if own_length(f) > longest] == []


@every(LIBRARY)
def test_what_is_public_has_a_docstring(path):
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [node for node in tree_of(path).body if isinstance(node, kinds) and not node.name.startswith("_")]
    public = [node for node in public if "overload" not in map(ast.unparse, node.decorator_list)]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@every(LIBRARY)
def test_only_backend_and_engine_import_jax(path):
    if path.relative_to(ROOT / "horngate").parts[0] in ("backend", "engine", "training"):
        return
    found = imported(ast.walk(tree_of(path)))
    assert [item for item in found if item[1].split(".")[0] in ("jax", "jaxlib")] == []


@every(LIBRARY)
def test_what_only_some_need_is_imported_where_it_is_used(path):
    found = imported(at_import_time(tree_of(path)))
    assert [item for item in found if item[1].split(".")[0] in IN_THEIR_USER] == []


def test_import_touches_no_device():
    """JAX would fail to start on the platform named here; importing must not try."""
    modules = sorted(dotted(path) for path in LIBRARY)
    program = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)"
    environment = {**os.environ, "JAX_PLATFORMS": "no_such_platform"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_platform_that_proves_it_does_fail():
    environment = {**os.environ, "JAX_PLATFORMS": "no_such_platform"}
    done = subprocess.run([sys.executable, "-c", "import jax; jax.devices()"], env=environment, capture_output=True)
    assert done.returncode != 0


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=lambda command: command[0])
def test_ruff_finds_nothing(command):
    run = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
