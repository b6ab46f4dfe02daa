"""What layers learned by `adapt` goes through files both ways: vocabularies, their weights, and boundaries of bins."""

import zipfile

import numpy as np

from horngate import keras3
from tests.saving.keras3.vocabularies import FOLDER, NUMBERS, VALUES, network

FILE = FOLDER / "vocabularies.keras"


def predicted(model):
    return [np.asarray(y, "float64") for y in model.predict([NUMBERS, VALUES], verbose=0)]


def test_what_layers_learned_is_read_and_written_as_keras_3_does(tmp_path):
    with np.load(FILE.with_suffix(".npz")) as found:
        wanted = [found[key] for key in found.files]
    network(keras3).save(tmp_path / "ours.keras")
    for made in (network(keras3), *map(keras3.models.load_model, (FILE, tmp_path / "ours.keras"))):
        for ours, theirs in zip(predicted(made), wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_assets_are_the_words_in_order_and_are_shared_with_keras_3(tmp_path):
    with zipfile.ZipFile(FILE) as archive:
        words = archive.read("assets/layers/integer_lookup/vocabulary.txt")
    (tmp_path / "vocabulary.txt").write_bytes(words)
    layer = keras3.layers.IntegerLookup(mask_token=0)
    layer.load_assets(tmp_path)
    assert layer.get_vocabulary() == [0, -1, 2, 3, 1]
    layer.save_assets(tmp_path)
    assert (tmp_path / "vocabulary.txt").read_bytes() == words
    texts = keras3.layers.TextVectorization(vocabulary=["ü", "b c"])
    texts.save_assets(tmp_path)
    assert (tmp_path / "vocabulary.txt").read_bytes() == "\n[UNK]\nü\nb c".encode()
    again = keras3.layers.StringLookup(mask_token="")
    again.load_assets(tmp_path)
    assert again.get_vocabulary() == texts.get_vocabulary()
