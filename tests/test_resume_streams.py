"""A training on streams of batches goes on, after it was killed, with the batch after the last that was used.

Some ways to give batches are tried here; with HORNGATE_TESTS=all in the environment all of them are.
"""

import contextlib
import itertools
import os
import random
import warnings

import numpy as np
import pytest

from horngate.backend.graph import reset_uids
from horngate.callbacks import BackupAndResume
from horngate.layers import Dense, Dropout
from horngate.models import Sequential
from horngate.preprocessing.image import ImageDataGenerator
from tests.test_resume import Killed, killed_at

X = np.random.RandomState(1).randn(20, 3)


def batch(rows):
    return X[rows], X[rows, :1]


def shuffled_by_numpy():
    while True:
        order = np.random.permutation(20)
        for start in range(0, 20, 3):
            yield batch(order[start : start + 3])


def shuffled_by_python():
    while True:
        yield batch(random.sample(range(20), 4))


def of_its_own():
    draw = np.random.RandomState(3)
    while True:
        yield batch(draw.randint(20, size=4))


class TellsState:
    """An iterator that can be put where it was."""

    def __init__(self):
        self.at, self.asked = 0, 0

    def __iter__(self):
        return self

    def __next__(self):
        self.at, self.asked = self.at + 1, self.asked + 1
        return batch(np.arange(self.at, self.at + 4) % 20)

    def get_state(self):
        return {"at": self.at}

    def set_state(self, state):
        self.at = state["at"]


class Loader:
    """Begins anew with each epoch, in an order of its own."""

    def __init__(self):
        self.draw = np.random.RandomState(4)

    def __iter__(self):
        order = self.draw.permutation(20)
        return (batch(order[start : start + 6]) for start in range(0, 20, 6))


class _Rows:
    """An iterator over a pass that tells where it is, as those of Grain do; `batches` counts the batches it made."""

    def __init__(self, order, loader):
        self.order, self.at, self.loader = order, 0, loader

    def __iter__(self):
        return self

    def __next__(self):
        if self.at >= len(self.order):
            raise StopIteration
        self.at, self.loader.made = self.at + 6, self.loader.made + 1
        return batch(self.order[self.at - 6 : self.at])

    def get_state(self):
        return {"at": self.at}

    def set_state(self, state):
        self.at = state["at"]


class PassesTell:
    """A loader whose iterators tell where they are."""

    def __init__(self):
        self.made = 0

    def __iter__(self):
        return _Rows(np.random.RandomState(4).permutation(20), self)


class LoaderTells(PassesTell):
    """A loader that tells where it is in its pass, as those of torchdata do; it goes on there once."""

    def __init__(self):
        super().__init__()
        self.current, self.told = None, None

    def __iter__(self):
        self.current = super().__iter__()
        if self.told is not None:
            self.current.set_state(self.told)
            self.told = self._kept()
        return self.current

    def _kept(self):
        return None

    def state_dict(self):
        return self.current.get_state()

    def load_state_dict(self, state):
        self.told = state


class OfDatasets(LoaderTells):
    """One that goes on there in each pass, as those of Hugging Face do."""

    __module__ = "datasets.iterable_dataset"

    def _kept(self):
        return self.told


class Numbered:
    """A Sequence of Keras 2, which changes its order at the end of an epoch."""

    def __init__(self):
        self.order = np.arange(20)

    def __len__(self):
        return 5

    def __getitem__(self, i):
        return batch(self.order[4 * i : 4 * i + 4])

    def on_epoch_end(self):
        np.random.shuffle(self.order)


class Altered(Numbered):
    def __getitem__(self, i):
        inputs, targets = super().__getitem__(i)
        return inputs + np.random.randn(), targets


class InAFile:
    """Rows that are read when they are asked for."""

    def __init__(self, array):
        self.array = array
        self.shape, self.dtype, self.ndim, self.size = array.shape, array.dtype, array.ndim, array.size

    def __getitem__(self, rows):
        return self.array[rows]

    def __len__(self):
        return len(self.array)


class Flattened:
    """Images of another iterator as rows."""

    def __init__(self, images):
        self.images = images

    def __next__(self):
        inputs, targets = next(self.images)
        return inputs.reshape(len(inputs), -1), targets


def images():
    """Vectors in the guise of images."""
    pictures = X.reshape(20, 1, 3, 1).astype("float32")
    generator = ImageDataGenerator(horizontal_flip=True, dim_ordering="tf")
    return Flattened(generator.flow(pictures, X[:, :1], batch_size=4, shuffle=True))


