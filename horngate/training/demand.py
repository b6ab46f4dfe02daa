"""Demand: how many batches are still to be drawn, so that a source is asked for what will be used and no more."""

from collections.abc import Callable
from typing import Any


class Demand:
    """What a number of passes will use of a source, where each ends with the batch that reaches `count`.

    # Arguments
        size: what a prepared batch counts for.
        largest: the most that one counts for, as far as is known; None before the first.
    """

    count: int
    size: Callable[[Any], int]
    passes: int
    seen: int
    next: int
    outstanding: int

    def __init__(self, count: int, size: Callable[[Any], int], largest: int | None = None) -> None:
        self.count, self.size, self.largest = count, size, largest
        self.passes, self.seen = 0, 0  # what has not ended yet, and how much of its first pass has come
        self.next, self.outstanding = 0, 0
        self.came_early: dict[int, int] = {}

    def more(self) -> bool:
        """Whether another batch will be used, if those on their way are as large as the largest so far."""
        if self.outstanding and self.largest is None:
            return False  # the first one tells
        passes, seen = self.passes, self.seen
        for _ in range(self.outstanding):
            passes, seen = self._after(self.largest, passes, seen)
        return passes > 0

    def _after(self, size, passes, seen):
        seen += size
        return (passes - 1, 0) if seen >= self.count else (passes, seen)

    def drew(self) -> None:
        """Tell that one more is on its way."""
        self.outstanding += 1

    def came(self, number: int, data: Any) -> None:
        """Tell that batch `number` is prepared; they come in any order."""
        self.came_early[number] = self.size(data)
        while self.next in self.came_early:
            size = self.came_early.pop(self.next)
            self.largest = max(size, self.largest or 0)
            self.passes, self.seen = self._after(size, self.passes, self.seen)
            self.next, self.outstanding = self.next + 1, self.outstanding - 1
