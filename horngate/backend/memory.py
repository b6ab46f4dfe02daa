"""Memory: reuse between runs of a program, and the error when there is not enough.

XLA allocates memory for intermediate results anew at each run. glibc gets blocks above 32 MB from the system and
returns them, and the system clears their pages each time: a fifth of a step of ResNet50.
"""

import ctypes
import functools
import math
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

if TYPE_CHECKING:
    from horngate.backend.function import Function

_LARGE = 2**25  # bytes; glibc reuses smaller blocks by itself
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
    """If a compiled program needs much memory, make glibc keep freed memory from now on."""
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
    """Return free memory to the system, and undo `keep_for`."""
    global _kept
    library = _library()
    if _kept and library is not None:
        _kept = False
        library.mallopt(_MMAP_MAX, 65536)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, 2 * _LARGE)
        library.malloc_trim(0)


class explained_out_of_memory:
    """Explain an out-of-memory error of a program of `function` in the block.

    Read the results in the block: a device reports the error only then. This is a class because a context manager made
    of a generator would slow down single predictions.
    """

    def __init__(self, function: "Function") -> None:
        self._function = function

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, jax.errors.JaxRuntimeError) and "RESOURCE_EXHAUSTED" in str(error):
            raise MemoryError(_sentence(self._function, str(error))) from error


def _sentence(function, error):
    """Say what is too large, and what to do."""
    found = re.search(r"Out of memory[^\n]*?(?=\.?(\n|$))", error)
    said = f" ({found[0]})" if found else ""
    largest = sorted(_sizes(function), reverse=True)[:4]
    return (
        f"{function.name}: the memory of {jax.devices()[0]} is not enough{said}. The largest that it holds: "
        f"{'; '.join(f'{what} {_in_words(size)}' for size, what in largest)}. Lower batch_size, make these smaller, or "
        "let layers compute in 16 bits: K.set_floatx('mixed_bfloat16') before they are made."
    )


def _sizes(function: "Function") -> Iterator[tuple[int, str]]:
    """Yield (bytes, what takes them): for variables, and for the output of each layer for one sample."""
    for variable in function.variables:
        size = math.prod(variable.shape) * np.dtype(variable.value.dtype).itemsize
        yield size, f"the variable {variable.label!r} of shape {tuple(variable.shape)}"
    for node in function.nodes:
        if (layer := getattr(node, "outbound_layer", None)) is None:
            continue
        for x in node.outputs:
            size = math.prod(n or 1 for n in x.shape) * 4
            yield size, f"the output of layer {layer.name!r} ({type(layer).__name__}) for each sample"


def _in_words(size: int) -> str:
    for unit, bytes_of_it in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_of_it:
            return f"{size / bytes_of_it:.3g} {unit}"
    return f"{size} bytes"
