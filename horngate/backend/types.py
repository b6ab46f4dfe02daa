"""The words of K's annotations: what may stand for a tensor, a shape, an axis and a number type."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

# A symbol (`Tensor`, `Variable`), an array of JAX or NumPy, a tracer, a number, or nested lists of numbers. A function
# of K gives a symbol where one went in outside of a running graph, else an array: no narrower type holds for both.
TensorLike: TypeAlias = Any

# Sizes that are given: a tuple or list, in which symbolic ones may stand, or what `K.shape` gives.
Sizes: TypeAlias = Any

# Sizes as they are known: None for one that is not. Any stands for it, so that who knows a size need not ask first.
Shape: TypeAlias = tuple[int | Any, ...]

# One axis, several, or None for all; negative ones count from the last.
Axis: TypeAlias = int | Sequence[int] | None

# `'float32'`, `np.float32` or `np.dtype('float32')`.
DType: TypeAlias = str | type[Any] | np.dtype[Any]
