"""Models that are dropped leave nothing behind."""

import gc
import os
import subprocess
import sys
import weakref

import jax
import numpy as np
import pytest

from horngate import backend as K
from horngate.layers import BatchNormalization, Dense, Dropout
from horngate.models import Sequential

X, Y = np.ones((8, 5), "float32"), np.ones((8, 1), "float32")


def use_a_model():
    model = Sequential([Dense(4, input_dim=5), BatchNormalization(), Dropout(0.5), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, nb_epoch=1, verbose=0, validation_data=(X, Y))
    model.predict(X)
    return weakref.ref(model)


def test_dropped_models_are_gone():
    use_a_model()
    K.clear_session()
    gc.collect()
    before = len(jax.live_arrays())
    references = [use_a_model() for _ in range(6)]
    K.clear_session()
    gc.collect()
    assert [reference() for reference in references] == [None] * 6
    assert len(jax.live_arrays()) <= before


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs what Linux tells of memory")
def test_fits_of_new_models_take_no_more_memory_than_the_first(tmp_path):
    """The arrays of 100 models would take 120 MB; `python3 run.py tests --all` fits 500."""
    environment = {**os.environ, "HORNGATE_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tests.fits", "--fits", "150"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
