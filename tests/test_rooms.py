"""Imports point one way, those included that wait for a call; what points upwards stands here with its reason."""

import pytest

from tools import rooms

ALLOWED = {  # (module, room above) -> why
    ("engine.container", "saving"): "a model is asked to save itself; how that is done, files know",
    ("engine.shown", "rest"): "a model prints and draws itself: utils.layer_utils and visualize_util know models",
    ("engine.training", "training"): "the path by which Keras has Model and what prepares its data",
    ("training.trainer", "callbacks"): "every training has a History and a progress bar",
    ("training.epochs", "callbacks"): "so has each of many models",
    ("training.many.runs", "callbacks"): "which callbacks may look at one of many models",
    ("training.model", "callbacks"): "the type that fit returns, which type checkers alone read",
}


def test_imports_point_one_way():
    found = {(name, rooms.room_of(target)): line for name, line, target, _ in rooms.upwards()}
    assert {pair: f"line {line}" for pair, line in found.items() if pair not in ALLOWED} == {}
    assert [pair for pair in ALLOWED if pair not in found] == [], "what is gone need not be allowed"


def test_only_the_registry_names_the_dialects():
    """They are loaded by their name when a program speaks in one, by one function."""
    asking = [name for name, path in rooms.modules() if "dialects" in path.read_text(encoding="utf-8")]
    inside = [name for name in asking if rooms.room_of(name) == "dialects"]
    assert sorted(set(asking) - set(inside)) == ["__init__", "__main__", "backend.orders"]


def test_the_page_shows_the_rooms_as_they_are():
    page = rooms.PAGE.read_text(encoding="utf-8")
    assert rooms.written(page) == page, "python -m tools.rooms --write"


@pytest.mark.parametrize(
    "name, room",
    [
        ("backend.ops", "backend"),
        ("optimizers", "training"),
        ("utils.np_utils", "engine"),
        ("preprocessing.text", "rest"),
        ("training.many.runs", "training"),
    ],
)
def test_rooms_of_modules(name, room):
    assert rooms.room_of(name) == room
