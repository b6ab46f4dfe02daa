"""Array functions of K: products, indexing, reductions, arithmetic, choices between values."""

import builtins
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

from horngate.backend import config
from horngate.backend.derivatives import with_gradient
from horngate.backend.dtypes import float_array
from horngate.backend.function import learning_phase
from horngate.backend.graph import Tensor, call_op, jax_dtype, op
from horngate.backend.mesh import Layout, traced_layout
from horngate.backend.orders import of_eras
from horngate.backend.ranges import numbers_below
from horngate.backend.shapes import are_sizes, axes_of
from horngate.backend.types import Axis, DType, PerAxis, TensorLike

# Products


@op
def dot(x: TensorLike, y: TensorLike) -> TensorLike:
    """The product of the last axis of `x` with the last axis but one of `y`.

    >>> import numpy as np
    >>> dot(np.ones((2, 3, 4)), np.ones((5, 4, 6))).shape
    (2, 3, 5, 6)
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    if x.ndim > 2 and y.ndim == 2:  # as a product of matrices, whose gradients need no transposition
        return jnp.dot(lax.collapse(x, 0, x.ndim - 1), y).reshape(*x.shape[:-1], y.shape[1])
    return jnp.dot(x, y)


@op
def batch_dot(x: TensorLike, y: TensorLike, axes: PerAxis | None = None) -> TensorLike:
    """For each sample, the sum of products over axis `axes[0]` of `x` and axis `axes[1]` of `y`.

    The result has the batch axis, the remaining axes of `x`, then those of `y`; at least (batch, 1). In the eras 1.2
    and 2, arrays of more than three axes that agree in all but the last two are matrices, which are multiplied.
    `axes`: a pair, or one number for both; by default the last of `x` and the last but one of `y`.

    >>> import numpy as np
    >>> batch_dot(np.ones((8, 20)), np.ones((8, 30, 20)), axes=(1, 2)).shape
    (8, 30)
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    if axes is None:
        axes = (x.ndim - 1, builtins.max(y.ndim - 2, 1))
    first, second = (axes, axes) if isinstance(axes, int) else axes
    contracted = (first % x.ndim, second % y.ndim)
    if config.era().generation in ("1.2", "2") and builtins.max(x.ndim, y.ndim) > 3 and _are_matrices(x, y, contracted):
        return _product_of_matrices(x, y, contracted)
    if 0 in contracted:
        raise ValueError(f"batch_dot cannot sum over the batch axis; received axes={axes} for {x.shape} and {y.shape}")
    x, y = promoted(x, y)
    out = lax.dot_general(x, y, (((contracted[0],), (contracted[1],)), ((0,), (0,))))
    return out[:, None] if out.ndim == 1 else out


def _are_matrices(x, y, contracted):
    """Whether all axes but the last two are alike, one of which is summed over: so TensorFlow 1 multiplied."""
    rank = builtins.max(x.ndim, y.ndim)
    return (
        x.shape[: rank - 2] == y.shape[: rank - 2]
        and builtins.min(x.ndim, y.ndim) >= rank - 1
        and builtins.min(contracted) >= rank - 2
    )


def _product_of_matrices(x, y, contracted):
    """The products of matrices that the last two axes hold; a last axis that one lacks has size 1."""
    rank = builtins.max(x.ndim, y.ndim)
    short_x, short_y = x.ndim < rank, y.ndim < rank
    x, y = promoted(x[..., None] if short_x else x, y[..., None] if short_y else y)
    x = x if contracted[0] == rank - 1 else jnp.swapaxes(x, -1, -2)
    y = jnp.swapaxes(y, -1, -2) if contracted[1] == rank - 1 else y
    out = jnp.matmul(x, y)
    return out[..., 0, :] if short_x else out[..., 0] if short_y else out


def promoted(*arrays: TensorLike) -> list[jax.Array]:
    """Convert the arrays to the common number type that holds them all."""
    made = [jnp.asarray(array) for array in arrays]
    dtype = jnp.result_type(*made)
    return [array.astype(dtype) for array in made]


@op
def transpose(x: TensorLike) -> TensorLike:
    """`x` with its axes in reversed order."""
    return jnp.transpose(jnp.asarray(x))


