"""Stream: the batches of a source, drawn in the background, pass after pass, up to the requested number."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from horngate.backend.notices import warn
from horngate.training.draw_limit import DrawLimit
from horngate.training.plain_state import random_states, random_states_of
from horngate.training.queue import GeneratorEnqueuer
from horngate.training.sources import Iterable, rounds

# After this many batches and seconds, warn that a pass of unknown length may be endless.
_MANY_BATCHES, _MANY_SECONDS = 10_000, 120
_AHEAD = 4  # number of batches prepared ahead


class Steps(int):
    """A number of batches; a plain number counts samples."""


class Stream:
    """The batches of a source, drawn in the background and prepared, pass after pass.

    # Arguments
        prepare: function that converts a batch for a step.
        count: size of a pass, in `Steps` or in samples; None for all batches of the source.
        goes_on: whether a pass starts where the last one ended. So it is if `count` is given for training, and for a
            source that can be read only once.
        early: function called with the size reached and `count` if the source ends too early.
        argument: name of the argument that gives the number of batches.
        passes: number of passes, if known: batches are then drawn for all of them without a pause.
        workers, ahead, processes: how batches are drawn, see `GeneratorEnqueuer`.
    """

    source: Any
    prepare: Callable[[Any], Any] | None
    count: int | None
    early: Callable[[int, int], None]
    argument: str
    workers: int
    ahead: int
    processes: bool
    goes_on: bool

    def __init__(
        self,
        source: Any,
        prepare: Callable[[Any], Any] | None = None,
        count: int | None = None,
        goes_on: bool = False,
        early: Callable[[int, int], None] | None = None,
        argument: str = "steps",
        passes: int | None = None,
        workers: int = 1,
        ahead: int = _AHEAD,
        processes: bool = False,
    ) -> None:
        self.source, self.prepare, self.count, self.early = source, prepare, count, early or _warn
        self.argument, self.workers, self.ahead, self.processes = argument, workers, ahead, processes
        counted = count is not None or source.length is not None
        self.goes_on = counted and (goes_on and count is not None or source.once)
        self.note: Any = None  # see `GeneratorEnqueuer`
        self.queue: Any = None
        self.open: Any = None
        self.passes = passes
        self._again: Any = None
        self.started: Any = None  # the random states at the last start of workers that are noted
        if processes and workers > 1 and type(source) is Iterable and not source.once:
            raise ValueError(
                f"each of {workers} processes would go through all of {type(source.x).__name__}: use one, or threads, "
                "or give a Sequence."
            )

    @property
    def noted(self) -> Any:
        """The result of `note` after the draw of the current batch; `note` must be set before the first pass."""
        return None if self.queue is None else self.queue.noted

    def draw_again(self, states: Any, count: int) -> None:
        """Start the next processes in the random states `states`, and drop `count` batches."""
        self._again = states, count

    def one_pass(self, first: int = 0, samples: int = 0) -> Iterator[Any]:
        """Return a generator of the batches of one pass. Their random order is drawn at once, not at the first batch.

        `first`, `samples`: number of batches and samples of the pass used before an interruption.
        """
        wanted = self._wanted()
        seen = first if wanted is None or isinstance(wanted, Steps) else samples
        return self._going_on(seen) if self.goes_on else self._anew(self.source.a_pass(), seen)

    def _anew(self, a_pass, seen):
        with self._enqueuer(a_pass, self.processes, self.workers, self.count, seen) as self.queue:
            if self.count is not None:
                self.queue.ask(seen < self.count)
            yield from self._counted(self.queue, seen)
            if self.count is None and self.source.length is not None:
                with contextlib.suppress(StopIteration):
                    self.queue.get()  # run the source's code after its last batch
        self.source.end(a_pass)

    def _going_on(self, seen):
        over = seen >= self._wanted()
        if self.open is None:
            apart = self.processes and not self.source.once
            passes = rounds(self.source, self.workers if apart else 0)
            workers = 1 if apart else self.workers
            self.open = self.queue = self._enqueuer(
                passes, self.processes and not apart, workers, self._wanted(), 0 if over else seen
            )
            if self.passes is not None:
                self.open.ask(self.passes - over)
        if self.passes is None:
            self.open.ask(1 - over)
        yield from self._counted(self.open, seen)

    def _wanted(self):
        """Return the size of a pass, if known."""
        if self.count is not None:
            return self.count
        length = self.source.length
        return None if length is None else Steps(length)

    def _enqueuer(self, iterator, processes, workers, wanted, seen):
        again, self._again, draw_limit = self._again, None, None
        if wanted is not None and again is None:
            draw_limit = DrawLimit(wanted, _one, 1) if isinstance(wanted, Steps) else DrawLimit(wanted, _samples)
            draw_limit.seen = seen
        enqueuer = GeneratorEnqueuer(iterator, processes, self.prepare, self.source.copies, self.note, draw_limit)
        with random_states_of(again and again[0]):
            self.started = random_states() if self.note else None
            enqueuer.start(workers, self.ahead)
            for _ in range(again[1] if again else 0):
                enqueuer.get()
        return enqueuer

    def _counted(self, batches, seen):
        """Yield batches up to the size of a pass; `seen`: the part of it used before."""
        wanted, began = self._wanted(), time.monotonic()
        size = _one if wanted is None or isinstance(wanted, Steps) else _samples
        while wanted is None or seen < wanted:
            try:
                data = batches.get()
            except StopIteration:
                if wanted is not None:
                    (_warn if self.count is None and not self.goes_on else self.early)(seen, wanted)
                return
            seen += size(data)
            yield data
            if wanted is None and (seen == _MANY_BATCHES or time.monotonic() - began > _MANY_SECONDS):
                began = float("inf")
                self._say_endless(seen)

    def _say_endless(self, number):
        warn(
            f"{type(self.source.x).__name__} has given {number} batches and has no length: nobody knows whether it "
            f"will end. If it gives batches for ever, stop here and give {self.argument}, the number to take."
        )

    def close(self) -> None:
        """Stop drawing in the background."""
        if self.open is not None:
            self.open.__exit__()
            self.open = None


def _warn(seen, wanted):
    warn(f"the data ended after {told(seen, wanted)}.")


def told(seen: int, wanted: Any) -> str:
    """Say how much of the requested number came."""
    return f"{seen} of {int(wanted)} {'batches' if isinstance(wanted, Steps) else 'samples'}"


def _one(data):
    """Return 1, the size of any batch if batches are counted."""
    return 1


def _samples(data):
    """Return the number of samples in a prepared batch: lists of inputs, targets and weights, or only inputs."""
    first = data[0]
    return int((first if hasattr(first, "shape") else first[0]).shape[0])
