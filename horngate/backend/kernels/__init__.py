"""Native kernels for CPU: where they come from, and whether they are used.

The build compiles `source/` for each instruction set; the library for this machine is loaded at the first use. Without
a library (no compiler, another processor), with `HORNGATE_KERNELS=off` and on other devices, JAX's own operations make
the same functions.
"""

import contextvars
import ctypes
import functools
import os
import pathlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import numpy as np

from horngate.backend.kernels.shares import SAMPLES, Samples
from horngate.backend.mesh import traced_layout
from horngate.utils.blocks import within

FOLDER = pathlib.Path(__file__).parent
_TARGETS = (
    "correlate input_gradient kernel_gradient max_pool max_pool_gradient max_pool_pick mean_pool mean_pool_gradient "
    "moments paired_sums rnn_forward rnn_backward adam rows"
)
TARGETS = tuple(_TARGETS.split())
# Part of the names of targets, by which cached programs call kernels. Raise it when the arguments of a kernel change.
_VERSION = 1
_wanted = contextvars.ContextVar("native_kernels_wanted", default=True)


def without() -> AbstractContextManager[None]:
    """Trace programs in the block without native kernels: for files, other devices and comparison."""
    return within(_wanted, False)


def library_file(vector_bytes: int) -> pathlib.Path:
    """The path of the library for vectors of that size; `HORNGATE_KERNELS` may name another folder."""
    # not .so, which Python would take for a module
    return pathlib.Path(os.environ.get("HORNGATE_KERNELS") or FOLDER) / f"kernels-{vector_bytes}.native"


@functools.cache
def _loaded() -> tuple[int | None, str | None]:
    """Load the library. Return (size of its vectors in bytes, None), or (None, why there is no library)."""
    if os.environ.get("HORNGATE_KERNELS") == "off":
        return None, "turned off by HORNGATE_KERNELS=off"
    try:
        size = int(
            os.environ.get("HORNGATE_VECTOR_BYTES") or ctypes.CDLL(str(library_file(16))).horngate_vector_bytes()
        )
        library = ctypes.CDLL(str(library_file(size)))
        for name in TARGETS:
            handler = jax.ffi.pycapsule(getattr(library, f"horngate_{name}"))
            jax.ffi.register_ffi_target(target(name), handler, platform="cpu")
    except OSError:
        return None, "not compiled when horngate was installed: no C++ compiler was found, or it failed"
    except Exception as error:  # the kind of error depends on the version of XLA
        return None, f"not accepted by this version of jax: {error}"
    return size, None


def target(name: str) -> str:
    """The name by which XLA knows a kernel."""
    return f"horngate_{name}_{_VERSION}"


def vector_bytes() -> int | None:
    """The size of the vectors of the library in use, or None."""
    return _loaded()[0]


def status() -> str:
    """What `show_config` prints about the kernels."""
    size, why = _loaded()
    return why or "" if size is None else f"vectors of {8 * size} bits"


def serve(*arrays: Any) -> bool:
    """Whether native kernels compute with these arrays in the current trace."""
    return (
        all(x.dtype == np.float32 for x in arrays)
        and _wanted.get()
        and jax.default_backend() == "cpu"
        and _loaded()[1] is None
    )


def call(
    name: str,
    shapes: Sequence[Sequence[int]],
    *arrays: Any,
    side_by_side: bool = False,
    places: dict[int, int] | None = None,
    **attributes: Any,
) -> Sequence[jax.Array]:
    """Call the kernel `name`; it returns float32 arrays of the given `shapes`.

    `side_by_side`: whether the kernel takes arrays from `vmap`, which all have one more axis in front. `places`: number
    of an argument -> number of the result that may reuse its memory.
    """
    vmap_method = "broadcast_all" if side_by_side else "sequential"

    def run(shapes, arrays, attributes):
        results = [jax.ShapeDtypeStruct(shape, np.float32) for shape in shapes]
        called = jax.ffi.ffi_call(target(name), results, vmap_method=vmap_method, input_output_aliases=places)
        return called(*arrays, **attributes)

    layout = traced_layout()
    if layout is None:
        return run(shapes, arrays, attributes)
    return _dealt_out(layout, name, run, shapes, arrays, attributes)


def _dealt_out(layout, name, run, shapes, arrays, attributes):
    """`run` on a mesh, where XLA would have each device compute on all samples."""
    taken, given, combine, counted = SAMPLES.get(name) or Samples([None] * len(arrays), [None] * len(shapes))
    given = [axis if axis is not None and axis < len(shape) else None for axis, shape in zip(given, shapes)]

    def on_one(shares, *arrays):
        cut = [
            tuple(size // shares if i == axis else size for i, size in enumerate(shape))
            for axis, shape in zip(given, shapes)
        ]
        own = dict(attributes)
        if counted:
            numbers = own["numbers"].copy()
            numbers[0] //= shares
            own["numbers"] = numbers
        return run(cut, arrays, own)

    return layout.on_shares(on_one, arrays, taken, given, combine)