@op
def gather(reference: TensorLike, indices: TensorLike) -> TensorLike:
    """Rows of `reference` by number: the shape of `indices` followed by that of a row."""
    reference, indices = jnp.asarray(reference), jnp.asarray(indices)
    layout, numbers = traced_layout(), indices.astype("int32")
    if layout is not None and reference.ndim > 1 and numbers.size < len(reference):
        rows = _few_rows(layout, reference, numbers)
    else:
        rows = jnp.take(reference, numbers, axis=0)
    return without_number(indices.reshape(indices.shape + (1,) * (reference.ndim - 1)), rows)


@with_gradient(constants=1)
def _few_rows(layout: Layout, reference: jax.Array, numbers: jax.Array) -> jax.Array:
    """Gather rows on a mesh. For the gradient, the devices send each other the rows, not the whole of `reference`."""
    return jnp.take(reference, numbers, axis=0)


def _few_rows_backward(layout, kept, g):
    (count, numbers), whole = kept, layout.at()
    numbers, g = (lax.with_sharding_constraint(x, whole) for x in (numbers, g))
    return jnp.zeros((count, *g.shape[numbers.ndim :]), g.dtype).at[numbers].add(g), None


_few_rows.defvjp(
    lambda layout, reference, numbers: (_few_rows(layout, reference, numbers), (len(reference), numbers)),
    _few_rows_backward,
)


def without_number(indices: TensorLike, result: TensorLike) -> TensorLike:
    """Set `result` to NaN wherever `indices` is NaN, which integers cannot express."""
    if not (jnp.issubdtype(indices.dtype, jnp.inexact) and jnp.issubdtype(result.dtype, jnp.inexact)):
        return result
    return jnp.where(jnp.isnan(indices), jnp.nan, result)


@of_eras(key="backend.one_hot", same=2)
@op
def one_hot(indices: TensorLike, nb_classes: int) -> TensorLike:
    """Rows of zeros with a one at the place that each of `indices` gives: (..., nb_classes).

    An index other than a whole number from 0 to `nb_classes` - 1 gives only zeros; NaN gives NaN.
    """
    if not isinstance(indices, jax.Array):
        indices = np.asarray(indices)
        indices = np.clip(indices, -1, nb_classes) if indices.dtype.kind in "iu" else indices  # before it is narrowed
    indices = jnp.asarray(indices)[..., None]
    return without_number(indices, (indices == jnp.arange(nb_classes)).astype(config.floatx()))


# Reductions


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _extreme(reduce, axis, x):
    """The largest or smallest (`reduce`) along `axis`, with size 1. Equal elements share its gradient, and so do NaNs.

    JAX's own gradient gives NaN, which equals nothing, no share.
    """
    return reduce(x, axis, keepdims=True)


@_extreme.defjvp
def _extreme_slopes(reduce, axis, given, tangents):
    (x,), (t,) = given, tangents
    y: Any = _extreme(reduce, axis, x)
    chosen = (x == y) | (x != x)
    count = jnp.sum(chosen, axis, keepdims=True, dtype=t.dtype)
    return y, jnp.sum(jnp.where(chosen, t, 0), axis, keepdims=True) / count


def _reduced(reduce, x, axis, keepdims):
    x, axis = jnp.asarray(x), axes_of(axis)
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        return reduce(x, axis, keepdims=keepdims)
    y: Any = _extreme(reduce, axis, x)
    return y if keepdims else jnp.squeeze(y, axis)


