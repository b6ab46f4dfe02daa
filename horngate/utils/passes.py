"""Data sets whose batches are made anew in each pass, with the methods that programs call on those of tf.data."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np

from horngate import tree
from horngate.backend import limits

_END = object()


class Dataset:
    """Elements, batches or samples, that are made anew in each pass; `fit` and the like take those of batches.

    # Arguments
        one_pass: function that returns an iterator over the elements of a pass.
        length: how many elements a pass has; None if unknown.
        class_names: the names of the classes, by their numbers.
        file_paths: the files that the elements come from.

    >>> numbers = Dataset(lambda: iter(range(5)), 5)
    >>> list(numbers.map(lambda n: n * n).skip(2).batch(2))
    [array([4, 9]), array([16])]
    """

    def __init__(
        self,
        one_pass: Callable[[], Iterator[Any]],
        length: int | None = None,
        class_names: Sequence[str] | None = None,
        file_paths: Sequence[str] | None = None,
    ) -> None:
        self._one_pass, self._length = one_pass, length
        self.class_names, self.file_paths = class_names, file_paths

    def __iter__(self) -> Iterator[Any]:
        return self._one_pass()

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("this data set does not know how many elements it has; count them: sum(1 for _ in data).")
        return self._length

    def _made(self, one_pass, length):
        return Dataset(one_pass, length, self.class_names, self.file_paths)

    def map(self, map_func: Callable[..., Any]) -> "Dataset":
        """Return the data set of what `map_func` gives for each element; the parts of a tuple are its arguments."""

        def of(element: Any) -> Any:
            return map_func(*element) if isinstance(element, tuple) else map_func(element)

        return self._made(lambda: (of(element) for element in self), self._length)

    def take(self, count: int) -> "Dataset":
        """Return the data set of the first `count` elements."""
        length = None if self._length is None else min(count, self._length)
        return self._made(lambda: islice(self, count), length)

    def skip(self, count: int) -> "Dataset":
        """Return the data set without the first `count` elements."""
        length = None if self._length is None else max(0, self._length - count)
        return self._made(lambda: islice(self, count, None), length)

    def cache(self) -> "Dataset":
        """Return the data set that keeps its elements in memory after the first whole pass."""
        kept: list[Any] = []

        def one_pass() -> Iterator[Any]:
            if kept:
                yield from kept[0]
                return
            elements = []
            for element in self:
                elements.append(element)
                yield element
            kept[:] = [elements]

        return self._made(one_pass, self._length)

    def shuffle(self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True) -> "Dataset":
        """Return the data set in a random order.

        # Arguments
            buffer_size: how many elements are held, of which one is drawn.
            seed: a number for the same orders in each run; None: from NumPy's global state.
            reshuffle_each_iteration: whether each pass has another order.
        """
        with limits.named("Dataset.shuffle, argument 'buffer_size'"):
            size = limits.whole(buffer_size, 1)
        told = np.random.randint(2**31) if seed is None else seed
        rng = np.random.RandomState(told)

        def one_pass() -> Iterator[Any]:
            draws, rest = rng if reshuffle_each_iteration else np.random.RandomState(told), iter(self)
            held = list(islice(rest, size))
            for element in rest:
                place = draws.randint(size)
                yield held[place]
                held[place] = element
            draws.shuffle(held)
            yield from held

        return self._made(one_pass, self._length)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> "Dataset":
        """Return the data set of batches of `batch_size` elements; `drop_remainder`: without a last one of fewer."""
        with limits.named("Dataset.batch, argument 'batch_size'"):
            size = limits.whole(batch_size, 1)

        def one_pass() -> Iterator[Any]:
            rest = iter(self)
            while rows := list(islice(rest, size)):
                if len(rows) == size or not drop_remainder:
                    yield tree.map_structure(lambda *parts: np.stack([np.asarray(part) for part in parts]), *rows)

        length = None if self._length is None else self._length // size if drop_remainder else -(-self._length // size)
        return self._made(one_pass, length)

    def unbatch(self) -> "Dataset":
        """Return the data set of the samples of the batches."""

        def one_pass() -> Iterator[Any]:
            for batch in self:
                for i in range(len(tree.flatten(batch)[0])):
                    yield tree.map_structure(lambda part, i=i: part[i], batch)

        return self._made(one_pass, None)

    def prefetch(self, buffer_size: int) -> "Dataset":
        """Return the data set of which a thread makes `buffer_size` elements ahead; -1: two. `fit` does so anyway."""
        with limits.named("Dataset.prefetch, argument 'buffer_size'"):
            size = 2 if buffer_size == -1 else limits.whole(buffer_size, 1)

        def one_pass() -> Iterator[Any]:
            rest = iter(self)
            with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as pool:
                ahead = deque(pool.submit(next, rest, _END) for _ in range(size))
                while (element := ahead.popleft().result()) is not _END:
                    ahead.append(pool.submit(next, rest, _END))
                    yield element

        return self._made(one_pass, self._length)
