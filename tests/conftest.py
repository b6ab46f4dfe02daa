"""What all tests share: the settings of the process are those of a fresh one, before and after each test."""

import dataclasses

import jax
import numpy as np
import pytest

from horngate.backend import config
from horngate.backend.function import forget_learning_phase
from horngate.backend.graph import reset_uids

jax.config.update("jax_default_matmul_precision", "highest")  # a GPU's own is exact to three digits


@pytest.fixture(autouse=True)
def settings():
    """The settings; what a test changes in them is undone, and a phase that it fixes is forgotten."""
    saved = dataclasses.asdict(config._settings) | {"era": config._settings.era}
    np.random.seed(1234)
    reset_uids()  # names, and the order that follows from them, are those of a program of its own
    yield config._settings
    for name, value in saved.items():
        setattr(config._settings, name, value)
    forget_learning_phase()