def by_fit(source, **options):
    return lambda model, told: model.fit(source(), nb_epoch=3, verbose=0, callbacks=told, **options)


def by_generator(source, **options):
    options = {"samples_per_epoch": 16, "nb_epoch": 3, "verbose": 0} | options
    return lambda model, told: model.fit_generator(source(), callbacks=told, **options)


def validated(model, told):
    return model.fit(
        X,
        X[:, :1],
        batch_size=8,
        nb_epoch=3,
        verbose=0,
        callbacks=told,
        validation_data=of_its_own(),
        validation_steps=2,
    )


def of_a_file(model, told):
    file = InAFile(X.astype("float32"))
    return model.fit(file, InAFile(X[:, :1].astype("float32")), batch_size=3, nb_epoch=3, verbose=0, callbacks=told)


WAYS = {
    "NumPy": by_generator(shuffled_by_numpy),
    "NumPy, three threads": by_generator(shuffled_by_numpy, nb_worker=3),
    "Python": by_generator(shuffled_by_python),
    "of its own": by_generator(of_its_own),
    "a process": by_generator(of_its_own, pickle_safe=True),
    "tells its state": by_generator(TellsState),
    "loader": by_fit(Loader),
    "loader, steps": by_fit(Loader, steps_per_epoch=3),
    "passes tell": by_fit(PassesTell),
    "loader tells": by_fit(LoaderTells),
    "loader tells, steps": by_fit(LoaderTells, steps_per_epoch=3),
    "of datasets": by_fit(OfDatasets),
    "steps": by_fit(shuffled_by_numpy, steps_per_epoch=4),
    "Sequence": by_fit(Numbered),
    "Sequence, random": by_fit(Altered),
    "Sequence, threads": by_generator(Numbered, nb_worker=2, samples_per_epoch=20),
    "images": by_generator(images),
    "validation": validated,
    "file": of_a_file,
}
KILLS = [("on_batch_end", 2), ("on_epoch_begin", 2), ("on_batch_end", 6)]
QUICK = (
    "NumPy, three threads",
    "a process",
    "tells its state",
    "loader",
    "passes tell",
    "of datasets",
    "Sequence, random",
    "file",
)
ALL = os.environ.get("HORNGATE_TESTS") == "all"


def run(folder, train, kill=None):
    reset_uids()
    np.random.seed(5)
    random.seed(5)
    model = Sequential([Dense(4, input_dim=3), Dropout(0.3), Dense(1)])
    model.compile("adam", "mse")
    told = [BackupAndResume(folder, seconds=0), *([killed_at(*kill)] if kill else [])]
    with contextlib.suppress(Killed), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "BackupAndResume: the")
        history = train(model, told)
        return [w.tolist() for w in model.get_weights()], repr(dict(history.history)), history.epoch


@pytest.mark.parametrize("way", WAYS if ALL else QUICK)
def test_batches_go_on(tmp_path, way):
    whole = run(tmp_path / "whole", WAYS[way])
    for kill in KILLS if ALL else KILLS[:2]:
        assert run(tmp_path / "killed", WAYS[way], kill) is None
    assert run(tmp_path / "killed", WAYS[way]) == whole


def test_one_line_says_that_batches_are_dropped(tmp_path):
    asked = []

    def counted():
        for number in itertools.count():
            asked.append(number)
            yield batch([number % 20, 1])

    def train(source):
        model = Sequential([Dense(1, input_dim=3)])
        model.compile("sgd", "mse")
        reset_uids()
        model.fit_generator(source, 8, 1, verbose=0, callbacks=[BackupAndResume(tmp_path, seconds=0), killed])

    killed = killed_at("on_batch_end", 3)
    with pytest.raises(Killed):
        train(counted())
    killed = killed_at("on_batch_end", 9)
    with pytest.warns(RuntimeWarning, match="the 2 batches that were used .* from generator and dropped.*get_state"):
        train(counted())


def test_a_source_that_tells_its_state_is_not_asked_twice(tmp_path):
    run(tmp_path, by_generator(TellsState), ("on_batch_end", 3))
    source = TellsState()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(tmp_path, by_generator(lambda: source, max_q_size=1))
    assert source.asked <= 9 + 3  # what was left, and what was drawn ahead


@pytest.mark.parametrize("loader", [PassesTell, LoaderTells, OfDatasets])
def test_a_loader_that_tells_its_place_makes_no_batch_twice(loader, tmp_path):
    run(tmp_path, by_fit(loader), ("on_batch_end", 5))  # in the second epoch
    source = loader()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(tmp_path, by_fit(lambda: source))
    assert source.made == 3 * 4 - 4  # it was saved after four batches
