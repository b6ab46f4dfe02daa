"""Array functions of K: arithmetic, reductions, shapes, indexing, choices between values."""

import builtins
import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from horngate.backend import config
from horngate.backend.function import learning_phase
from horngate.backend.graph import Tensor, active_scope, call_op, jax_dtype, op
from horngate.backend.orders import of_eras
from horngate.backend.ranges import numbers_below, same_numbers

# Products


@op
def dot(x, y):
    """The product of the last axis of `x` with the last axis but one of `y`.

    >>> import numpy as np
    >>> dot(np.ones((2, 3, 4)), np.ones((5, 4, 6))).shape
    (2, 3, 5, 6)
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    if x.ndim > 2 and y.ndim == 2:  # of one matrix with the other: so their gradients need no transposition
        return jnp.dot(lax.collapse(x, 0, x.ndim - 1), y).reshape(*x.shape[:-1], y.shape[1])
    return jnp.dot(x, y)


@op
def batch_dot(x, y, axes=None):
    """For each sample, the sum of products over axis `axes[0]` of `x` and axis `axes[1]` of `y`.

    The result's axes are the batch, those left of `x`, those left of `y`; at least (batch, 1).
    `axes`: one number stands for both; by default the last of `x` and the last but one of `y`.

    >>> import numpy as np
    >>> batch_dot(np.ones((8, 20)), np.ones((8, 30, 20)), axes=(1, 2)).shape
    (8, 30)
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    if axes is None:
        axes = (x.ndim - 1, builtins.max(y.ndim - 2, 1))
    first, second = (axes, axes) if isinstance(axes, int) else axes
    contracted = (first % x.ndim, second % y.ndim)
    if 0 in contracted:
        raise ValueError(f"batch_dot cannot sum over the batch axis; received axes={axes} for {x.shape} and {y.shape}")
    x, y = promoted(x, y)
    out = lax.dot_general(x, y, (((contracted[0],), (contracted[1],)), ((0,), (0,))))
    return out[:, None] if out.ndim == 1 else out


def promoted(*arrays):
    """The arrays, all in the number type that holds them all."""
    arrays = [jnp.asarray(array) for array in arrays]
    dtype = jnp.result_type(*arrays)
    return [array.astype(dtype) for array in arrays]


@op
def transpose(x):
    """`x` with its axes in reversed order."""
    return jnp.transpose(jnp.asarray(x))


@op
def gather(reference, indices):
    """Rows of `reference` by number: the shape of `indices` followed by that of a row."""
    reference, indices = jnp.asarray(reference), jnp.asarray(indices)
    rows = jnp.take(reference, indices.astype("int32"), axis=0)
    return without_number(indices.reshape(indices.shape + (1,) * (reference.ndim - 1)), rows)


def without_number(indices, result):
    """`result`, NaN wherever that of `indices` from which it comes is NaN, which no whole number tells."""
    if not (jnp.issubdtype(indices.dtype, jnp.inexact) and jnp.issubdtype(result.dtype, jnp.inexact)):
        return result
    return jnp.where(jnp.isnan(indices), jnp.nan, result)


# Reductions


def _axes(axis):
    return tuple(axis) if isinstance(axis, (list, np.ndarray)) else axis


def _float(x):
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(config.floatx())


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _extreme(reduce, axis, x):
    """The largest or smallest (`reduce`) along `axis`, which is kept; equal ones share its gradient, and so do NaNs.

    In JAX's own gradient NaN, which equals nothing, has no part.
    """
    return reduce(x, axis, keepdims=True)


@_extreme.defjvp
def _extreme_slopes(reduce, axis, given, tangents):
    (x,), (t,) = given, tangents
    y = _extreme(reduce, axis, x)
    chosen = (x == y) | (x != x)
    count = jnp.sum(chosen, axis, keepdims=True, dtype=t.dtype)
    return y, jnp.sum(jnp.where(chosen, t, 0), axis, keepdims=True) / count


def _reduced(reduce, x, axis, keepdims):
    x, axis = jnp.asarray(x), _axes(axis)
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        return reduce(x, axis, keepdims=keepdims)
    y = _extreme(reduce, axis, x)
    return y if keepdims else jnp.squeeze(y, axis)


@op
def max(x, axis=None, keepdims=False):
    """The largest value along `axis` (one, several, or all); NaN where there is one."""
    return _reduced(jnp.max, x, axis, keepdims)


