"""How long an epoch is, and what comes in it in which order: lengths, steps, Sequences, and other arguments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from horngate.backend import loops
from horngate.callbacks import LambdaCallback
from horngate.layers import BatchNormalization, Dense, Dropout
from horngate.models import Sequential
from horngate.training import batches, step
from tests.engine.streams import (  # noqa: F401
    BATCHES,
    WHOLE,
    WORKERS,
    Loader,
    Numbered,
    SizedLoader,
    batch,
    endless,
    generator,
    identity,
    losses_of,
)


class Duck:
    """Batches by number in a class of one's own."""

    def __len__(self):
        return BATCHES

    def __getitem__(self, k):
        return batch(k)


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
    monkeypatch.setattr("horngate.training.stream._MANY_BATCHES", 20)

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
    model.fit(
        x,
        np.zeros((10, 1)),
        nb_epoch=3,
        steps_per_epoch=steps,
        shuffle=shuffle,
        verbose=0,
        callbacks=[callback],
        **size,
    )
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
    for run in (
        lambda **options: model.fit(x, x, nb_epoch=4, **options),
        lambda **options: model.fit_generator(endless(), steps_per_epoch=1, nb_epoch=4, **options),
    ):
        validated.clear()
        log = CSVLogger(tmp_path / "log.csv")
        run(verbose=0, validation_data=(x, x), validation_freq=freq, callbacks=[note, log])
        assert validated == epochs
        rows = (tmp_path / "log.csv").read_text().split()
        assert rows[0] == "epoch,loss,val_loss" and [row.endswith(",NA") for row in rows[1:]] == [
            epoch not in epochs for epoch in (1, 2, 3, 4)
        ]


def test_verbose(model, capsys):
    model.predict_generator(generator(batch), 12, verbose=1)
    model.evaluate_generator(generator(batch), 12, verbose=1)
    assert capsys.readouterr().out.count("12/12") == 2


@pytest.mark.parametrize(
    "item, words",
    [
        (None, "batch 3: the generator must yield .*NoneType"),
        ((np.ones((2, 1)),), "batch 3: the generator must yield"),
        ((np.ones((2, 2)), np.ones((2, 1))), r"batch 3: input: .* needs shape \(any, 1\); received \(2, 2\)"),
        ((np.ones((3, 1)), np.ones((2, 1))), "batch 3: all arrays must hold the same number"),
        ((np.ones((0, 1)), np.ones((0, 1))), "batch 3: the data are empty"),
        (({"x": np.ones((2, 1))}, np.ones((2, 1))), "batch 3: .*no data for 'in'"),
    ],
    ids=str,
)
def test_a_batch_that_differs_is_told_by_its_number(model, item, words):
    source = Loader(lambda k: item if k == 2 else batch(k))
    with pytest.raises(ValueError, match=words):
        model.fit(source, nb_epoch=1, verbose=0)


def test_words_that_mean_nothing_are_refused(model):
    x = np.ones((2, 1))
    for run in (
        lambda: model.fit(x, x, theano_mode="FAST"),
        lambda: model.evaluate(x, x, class_mode="binary"),
        lambda: model.train_on_batch(x, x, mode=1),
    ):
        with pytest.raises(TypeError, match="has no argument '(theano_mode|class_mode|mode)'"):
            run()
    with pytest.raises(ValueError, match="class_mode must be"):
        model.compile("sgd", "mse", class_mode="multiple")
    with pytest.raises(TypeError, match="fit_many has no argument 'steps_per_epoch'"):
        from horngate.training.many import fit_many

        fit_many(lambda: model, 1, x, x, steps_per_epoch=2)


# How the loop over the steps is written for a GPU is tried here on a CPU: the steps are the same.


def trained(rows, batch_size, epochs=3, callbacks=(), validation=0):
    np.random.seed(5)
    model = Sequential([Dense(7, input_dim=4, activation="tanh"), Dropout(0.3), BatchNormalization(), Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    x = np.random.rand(rows, 4)
    held = (x[:validation], x[:validation, :2]) if validation else None
    history = model.fit(x, x[:, 2:], batch_size, epochs, verbose=0, callbacks=list(callbacks), validation_data=held)
    return history.history, model.get_weights()


@pytest.fixture
def loops_as_on_a_gpu(monkeypatch):
    return lambda: monkeypatch.setattr(step, "host_is_asked", lambda: True)


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 16, 17, 40, 63, 8 * 64, 8 * 64 + 1, 8 * 131 + 3])
def test_blocks_of_steps_and_a_short_one_beside_them_change_nothing(rows, loops_as_on_a_gpu):
    plain = trained(rows, 8, validation=rows // 2)
    loops_as_on_a_gpu()
    history, weights = trained(rows, 8, validation=rows // 2)
    for name, values in plain[0].items():
        np.testing.assert_allclose(history[name], values, rtol=2e-6, err_msg=name)
    for one, other in zip(weights, plain[1]):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows, sizes", [(20, [8, 8, 4]), (16, [8, 8]), (5, [5])])
def test_each_batch_is_told_of_beside_a_short_one(rows, sizes, loops_as_on_a_gpu):
    loops_as_on_a_gpu()
    told = []
    tell = LambdaCallback(on_batch_end=lambda number, logs: told.append((number, logs["size"])))
    trained(rows, 8, epochs=2, callbacks=[tell])
    assert told == 2 * list(enumerate(sizes))


@pytest.mark.parametrize("start, stop, block", [(0, 0, 5), (0, 4, 4), (0, 12, 4), (3, 17, 7)])
def test_blocks_run_what_a_plain_loop_runs(start, stop, block):
    def run(start, stop, block):
        body = lambda i, carry: carry.at[i].add(carry.sum() + i + 1)  # noqa: E731
        return loops.repeated(start, stop, body, jnp.zeros(20, "int32"), block)

    run = jax.jit(run, static_argnums=2)
    bounds = np.int32(start), np.int32(stop)
    np.testing.assert_array_equal(run(*bounds, block), run(*bounds, 1))


@pytest.mark.parametrize("iterations, block", [(1, 1), (2, 1), (44, 44), (65, 13), (67, 33), (234, 39), (449, 64)])
def test_the_host_decides_seldom(iterations, block):
    assert loops.block_of(iterations) == block


@pytest.mark.parametrize("first, parts", [(0, [(4, 0, 4), (4, 4, 8), (4, 8, 12)]), (5, [(4, 5, 9), (1, 9, 12)])])
def test_steps_that_fill_no_block_run_one_by_one(first, parts):
    chunks = list(batches.slices((), np.arange(50), 50, 4, step.Pace(1.0), first=first, block=4))
    found = [part for chunk in chunks for part in chunk.parts]
    assert [(part.block, part.first, part.stop) for part in found] == [*parts, (1, 12, 13)]
    assert found[-1].size == 2 and sum(chunk.samples for chunk in chunks) == 50 - 4 * first


def test_gradients_do_not_count_as_computed_for_each_sample():
    model = Sequential([Dense(512, input_dim=784), Dense(10)])
    model.compile("sgd", "mse")
    computed, once = model.steps["train"]._numbers
    assert computed < 784 + 4 * 512 + 500 and once >= 784 * 512
