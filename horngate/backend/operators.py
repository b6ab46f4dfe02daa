"""Operators and array methods of symbols: outside a graph they record a node, inside they compute."""

import operator
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from horngate.backend.running import NeedsPython, recorder
from horngate.backend.tracebacks import in_package
from horngate.backend.types import Axis, DType, TensorLike

_NUMBERS = (bool, int, float, np.number, np.bool_, np.ndarray, jax.Array)


def _of_left(function: Callable[..., Any]) -> Any:
    """The method of an operator whose left side is the symbol."""
    return lambda self, other: self._applied(function, self, other)


def _of_right(function: Callable[..., Any]) -> Any:
    """The method of an operator whose right side is the symbol."""
    return lambda self, other: self._applied(function, other, self)


class Operators:
    """Operators and array methods, made of a subclass's `_applied`.

    They are Python's own operators, so that sizes from `K.shape` stay plain numbers in a running graph.
    """

    has_value: ClassVar[bool] = False  # whether it is computed when it is made

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> TensorLike:
        """Apply a function of NumPy, or an operator of a NumPy array on the left, as that of jax.numpy."""
        ours = getattr(jnp, ufunc.__name__, None)
        if method != "__call__" or kwargs or ours is None:
            raise self._without_value(
                f"np.{ufunc.__name__} needs its value here. Use the functions of horngate.backend or horngate.ops."
            )
        return self._applied(ours, *args)

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

    __add__: Any = _of_left(operator.add)
    __radd__: Any = _of_right(operator.add)
    __sub__: Any = _of_left(operator.sub)
    __rsub__: Any = _of_right(operator.sub)
    __mul__: Any = _of_left(operator.mul)
    __rmul__: Any = _of_right(operator.mul)
    __truediv__: Any = _of_left(operator.truediv)
    __rtruediv__: Any = _of_right(operator.truediv)
    __floordiv__: Any = _of_left(operator.floordiv)
    __rfloordiv__: Any = _of_right(operator.floordiv)
    __mod__: Any = _of_left(operator.mod)
    __rmod__: Any = _of_right(operator.mod)
    __pow__: Any = _of_left(operator.pow)
    __rpow__: Any = _of_right(operator.pow)
    __matmul__: Any = _of_left(operator.matmul)
    __rmatmul__: Any = _of_right(operator.matmul)
    __lt__: Any = _of_left(operator.lt)
    __le__: Any = _of_left(operator.le)
    __gt__: Any = _of_left(operator.gt)
    __ge__: Any = _of_left(operator.ge)
    __and__: Any = _of_left(operator.and_)
    __or__: Any = _of_left(operator.or_)

    def __eq__(self, other: object) -> Any:
        return self._compared(operator.eq, other)

    def __ne__(self, other: object) -> Any:
        return self._compared(operator.ne, other)

    if TYPE_CHECKING:

        def __hash__(self) -> int: ...

    else:
        __hash__ = object.__hash__  # in C: symbols are the keys of many dictionaries

    def _compared(self, function, other):
        """Compare each number, with numbers or while a step is recorded; two symbols of a graph as objects.

        horngate itself looks for symbols in lists, so that it always compares objects.
        """
        both = isinstance(other, Operators) and (self.has_value or recorder() is not None)
        if not (both or self._compares_numbers() and isinstance(other, _NUMBERS)) or in_package(sys._getframe(2)):
            return NotImplemented
        return self._applied(function, self, other)

    def _compares_numbers(self) -> bool:
        """Return whether `==` with a number compares numbers, not objects."""
        return True

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
