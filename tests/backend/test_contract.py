"""K has every function of Keras 1, under its parameters' names; each stands in a test; docstrings' examples hold."""

import doctest
import importlib
import inspect
import json
import pathlib
import pkgutil
import re

import pytest

from horngate import backend as K

HERE = pathlib.Path(__file__).parent
FUNCTIONS = json.loads((HERE / "contract.json").read_text())
SOURCES = "".join(path.read_text() for path in HERE.glob("test_*.py"))
MODULES = [module.name for module in pkgutil.iter_modules(K.__path__, "horngate.backend.")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_parameters(name):
    parameters = inspect.signature(inspect.unwrap(getattr(K, name))).parameters
    wanted = [parameter for parameter in FUNCTIONS[name] if not parameter.startswith("*")]
    assert list(parameters)[: len(wanted)] == wanted


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_stands_in_a_test(name):
    assert re.search(rf'\bK\.{name}\b|\(\s*"{name}",\s', SOURCES), f"no test calls K.{name}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_says_what_it_does(name):
    assert len(getattr(K, name).__doc__ or "") > 5


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0
