"""DrawLimit: limits drawing ahead, so that a source gives only the batches that will be used."""

from collections.abc import Callable
from typing import Any


class DrawLimit:
    """Counts the batches that `passes` passes still need; a pass ends with the batch that reaches `count`.

    # Arguments
        count: the size of a pass, in units of `size`: samples or batches.
        size: function of a prepared batch; returns how much it adds to `count`.
        largest: the largest size of a batch so far; None before the first batch.
    """

    count: int
    size: Callable[[Any], int]
    passes: int
    seen: int
    next: int
    outstanding: int

    def __init__(self, count: int, size: Callable[[Any], int], largest: int | None = None) -> None:
        self.count, self.size, self.largest = count, size, largest
        self.passes, self.seen = 0, 0  # number of passes not ended; size of the batches that the first of these got
        self.next, self.outstanding = 0, 0
        self.prepared_early: dict[int, int] = {}

    def more(self) -> bool:
        """Return whether another batch will be used, if outstanding ones are as large as the largest so far."""
        if self.outstanding and self.largest is None:
            return False  # the first batch tells its size
        passes, seen = self.passes, self.seen
        for _ in range(self.outstanding):
            passes, seen = self._after(self.largest, passes, seen)
        return passes > 0

    def _after(self, size, passes, seen):
        seen += size
        return (passes - 1, 0) if seen >= self.count else (passes, seen)

    def note_drawn(self) -> None:
        """Note that one more batch is drawn and not yet prepared."""
        self.outstanding += 1

    def note_prepared(self, number: int, data: Any) -> None:
        """Note that batch `number` is prepared; numbers may come in any order."""
        self.prepared_early[number] = self.size(data)
        while self.next in self.prepared_early:
            size = self.prepared_early.pop(self.next)
            self.largest = max(size, self.largest or 0)
            self.passes, self.seen = self._after(size, self.passes, self.seen)
            self.next, self.outstanding = self.next + 1, self.outstanding - 1