@op
def min(x, axis=None, keepdims=False):
    """The smallest value along `axis` (one, several, or all); NaN where there is one."""
    return _reduced(jnp.min, x, axis, keepdims)


@op
def sum(x, axis=None, keepdims=False):
    """The sum along `axis` (one, several, or all)."""
    return jnp.sum(jnp.asarray(x), _axes(axis), keepdims=keepdims)


@op
def prod(x, axis=None, keepdims=False):
    """The product along `axis` (one, several, or all)."""
    if _are_sizes(x) and axis is None and not keepdims:
        return int(np.prod(x, dtype=int))
    return jnp.prod(jnp.asarray(x), _axes(axis), keepdims=keepdims)


@op
def mean(x, axis=None, keepdims=False):
    """The mean along `axis` (one, several, or all); truth values count as 0 and 1."""
    return jnp.mean(_float(x), _axes(axis), keepdims=keepdims)


@op
def var(x, axis=None, keepdims=False):
    """The biased variance along `axis`: mean of (x - mean)^2."""
    return jnp.var(_float(x), _axes(axis), keepdims=keepdims)


@op
def std(x, axis=None, keepdims=False):
    """The square root of the biased variance along `axis`."""
    return jnp.std(_float(x), _axes(axis), keepdims=keepdims)


@op
def any(x, axis=None, keepdims=False):
    """Whether some element along `axis` is true."""
    return jnp.any(jnp.asarray(x), _axes(axis), keepdims=keepdims)


@op
def all(x, axis=None, keepdims=False):
    """Whether every element along `axis` is true."""
    return jnp.all(jnp.asarray(x), _axes(axis), keepdims=keepdims)


@op
def argmax(x, axis=-1):
    """The number of the largest element along `axis`."""
    x = jnp.asarray(x)
    return numbers_below(jnp.argmax(x, axis), x.size if axis is None else x.shape[axis])


@op
def argmin(x, axis=-1):
    """The number of the smallest element along `axis`."""
    return jnp.argmin(jnp.asarray(x), axis)


