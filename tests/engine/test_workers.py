"""Workers: what they hand over is nobody else's, their processes end with the program, and chunks mean their steps."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from horngate.layers import Dense
from horngate.models import Sequential
from horngate.training.batches import batches_of
from horngate.training.data import prepared
from horngate.training.draw_limit import DrawLimit
from horngate.training.fit_arguments import Options
from horngate.training.private_copy import private_copy
from horngate.training.queue import GeneratorEnqueuer, generator_queue
from horngate.training.step import Pace

# private_copy


def kept():
    """A generator that keeps its arrays while they are in use."""
    x = np.ones((2, 3))
    yield x, [x[:, :1], {"name": x.T}], 3, None


def test_what_the_source_can_reach_is_copied_once():
    source = kept()
    item = private_copy([next(source)])
    inside = source.gi_frame.f_locals["x"]
    x, (part, by_name), number, nothing = item
    assert type(item) is tuple and (number, nothing) == (3, None)
    for array in (x, part, by_name["name"]):
        assert not np.shares_memory(array, inside)
        np.testing.assert_array_equal(array, 1)
    twice = (inside, inside)
    first, second = private_copy([twice])
    assert first is second and first is not inside


def place(array):
    return array.__array_interface__["data"][0]


def test_what_nobody_else_holds_is_not_copied():
    places = []

    def made():
        array = np.ones((2, 3))
        places.append(place(array))
        return array

    def batches():
        yield made(), [made()], {"name": made()}

    class Numbered:
        def __getitem__(self, i):
            x = made()
            return x, made()

    x, (y,), z = private_copy([next(batches())])
    assert [place(x), place(y), place(z["name"])] == places
    places.clear()
    x, y = private_copy([Numbered()[0]])
    assert [place(x), place(y)] == places


class Tensor:
    """As of another library."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


def arrays_of_all_kinds():
    import scipy.sparse

    array = np.ones((2, 2))
    yield "array", array, lambda: array.fill(0)
    view = np.ones((3, 3))
    yield "view", view[1:, 1:], lambda: view.fill(0)
    masked = np.ma.masked_array(np.ones((2, 2)))
    yield "masked", masked, lambda: masked.data.fill(0)
    sparse = scipy.sparse.csr_matrix(np.ones((2, 2)))
    yield "sparse", sparse, lambda: sparse.data.fill(0)
    foreign = Tensor(np.ones((2, 2)))
    yield "foreign", foreign, lambda: foreign.array.fill(0)
    nested = [[1.0, 1.0], [1.0, 1.0]]
    yield "lists", nested, lambda: nested[0].__setitem__(0, 0.0)


@pytest.mark.parametrize("kind", ["array", "view", "masked", "sparse", "foreign", "lists"])
def test_arrays_of_all_kinds_are_copied(kind):
    value, change = next((value, change) for name, value, change in arrays_of_all_kinds() if name == kind)
    mine = private_copy([value])
    change()
    np.testing.assert_array_equal(mine.toarray() if kind == "sparse" else np.asarray(mine), 1)


# the enqueuer


def drawing():
    while True:
        yield np.random.rand()


@pytest.mark.parametrize("nb_worker", [1, 4])
def test_the_note_is_that_of_the_batch_in_use(nb_worker):
    """The random state behind a batch draws the next one, though workers are ahead."""
    np.random.seed(3)
    with GeneratorEnqueuer(drawing(), note=np.random.get_state) as batches:
        batches.start(nb_worker, max_q_size=5)
        drawn = [(batches.get(), batches.noted) for _ in range(6)]
    for (_, state), (following, _) in zip(drawn, drawn[1:]):
        random = np.random.RandomState()
        random.set_state(state)
        assert random.rand() == following


def test_the_queue_of_keras_1():
    queue, stop = generator_queue(iter(range(3)), nb_worker=2)
    assert [queue.get() for _ in range(3)] == [0, 1, 2]
    with pytest.raises(StopIteration):
        queue.get()
    with pytest.raises(StopIteration):
        queue.get()
    assert queue.qsize() == 1 and not queue.empty()  # the end, which stays
    stop.set()


