"""Where batches come from: arrays on the device, or a stream of batches; both are run in chunks of steps."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from horngate.training import data as data_module
from horngate.training.sources import Parts
from horngate.training.step import StepLoop, fits_on_device, one_by_one, place
from horngate.training.stream import Stream

_REPORT_SPAN = 0.1  # seconds between two looks at the sums of a stream
_MANY = 20  # full batches in a pass, beside which the time of a short one does not count


@dataclass
class ArrayChunk:
    """Steps over arrays that are run together: the number of the first, and its samples.

    `run()` gives the sums of each step, in rows, and the number of samples; `took` then tells its seconds. `feeds()`
    gives the arrays of each step once more, for a look at what went wrong. Both mean the same steps whenever they are
    called.
    """

    first: int
    size: int
    stop: int
    source: "ArrayBatches"
    loop: StepLoop
    order: Any
    took: float = 0.0

    def run(self) -> tuple[np.ndarray, int]:
        """Run the steps."""
        began = time.perf_counter()
        rows = self.source.run(self.loop, self.order, self.first, self.stop)
        self.took = time.perf_counter() - began
        return rows, (self.stop - self.first) * self.size

    def feeds(self) -> Iterator[Any]:
        """The arrays of each step."""
        whole = self.source.batch_size
        for step in range(self.first, self.stop):
            yield self.source.rows(self.order[step * whole : step * whole + self.size])


class StreamChunk:
    """Steps over batches of a stream: it begins with the batch in `taken`, and takes more until there is something to
    report. Once its steps are known, because they have been run or `closed`, `run` and `feeds` mean those.
    """

    def __init__(self, model: Any, loop: StepLoop, first: int, data: Any, following: Any, only_one: bool) -> None:
        self.first, self.size, self.taken = first, int(data[0][0].shape[0]), [data]
        self.model, self.loop, self.following, self.closed = model, loop, following, only_one

    def run(self) -> tuple[np.ndarray, int]:
        """Run the steps; the sums of each, in rows, and the number of samples."""
        began, waiting = time.perf_counter(), []  # the sums stay on the device till the end
        for data in self.taken:
            waiting.append(self.loop.run_one(*self.model._fed(data)))
            if len(waiting) == len(self.taken):
                self._take(began)
        self.closed = True
        samples = sum(int(data[0][0].shape[0]) for data in self.taken)
        return np.array([np.asarray(sums, np.float64) for sums in waiting]), samples

    def _take(self, began):
        """Take one more batch, where the chunk is still to grow."""
        self.closed = self.closed or time.perf_counter() - began > _REPORT_SPAN
        following = None if self.closed else next(self.following, None)
        if following is not None:
            self.taken.append(following)

    def feeds(self) -> Iterator[Any]:
        """The arrays of each step."""
        return (self.model._fed(data)[0] for data in self.taken)


class ArrayBatches:
    """Checked arrays, which go to the device once; each batch is gathered there.

    # Arguments
        data: lists of inputs, targets and weights, as the model has checked them.
        shuffle: True, False, or `'batch'` to keep batches together.
        steps: how many batches a pass has; see `Orders`.
    """

    epoch, stream = 0, None

    def __init__(
        self, model: Any, data: Any, batch_size: int, shuffle: bool | str = False, steps: int | None = None
    ) -> None:
        self._counts = [len(part) for part in data]
        arrays = [array for part in data for array in part]
        self.arrays = tuple(place(array, x.dtype) for array, x in zip(arrays, model._feeds()))
        self.proven = model._proven(arrays)
        self.orders, self.batch_size = Orders(int(data[0][0].shape[0]), batch_size, shuffle, steps), batch_size
        self.count = self.orders.count
        self.pace = 1  # how many steps the last pass found to go well into one dispatch

    @property
    def data(self) -> list[list[Any]]:
        """Lists of inputs, targets and weights, as they lie on the device."""
        arrays = iter(self.arrays)
        parts = [[next(arrays) for _ in range(count)] for count in self._counts]
        return [[None if array is None else np.asarray(array[:]) for array in part] for part in parts]

    def chunks(
        self, loop: StepLoop, next_steps: Callable[[int, int, float], int], first: int = 0, samples: int = 0
    ) -> Iterator[Any]:
        """The chunks of one pass from step `first` on, in an order that is drawn now from NumPy's generator."""
        order = self.orders.drawn(self.epoch).astype(np.uint32)
        if self.pace * self.batch_size < self.count:  # it will be used often
            order = jax.device_put(order)
        return self._chunks(loop, order, next_steps, first)

    def _chunks(self, loop, order, next_steps, first):
        full, rest = divmod(self.count, self.batch_size)
        steps = 1 if next_steps is one_by_one else self.pace
        while first < full:
            chunk = ArrayChunk(first, self.batch_size, min(full, first + steps), self, loop, order)
            yield chunk
            first = chunk.stop
            self.pace = steps = next_steps(steps, chunk.stop - chunk.first, chunk.took)
        if rest and first == full:  # and not, in a training that goes on, behind it
            yield ArrayChunk(full, rest, full + 1, self, loop, order)

    def run(self, loop: StepLoop, order: Any, start: int, stop: int) -> np.ndarray:
        """Run steps `start` to `stop`, which may be the short last one."""
        if start == self.count // self.batch_size:
            return loop.run(self.arrays, order, 0, 1, **self._last())
        return loop.run(self.arrays, order, start, stop, self.batch_size, proven=self.proven)

    def _last(self):
        """How the loop is to run the short last batch."""
        full, rest = divmod(self.count, self.batch_size)
        return {"batch_size": rest, "skipped": full * self.batch_size, "seldom": full >= _MANY, "proven": self.proven}

    def rows(self, chosen: Any) -> tuple[Any, ...]:
        """The rows with the numbers `chosen` of all arrays."""
        return tuple(None if array is None else array[chosen] for array in self.arrays)

    def close(self) -> None:
        """Nothing is open."""

    def prepare(self, loop: StepLoop) -> None:
        """Begin to compile the steps of whole batches and of the short last one."""
        order = np.arange(self.count, dtype=np.uint32)
        full, rest = divmod(self.count, self.batch_size)
        if full:
            loop.prepare(self.arrays, order, self.batch_size, proven=self.proven)
        if full and rest:
            loop.prepare(self.arrays, order, **self._last())


