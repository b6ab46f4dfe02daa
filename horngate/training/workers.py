"""Processes that draw batches for their parent, in a fixed order; errors reach it, and they end when it ends."""

import collections
import ctypes
import functools
import multiprocessing
import os
import pickle
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

_LOOK = 0.5  # seconds between two checks that the parent lives
_PR_SET_PDEATHSIG = 1


def advance(iterator: Any) -> Any:
    """Return the next item; takes iterators of Python 2, with a method `next`, too."""
    return next(iterator) if hasattr(iterator, "__next__") else iterator.next()


def task_of(iterator: Any) -> Callable[[], Any] | None:
    """Return a function that draws a task for making the next item; None if drawing cannot be separated from making.

    An iterator that separates them has an attribute `task` on its function `next` or `__next__`. One thread at a time
    calls `task(iterator)`, which returns a function that makes the item; several threads may run such functions. The
    attribute belongs to that function, so a subclass that overrides `next` does not inherit it.
    """
    function = getattr(type(iterator), "next", None) or getattr(type(iterator), "__next__", None)
    task = getattr(function, "task", None)
    return None if task is None else functools.partial(task, iterator)


def next_task(iterator: Any) -> Any:
    """Draw the task for the next item. Raises TypeError if the iterator does not separate drawing from making."""
    task = task_of(iterator)
    if task is None:
        raise TypeError(f"{type(iterator).__name__} does not part drawing from making: it has no task")
    return task()


class Background:
    """An iterator whose items come from processes."""

    def __iter__(self) -> Any:
        return self

    def interrupt(self) -> None:
        """End the processes; wakes a thread that waits for one of them."""

    def close(self) -> None:
        """End the processes, and wait until they have ended."""


class Processes(Background):
    """An iterator over the batches that `count` processes draw, taken in turn, so that the order is always the same.

    If drawing and making are separate (see `task_of`), all processes draw the same tasks and each makes its share: the
    batches come in the order of the iterator. Otherwise, each draws from its own copy, as in Keras 1.

    # Arguments
        outlived: whether the thread that makes this object lives as long as the processes work.
    """

    def __init__(self, iterator: Any, count: int, outlived: bool | None = None) -> None:
        if "fork" not in multiprocessing.get_all_start_methods():
            raise NotImplementedError("pickle_safe needs processes that fork, which this system has not: use threads.")
        context = multiprocessing.get_context("fork")
        if outlived is None:
            outlived = threading.current_thread() is threading.main_thread()
        seeds, self._stopped = np.random.randint(2**31, size=count).tolist(), False
        self._turns: collections.deque[Any] = collections.deque()
        for place in range(count):
            ours, theirs = context.Pipe(duplex=False)
            inherited = [ours, *(reader for reader, _ in self._turns)]
            arguments = (iterator, place, seeds, theirs, inherited, os.getpid(), outlived)
            worker = context.Process(target=_serve, args=arguments, daemon=True)
            worker.start()
            theirs.close()  # so that reading ends when the process ends
            self._turns.append((ours, worker))
        self._workers = list(self._turns)

    def __next__(self) -> Any:
        while self._turns and not self._stopped:
            kind, value, trace = self._received(*self._turns[0])
            if kind == "end":
                self._turns.popleft()
                continue
            self._turns.rotate(-1)
            if kind == "error":
                raise value from WorkerTraceback(trace)
            return value
        raise StopIteration

    def _received(self, reader: Any, worker: Any) -> tuple[str, Any, Any]:
        try:
            return pickle.loads(reader.recv_bytes())
        except (EOFError, OSError):
            if self._stopped:
                return "end", None, None
        worker.join(5)
        code = worker.exitcode
        raise RuntimeError(
            f"a worker process of the generator ended without a word (exit code {code}): it may have been killed."
        )

    def interrupt(self) -> None:
        """End the processes; wakes a thread that waits for one of them."""
        self._stopped = True
        for _, worker in self._workers:
            worker.terminate()

    def close(self) -> None:
        """End the processes, and wait until they have ended."""
        self.interrupt()
        deadline = time.monotonic() + 2
        for reader, worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                worker.kill()
                worker.join()
            reader.close()
        self._workers = []


class WorkerTraceback(Exception):
    """The traceback of an error in a worker process, as text; it is the cause of the error that the parent raises."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"\n{self.text}"


def _serve(iterator, place, seeds, writer, inherited, parent, outlived):
    """Run one process: send batches until there are no more or nobody reads them."""
    end_with(parent, outlived)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, and ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for reader in inherited:
        reader.close()
    try:
        for batch in _batches(iterator, place, seeds):
            # pickled at once: the generator may reuse its array
            writer.send_bytes(pickle.dumps(("batch", batch, None), protocol=5))
        message = pickle.dumps(("end", None, None))
    except BrokenPipeError:
        return
    except BaseException as error:
        message = _error(error)
    writer.send_bytes(message)


def _batches(iterator, place, seeds):
    """Yield the batches of one process."""
    task = task_of(iterator) if len(seeds) > 1 else None
    if task is None:
        random.seed(seeds[place])  # each process draws other numbers
        np.random.seed(seeds[place])
        while (batch := _item(functools.partial(advance, iterator))) is not _END:
            yield batch
        return
    np.random.seed(seeds[place])
    of_making, number = np.random.get_state(), 0
    np.random.seed(seeds[0])  # all draw the same tasks, unless anything else draws in between
    while (make := _item(task)) is not _END:
        if number % len(seeds) == place:
            of_drawing = np.random.get_state()
            np.random.set_state(of_making)
            batch = make()
            of_making = np.random.get_state()
            np.random.set_state(of_drawing)
            yield batch
        number += 1


_END = object()


def _item(draw: Callable[[], Any]) -> Any:
    """Return `draw()`; _END at the end of the iterator."""
    try:
        return draw()
    except StopIteration:
        return _END


def _error(error):
    """Return the message for an error: the error itself if it can be sent, else its text."""
    trace = traceback.format_exc()
    try:
        message = pickle.dumps(("error", error, trace))
        pickle.loads(message)
    except Exception:
        told = RuntimeError(f"a worker process of the generator raised:\n{trace}")
        message = pickle.dumps(("error", told, trace))
    return message


def end_with(parent, outlived):
    """End this process when its parent ends, however that happens."""
    if sys.platform == "linux" and outlived:  # Linux sends the signal when the thread that forked ends
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent):
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
