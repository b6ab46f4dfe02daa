"""Numbers drawn from NumPy's global generator where no program asks for them."""

import contextlib
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def draws_undone() -> Iterator[None]:
    """A block after which NumPy's global generator is in the state in which it was before."""
    state = np.random.get_state(legacy=False)
    try:
        yield
    finally:
        np.random.set_state(state)
