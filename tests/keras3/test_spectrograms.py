"""Spectrograms against the real Keras 3: `tests/golden/keras3/spectrograms.npz` holds what it gives for `CASES`."""

import numpy as np
import pytest

from horngate import keras3
from tests.golden_data import ROOT

NUMBERS = dict(np.load(ROOT / "keras3" / "spectrograms.npz"))
CASES = {
    "MelSpectrogram": [
        {},
        {"fft_length": 256, "sequence_stride": 128, "sampling_rate": 8000, "num_mel_bins": 20},
        {
            "fft_length": 256,
            "sequence_stride": 100,
            "sequence_length": 200,
            "window": "hamming",
            "power_to_db": False,
            "mag_exp": 1.0,
            "num_mel_bins": 10,
            "max_freq": 3000.0,
            "sampling_rate": 8000,
        },
        {"fft_length": 256, "top_db": 20.0, "min_power": 1e-3, "ref_power": 2.0, "num_mel_bins": 10},
    ],
    "STFTSpectrogram": [
        {},
        {"mode": "real", "frame_length": 100, "frame_step": 50},
        {"mode": "imag", "frame_length": 100},
        {"mode": "angle", "frame_length": 100},
        {"mode": "stft", "frame_length": 100},
        {
            "mode": "magnitude",
            "frame_length": 100,
            "fft_length": 200,
            "window": "hamming",
            "scaling": "spectrum",
            "padding": "same",
        },
        {"mode": "psd", "frame_length": 64, "periodic": True, "expand_dims": True},
        {"mode": "psd", "frame_length": 64, "scaling": None, "window": None},
    ],
}
EVERY = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]


@pytest.mark.parametrize("name, i", EVERY, ids=[f"{name}-{i}" for name, i in EVERY])
def test_spectrograms_are_those_of_keras_3(name, i):
    x = np.random.RandomState(0).normal(size=(2, 2000)).astype("float32")
    x = x if name == "MelSpectrogram" else np.stack([x, x[::-1] * 2], -1)
    layer, wanted = getattr(keras3.layers, name)(**CASES[name][i]), NUMBERS[f"{name}-{i}"]
    found = np.asarray(layer(x))
    assert found.shape == wanted.shape == layer.compute_output_shape(x.shape)
    if CASES[name][i].get("mode") == "angle":
        found, wanted = np.cos(found - wanted), np.ones(wanted.shape)
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-4 * np.abs(wanted).max())
