"""Arrays in HDF5 files, pictures of models, names of users' own objects."""

import xml.etree.ElementTree

import numpy as np
import pytest

from horngate.layers import Dense, Input, merge
from horngate.models import Model
from horngate.utils import generic_utils, io_utils, visualize_util


def test_arrays_are_saved_and_read(tmp_path):
    array = np.random.randn(5, 3)
    io_utils.save_array(array, tmp_path / "a.h5")
    np.testing.assert_array_equal(io_utils.load_array(tmp_path / "a.h5"), array)


@pytest.mark.parametrize("key", [slice(1, 4), slice(None, None, 2), 2, -1, [3, 0, 3], np.array([5, 1])])
def test_rows_of_a_file_are_those_of_the_array(key, tmp_path):
    array = np.random.randn(10, 3)
    io_utils.save_array(array, tmp_path / "a.h5")
    rows = io_utils.HDF5Matrix(tmp_path / "a.h5", "data", start=2, end=9, normalizer=lambda x: 2 * x)
    assert len(rows) == 7 and rows.shape == (7, 3) and rows.dtype == array.dtype and rows.ndim == 2
    np.testing.assert_array_equal(rows[key], 2 * array[2:9][key])
    np.testing.assert_array_equal(np.asarray(rows), 2 * array[2:9])
    with pytest.raises(IndexError):
        rows[7]


def diamond():
    x = Input((4,), name="start")
    return Model(x, Dense(1, name="end")(merge([Dense(2, name="left")(x), Dense(2, name="right")(x)], mode="sum")))


def test_a_picture_shows_every_layer(tmp_path):
    visualize_util.plot(diamond(), to_file=tmp_path / "model.svg", show_shapes=True)
    text = " ".join(xml.etree.ElementTree.parse(tmp_path / "model.svg").getroot().itertext())
    assert all(name in text for name in ("start", "left", "right", "end")) and "(?, 2)" in text
    visualize_util.plot(diamond(), to_file=tmp_path / "model.png")
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")


def test_custom_objects_live_as_long_as_their_scope():
    known = generic_utils.get_custom_objects()
    with generic_utils.CustomObjectScope({"mine": Dense}):
        assert generic_utils.get_custom_objects()["mine"] is Dense
    assert "mine" not in known


def test_functions_are_found_by_name_with_a_suggestion():
    assert generic_utils.get_from_module("dense", {"dense": 3}, "number") == 3
    with pytest.raises(ValueError, match="dens.*dense"):
        generic_utils.get_from_module("dens", {"dense": 3}, "number")
