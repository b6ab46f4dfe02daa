"""Blocks in which a context variable has another value."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TypeVar

Value = TypeVar("Value")


@contextlib.contextmanager
def within(variable: ContextVar[Value], value: Value) -> Iterator[None]:
    """Give `variable` the `value` within the block, in this thread only."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)
