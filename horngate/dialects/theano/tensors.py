"""`theano.tensor` and its modules, on K and jax.numpy."""

from collections.abc import Callable, Sequence
from typing import Any

from horngate import backend as K
from horngate.backend import later
from horngate.backend.lazy import named
from horngate.dialects.lent import Lent, same_meaning
from horngate.dialects.theano.loops import mapped, scan

_array = K.array_function


def _concatenate(tensor_list, axis=0):
    return K.concatenate(list(tensor_list), axis=axis)


def _stack(*tensors, axis=0):
    several = tensors[0] if isinstance(tensors[0], (list, tuple)) else tensors
    axis = tensors[1] if len(tensors) == 2 and isinstance(tensors[1], int) and several is tensors[0] else axis
    return _array("stack")(list(several), axis=axis)


def _placeholder(ndim: int, dtype: str | None = None) -> Callable[..., Any]:
    def make(name: Any = None, dtype: Any = dtype) -> Any:
        return K.placeholder(ndim=ndim, name=name, dtype=dtype)

    return make


def _placeholders() -> dict[str, Any]:
    """Return the makers of placeholders: `matrix`, `imatrix`, `matrices` ..."""
    kinds = {"scalar": 0, "vector": 1, "matrix": 2, "row": 2, "col": 2, "tensor3": 3, "tensor4": 4, "tensor5": 5}
    types = {"": None, "f": "float32", "d": "float64", "i": "int32", "l": "int64", "b": "int8", "w": "int16"}
    table: dict[str, Any] = {}
    for prefix, dtype in types.items():
        for kind, ndim in kinds.items():
            table[prefix + kind] = one = _placeholder(ndim, dtype)
            plural = {"matrix": "matrices"}.get(kind, kind + "s")
            table[prefix + plural] = lambda *names, one=one: [one(name) for name in names]
    return table


class _TensorType:
    """A type of tensors: calling it makes a placeholder."""

    def __init__(self, dtype: Any, broadcastable: Sequence[Any], name: Any = None) -> None:
        self.dtype, self.ndim = dtype, len(broadcastable)

    def __call__(self, name: Any = None) -> Any:
        return K.placeholder(ndim=self.ndim, dtype=self.dtype, name=name)


def _set_subtensor(x: Any, y: Any, **ignored: Any) -> Any:
    """x with a part replaced by `y`: `x` is what indexing gave."""
    return _replaced(x, y, "set")


def _inc_subtensor(x: Any, y: Any, **ignored: Any) -> Any:
    """x with `y` added to a part: `x` is what indexing gave."""
    return _replaced(x, y, "add")


def _replaced(part, y, way):
    taken = later.part_of(part)
    if taken is None:
        raise ValueError(
            "set_subtensor and inc_subtensor take a part of a symbolic tensor, as x[...] gave it outside of a layer. "
            "In a layer's `call` or a Lambda, write x.at[...].set(y) or x.at[...].add(y), as in JAX."
        )
    whole, index = taken

    def put(whole, y, index):
        return getattr(_array("asarray").on_arrays(whole).at[index], way)(y)

    return K.op(put)(whole, y, index)


def _grad(cost, wrt, **ignored):
    several = isinstance(wrt, (list, tuple))
    found = K.gradients(cost, list(wrt) if several else [wrt])
    return found if several else found[0]


def _flatten(x, ndim=1, outdim=None):
    ndim = outdim or ndim
    return K.flatten(x) if ndim == 1 else K.reshape(x, (*(K.shape(x)[i] for i in range(ndim - 1)), -1))


def _max_and_argmax(x, axis=None, keepdims=False):
    return [K.max(x, axis=axis, keepdims=keepdims), K.argmax(x, axis=-1 if axis is None else axis)]


def _conv2d(
    input: Any,  # noqa: A002  Theano's name
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    image_shape: Any = None,
    **ignored: Any,
) -> Any:
    mode = "same" if border_mode == "half" else border_mode
    if isinstance(mode, (int, tuple)):
        pads = (mode, mode) if isinstance(mode, int) else mode
        input, mode = K.pad_spatial(input, [(n, n) for n in pads], "th"), "valid"  # noqa: A001
    filters = filters[:, :, ::-1, ::-1] if filter_flip != (K.conv_convention() == "theano") else filters
    return K.conv2d(input, filters, subsample, mode, "th")


