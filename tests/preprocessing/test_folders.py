"""Data sets of folders and series against the real Keras 3.15.1 on TensorFlow, and what programs do with them."""

import wave

import numpy as np
import pytest

from horngate import keras3

U = keras3.utils


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three classes of 5, 4 and 3 images, as many texts, and as many sounds of 10, 13, 16, ... steps."""
    from PIL import Image

    place, rng = tmp_path_factory.mktemp("classes"), np.random.RandomState(0)
    for name, count in (("a", 5), ("b", 4), ("c", 3)):
        for kind in ("img", "txt", "wav"):
            (place / kind / name).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(rng.randint(0, 255, (9 + i, 12, 3)).astype("uint8")).save(place / "img" / name / f"{i}.png")
            (place / "txt" / name / f"{i}.txt").write_text(f"{name}{i} text\né", "utf-8")
            with wave.open(str(place / "wav" / name / f"{i}.wav"), "wb") as file:
                file.setnchannels(1), file.setsampwidth(2), file.setframerate(8000)
                file.writeframes(np.arange(10 + 3 * i, dtype="<i2").tobytes())
    (place / "img" / "a" / "notes.txt").write_text("no image")
    return place


def images(folder, **told):
    return U.image_dataset_from_directory(folder / "img", image_size=(4, 5), batch_size=4, verbose=False, **told)


def names(data):
    return ["".join(path.replace("\\", "/").split("/")[-2:])[:2] for path in data.file_paths]


def test_files_are_shuffled_and_divided_as_keras_3_does(folder):
    """The orders are those that Keras 3 tells for twelve files in three classes."""
    shuffled = ["b0", "a4", "a1", "a2", "c2", "b1", "b2", "a0", "a3", "c0", "b3", "c1"]
    told = {"seed": 3, "validation_split": 0.25}
    assert names(images(folder, shuffle=False)) == sorted(shuffled) and names(images(folder, seed=3)) == shuffled
    train, test = images(folder, subset="both", **told)
    assert (names(train), names(test)) == (shuffled[:9], shuffled[9:])
    assert names(images(folder, subset="training", **told)) == shuffled[:9] and len(train) == 3
    first, second = (np.concatenate([y for _, y in train]) for _ in range(2))
    assert sorted(first) == sorted(second) == [0] * 5 + [1] * 3 + [2] and (first != second).any()


MODES = {
    "int": ("int32", (4,), [0, 0, 0, 0]),
    "categorical": ("float32", (4, 3), [1, 0, 0] * 4),
    "binary": ("float32", (4, 1), [1, 1, 1, 1]),
}


@pytest.mark.parametrize("mode", MODES)
def test_labels_have_the_form_of_their_mode(folder, mode):
    told = {"class_names": ["b", "a"]} if mode == "binary" else {}
    batches = list(images(folder, shuffle=False, label_mode=mode, **told))
    y = batches[1 if mode == "binary" else 0][1]
    assert (y.dtype, y.shape, y.ravel().tolist()) == MODES[mode]
    assert [x.shape for x, _ in batches] == [(min(4, len(y)), 4, 5, 3) for _, y in batches]


@pytest.mark.parametrize("how", ["bilinear", "bicubic", "lanczos3", "lanczos5", "nearest"])
def test_images_are_resized_as_by_the_operation(folder, how):
    x = next(iter(images(folder, shuffle=False, interpolation=how, labels=None)))[0]
    whole = np.asarray(U.load_img(folder / "img" / "a" / "0.png"), "float32")
    np.testing.assert_allclose(x, keras3.ops.image.resize(whole, (4, 5), how, data_format="channels_last"), atol=1e-3)


def test_images_are_cut_and_filled_to_keep_their_ratio(folder):
    whole = np.asarray(U.load_img(folder / "img" / "a" / "0.png"), "float32")  # 9 x 12
    for option in ("crop_to_aspect_ratio", "pad_to_aspect_ratio"):
        x = next(iter(images(folder, shuffle=False, labels=None, data_format="channels_first", **{option: True})))[0]
        wanted = keras3.ops.image.resize(whole, (4, 5), data_format="channels_last", **{option: True})
        np.testing.assert_allclose(np.moveaxis(x, 0, -1), wanted, atol=1e-3)


def test_a_network_trains_on_a_data_set_and_on_what_is_made_of_it(folder):
    train, test = images(folder, subset="both", seed=1, validation_split=0.25)
    train = train.map(lambda x, y: (x / 255, y)).cache().shuffle(2).prefetch(2)
    model = keras3.Sequential([keras3.layers.Flatten(), keras3.layers.Dense(3)])
    model.compile("sgd", keras3.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = model.fit(train, epochs=2, validation_data=test, verbose=0).history
    assert len(history["val_loss"]) == 2 and train.class_names == ["a", "b", "c"]
    assert [len(y) for _, y in train.unbatch().batch(2).take(2)] == [2, 2]
    assert sorted(np.concatenate([y for _, y in train])) == sorted(np.concatenate([y for _, y in train.skip(0)]))


def test_texts_and_sounds_are_read(folder):
    told = {"batch_size": 3, "shuffle": False, "verbose": False}
    texts, labels = next(iter(U.text_dataset_from_directory(folder / "txt", max_length=4, **told)))
    assert texts.tolist() == ["a0 t", "a1 t", "a2 t"] and labels.tolist() == [0, 0, 0]
    read = U.text_dataset_from_directory(folder / "txt", label_mode=None, **told)
    assert next(iter(read))[0] == "a0 text\né"
    layer = keras3.layers.TextVectorization()
    layer.adapt(read)
    assert next(iter(read.map(layer))).shape == (3, 3)
    sounds = next(iter(U.audio_dataset_from_directory(folder / "wav", **told)))[0]
    assert sounds.shape == (3, 16, 1)
    np.testing.assert_allclose(sounds[0, :, 0], [*np.arange(10) / 32768, *[0] * 6])
    cut = U.audio_dataset_from_directory(folder / "wav", output_sequence_length=12, sampling_rate=4000, **told)
    assert next(iter(cut))[0].shape == (3, 12, 1)


WRONG = {
    "label_mode": ({"label_mode": "x"}, "label_mode must be one of"),
    "labels": ({"labels": [1, 2]}, "a list of 12 whole numbers"),
    "color_mode": ({"color_mode": "x"}, "color_mode must be one of"),
    "subset alone": ({"subset": "training"}, "or neither"),
    "split": ({"validation_split": 2.0, "subset": "training", "seed": 1}, "below 1"),
    "no seed": ({"validation_split": 0.5, "subset": "training"}, "needs a seed"),
    "classes": ({"class_names": ["x"]}, "among the subfolders"),
    "binary": ({"label_mode": "binary"}, "two classes"),
    "both ratios": ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "not both"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused(folder, case):
    told, words = WRONG[case]
    with pytest.raises(ValueError, match=words):
        images(folder, **told)


X, Y = np.arange(20.0), 10 * np.arange(20.0)
SERIES = [  # arguments, shapes of the windows, first window of the last batch, targets; as Keras 3 gives them
    ((X, Y, 5), {"batch_size": 4}, [(4, 5)] * 4, [12, 13, 14, 15, 16], 10 * np.arange(16)),
    ((X, None, 5), {"batch_size": 4, "sequence_stride": 2}, [(4, 5)] * 2, [8, 9, 10, 11, 12], None),
    ((X, Y[4:], 5), {"batch_size": 4, "sampling_rate": 2}, [(4, 5)] * 3, [8, 10, 12, 14, 16], 40 + 10 * np.arange(12)),
    ((X, Y, 5), {"start_index": 3, "end_index": 12}, [(5, 5)], [3, 4, 5, 6, 7], 30 + 10 * np.arange(5)),
    ((X.reshape(10, 2), Y[:3], 4), {"sampling_rate": 3}, [(1, 4, 2)], [[0, 1], [6, 7], [12, 13], [18, 19]], [0]),
    ((X, Y[:2], 3), {}, [(2, 3)], [0, 1, 2], [0, 10]),
]


@pytest.mark.parametrize("i", range(len(SERIES)))
def test_windows_of_a_series_are_those_of_keras_3(i):
    given, told, shapes, window, targets = SERIES[i]
    batches = list(U.timeseries_dataset_from_array(*given, **told))
    windows = [b[0] if targets is not None else b for b in batches]
    assert [x.shape for x in windows] == shapes and windows[-1][0].tolist() == window
    if targets is not None:
        np.testing.assert_array_equal(np.concatenate([b[1] for b in batches]), targets)


def test_windows_come_in_another_order_in_each_pass_and_impossible_ones_are_refused():
    data = U.timeseries_dataset_from_array(X, Y, 5, shuffle=True, seed=1)
    (first, y), (second, _) = next(iter(data)), next(iter(data))
    assert (first[:, 0] * 10 == y).all() and (first != second).any() and sorted(first[:, 0]) == sorted(second[:, 0])
    for wrong in ({"start_index": -1}, {"end_index": 30}, {"sequence_stride": 0}, {"sequence_length": 30}):
        with pytest.raises(ValueError, match="start_index|sequence_stride|no window"):
            U.timeseries_dataset_from_array(**{"data": X, "targets": Y, "sequence_length": 3, **wrong})
