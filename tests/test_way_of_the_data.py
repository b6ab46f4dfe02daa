"""From `fit` to the compiled step: `x` goes one way, through modules that import only those behind them."""

import ast
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from horngate.layers import Dense
from horngate.models import Sequential
from horngate.training.step import Step, Steps
from tools import rooms

PACKAGE = Path(rooms.PACKAGE)
# The modules through which the data go, in this order; docs/architecture.md names the same.
WAY = ["model", "data", "batches", "step"]
# What takes the chunks from the one to the other.
BESIDE = ["trainer", "epochs"]

ALLOWED = {  # (module, attribute of a model) -> why
    ("saving.model", "_make_train_function"): "Keras 1's own name, by which programs make what an optimizer keeps",
    ("saving.training_state", "_make_train_function"): "the same",
    (
        "saving.training_state",
        "_collected_trainable_weights",
    ): "Keras 1's own name for weights of the optimizer's arrays",
    ("dialects.keras3.training", "_make_train_function"): "the same",
    ("dialects.keras3.training", "_collected_trainable_weights"): "the same",
    ("dialects.keras3.training", "_era"): "of the loaded model",
    ("dialects.keras3.writing", "_waits"): "whether there is a graph to write",
    ("saving.archives", "_era"): "of the loaded model",
    ("callbacks.orbax", "_make_train_function"): "the same",
    ("training.trainer", "_era"): "by which logs are told",
    ("training.subclassed", "_trainable_weights"): "its own class's",
    ("training.subclassed", "_non_trainable_weights"): "the same",
    ("saving.model", "_era"): "of the loaded model, which is written down with it",
    ("saving.layout_propagation", "_ordered"): "the graph's nodes in their order, which containers hold",
    ("dialects.keras2.step_functions", "_loss_and_sums"): "of which it makes Keras's own `metrics_tensors`",
    ("dialects.keras2.step_functions", "_warn_of_freezing"): "which Keras 2 had under a private name of its own",
    ("engine.copying", "_described_for_copy"): "engine's own: a copy is made by the room that wires models",
    ("engine.copying", "_wire_again"): "the same",
}


def imported_from_training(name):
    found = {target for _, target, _ in rooms.imports(PACKAGE / "training" / f"{name}.py")}
    return {target.split(".")[1] for target in found if target.startswith("training.")}


@pytest.mark.parametrize("name", WAY)
def test_each_stop_imports_only_those_behind_it(name):
    before = WAY[: WAY.index(name) + 1]
    assert imported_from_training(name).isdisjoint(before)


def test_each_stop_imports_the_next_one():
    for name, following in zip(WAY, WAY[1:]):
        assert following in imported_from_training(name)


@pytest.mark.parametrize("name", BESIDE)
def test_what_runs_the_epochs_knows_neither_model_nor_data(name):
    assert imported_from_training(name).isdisjoint(["model", "data"])


def test_the_page_tells_the_same_way():
    page = rooms.PAGE.read_text(encoding="utf-8")
    told = re.findall(r"^\d\. `(\w+)\.py`: `([\w.]+)`", page, re.MULTILINE)
    assert list(dict.fromkeys(module for module, _ in told)) == WAY
    for module, function in told:
        tree = ast.parse((PACKAGE / "training" / f"{module}.py").read_text(encoding="utf-8"))
        owner = tree
        for part in function.split("."):
            defined = [node for node in owner.body if getattr(node, "name", None) == part]
            assert defined, f"{module}.py has no {function}"
            owner = defined[0]


def traced_calls(call):
    """The functions of the way's modules that run during `call`, by module and name, in their order."""
    found, wanted = [], {str(PACKAGE / "training" / f"{name}.py"): name for name in WAY}

    def note(frame, event, arg):
        module = wanted.get(frame.f_code.co_filename)
        if event == "call" and module is not None:
            found.append((module, frame.f_code.co_qualname))

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize("stream", [False, True], ids=["arrays", "stream"])
def test_the_way_is_gone_in_this_order(stream):
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")
    batches = [(x[:4], y[:4]), (x[4:], y[4:])]
    kwargs = {"nb_epoch": 1, "verbose": 0, "shuffle": False}
    if stream:
        calls = traced_calls(lambda: model.fit(iter(batches), steps_per_epoch=2, **kwargs))
    else:
        calls = traced_calls(lambda: model.fit(x, y, batch_size=4, **kwargs))
    source = "StreamBatches" if stream else "ArrayBatches"
    stops = [("model", "Model.fit"), ("data", "prepared"), ("batches", f"{source}.chunks"), ("step", "Step.run")]
    places = [calls.index(stop) for stop in stops]
    assert places == sorted(places)
    assert [call for call in calls[places[2] :] if call[0] in ("model", "data")] == [], "nobody turns back"


def test_the_model_hands_out_what_others_need():
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    assert isinstance(model.steps, Steps) and isinstance(model.steps["test"], Step)
    assert model.spec() is model.spec() and len(model.spec().feeds) == 3
    assert model.spec().checked(np.ones((5, 2)), np.ones(5)).size == 5


def private_attributes(path):
    """The `_attributes` of something called `model` that a module reads or sets."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", None)
            if name in ("model", "_model"):
                yield node.attr


def test_nobody_else_touches_what_is_private_to_a_model():
    found = {
        (name, attribute)
        for name, path in rooms.modules()
        if name not in ("training.model", "models")
        for attribute in private_attributes(path)
    }
    assert sorted(found - ALLOWED.keys()) == []
    assert sorted(ALLOWED.keys() - found) == [], "what is gone need not be allowed"