def test_a_draw_limit_counts_samples_in_the_order_drawn():
    draw_limit = DrawLimit(10, size=len)
    assert not draw_limit.more()
    draw_limit.passes = 2
    assert draw_limit.more()
    draw_limit.note_drawn()
    assert not draw_limit.more(), "the size of the first is not known yet"
    draw_limit.note_prepared(0, [0] * 4)
    for _ in range(5):  # three of four in each pass
        assert draw_limit.more()
        draw_limit.note_drawn()
    assert not draw_limit.more()
    draw_limit.note_prepared(2, [0] * 4)
    draw_limit.note_prepared(1, [0] * 1)  # smaller than was thought: 1 more is needed
    assert draw_limit.more()


# chunks


X = np.arange(21.0, dtype="float32")[:, None]


def dense():
    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    model.optimizer.lr.set_value(0.0)
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    return model


def sources(model):
    yield batches_of(model.spec(), model.spec().checked(X, 0 * X), 4)
    loader = [(X[i : i + 4], 0 * X[i : i + 4]) for i in range(0, 21, 4)]
    yield prepared(model.spec(), iter(loader), None, Options("fit"), lambda: None)[0]


@pytest.mark.parametrize("kind", [0, 1], ids=["arrays", "stream"])
@pytest.mark.parametrize("turn", ["run in its turn", "not run in its turn"])
def test_a_chunk_that_is_kept_means_its_own_steps(kind, turn):
    model = dense()
    source, step = list(sources(model))[kind], model.steps["train"]
    kept, sums = [], []
    for chunk in source.chunks(step, Pace(None)):
        kept.append(chunk)
        if turn == "run in its turn":
            sums.append(step.run(chunk))
    samples = [X[i : i + 4] for i in range(0, 21, 4)]
    assert [(chunk.first, chunk.size) for chunk in kept] == [(i, len(x)) for i, x in enumerate(samples)]
    for i in (3, 0, 5, 1):
        rows = step.run(kept[i])
        np.testing.assert_allclose(rows[0, 0], np.sum(samples[i] ** 2), rtol=1e-5)
        assert kept[i].samples == len(samples[i]) and len(rows) == 1
        np.testing.assert_array_equal(np.concatenate([feeds[0] for feeds in kept[i].feeds()]), samples[i])
        if sums:
            np.testing.assert_array_equal(rows, sums[i])


# the end of the program

PROGRAM = """
import os, sys, time
import numpy as np
from horngate.layers import Dense
from horngate.models import Sequential

folder = sys.argv[1]

def begin(how):
    open(os.path.join(folder, f"{os.getpid()} {how}"), "w").close()
    if how == "busy":
        sum(range(10**12))  # in C, without a pause
    time.sleep(0 if how == "fast" else 100)
    return np.ones((2, 1)), np.ones((2, 1))

def batches(how):
    while True:
        yield begin(how)

class Numbered:
    def __len__(self):
        return 100
    def __getitem__(self, i):
        return begin("sequence")

from horngate.models import generator_queue
kept = [generator_queue(batches(how), nb_worker=2, pickle_safe=True) for how in ("busy", "fast", "slow")]
model = Sequential([Dense(1, input_dim=1)])
model.compile("sgd", "mse")
model.fit_generator(Numbered(), samples_per_epoch=10**6, nb_epoch=1, verbose=0, nb_worker=2, pickle_safe=True)
"""


def started(folder):
    """The program, when all of its workers draw, and their ids."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(folder)], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while len(list(folder.iterdir())) < 8 and time.monotonic() < deadline:
        time.sleep(0.02)
    return process, [int(path.name.split()[0]) for path in folder.iterdir()]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_ended(pids, seconds=10):
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    left = [pid for pid in pids if alive(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("ending", ["kill", "Ctrl-C"])
def test_no_worker_survives_the_program(ending, tmp_path):
    process, workers = started(tmp_path)
    if ending == "kill":
        process.kill()
    else:  # which a terminal sends to all of them
        for pid in (process.pid, *workers):
            os.kill(pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert len(workers) == 8 and wait_until_ended(workers) == []
    assert process.returncode != 0 and told.count("KeyboardInterrupt") == (ending == "Ctrl-C")


def test_a_worker_that_is_killed_is_told():
    def dies():
        yield np.ones((2, 1)), np.ones((2, 1))
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RuntimeError, match=r"ended without a word \(exit code -9\)"):
        dense().fit_generator(dies(), steps_per_epoch=3, epochs=1, verbose=0, pickle_safe=True)
