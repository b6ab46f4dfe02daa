"""Sources: arrays on the device, or a stream of batches. Both give chunks of steps that are run together."""

import contextlib
import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import numpy as np

from horngate.backend.mesh import placed
from horngate.training.arrays import batch_shuffle, fits_on_device, in_memory, make_batches, place, rows_of
from horngate.training.sources import Parts
from horngate.training.spec import Samples, Spec
from horngate.training.step import Pace, Slice, Step
from horngate.training.stream import Stream

_REPORT_SPAN = 0.1  # seconds between two looks at the sums of a stream
_MANY = 20  # full batches in a pass, beside which the time of a short one does not count


class Source:
    """What a training goes through in passes.

    `count`: how many samples a pass has, where that is known; `data`: what lies in memory or in files, as lists of
    inputs, targets and weights; `orders`: the `Orders` of its samples, `stream`: its `Stream`, or None. `epoch` is set
    before each pass.
    """

    count: int | None
    data: Any = ()
    orders: "Orders | None" = None
    stream: Any = None
    epoch: int = 0

    def chunks(self, step: Step, pace: Pace, first: int = 0, samples: int = 0) -> Generator[Any, None, None]:
        """The chunks of one pass from step `first` on, with which `samples` were used before; `step` is to run them."""
        raise NotImplementedError

    def prepare(self, step: Step, span: float | None) -> None:
        """Begin to compile what a pass needs, where its sizes are known; `span`: that of its `Pace`."""

    def close(self) -> None:
        """End what draws the batches."""


class ArrayBatches(Source):
    """Checked arrays, which go to the device once; each batch is gathered there.

    # Arguments
        shuffle: True, False, or `'batch'` to keep batches together.
        steps: how many batches a pass has; see `Orders`.
    """

    arrays: tuple[Any, ...]
    proven: tuple[Any, ...]
    batch_size: int

    def __init__(
        self, spec: Spec, samples: Samples, batch_size: int, shuffle: bool | str = False, steps: int | None = None
    ) -> None:
        arrays = samples.arrays
        self.arrays = tuple(place(array, x.dtype, spec.layout) for array, x in zip(arrays, spec.feeds))
        self._layout = spec.layout
        self.proven = spec.proven(arrays)
        self._counts = [len(part) for part in samples]
        self.orders: Orders = Orders(samples.size, batch_size, shuffle, steps)
        self.batch_size = batch_size
        self.count: int = self.orders.count

    @property
    def data(self) -> list[list[Any]]:
        arrays = (None if array is None else np.asarray(array[:]) for array in self.arrays)
        return [[next(arrays) for _ in range(count)] for count in self._counts]

    def chunks(self, step: Step, pace: Pace, first: int = 0, samples: int = 0) -> Generator[Slice, None, None]:
        """Slices of the arrays, in an order that is drawn now from NumPy's generator."""
        order = self.orders.drawn(self.epoch).astype(np.uint32)
        if pace.steps * self.batch_size < self.count:  # it will be used often
            order = placed(order, self._layout)
        return self._slices(step, order, pace, first)

    def _slices(self, step, order, pace, first=0):
        full = self.count // self.batch_size
        block = 1 if pace.span is None or not full else step.block(full, self.batch_size)
        return slices(self.arrays, order, self.count, self.batch_size, pace, self.proven, first, block)

    def prepare(self, step: Step, span: float | None) -> None:
        """Begin to compile the steps of whole batches and of the short last one."""
        order, pace = np.arange(self.count, dtype=np.uint32), Pace(span, self.count)
        if self.count >= self.batch_size:
            for chunk in self._slices(step, order, pace):
                step.prepare(chunk)


