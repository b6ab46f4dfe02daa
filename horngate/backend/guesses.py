"""Sizes to try for those that are unknown, where stand-ins do not fit."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

Place = TypeVar("Place")
_MOST = 200  # traces before the error is raised that the stand-ins met


def guesses(free: Sequence[Place], sizes: Iterable[int]) -> Iterator[dict[Place, int]]:
    """Dictionaries from some of the unknown places `free` to one of `sizes` each, those of fewest places first."""

    def every():
        for count in range(1, len(free) + 1):
            for chosen in itertools.combinations(free, count):
                yield from (dict(zip(chosen, values)) for values in itertools.product(sizes, repeat=count))

    return itertools.islice(every(), _MOST)
