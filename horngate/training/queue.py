"""GeneratorEnqueuer: threads or processes prepare batches ahead, in the order drawn; errors reach the reader."""

import functools
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from horngate.backend.notices import warn
from horngate.training.draw_limit import DrawLimit
from horngate.training.private_copy import private_copy
from horngate.training.workers import Background, Processes, advance, task_of

PATIENCE = 5  # seconds to wait for a worker that must end but still waits for the generator


class GeneratorEnqueuer:
    """Draws from a generator in the background; batches come out in the order in which they were drawn.

    # Arguments
        generator: an iterator over batches. One thread at a time draws from it. If it separates drawing from making
            (see `workers.task_of`), several threads make batches in parallel.
        pickle_safe: whether to use processes; see `workers.Processes`.
        prepare: function applied to each batch by the thread that drew it.
        copies: whether to copy batches that the generator could still change; see `private_copy`.
        note: function called after each draw, before the next. `noted` is its result for the batch that `get` returned
            last; with `np.random.get_state`, the random state from which the next batch is drawn.
        draw_limit: a `DrawLimit` that decides whether to draw; None to draw whenever there is room.
    """

    noted: Any

    def __init__(
        self,
        generator: Any,
        pickle_safe: bool = False,
        prepare: Callable[[Any], Any] | None = None,
        copies: bool = True,
        note: Callable[[], Any] | None = None,
        draw_limit: DrawLimit | None = None,
    ) -> None:
        self._generator, self._processes, self._copies = generator, pickle_safe, copies and not pickle_safe
        self._prepare, self._note, self.noted = prepare, note, None
        self._threads: list[threading.Thread] = []
        self._draw_limit = draw_limit
        self._source: Any = None
        self._stopped = threading.Event()
        self._stopped.set()  # until it starts
        self._turn, self._changed = threading.Lock(), threading.Condition(threading.Lock())
        self._ready: dict[int, tuple[str, Any, Any]] = {}
        self._drawn, self._taken, self._over = 0, 0, False

    def start(self, nb_worker: int = 1, max_q_size: int = 10, wait_time: float = 0.05) -> None:
        """Start `nb_worker` workers that keep up to `max_q_size` batches ready.

        `wait_time`, the sleep between two polls in Keras 1, is ignored: readers and workers wake each other.
        """
        self._stopped = threading.Event()
        self._source = Processes(self._generator, nb_worker) if self._processes else self._generator
        threads = 1 if self._processes else nb_worker
        self._advance = functools.partial(advance, self._source)
        self._ahead, self._task = max_q_size + threads, task_of(self._source) if threads > 1 else None
        self._threads = [threading.Thread(target=self._work, daemon=True, name="batches") for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _work(self):
        while (drawn := self._draw()) is not None:
            number, item, note = drawn
            try:
                if self._task is not None:
                    item = self._made(item)
                self._deliver(number, "batch", self._prepared(item, number), note)
            except BaseException as error:
                self._deliver(number, "error", _no_end(error))
            del drawn, item

    def _draw(self):
        """Return (index of the next batch, the batch or the function that makes it, note); None at the end."""
        with self._turn:
            with self._changed:
                while not self._stopped.is_set() and not self._wanted():
                    self._changed.wait(0.2)
                if self._stopped.is_set() or self._over:
                    return None
                number, self._drawn = self._drawn, self._drawn + 1
                if self._draw_limit is not None:
                    self._draw_limit.note_drawn()
            try:
                item = self._made(self._advance) if self._task is None else self._task()
                return number, item, None if self._note is None else self._note()
            except StopIteration:
                self._deliver(number, "end", None)
            except BaseException as error:
                self._deliver(number, "error", error)
            self._over = True
            return None

    def _wanted(self):
        """Return whether to draw another batch now."""
        return self._drawn - self._taken < self._ahead and (self._draw_limit is None or self._draw_limit.more())

    def ask(self, passes: int) -> None:
        """Let the workers draw for `passes` more passes."""
        with self._changed:
            if self._draw_limit is not None:
                self._draw_limit.passes += passes
            self._changed.notify_all()

    def _made(self, make):
        return private_copy([make()]) if self._copies else make()

    def _prepared(self, item, number):
        if self._prepare is None:
            return item
        try:
            return self._prepare(item)
        except (ValueError, TypeError) as error:
            if type(error) not in (ValueError, TypeError):
                raise
            raise type(error)(f"batch {number + 1}: {error}") from error

    def _deliver(self, number, kind, value, note=None):
        with self._changed:
            if kind == "batch" and self._draw_limit is not None:
                self._draw_limit.note_prepared(number, value)
            self._ready[number] = kind, value, note
            self._changed.notify_all()

    def is_running(self) -> bool:
        """Return whether workers are drawing."""
        return not self._stopped.is_set()

    @property
    def queue(self) -> Any:
        """The batches as a queue, with `get`, `empty` and `qsize`."""
        return _Ready(self)

    def get(self) -> Any:
        """Return the next batch. Raises the generator's error at its place, and StopIteration at the end."""
        with self._changed:
            while self._taken not in self._ready:
                if self._stopped.is_set():
                    raise RuntimeError("the workers that draw from the generator have been stopped.")
                self._changed.wait(0.2)
            kind, value, note = self._ready[self._taken]
            if kind == "batch":
                del self._ready[self._taken]
                self._taken, self.noted = self._taken + 1, note
                if self._drawn - self._taken <= self._ahead // 2:  # not for each batch: waking is slow
                    self._changed.notify_all()
                return value
        if kind == "end":
            raise StopIteration
        try:
            raise value
        finally:
            del value  # breaks the cycle error -> traceback -> this frame -> error

    def stop(self, timeout: float | None = None) -> None:
        """End all workers; one that still waits for the generator after `timeout` seconds is abandoned."""
        with self._changed:
            self._stopped.set()
            self._changed.notify_all()
        if isinstance(self._source, Background):
            self._source.interrupt()
        deadline = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            warn(
                f"the generator has been busy with one batch for {timeout} seconds since the training ended: its "
                "thread is left to itself."
            )
        if isinstance(self._source, Background):
            self._source.close()
        self._threads = []
        self._ready.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop(timeout=PATIENCE)


def _no_end(error):
    """Return an error for `error` in making a batch: a StopIteration there does not mean the end of the batches."""
    if not isinstance(error, StopIteration):
        return error
    told = RuntimeError("making a batch raised StopIteration.")
    told.__cause__ = error
    return told


def generator_queue(
    generator: Any, max_q_size: int = 10, wait_time: float = 0.05, nb_worker: int = 1, pickle_safe: bool = False
) -> tuple[Any, threading.Event]:
    """Return (queue, stop). `queue.get()` returns batches drawn in the background, until `stop.set()`."""
    enqueuer = GeneratorEnqueuer(generator, pickle_safe)
    enqueuer.start(nb_worker, max_q_size, wait_time)
    return enqueuer.queue, enqueuer._stopped


class _Ready:
    """The batches of an enqueuer as a queue."""

    def __init__(self, enqueuer: Any) -> None:
        self._enqueuer, self.get = enqueuer, enqueuer.get

    def qsize(self) -> int:
        """Return the number of batches that are ready."""
        return len(self._enqueuer._ready)

    def empty(self) -> bool:
        """Return whether no batch is ready."""
        return not self._enqueuer._ready
