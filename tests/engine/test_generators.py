"""Generators of batches: threads, processes, old iterators, counts of samples, and ends."""

import multiprocessing
import threading

import numpy as np
import pytest

from horngate.callbacks import Callback
from horngate.layers import Dense
from horngate.models import Sequential

RNG = np.random.RandomState(0)
X, Y = RNG.rand(24, 3).astype("float32"), RNG.rand(24, 2).astype("float32")


def make_model(weights=None):
    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", "mse")
    model.set_weights(weights or [np.ones((3, 2)), np.zeros(2)])
    return model


def forever(size=8, times=10**6):
    for i in range(times):
        at = i * size % len(X)
        yield X[at : at + size], Y[at : at + size]


class OldIterator:
    """An iterator as Python 2 wrote them: `next`, and no `__next__`; safe to ask from several threads."""

    def __init__(self):
        self.batches, self.lock = forever(), threading.Lock()

    def next(self):
        with self.lock:
            return next(self.batches)


def same(model, other):
    for weight, wanted in zip(model.get_weights(), other.get_weights()):
        np.testing.assert_allclose(weight, wanted, rtol=1e-5)


def by_arrays(epochs=2):
    model = make_model()
    model.fit(X, Y, batch_size=8, nb_epoch=epochs, shuffle=False, verbose=0)
    return model


VALIDATED = {"nb_val_samples": 16, "validation_data": "generator"}


@pytest.mark.parametrize("options", [{}, {"max_q_size": 1}, {"pickle_safe": True}, {"verbose": 1}, VALIDATED], ids=str)
@pytest.mark.parametrize("source", [forever, OldIterator], ids=["generator", "next only"])
def test_a_generator_trains_as_arrays_do(source, options):
    options = {"verbose": 0, **options}
    if "validation_data" in options:
        options["validation_data"] = source()
    model = make_model()
    history = model.fit_generator(source(), samples_per_epoch=24, nb_epoch=2, **options).history
    same(model, by_arrays())
    assert len(history["loss"]) == 2 and ("val_loss" in history) == ("validation_data" in options)


def test_an_epoch_ends_with_the_batch_that_reaches_its_samples():
    class Sizes(Callback):
        seen = []

        def on_batch_end(self, batch, logs=None):
            self.seen.append(logs["size"])

    make_model().fit_generator(forever(8), samples_per_epoch=20, nb_epoch=1, verbose=0, callbacks=[Sizes()])
    assert Sizes.seen == [8, 8, 8]


@pytest.mark.parametrize("workers", [{"nb_worker": 3}, {"nb_worker": 2, "pickle_safe": True}], ids=str)
def test_several_workers(workers):
    model = make_model()
    losses = model.fit_generator(forever(), 96, 2, verbose=0, **workers).history["loss"]
    assert losses[1] < losses[0]


@pytest.mark.parametrize("pickle_safe", [False, True])
def test_evaluation_and_prediction_come_in_order(pickle_safe):
    model = make_model()
    loss = model.evaluate_generator(forever(), val_samples=24, pickle_safe=pickle_safe)
    np.testing.assert_allclose(loss, np.mean((X.sum(1, keepdims=True) - Y) ** 2), rtol=1e-5)
    predicted = model.predict_generator(forever(), val_samples=24, pickle_safe=pickle_safe)
    np.testing.assert_allclose(predicted, np.repeat(X.sum(1, keepdims=True), 2, axis=1), rtol=1e-5)
    alone = model.predict_generator((x for x, _ in forever()), val_samples=24, pickle_safe=pickle_safe)
    np.testing.assert_array_equal(alone, predicted)


def test_validation_by_generator_is_of_its_samples():
    model = make_model()
    history = model.fit_generator(forever(), 24, 1, verbose=0, validation_data=forever(4), nb_val_samples=12).history
    np.testing.assert_allclose(history["val_loss"], model.evaluate(X[:12], Y[:12], verbose=0), rtol=1e-5)


def test_class_weights_count():
    labels = np.eye(2)[np.arange(24) % 2]
    weighted, plain = make_model(), make_model()
    weighted.fit_generator(((x, labels[:8]) for x, _ in forever()), 8, 1, verbose=0, class_weight={0: 3.0, 1: 0.0})
    plain.train_on_batch(X[:8], labels[:8], sample_weight=np.where(np.arange(8) % 2, 0.0, 3.0))
    same(weighted, plain)


@pytest.mark.parametrize("pickle_safe", [False, True])
def test_an_error_stops_training_at_once_and_leaves_nobody_behind(pickle_safe):
    def breaks():
        yield from forever(times=2)
        raise OSError("the disk is on fire")

    model, threads = make_model(), set(threading.enumerate())
    with pytest.raises((OSError, RuntimeError), match="the disk is on fire"):
        model.fit_generator(breaks(), 24, 2, verbose=0, pickle_safe=pickle_safe)
    assert multiprocessing.active_children() == [] and set(threading.enumerate()) <= threads
    reference = make_model()
    reference.fit(X[:16], Y[:16], batch_size=8, nb_epoch=1, shuffle=False, verbose=0)
    same(model, reference)  # the two whole steps count


@pytest.mark.parametrize("batches, epochs", [(3, 1), (4, 2)])
def test_a_generator_that_ends_early_ends_the_training(batches, epochs):
    model = make_model()
    with pytest.warns(UserWarning, match=f"ended after {8 * (batches - 3)} of 24 samples"):
        history = model.fit_generator(forever(times=batches), samples_per_epoch=24, nb_epoch=5, verbose=0)
    assert len(history.history["loss"]) == epochs


def test_workers_end_with_the_training():
    threads = set(threading.enumerate())
    make_model().fit_generator(forever(), 24, 1, verbose=0, nb_worker=2)
    make_model().fit_generator(forever(), 24, 1, verbose=0, nb_worker=2, pickle_safe=True)
    assert multiprocessing.active_children() == [] and set(threading.enumerate()) <= threads
