"""Switches of `keras.config`: each has its effect, and can be put back."""

import importlib
import logging

import numpy as np
import pytest

from horngate import keras3
from horngate.backend import tracebacks
from horngate.backend.graph import on_arrays

X = np.ones((4, 2), "float32")


@pytest.fixture
def switch():
    """Turn a switch off, and on again after the test."""
    turned = []

    def off(name):
        getattr(keras3.config, f"disable_{name}")()
        turned.append(name)
        assert not getattr(keras3.config, f"is_{name}_enabled")()

    yield off
    for name in turned:
        getattr(keras3.config, f"enable_{name}")()
        assert getattr(keras3.config, f"is_{name}_enabled")()


def test_training_tells_the_logger(switch, caplog, capsys):
    model = keras3.Sequential([keras3.layers.Dense(1)])
    model.compile("sgd", "mse")
    switch("interactive_logging")
    with caplog.at_level(logging.INFO, "horngate"):
        for verbose in (1, 2):
            model.fit(X, X[:, :1], verbose=verbose)
    told = [record.message for record in caplog.records]
    assert told.count("Epoch 1/1") == 2 and sum("loss" in line for line in told) == 2
    assert capsys.readouterr().out == ""


def test_all_frames_are_shown(switch):
    def shown():
        try:
            keras3.layers.Dense(2)(np.ones((1, 2)), training="x")
        except TypeError as error:
            with tracebacks._shortened(error):
                return len(list(tracebacks._frames(error.__traceback__)))

    few = shown()
    switch("traceback_filtering")
    assert shown() > few


def test_attention_uses_no_fused_kernel(switch, monkeypatch):
    home = importlib.import_module("horngate.backend.attention")
    attention = on_arrays(home.attention)
    monkeypatch.setattr(home, "_fits_kernel", lambda *arrays: True)
    monkeypatch.setattr(home, "_fused", lambda *arrays: "fused")
    x = np.ones((1, 2, 1, 8), "float32")
    assert attention(x, x, x) == "fused"
    switch("flash_attention")
    assert np.shape(attention(x, x, x)) == x.shape
    assert attention(x, x, x, fused=True) == "fused"


def test_words_of_the_settings():
    keras3.config.set_epsilon(value=1e-6)
    assert keras3.config.epsilon() == 1e-6
    keras3.config.set_epsilon(1e-7)
    keras3.config.set_floatx(value="float32")
