"""What the documentation shows runs: Python blocks of the Markdown files, doctests of the modules."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import horngate
from horngate import backend as K
from horngate import keras3

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# The namespaces of Keras 2 and 3 show the docstrings of the modules they are made of, where `get` gives functions.
NAMESPACES = ("horngate.keras2", "horngate.keras3")
MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(horngate.__path__, "horngate.")
    if not found.name.startswith(NAMESPACES)
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, str(page), "exec"), names)


def test_what_is_said_to_be_missing_is_missing():
    text = (ROOT / "docs/old-programs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .*(?:horngate does not have|ConvLSTM2DCell).*", text, re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`([A-Z]\w+)`", row.split("|")[1])]
    assert len(names) >= 4
    assert [name for name in names if hasattr(keras3.layers, name)] == []


def test_the_readme_shows_something_that_trains():
    blocks = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert any(".fit(" in block for block in blocks)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    offered = {"np": np, "K": K, **vars(module)}
    failed, _ = doctest.testmod(module, extraglobs=offered, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = map(importlib.import_module, MODULES)
    assert sum(bool(test.examples) for module in modules for test in finder.find(module)) > 20
