"""Streams of batches: every kind of source, drawn by threads and processes, with all that can go wrong in it."""

import contextlib
import multiprocessing
import threading
import time

import numpy as np
import pytest

from horngate.callbacks import LambdaCallback
from tests.engine.streams import (  # noqa: F401
    BATCHES,
    KINDS,
    SHARED,
    WHOLE,
    WORKERS,
    Loader,
    SizedLoader,
    batch,
    by_name,
    endless,
    generator,
    identity,
    losses_of,
)

ERRORS = (OSError, SystemExit, KeyboardInterrupt, GeneratorExit)


def expected(kind, workers, numbers):
    """The order in which batches must come."""
    return [k for k in numbers for _ in range(2)] if "processes" in workers and kind not in SHARED else list(numbers)


def refused(kind, workers):
    return "processes" in workers and kind in ("Loader", "SizedLoader", "torch_loader")


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("kind", KINDS)
def test_batches_come_in_the_order_drawn(model, kind, workers):
    """However long each takes, and into whatever form it is put."""
    times = np.random.RandomState(2).rand(BATCHES) * 0.02

    def slowly(k):
        time.sleep(times[k])
        return by_name(k) if k % 2 else batch(k)

    options = WORKERS[workers]
    if refused(kind, workers):
        with pytest.raises(ValueError, match="2 processes would go through all of .*Sequence"):
            losses_of(model, KINDS[kind](slowly), **options)
        return
    order = expected(kind, workers, range(BATCHES))
    assert losses_of(model, KINDS[kind](slowly), steps=len(order), **options) == order
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_error_ends_the_training_in_its_place(model, kind, error, workers):
    if refused(kind, workers):
        return
    errors = {k: error(f"bad record {k}") for k in (3, 4)}

    def breaks(k):
        if k in errors:
            raise errors[k]
        return batch(k)

    steps = len(expected(kind, workers, WHOLE))
    seen, raised = losses_of(model, KINDS[kind](breaks), steps, failing=error, **WORKERS[workers])
    assert seen == expected(kind, workers, range(3))
    if "processes" in workers:
        assert str(raised) == "bad record 3" and "in breaks" in str(raised.__cause__)
    else:
        assert raised is errors[3]
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("workers", WORKERS)
def test_an_error_is_never_swallowed(model, workers):
    """The first worker to see the end must not be heard before the one that saw the error."""

    def breaks(k):
        if k == 1:
            raise OSError("bad record")
        return batch(k)

    for _ in range(5 if "processes" in workers else 50):
        losses_of(model, generator(breaks), failing=OSError, **WORKERS[workers])


def test_what_cannot_be_sent_from_a_process_is_told_in_words(model):
    class Local(Exception):
        def __init__(self, one, two):
            super().__init__(one)

    def breaks(k):
        raise Local("bad record", 2)

    _, raised = losses_of(model, generator(breaks), failing=RuntimeError, pickle_safe=True)
    assert "bad record" in str(raised) and "in breaks" in str(raised)


# sources that use their arrays again


def refilled(form):
    """A generator that fills one buffer again and again and yields it in the given form."""

    def batches():
        buffer, parts = np.zeros((2, 2), "float32"), []
        while True:
            for k in range(BATCHES):
                buffer[:, 0], buffer[:, 1] = k, 0
                parts[:] = [buffer[:, :1], buffer[:, 1:]]
                yield form(parts)

    return batches()


FORMS = {
    "views of one buffer": tuple,
    "a list that is used again": lambda parts: parts,
    "dictionaries": lambda parts: ({"in": parts[0]}, {"out": parts[1]}),
    "lists in a tuple": lambda parts: ([parts[0]], [parts[1]]),
    "weights": lambda parts: (parts[0], parts[1], np.ones(2)),
    "a memoryview behind it": lambda parts: tuple(np.asarray(memoryview(part)) for part in parts),
}


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("form", FORMS)
def test_a_source_may_use_its_arrays_again(model, form, workers):
    order = expected("generator", workers, range(BATCHES))
    assert losses_of(model, refilled(FORMS[form]), len(order), **WORKERS[workers]) == order


