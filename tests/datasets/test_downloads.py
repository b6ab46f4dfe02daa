"""The data sets that are fetched: small files of their formats, served by this machine."""

import gzip
import io
import json
import os
import pickle
import tarfile

import numpy as np
import pytest

from horngate import backend as K
from horngate.datasets import boston_housing, cifar, cifar10, cifar100, imdb, mnist, reading, reuters, word_lists
from tests.utils.test_data_utils import cache, server  # noqa: F401

RNG = np.random.RandomState(0)
IMAGES = RNG.randint(256, size=(20, 3, 32, 32)).astype("uint8")
FINE, COARSE = RNG.randint(100, size=20), RNG.randint(20, size=20)


def npz(**arrays):
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    return packed.getvalue()


def tar(folder, **files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}.bin")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def rows(*columns):
    """CIFAR's binary format."""
    return np.hstack([np.asarray(c, "uint8").reshape(len(c), -1) for c in columns]).tobytes()


def test_mnist(server, monkeypatch):  # noqa: F811
    x, y = RNG.randint(256, size=(6, 28, 28)).astype("uint8"), np.arange(6, dtype="uint8")
    server.files["/mnist.npz"] = npz(x_train=x[:4], y_train=y[:4], x_test=x[4:], y_test=y[4:])
    monkeypatch.setattr(mnist, "_ORIGIN", server.address("mnist.npz"))
    with pytest.raises(ValueError, match="checksum"):
        mnist.load_data()
    monkeypatch.setattr(mnist, "_SHA256", None)
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    np.testing.assert_array_equal(np.concatenate([x_train, x_test]), x)
    assert y_train.tolist() == [0, 1, 2, 3] and y_test.tolist() == [4, 5]


@pytest.fixture(params=["th", "tf"])
def ordering(request):
    K.set_image_dim_ordering(request.param)
    return request.param


def without_checksums(monkeypatch):
    real = cifar.get_file
    monkeypatch.setattr(cifar, "get_file", lambda *args, md5_hash=None, **options: real(*args, **options))


def test_cifar10(server, monkeypatch, ordering):  # noqa: F811
    labels = FINE % 10
    batches = {f"data_batch_{i + 1}": rows(labels[i * 3 :][:3], IMAGES[i * 3 :][:3]) for i in range(5)}
    batches["test_batch"] = rows(labels[15:], IMAGES[15:])
    server.files["/cifar-10-binary.tar.gz"] = tar("cifar-10-batches-bin", **batches)
    monkeypatch.setattr(cifar, "_SITE", server.address(""))
    with pytest.raises(ValueError, match="checksum"):
        cifar10.load_data()
    without_checksums(monkeypatch)
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    wanted = IMAGES if ordering == "th" else IMAGES.transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(np.concatenate([x_train, x_test]), wanted)
    assert y_train.shape == (15, 1) and y_test.shape == (5, 1) and y_train.dtype == np.uint8
    np.testing.assert_array_equal(np.concatenate([y_train, y_test])[:, 0], labels)


@pytest.mark.parametrize("mode, labels", [("fine", FINE), ("coarse", COARSE)])
def test_cifar100(server, monkeypatch, mode, labels):  # noqa: F811
    parts = {"train": rows(COARSE[:12], FINE[:12], IMAGES[:12]), "test": rows(COARSE[12:], FINE[12:], IMAGES[12:])}
    server.files["/cifar-100-binary.tar.gz"] = tar("cifar-100-binary", **parts)
    monkeypatch.setattr(cifar, "_SITE", server.address(""))
    without_checksums(monkeypatch)
    (x_train, y_train), (x_test, y_test) = cifar100.load_data(mode)
    np.testing.assert_array_equal(np.concatenate([x_train, x_test]), IMAGES)
    np.testing.assert_array_equal(np.concatenate([y_train, y_test])[:, 0], labels)
    with pytest.raises(ValueError, match="'fine' or 'coarse'"):
        cifar100.load_data("fines")


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_batches_of_the_python_version(tmp_path, protocol):
    path = tmp_path / "data_batch_1"
    for keys in (lambda key: key, str.encode):  # as Python 3 and Python 2 wrote them
        batch = {keys("data"): IMAGES.reshape(20, -1), keys("labels"): FINE.tolist()}
        path.write_bytes(pickle.dumps(batch, protocol))
        images, labels = cifar.load_batch(str(path))
        np.testing.assert_array_equal(images, IMAGES)
        assert labels == FINE.tolist()


# texts

TEXTS = [[1, 5, 2], [3, 3, 9, 1], [2], [7, 8, 1, 1, 2, 6], [4, 5]]


def lists(texts):
    held = np.empty(len(texts), object)
    held[:] = texts
    return held