@op
def max(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """The largest value of `x` along `axis` (one, several, or all); NaN where there is one.

    `keepdims`: whether the axes stay, with size 1.
    """
    return _reduced(jnp.max, x, axis, keepdims)


@op
def min(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """The smallest value of `x` along `axis` (one, several, or all); NaN where there is one.

    `keepdims`: whether the axes stay, with size 1.
    """
    return _reduced(jnp.min, x, axis, keepdims)


@op
def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """The sum of `x` along `axis` (one, several, or all). `keepdims`: whether the axes stay, with size 1."""
    return jnp.sum(jnp.asarray(x), axes_of(axis), keepdims=keepdims)


@op
def prod(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """The product of `x` along `axis` (one, several, or all). `keepdims`: whether the axes stay, with size 1."""
    if are_sizes(x) and axis is None and not keepdims:
        return int(np.prod(x, dtype=int))
    return jnp.prod(jnp.asarray(x), axes_of(axis), keepdims=keepdims)


@op
def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """The mean of `x` along `axis` (one, several, or all); truth values count as 0 and 1.

    `keepdims`: whether the axes stay, with size 1.
    """
    return jnp.mean(float_array(x), axes_of(axis), keepdims=keepdims)


@op
def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """The biased variance of `x` along `axis`: mean of (x - mean)^2. `keepdims`: whether the axes stay, with size 1."""
    return jnp.var(float_array(x), axes_of(axis), keepdims=keepdims)


@op
def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """The square root of the biased variance of `x` along `axis`. `keepdims`: whether the axes stay, with size 1."""
    return jnp.std(float_array(x), axes_of(axis), keepdims=keepdims)


@op
def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """Whether some element of `x` along `axis` is true. `keepdims`: whether the axes stay, with size 1."""
    return jnp.any(jnp.asarray(x), axes_of(axis), keepdims=keepdims)


@op
def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """Whether every element of `x` along `axis` is true. `keepdims`: whether the axes stay, with size 1."""
    return jnp.all(jnp.asarray(x), axes_of(axis), keepdims=keepdims)


@op
def argmax(x: TensorLike, axis: int | None = -1) -> TensorLike:
    """The number of the largest element of `x` along `axis`."""
    x = jnp.asarray(x)
    return numbers_below(jnp.argmax(x, axis), x.size if axis is None else x.shape[axis])


@op
def argmin(x: TensorLike, axis: int | None = -1) -> TensorLike:
    """The number of the smallest element of `x` along `axis`."""
    return jnp.argmin(jnp.asarray(x), axis)


@op
def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> TensorLike:
    """log(sum(exp(x))) along `axis`, without overflow. `keepdims`: whether the axes stay, with size 1."""
    return jax.nn.logsumexp(float_array(x), axes_of(axis), keepdims=keepdims)


@op
def cumsum(x: TensorLike, axis: int | None = 0) -> TensorLike:
    """The running sum of `x` along `axis`."""
    return jnp.cumsum(jnp.asarray(x), axis)


# Element by element


@op
def square(x: TensorLike) -> TensorLike:
    """x * x."""
    return jnp.square(jnp.asarray(x))


@op
def abs(x: TensorLike) -> TensorLike:
    """The absolute value of `x`; its gradient at 0 is 0."""
    x = jnp.asarray(x)
    return jnp.abs(x) if jnp.iscomplexobj(x) else x * lax.stop_gradient(jnp.sign(x))


@op
def sqrt(x: TensorLike) -> TensorLike:
    """The square root of `x`; negative numbers count as 0."""
    return jnp.sqrt(jnp.clip(float_array(x), 0, jnp.inf))


@op
def exp(x: TensorLike) -> TensorLike:
    """The exponential function e^x."""
    return jnp.exp(float_array(x))


@op
def log(x: TensorLike) -> TensorLike:
    """The natural logarithm of `x`."""
    return jnp.log(float_array(x))


@op
def round(x: TensorLike) -> TensorLike:
    """The whole number nearest to `x`; halves go to the even one."""
    return jnp.round(jnp.asarray(x))


@op
def sign(x: TensorLike) -> TensorLike:
    """The sign of `x`: -1, 0 or 1."""
    return jnp.sign(jnp.asarray(x))


@op
def pow(x: TensorLike, a: TensorLike) -> TensorLike:
    """`x` to the power of `a`."""
    return jnp.asarray(x) ** a


@op
def clip(x: TensorLike, min_value: TensorLike | None, max_value: TensorLike | None) -> TensorLike:
    """`x` clipped to [`min_value`, `max_value`]; either may be None.

    If the bounds cross, `min_value` wins. At a bound the gradient is that of `x`.
    """
    x = jnp.asarray(x)
    upper = x if max_value is None else jnp.where((x > max_value) | (max_value != max_value), max_value, x)
    return upper if min_value is None else jnp.where((upper < min_value) | (min_value != min_value), min_value, upper)


@op
def equal(x: TensorLike, y: TensorLike) -> TensorLike:
    """Whether x == y, element by element."""
    return jnp.equal(jnp.asarray(x), jnp.asarray(y))


@op
def not_equal(x: TensorLike, y: TensorLike) -> TensorLike:
    """Whether x != y, element by element."""
    return jnp.not_equal(jnp.asarray(x), jnp.asarray(y))


@op
def greater(x: TensorLike, y: TensorLike) -> TensorLike:
    """Whether x > y, element by element."""
    return jnp.greater(jnp.asarray(x), jnp.asarray(y))


@op
def greater_equal(x: TensorLike, y: TensorLike) -> TensorLike:
    """Whether x >= y, element by element."""
    return jnp.greater_equal(jnp.asarray(x), jnp.asarray(y))


@op
def lesser(x: TensorLike, y: TensorLike) -> TensorLike:
    """Whether x < y, element by element."""
    return jnp.less(jnp.asarray(x), jnp.asarray(y))


@op
def lesser_equal(x: TensorLike, y: TensorLike) -> TensorLike:
    """Whether x <= y, element by element."""
    return jnp.less_equal(jnp.asarray(x), jnp.asarray(y))


@op
def maximum(x: TensorLike, y: TensorLike) -> TensorLike:
    """The larger of `x` and `y`, element by element."""
    return jnp.maximum(jnp.asarray(x), jnp.asarray(y))


@op
def minimum(x: TensorLike, y: TensorLike) -> TensorLike:
    """The smaller of `x` and `y`, element by element."""
    return jnp.minimum(jnp.asarray(x), jnp.asarray(y))


@op
def sin(x: TensorLike) -> TensorLike:
    """The sine of an angle `x` in radians."""
    return jnp.sin(float_array(x))


@op
def cos(x: TensorLike) -> TensorLike:
    """The cosine of an angle `x` in radians."""
    return jnp.cos(float_array(x))


@op
def cast(x: TensorLike, dtype: DType) -> TensorLike:
    """`x` in the number type `dtype`: `'float32'`, `'int32'`, `'bool'`..."""
    return jnp.asarray(x).astype(jax_dtype(dtype))


# Choices


def switch(
    condition: TensorLike,
    then_expression: TensorLike | Callable[[], TensorLike],
    else_expression: TensorLike | Callable[[], TensorLike],
) -> TensorLike:
    """`then_expression` where `condition` holds, else `else_expression`, element by element.

    A condition with fewer axes broadcasts as in NumPy. The expressions may be functions without arguments.
    """
    then_value = then_expression() if callable(then_expression) else then_expression
    else_value = else_expression() if callable(else_expression) else else_expression
    return call_op(_where, condition, then_value, else_value)


def _where(condition, x, y):
    if 0 in (*jnp.shape(x), *jnp.shape(y)) and not (jnp.ndim(condition) or isinstance(condition, Tracer)):
        return x if condition else y  # the one without rows may stand for nothing
    return jnp.where(jnp.asarray(condition) != 0, x, y)


def in_train_phase(
    x: TensorLike | Callable[[], TensorLike], alt: TensorLike | Callable[[], TensorLike], training: Any = None
) -> TensorLike:
    """`x` in the training phase, `alt` in the test phase; either may be a function without arguments.

    `training`: whether it is the training phase; None for the phase of the running function.
    """
    phase = learning_phase() if training is None else int(training) if isinstance(training, bool) else training
    if isinstance(phase, Tensor):
        return call_op(_by_phase, phase, _called(x), _called(alt))
    return _called(x if phase else alt)


def in_test_phase(
    x: TensorLike | Callable[[], TensorLike], alt: TensorLike | Callable[[], TensorLike], training: Any = None
) -> TensorLike:
    """`x` in the test phase, `alt` in the training phase; either may be a function without arguments.

    `training`: whether it is the training phase; None for the phase of the running function.
    """
    return in_train_phase(alt, x, training)


def _called(x):
    return x() if callable(x) else x


def _by_phase(phase, x, alt):
    if isinstance(phase, int):
        return x if phase else alt
    return jnp.where(phase, x, alt)  # the phase is unknown while shapes are inferred


@op
def stop_gradient(variables: TensorLike) -> TensorLike:
    """Treat `variables` (one tensor or a list) as constants: no gradient flows through them."""
    return jax.tree.map(lambda x: lax.stop_gradient(jnp.asarray(x)), variables)


@op
def print_tensor(x: TensorLike, message: str = "") -> TensorLike:
    """Return `x` itself; print `message` and its value whenever it is computed."""
    jax.debug.callback(lambda value: print(message, value), x)
    return x


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is an output of a layer (or `Input`)."""
    return isinstance(x, Tensor) and x._keras_history is not None


def array_function(name: str) -> Callable[..., TensorLike]:
    """The function of NumPy, of `jax.nn` or of SciPy's `special` of that name, for arrays and symbolic tensors.

    >>> float(array_function('hypot')(3.0, 4.0))
    5.0
    """
    from jax.scipy import special  # deferred: few programs need it

    homes = (jnp, jax.nn, special)
    function = next((found for home in homes if (found := getattr(home, name, None)) is not None), None)
    if function is None:
        raise AttributeError(f"there is no array function {name!r}: write it of K's functions or of jax.numpy")
    return op(function)
