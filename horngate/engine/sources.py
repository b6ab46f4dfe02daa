"""Sources of batches: what can be gone through in batches, how long it is, and its passes drawn in the background."""
import collections.abc
import functools
import threading
import time
import warnings

import numpy as np

from horngate.engine.data import is_stream
from horngate.engine.queue import GeneratorEnqueuer
from horngate.engine.workers import Background, Processes, advance, task_of

# Batches and seconds after which a pass whose end nobody knows is said to be perhaps endless.
_MANY_BATCHES, _MANY_SECONDS = 10_000, 120
_AHEAD = 4  # how many batches are prepared while others are in use


class Steps(int):
    """A number of batches, where a plain number counts samples."""


class Iterable:
    """What gives its batches one after the other: a loader, or an iterator that is gone through only once."""

    copies = True

    def __init__(self, x):
        self.x = x
        self.once = hasattr(x, "__next__") or hasattr(x, "next")  # or it begins anew with each pass

    @property
    def length(self):
        """How many batches a pass has, or None where that is not known."""
        try:
            return len(self.x)
        except (TypeError, AttributeError, NotImplementedError):
            return None

    def a_pass(self):
        """An iterator over one pass."""
        old = self.once and not (hasattr(self.x, "__next__") and hasattr(self.x, "__iter__"))
        return self.x if old else iter(self.x)

    def end(self, a_pass):
        """What the source does at the end of a pass."""
        if a_pass is not self.x and hasattr(a_pass, "close"):
            a_pass.close()
        getattr(self.x, "on_epoch_end", _nothing)()


class Indexed(Iterable):
    """What gives its batches by number, such as a Sequence of Keras 2; several may be made side by side.

    # Arguments
        shuffle: whether each pass goes through them in another random order.
    """

    def __init__(self, x, shuffle=False):
        self.x, self.shuffle, self.once = x, shuffle, False

    def a_pass(self):
        order = np.arange(self.length)
        if self.shuffle:
            np.random.shuffle(order)
        getattr(self.x, "on_epoch_begin", _nothing)()
        return _ByNumber(self.x, order.tolist())


class Parts(Iterable):
    """The batches of data that lie in files or are too large, as slices made by ourselves.

    # Arguments
        one_pass: gives a generator over the batches of a pass.
        length: how many these are.
    """

    copies, once, length = False, False, None

    def __init__(self, one_pass, length):
        self.x, self.a_pass, self.length = one_pass, one_pass, length


def _nothing():
    """Has no effect."""


def source_of(x, shuffle=False):
    """The source for what `fit`, `fit_generator` and their kin are given."""
    if not is_stream(x):
        raise TypeError(
            f"the generator must give batches by next(), by iteration or by number; received {type(x).__name__}. Use "
            "fit, evaluate or predict for arrays, and iter(...) around a list of batches."
        )
    if _by_number(x):
        return Indexed(x, shuffle)
    if shuffle == "batch":
        raise ValueError(
            f"shuffle='batch' is for arrays and Sequences: the batches of {type(x).__name__} come in its own order."
        )
    return Iterable(x)


def _by_number(x):
    """Whether the batches of `x` are asked for by number: it has length and items, and does not rather iterate."""
    if hasattr(x, "__next__") or hasattr(x, "next") or isinstance(x, collections.abc.Mapping):
        return False
    sized = hasattr(x, "__getitem__") and hasattr(x, "__len__")
    as_sequence = not hasattr(x, "__iter__") or hasattr(x, "on_epoch_end") or isinstance(x, collections.abc.Sequence)
    return sized and as_sequence


class _ByNumber:
    """An iterator over the batches of a sequence with given numbers."""

    def __init__(self, sequence, numbers):
        self.sequence, self.numbers = sequence, iter(numbers)

    def __iter__(self):
        return self

    def __next__(self):
        return self.sequence[next(self.numbers)]

    __next__.task = lambda self: functools.partial(self.sequence.__getitem__, next(self.numbers))


class _Rounds(Background):
    """An iterator over pass after pass of a source; it ends where a pass gives nothing.

    # Arguments
        processes: how many processes draw each pass of a source that begins anew; 0 for none.
    """

    def __init__(self, source, processes=0):
        self.source, self.processes, self.current, self.empty = source, processes, None, True
        self.changed, self.stopped, self.at_work = threading.Condition(), False, 0

    def __next__(self):
        return self._next(advance)

    def _task(self):
        make = self._next(_drawn)
        if self.source.once:
            return make
        with self.changed:
            self.at_work += 1
        return functools.partial(self._made, make)

    __next__.task = _task

    def _made(self, make):
        try:
            return make()
        finally:
            with self.changed:
                self.at_work -= 1
                self.changed.notify_all()

    def _next(self, draw):
        while True:
            if self.current is None:
                self._begin()
            try:
                item = draw(self.current)
            except StopIteration:
                if self.empty or self.stopped:
                    raise
                self._end()
            else:
                self.empty = False
                return item

    def _begin(self):
        a_pass = self.source.a_pass()
        with self.changed:
            if self.stopped:
                raise StopIteration
            self.current = Processes(a_pass, self.processes, outlived=True) if self.processes else a_pass
        self.empty = True

    def _end(self):
        with self.changed:  # the source may change at the end of a pass, when all its batches have been made
            self.changed.wait_for(lambda: not self.at_work)
        ended, self.current = self.current, None
        if self.processes:
            ended.close()
        self.source.end(ended)

    def interrupt(self):
        """Let a thread that waits for processes go on."""
        with self.changed:
            self.stopped = True
            if self.processes and self.current is not None:
                self.current.interrupt()

    def close(self):
        """End the processes."""
        if self.processes and self.current is not None:
            self.current.close()


