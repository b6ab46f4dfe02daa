"""Loops whose number of turns is told when they run."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax import lax

Carry = TypeVar("Carry")
LARGEST_BLOCK = 64  # turns between two questions to the host


def host_is_asked() -> bool:
    """Whether the host decides after each turn if there is another, which on a GPU takes as long as a small step."""
    return jax.default_backend() == "gpu"


def turns(start: Any, stop: Any, body: Callable[[Any, Any, Carry], Carry], carry: Carry, block: int = 1) -> Carry:
    """`lax.fori_loop` of `body(i, counts, carry)`, in blocks of so many turns that the host is asked once for each.

    The last block may go on behind `stop`: there `counts` is False, and `body` is to leave what it was given. It is
    None in a loop without blocks.
    """
    if block == 1:
        return lax.fori_loop(start, stop, lambda i, carry: body(i, None, carry), carry)

    def several(number, carry):
        first = start + number * block
        return lax.fori_loop(0, block, lambda i, carry: body(first + i, first + i < stop, carry), carry)

    return lax.fori_loop(0, (stop - start + block - 1) // block, several, carry)


def block_of(most: int) -> int:
    """How many turns to put into a block where a loop has up to `most`: few blocks, and few turns that do not count."""

    def cost(block):
        blocks = -(-most // block)
        return blocks + 2 * (blocks * block - most)

    return min(range(1, LARGEST_BLOCK + 1), key=cost)


def chosen(counts: Any, new: Any, old: Any) -> Any:
    """For a turn that `counts`, or is in a loop without blocks, the `new` values, else the `old` ones."""
    if counts is None:
        return new
    return jax.tree.map(lambda a, b: a if a is b else jnp.where(counts, a, b), new, old)