@op
def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))) along `axis`, without overflow."""
    return jax.nn.logsumexp(_float(x), _axes(axis), keepdims=keepdims)


@op
def cumsum(x, axis=0):
    """The running sum along `axis`."""
    return jnp.cumsum(jnp.asarray(x), axis)


# Element by element


@op
def square(x):
    """x * x."""
    return jnp.square(jnp.asarray(x))


@op
def abs(x):
    """The absolute value; its gradient at 0 is 0."""
    x = jnp.asarray(x)
    return x * lax.stop_gradient(jnp.sign(x))


@op
def sqrt(x):
    """The square root; negative numbers count as 0."""
    return jnp.sqrt(jnp.clip(_float(x), 0, jnp.inf))


@op
def exp(x):
    """The exponential function e^x."""
    return jnp.exp(_float(x))


@op
def log(x):
    """The natural logarithm."""
    return jnp.log(_float(x))


@op
def round(x):
    """The nearest whole number; halves go to the even one."""
    return jnp.round(jnp.asarray(x))


@op
def sign(x):
    """-1, 0 or 1."""
    return jnp.sign(jnp.asarray(x))


@op
def pow(x, a):
    """`x` to the power of `a`."""
    return jnp.asarray(x) ** a


@op
def clip(x, min_value, max_value):
    """`x` held between `min_value` and `max_value`; either may be None.

    Where the bounds cross, `min_value` wins. At a bound the gradient is that of `x`.
    """
    x = jnp.asarray(x)
    upper = x if max_value is None else jnp.where((x > max_value) | (max_value != max_value), max_value, x)
    return upper if min_value is None else jnp.where((upper < min_value) | (min_value != min_value), min_value, upper)


@op
def equal(x, y):
    """Whether x == y, element by element."""
    return jnp.equal(jnp.asarray(x), jnp.asarray(y))


@op
def not_equal(x, y):
    """Whether x != y, element by element."""
    return jnp.not_equal(jnp.asarray(x), jnp.asarray(y))


@op
def greater(x, y):
    """Whether x > y, element by element."""
    return jnp.greater(jnp.asarray(x), jnp.asarray(y))


@op
def greater_equal(x, y):
    """Whether x >= y, element by element."""
    return jnp.greater_equal(jnp.asarray(x), jnp.asarray(y))


@op
def lesser(x, y):
    """Whether x < y, element by element."""
    return jnp.less(jnp.asarray(x), jnp.asarray(y))


@op
def lesser_equal(x, y):
    """Whether x <= y, element by element."""
    return jnp.less_equal(jnp.asarray(x), jnp.asarray(y))


@op
def maximum(x, y):
    """The larger of both, element by element."""
    return jnp.maximum(jnp.asarray(x), jnp.asarray(y))


@op
def minimum(x, y):
    """The smaller of both, element by element."""
    return jnp.minimum(jnp.asarray(x), jnp.asarray(y))


@op
def sin(x):
    """The sine of an angle in radians."""
    return jnp.sin(_float(x))


@op
def cos(x):
    """The cosine of an angle in radians."""
    return jnp.cos(_float(x))


@op
def cast(x, dtype):
    """`x` in the number type `dtype`."""
    return jnp.asarray(x).astype(jax_dtype(dtype))


# Shapes


@op
def shape(x):
    """The shape of `x`: a tuple of numbers within a running graph, symbolic outside."""
    return tuple(np.shape(x))


def _are_sizes(x):
    """Whether `x` holds plain numbers in a running graph: sizes from K.shape, which must stay such."""
    return active_scope() is not None and is_explicit_shape(x)


def int_shape(x):
    """The shape of `x` as a tuple, None where a size is not known yet."""
    return tuple(x.shape if hasattr(x, "shape") else np.shape(x))


def ndim(x):
    """The number of axes."""
    return len(int_shape(x))


def dtype(x):
    """The number type of `x`, as a string."""
    return str(x.dtype if hasattr(x, "dtype") else jnp.asarray(x).dtype)


def count_params(x):
    """The number of elements."""
    return int(np.prod(int_shape(x), dtype=int))


def normalize_axis(axis, ndim):
    """`axis`, one or several, counted from the first of `ndim` axes.

    >>> normalize_axis([0, -1], 3)
    [0, 2]
    """
    if isinstance(axis, (list, tuple)):
        return type(axis)(normalize_axis(item, ndim) for item in axis)
    return axis % ndim if axis is not None else None


@op
def reshape(x, shape):
    """The elements of `x`, in order, in another shape; one size may be -1 (whatever is left)."""
    return same_numbers(x, jnp.reshape(jnp.asarray(x), tuple(shape)))


@op
def concatenate(tensors, axis=-1):
    """The tensors one after the other along `axis`."""
    if builtins.all(map(_are_sizes, tensors)):
        return builtins.sum(map(tuple, tensors), ())
    return jnp.concatenate([jnp.asarray(tensor) for tensor in tensors], axis)


@op
def stack(x, axis=0):
    """The tensors of the list `x` along a new axis."""
    if _are_sizes(x):
        return tuple(x)
    return jnp.stack([jnp.asarray(item) for item in x], axis)


def pack(x):
    """The name of `stack` in Keras 1.0."""
    return stack(x)


@op
def permute_dimensions(x, pattern):
    """`x` with its axes in the order of `pattern`."""
    return jnp.transpose(jnp.asarray(x), tuple(pattern))


@op
def resize_repeat(x, factors):
    """Each element of `x` repeated along each axis, `factors[axis]` times."""
    x = jnp.asarray(x)
    spread = [n for size, factor in zip(x.shape, factors) for n in (size, factor)]
    tall = jnp.broadcast_to(jnp.expand_dims(x, tuple(range(1, 2 * x.ndim, 2))), spread)
    return tall.reshape([size * factor for size, factor in zip(x.shape, factors)])


def repeat_elements(x, rep, axis):
    """Each element `rep` times along `axis`.

    >>> repeat_elements([[1, 2]], 2, axis=1).tolist()
    [[1, 1, 2, 2]]
    """
    factors = [1] * ndim(x)
    factors[axis] = rep
    return resize_repeat(x, factors)


@op
def repeat(x, n):
    """A matrix (samples, dim) `n` times: (samples, n, dim)."""
    x = jnp.asarray(x)
    if x.ndim != 2:
        raise ValueError(f"K.repeat expects (samples, dim); received shape {x.shape}. K.repeat_elements takes any.")
    return jnp.broadcast_to(x[:, None, :], (x.shape[0], n, x.shape[1]))


@op
def tile(x, n):
    """`x` as a block, laid `n[axis]` times along each axis."""
    return jnp.tile(jnp.asarray(x), n if isinstance(n, int) else tuple(n))


@op
def flatten(x):
    """All elements along one axis."""
    return jnp.ravel(jnp.asarray(x))


@op
def batch_flatten(x):
    """Each sample's elements along one axis: (samples, elements)."""
    x = jnp.asarray(x)
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:], dtype=int)))


