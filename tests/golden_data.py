"""Reading the golden data: results of the real Keras 1.2.2 on Theano."""

import json
import pathlib

import numpy as np
import pytest

from horngate import backend as K

ROOT = pathlib.Path(__file__).parent / "golden"


def tuples(value):
    """Lists, as JSON has them, as tuples, also within each other."""
    return tuple(tuples(item) for item in value) if isinstance(value, list) else value


def read(path):
    """The arrays of one file, and its description."""
    with np.load(ROOT / path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "meta"}
        return arrays, json.loads(str(archive["meta"]))


def series(arrays, prefix):
    """The arrays `prefix0`, `prefix1`, ... as a list."""
    found = []
    while f"{prefix}{len(found)}" in arrays:
        found.append(arrays[f"{prefix}{len(found)}"])
    return found


def close(actual, expected, rtol=1e-5, atol=1e-5, what=""):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol, err_msg=what)


@pytest.fixture
def keras_122():
    """The settings under which the golden data were made."""
    K.set_era("1.2")
    K.set_conv_convention("theano")
    K.set_image_dim_ordering("th")
