"""Types for annotations: tensors, shapes, axes and number types, as K takes them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

# A symbol (`Tensor`, `Variable`), an array of JAX or NumPy, a tracer, a number, or nested lists of numbers. A function
# of K returns a symbol for a symbol outside of a running graph, else an array: no narrower type fits both.
TensorLike: TypeAlias = Any

# Sizes as arguments: a tuple or list, which may hold symbols, or the result of `K.shape`.
Sizes: TypeAlias = Any

# Sizes as results: None for unknown ones. Typed Any, so that code that knows a size need not check for None.
Shape: TypeAlias = tuple[int | Any, ...]

# One axis, several, or None for all; negative ones count from the last.
Axis: TypeAlias = int | Sequence[int] | None

# One number, or one for each axis of space.
PerAxis: TypeAlias = int | Sequence[int]

# `'float32'`, `np.float32` or `np.dtype('float32')`.
DType: TypeAlias = str | type[Any] | np.dtype[Any]
