"""Sources of batches: iterables, sequences and files, with their length and order."""

import collections.abc
import functools
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from horngate.backend.types import TensorLike
from horngate.engine.shown import in_brief
from horngate.training.arrays import is_stream
from horngate.training.workers import Background, Processes, advance, next_task, task_of


class Iterable:
    """A source that yields its batches in order: a loader, or an iterator that can be read only once."""

    x: Any
    once: bool
    copies: bool = True
    by_number: bool = False

    def __init__(self, x: TensorLike) -> None:
        self.x = x
        self.once = hasattr(x, "__next__") or hasattr(x, "next")  # otherwise each pass starts again

    @property
    def length(self) -> int | None:
        """Return the number of batches in a pass; None if unknown."""
        try:
            length = len(self.x)
        except (TypeError, AttributeError, NotImplementedError):
            return None
        return length if length < sys.maxsize else None  # that of a loader that repeats itself for ever

    def a_pass(self) -> Any:
        """Return an iterator over one pass."""
        old = self.once and not (hasattr(self.x, "__next__") and hasattr(self.x, "__iter__"))
        return self.x if old else iter(self.x)

    def end(self, a_pass: Any) -> None:
        """End a pass."""
        if a_pass is not self.x and hasattr(a_pass, "close"):
            a_pass.close()


class Indexed(Iterable):
    """A source of batches by index, such as a Sequence of Keras 2; several may be made in parallel.

    # Arguments
        shuffle: whether each pass has another random order of the batches.
    """

    x: Any
    once: bool
    shuffle: bool | str
    by_number: bool = True

    def __init__(self, x: TensorLike, shuffle: bool | str = False) -> None:
        self.x, self.shuffle, self.once = x, shuffle, False

    def a_pass(self) -> Any:
        order = np.arange(len(self.x))
        if self.shuffle:
            np.random.shuffle(order)
        getattr(self.x, "on_epoch_begin", _nothing)()
        return _ByNumber(self.x, order.tolist())

    def end(self, a_pass: Any) -> None:
        getattr(self.x, "on_epoch_end", _nothing)()


class Parts(Iterable):
    """The batches of data in files or too large for memory; the library slices them.

    # Arguments
        one_pass: function that returns a generator over the batches of a pass.
        length: number of batches in a pass.
    """

    x: Any
    once: bool
    copies: bool = False

    def __init__(self, one_pass: Callable[[], Iterator[Any]], length: int) -> None:
        self.x, self._length, self.once = one_pass, length, False

    @property
    def length(self) -> int | None:
        return self._length

    def a_pass(self) -> Any:
        return self.x()


def _nothing():
    """Do nothing."""


def source_of(x: TensorLike, shuffle: bool | str = False) -> Iterable:
    """Return the source for data given to `fit`, `fit_generator` and the like."""
    if not is_stream(x):
        raise TypeError(
            f"the generator must give batches by next(), by iteration or by number; received {type(x).__name__}. Use "
            "fit, evaluate or predict for arrays, and iter(...) around a list of batches."
        )
    if shuffle == "blocks":
        raise ValueError(
            f"shuffle='blocks' is for arrays and files, whose rows fit reads: {type(x).__name__} gives batches itself."
        )
    if _by_number(x):
        return Indexed(x, shuffle)
    if shuffle == "batch":
        raise ValueError(
            f"shuffle='batch' is for arrays and Sequences: the batches of {type(x).__name__} come in its own order."
        )
    return Iterable(x)


def first_inputs(model: str, x: Any) -> tuple[Any, Any]:
    """Return (the inputs of the first batch of `x`, the data to go on with), for a `model` that waits for its shapes.

    # Arguments
        model: its name, for an error.
        x: data as `fit` takes them: arrays, or what gives batches.
    """
    if x is None or not is_stream(x):
        return x, x
    batch, x = first_item(model, x)
    return batch[0] if isinstance(batch, (list, tuple)) else batch, x


