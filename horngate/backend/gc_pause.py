"""A pause of Python's garbage collector while many lasting objects are made."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def gc_paused(stays: bool = False) -> Iterator[None]:
    """Pause the cyclic garbage collector in the block; in an import or a trace it would take a tenth of the time.

    `stays`: never search the objects that exist at the end of the block, since they last as long as the process.
    Reference counting goes on as before.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        if stays:
            gc.freeze()
    finally:
        if was_on:
            gc.enable()
