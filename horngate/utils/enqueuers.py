"""Batches drawn ahead in the background, in the form of `keras.utils.data_utils` of Keras 2."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from horngate.training.queue import GeneratorEnqueuer as _Queue

_pool: list[Any] = []  # what `init_pool` was given


class SequenceEnqueuer:
    """Base: draws batches in the background.

    # Arguments
        sequence: a `Sequence` or a generator of batches.
        use_multiprocessing: whether processes draw them; else threads do.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False) -> None:
        self.sequence: Any = sequence
        self.use_multiprocessing: bool = use_multiprocessing
        self._queue: _Queue | None = None

    def _batches(self) -> Iterator[Any]:
        yield from self.sequence

    def is_running(self) -> bool:
        """Whether batches are being drawn."""
        return self._queue is not None

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        """Start to draw up to `max_queue_size` batches ahead, by `workers` threads or processes."""
        self._queue = _Queue(self._batches(), self.use_multiprocessing)
        self._queue.start(workers, max_queue_size)

    def get(self) -> Iterator[Any]:
        """The batches, in their order."""
        while self._queue is not None:
            try:
                yield self._queue.get()
            except StopIteration:
                return

    def join_end_of_epoch(self) -> None:
        """Do nothing: what is drawn ahead is handed out in its order, so nothing has to be waited for."""

    def stop(self, timeout: float | None = None) -> None:
        """Stop drawing; `timeout` has no effect, since workers end after the batch at hand."""
        if self._queue is not None:
            self._queue.stop()
        self._queue = None


class OrderedEnqueuer(SequenceEnqueuer):
    """Draws the batches of a `Sequence` again and again, in its order.

    # Arguments
        sequence: the `Sequence`.
        use_multiprocessing: whether processes draw them; else threads do.
        shuffle: whether each round has another order.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False, shuffle: bool = False) -> None:
        super().__init__(sequence, use_multiprocessing)
        self.shuffle = shuffle

    def _batches(self) -> Iterator[Any]:
        while True:
            order = np.arange(len(self.sequence))
            if self.shuffle:
                np.random.shuffle(order)
            for number in order.tolist():
                yield self.sequence[number]
            self.sequence.on_epoch_end()


class GeneratorEnqueuer(SequenceEnqueuer):
    """Draws from a generator of batches.

    # Arguments
        sequence: the generator.
        use_multiprocessing: whether processes draw them; else threads do.
        wait_time: has no effect: readers and workers wake each other.
        random_seed: of NumPy's global generator when drawing starts; None leaves it as it is.
    """

    def __init__(
        self,
        sequence: Any,
        use_multiprocessing: bool = False,
        wait_time: float | None = None,
        random_seed: int | None = None,
    ) -> None:
        super().__init__(sequence, use_multiprocessing)
        self.random_seed = random_seed

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        """Start to draw up to `max_queue_size` batches ahead, by `workers` threads or processes."""
        if self.random_seed is not None:
            np.random.seed(self.random_seed)
        super().start(workers, max_queue_size)


def init_pool(seqs: Any) -> None:
    """Keep the dictionary `seqs`, number -> `Sequence`, for `get_index`."""
    _pool[:] = [seqs]


def init_pool_generator(gens: Any, random_seed: int | None = None) -> None:
    """Keep the dictionary `gens`, number -> generator, for `next_sample`; `random_seed`: for NumPy, unless None."""
    _pool[:] = [gens]
    if random_seed is not None:
        np.random.seed(random_seed)


def get_index(uid: int, i: int) -> Any:
    """Batch `i` of the `Sequence` that `init_pool` knows as `uid`."""
    return _pool[0][uid][i]


def next_sample(uid: int) -> Any:
    """The next batch of the generator that `init_pool_generator` knows as `uid`."""
    return next(_pool[0][uid])
