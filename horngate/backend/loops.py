"""A loop whose number of iterations is known only when it runs; run in blocks where that is faster."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
from jax import lax

Carry = TypeVar("Carry")
LARGEST_BLOCK = 64
_SMALLEST_BLOCK = 4


def host_is_asked() -> bool:
    """Whether the host decides after each iteration if another follows, as on a GPU.

    This takes as long as a small step. An inner loop whose number of iterations is compiled in avoids it.
    """
    return jax.default_backend() == "gpu"


def repeated(start: Any, stop: Any, body: Callable[[Any, Carry], Carry], carry: Carry, block: int = 1) -> Carry:
    """Run `lax.fori_loop` with an inner loop of `block` iterations, which must divide their number."""
    if block == 1:
        return lax.fori_loop(start, stop, body, carry)

    def run_block(number, carry):
        first = start + number * block
        return lax.fori_loop(0, block, lambda i, carry: body(first + i, carry), carry)

    return lax.fori_loop(0, (stop - start) // block, run_block, carry)


def block_of(iterations: int) -> int:
    """The largest block that divides `iterations`; 1 if none of at least 4 does."""
    largest = max(block for block in range(1, LARGEST_BLOCK + 1) if iterations % block == 0)
    return largest if largest >= _SMALLEST_BLOCK else 1
