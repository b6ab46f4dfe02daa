"""What an editor and `help` tell of callbacks, data, known networks, files and tools: names, types, each argument."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import horngate
from horngate.engine.arguments import Declares

ROOT = Path(__file__).resolve().parents[1]
STUB = ROOT / "horngate" / "__init__.pyi"
ROOMS = ("callbacks", "preprocessing", "datasets", "applications", "wrappers", "utils", "commands", "saving")
ALONE = ("horngate.export", "horngate.models")
EMPTY = inspect.Parameter.empty


def modules_of(name):
    """A package's modules and its own, by name."""
    package = importlib.import_module(f"horngate.{name}")
    return [package.__name__, *(m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))]


def public_of(module):
    """(name, function or class) of what a module defines and does not hide, methods included."""
    for name, item in vars(module).items():
        ours = getattr(item, "__module__", None) == module.__name__ and not name.startswith("_")
        if ours and inspect.isclass(item):
            yield name, item
            yield from (
                (f"{name}.{key}", value) for key, value in methods_of(item) if value.__module__ == item.__module__
            )
        elif ours and inspect.isfunction(item):
            yield name, item


def methods_of(cls):
    """The methods that a class itself defines for its users."""
    for key, value in vars(cls).items():
        value = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if inspect.isfunction(value) and (not key.startswith("_") or key == "__call__"):
            yield key, value


MODULES = [name for room in ROOMS for name in modules_of(room)] + list(ALONE)
PUBLIC = {f"{module}.{name}": item for module in MODULES for name, item in public_of(importlib.import_module(module))}


def parameters_of(item):
    """The parameters of a call, as the library itself names them; those of other eras are left out."""
    function = item.__init__ if inspect.isclass(item) else item
    if not inspect.isfunction(function):  # the constructor of `object` or of an exception
        return []
    return list(inspect.signature(inspect.unwrap(function)).parameters.values())


def own(item, qualified):
    """The parameters but for `self` and `cls`."""
    given = parameters_of(item)
    bound = inspect.isclass(item) or "." in qualified and given and given[0].name in ("self", "cls")
    return given[1:] if bound else given


def explained(text):
    """The names that a documentation explains: in backticks, or in front of a colon in a line of their own."""
    lines = re.findall(r"^ +([\w, ]+):", text, re.MULTILINE)
    return {*re.findall(r"`(\w+)", text), *(name.strip() for line in lines for name in line.split(","))}


def test_there_is_a_table():
    assert len(PUBLIC) > 300
    assert {"horngate.callbacks.control.EarlyStopping", "horngate.saving.model.save_model"} < set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_each_argument_is_explained(name):
    item = PUBLIC[name]
    text = inspect.getdoc(item) or ""
    missing = [p.name for p in own(item, name) if p.name not in explained(text)]
    assert text and missing == [], f"{name}: {text}"


@pytest.mark.parametrize("name", PUBLIC)
def test_each_argument_has_a_name_and_a_type(name):
    item = PUBLIC[name]
    given = own(item, name)
    declared = set(item.__declared__) if inspect.isclass(item) and issubclass(item, Declares) else set()
    assert [p.name for p in given if p.annotation is EMPTY and p.name not in declared] == []
    assert {p.kind for p in given} != {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    if inspect.isfunction(item):
        assert inspect.signature(inspect.unwrap(item)).return_annotation is not EMPTY


# The names that `horngate.` completes to.


def told_by_the_stub():
    """name -> (module, name there or None for the module itself)."""
    nodes = [node for node in ast.parse(STUB.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    return {alias.asname: (node.module, alias.name) for node in nodes for alias in node.names}


def test_the_stub_tells_what_there_is():
    told = told_by_the_stub()
    assert sorted(told) == horngate.__all__ == [name for name in dir(horngate) if not name.startswith("_")]
    for name, (module, inside) in told.items():
        assert inside == name, "an editor hides what is imported under another name"
        whole = module == "horngate"
        assert getattr(horngate, name) is (
            importlib.import_module(f"horngate.{name}") if whole else getattr(importlib.import_module(module), name)
        )


def test_what_is_not_offered_is_found_nonetheless():
    assert horngate.commands is importlib.import_module("horngate.commands")
    with pytest.raises(AttributeError, match="no attribute 'sequential'"):
        horngate.sequential  # noqa: B018


def test_importing_horngate_imports_nothing_else():
    program = "import sys, horngate; print([m for m in sys.modules if m.startswith(('horngate.', 'jax', 'numpy'))])"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr


LINES = {
    "import horngate\nhorngate.": ["Sequential", "Model", "Input", "layers", "callbacks", "set_era", "fit_many"],
    "from horngate import Sequential\nSequential([]).": ["compile", "fit", "predict_classes", "layers"],
    "from horngate.callbacks import EarlyStopping\nEarlyStopping().": ["model", "best", "wait", "on_epoch_end"],
    "from horngate.callbacks import History\nHistory().history.": ["keys", "items"],
    "from horngate.preprocessing.image import ImageDataGenerator\nImageDataGenerator().": [
        "zoom_range",
        "flow",
        "mean",
    ],
}


@pytest.mark.parametrize("line", LINES)
def test_an_editor_completes(line):
    jedi = pytest.importorskip("jedi")
    project = jedi.Project(ROOT, sys_path=[str(ROOT), *sys.path])
    script = jedi.Script(line, path=ROOT / "program.py", project=project)
    last = line.split("\n")
    found = {item.name for item in script.complete(len(last), len(last[-1]))}
    assert set(LINES[line]) <= found
    assert not found & {"importlib", "pkgutil", "util"}, "what a module uses is none of the user's affair"


def test_the_wheel_says_that_it_is_typed():
    wheel = pytest.importorskip("hatchling.builders.wheel")
    files = {file.distribution_path for file in wheel.WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {"horngate/py.typed", "horngate/__init__.pyi"} <= files
