"""GeneratorEnqueuer: batches prepared ahead by threads or processes; what a worker raises is raised to the reader."""

import contextlib
import inspect
import multiprocessing
import queue
import threading
import traceback

import numpy as np


class GeneratorEnqueuer:
    """Draws from a generator in the background.

    # Arguments
        generator: yields batches. A Python generator is asked by one thread at a time; any other iterator by all
            of them at once, so that it must be safe to ask from several threads where `nb_worker` is more than 1.
        pickle_safe: use processes; each then draws from a copy of the generator of its own.
        prepare: applied to each batch, by the thread that drew it.
    """

    def __init__(self, generator, pickle_safe=False, prepare=None):
        self._generator, self._processes = generator, pickle_safe
        self._prepare = prepare or (lambda item: item)
        self._workers, self.queue, self._stopped = [], None, None
        self._turn = threading.Lock() if inspect.isgenerator(generator) else contextlib.nullcontext()

    def start(self, nb_worker=1, max_q_size=10, wait_time=0.05):
        """Start `nb_worker` workers that keep at most `max_q_size` batches ready."""
        if self._processes:
            context = multiprocessing.get_context("fork")
            self.queue, self._stopped = context.Queue(max_q_size), context.Event()
            seeds = np.random.randint(2**31, size=nb_worker)
            self._workers = [context.Process(target=self._draw, args=(seed,), daemon=True) for seed in seeds]
        else:
            self.queue, self._stopped = queue.Queue(max_q_size), threading.Event()
            self._workers = [threading.Thread(target=self._draw, daemon=True) for _ in range(nb_worker)]
        for worker in self._workers:
            worker.start()

    def _draw(self, seed=None):
        if seed is not None:
            np.random.seed(seed)  # processes must not all draw the same
        while not self._stopped.is_set():
            try:
                with self._turn:
                    item = _next(self._generator)
                item = ("batch", item if self._processes else self._prepare(item))
            except StopIteration:
                item = ("end", None)
            except Exception as error:
                item = ("error", (None if self._processes else error, traceback.format_exc()))
            if not self._offer(item) or item[0] != "batch":
                return

    def _offer(self, item):
        """Put `item` into the queue as soon as there is room; False where the work was stopped first."""
        while not self._stopped.is_set():
            try:
                self.queue.put(item, timeout=0.05)
                return True
            except queue.Full:
                continue
        return False

    def is_running(self):
        """Whether workers are drawing."""
        return self._stopped is not None and not self._stopped.is_set()

    def get(self):
        """The next batch. Raises what the generator raised, and StopIteration at its end."""
        while True:
            try:
                kind, item = self.queue.get(timeout=0.2)
                break
            except queue.Empty:
                if not any(worker.is_alive() for worker in self._workers) and self.queue.empty():
                    raise RuntimeError(
                        "the workers of the generator ended without a word: one may have been killed."
                    ) from None
        if kind == "error":
            error, trace = item
            if error is not None:
                raise error
            raise RuntimeError(f"a worker process of the generator raised:\n{trace}")
        if kind == "end":
            raise StopIteration
        return self._prepare(item) if self._processes else item

    def stop(self, timeout=None):
        """End all workers."""
        if self._stopped is None:
            return
        self._stopped.set()
        if self._processes:
            self.queue.cancel_join_thread()
        for worker in self._workers:
            if self._processes:
                worker.terminate()
            worker.join(timeout)
        self._workers = []
        if self._processes:
            self.queue.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop(timeout=5)


def generator_queue(generator, max_q_size=10, wait_time=0.05, nb_worker=1, pickle_safe=False):
    """(queue, stop): batches drawn in the background, from `queue.get()`, until `stop.set()`."""
    enqueuer = GeneratorEnqueuer(generator, pickle_safe)
    enqueuer.start(nb_worker, max_q_size, wait_time)
    return _Ready(enqueuer), enqueuer._stopped


class _Ready:
    """The batches of an enqueuer as a queue of batches alone."""

    def __init__(self, enqueuer):
        self.get, self.empty, self.qsize = enqueuer.get, enqueuer.queue.empty, enqueuer.queue.qsize


def _next(generator):
    """The next batch; an iterator in the manner of Python 2 has `next` for a method."""
    return next(generator) if hasattr(generator, "__next__") else generator.next()