def drawn_order(count: int, batch_size: int, shuffle: bool | str, random: Any = np.random) -> np.ndarray:
    """The order of the samples in one epoch, drawn from NumPy's (global) generator."""
    index = np.arange(count)
    if shuffle == "batch":
        return data_module.batch_shuffle(index, batch_size, random)
    if shuffle:
        random.shuffle(index)
    return index


class Orders:
    """Which samples each epoch takes, and in which order.

    # Arguments
        held: how many samples there are.
        steps: how many batches an epoch takes; None for a pass through all samples. Where samples are shuffled, they
            are those at the front of an order drawn for this epoch, or of several where one is not enough; else each
            epoch begins where the one before ended.
    """

    def __init__(self, held: int, batch_size: int, shuffle: bool | str = False, steps: int | None = None) -> None:
        self.held, self.batch_size, self.shuffle = held, batch_size, shuffle
        self.steps: int | None = None
        self.count = held
        if steps is not None and steps != -(-held // batch_size):
            self.steps, self.count = steps, steps * batch_size

    def drawn(self, epoch: int = 0) -> np.ndarray:
        """The order of the samples in epoch `epoch`, drawn from NumPy's generator."""
        if self.steps is None:
            return drawn_order(self.held, self.batch_size, self.shuffle)
        if not self.shuffle:
            return (np.arange(self.count) + epoch * self.count) % self.held
        rounds = [drawn_order(self.held, self.batch_size, self.shuffle) for _ in range(-(-self.count // self.held))]
        return np.concatenate(rounds)[: self.count]


class StreamBatches:
    """Batches that come one after the other.

    # Arguments
        stream: a `Stream` of checked inputs, targets and weights.
        count: number of samples in a pass, where it is known.
        data: what lies in files, as for `ArrayBatches`.
    """

    batch_size, epoch, first = None, 0, 0
    orders: Orders | None = None
    stream: Any

    def __init__(self, model: Any, stream: Any, count: int | None = None, data: Any = ()) -> None:
        self.model, self.stream, self.count, self.data = model, stream, count, data

    def chunks(
        self, loop: StepLoop, next_steps: Callable[[int, int, float], int], first: int = 0, samples: int = 0
    ) -> Iterator[Any]:
        """The chunks of one pass from step `first` on, with which `samples` were used before."""
        self.first = first
        loop.function.set_root()  # before threads draw from the same random state
        return self._chunks(loop, self.stream.one_pass(first, samples), next_steps is one_by_one, first)

    def _chunks(self, loop, batches, only_one, first):
        with contextlib.closing(batches):
            for data in batches:
                chunk = StreamChunk(self.model, loop, first, data, batches, only_one)
                yield chunk
                chunk.closed = True
                first += len(chunk.taken)

    def prepare(self, loop: StepLoop) -> None:
        """Nothing: the sizes of what comes are not known."""

    def close(self) -> None:
        """End what draws the batches."""
        self.stream.close()


def batches_of(
    model: Any, data: Any, batch_size: int, shuffle: bool | str = False, steps: int | None = None
) -> ArrayBatches | StreamBatches:
    """The source for checked data: on the device at once, or piece by piece where they are large or lie in files.

    `steps`: how many batches a pass has, where that is not all data.
    """
    arrays = [array for part in data for array in part]
    if all(data_module.in_memory(array) for array in arrays) and fits_on_device(arrays):
        return ArrayBatches(model, data, batch_size, shuffle, steps)
    orders = Orders(int(data[0][0].shape[0]), batch_size, shuffle, steps)
    source = StreamBatches(model, None, orders.count, data)

    def one_pass():
        return _sliced(model, data, orders.drawn(source.epoch)[source.first * batch_size :], batch_size)

    parts, source.orders = Parts(one_pass, -(-orders.count // batch_size)), orders
    source.stream = Stream(parts)
    return source


def _sliced(model, data, order, batch_size):
    for start, stop in data_module.make_batches(len(order), batch_size):
        chosen = order[start:stop]
        batch = [[data_module.rows_of(array, chosen) for array in part] for part in data]
        model._check_numbers(*batch)
        yield batch
