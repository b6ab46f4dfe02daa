"""Number types as JAX holds them, and conversions for mixed precision."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend import config
from horngate.backend.types import DType


def jax_dtype(dtype: DType) -> np.dtype:
    """`dtype` as JAX will hold it: 64-bit numbers are narrowed unless floatx is float64."""
    return jax.dtypes.canonicalize_dtype(np.dtype(dtype))


def float_array(x: Any) -> jax.Array:
    """`x` as an array of floating (or complex) numbers: whole numbers and truth values as floatx."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(config.floatx())


def cast_floats(x: Any, dtype: DType) -> Any:
    """`x` in the number type `dtype` where it holds floating numbers; within lists too."""
    return jax.tree.map(lambda a: a.astype(dtype) if jnp.issubdtype(a.dtype, jnp.floating) else a, x)


def lengthened(x: Any, dtype: DType | None = None) -> Any:
    """`x` in `dtype` (floatx) where mixed precision left it in a shorter floating type."""
    wanted = np.dtype(dtype or config.floatx())
    shorter = jnp.issubdtype(x.dtype, jnp.floating) and x.dtype.itemsize < wanted.itemsize
    return x.astype(wanted) if shorter and jnp.issubdtype(wanted, jnp.floating) else x
