"""Bounds on what a file may make a program take, so that no damaged or hostile one asks for all memory.

They are in force within a `with` block, for the thread that reads; what is asked for is counted before it is allocated.
"""

import contextlib
import math
import os
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

EXPANSION = 1000  # how many times its own bytes a file may take in memory; deflate reaches 1,030 at most
SMALL = 2**25  # bytes that every file may take


class TooMuch(ValueError):
    """A file that asks for more than it may."""


@dataclass
class _Memory:
    size: int  # of the file, in bytes
    most: int
    taken: int = 0


@dataclass
class _Weights:
    left: float
    why: str


_memory: ContextVar[_Memory | None] = ContextVar("memory", default=None)
_weights: ContextVar[_Weights | None] = ContextVar("weights", default=None)


@contextlib.contextmanager
def memory_for(size: int, max_expansion: float = EXPANSION) -> Iterator[None]:
    """Within the block, what a file of `size` bytes holds may take `max_expansion` times as many, or 32 MiB.

    Within another such block, the bounds of that one stay.
    """
    if _memory.get() is not None:
        yield
        return
    token = _memory.set(_Memory(size, max(SMALL, int(size * max_expansion))))
    try:
        yield
    finally:
        _memory.reset(token)


def take(count: int, what: str) -> None:
    """Count `count` bytes that are kept, for `what` in the file."""
    memory = _memory.get()
    if memory is not None:
        memory.taken += count
        _check(memory, memory.taken, what)


def pass_through(count: int, what: str) -> None:
    """Count `count` bytes that `what` in the file needs for a while only, on the way to what is kept."""
    memory = _memory.get()
    if memory is not None:
        _check(memory, count, what)


def _check(memory: _Memory, count: int, what: str) -> None:
    if count > memory.most:
        raise TooMuch(
            f"the file holds {what}, and with it asks for {count:,} bytes of memory, where one of {memory.size:,} "
            f"bytes may take {memory.most:,}: it is no model, or damaged. If you trust it, load it with max_expansion="
            f"{math.ceil(count / max(1, memory.size))}."
        )


@contextlib.contextmanager
def weights_at_most(count: float, why: str = "asks for more weights than the file holds") -> Iterator[None]:
    """Within the block, layers may make weights of `count` numbers in all; `why` is said of a configuration of more."""
    token = _weights.set(_Weights(count, why))
    try:
        yield
    finally:
        _weights.reset(token)


def spend(layer: Any, shape: Sequence[int]) -> None:
    """Count a weight of this `shape`, which `layer` is about to make."""
    weights = _weights.get()
    if weights is None:
        return
    weights.left -= math.prod(shape)
    if weights.left < 0:
        raise TooMuch(
            f"the configuration in the file {weights.why}: layer {layer.name!r} wants one of shape {tuple(shape)}. "
            "The file is damaged, or its parts belong to different models."
        )


def of_machine() -> float:
    """How many numbers of 4 bytes this machine's memory holds; infinity where it does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 4
    except (AttributeError, OSError, ValueError):  # Windows has no such function
        return math.inf
