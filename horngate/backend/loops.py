"""A loop whose number of iterations is told when it runs, in blocks where that is faster."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
from jax import lax

Carry = TypeVar("Carry")
LARGEST_BLOCK = 64
_SMALLEST_BLOCK = 4


def host_is_asked() -> bool:
    """Whether the host decides after each iteration if there is another, as on a GPU.

    That takes as long as a small step. It is not asked within an inner loop whose number of iterations is compiled in.
    """
    return jax.default_backend() == "gpu"


def repeated(start: Any, stop: Any, body: Callable[[Any, Carry], Carry], carry: Carry, block: int = 1) -> Carry:
    """`lax.fori_loop`, with an inner loop of `block` iterations; their number must be a multiple of it."""
    if block == 1:
        return lax.fori_loop(start, stop, body, carry)

    def run_block(number, carry):
        first = start + number * block
        return lax.fori_loop(0, block, lambda i, carry: body(first + i, carry), carry)

    return lax.fori_loop(0, (stop - start) // block, run_block, carry)


def block_of(iterations: int) -> int:
    """The largest block of which `iterations` are a multiple; 1 where there is none of at least 4."""
    largest = max(block for block in range(1, LARGEST_BLOCK + 1) if iterations % block == 0)
    return largest if largest >= _SMALLEST_BLOCK else 1