def _drawn(iterator):
    """What makes the next item of an iterator."""
    task = task_of(iterator)
    return functools.partial(_itself, advance(iterator)) if task is None else task()


def _itself(item):
    return item


class Stream:
    """The batches of a source, drawn in the background and prepared, pass after pass.

    # Arguments
        prepare: makes of each batch what a step takes.
        count: how much a pass has, in `Steps` or in samples; None for all that the source has.
        goes_on: whether a pass begins where the last one ended, instead of anew; so it is where `count` is given for
            training, and where a source can be gone through only once.
        early: called with what came and `count` where the source ends too early.
        argument: the name of the argument that says how many batches to take.
        workers, ahead, processes: how batches are drawn, see `GeneratorEnqueuer`.
    """

    def __init__(self, source, prepare=None, count=None, goes_on=False, early=None, argument="steps", workers=1,
                 ahead=_AHEAD, processes=False):
        self.source, self.prepare, self.count, self.early = source, prepare, count, early or _warn
        self.argument, self.workers, self.ahead, self.processes = argument, workers, ahead, processes
        counted = count is not None or source.length is not None
        self.goes_on = counted and (goes_on and count is not None or source.once)
        self.note, self.queue, self.open, self.seen = None, None, None, 0
        if processes and workers > 1 and type(source) is Iterable and not source.once:
            raise ValueError(
                f"each of {workers} processes would go through all of {type(source.x).__name__}: use one, or threads, or "
                "give a Sequence."
            )

    @property
    def noted(self):
        """What `note`, if it was set before the first pass, gave when the batch in use had been drawn."""
        return None if self.queue is None else self.queue.noted

    def one_pass(self):
        """A generator of the batches of one pass. What is random in their order is drawn now, not when it is used."""
        return self._going_on() if self.goes_on else self._anew(self.source.a_pass())

    def _anew(self, a_pass):
        with self._enqueuer(a_pass, self.processes) as self.queue:
            yield from self._counted(self.queue)
        self.source.end(a_pass)

    def _going_on(self):
        if self.open is None:
            apart = self.processes and not self.source.once
            rounds = _Rounds(self.source, self.workers if apart else 0)
            self.open = self.queue = self._enqueuer(rounds, self.processes and not apart, 1 if apart else self.workers)
        yield from self._counted(self.open)

    def _enqueuer(self, iterator, processes, workers=None):
        enqueuer = GeneratorEnqueuer(iterator, processes, self.prepare, self.source.copies, self.note)
        enqueuer.start(workers or self.workers, self.ahead)
        return enqueuer

    def _counted(self, batches):
        """Batches until they are as many as a pass has."""
        length = self.source.length if self.count is None else None
        wanted, began, self.seen = self.count if length is None else Steps(length), time.monotonic(), 0
        for number in range(1, 2**62):
            if wanted is not None and self.seen >= wanted:
                return
            try:
                data = batches.get()
            except StopIteration:
                if wanted is not None:
                    (self.early if length is None or self.goes_on else _warn)(self.seen, wanted)
                return
            self.seen += _samples(data) if wanted is not None and not isinstance(wanted, Steps) else 1
            yield data
            if wanted is None and (number == _MANY_BATCHES or time.monotonic() - began > _MANY_SECONDS):
                began = float("inf")
                self._say_endless(number)

    def _say_endless(self, number):
        warnings.warn(
            f"{type(self.source.x).__name__} has given {number} batches and has no length: nobody knows whether it will "
            f"end. If it gives batches for ever, stop here and give {self.argument}, the number to take.",
            stacklevel=2,
        )

    def close(self):
        """End what draws in the background."""
        if self.open is not None:
            self.open.stop(timeout=5)
            self.open = None


def _warn(seen, wanted):
    warnings.warn(f"the data ended after {told(seen, wanted)}.", stacklevel=2)


def told(seen, wanted):
    """How much of what was wanted came, in words."""
    return f"{seen} of {int(wanted)} {'batches' if isinstance(wanted, Steps) else 'samples'}"


def _samples(data):
    """The samples of a prepared batch: lists of inputs, targets and weights, or of inputs alone."""
    first = data[0]
    return int((first if hasattr(first, "shape") else first[0]).shape[0])
