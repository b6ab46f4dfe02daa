"""Operators and array methods of symbols: outside a graph they record a node, inside they compute."""

import operator
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from horngate.backend.running import NeedsPython, recorder
from horngate.backend.types import Axis, DType, TensorLike


class Operators:
    """Operators and array methods, made of a subclass's `_applied`.

    They are Python's own operators, so that sizes from `K.shape` stay plain numbers in a running graph.
    """

    __array_ufunc__: None = None  # lets a NumPy array on the left leave the operation to us

    def _without_value(self, why: str) -> TypeError:
        """Return the error for what needs a value. A function that is recorded then runs on arrays, call by call."""
        by = recorder()
        kind = NeedsPython if by is not None and not by.computes else TypeError
        return kind(f"{self!r} is symbolic: {why}")

    def evaluated(self, why: str) -> np.ndarray:
        """Return the value of what depends on variables alone; `why`: for the error of other symbols."""
        raise self._without_value(why)

    def __float__(self) -> float:
        return float(self.evaluated("it is no number yet."))

    def __int__(self) -> int:
        return int(self.evaluated("it is no number yet."))

    def numpy(self) -> np.ndarray:
        """The value, as NumPy, of what depends on variables alone."""
        return self.evaluated("it has no value yet.")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        why = "NumPy needs its value. Use the functions of horngate.backend or horngate.ops."
        return np.asarray(self.evaluated(why), dtype)

    def _applied(self, function: Callable[..., Any], *args: Any) -> TensorLike:
        """Apply `function` to `args`, which include this symbol."""
        raise NotImplementedError

    def __add__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.add, self, other)

    def __radd__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.add, other, self)

    def __sub__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.sub, self, other)

    def __rsub__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.sub, other, self)

    def __mul__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.mul, self, other)

    def __rmul__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.mul, other, self)

    def __truediv__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.truediv, self, other)

    def __rtruediv__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.truediv, other, self)

    def __floordiv__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.floordiv, self, other)

    def __rfloordiv__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.floordiv, other, self)

    def __mod__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.mod, self, other)

    def __rmod__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.mod, other, self)

    def __pow__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.pow, self, other)

    def __rpow__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.pow, other, self)

    def __matmul__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.matmul, self, other)

    def __rmatmul__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.matmul, other, self)

    def __lt__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.lt, self, other)

    def __le__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.le, self, other)

    def __gt__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.gt, self, other)

    def __ge__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.ge, self, other)

    def __and__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.and_, self, other)

    def __or__(self, other: TensorLike) -> TensorLike:
        return self._applied(operator.or_, self, other)

    def __invert__(self) -> TensorLike:
        return self._applied(inverted, self)

    def __neg__(self) -> TensorLike:
        return self._applied(operator.neg, self)

    def __abs__(self) -> TensorLike:
        return self._applied(operator.abs, self)

    def __getitem__(self, key: Any) -> TensorLike:
        return self._applied(part, self, key)

    # Methods of arrays, so that code written for the inside of layers works outside too.

    def _method(self, name: str, *args: Any, **kwargs: Any) -> TensorLike:
        return self._applied(lambda x, *rest: getattr(jnp.asarray(x), name)(*rest, **kwargs), self, *args)

    def sum(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The sum along `axis`; other arguments as those of `jax.Array.sum`."""
        return self._method("sum", axis, *args, **kwargs)

    def mean(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The mean along `axis`; other arguments as those of `jax.Array.mean`."""
        return self._method("mean", axis, *args, **kwargs)

    def max(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The largest value along `axis`; other arguments as those of `jax.Array.max`."""
        return self._method("max", axis, *args, **kwargs)

    def min(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The smallest value along `axis`; other arguments as those of `jax.Array.min`."""
        return self._method("min", axis, *args, **kwargs)

    def prod(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The product along `axis`; other arguments as those of `jax.Array.prod`."""
        return self._method("prod", axis, *args, **kwargs)

    def std(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The square root of the variance along `axis`; other arguments as those of `jax.Array.std`."""
        return self._method("std", axis, *args, **kwargs)

    def var(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The biased variance along `axis`; other arguments as those of `jax.Array.var`."""
        return self._method("var", axis, *args, **kwargs)

    def argmax(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The number of the largest value along `axis`; other arguments as those of `jax.Array.argmax`."""
        return self._method("argmax", axis, *args, **kwargs)

    def argmin(self, axis: Axis = None, *args: Any, **kwargs: Any) -> TensorLike:
        """The number of the smallest value along `axis`; other arguments as those of `jax.Array.argmin`."""
        return self._method("argmin", axis, *args, **kwargs)

    def clip(self, *args: Any, **kwargs: Any) -> TensorLike:
        """Clip to two bounds; arguments as those of `jax.Array.clip`."""
        return self._method("clip", *args, **kwargs)

    def reshape(self, *shape: Any, **kwargs: Any) -> TensorLike:
        """Reshape to `shape`: one tuple, or its sizes."""
        return self._method("reshape", *shape, **kwargs)

    def transpose(self, *axes: Any) -> TensorLike:
        """Put the axes in the order `axes`, by default in reversed order."""
        return self._method("transpose", *axes)

    def flatten(self, *args: Any, **kwargs: Any) -> TensorLike:
        """Flatten to one axis; arguments as those of `jax.Array.flatten`."""
        return self._method("flatten", *args, **kwargs)

    def astype(self, dtype: DType, *args: Any, **kwargs: Any) -> TensorLike:
        """Convert to the number type `dtype`."""
        return self._method("astype", dtype, *args, **kwargs)

    def dot(self, *args: Any, **kwargs: Any) -> TensorLike:
        """The product with another array; arguments as those of `jax.Array.dot`."""
        return self._method("dot", *args, **kwargs)

    def dimshuffle(self, *pattern: Any) -> TensorLike:
        """Put axes in the order `pattern`, with a new axis for each 'x', as Theano does."""
        return self._applied(_dimshuffle, self, *pattern)

    @property
    def T(self) -> TensorLike:
        """The transpose."""
        return self.transpose()


def part(x: Any, key: Any) -> Any:
    """The part `x[key]` of an array, or of a tuple of sizes."""
    return x[key] if isinstance(x, tuple) else jnp.asarray(x)[key]


def inverted(x: Any) -> Any:
    """All bits of an array turned."""
    return jnp.bitwise_not(x)


def _dimshuffle(x, *pattern):
    kept = [axis for axis in pattern if axis != "x"]
    places = np.argsort(np.argsort(kept)).tolist()
    moved = jnp.transpose(jnp.squeeze(x, [a for a in range(x.ndim) if a not in kept]), places)
    return jnp.expand_dims(moved, [i for i, axis in enumerate(pattern) if axis == "x"])
