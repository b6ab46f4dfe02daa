"""What `help` tells of a layer: every argument, with a sentence."""

import inspect

import pytest

from horngate import layers
from horngate.engine.layer import Layer

OFFERED = {getattr(layers, name) for name in layers.__all__}
PUBLIC = sorted((cls for cls in OFFERED if inspect.isclass(cls) and issubclass(cls, Layer)), key=repr)
SHARED = {"name", "trainable", "input_shape", "batch_input_shape", "input_dtype", "kwargs", "by_era", "self"}


def explained(cls):
    """{argument: sentence} of the section on arguments, those of one line for several taken apart."""
    section = inspect.getdoc(cls).partition("# Arguments")[2].split("\n\n")[0]
    found, names = {}, []
    for line in section.splitlines():
        head, colon, sentence = line.strip().partition(": ")
        if colon and line.startswith("    ") and not line.startswith("     "):
            names = [name.strip(" `") for name in head.split(",")]
            found.update(dict.fromkeys(names, sentence))
        else:
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return found


@pytest.mark.parametrize("cls", PUBLIC, ids=lambda cls: cls.__name__)
def test_every_argument_has_a_sentence(cls):
    today = inspect.signature(inspect.unwrap(cls.__init__))
    wanted = [name for name, p in today.parameters.items() if name not in SHARED and p.kind is not p.VAR_KEYWORD]
    found = explained(cls)
    assert [name for name in wanted if len(found.get(name, "")) < 8] == []


def test_there_are_layers_with_many_arguments():
    assert len(explained(layers.LSTM)) > 15 and len(explained(layers.Dense)) == 15
