"""Stream: the batches of a source, drawn in the background, pass after pass, until there are as many as are wanted."""
import time
import warnings

from horngate.engine.queue import GeneratorEnqueuer
from horngate.engine.sources import Iterable, rounds

# Batches and seconds after which a pass whose end nobody knows is said to be perhaps endless.
_MANY_BATCHES, _MANY_SECONDS = 10_000, 120
_AHEAD = 4  # how many batches are prepared while others are in use


class Steps(int):
    """A number of batches, where a plain number counts samples."""


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
                f"each of {workers} processes would go through all of {type(source.x).__name__}: use one, or threads, "
                "or give a Sequence."
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
            passes = rounds(self.source, self.workers if apart else 0)
            self.open = self.queue = self._enqueuer(passes, self.processes and not apart, 1 if apart else self.workers)
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
            f"{type(self.source.x).__name__} has given {number} batches and has no length: nobody knows whether it "
            f"will end. If it gives batches for ever, stop here and give {self.argument}, the number to take.",
            stacklevel=2,
        )

    def close(self):
        """End what draws in the background."""
        if self.open is not None:
            self.open.__exit__()
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
