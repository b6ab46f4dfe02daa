"""Streams of batches: every kind of source, drawn by threads and processes, with all that can go wrong in it."""
import contextlib
import multiprocessing
import threading
import time

import numpy as np
import pytest

from horngate.callbacks import LambdaCallback
from horngate.layers import Dense, Input
from horngate.models import Model, Sequential
from horngate.utils import Sequence

BATCHES = 6
WHOLE = list(range(BATCHES))


@pytest.fixture(scope="module")
def model():
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
            return [torch.from_numpy(array) for array in make(k)]

    return torch.utils.data.DataLoader(Batches(), batch_size=None)


KINDS = {each.__name__: each for each in (
    generator, OldIterator, SelfIterator, Loader, SizedLoader, Numbered, torch_loader)}
SHARED = ("Numbered",)  # which processes share; of all else each draws a copy of its own
WORKERS = {"1": {}, "4": {"nb_worker": 4}, "2 processes": {"nb_worker": 2, "pickle_safe": True}}
ERRORS = (OSError, SystemExit, KeyboardInterrupt, GeneratorExit)


def losses_of(model, source, steps=BATCHES, epochs=1, failing=None, **options):
    """The numbers of the batches that were trained on, in order; None stands for the error that ended it."""
    seen = []
    note = LambdaCallback(on_batch_end=lambda number, logs: seen.append(round(logs["loss"] ** 0.5)))
    with pytest.raises(failing) if failing else contextlib.nullcontext() as raised:
        model.fit_generator(source, steps_per_epoch=steps, epochs=epochs, verbose=0, callbacks=[note], shuffle=False
                            if isinstance(source, Numbered) else None, **options)
    return (seen, raised.value) if failing else seen


def test_what_follows_the_last_batch_in_an_iterable_is_run(model):
    class Told(SizedLoader):
        rounds = 0

        def __iter__(self):
            yield from super().__iter__()
            self.rounds += 1

    source = Told(batch)
    model.fit(source, epochs=3, verbose=0)
    assert source.rounds == 3


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
    "validation": lambda model, source: model.fit(Loader(batch), epochs=4, verbose=0, validation_data=source,
                                                  validation_steps=3),
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
            draws(seconds), steps_per_epoch=5, epochs=3, verbose=0, validation_data=draws(seconds), validation_steps=2,
            **options,
        ).history
        return history["loss"], history["val_loss"], np.random.rand()

    runs = [losses(run) for run in range(3)]
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize("steps, batches", [(2.5, 3), (3.0, 3)])
def test_a_part_of_a_batch_is_a_batch(model, steps, batches):
    assert losses_of(model, endless(), steps) == list(range(batches))


# lengths


class Duck:
    """Batches by number in a class of one's own."""

    def __len__(self):
        return BATCHES

    def __getitem__(self, k):
        return batch(k)


def endless(make=batch):
    k = 0
    while True:
        yield make(k % BATCHES)
        k += 1


class EndlessLoader:
    def __iter__(self):
        return endless()


class SizedIterator:
    """Goes on for ever; an epoch of it is as long as it says, as of the iterators of images."""

    def __init__(self):
        self.batches = endless()

    def __len__(self):
        return 3

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.batches)


def numbers_of_epochs(model, source, **options):
    epochs, now = [], []
    tell = LambdaCallback(
        on_batch_end=lambda number, logs: now.append(round(logs["loss"] ** 0.5)),
        on_epoch_end=lambda epoch, logs: (epochs.append(now[:]), now.clear()),
    )
    model.fit(source, epochs=3, verbose=0, shuffle=False, callbacks=[tell], **options)
    return epochs