def test_weights_may_be_used_again_too(model):
    def batches():
        weights = np.zeros(2)
        while True:
            for k in (1, 2, 3):
                weights[:] = [k, 0]
                yield np.ones((2, 1)), np.zeros((2, 1)), weights

    seen = []
    note = LambdaCallback(on_batch_end=lambda number, logs: seen.append(logs["loss"]))
    model.fit_generator(batches(), steps_per_epoch=3, epochs=1, verbose=0, callbacks=[note])
    x = np.ones((2, 1))
    alone = [model.test_on_batch(x, 0 * x, sample_weight=np.array([k, 0.0])) for k in (1, 2, 3)]
    assert len(set(alone)) == 3
    np.testing.assert_allclose(seen, alone, rtol=1e-6)


@pytest.mark.parametrize("run", ["predict_generator", "evaluate_generator", "predict", "evaluate", "fit"])
def test_every_method_takes_such_a_source(model, run):
    if run == "predict_generator":
        wanted = np.repeat(np.arange(BATCHES), 2)[:, None]
        np.testing.assert_array_equal(model.predict_generator(refilled(tuple), 2 * BATCHES), wanted)
        return
    mean = np.mean(np.arange(BATCHES) ** 2.0)
    if run == "fit":
        history = model.fit(refilled(tuple), epochs=2, steps_per_epoch=BATCHES, verbose=0).history["loss"]
        np.testing.assert_allclose(history, [mean, mean])
    elif run == "predict":
        np.testing.assert_array_equal(model.predict(refilled(tuple), steps=3).ravel(), [0, 0, 1, 1, 2, 2])
    elif run == "evaluate":
        np.testing.assert_allclose(model.evaluate(refilled(tuple), steps=BATCHES, verbose=0), mean)
    else:
        np.testing.assert_allclose(model.evaluate_generator(refilled(tuple), 2 * BATCHES), mean)


# ends


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_than_were_asked_for_are_told(model, kind):
    source = KINDS[kind]
    for method, message in (("predict_generator", "batches"), ("evaluate_generator", "batches")):
        with pytest.raises(ValueError, match=f"{method}: the generator ended after 6 of 7 {message}"):
            getattr(model, method)(source(batch), steps=7)
    with pytest.raises(ValueError, match="predict_generator: the generator ended after 12 of 13 samples"):
        model.predict_generator(source(batch), 13)
    for method in (model.predict, model.evaluate):
        with pytest.raises(ValueError, match="ended after 6 of 7 batches"):
            method(source(batch), steps=7, verbose=0)
        method(source(batch), steps=6, verbose=0)


@pytest.mark.parametrize("method", ["predict", "evaluate"])
def test_arrays_too_must_hold_the_steps(model, method):
    x = np.arange(10.0)[:, None]
    arguments = (x,) if method == "predict" else (x, 0 * x)
    with pytest.raises(ValueError, match=f"{method}: 5 batches of 3 were asked for; 10 samples make 4"):
        getattr(model, method)(*arguments, batch_size=3, steps=5, verbose=0)
    got = {steps: getattr(model, method)(*arguments, batch_size=3, steps=steps, verbose=0) for steps in (2, 4)}
    for steps, count in ((2, 6), (4, 10)):
        wanted = x[:count] if method == "predict" else np.mean(x[:count] ** 2)
        np.testing.assert_allclose(got[steps], wanted, rtol=1e-6)


@pytest.mark.parametrize("kind", ["generator", "OldIterator", "SelfIterator"])
def test_training_ends_with_a_generator_that_ends(model, kind):
    with pytest.warns(UserWarning, match="the generator ended after 2 of 4 batches: training ends here"):
        assert losses_of(model, KINDS[kind](batch), steps=4, epochs=5) == list(range(6))
    with pytest.raises(ValueError, match="epoch 2: the data gave no batch.*steps_per_epoch"):
        model.fit(KINDS[kind](batch), epochs=2, verbose=0)


def test_validation_data_that_end_are_told(model):
    with pytest.raises(ValueError, match="fit: with a generator as validation_data, validation_steps must say"):
        model.fit(Loader(batch), epochs=2, verbose=0, validation_data=generator(batch))
    with pytest.warns(UserWarning, match="validation_data ended after 2 of 4 batches"):
        history = model.fit(Loader(batch), epochs=9, verbose=0, validation_data=generator(batch), validation_steps=4)
    assert len(history.history["val_loss"]) == 2


