"""Loaders of other libraries feed `fit`, and a killed training goes on with their next batch. Skipped where missing.

`tests/test_resume_streams.py` has small doubles of them, which need no library.
"""

import importlib
import tarfile

import numpy as np
import pytest

from tests.test_resume_streams import X, run

Y = X[:, :1]


def of_grain(folder):
    grain = importlib.import_module("grain")
    return grain.MapDataset.source(list(zip(X, Y))).seed(3).shuffle().batch(6)


def of_grain_repeating(folder):
    return of_grain(folder).repeat()


def grain_loader(folder):
    grain = importlib.import_module("grain")
    sampler = grain.samplers.IndexSampler(20, shuffle=True, seed=1, num_epochs=1)
    batches = [grain.transforms.Batch(6)]
    return grain.DataLoader(data_source=list(zip(X, Y)), sampler=sampler, operations=batches, worker_count=0)


def of_torch(folder):
    torch = importlib.import_module("torch")
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return torch.utils.data.DataLoader(pairs, batch_size=6, shuffle=True)


def of_torchdata(folder):
    torch, data = importlib.import_module("torch"), importlib.import_module("torchdata.stateful_dataloader")
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return data.StatefulDataLoader(pairs, batch_size=6, shuffle=True)


def of_tensorflow(folder):
    tf = importlib.import_module("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(20, seed=3).batch(6)


def of_webdataset(folder):
    wds = importlib.import_module("webdataset")
    path = folder / "shard.tar"
    with tarfile.open(path, "w") as archive:
        for i, pair in enumerate(zip(X, Y)):
            for name, row in zip("xy", pair):
                np.save(folder / "row.npy", row)
                archive.add(folder / "row.npy", f"{i:03d}.{name}.npy")
    return wds.WebDataset(str(path), shardshuffle=False).decode().to_tuple("x.npy", "y.npy").batched(6)


def of_hugging_face(folder):
    """Dictionaries, with the names of the model's input and output."""
    datasets = importlib.import_module("datasets")
    rows = {"dense_input_1": X.tolist(), "dense_2": Y.tolist()}
    return datasets.Dataset.from_dict(rows).with_format("numpy").to_iterable_dataset().batch(6)


def rows_of_hugging_face(folder):
    datasets = importlib.import_module("datasets")
    rows = {"dense_input_1": X.tolist(), "dense_2": Y.tolist()}
    return datasets.Dataset.from_dict(rows).batch(6).with_format("numpy")


LOADERS = {
    "grain": [of_grain, of_grain_repeating, grain_loader],
    "torch": [of_torch],
    "torchdata": [of_torchdata],
    "tensorflow": [of_tensorflow],
    "webdataset": [of_webdataset],
    "datasets": [of_hugging_face, rows_of_hugging_face],
}
KILLS = [("on_batch_end", 2), ("on_epoch_begin", 2)], [("on_batch_end", 2)]
CASES = [pytest.param(library, make, id=make.__name__) for library, each in LOADERS.items() for make in each]


def seed(library, number):
    """Seed PyTorch's own generator, if the loader draws from it."""
    if library.startswith("torch"):
        importlib.import_module("torch").manual_seed(number)


@pytest.mark.parametrize("library, make", CASES)
def test_batches_go_on(library, make, tmp_path):
    """The losses of all epochs and the weights are those of a training that was not killed."""
    pytest.importorskip("torch" if library == "torchdata" else library)
    pytest.importorskip(library)
    options = {"steps_per_epoch": 4} if make is of_grain_repeating else {}
    # torchdata itself goes on with its epoch alone: the order of later ones is another

    def train(model, told):
        epochs = 1 if library == "torchdata" else 3
        return model.fit(make(tmp_path), nb_epoch=epochs, verbose=0, callbacks=told, **options)

    seed(library, 3)
    whole = run(tmp_path / "whole", train)
    for number, kill in enumerate(KILLS[library == "torchdata"], 3):
        seed(library, number)  # the first seed counts: the others are those of processes that go on
        assert run(tmp_path / "killed", train, kill) is None
    seed(library, 5)
    assert run(tmp_path / "killed", train) == whole
