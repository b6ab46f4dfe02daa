"""Loops whose number of turns is told when they run."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
from jax import lax

Carry = TypeVar("Carry")
LARGEST_BLOCK = 64  # turns between two questions to the host
_WORTH_IT = 4


def host_is_asked() -> bool:
    """Whether the host decides after each turn if there is another, which on a GPU takes as long as a small step."""
    return jax.default_backend() == "gpu"


def turns(start: Any, stop: Any, body: Callable[[Any, Carry], Carry], carry: Carry, block: int = 1) -> Carry:
    """`lax.fori_loop`, in blocks of so many turns that the host is asked once for each; they must fill blocks."""
    if block == 1:
        return lax.fori_loop(start, stop, body, carry)

    def several(number, carry):
        first = start + number * block
        return lax.fori_loop(0, block, lambda i, carry: body(first + i, carry), carry)

    return lax.fori_loop(0, (stop - start) // block, several, carry)


def block_of(turns: int) -> int:
    """How many turns to put into a block so that `turns` fill blocks; 1 where few blocks are not to be had."""
    largest = max(block for block in range(1, LARGEST_BLOCK + 1) if turns % block == 0)
    return largest if largest >= _WORTH_IT else 1
