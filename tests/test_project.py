"""What stands around the package agrees with it and with itself: versions, interpreters, extras, links, wheels."""

import ast
import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import horngate

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
MODULES_OF = {"PyYAML": "yaml", "pillow": "PIL", "scikit-learn": "sklearn"}  # package -> its module, where they differ
# What comes with JAX and jax2onnx, or is used only where the user has it.
BROUGHT = {"onnx", "onnxruntime", "librosa", "pydot"}


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def workflow(name):
    return yaml.safe_load(text(f".github/workflows/{name}.yml"))


def versions_in(words):
    return re.findall(r"\b3\.\d+\b", words)


def test_the_version_is_one():
    assert yaml.safe_load(text("CITATION.cff"))["version"] == horngate.__version__
    newest = re.search(r"^## (\S+) - (unreleased|\d{4}-\d\d-\d\d)$", text("CHANGELOG.md"), re.MULTILINE)
    assert newest.group(1) == horngate.__version__


def test_the_interpreters_are_the_same_everywhere():
    classifiers = [word for line in PROJECT["classifiers"] for word in versions_in(line)]
    assert classifiers == sorted(classifiers, key=lambda version: int(version[2:])), "the oldest comes first"
    table = re.search(r"^\| Python \|.*\|(.*)\|$", text("VERSIONING.md"), re.MULTILINE).group(1)
    tested = re.findall(r'^    "(3\.\d+)": "jax', text("noxfile.py"), re.MULTILINE)
    matrix = workflow("tests")["jobs"]["tests"]["strategy"]["matrix"]["python"]
    assert versions_in(table) == tested == matrix == classifiers
    assert PROJECT["requires-python"] == f">={classifiers[0]}"
    assert f"Python {classifiers[0]} to {classifiers[-1]}" in text("README.md")


def test_the_versions_of_jax_are_the_same_everywhere():
    (bounds,) = (line for line in PROJECT["dependencies"] if line.startswith("jax"))
    lowest, beyond = map(int, re.fullmatch(r"jax>=0\.(\d+),<0\.(\d+)", bounds).groups())
    table = re.search(r"^\| JAX \|.*\|(.*)\|$", text("VERSIONING.md"), re.MULTILINE).group(1)
    assert table.strip() == ", ".join(f"0.{minor}" for minor in range(lowest, beyond))
    assert f'HEADERS = "jaxlib>=0.{lowest},<0.{lowest + 1}"' in text("hatch_build.py"), "the headers of the oldest"


def test_the_workflow_does_what_ci_does():
    steps = workflow("tests")["jobs"]["tests"]["steps"]
    assert steps[-1]["run"] == "bash .ci/run"
    assert "python3 run.py tests" in text(".ci/run").splitlines()


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "horngate").rglob("*.py"))], ids=lambda page: page.name)
def test_extras_that_are_named_exist(page):
    for named in re.findall(r'pip install "?(?:horngate|\.)\[([\w,]+)\]', page.read_text(encoding="utf-8")):
        assert set(named.split(",")) <= EXTRAS.keys()


@pytest.mark.parametrize("extra", EXTRAS)
def test_each_extra_is_told_of(extra):
    assert f"`[{extra}]`" in text("README.md")


def test_what_is_imported_is_asked_for():
    """Every package that the library imports is a dependency, comes by an extra, or is brought by who uses it."""
    asked = [*PROJECT["dependencies"], *(line for lines in EXTRAS.values() for line in lines)]
    packages = {re.match(r"[\w-]+", line).group() for line in asked}
    known = {MODULES_OF.get(name, name) for name in packages} | set(sys.stdlib_module_names) | {"horngate"}
    found = set()
    for path in (ROOT / "horngate").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            found |= {name.split(".")[0] for name in names}
    assert found - known == BROUGHT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_a_wish_for_another_wheel_is_refused(monkeypatch):
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    for said in ("", "native", "pure"):
        monkeypatch.setenv("HORNGATE_WHEEL", said)
        assert build.wanted() == said
    monkeypatch.setenv("HORNGATE_WHEEL", "none")
    with pytest.raises(ValueError, match="must be 'native' or 'pure'.*received 'none'"):
        build.wanted()
