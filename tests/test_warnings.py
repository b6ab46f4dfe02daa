"""Warnings stand at the line of the program that called horngate, wherever in the library they are found."""

import threading
import warnings

import numpy as np
import pytest

from horngate import backend as K
from horngate.backend import notices
from horngate.callbacks import EarlyStopping, ModelCheckpoint, RemoteMonitor
from horngate.layers import Dense
from horngate.models import Sequential

X, Y = np.zeros((4, 3)), np.zeros((4, 1))


def compiled():
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    return model


def fitted(callback):
    compiled().fit(X, Y, nb_epoch=1, verbose=0, callbacks=[callback])


def loaded_by_name(folder):
    path = str(folder / "weights.h5")
    compiled().save_weights(path)
    Sequential([Dense(1, input_dim=3, name="another")]).load_weights(path, by_name=True)


@pytest.mark.parametrize(
    "call, told",
    [
        (lambda folder: EarlyStopping(mode="best"), "mode must be"),
        (lambda folder: fitted(EarlyStopping("val_loss", patience=1)), "needs 'val_loss'"),
        (lambda folder: fitted(ModelCheckpoint(str(folder / "m.h5"), save_best_only=True)), "needs 'val_loss'"),
        (lambda folder: fitted(RemoteMonitor(root="http://localhost:1")), "could not be reached"),
        (lambda folder: compiled().fit_generator(iter([(X, Y)]), 100, 1, verbose=0), "ended after"),
        (loaded_by_name, "nothing was loaded"),
        (lambda folder: K.get_session(), "no sessions"),
        (lambda folder: Sequential([Dense(1, input_dim=3)]).compile("sgd", "mse", theano_mode="fast"), "for Theano"),
    ],
)
def test_a_warning_points_to_the_program(call, told, tmp_path, monkeypatch):
    monkeypatch.setattr(notices, "_told", set())
    monkeypatch.delenv("HORNGATE_QUIET", raising=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(tmp_path)
    assert [told in str(each.message) for each in caught] == [True]
    assert caught[0].filename == __file__


def test_a_thread_of_the_library_points_to_where_it_is_found():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        thread = threading.Thread(target=EarlyStopping, kwargs={"mode": "best"})
        thread.start()
        thread.join()
    assert caught[0].filename.endswith("control.py")
