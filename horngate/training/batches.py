"""Sources: arrays on the device, or a stream of batches. Both yield chunks of steps that run together."""

import contextlib
import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import numpy as np

from horngate.backend.kernels.rows import stay_on_host
from horngate.backend.mesh import placed
from horngate.training.arrays import batch_shuffle, fits_on_device, in_memory, make_batches, place, rows_of
from horngate.training.blocks import BlockReader, block_rows, in_blocks
from horngate.training.sources import Parts
from horngate.training.spec import Samples, Spec
from horngate.training.step import Pace, Slice, Step
from horngate.training.stream import Stream

_REPORT_SPAN = 0.1  # seconds between two reports on a stream
_MANY = 20  # full batches in a pass from which the time of a short batch is negligible


class Source:
    """Base of the data of a training, read in passes.

    `count`: number of samples in a pass, if known. `data`: arrays in memory or in files, as lists of inputs, targets
    and weights. `orders`: the `Orders` of the samples, or None. `stream`: the `Stream`, or None. `epoch` is set before
    each pass.
    """

    count: int | None
    data: Any = ()
    orders: "Orders | None" = None
    stream: Any = None
    epoch: int = 0

    def chunks(self, step: Step, pace: Pace, first: int = 0, samples: int = 0) -> Generator[Any, None, None]:
        """Yield the chunks of one pass for `step`, from step `first` on; `samples`: those used before that step."""
        raise NotImplementedError

    def prepare(self, step: Step, span: float | None) -> None:
        """Start to compile the programs of a pass, if its sizes are known; `span`: the span of its `Pace`."""

    def close(self) -> None:
        """Stop drawing batches."""