@pytest.fixture
def texts(server, monkeypatch):  # noqa: F811
    y = np.arange(5)
    server.files["/imdb.npz"] = npz(x_train=lists(TEXTS), y_train=y, x_test=lists(TEXTS[:3]), y_test=y[:3])
    server.files["/reuters.npz"] = npz(x=lists(TEXTS), y=y)
    for name in ("imdb", "reuters"):
        server.files[f"/{name}_word_index.json"] = json.dumps({"the": 1, "of": 2}).encode()
    monkeypatch.setattr(word_lists, "SITE", server.address(""))
    real = word_lists.get_file
    monkeypatch.setattr(word_lists, "get_file", lambda *args, md5_hash=None, sha256_hash=None: real(*args))


def by_label(x, y):
    return {int(label): list(text) for text, label in zip(x, y)}


def test_imdb_shifts_words_and_marks_the_beginning(texts):
    (x_train, y_train), (x_test, y_test) = imdb.load_data()
    assert by_label(x_train, y_train) == {i: [1] + [w + 3 for w in text] for i, text in enumerate(TEXTS)}
    assert sorted(y_test) == [0, 1, 2] and len(x_test) == 3
    order = np.arange(5)
    np.random.seed(113)
    np.random.shuffle(order)  # as Keras 1 did
    assert y_train.tolist() == order.tolist()


@pytest.mark.parametrize(
    "options, wanted",
    [
        ({"nb_words": 8}, [[1, 4, 2, 5], [1, 6, 6, 2, 4], [1, 5], [1, 2, 2, 4, 4, 5, 2], [1, 7, 2]]),
        ({"skip_top": 5}, [[2, 2, 8, 5], [2, 6, 6, 12, 2], [2, 5], [2, 10, 11, 2, 2, 5, 9], [2, 7, 8]]),
        ({"nb_words": 8, "oov_char": None}, [[1, 4, 5], [1, 6, 6, 4], [1, 5], [1, 4, 4, 5], [1, 7]]),
        ({"start_char": None, "index_from": None}, TEXTS),
        ({"maxlen": 4}, {2: [1, 5], 4: [1, 7, 8]}),
    ],
    ids=str,
)
def test_words_that_count(texts, options, wanted):
    wanted = wanted if isinstance(wanted, dict) else dict(enumerate(wanted))
    assert by_label(*imdb.load_data(**options)[0]) == wanted
    (x_train, y_train), (x_test, y_test) = reuters.load_data(test_split=0.4, **options)
    assert {**by_label(x_train, y_train), **by_label(x_test, y_test)} == wanted
    assert len(x_train) == int(len(wanted) * 0.6)


def test_no_text_is_short_enough(texts):
    with pytest.raises(ValueError, match="maxlen=1"):
        imdb.load_data(maxlen=1)


def test_word_indices(texts):
    assert imdb.get_word_index() == reuters.get_word_index() == {"the": 1, "of": 2}


# nothing is executed


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps({"data": Evil()}),
        pickle.dumps([Evil()], 0),
        pickle.dumps(np.array([Evil()], object)),
        b"cnumpy.testing\nassert_equal\n.",
        b"no pickle",
    ],
)
def test_files_that_would_execute_are_refused(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "batch").write_bytes(content)
    with pytest.raises(ValueError):
        cifar.load_batch(str(tmp_path / "batch"))
    assert not (tmp_path / "evil").exists()


def test_arrays_of_lists_that_would_execute_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.npz").write_bytes(npz(x=np.array([Evil()], object)))
    with pytest.raises(ValueError, match="system"):
        reading.arrays(tmp_path / "x.npz")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("name", ["old.pkl", "old.pkl.gz"])
def test_old_files_of_plain_data(tmp_path, name):
    opened = (gzip.open if name.endswith("gz") else open)(tmp_path / name, "wb")
    with opened as file:
        pickle.dump((IMAGES, [1, 2.5, "text"]), file, 2)
        pickle.dump(np.float32(3), file, 2)
    (images, plain), number = reading.pickled(tmp_path / name)
    np.testing.assert_array_equal(images, IMAGES)
    assert plain == [1, 2.5, "text"] and number == 3


def test_arrays_are_read_as_numpy_reads_them(tmp_path):
    arrays = {"c": IMAGES, "f": np.asfortranarray(RNG.rand(3, 4)), "scalar": np.array(2.0), "lists": lists(TEXTS)}
    np.savez_compressed(tmp_path / "x.npz", **arrays)
    found = reading.arrays(tmp_path / "x.npz")
    for name, wanted in arrays.items():
        np.testing.assert_array_equal(found[name], wanted)
        assert found[name].dtype == wanted.dtype


def test_boston_housing_is_the_diabetes_data():
    datasets = pytest.importorskip("sklearn.datasets")
    with pytest.warns(UserWarning, match="diabetes"):
        (x_train, y_train), (x_test, y_test) = boston_housing.load_data()
    x, y = datasets.load_diabetes(return_X_y=True, scaled=False)
    assert x_train.shape == (353, 10) and x_test.shape == (89, 10)
    np.testing.assert_allclose(np.sort(np.concatenate([y_train, y_test])), np.sort(y))
    np.testing.assert_allclose(np.concatenate([x_train, x_test]).sum(0), x.sum(0))
