"""The summary table: its columns, and operations and memory against sums done by hand."""

import pytest

from horngate.layers import (
    LSTM,
    Activation,
    BatchNormalization,
    Convolution2D,
    Dense,
    Embedding,
    Flatten,
    TimeDistributed,
)
from horngate.models import Sequential
from horngate.utils.layer_utils import in_bytes, in_powers, layer_facts, print_summary

LAYERS = {  # the layer, its input; operations and bytes, of weights and output, summed by hand
    "dense": (lambda: Dense(5), (7,), 2 * 7 * 5 + 5, 4 * (7 * 5 + 5 + 5)),
    "convolution": (
        lambda: Convolution2D(8, 3, 3, dim_ordering="tf"),
        (10, 10, 3),
        8 * 8 * 8 * (2 * 27) + 8 * 8 * 8,
        4 * (27 * 8 + 8 + 8 * 8 * 8),
    ),
    "flatten": (Flatten, (4, 6), 0, 4 * 24),
    "each step": (lambda: TimeDistributed(Dense(3, bias=False)), (20, 4), 20 * 2 * 4 * 3, 4 * (12 + 60)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_operations_and_memory_are_those_summed_by_hand(name):
    make, shape, flops, memory = LAYERS[name]
    model = Sequential([Activation("linear", input_shape=shape), make()])
    facts = layer_facts(model.layers[1])
    assert (facts.flops, facts.memory) == (flops, memory)


def test_loops_count_each_turn():
    def flops(steps):
        model = Sequential([Embedding(9, 8, input_length=steps), LSTM(16)])
        return layer_facts(model.layers[1]).flops

    products = 2 * (8 + 16) * 64
    assert 12 * products < flops(12) < 12 * (products + 40 * 16)
    assert flops(24) == pytest.approx(2 * flops(12), rel=0.01)


def test_the_table_has_every_layer_and_the_totals(capsys):
    model = Sequential([Dense(5, input_dim=7, name="first"), BatchNormalization(), Dense(2000, name="wide")])
    model.summary()
    printed = capsys.readouterr().out
    assert "FLOPs" in printed and "first (Dense)" in printed and "wide (Dense)" in printed
    assert "Total params: 12,060\nTrainable params: 12,050\nNon-trainable params: 10\n" in printed
    print_summary(model.layers, positions=[0.33, 0.55, 0.67, 1.0])
    head = capsys.readouterr().out.splitlines()[1]
    assert head.split() == ["Layer", "(type)", "Output", "Shape", "Param", "#", "Connected", "to"]


def test_units():
    assert [in_bytes(n) for n in (0, 1023, 2048, 5 << 20, None)] == ["0 B", "1023 B", "2.0 kB", "5.0 MB", "?"]
    assert [in_powers(n) for n in (999, 1500, 7_800_000_000)] == ["999", "1.5 k", "7.8 G"]


def test_a_notebook_shows_the_picture():
    model = Sequential([Dense(5, input_dim=7, name="<first>")])
    shown = model._repr_html_()
    assert "<svg" in shown and "&lt;first&gt;" in shown and "40 weights" in shown and "(?, 7)" in shown
