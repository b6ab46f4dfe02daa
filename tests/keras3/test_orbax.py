"""OrbaxCheckpoint: what it saves, which folders stay, and what it gives back."""

import numpy as np
import pytest

from horngate import keras3

pytest.importorskip("orbax.checkpoint", reason="the extra `scale`")
X = np.random.RandomState(0).randn(16, 3).astype("float32")
Y = X.sum(1, keepdims=True)


def model():
    made = keras3.Sequential([keras3.Input((3,)), keras3.layers.Dense(1)])
    made.compile(keras3.optimizers.Adam(0.1), "mse")
    return made


def fitted(folder, epochs=3, **options):
    made, saves = model(), keras3.callbacks.OrbaxCheckpoint(folder, monitor="loss", **options)
    made.fit(X, Y, 4, epochs=epochs, verbose=0, shuffle=False, callbacks=[saves])
    return made, saves


@pytest.mark.parametrize(
    "options, wanted",
    [
        ({}, ["3"]),
        ({"max_to_keep": None}, ["1", "2", "3"]),
        ({"max_to_keep": 2}, ["2", "3"]),
        ({"save_freq": 5, "max_to_keep": None}, ["10", "5"]),
        ({"save_best_only": True, "initial_value_threshold": -1.0}, []),
    ],
)
def test_folders_stay_as_asked(tmp_path, options, wanted):
    fitted(tmp_path, **options)
    assert sorted(each.name for each in tmp_path.iterdir()) == wanted


@pytest.mark.parametrize("weights_only", [False, True])
def test_training_goes_on_from_what_was_saved(tmp_path, weights_only):
    first, saves = fitted(tmp_path, save_weights_only=weights_only)
    other = model()
    assert saves.restore(other) == 3
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), other.get_weights()))
    for each in (first, other):
        each.fit(X, Y, 4, epochs=1, verbose=0, shuffle=False)
    same = all(np.allclose(a, b, atol=1e-7) for a, b in zip(first.get_weights(), other.get_weights()))
    assert same != weights_only  # Adam begins anew without its state
    with pytest.raises(FileNotFoundError, match=r"has the steps \[3\]; asked for 7"):
        saves.restore(other, step=7)
