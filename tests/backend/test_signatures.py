"""What an editor shows of K and of the functions that stand on it alone: signatures, types, a word on each argument."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from horngate import backend as K

ROOT = Path(__file__).parents[2]
BESIDE = ("activations", "network", "random")  # modules that hold little but functions of K, or need none
FILES = [*sorted((ROOT / "horngate" / "backend").rglob("*.py")), *(ROOT / "horngate" / f"{name}.py" for name in BESIDE)]
SELF_EVIDENT = {"self", "by_era"}  # `by_era`: arguments in the places of another era, which `orders.ORDERS` tells


def is_public(name, value):
    return not name.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value))


PUBLIC = {f"K.{name}": getattr(K, name) for name in K.__all__ if is_public(name, getattr(K, name))}
for module in map(importlib.import_module, (f"horngate.{name}" for name in BESIDE)):
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    PUBLIC |= {f"{module.__name__}.{name}": value for name, value in own.items() if is_public(name, value)}


def parameters_of(value):
    return [p for p in inspect.signature(value).parameters.values() if p.name not in SELF_EVIDENT]


def test_the_table_holds_what_it_should():
    assert {"K.sum", "K.rnn", "K.placeholder", "K.Variable", "horngate.activations.relu"} <= PUBLIC.keys()
    assert len(PUBLIC) > 170
    imported = {name for name, value in vars(K).items() if is_public(name, value)} - {"gc_paused"}
    assert imported - set(K.__all__) == set(), "K.__all__ lacks names, which `from ... import *` then does not give"


def test_the_stub_names_what_the_table_names():
    stub = ast.parse((ROOT / "horngate" / "backend" / "__init__.pyi").read_text(encoding="utf-8"))
    lines = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    told = {each.asname: node.module.rpartition(".")[2] for node in lines for each in node.names}
    assert told == {name: module for module, names in {**K._HOMES, "later": K._LATER}.items() for name in names.split()}


@pytest.mark.parametrize("name", PUBLIC)
def test_parameters_have_names_types_and_a_word_in_the_docstring(name):
    value = PUBLIC[name]
    parameters, documentation = parameters_of(value), inspect.getdoc(value) or ""
    assert [p.name for p in parameters] != ["args", "kwargs"]
    assert [p.name for p in parameters if p.annotation is p.empty] == []
    assert [p.name for p in parameters if not re.search(rf"\b{p.name}\b", documentation)] == []


def unannotated(body, owner=""):
    """Public functions and methods among the statements of `body` that lack a type."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from unannotated(node.body, node.name + ".")
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") and not node.name.endswith("__"):
            continue
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        missing = [a.arg for a in given if a and a.annotation is None and a.arg not in ("self", "cls")]
        if missing or node.returns is None:
            yield f"{owner}{node.name}: {', '.join(missing) or 'what it returns'}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_functions_and_methods_are_annotated(path):
    assert list(unannotated(ast.parse(path.read_text(encoding="utf-8")).body)) == []


@pytest.fixture(scope="module")
def editor():
    """A file that calls each function of K in a line of its own, as an editor with jedi sees it."""
    jedi = pytest.importorskip("jedi", reason="jedi, which editors ask, is not installed")
    lines = ["from horngate import backend as K", *(f"{name}()" for name in names_of_K())]
    environment, project = jedi.InterpreterEnvironment(), jedi.Project(ROOT)
    return jedi.Script("\n".join([*lines, "K."]), path=ROOT / "shown.py", environment=environment, project=project)


def names_of_K():
    return [name for name in PUBLIC if name.startswith("K.")]


def test_an_editor_completes_all_names(editor):
    shown = {completion.name for completion in editor.complete(len(names_of_K()) + 2, len("K."))}
    assert set(names_of_K()) - {f"K.{name}" for name in shown} == set()


@pytest.mark.parametrize("name", names_of_K())
def test_an_editor_shows_the_signature(editor, name):
    signatures = editor.get_signatures(2 + names_of_K().index(name), len(name) + 1)
    shown = {tuple(parameter.name for parameter in signature.params) for signature in signatures}
    assert shown == {tuple(inspect.signature(inspect.unwrap(PUBLIC[name])).parameters)}
