"""Memory between two runs of a program: kept, where the C library would hand it back to the system each time.

XLA allocates what a program needs for its intermediate results anew for each run. Blocks above 32 MB glibc takes from
the system and returns to it, which clears their pages once more when they are touched: a fifth of a step of ResNet50.
"""

import ctypes
import functools
import sys
from typing import Any

import jax

_LARGE = 2**25  # bytes; what is smaller glibc keeps by itself
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # names of glibc's mallopt
_kept = False


@functools.cache
def _library():
    """The C library, or None where it is not glibc."""
    try:
        library = ctypes.CDLL(None)
        return library if sys.platform == "linux" and library.mallopt and library.malloc_trim else None
    except (AttributeError, OSError, TypeError):
        return None


def keep_for(compiled: Any) -> None:
    """Keep freed memory from now on, if a compiled program needs much of it."""
    global _kept
    library = _library()
    if _kept or library is None or jax.default_backend() != "cpu":
        return
    analysis = compiled.memory_analysis()
    if analysis is not None and analysis.temp_size_in_bytes > _LARGE:
        _kept = True
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)


def give_back() -> None:
    """Hand what is free back to the system, and keep no more than glibc does by itself."""
    global _kept
    library = _library()
    if _kept and library is not None:
        _kept = False
        library.mallopt(_MMAP_MAX, 65536)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, 2 * _LARGE)
        library.malloc_trim(0)
