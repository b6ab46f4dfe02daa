"""Models that are dropped leave nothing behind."""

import gc
import weakref

import jax
import numpy as np

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