class Counted:
    """How often it was asked for a batch."""

    asked = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.asked += 1
        time.sleep(0.001)
        return batch(self.asked % BATCHES)


SOME = {
    "steps": lambda model, source, **how: model.fit_generator(source, steps_per_epoch=3, epochs=4, verbose=0, **how),
    "samples": lambda model, source, **how: model.fit_generator(source, 5, 4, verbose=0, **how),
    "fit": lambda model, source: model.fit(source, steps_per_epoch=3, epochs=4, verbose=0),
    "validation": lambda model, source: model.fit(
        Loader(batch), epochs=4, verbose=0, validation_data=source, validation_steps=3
    ),
    "evaluate": lambda model, source, **how: model.evaluate_generator(source, steps=12, **how),
    "predict": lambda model, source, **how: model.predict_generator(source, 23, **how),
    "predict in steps": lambda model, source: model.predict(source, steps=12),
}


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("run", SOME)
def test_a_source_is_asked_for_what_is_used(model, run, workers):
    """So that the next call goes on where this one ended."""
    source, options = Counted(), {} if run in ("fit", "validation", "predict in steps") else {"nb_worker": workers}
    SOME[run](model, source, **options)
    assert source.asked == 12


@pytest.mark.parametrize("method", ["fit", "fit_generator"])
def test_a_seed_makes_a_training_on_two_generators_repeatable(model, method):
    """Both draw from NumPy's random state, and so does the training; however fast they are, they draw in turn."""

    def draws(seconds):
        while True:
            time.sleep(next(seconds))
            yield np.random.rand(2, 1), np.zeros((2, 1))

    def losses(run):
        np.random.seed(5)
        seconds = iter(np.random.RandomState(run).rand(100) * 0.003)
        options = {"nb_worker": 3} if method == "fit_generator" else {}
        history = getattr(model, method)(
            draws(seconds),
            steps_per_epoch=5,
            epochs=3,
            verbose=0,
            validation_data=draws(seconds),
            validation_steps=2,
            **options,
        ).history
        return history["loss"], history["val_loss"], np.random.rand()

    runs = [losses(run) for run in range(3)]
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize("steps, batches", [(2.5, 3), (3.0, 3)])
def test_a_part_of_a_batch_is_a_batch(model, steps, batches):
    assert losses_of(model, endless(), steps) == list(range(batches))


def test_what_follows_the_last_batch_in_an_iterable_is_run(model):
    class Told(SizedLoader):
        rounds = 0

        def __iter__(self):
            yield from super().__iter__()
            self.rounds += 1

    source = Told(batch)
    model.fit(source, epochs=3, verbose=0)
    assert source.rounds == 3


# what is left behind


@pytest.mark.parametrize("ending", [None, OSError, KeyboardInterrupt])
def test_a_hundred_trainings_leave_no_thread(model, ending):
    def end(number, logs):
        if ending:
            raise ending

    threads, note = set(threading.enumerate()), [LambdaCallback(on_batch_end=end)]
    for run in range(100):
        with pytest.raises(ending) if ending else contextlib.nullcontext():
            if run % 2:
                model.fit(Loader(batch), nb_epoch=1, verbose=0, callbacks=note)
            else:
                model.fit_generator(endless(), steps_per_epoch=2, epochs=1, verbose=0, nb_worker=4, callbacks=note)
    assert set(threading.enumerate()) <= threads


def test_a_generator_that_hangs_is_left_to_itself(model, monkeypatch):
    monkeypatch.setattr("horngate.training.queue.PATIENCE", 0.1)
    hanging = threading.Event()

    def hangs(k):
        if k == 2:
            hanging.wait(60)
        return batch(k)

    def end(number, logs):
        raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="busy with one batch for 0.1 seconds"), pytest.raises(KeyboardInterrupt):
        note = LambdaCallback(on_batch_end=end)
        model.fit_generator(generator(hangs), steps_per_epoch=6, epochs=1, verbose=0, callbacks=[note])
    hanging.set()