LENGTHS = {
    "a length": (lambda: SizedLoader(batch), {}, [WHOLE] * 3),
    "no length, but an end": (lambda: Loader(batch), {}, [WHOLE] * 3),
    "items": (lambda: Numbered(batch), {}, [WHOLE] * 3),
    "items of a class of one's own": (Duck, {}, [WHOLE] * 3),
    "a length and no end": (SizedIterator, {}, [[0, 1, 2], [3, 4, 5], [0, 1, 2]]),
    "an endless generator": (endless, {"steps_per_epoch": 4}, [[0, 1, 2, 3], [4, 5, 0, 1], [2, 3, 4, 5]]),
    "an endless loader": (EndlessLoader, {"steps_per_epoch": 2}, [[0, 1], [2, 3], [4, 5]]),
    "a loader in parts": (lambda: Loader(batch), {"steps_per_epoch": 4}, [[0, 1, 2, 3], [4, 5, 0, 1], [2, 3, 4, 5]]),
    "items in parts": (lambda: Numbered(batch), {"steps_per_epoch": 4}, [[0, 1, 2, 3], [4, 5, 0, 1], [2, 3, 4, 5]]),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_an_epoch_is_as_long_as_source_or_argument_say(model, name):
    source, options, wanted = LENGTHS[name]
    assert numbers_of_epochs(model, source(), **options) == wanted


@pytest.mark.parametrize("name", ["a length", "items", "a length and no end", "an endless generator"])
def test_validation_too(model, name):
    source, options, wanted = LENGTHS[name]
    options = {"validation_steps": value for value in options.values()}
    losses = model.fit(Loader(batch), epochs=3, verbose=0, validation_data=source(), **options).history["val_loss"]
    np.testing.assert_allclose(losses, [np.mean(np.square(numbers)) for numbers in wanted], rtol=1e-6)


def test_what_begins_anew_is_validated_on_from_its_beginning(model):
    history = model.fit(Loader(batch), epochs=2, verbose=0, validation_data=Loader(batch), validation_steps=4)
    np.testing.assert_allclose(history.history["val_loss"], [3.5, 3.5])


@pytest.mark.parametrize("run", ["fit", "evaluate", "predict"])
def test_what_may_be_endless_is_said(model, run, monkeypatch):
    monkeypatch.setattr("horngate.engine.stream._MANY_BATCHES", 20)

    def finally_ends():
        yield from (batch(0) for _ in range(30))

    argument = "steps_per_epoch" if run == "fit" else "steps"
    options = {"nb_epoch": 1} if run == "fit" else {}
    with pytest.warns(UserWarning, match=f"generator has given 20 batches and has no length.*give {argument}"):
        getattr(model, run)(finally_ends(), verbose=0, **options)


def test_a_flow_of_images_is_as_long_as_a_round(model):
    from horngate.layers import Flatten
    from horngate.preprocessing.image import ImageDataGenerator

    images, sizes = np.random.rand(10, 1, 2, 2), []
    net = Sequential([Flatten(input_shape=(1, 2, 2)), Dense(1)])
    net.compile("sgd", "mse")
    flow, twin = (ImageDataGenerator().flow(images, np.ones((10, 1)), batch_size=4) for _ in range(2))
    note = LambdaCallback(on_batch_end=lambda number, logs: sizes.append(logs["size"]))
    net.fit(flow, epochs=2, verbose=0, callbacks=[note], validation_data=twin)
    assert len(flow) == 3 and sizes == [4, 4, 2] * 2
    sizes.clear()
    net.fit_generator(flow, epochs=2, verbose=0, callbacks=[note])
    assert sizes == [4, 4, 2] * 2


@pytest.mark.parametrize("workers", [{"nb_worker": 4}, {"nb_worker": 3, "pickle_safe": True}], ids=str)
def test_workers_share_a_flow_of_images_in_its_order(workers):
    from horngate.layers import Flatten
    from horngate.preprocessing.image import ImageDataGenerator

    images = np.arange(40.0).reshape(10, 1, 2, 2)
    net = Sequential([Flatten(input_shape=(1, 2, 2))])
    flow = ImageDataGenerator().flow(images, batch_size=3, shuffle=False)
    np.testing.assert_array_equal(net.predict_generator(flow, **workers), images.reshape(10, 4))
    altered = ImageDataGenerator(rotation_range=90, horizontal_flip=True)
    runs = []
    for _ in range(3):
        np.random.seed(3)
        runs.append(net.predict_generator(altered.flow(images, batch_size=3), **workers))
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])


# arrays in a number of steps


def samples_of_epochs(steps, batch_size=None, shuffle=True, source="arrays", tmp_path=None):
    x = np.arange(10.0, dtype="float32")[:, None]
    if source == "file":
        np.save(tmp_path / "x.npy", x)
        x = np.load(tmp_path / "x.npy", mmap_mode="r")
    seen = []
    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    model.optimizer.lr.set_value(0.0)
    now = []

    def look(number, logs):
        now.append([int(i) for i in np.ravel(next(iter(model.training.chunk.feeds()))[0])])

    callback = LambdaCallback(on_batch_end=look, on_epoch_end=lambda epoch, logs: (seen.append(now[:]), now.clear()))
    size = {} if batch_size is None else {"batch_size": batch_size}
    model.fit(x, np.zeros((10, 1)), nb_epoch=3, steps_per_epoch=steps, shuffle=shuffle, verbose=0,
              callbacks=[callback], **size)
    return seen


@pytest.mark.parametrize("source", ["arrays", "file"])
def test_arrays_in_steps(source, tmp_path):
    def sizes(*arguments, **options):
        epochs = samples_of_epochs(*arguments, source=source, tmp_path=tmp_path, **options)
        return [[len(samples) for samples in epoch] for epoch in epochs], [sum(epoch, []) for epoch in epochs]

    assert sizes(3)[0] == [[4, 4, 2]] * 3  # all samples, in so many batches
    assert all(sorted(epoch) == list(range(10)) for epoch in sizes(3)[1])
    assert sizes(4, 3)[0] == [[3, 3, 3, 1]] * 3
    assert sizes(2, 3, shuffle=False)[1] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 0, 1], [2, 3, 4, 5, 6, 7]]
    shuffled = sizes(2, 3)[1]
    assert all(len(set(epoch)) == 6 for epoch in shuffled) and len(set(map(tuple, shuffled))) == 3
    more = sizes(5, 4)[1]
    assert all(sorted(epoch) == sorted(list(range(10)) * 2) for epoch in more)


# Sequences


