"""The registry of formats: each reads what it writes, and names and content decide."""

import numpy as np
import pytest

from horngate.layers import Dense
from horngate.models import Sequential, load_model
from horngate.saving.files import FileError
from horngate.saving.formats import FORMATS, HDF5, format_of, writer_for
from horngate.saving.stored_weights import Origin, StoredArray, StoredLayer, StoredWeights
from horngate.saving.weights import open_weights
from tests.golden_data import ROOT
from tests.saving.test_keras3_files import images_first

WRITTEN = sorted(suffix for suffix, found in FORMATS.items() if found.write)
ORIGINS = [
    Origin((1, 2)),
    Origin((1, 2), "theano", "th"),
    Origin((1, 2), ordering="tf"),
    Origin((3, 0), ordering="th", kernels="tf", flattens_last=True),
]


def stored(origin, unfrozen):
    rows = {"a": [("W", (2, 3)), ("b", (3,))], "empty": [], "b": [("", ()), ("x/y", (1, 4))]}
    layers = [
        StoredLayer(
            name, [StoredArray(shape, lambda shape=shape: np.full(shape, 0.5), label) for label, shape in arrays]
        )
        for name, arrays in rows.items()
    ]
    return StoredWeights(layers, origin, unfrozen=unfrozen)


@pytest.mark.parametrize("unfrozen", [False, True])
@pytest.mark.parametrize("origin", ORIGINS, ids=str)
@pytest.mark.parametrize("suffix", WRITTEN)
def test_a_format_reads_what_it_writes(suffix, origin, unfrozen, tmp_path):
    path, weights = str(tmp_path / f"w{suffix}"), stored(origin, unfrozen)
    writer_for(path)(path, weights)
    assert format_of(path) is FORMATS[suffix]
    with open_weights(path) as found:
        assert (found.origin, found.unfrozen, found.flat, found.by_key) == (origin, unfrozen, False, False)
        held = [layer for layer in found.layers if layer.arrays]
        assert [layer.name for layer in held] == ["a", "b"]
        for ours, theirs in zip(held, (weights.layers[0], weights.layers[2])):
            assert [name for name, _ in ours.named_arrays()] == [name for name, _ in theirs.named_arrays()]
            for one, other in zip(ours.arrays, theirs.arrays):
                assert one.shape == other.shape
                np.testing.assert_array_equal(one.read(), other.read())


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_what_begins_as_hdf5_is_read_as_such_whatever_its_name(suffix, tmp_path):
    """So was written, under any name, what `save` made, and `save_weights` where a format is only read."""
    model, path = Sequential([Dense(2, input_dim=3)]), str(tmp_path / f"m{suffix}")
    model.save(str(tmp_path / "m.h5"))
    (tmp_path / "m.h5").rename(path)
    assert format_of(path) is HDF5
    values = model.get_weights()
    model.set_weights([0 * value for value in values])
    model.load_weights(path)
    for read in (model, load_model(path)):
        np.testing.assert_array_equal(read.get_weights()[0], values[0])


def test_a_whole_model_in_another_format_is_refused_and_what_to_do_is_said(tmp_path):
    path = tmp_path / "w.safetensors"
    Sequential([Dense(2, input_dim=3)]).save_weights(path)
    with pytest.raises(FileError, match="whole models are read from .keras and HDF5 files. Build the model"):
        load_model(path)


@pytest.mark.parametrize("ordering", ["tf", "th"])
@pytest.mark.parametrize("suffix", WRITTEN)
def test_what_keras_3_wrote_with_channels_first_stays_so_in_another_format(suffix, ordering, tmp_path):
    """Its kernels have one ordering, its images the other, and its Flatten moves the channels."""
    path, models = str(tmp_path / f"w{suffix}"), (images_first(ordering), images_first(ordering))
    with open_weights(ROOT / "keras3" / "images_first.h5") as weights:
        writer_for(path)(path, weights)
    for model, file in zip(models, (ROOT / "keras3" / "images_first.h5", path)):
        model.load_weights(file)
    for one, other in zip(*(model.get_weights() for model in models)):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("written, read", [("m.keras", "renamed.h5"), ("m.h5", "renamed.keras")])
def test_content_decides_over_the_name(written, read, tmp_path):
    model = Sequential([Dense(2, input_dim=3)])
    model.save(tmp_path / written)
    (tmp_path / written).rename(tmp_path / read)
    np.testing.assert_array_equal(load_model(tmp_path / read).get_weights()[0], model.get_weights()[0])
