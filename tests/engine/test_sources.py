"""fit, evaluate and predict take arrays, files, sparse matrices, frames and loaders, and learn the same from each."""

import threading

import numpy as np
import pytest

from horngate.backend import kernels
from horngate.callbacks import LambdaCallback
from horngate.layers import Dense
from horngate.models import Sequential
from horngate.utils.io_utils import HDF5Matrix

RNG = np.random.RandomState(3)
X = RNG.randn(70, 6).astype("float32")
Y = (X @ RNG.randn(6, 2)).astype("float32")


def make_model():
    np.random.seed(1)
    model = Sequential([Dense(5, activation="tanh", input_dim=6), Dense(2)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def hdf5(folder):
    import h5py

    with h5py.File(folder / "data.h5", "w") as file:
        file["x"], file["y"] = X, Y
    return folder / "data.h5"


def hdf5_matrix(folder):
    path = hdf5(folder)
    return HDF5Matrix(path, "x"), HDF5Matrix(path, "y")


def hdf5_dataset(folder):
    import h5py

    file = h5py.File(hdf5(folder))
    return file["x"], file["y"]


def sparse(folder):
    import scipy.sparse

    return scipy.sparse.coo_matrix(X), Y


def memmap(folder):
    np.save(folder / "x.npy", X)
    return np.load(folder / "x.npy", mmap_mode="r"), Y


class Foreign:
    """A tensor of another library: what `np.asarray` makes an array of."""

    shape, dtype = X.shape, "theirs.float32"

    def __array__(self, dtype=None, copy=None):
        return X


class Loader:
    """Gives the batches anew each time, in lists as data loaders do."""

    def __iter__(self):
        return ([X[i : i + 16], Y[i : i + 16]] for i in range(0, len(X), 16))


ARRAYS = {
    "lists": lambda folder: (X.tolist(), Y.tolist()),
    "float64": lambda folder: (X.astype("float64"), Y),
    "HDF5Matrix": hdf5_matrix,
    "h5py": hdf5_dataset,
    "sparse": sparse,
    "memmap": memmap,
    "foreign": lambda folder: (Foreign(), Y),
    "loader": lambda folder: (Loader(), None),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_every_source_trains_as_arrays_do(kind, tmp_path):
    x, y = ARRAYS[kind](tmp_path)
    model, reference = make_model(), make_model()
    expected = reference.fit(X, Y, batch_size=16, nb_epoch=3, shuffle=False, verbose=0, validation_data=(X, Y))
    history = model.fit(
        x, y, batch_size=16, nb_epoch=3, shuffle=False, verbose=0, validation_data=x if y is None else (x, y)
    )
    assert (
        set(history.history)
        == set(expected.history)
        == {"loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"}
    )
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=1e-5)
    for got, want in zip(model.get_weights(), reference.get_weights()):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0), reference.evaluate(X, Y, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(model.predict(x), reference.predict(X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_a_file_is_read_in_the_order_of_arrays_and_never_whole(shuffle, tmp_path):
    path, read = hdf5(tmp_path), []
    x, y = (HDF5Matrix(path, name, normalizer=lambda rows: read.append(len(rows)) or rows) for name in "xy")
    model, reference = make_model(), make_model()
    np.random.seed(5)
    reference.fit(X, Y, batch_size=16, nb_epoch=2, shuffle=shuffle, verbose=0)
    np.random.seed(5)
    model.fit(x, y, batch_size=16, nb_epoch=2, shuffle=shuffle, verbose=0)
    for got, want in zip(model.get_weights(), reference.get_weights()):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    # rows between the ones that were wanted may come along, but not all data at once
    assert max(read) <= (32 if shuffle is True else 16)


def test_frames_are_arrays():
    pandas = pytest.importorskip("pandas")
    model, reference = make_model(), make_model()
    model.fit(pandas.DataFrame(X), pandas.DataFrame(Y), shuffle=False, verbose=0, nb_epoch=1)
    reference.fit(X, Y, shuffle=False, verbose=0, nb_epoch=1)
    np.testing.assert_array_equal(model.get_weights()[0], reference.get_weights()[0])


def test_a_torch_data_loader_is_a_source():
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    model, reference = make_model(), make_model()
    model.fit(torch.utils.data.DataLoader(data, batch_size=16), nb_epoch=2, verbose=0)
    reference.fit(X, Y, batch_size=16, nb_epoch=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], reference.get_weights()[0], rtol=1e-5)


def test_dictionaries_are_by_the_names_of_inputs_and_outputs():
    model, reference = make_model(), make_model()
    model.fit({model.input_names[0]: X}, {model.output_names[0]: Y}, shuffle=False, verbose=0, nb_epoch=1)
    reference.fit(X, Y, shuffle=False, verbose=0, nb_epoch=1)
    np.testing.assert_array_equal(model.get_weights()[0], reference.get_weights()[0])


def broken():
    yield X[:8], Y[:8]
    raise OSError("the disk is gone")


@pytest.mark.parametrize(
    "run",
    [
        lambda model: model.fit_generator(broken(), 100, 1, verbose=0),
        lambda model: model.fit(type("L", (), {"__iter__": lambda self: broken()})(), nb_epoch=1, verbose=0),
        lambda model: model.evaluate_generator(broken(), 100),
        lambda model: model.predict_generator(broken(), 100),
    ],
)
def test_what_a_source_raises_reaches_the_caller_and_leaves_nothing_behind(run):
    model, threads = make_model(), threading.active_count()
    with pytest.raises(OSError, match="the disk is gone") as raised:
        run(model)
    assert any(entry.name == "broken" for entry in raised.traceback)
    assert threading.active_count() == threads
    assert np.isfinite(model.predict(X)).all()


def test_an_iterable_that_is_used_up_is_told():
    with pytest.raises(ValueError, match="epoch 2: the data gave no batch.*fit_generator"):
        make_model().fit(iter(Loader()), nb_epoch=2, verbose=0)


def test_a_stream_brings_its_own_targets():
    with pytest.raises(ValueError, match="Loader, an iterable of batches"):
        make_model().fit(Loader(), Y)
    with pytest.raises(ValueError, match="validation_split needs arrays"):
        make_model().fit(Loader(), validation_split=0.1)


def test_a_short_batch_behind_many_is_as_exact_as_others():
    """It is compiled with other options; single steps on the same batches are not."""
    fitted, stepped = make_model(), make_model()
    fitted.fit(X, Y, batch_size=3, nb_epoch=2, shuffle=False, verbose=0)
    for start in [*range(0, 70, 3)] * 2:
        stepped.train_on_batch(X[start : start + 3], Y[start : start + 3])
    for one, other in zip(fitted.get_weights(), stepped.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_arrays_are_looked_at_where_they_lie():
    """What a callback changes in them, in place, is what the next epoch trains on, as in Keras 1."""
    x, y = np.tile(X, (100, 1)), np.zeros((7000, 2), "float32")
    model = make_model()
    model.optimizer.lr = 0.0
    clear = LambdaCallback(on_epoch_end=lambda epoch, logs: x.fill(0))
    losses = model.fit(x, y, batch_size=1000, nb_epoch=2, verbose=0, callbacks=[clear]).history["loss"]
    if not kernels.serve():
        pytest.skip("without native kernels they are copied")
    assert losses[0] > 0.01 and losses[1] == 0