def first_item(model: str, x: Any) -> tuple[Any, Any]:
    """Return (the first batch of the iterable `x`, the iterable to go on with); `model`: its name, for an error."""
    if not hasattr(x, "__next__"):
        return x[0] if _by_number(x) else next(iter(x)), x
    batch = next(x, None)
    if batch is None:
        raise ValueError(f"{model}: the generator gave no batch.")
    return batch, itertools.chain([batch], x)


def shape_of_data(model: str, x: Any = None) -> tuple[int, ...]:
    """Return the shape of an input, the batch counted, for a `model` whose first layer was told none.

    # Arguments
        model: its name, for an error.
        x: the inputs: an array, or a list or dictionary with one.
    """
    if isinstance(x, dict) and len(x) == 1:
        x = next(iter(x.values()))
    if isinstance(x, (list, tuple)) and len(x) == 1 and hasattr(x[0], "shape"):
        x = x[0]
    data: Any = x
    shape = tuple(data.shape if hasattr(data, "shape") else np.shape(data))
    if not shape:
        columns = (
            " Columns by name become one array: np.stack(list(x.values()), axis=1)." if isinstance(x, dict) else ""
        )
        raise ValueError(f"{model} was told no input_shape, and the data have none: received {in_brief(x)}.{columns}")
    return shape if len(shape) > 1 else (*shape, 1)


def _by_number(x):
    """Return whether to request the batches of `x` by index: it has a length and items, and is not an iterator."""
    if hasattr(x, "__next__") or hasattr(x, "next") or isinstance(x, collections.abc.Mapping):
        return False
    sized = hasattr(x, "__getitem__") and hasattr(x, "__len__")
    as_sequence = not hasattr(x, "__iter__") or hasattr(x, "on_epoch_end") or isinstance(x, collections.abc.Sequence)
    return sized and as_sequence


class _ByNumber:
    """An iterator over the batches of a sequence with given indices."""

    def __init__(self, sequence: Any, numbers: collections.abc.Iterable[int]) -> None:
        self.sequence, self.numbers = sequence, iter(numbers)

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self.sequence[next(self.numbers)]

    vars(__next__)["task"] = lambda self: functools.partial(self.sequence.__getitem__, next(self.numbers))

    def skip(self, count: int) -> None:
        """Skip `count` batches without making them."""
        for _ in range(count):
            next(self.numbers)


class Rounds(Background):
    """An iterator over pass after pass of a source; it ends with an empty pass.

    # Arguments
        processes: number of processes that draw each pass of a source that can restart; 0 for none.
    """

    source: Any
    processes: int
    empty: bool
    changed: threading.Condition
    stopped: bool
    at_work: int

    def __init__(self, source: Any, processes: int = 0) -> None:
        self.source, self.processes, self.empty = source, processes, True
        self.current: Any = None  # the current pass
        self.changed, self.stopped, self.at_work = threading.Condition(), False, 0

    def __next__(self) -> Any:
        return self._next(advance)

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

    def interrupt(self) -> None:
        """Wake a thread that waits for processes."""
        with self.changed:
            self.stopped = True
            if self.processes and self.current is not None:
                self.current.interrupt()

    def close(self) -> None:
        """End the processes."""
        if self.processes and self.current is not None:
            self.current.close()


class _PartedRounds(Rounds):
    """A `Rounds` for a source that separates drawing from making."""

    def __next__(self) -> Any:
        return super().__next__()

    def _task(self):
        make = self._next(lambda iterator: next_task(iterator))
        if self.source.once:
            return make
        with self.changed:
            self.at_work += 1
        return functools.partial(self._made, make)

    vars(__next__)["task"] = _task

    def _made(self, make):
        try:
            return make()
        finally:
            with self.changed:
                self.at_work -= 1
                self.changed.notify_all()


def rounds(source: Any, processes: int = 0) -> "Rounds":
    """Return an iterator over pass after pass of a source; see `Rounds`."""
    parted = not processes and (source.by_number or task_of(source.x) is not None)
    return (_PartedRounds if parted else Rounds)(source, processes)
