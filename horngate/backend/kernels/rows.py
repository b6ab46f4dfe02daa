"""Samples in NumPy's memory: a native kernel gathers the rows of a batch from there, without a copy of all."""

import math
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from horngate.backend import kernels
from horngate.backend.mesh import Layout, placed

_WORTH_IT = 1 << 17  # bytes; copying smaller arrays costs nothing
_KINDS = "fiub"


@dataclass(eq=False)
class HostRows:
    """An array in NumPy's memory, from which compiled programs gather rows.

    To JAX it is a tree with the array's address as its only leaf, so programs depend on the shape and type alone.
    """

    address: np.ndarray
    shape: tuple[int, ...]
    dtype: np.dtype
    array: Any = None

    @classmethod
    def of(cls, array: np.ndarray) -> "HostRows":
        """Make one for `array`, and keep the array alive."""
        halves = np.array([array.ctypes.data], np.uint64).view(np.uint32)
        return cls(halves, array.shape, array.dtype, array)

    def __getitem__(self, chosen: Any) -> np.ndarray:
        return self.array[chosen]

    def gathered(self, chosen: jax.Array, address: Any = None) -> jax.Array:
        """In a program: gather the rows with the numbers `chosen` (uint32); the program may pass the `address`."""
        result = jax.ShapeDtypeStruct((*chosen.shape, *self.shape[1:]), self.dtype)
        run = jax.ffi.ffi_call(kernels.target("rows"), result, vmap_method="expand_dims")
        bytes_of_row = self.dtype.itemsize * math.prod(self.shape[1:])
        return run(
            self.address if address is None else address,
            chosen,
            numbers=np.array([self.shape[0], bytes_of_row], np.int64),
        )


jax.tree_util.register_pytree_node(
    HostRows, lambda rows: ((rows.address,), (rows.shape, rows.dtype)), lambda kind, leaves: HostRows(*leaves, *kind)
)


def at_hand(array: np.ndarray, layout: Layout | None = None) -> "HostRows | jax.Array":
    """Prepare `array` for gathering rows: as `HostRows` if native code can read it, else on the device or devices."""
    return HostRows.of(array) if array.nbytes >= _WORTH_IT and _is_readable(array) else placed(array, layout)


def _is_readable(array):
    """Return whether native code can read the rows of an array in NumPy's memory."""
    usable = array.dtype.kind in _KINDS and array.dtype.isnative and array.dtype.itemsize <= 4
    return usable and array.flags.c_contiguous and kernels.serve()


def stay_on_host(arrays: Any) -> bool:
    """Return whether `at_hand` puts none of these arrays, except for small ones, on each device."""
    large = (array for array in arrays if array is not None and array.nbytes >= _WORTH_IT)
    return all(isinstance(array, np.ndarray) and _is_readable(array) for array in large)


def gathered(array: "HostRows | jax.Array", chosen: jax.Array, layout: Layout | None = None) -> jax.Array:
    """In a program: gather the rows `chosen` (uint32) of what `at_hand` returned."""
    if isinstance(array, HostRows):
        if layout is None:
            return array.gathered(chosen)

        def run(shares, address, chosen):
            return [array.gathered(chosen, address)]

        return layout.on_shares(run, [array.address, chosen], [None, 0], [0])[0]
    rows = array.at[chosen].get(mode="promise_in_bounds")
    # a GPU would gather them again in each loop that uses them
    return lax.optimization_barrier(rows) if jax.default_backend() == "gpu" else rows