def slices(
    arrays: Sequence[Any],
    order: Any,
    count: int,
    batch_size: int,
    pace: Pace,
    proven: Any = (),
    first: int = 0,
    block: int = 1,
) -> Generator[Slice, None, None]:
    """The chunks of a pass over the first `count` rows in their order, from step `first` on, of whole blocks of steps.

    Where a training goes on within a block, the steps that are left of the pass are run one by one.
    """
    full, rest = divmod(count, batch_size)
    skipped = full * batch_size
    short = Slice(arrays, order, proven, full, full + 1, rest, skipped=skipped, seldom=full >= _MANY) if rest else None
    block = block if (full - first) % block == 0 else 1
    while first < full:
        steps = max(block, pace.steps // block * block)
        stop = min(full, first + steps)
        with_short = short is not None and pace.span is not None and stop == full
        yield Slice(arrays, order, proven, first, stop, batch_size, pace, block, then=short if with_short else None)
        first = stop + with_short
    if short is not None and first == full:  # and not, in a training that goes on, behind it
        yield short


def drawn_order(count: int, batch_size: int, shuffle: bool | str, random: Any = np.random) -> np.ndarray:
    """The order of the samples in one epoch, drawn from NumPy's (global) generator."""
    index = np.arange(count)
    if shuffle == "batch":
        return batch_shuffle(index, batch_size, random)
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

    held: int
    batch_size: int
    shuffle: bool | str
    count: int

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


class Batches:
    """A chunk of a stream: it begins with the batch in `taken`, and takes more until there is something to report.

    Once its steps are known, because they have been run or it was `closed`, it means those.
    """

    first: int
    size: int
    taken: list[Samples]
    closed: bool

    def __init__(self, spec: Spec, first: int, batch: Samples, following: Iterator[Samples], only_one: bool) -> None:
        self.first, self.size, self.taken = first, batch.size, [batch]
        self._spec, self._following, self.closed = spec, following, only_one

    @property
    def samples(self) -> int:
        """How many samples its batches hold."""
        return sum(batch.size for batch in self.taken)

    def fed(self) -> Iterator[Any]:
        """The arrays of each step, and what is proven of them; when the last is in work, one more batch is taken."""
        began = time.perf_counter()
        for number, batch in enumerate(self.taken, 1):
            yield self._spec.fed(batch)
            if number == len(self.taken):
                self._take(began)
        self.closed = True

    def _take(self, began):
        """Take one more batch, where the chunk is still to grow."""
        self.closed = self.closed or time.perf_counter() - began > _REPORT_SPAN
        following = None if self.closed else next(self._following, None)
        if following is not None:
            self.taken.append(following)

    def feeds(self) -> Iterator[Any]:
        """The arrays of each step."""
        return (self._spec.fed(batch)[0] for batch in self.taken)


class StreamBatches(Source):
    """Batches that come one after the other.

    # Arguments
        stream: a `Stream` of checked batches.
        count: number of samples in a pass, where it is known.
        data: what lies in files, as for `ArrayBatches`.
    """

    stream: Any
    count: int | None
    data: Any
    first: int = 0

    def __init__(self, spec: Spec, stream: Any, count: int | None = None, data: Any = ()) -> None:
        self._spec, self.stream, self.count, self.data = spec, stream, count, data

    def chunks(self, step: Step, pace: Pace, first: int = 0, samples: int = 0) -> Generator[Batches, None, None]:
        """Batches as they come."""
        self.first = first
        step.function.set_root()  # before threads draw from the same random state
        return self._chunks(self.stream.one_pass(first, samples), pace.span is None, first)

    def _chunks(self, batches, only_one, first):
        with contextlib.closing(batches):
            for batch in batches:
                chunk = Batches(self._spec, first, batch, batches, only_one)
                yield chunk
                chunk.closed = True
                first += len(chunk.taken)

    def close(self) -> None:
        self.stream.close()


def batches_of(
    spec: Spec,
    samples: Samples,
    batch_size: int,
    shuffle: bool | str = False,
    steps: int | None = None,
    piecewise: bool = False,
) -> Source:
    """The source for checked data: on the device at once, or piece by piece where they are large or lie in files.

    `steps`: how many batches a pass has, where that is not all data. `piecewise`: batch by batch in any case, so that
    no program is compiled for so many samples.
    """
    arrays = samples.arrays
    if not piecewise and all(map(in_memory, arrays)) and fits_on_device(arrays):
        return ArrayBatches(spec, samples, batch_size, shuffle, steps)
    orders = Orders(samples.size, batch_size, shuffle, steps)
    source = StreamBatches(spec, None, orders.count, samples)

    def one_pass():
        return _sliced(spec, samples, orders.drawn(source.epoch)[source.first * batch_size :], batch_size)

    parts, source.orders = Parts(one_pass, -(-orders.count // batch_size)), orders
    source.stream = Stream(parts)
    return source


def _sliced(spec, samples, order, batch_size):
    for start, stop in make_batches(len(order), batch_size):
        chosen = order[start:stop]
        batch = Samples(*([rows_of(array, chosen) for array in part] for part in samples))
        spec.check_numbers(batch)
        yield batch
