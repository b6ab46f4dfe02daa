"""Layers are imported when first named: by programs, star imports, files and editors alike."""

import ast
import inspect
import pathlib
import subprocess
import sys

import pytest

from horngate import layers
from horngate.backend.lazy import Registry
from horngate.engine.layer import LAYER_CLASSES, Layer

FOLDER = pathlib.Path(layers.__file__).parent


def test_the_stub_names_what_the_table_names():
    found, renamed = {}, set()
    for line in ast.parse((FOLDER / "__init__.pyi").read_text(encoding="utf-8")).body:
        if isinstance(line, ast.ImportFrom):
            found.update({each.asname: line.module for each in line.names})
        elif isinstance(line, ast.Assign):
            renamed.add(line.targets[0].id)
    here = {name: f"horngate.layers.{module}" for module, names in layers._HOMES.items() for name in names.split()}
    assert {name: place for name, place in found.items() if place.startswith("horngate.layers.")} == here
    assert set(found) | renamed | {"TimeDistributedMerge"} == set(layers.__all__)


@pytest.mark.parametrize("module", layers._HOMES)
def test_every_public_layer_of_a_module_is_in_the_table(module):
    defined = vars(getattr(layers, module))
    own = [
        name
        for name, value in defined.items()
        if inspect.isclass(value) and issubclass(value, Layer) and value.__module__ == defined["__name__"]
        if not name.startswith("_") and LAYER_CLASSES.get(name) is value
    ]
    bases = {
        "Spatial",
        "Pooling",
        "GatedRecurrent",
        "Attending",
        "Convolution",
        "Elementwise",
        "ImageConvolution",
        "SequenceConvolution",
        "OneStep",
        "Adapted",
        "ChangedColours",
        "ChangedImages",
        "OnHost",
    }  # layers are made of them, programs name none
    assert [name for name in own if name not in layers.__all__ and name not in bases] == []


def test_a_file_finds_a_layer_that_was_not_imported():
    program = """
import sys
from horngate.models import model_from_json
config = '{"class_name": "Sequential", "config": [{"class_name": "LayerNormalization", "config": {"name": "n",'
config += '"batch_input_shape": [null, 4], "input_dtype": "float32"}}]}'
assert "horngate.layers.normalization_of_samples" not in sys.modules
assert type(model_from_json(config).layers[0]).__name__ == "LayerNormalization"
assert "horngate.layers.multi_head_attention" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_registry_answers_like_a_dictionary():
    known = Registry({"a": 1})
    known.promise("fractions", "Fraction", key=str.lower)
    assert list(known) == ["a", "fraction"] and len(known) == 2 and "fraction" in known and "Fraction" not in known
    assert known["fraction"].__name__ == "Fraction" and known.get("b") is None
    assert known.setdefault("a", 2) == 1 and known.setdefault("c", 3) == 3
    del known["c"]
    with pytest.raises(KeyError):
        known["c"]
