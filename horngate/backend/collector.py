"""Python's garbage collector, held off while many objects are made that all stay."""

import contextlib
import gc


@contextlib.contextmanager
def collector_at_rest():
    """Within the block nothing is searched for garbage: in an import or a trace that would take a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
