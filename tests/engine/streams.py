"""What the tests of streams share: a model that tells which batch it is given, and a source of each kind."""

import contextlib

import jax
import numpy as np
import pytest

from horngate.callbacks import LambdaCallback
from horngate.layers import Dense, Input
from horngate.models import Model
from horngate.utils import Sequence

BATCHES = 6
WHOLE = list(range(BATCHES))


@pytest.fixture(scope="module", name="model")
def identity():
    """The identity; a step on the batch that is all k, with targets 0, has loss k ** 2 and changes nothing."""
    x = Input((1,), name="in")
    model = Model(x, Dense(1, name="out")(x))
    model.compile("sgd", "mse")
    model.optimizer.lr.set_value(0.0)
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    return model


def batch(k):
    """Batch k, in arrays of its own."""
    return np.full((2, 1), k, "float32"), np.zeros((2, 1), "float32")


def by_name(k):
    x, y = batch(k)
    return {"in": x}, {"out": y}


def generator(make):
    for k in range(BATCHES):
        yield make(k)


class OldIterator:
    """In the manner of Python 2."""

    def __init__(self, make):
        self.make, self.k = make, 0

    def next(self):
        if self.k == BATCHES:
            raise StopIteration
        self.k += 1
        return self.make(self.k - 1)


class SelfIterator(OldIterator):
    def __iter__(self):
        return self

    __next__ = OldIterator.next


class Loader:
    """Begins anew each time; its length is not known."""

    def __init__(self, make):
        self.make = make

    def __iter__(self):
        return generator(self.make)


class SizedLoader(Loader):
    def __len__(self):
        return BATCHES


class Numbered(Sequence):
    """As in Keras 2."""

    ended = 0

    def __init__(self, make):
        self.make = make

    def __len__(self):
        return BATCHES

    def __getitem__(self, k):
        return self.make(k)

    def on_epoch_end(self):
        self.ended += 1


def torch_loader(make):
    torch = pytest.importorskip("torch")

    class Batches(torch.utils.data.Dataset):
        __len__ = Numbered.__len__

        def __getitem__(self, k):
            return jax.tree.map(torch.from_numpy, make(k))

    return torch.utils.data.DataLoader(Batches(), batch_size=None)


KINDS = {
    each.__name__: each for each in (generator, OldIterator, SelfIterator, Loader, SizedLoader, Numbered, torch_loader)
}
SHARED = ("Numbered",)  # which processes share; of all else each draws a copy of its own
WORKERS = {"1": {}, "4": {"nb_worker": 4}, "2 processes": {"nb_worker": 2, "pickle_safe": True}}


def losses_of(model, source, steps=BATCHES, epochs=1, failing=None, **options):
    """The numbers of the batches that were trained on, in order; None stands for the error that ended it."""
    seen = []
    note = LambdaCallback(on_batch_end=lambda number, logs: seen.append(round(logs["loss"] ** 0.5)))
    with pytest.raises(failing) if failing else contextlib.nullcontext() as raised:
        model.fit_generator(
            source,
            steps_per_epoch=steps,
            epochs=epochs,
            verbose=0,
            callbacks=[note],
            shuffle=False if isinstance(source, Numbered) else None,
            **options,
        )
    return (seen, raised.value) if failing else seen


def endless(make=batch):
    k = 0
    while True:
        yield make(k % BATCHES)
        k += 1