class ArrayBatches(Source):
    """Checked arrays, moved to the device once; each batch is gathered there.

    # Arguments
        shuffle: True, False, `'batch'` or `'blocks'`; see `Model.fit`.
        steps: number of batches in a pass; see `Orders`.
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
        self.orders: Orders = Orders.of(samples, batch_size, shuffle, steps)
        self.batch_size = batch_size
        self.count: int = self.orders.count

    @property
    def data(self) -> list[list[Any]]:
        arrays = (None if array is None else np.asarray(array[:]) for array in self.arrays)
        return [[next(arrays) for _ in range(count)] for count in self._counts]

    def chunks(self, step: Step, pace: Pace, first: int = 0, samples: int = 0) -> Generator[Slice, None, None]:
        """Yield slices of the arrays; their order is drawn from NumPy's generator when the pass starts."""
        order = self.orders.drawn(self.epoch).astype(np.uint32)
        if pace.steps * self.batch_size < self.count:  # this program is used often
            order = placed(order, self._layout)
        return self._slices(step, order, pace, first)

    def _slices(self, step, order, pace, first=0):
        full = self.count // self.batch_size
        block = 1 if pace.span is None or not full else step.block(full, self.batch_size)
        return slices(self.arrays, order, self.count, self.batch_size, pace, self.proven, first, block)

    def prepare(self, step: Step, span: float | None) -> None:
        """Start to compile the steps for whole batches and for the short last one."""
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
    """Yield the chunks of a pass over the first `count` rows of `order`, from step `first` on, in blocks of steps.

    The steps at the end of the pass that fill no block run one by one.
    """
    full, rest = divmod(count, batch_size)
    skipped, seldom = full * batch_size, full >= _MANY
    short = Slice(arrays, order, proven, full, full + 1, rest, skipped=skipped, seldom=seldom) if rest else None
    while first < full:
        steps = max(block, pace.steps // block * block)
        stop = min(full, first + steps)
        in_blocks = first + (stop - first) // block * block
        then = short if pace.span is not None and stop == full else None
        following = full + 1 if then else stop
        if first < in_blocks < stop:
            then = Slice(arrays, order, proven, in_blocks, stop, batch_size, seldom=seldom, then=then)
            stop = in_blocks
        block = block if first < in_blocks else 1
        yield Slice(arrays, order, proven, first, stop, batch_size, pace, block, then=then)
        first = following
    if short is not None and first == full:  # not if a resumed training starts after it
        yield short


def drawn_order(
    count: int, batch_size: int, shuffle: bool | str, random: Any = np.random, block: int = 1
) -> np.ndarray:
    """Draw the order of the samples in one epoch from `random`; default: NumPy's global generator.

    `block`: number of rows in a block, for the shuffling of blocks.
    """
    if shuffle == "blocks":
        return in_blocks(count, block, random)
    index = np.arange(count)
    if shuffle == "batch":
        return batch_shuffle(index, batch_size, random)
    if shuffle:
        random.shuffle(index)
    return index


class Orders:
    """The samples of each epoch and their order.

    # Arguments
        held: number of samples.
        steps: number of batches in an epoch; None for a pass through all samples. With shuffling, an epoch takes the
            first samples of a new order, or of several orders if one is too short. Otherwise, each epoch continues
            where the one before ended.
        block: see `drawn_order`.
    """

    held: int
    batch_size: int
    shuffle: bool | str
    count: int

    def __init__(
        self, held: int, batch_size: int, shuffle: bool | str = False, steps: int | None = None, block: int = 1
    ) -> None:
        self.held, self.batch_size, self.shuffle, self.block = held, batch_size, shuffle, block
        self.steps: int | None = None
        self.count = held
        if steps is not None and steps != -(-held // batch_size):
            self.steps, self.count = steps, steps * batch_size

    @classmethod
    def of(cls, samples: Samples, batch_size: int, shuffle: bool | str, steps: int | None) -> "Orders":
        """Return the orders of checked data."""
        block = block_rows(samples.arrays, batch_size) if shuffle == "blocks" else 1
        return cls(samples.size, batch_size, shuffle, steps, block)

    def drawn(self, epoch: int = 0) -> np.ndarray:
        """Draw the order of the samples in epoch `epoch` from NumPy's generator."""
        if self.steps is None:
            return self._round()
        if not self.shuffle:
            return (np.arange(self.count) + epoch * self.count) % self.held
        return np.concatenate([self._round() for _ in range(-(-self.count // self.held))])[: self.count]

    def _round(self):
        return drawn_order(self.held, self.batch_size, self.shuffle, block=self.block)


class Batches:
    """A chunk of a stream: it starts with the batch in `taken`, and takes more until the next report is due.

    When it has run or was `closed`, its steps are fixed. `pace`: if several processes train together, tells how many
    batches it takes, since a report that is due in one may not be due in another.
    """

    first: int
    size: int
    taken: list[Samples]
    closed: bool
    pace: Pace | None

    def __init__(self, spec: Spec, first: int, batch: Samples, following: Iterator[Samples], pace: Pace) -> None:
        self.first, self.size, self.taken = first, batch.size, [batch]
        self._spec, self._following, self.closed = spec, following, pace.span is None
        self.pace = pace if pace.shared else None

    @property
    def samples(self) -> int:
        """Return the number of samples in its batches."""
        return sum(batch.size for batch in self.taken)

    def fed(self) -> Iterator[Any]:
        """Yield for each step its arrays and which of them are proven; while the last runs, one more batch is taken."""
        began = time.perf_counter()
        for number, batch in enumerate(self.taken, 1):
            yield self._spec.fed(batch)
            if number == len(self.taken):
                self._take(began)
        self.closed = True

    def _take(self, began):
        """Take one more batch, unless the chunk is complete."""
        if self.pace is None:
            self.closed = self.closed or time.perf_counter() - began > _REPORT_SPAN
        else:
            self.closed = self.closed or len(self.taken) >= self.pace.steps
        following = None if self.closed else next(self._following, None)
        if following is not None:
            self.taken.append(following)

    def feeds(self) -> Iterator[Any]:
        """Return the arrays of each step."""
        return (self._spec.fed(batch)[0] for batch in self.taken)


class StreamBatches(Source):
    """The batches of a stream.

    # Arguments
        stream: a `Stream` of checked batches.
        count: number of samples in a pass, if known.
        data: data in files, as for `ArrayBatches`.
    """

    stream: Any
    count: int | None
    data: Any
    first: int = 0

    def __init__(self, spec: Spec, stream: Any, count: int | None = None, data: Any = ()) -> None:
        self._spec, self.stream, self.count, self.data = spec, stream, count, data
        self._compared = False  # whether the processes have compared a batch

    def chunks(self, step: Step, pace: Pace, first: int = 0, samples: int = 0) -> Generator[Batches, None, None]:
        """Yield chunks of batches in the order of the stream."""
        self.first = first
        step.function.set_root()  # before threads draw from the same random state
        layout, batches = self._spec.layout, self.stream.one_pass(first, samples)
        if layout is not None and layout.spans and not self.data:
            batches = _of_processes().joined(batches, layout, self.stream.source.x, self._compared)
            self._compared = True
        return self._chunks(batches, pace, first)

    def _chunks(self, batches, pace, first):
        with contextlib.closing(batches):
            for batch in batches:
                chunk = Batches(self._spec, first, batch, batches, pace)
                yield chunk
                chunk.closed = True
                first += len(chunk.taken)

    def close(self) -> None:
        if self._compared and not self.data and hasattr(self.stream.source.x, "needs"):
            self.stream.source.x.needs = None
        self.stream.close()


def batches_of(
    spec: Spec,
    samples: Samples,
    batch_size: int,
    shuffle: bool | str = False,
    steps: int | None = None,
    piecewise: bool = False,
) -> Source:
    """Return the source for checked data: whole on the device, or in pieces if they are large or in files.

    `steps`: number of batches in a pass; None for all data. `piecewise`: whether to take batch by batch in any case, so
    that no program is compiled for this number of samples.
    """
    arrays = samples.arrays
    spans = spec.layout is not None and spec.layout.spans
    if spans:
        _of_processes().agree_on_arrays(arrays)
    fit = stay_on_host if spans else fits_on_device
    if not piecewise and all(map(in_memory, arrays)) and fit(arrays):
        return ArrayBatches(spec, samples, batch_size, shuffle, steps)
    orders = Orders.of(samples, batch_size, shuffle, steps)
    source = StreamBatches(spec, None, orders.count, samples)

    def one_pass():
        read = BlockReader(orders.block, whole=not spans) if shuffle == "blocks" else rows_of
        read = _of_processes().own_part(spec.layout, read) if spans else read
        return _sliced(spec, samples, orders.drawn(source.epoch)[source.first * batch_size :], batch_size, read)

    parts, source.orders = Parts(one_pass, -(-orders.count // batch_size)), orders
    source.stream = Stream(parts)
    return source


def _of_processes() -> Any:
    from horngate.training import shared_batches  # not imported where there is one process

    return shared_batches


def _sliced(spec, samples, order, batch_size, read):
    for start, stop in make_batches(len(order), batch_size):
        chosen = order[start:stop]
        batch = Samples(*([read(array, chosen) for array in part] for part in samples))
        spec.check_numbers(batch)
        yield batch
