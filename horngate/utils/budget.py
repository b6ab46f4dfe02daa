"""Bounds on the memory that reading a file may take, against damaged and hostile files.

They hold in a `with` block, for the thread that reads. Requests are counted before memory is allocated.
"""

import contextlib
import math
import os
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

EXPANSION = 1000  # memory that a file may take, in multiples of its size; deflate reaches at most 1,030
SMALL = 2**25  # bytes that every file may take


class TooMuch(ValueError):
    """A file asks for more memory than it may."""


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
    """Let the content of a file of `size` bytes take `max_expansion` times its size, or 32 MiB, in the block.

    Inside another such block, the bounds of the outer one stay.
    """
    if _memory.get() is not None:
        yield
        return
    if isinstance(max_expansion, bool) or not isinstance(max_expansion, (int, float)) or not max_expansion >= 0:
        raise ValueError(f"max_expansion must be a number of at least 0; received {max_expansion!r}.")
    token = _memory.set(_Memory(size, max(SMALL, int(size * max_expansion))))
    try:
        yield
    finally:
        _memory.reset(token)


def take(count: int, what: str) -> None:
    """Count `count` bytes of lasting memory, for `what` in the file."""
    memory = _memory.get()
    if memory is not None:
        memory.taken += count
        _check(memory, memory.taken, what)
    elif (weights := _weights.get()) is not None:  # of a text, which holds no weights to compare it with
        weights.left -= count / 4
        if weights.left < 0:
            raise TooMuch(f"the configuration {weights.why}: {what} have {count:,} bytes.")


def pass_through(count: int, what: str) -> None:
    """Count `count` bytes of temporary memory, for `what` in the file."""
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
    """Allow layers to make weights of at most `count` numbers in the block; `why` goes into the error."""
    token = _weights.set(_Weights(count, why))
    try:
        yield
    finally:
        _weights.reset(token)


def spend(layer: Any, shape: Sequence[int]) -> None:
    """Count a weight of the given `shape`, which `layer` is about to make."""
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
    """The number of 4-byte numbers that fit into this machine's memory; infinity if it is unknown."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 4
    except (AttributeError, OSError, ValueError):  # Windows has no such function
        return math.inf
