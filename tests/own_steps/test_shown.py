"""Tables and pictures of models as classes, and of nested ones."""

import re

import numpy as np
import pytest

from horngate import keras2, keras3
from horngate.backend.config import within_era
from horngate.keras3 import layers
from horngate.utils import print_summary, visualize_util


class Inner(keras3.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(5, name="deep")

    def call(self, x):
        return self.dense(x)


class Net(keras3.Model):
    """A model with layers of many kinds, one of which it does not call."""

    def __init__(self):
        super().__init__()
        self.conv, self.flat, self.inner = layers.Conv2D(4, 3, name="conv"), layers.Flatten(), Inner()
        self.last = keras3.Sequential([layers.Dense(2, name="end")], name="chain")
        self.unused = layers.Dense(9, name="unused")

    def call(self, x):
        return self.last(self.inner(self.flat(self.conv(x))))


def rows(model, **options):
    """The rows of a model's table by the names of the layers."""
    lines = []
    model.summary(print_fn=lines.append, **options)
    return {line.strip("| ").split()[0]: re.sub(" +", " ", line) for line in lines if "(" in line}


KNOWN = {
    "called": lambda model: model(np.ones((2, 6, 6, 1), "float32")),
    "built": lambda model: model.build((None, 6, 6, 1)),
    "predicted": lambda model: model.predict(np.ones((2, 6, 6, 1)), verbose=0),
    "in a graph": lambda model: model(keras3.Input((6, 6, 1))),
}


@pytest.mark.parametrize("way", KNOWN)
def test_shapes_memory_and_operations_are_shown(way):
    model = Net()
    assert "not called yet" in rows(model)["conv"]
    KNOWN[way](model)
    shown = rows(model, expand_nested=True)
    assert "(None, 4, 4, 4) 40 416 B 1.2 k" in shown["conv"]
    assert "(None, 5) 325" in shown["deep"] and shown["deep"].startswith("| ")
    assert "(None, 2) 12" in shown["end"] and "(None, 2) 12" in shown["chain"]
    assert "not called yet not built 0 B ?" in shown["unused"]
    assert "deep" not in rows(model)


def test_what_is_trained_is_shown():
    model = Net()
    KNOWN["built"](model)
    model.inner.trainable = False
    shown = rows(model, show_trainable=True, expand_nested=True)
    assert [" Y " in shown[name] for name in ("conv", "end")] == [True, True]
    assert " N " in shown[model.inner.name]


def nested(keras):
    inner = keras.models.Sequential([keras.layers.Dense(3, input_shape=(4,)), keras.layers.Dense(2, activation="relu")])
    inner.layers[0].trainable = False
    i = keras.layers.Input((4,))
    return keras.models.Model(i, keras.layers.Dense(1)(inner(i)))


@pytest.mark.parametrize("keras", [keras2, keras3])
def test_each_argument_of_a_picture_has_an_effect(keras, tmp_path):
    def drawn(**options):
        keras.utils.plot_model(nested(keras), tmp_path / "m.svg", **options)
        return re.sub(r"_\d+", "", (tmp_path / "m.svg").read_text())

    plain = drawn()
    told = {
        "show_shapes": True,
        "show_layer_names": False,
        "rankdir": "LR",
        "expand_nested": True,
        "show_dtype": True,
        "show_trainable": True,
        "show_layer_activations": True,
    }
    for name, value in told.items():
        assert drawn(**{name: value}) != plain, name
    whole = drawn(**told)
    assert all(word in whole for word in ("dtype float32", "activation relu", "not trainable", "in  (?, 4)"))
    with pytest.raises(ValueError, match="rankdir must be 'TB', 'BT', 'LR' or 'RL'; received 'DOWN'"):
        drawn(rankdir="DOWN")


@pytest.mark.parametrize("rankdir, axis, sign", [("TB", "y", 1), ("BT", "y", -1), ("LR", "x", 1), ("RL", "x", -1)])
def test_data_go_where_rankdir_says(rankdir, axis, sign):
    boxes, size = visualize_util.layout(nested(keras3), visualize_util.Look(rankdir=rankdir, expand_nested=True))
    assert len(boxes) == 5  # the nested model's input, too
    for box in boxes:
        assert box.x >= 0 and box.x + box.width <= size[0] and box.y >= 0 and box.y + box.height <= size[1]
        for source in box.sources:
            assert sign * (getattr(box, axis) - getattr(source, axis)) > 0


def test_a_class_is_a_box_and_its_layers_if_asked():
    model = Net()
    assert len(visualize_util.layout(model)[0]) == 1
    assert len(visualize_util.layout(model, visualize_util.Look(expand_nested=True))[0]) == 6


def test_the_table_takes_a_model_in_later_eras():
    lines = []
    with within_era("2"):
        print_summary(model=nested(keras3), line_length=90, print_fn=lines.append)
    assert max(map(len, lines)) == 90 and any("Dense" in line for line in lines)