@op
def expand_dims(x, dim=-1):
    """A new axis of size 1 at `dim`."""
    return jnp.expand_dims(jnp.asarray(x), dim)


@op
def squeeze(x, axis):
    """`x` without its axis `axis`, whose size must be 1."""
    return jnp.squeeze(jnp.asarray(x), axis)


@op
def reverse(x, axes):
    """`x` read backwards along `axes` (one or several)."""
    return jnp.flip(jnp.asarray(x), _axes(axes))


@op
def arange(start, stop=None, step=1, dtype="int32"):
    """The numbers from `start` up to, not including, `stop`; one argument counts from 0."""
    return jnp.arange(start, stop, step, dtype=jax_dtype(dtype))


@op
def one_hot(indices, nb_classes):
    """Rows of zeros with a one at the place that each index gives: (..., nb_classes).

    An index that is none of the whole numbers from 0 to `nb_classes` - 1 gives zeros alone; one that is NaN gives NaN.
    """
    if not isinstance(indices, jax.Array):
        indices = np.asarray(indices)
        indices = np.clip(indices, -1, nb_classes) if indices.dtype.kind in "iu" else indices  # before it is narrowed
    indices = jnp.asarray(indices)[..., None]
    return without_number(indices, (indices == jnp.arange(nb_classes)).astype(config.floatx()))


@of_eras
@op
def zeros_like(x, dtype=None, name=None):
    """Zeros in the shape of `x`."""
    return jnp.zeros_like(jnp.asarray(x), dtype=dtype and jax_dtype(dtype))


@of_eras
@op
def ones_like(x, dtype=None, name=None):
    """Ones in the shape of `x`."""
    return jnp.ones_like(jnp.asarray(x), dtype=dtype and jax_dtype(dtype))


def pattern_broadcast(x, broatcastable):
    """`x` itself: axes of size 1 always stretch here."""
    return x


def is_explicit_shape(shape):
    """Whether `shape` is a list or tuple of numbers, with nothing unknown."""
    return isinstance(shape, (list, tuple)) and builtins.all(isinstance(n, (int, np.integer)) for n in shape)


# Choices


def switch(condition, then_expression, else_expression):
    """`then_expression` where `condition` holds, else `else_expression`, element by element.

    A condition of fewer axes is stretched as in NumPy. The expressions may be functions without arguments.
    """
    then_value = then_expression() if callable(then_expression) else then_expression
    else_value = else_expression() if callable(else_expression) else else_expression
    return call_op(_where, condition, then_value, else_value)


def _where(condition, x, y):
    return jnp.where(jnp.asarray(condition) != 0, x, y)


def in_train_phase(x, alt):
    """`x` in the training phase, `alt` in the test phase; either may be a function without arguments."""
    phase = learning_phase()
    if isinstance(phase, Tensor):
        return call_op(_by_phase, phase, _called(x), _called(alt))
    return _called(x if phase else alt)


def in_test_phase(x, alt):
    """`x` in the test phase, `alt` in the training phase; either may be a function without arguments."""
    return in_train_phase(alt, x)


def _called(x):
    return x() if callable(x) else x


def _by_phase(phase, x, alt):
    if isinstance(phase, int):
        return x if phase else alt
    return jnp.where(phase, x, alt)  # while shapes are inferred the phase is not known


@op
def stop_gradient(variables):
    """`variables` (one or a list) as constants: no gradient flows back through them."""
    return jax.tree.map(lambda x: lax.stop_gradient(jnp.asarray(x)), variables)


@op
def print_tensor(x, message=""):
    """`x` itself; its value is printed after `message` whenever it is computed."""
    jax.debug.callback(lambda value: print(message, value), x)
    return x


def is_keras_tensor(x):
    """Whether `x` came out of a layer (or `Input`)."""
    return isinstance(x, Tensor) and x._keras_history is not None


def array_function(name):
    """The function of NumPy (or of `jax.nn`) of that name, for arrays and symbolic tensors.

    >>> float(array_function('hypot')(3.0, 4.0))
    5.0
    """
    function = getattr(jnp, name, None) or getattr(jax.nn, name, None)
    if function is None:
        raise AttributeError(f"there is no array function {name!r}: write it of K's functions or of jax.numpy")
    return op(function)
