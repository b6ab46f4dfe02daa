"""A loop whose number of iterations is known only when it runs; run in blocks where that is faster."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
from jax import lax

Carry = TypeVar("Carry")
LARGEST_BLOCK = 64
_SMALLEST_BLOCK = 4
_DECISIONS_A_PROGRAM = 20  # decisions of the host that one more program is worth


def host_is_asked() -> bool:
    """Whether the host decides after each iteration if another follows, as on a GPU.

    This takes as long as a small step. An inner loop whose number of iterations is compiled in avoids it.
    """
    return jax.default_backend() == "gpu"


def repeated(start: Any, stop: Any, body: Callable[[Any, Carry], Carry], carry: Carry, block: int = 1) -> Carry:
    """Run `lax.fori_loop` with an inner loop of `block` iterations, which must divide `stop - start`."""
    if block == 1:
        return lax.fori_loop(start, stop, body, carry)

    def run_block(number, carry):
        first = start + number * block
        return lax.fori_loop(0, block, lambda i, carry: body(first + i, carry), carry)

    return lax.fori_loop(0, (stop - start) // block, run_block, carry)


def block_of(iterations: int) -> int:
    """How many of these iterations to run in a block, so that the host decides seldom; 1 for fewer than 4.

    Iterations that fill no block run one by one in a program of their own, which must be compiled.
    """
    if iterations < _SMALLEST_BLOCK:
        return 1

    def decisions(block):
        blocks, left = divmod(iterations, block)
        return blocks + (left + _DECISIONS_A_PROGRAM if left else 0)

    return min(range(_SMALLEST_BLOCK, min(iterations, LARGEST_BLOCK) + 1), key=decisions)
