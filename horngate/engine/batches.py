"""Where batches come from: arrays on the device, or a stream of batches; both are run in chunks of steps."""
import contextlib
import time
from dataclasses import dataclass
from typing import Callable

import jax
import numpy as np

from horngate.engine import data as data_module
from horngate.engine import loop as loops
from horngate.engine.queue import GeneratorEnqueuer

_REPORT_SPAN = 0.1  # seconds between two looks at the sums of a stream
_MANY = 20  # full batches in a pass, beside which the time of a short one does not count
_BATCHES_AHEAD = 4  # how many batches of a stream are prepared while others are trained on


@dataclass
class Chunk:
    """Steps that are run together: the number of the first, its samples, and `run()`.

    `run()` gives the sums of each step, in rows, and the number of samples. `feeds()` gives the arrays of each step
    once more, for a look at what went wrong.
    """

    first: int
    size: int
    run: Callable
    feeds: Callable


class ArrayBatches:
    """Checked arrays, which go to the device once; each batch is gathered there.

    # Arguments
        data: lists of inputs, targets and weights, as the model has checked them.
        shuffle: True, False, or `'batch'` to keep batches together.
    """

    can_go_on_within_an_epoch = True

    def __init__(self, model, data, batch_size, shuffle=False):
        arrays = [array for part in data for array in part]
        self.arrays = tuple(loops.place(array, x.dtype) for array, x in zip(arrays, model._feeds()))
        self.proven = model._proven(arrays)
        self.count, self.batch_size, self.shuffle = int(data[0][0].shape[0]), batch_size, shuffle
        self.pace = 1  # how many steps the last pass found to go well into one dispatch

    def chunks(self, loop, next_steps, first=0):
        """The chunks of one pass from step `first` on, in an order that is drawn now from NumPy's generator."""
        order = drawn_order(self.count, self.batch_size, self.shuffle).astype(np.uint32)
        if self.pace * self.batch_size < self.count:  # it will be used often
            order = jax.device_put(order)
        return self._chunks(loop, order, next_steps, first)

    def _chunks(self, loop, order, next_steps, first):
        full, rest = divmod(self.count, self.batch_size)
        took, steps = 0.0, 1 if next_steps is loops.one_by_one else self.pace

        def run(start, stop):
            nonlocal took
            began = time.perf_counter()
            rows = loop.run(self.arrays, order, start, stop, self.batch_size, proven=self.proven)
            took = time.perf_counter() - began
            return rows, (stop - start) * self.batch_size

        while first < full:
            stop = min(full, first + steps)
            yield Chunk(first, self.batch_size, lambda: run(first, stop), lambda: self._feeds(order, first, stop))
            steps, first = next_steps(steps, stop - first, took), stop
            self.pace = steps
        if rest:
            last = self._last()
            yield Chunk(full, rest, lambda: (loop.run(self.arrays, order, 0, 1, **last), rest),
                        lambda: iter([self._rows(order[last["skipped"] :])]))

    def _last(self):
        """How the loop is to run the short last batch."""
        full, rest = divmod(self.count, self.batch_size)
        return {"batch_size": rest, "skipped": full * self.batch_size, "seldom": full >= _MANY,
                "proven": self.proven}

    def _feeds(self, order, start, stop):
        for step in range(start, stop):
            yield self._rows(order[step * self.batch_size : (step + 1) * self.batch_size])

    def _rows(self, chosen):
        return tuple(None if array is None else array[chosen] for array in self.arrays)

    def prepare(self, loop):
        """Begin to compile the steps of whole batches and of the short last one."""
        order = np.arange(self.count, dtype=np.uint32)
        full, rest = divmod(self.count, self.batch_size)
        if full:
            loop.prepare(self.arrays, order, self.batch_size, proven=self.proven)
        if full and rest:
            loop.prepare(self.arrays, order, **self._last())


def drawn_order(count, batch_size, shuffle, random=np.random):
    """The order of the samples in one epoch, drawn from NumPy's (global) generator."""
    index = np.arange(count)
    if shuffle == "batch":
        return data_module.batch_shuffle(index, batch_size, random)
    if shuffle:
        random.shuffle(index)
    return index


class StreamBatches:
    """Batches that come one after the other.

    # Arguments
        one_pass: gives, at each call, a generator of the batches of one pass: checked inputs, targets and weights.
        count: number of samples in a pass, where it is known.
    """

    can_go_on_within_an_epoch = False
    batch_size = None

    def __init__(self, model, one_pass, count=None):
        self.model, self.one_pass, self.count = model, one_pass, count

    def chunks(self, loop, next_steps, first=0):
        """The chunks of one pass."""
        with contextlib.closing(self.one_pass()) as batches:
            for data in batches:
                taken = [data]
                yield self._chunk(loop, first, taken, batches, next_steps is loops.one_by_one)
                first += len(taken)

    def _chunk(self, loop, first, taken, batches, only_one):
        """A chunk that begins with the batch in `taken`, and takes more until there is something to report."""

        def run():
            began, waiting, samples = time.perf_counter(), [], 0
            while True:
                waiting.append(loop.run_one(*self.model._fed(taken[-1])))  # the sums stay on the device till the end
                samples += int(taken[-1][0][0].shape[0])
                if only_one or time.perf_counter() - began > _REPORT_SPAN:
                    break
                following = next(batches, None)
                if following is None:
                    break
                taken.append(following)
            return np.array([np.asarray(sums, np.float64) for sums in waiting]), samples

        size = int(taken[0][0][0].shape[0])
        return Chunk(first, size, run, lambda: (self.model._fed(data)[0] for data in taken))

    def prepare(self, loop):
        """Nothing: the sizes of what comes are not known."""


def prefetched(iterator, prepare=None, ahead=_BATCHES_AHEAD):
    """The items of an iterator, drawn and prepared by a thread while others are in use."""
    with GeneratorEnqueuer(iterator, prepare=prepare) as batches:
        batches.start(max_q_size=ahead)
        while True:
            try:
                item = batches.get()
            except StopIteration:
                return
            yield item


def batches_of(model, data, batch_size, shuffle=False):
    """The source for checked data: on the device at once, or piece by piece where they are large or lie in files."""
    arrays = [array for part in data for array in part]
    if all(data_module.in_memory(array) for array in arrays) and loops.fits_on_device(arrays):
        return ArrayBatches(model, data, batch_size, shuffle)
    count = int(data[0][0].shape[0])

    def one_pass():
        return prefetched(_sliced(model, data, drawn_order(count, batch_size, shuffle), batch_size))

    return StreamBatches(model, one_pass, count)


def _sliced(model, data, order, batch_size):
    for start, stop in data_module.make_batches(len(order), batch_size):
        chosen = order[start:stop]
        batch = [[data_module.rows_of(array, chosen) for array in part] for part in data]
        model._check_numbers(*batch)
        yield batch


def batches_from(model, iterable, prepare):
    """The source for an iterable of batches, each of which `prepare` checks."""
    return StreamBatches(model, lambda: prefetched(iter(iterable), prepare))