@pytest.mark.parametrize("workers", WORKERS)
def test_a_sequence_is_told_of_the_end_of_each_epoch_and_shuffled(model, workers):
    class Renewed(Numbered):
        """Of each epoch another one, where one without shuffling was the last."""

        def __getitem__(self, k):
            return batch(k + 10 * self.ended)

    options = WORKERS[workers]
    for steps, passes in ((None, 3), (BATCHES, 3), (BATCHES // 2, 1.5)):
        seen = losses_of(model, Renewed(batch), steps=steps, epochs=3, **options)
        assert seen == [k + 10 * n for n in range(3) for k in range(BATCHES)][: int(passes * BATCHES)]
    seen, note = [], LambdaCallback(on_batch_end=lambda number, logs: seen.append(round(logs["loss"] ** 0.5)))
    model.fit_generator(Numbered(batch), epochs=3, verbose=0, callbacks=[note], **options)
    rounds = [seen[i : i + BATCHES] for i in range(0, 18, BATCHES)]
    assert all(sorted(each) == WHOLE for each in rounds) and len(set(map(tuple, rounds))) > 1


def test_shuffling_by_fit(model):
    assert numbers_of_epochs(model, Numbered(batch)) == [WHOLE] * 3
    seen, note = [], LambdaCallback(on_batch_end=lambda number, logs: seen.append(round(logs["loss"] ** 0.5)))
    sequence = Numbered(batch)
    model.fit(sequence, epochs=3, verbose=0, callbacks=[note])
    assert sorted(seen) == sorted(WHOLE * 3) and seen != WHOLE * 3 and sequence.ended == 3


def test_shuffle_that_has_no_effect_is_told(model):
    with pytest.warns(UserWarning, match="shuffle=True has no effect on the batches of generator"):
        model.fit_generator(generator(batch), steps_per_epoch=2, epochs=1, verbose=0, shuffle=True)
    with pytest.raises(ValueError, match="shuffle='batch' is for arrays and Sequences"):
        model.fit(Loader(batch), nb_epoch=1, verbose=0, shuffle="batch")


# other arguments


@pytest.mark.parametrize("freq, epochs", [(1, [1, 2, 3, 4]), (2, [2, 4]), ([1, 4], [1, 4])])
def test_validation_freq(model, freq, epochs, tmp_path):
    from horngate.callbacks import CSVLogger

    validated = []
    note = LambdaCallback(on_epoch_end=lambda epoch, logs: validated.append(epoch + 1) if "val_loss" in logs else None)
    x = np.ones((4, 1))
    for run in (lambda **options: model.fit(x, x, nb_epoch=4, **options),
                lambda **options: model.fit_generator(endless(), steps_per_epoch=1, nb_epoch=4, **options)):
        validated.clear()
        log = CSVLogger(tmp_path / "log.csv")
        run(verbose=0, validation_data=(x, x), validation_freq=freq, callbacks=[note, log])
        assert validated == epochs
        rows = (tmp_path / "log.csv").read_text().split()
        assert rows[0] == "epoch,loss,val_loss" and [row.endswith(",NA") for row in rows[1:]] == [
            epoch not in epochs for epoch in (1, 2, 3, 4)]


def test_verbose(model, capsys):
    model.predict_generator(generator(batch), 12, verbose=1)
    model.evaluate_generator(generator(batch), 12, verbose=1)
    assert capsys.readouterr().out.count("12/12") == 2


@pytest.mark.parametrize("item, words", [
    (None, "batch 3: the generator must yield .*NoneType"),
    ((np.ones((2, 1)),), "batch 3: the generator must yield"),
    ((np.ones((2, 2)), np.ones((2, 1))), r"batch 3: input: .* needs shape \(any, 1\); received \(2, 2\)"),
    ((np.ones((3, 1)), np.ones((2, 1))), "batch 3: all arrays must hold the same number"),
    ((np.ones((0, 1)), np.ones((0, 1))), "batch 3: the data are empty"),
    (({"x": np.ones((2, 1))}, np.ones((2, 1))), "batch 3: .*no data for 'in'"),
], ids=str)
def test_a_batch_that_differs_is_told_by_its_number(model, item, words):
    source = Loader(lambda k: item if k == 2 else batch(k))
    with pytest.raises(ValueError, match=words):
        model.fit(source, nb_epoch=1, verbose=0)


def test_words_that_mean_nothing_are_refused(model):
    x = np.ones((2, 1))
    for run in (lambda: model.fit(x, x, theano_mode="FAST"), lambda: model.evaluate(x, x, class_mode="binary"),
                lambda: model.train_on_batch(x, x, mode=1)):
        with pytest.raises(TypeError, match="has no argument '(theano_mode|class_mode|mode)'"):
            run()
    with pytest.raises(ValueError, match="class_mode must be"):
        model.compile("sgd", "mse", class_mode="multiple")
    with pytest.raises(TypeError, match="fit_many has no argument 'steps_per_epoch'"):
        from horngate.engine.many import fit_many

        fit_many(lambda: model, 1, x, x, steps_per_epoch=2)


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
    monkeypatch.setattr("horngate.engine.queue.PATIENCE", 0.1)
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
