"""With shuffle='blocks', files are read chunk by chunk, each once an epoch, in an order drawn anew."""

import h5py
import numpy as np
import pytest

from horngate.backend.graph import reset_uids
from horngate.layers import Dense
from horngate.models import Sequential
from horngate.training.batches import Orders
from horngate.training.blocks import in_blocks

COUNT, CHUNK = 100, 16  # the last chunk has 4 rows
X = np.random.RandomState(1).normal(size=(COUNT, 3)).astype("float32")


class Chunked:
    """A file in chunks that notes the chunk of each read."""

    def __init__(self, array, rows=CHUNK):
        self.array, self.chunks, self.read = array, (rows, *array.shape[1:]), []
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim

    def __len__(self):
        return len(self.array)

    def __getitem__(self, chosen):
        found = self.array[chosen]
        first = chosen.start if isinstance(chosen, slice) else int(np.min(chosen))
        self.read.append((first // self.chunks[0], first + len(found) - 1 if isinstance(chosen, slice) else first))
        return found


def losses(x, y, shuffle="blocks", **told):
    reset_uids()
    np.random.seed(3)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    return model.fit(x, y, batch_size=10, shuffle=shuffle, verbose=0, **{"nb_epoch": 2, **told}).history["loss"]


def test_an_order_of_blocks():
    order = in_blocks(COUNT, CHUNK)
    assert sorted(order.tolist()) == list(range(COUNT))
    blocks = order // CHUNK
    assert np.count_nonzero(np.diff(blocks)) == 6, "each block comes once, whole"
    assert blocks.tolist() != sorted(blocks.tolist())
    first = order[blocks == blocks[0]]
    assert first.tolist() != sorted(first.tolist())
    assert not np.array_equal(order, in_blocks(COUNT, CHUNK))


def test_each_chunk_is_read_once_an_epoch():
    x, y = Chunked(X), Chunked(X[:, :1])
    losses(x, y)
    for file in (x, y):
        for epoch in (file.read[:7], file.read[7:]):
            assert sorted(chunk for chunk, _ in epoch) == list(range(7))
            assert all(last // CHUNK == chunk for chunk, last in epoch), "a read goes beyond its chunk"


def test_files_give_what_the_same_order_of_arrays_gives():
    wanted = losses(Chunked(X), Chunked(X[:, :1]))
    reset_uids()
    np.random.seed(3)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    found = []
    for _ in range(2):
        order = in_blocks(COUNT, CHUNK)
        found += model.fit(X[order], X[order, :1], batch_size=10, shuffle=False, nb_epoch=1, verbose=0).history["loss"]
    np.testing.assert_allclose(wanted, found, rtol=1e-6)


def test_a_split_reads_no_more_at_once():
    """The last fifth of the rows validates; neither part is read whole."""
    most, read = [], Chunked.__getitem__

    class Watched(Chunked):
        def __getitem__(self, chosen):
            found = read(self, chosen)
            most.append(len(found))
            return found

    file = Watched(X)
    found = losses(file, X[:, :1], True, validation_split=0.2)
    assert max(most) <= 32
    assert found == pytest.approx(losses(X, X[:, :1], True, validation_split=0.2), rel=1e-5)


def hdf5(folder):
    with h5py.File(folder / "data.h5", "w") as file:
        file.create_dataset("x", data=X, chunks=(CHUNK, 3))
    return h5py.File(folder / "data.h5")["x"]


def of_zarr(folder):
    zarr = pytest.importorskip("zarr")
    array = zarr.open(str(folder / "data.zarr"), mode="w", shape=X.shape, chunks=(CHUNK, 3), dtype="f4")
    array[:] = X
    return array


def memmap(folder):
    np.save(folder / "x.npy", X)
    return np.load(folder / "x.npy", mmap_mode="r")


@pytest.mark.parametrize("shuffle", ["blocks", "batch", True, False])
@pytest.mark.parametrize("make", [hdf5, of_zarr, memmap])
def test_real_files(make, shuffle, tmp_path):
    file = make(tmp_path)
    like = Chunked(X) if hasattr(file, "chunks") else X
    np.testing.assert_allclose(losses(file, X[:, :1], shuffle), losses(like, X[:, :1], shuffle), rtol=1e-6)


def test_blocks_without_chunks_hold_at_least_a_batch():
    from horngate.training.spec import Samples

    large, small = np.broadcast_to(np.float32(0), (9, 2**20)), np.zeros((9, 1))
    assert Orders.of(Samples([large], [small], [None]), 4, "blocks", None).block == 4
    assert Orders.of(Samples([small], [small], [None]), 4, "blocks", None).block == 2**22 // 8


@pytest.mark.parametrize("data, words", [(iter([]), "gives batches itself"), ("x", "must be True, False, 'batch'")])
def test_refusals(data, words):
    with pytest.raises(ValueError, match=words):
        losses(X, X[:, :1], data) if data == "x" else losses(data, None, "blocks", steps_per_epoch=1)
