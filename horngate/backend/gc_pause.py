"""Python's garbage collector, held off while many objects are made that all stay."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def gc_paused(stays: bool = False) -> Iterator[None]:
    """Within the block nothing is searched for garbage: in an import or a trace that would take a tenth of the time.

    `stays`: what exists at the end is not searched later either, as it stays while the process does; what Python frees
    by counting references, it frees as before.
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
