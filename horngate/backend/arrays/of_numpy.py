"""Functions that NumPy has too, under Keras 3's argument names: forms of arguments, and their functions."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy import special

from horngate.backend import config
from horngate.backend.dtypes import jax_dtype
from horngate.backend.lazy import named

_array = jnp.asarray


def _of_one(f):
    return lambda x: f(_array(x))


def _of_size(f):
    return lambda x: f(x)


def _of_two(f):
    return lambda x1, x2: f(_array(x1), _array(x2))


def _of_bits(f):
    return lambda x, y: f(_array(x), _array(y))


def _reduced(f):
    return lambda x, axis=None, keepdims=False: f(_array(x), axis=axis, keepdims=keepdims)


def _bounded(f):
    return lambda x, axis=None, keepdims=False, initial=None: f(_array(x), axis, keepdims=keepdims, initial=initial)


def _cumulative(f):
    return lambda x, axis=None, dtype=None: f(_array(x), axis=axis, dtype=_type(dtype))


def _along(f):
    return lambda x, axis=-1: f(_array(x), axis=axis)


def _along_some(f):
    return lambda x, axis=None: f(_array(x), axis=axis)


def _joined(f):
    return lambda xs: f([_array(x) for x in xs])


def _cut(f):
    return lambda x, indices_or_sections, axis=0: f(_array(x), _places(indices_or_sections), axis=axis)


def _cut_along_one(f):
    return lambda x, indices_or_sections: f(_array(x), _places(indices_or_sections))


def _by_diagonal(f):
    return lambda x, k=0: f(_array(x), k)


def _of_diagonal(f):
    return lambda x, offset=0, axis1=0, axis2=1: f(_array(x), offset, axis1, axis2)


def _alike(f):
    return lambda x, dtype=None: f(_array(x), dtype=_type(dtype))


def _close(f):
    return lambda x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False: f(_array(x1), _array(x2), rtol, atol, equal_nan)


def _quantile(f):
    def call(x, q, axis=None, method="linear", keepdims=False):
        return f(_array(x), _array(q), axis=axis, method=method, keepdims=keepdims)

    return call


def _filled(f):
    return lambda shape, dtype=None: f(shape, dtype=_type(dtype or config.floatx()))


def _type(dtype):
    return None if dtype is None else jax_dtype(dtype)


def _array_or_none(x):
    return None if x is None else _array(x)


def _places(sections):
    return sections if isinstance(sections, int) else tuple(int(n) for n in sections)


_FORMS = {  # what makes the function -> its functions, by the name in jax.numpy
    _of_one: "abs absolute angle arccos arccosh arcsin arcsinh arctan arctanh bitwise_invert bitwise_not cbrt ceil "
    "conj conjugate corrcoef cos cosh deg2rad exp exp2 expm1 fabs fliplr flipud floor i0 imag isfinite isinf isnan "
    "isneginf isposinf isreal log log10 log1p log2 logical_not negative nonzero rad2deg ravel real reciprocal sign "
    "signbit sin sinc sinh sqrt square tan tanh trunc copy size",
    _of_size: "bartlett blackman hamming hanning",
    _of_two: "add arctan2 divide dot equal floor_divide fmax fmin fmod gcd greater greater_equal heaviside hypot inner "
    "kron lcm ldexp less less_equal logaddexp logaddexp2 logical_and logical_or logical_xor matmul maximum minimum mod "
    "multiply nextafter not_equal outer power subtract true_divide vdot",
    _of_bits: "bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor left_shift right_shift",
    _reduced: "all amax amin any argmax argmin mean median nanargmax nanargmin nanmax nanmean nanmedian nanmin nanprod "
    "nanstd nansum nanvar ptp std sum var logsumexp",
    _bounded: "max min",
    _cumulative: "cumprod cumsum nancumprod nancumsum",
    _along: "argsort sort",
    _along_some: "count_nonzero flip squeeze",
    _joined: "dstack hstack vstack",
    _cut: "array_split split",
    _cut_along_one: "dsplit hsplit vsplit",
    _by_diagonal: "diag diagflat tril triu",
    _of_diagonal: "diagonal trace",
    _alike: "empty_like ones_like zeros_like",
    _close: "allclose isclose",
    _quantile: "nanpercentile percentile",
    _filled: "empty ones zeros",
}
_FORM = {name: form for form, names in _FORMS.items() for name in names.split()}
_ELSEWHERE: dict[str, Callable[..., Any]] = {"logsumexp": jax.nn.logsumexp, "size": jnp.size}


def _reshape(x, newshape):
    sizes = [newshape] if isinstance(newshape, int) else newshape
    return jnp.reshape(_array(x), tuple(-1 if n is None else n for n in sizes))


def _pad(x, pad_width, mode="constant", constant_values=None):
    if constant_values is not None and mode != "constant":
        raise ValueError(f"ops.pad, argument 'constant_values': only mode='constant' uses it; received mode={mode!r}.")
    x = _array(x)
    pads = [pad_width] * x.ndim if isinstance(pad_width, int) else pad_width
    pads = [(pad, pad) if isinstance(pad, int) else tuple(pad) for pad in pads]
    return jnp.pad(x, pads, mode, **({} if mode != "constant" else {"constant_values": constant_values or 0}))


def _where(condition, x1=None, x2=None):
    if (x1 is None) != (x2 is None):
        raise ValueError("ops.where expects both x1 and x2, or neither; received one of them.")
    condition = _array(condition) != 0
    return jnp.where(condition) if x1 is None else jnp.where(condition, _array(x1), _array(x2))


def _select(condlist, choicelist, default=0):
    return jnp.select([_array(c) for c in condlist], [_array(c) for c in choicelist], _array(default))


def _linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    return jnp.linspace(_array(start), _array(stop), num, endpoint, retstep, _type(dtype), axis)


def _logspace(start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0):
    return jnp.logspace(_array(start), _array(stop), num, endpoint, base, _type(dtype), axis)


def _geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    return jnp.geomspace(_array(start), _array(stop), num, endpoint, _type(dtype), axis)


def _divide_no_nan(x1, x2):
    x1, x2 = _array(x1), _array(x2)
    return jnp.where(x2 == 0, 0, jnp.divide(x1, jnp.where(x2 == 0, 1, x2)))


def _eye(N, M=None, k=0, dtype=None):
    return jnp.eye(N, M, k, _type(dtype or config.floatx()))


_SINGLE: dict[str, Callable[..., Any]] = {
    **named(_reshape, _pad, _where, _select, _linspace, _logspace, _geomspace, _divide_no_nan, _eye),
    "append": lambda x1, x2, axis=None: jnp.append(_array(x1), _array(x2), axis),
    "arange": lambda start, stop=None, step=None, dtype=None: jnp.arange(start, stop, step, dtype=_type(dtype)),
    "argpartition": lambda x, kth, axis=-1: jnp.argpartition(_array(x), kth, axis),
    "array": lambda x, dtype=None: jnp.array(x, dtype=_type(dtype)),
    "average": lambda x, axis=None, weights=None: jnp.average(_array(x), axis, _array_or_none(weights)),
    "broadcast_to": lambda x, shape: jnp.broadcast_to(_array(x), shape),
    "cast": lambda x, dtype: _array(x).astype(jax_dtype(dtype)),
    "clip": lambda x, x_min, x_max: jnp.clip(_array(x), _array(x_min), _array(x_max)),
    "concatenate": lambda xs, axis=0: jnp.concatenate([_array(x) for x in xs], axis),
    "correlate": lambda x1, x2, mode="valid": jnp.correlate(_array(x1), _array(x2), mode),
    "cross": lambda x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None: jnp.cross(
        _array(x1), _array(x2), axisa, axisb, axisc, axis
    ),
    "diff": lambda a, n=1, axis=-1: jnp.diff(_array(a), n, axis),
    "digitize": lambda x, bins: jnp.digitize(_array(x), _array(bins)),
    "einsum": lambda subscripts, *operands, **kwargs: jnp.einsum(subscripts, *[_array(x) for x in operands], **kwargs),
    "erf": lambda x: special.erf(_array(x)),
    "erfc": lambda x: special.erfc(_array(x)),
    "erfinv": lambda x: special.erfinv(_array(x)),
    "expand_dims": lambda x, axis: jnp.expand_dims(_array(x), axis),
    "full": lambda shape, fill_value, dtype=None: jnp.full(shape, _array(fill_value), _type(dtype)),
    "full_like": lambda x, fill_value, dtype=None: jnp.full_like(_array(x), _array(fill_value), _type(dtype)),
    "histogram": lambda x, bins=10, range=None: jnp.histogram(_array(x), bins, range),  # noqa: A006
    "identity": lambda n, dtype=None: _eye(n, dtype=dtype),
    "isin": lambda x1, x2, assume_unique=False, invert=False: jnp.isin(_array(x1), _array(x2), assume_unique, invert),
    "kaiser": lambda x, beta: jnp.kaiser(x, beta),
    "moveaxis": lambda x, source, destination: jnp.moveaxis(_array(x), source, destination),
    "nan_to_num": lambda x, nan=0.0, posinf=None, neginf=None: jnp.nan_to_num(
        _array(x), nan=nan, posinf=posinf, neginf=neginf
    ),
    "prod": lambda x, axis=None, keepdims=False, dtype=None: jnp.prod(
        _array(x), axis, dtype=_type(dtype), keepdims=keepdims
    ),
    "repeat": lambda x, repeats, axis=None: jnp.repeat(_array(x), repeats, axis),
    "roll": lambda x, shift, axis=None: jnp.roll(_array(x), shift, axis),
    "rot90": lambda array, k=1, axes=(0, 1): jnp.rot90(_array(array), k, axes),
    "round": lambda x, decimals=0: jnp.round(_array(x), decimals),
    "rsqrt": lambda x: 1 / jnp.sqrt(_array(x)),
    "searchsorted": lambda sorted_sequence, values, side="left": jnp.searchsorted(
        _array(sorted_sequence), _array(values), side
    ),
    "stack": lambda x, axis=0: jnp.stack([_array(each) for each in x], axis),
    "swapaxes": lambda x, axis1, axis2: jnp.swapaxes(_array(x), axis1, axis2),
    "tensordot": lambda x1, x2, axes=2: jnp.tensordot(_array(x1), _array(x2), axes),
    "tile": lambda x, repeats: jnp.tile(_array(x), repeats),
    "transpose": lambda x, axes=None: jnp.transpose(_array(x), axes),
    "trapezoid": lambda y, x=None, dx=1.0, axis=-1: jnp.trapezoid(_array(y), _array_or_none(x), dx, axis),
    "tri": lambda N, M=None, k=0, dtype=None: jnp.tri(N, M, k, _type(dtype or config.floatx())),
    "unravel_index": lambda indices, shape: jnp.unravel_index(_array(indices), shape),
    "vander": lambda x, N=None, increasing=False: jnp.vander(_array(x), N, increasing),
}

NAMES = (*_FORM, *_SINGLE)


def made(name: str) -> Callable[..., Any] | None:
    """Make the function `name`, of arrays, or return None for a name that is not in the tables."""
    source = _ELSEWHERE.get(name) or getattr(jnp, name, None)
    function = _SINGLE.get(name) or (_FORM[name](source) if name in _FORM else None)
    if function is not None:
        first = (source.__doc__ or "").strip().split("\n")[0] if source is not None else ""
        function.__name__ = function.__qualname__ = name
        function.__doc__ = first or f"`{name}` of its arguments, as in Keras 3."
    return function
