"""Every weight of the library says what its axes mean and what it is for; users' weights may, in the same words."""

import inspect

import numpy as np
import pytest

from horngate import layers
from horngate.engine.axes import AXES, OUTPUT_ORDERS, ROLES
from horngate.engine.layer import LAYER_CLASSES, Layer
from horngate.layers import Input
from horngate.layers.core import AutoEncoder, Siamese
from horngate.models import Sequential
from horngate.saving.layout_propagation import LayoutPropagation
from tests.layers.conformance_table import ROWS
from tests.layers.test_conformance import CASES, WITH_ORDERING, Case

OF_USERS = {"RNN"}  # whose row holds a user's cell


def say_all(weights):
    return [
        w.name
        for w in weights
        if w.axes is None or len(w.axes) != len(w.shape) or set(w.axes) - set(AXES) or w.role not in ROLES
    ] == []


@pytest.mark.parametrize("name, i", CASES, ids=[f"{name}-{i}" for name, i in CASES])
def test_every_weight_says_what_it_is(name, i):
    if name not in OF_USERS:
        assert say_all(Case(name, i).layer.weights)
    if (name, i) in WITH_ORDERING and name not in ("Deconvolution2D", "ConvLSTM2D"):
        assert say_all(Case(name, i, dim_ordering="tf").layer.weights)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: layers.GRU(2, consume_less="cpu")(x),
        lambda x: layers.Bidirectional(layers.LSTM(2))(x),
        lambda x: AutoEncoder(layers.Dense(2), layers.Dense(4))(x),
        lambda x: Siamese(layers.Dense(2), [Sequential([layers.Dense(3, input_dim=2)]) for _ in range(2)]).output,
    ],
)
def test_so_do_those_in_other_forms_and_in_layers_that_hold_others(make):
    layer = make(Input((6, 4)))._keras_history[0]
    assert layer.weights and say_all(layer.weights)


def test_the_axes_name_the_sizes():
    """A kernel's window, channels and filters, where all sizes differ, in both orderings."""
    sizes = {"window": (4, 5), "channels": 3, "filters": 2}
    for ordering, shape in (("th", (3, 9, 9)), ("tf", (9, 9, 3))):
        layer = layers.Convolution2D(2, 4, 5, dim_ordering=ordering)
        layer(Input(shape))
        window = iter(sizes["window"])
        assert layer.W.shape == tuple(next(window) if word == "window" else sizes[word] for word in layer.W.axes)


def test_every_layer_says_where_its_output_stands():
    rules = {**LayoutPropagation.LEAF_RULES, **LayoutPropagation.CONTAINER_RULES}
    assert set(rules) == set(OUTPUT_ORDERS)
    assert {cls.output_order for cls in LAYER_CLASSES.values() if isinstance(cls.output_order, str)} <= set(rules)


def test_what_changes_each_element_alone_does_so():
    """Layers that say "kept" give, for features in another order, the output in that order."""
    said = [(name, i) for name, i in CASES if getattr(layers, name).output_order in ("kept", "last kept")]
    for name, i in said:
        if ROWS[name][i][0] not in ((5,), (6, 4)):
            continue
        case = Case(name, i)
        order = np.random.default_rng(0).permutation(case.shapes[0][-1])
        x = case.data[0]
        want = np.asarray(case.layer(x))[..., order]
        for weight in case.layer.weights:
            if weight.axes[-1] == "elements":
                weight.set_value(weight.get_value()[..., order])
        np.testing.assert_allclose(np.asarray(case.layer(x[..., order])), want, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    "said, wrong",
    [
        ({"axes": ("features",)}, r"axes must name each axis of the shape \(4, 3\); received \('features',\)"),
        ({"axes": ("features", "columns")}, r"each of axes must be one of features, .*received \['columns'\]"),
        ({"axes": ("features", "units"), "role": "matrix"}, "role must be one of kernel, .*received 'matrix'"),
    ],
)
def test_words_that_do_not_fit_are_answered(said, wrong):
    class Own(Layer):
        def build(self, input_shape):
            self.add_weight((4, 3), "uniform", "W", **said)

    with pytest.raises(ValueError, match=f"Own own_.*add_weight of W.*{wrong}"):
        Own()(Input((4,)))


def test_weights_say_nothing_unless_told_and_keep_what_they_say():
    class Own(Layer):
        def build(self, input_shape):
            self.V = self.add_weight((4, 3), "uniform", "V")
            self.W = self.add_weight("W", (4, 3), "uniform", axes=("features", "units"), role="kernel")

    layer = Own()
    layer(Input((4,)))
    assert (layer.V.axes, layer.V.role, layer.W.axes, layer.W.role) == (None, None, ("features", "units"), "kernel")
    assert list(inspect.signature(Layer.add_weight).parameters)[-6:-4] == ["axes", "role"]