def _pool_2d(
    input: Any,  # noqa: A002
    ws: Any = None,
    ignore_border: Any = True,
    stride: Any = None,
    pad: Any = (0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
    **ignored: Any,
) -> Any:
    window, steps, pads = ws or ds, stride or st, padding or pad
    if tuple(pads) != (0, 0):
        input = K.pad_spatial(input, [(n, n) for n in pads], "th")  # noqa: A001
    ways = {"max": "max", "average_exc_pad": "avg", "average_inc_pad": "avg"}
    if mode not in ways:
        raise ValueError(f"pool_2d: mode must be one of {', '.join(ways)}; received {mode!r}.")
    return K.pool2d(input, window, steps or window, "valid" if ignore_border else "same", "th", ways[mode])


def _switch(condition, then, otherwise):
    return _array("where")(condition, then, otherwise)


_extra = {
    "cumsum": lambda x, axis=None: _array("cumsum")(x, axis),
    "cumprod": lambda x, axis=None: _array("cumprod")(x, axis),
    "repeat": lambda x, repeats, axis=None: _array("repeat")(x, repeats, axis),
    "to_one_hot": lambda y, nb_class, dtype=None: K.one_hot(y, nb_class),
    "squeeze": lambda x: _array("squeeze")(x),
}
nnet: Lent = Lent(
    "theano.tensor.nnet",
    {
        "relu": lambda x, alpha=0: K.relu(x, alpha),
        "ultra_fast_sigmoid": K.sigmoid,
        "binary_crossentropy": lambda output, target: K.binary_crossentropy(output=output, target=target),
        "categorical_crossentropy": lambda coding_dist, true_dist: (
            K.sparse_categorical_crossentropy(output=coding_dist, target=true_dist)
            if K.ndim(true_dist) < K.ndim(coding_dist)
            else K.categorical_crossentropy(output=coding_dist, target=true_dist)
        ),
        "conv2d": _conv2d,
        "logsoftmax": _array("log_softmax"),
        "batch_normalization": lambda inputs, gamma, beta, mean, std, **kw: (inputs - mean) * (gamma / std) + beta,
    },
    same_meaning,
)
_conv: Lent = Lent("theano.tensor.nnet.conv", {"conv2d": _conv2d})
_pool: Lent = Lent("theano.tensor.signal.pool", {"pool_2d": _pool_2d, "max_pool_2d": _pool_2d})
_downsample: Lent = Lent("theano.tensor.signal.downsample", {"max_pool_2d": _pool_2d})
_signal: Lent = Lent("theano.tensor.signal", {"pool": _pool, "downsample": _downsample})
_extra_ops: Lent = Lent("theano.tensor.extra_ops", _extra)
_subtensors = named(_set_subtensor, _inc_subtensor)

tensor: Lent = Lent(
    "theano.tensor",
    {
        **_placeholders(),
        **_subtensors,
        **named(_switch, _concatenate, _stack, _flatten, _max_and_argmax, _grad, scan),
        "nnet": nnet,
        "signal": _signal,
        "extra_ops": _extra_ops,
        "TensorType": _TensorType,
        "TensorVariable": K.Tensor,
        "dot": lambda a, b: _array("dot")(a, b),
        "batched_dot": lambda a, b: K.batch_dot(a, b, axes=(K.ndim(a) - 1, 1)),
        "batched_tensordot": lambda a, b, axes=2: K.batch_dot(a, b, axes),
        "sqr": K.square,
        "abs_": K.abs,
        "sgn": K.sign,
        "inv": lambda x: 1.0 / x,
        "neg": lambda x: -x,
        "mul": lambda *xs: _folded(xs, lambda a, b: a * b),
        "add": lambda *xs: _folded(xs, lambda a, b: a + b),
        "sub": lambda a, b: a - b,
        "true_div": lambda a, b: a / b,
        "int_div": lambda a, b: a // b,
        "mod": lambda a, b: a % b,
        "where": _switch,
        "eq": K.equal,
        "neq": K.not_equal,
        "gt": lambda a, b: a > b,
        "ge": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "le": lambda a, b: a <= b,
        "and_": lambda a, b: _array("logical_and")(a, b),
        "or_": lambda a, b: _array("logical_or")(a, b),
        "join": lambda axis, *tensors: _concatenate(tensors, axis),
        "stacklists": lambda tensors: _array("stack")(list(tensors)),
        "reshape": lambda x, newshape, ndim=None: K.reshape(x, newshape),
        "tile": lambda x, reps, ndim=None: K.tile(x, reps),
        "argmax": lambda x, axis=-1, keepdims=False: K.argmax(x, axis=axis),
        "argmin": lambda x, axis=-1, keepdims=False: K.argmin(x, axis=axis),
        "transpose": lambda x, axes=None: K.transpose(x) if axes is None else K.permute_dimensions(x, axes),
        "shape_padleft": lambda x, n_ones=1: _folded([x, *[0] * n_ones], lambda y, _: K.expand_dims(y, 0)),
        "shape_padright": lambda x, n_ones=1: _folded([x, *[0] * n_ones], lambda y, _: K.expand_dims(y, -1)),
        "addbroadcast": lambda x, *axes: x,
        "unbroadcast": lambda x, *axes: x,
        "patternbroadcast": lambda x, pattern: x,
        "as_tensor_variable": lambda x, name=None, ndim=None: x if hasattr(x, "shape") else K.constant(x),
        "as_tensor": lambda x, name=None: x if hasattr(x, "shape") else K.constant(x),
        "constant": lambda x, name=None, dtype=None: K.constant(x, dtype),
        "alloc": lambda value, *shape: _array("full")(shape, value),
        "map": mapped,
    },
    same_meaning,
)
_subtensor: Lent = Lent("theano.tensor.subtensor", _subtensors)
MODULES: tuple[Lent, ...] = (tensor, nnet, _conv, _signal, _pool, _downsample, _extra_ops, _subtensor)


def _folded(values, join):
    total, *rest = values
    for value in rest:
        total = join(total, value)
    return total
