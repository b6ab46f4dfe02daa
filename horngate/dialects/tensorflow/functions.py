"""Functions of TensorFlow on tensors. Those of one name and meaning in NumPy or K are lent without a row."""

import builtins
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from horngate import backend as K
from horngate import ops
from horngate.backend.eager_tensors import EagerTensor
from horngate.backend.graph import is_size
from horngate.backend.lazy import named
from horngate.backend.recurrence import scanned
from horngate.backend.tape import GradientTape
from horngate.dialects.lent import Lent, known, reworded, same_meaning
from horngate.dialects.tensorflow import matrices
from horngate.dialects.tensorflow.pictures import extract_image_patches
from horngate.training.functions import function

_array = K.array_function
_WORDS = {
    **dict.fromkeys(["reduction_indices", "dimension", "dim", "squeeze_dims", "concat_dim"], "axis"),
    **dict.fromkeys(["input", "input_tensor", "tensor", "features", "logits"], "x"),
    "keep_dims": "keepdims",
}
_words = reworded(_WORDS, ("name", "validate_shape", "collections"))
# Names of TensorFlow -> NumPy's.
_RENAMED = {
    **{f"a{name}": f"arc{name}" for name in ("cos", "sin", "tan", "tan2", "cosh", "sinh", "tanh")},
    **{f"is_{name}": f"is{name}" for name in ("nan", "inf", "finite")},
    **dict.fromkeys(["divide", "truediv"], "true_divide"),
    "floordiv": "floor_divide",
    "floormod": "mod",
    "sub": "subtract",
    "mul": "multiply",
    "neg": "negative",
    "inv": "reciprocal",
    "lin_space": "linspace",
    "rint": "round",
    "lgamma": "gammaln",
    "igamma": "gammainc",
    "igammac": "gammaincc",
}


def by_rule(name: str) -> Any:
    """Return the function of that `name` if NumPy or K has it in the same meaning; None otherwise."""
    if name in _RENAMED:
        return _words(_array(_RENAMED[name]))
    found = same_meaning(name)
    return None if found is None else _words(found)


def _reduction(function: Any) -> Any:
    def reduce(x: Any, axis: Any = None, keepdims: Any = False, **ignored: Any) -> Any:
        axis = tuple(axis) if isinstance(axis, list) else axis
        return function(x, axis=axis, keepdims=bool(keepdims))

    return _words(reduce)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None, **ignored: Any) -> Any:
    """An array; whole numbers without `dtype` are int32."""
    array = np.asarray(value)
    kind = dtype_name(dtype) or (
        "int32" if array.dtype.kind in "iu" else array.dtype if array.dtype.kind == "b" else None
    )
    array = array.astype(kind or K.floatx()) if array.dtype.kind not in "US" else array
    if shape is not None:
        array = np.broadcast_to(array if array.size == 1 else array.reshape(shape), shape)
    return EagerTensor(array) if array.dtype.kind == "f" else array  # a tape can watch it


class DType(str):
    """A number type: a string that knows its NumPy type."""

    as_numpy_dtype = property(lambda self: np.dtype(str(self)).type)
    name = property(str)
    is_floating = property(lambda self: "float" in self)
    base_dtype = property(lambda self: self)


def dtype_name(dtype: Any) -> Any:
    """Return the name of a number type."""
    return None if dtype is None else str(np.dtype(str(dtype) if isinstance(dtype, str) else dtype))


_TYPES = "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 bool complex64 string"
TYPES = {name: DType(name) for name in _TYPES.split()}


def convert_to_tensor(value: Any, dtype: Any = None, name: str | None = None, **ignored: Any) -> Any:
    """`value` as a tensor."""
    if hasattr(value, "shape") and not isinstance(value, np.ndarray):
        return value if dtype is None else K.cast(value, dtype_name(dtype))
    return _array("asarray")(value) if _symbols_in(value) else constant(value, dtype)


def _symbols_in(value):
    if isinstance(value, (list, tuple)):
        return builtins.any(map(_symbols_in, value))
    return hasattr(value, "shape") and not isinstance(value, (np.ndarray, np.generic))


def concat(values: Any, axis: Any, name: str | None = None) -> Any:
    """Concatenate tensors; before TensorFlow 1.0, the axis came first."""
    values, axis = (axis, values) if isinstance(values, int) else (values, axis)
    return K.concatenate(list(values), axis=axis)


def transpose(x: Any, perm: Any = None, **ignored: Any) -> Any:
    """Permute the axes; by default, reverse them."""
    return K.transpose(x) if perm is None else K.permute_dimensions(x, perm)


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    **ignored: Any,
) -> Any:
    """The product of matrices, for each matrix of the leading axes."""
    a = _turned(a, transpose_a, adjoint_a)
    return _array("matmul")(a, _turned(b, transpose_b, adjoint_b))


def _turned(x, transposed, adjoint):
    x = _array("swapaxes")(x, -1, -2) if transposed or adjoint else x
    return _array("conj")(x) if adjoint else x


def _split(value, num_or_size_splits, axis=0, num=None, name=None):
    if isinstance(value, int):  # before TensorFlow 1.0: split(axis, number, value)
        value, num_or_size_splits, axis = axis, num_or_size_splits, value
    sizes = num_or_size_splits
    places = sizes if isinstance(sizes, int) else np.cumsum(sizes)[:-1].tolist()
    return list(_array("split")(value, places, axis=axis))


def _cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    y = K.reverse(x, axis) if reverse else x
    y = K.cumsum(y, axis) - y if exclusive else K.cumsum(y, axis)
    return K.reverse(y, axis) if reverse else y


def _stack(values, axis=0, name=None):
    """Stack tensors; sizes alone make an array of NumPy, of which a shape can be made."""
    return np.array(values) if is_size(tuple(values)) else _array("stack")(list(values), axis=axis)


def _unstack(value, num=None, axis=0, name=None):
    count = num or K.int_shape(value)[axis]
    if count is None:
        raise ValueError("tf.unstack needs `num`, how many parts there are: the size of the axis is not known.")
    return [_array("take")(value, i, axis=axis) for i in range(count)]


def _gather(params, indices, validate_indices=None, axis=0, name=None, **ignored):
    return K.gather(params, indices) if axis == 0 else _array("take")(params, K.cast(indices, "int32"), axis=axis)


@K.op
def _gather_nd(params, indices):
    params, indices = _array("asarray")(params), _array("asarray")(indices).astype("int32")
    return params[tuple(indices[..., i] for i in range(indices.shape[-1]))]


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`x` where `condition` holds, else `y`; a condition of one axis chooses among rows."""
    if x is None:
        return _places(condition)
    while K.ndim(condition) and K.ndim(condition) < K.ndim(x):
        condition = K.expand_dims(condition, -1)
    return _array("where")(condition, x, y)


def _py_func(func, inp, Tout, stateful=True, name=None):  # noqa: N803  TensorFlow's name
    def call(*values):
        return np.asarray(func(*(known(value, "tf.py_func") for value in values)), dtype_name(Tout))

    if isinstance(Tout, (list, tuple)):
        raise ValueError("tf.py_func: Tout must be one type. Give a function that returns one array.")
    return K.op(call)(*inp)


@K.op
def _places(condition):
    return np.argwhere(known(condition, "tf.where(condition)"))


class _Unique(NamedTuple):
    y: Any
    idx: Any


@K.op
def _firsts(x):
    """The different values in the order in which they first occur, and the number of each value among them."""
    x = known(x, "tf.unique")
    _, first, number = np.unique(x, return_index=True, return_inverse=True)
    return [x[np.sort(first)], np.argsort(np.argsort(first))[number].astype("int32")]


@K.op
def _div(x, y):
    x, y = (_array("asarray")(each) for each in (x, y))
    return x // y if x.dtype.kind in "iu" and y.dtype.kind in "iu" else x / y


def _eye(num_rows, num_columns=None, batch_shape=(), dtype="float32", name=None):
    found = _array("eye")(num_rows, num_columns, dtype=dtype_name(dtype))
    return _array("broadcast_to")(found, (*(batch_shape or ()), num_rows, num_columns or num_rows))


@K.op
def _rows_where(tensor, mask):
    return _array("asarray")(tensor)[known(mask, "tf.boolean_mask").astype(bool)]


def _boolean_mask(tensor, mask, name=None, axis=None):
    if axis:
        raise ValueError(f"tf.boolean_mask: axis must be 0; received {axis}. Move that axis to the front.")
    return _rows_where(tensor, mask)


def _strided_slice(x, begin, end, strides=None, name=None, **masks):
    if builtins.any(masks.values()):
        raise ValueError("tf.strided_slice: masks are not lent to programs; write x[...] with slices.")
    steps = strides or [1] * len(begin)
    return x[tuple(slice(*each) for each in zip(begin, end, steps))]


def _pad(tensor, paddings, mode="CONSTANT", name=None, constant_values=0):
    mode = mode.lower()
    told = {"constant_values": constant_values} if mode == "constant" else {}
    return _array("pad")(tensor, [tuple(each) for each in np.asarray(paddings).tolist()], mode=mode, **told)


def _one_hot(indices, depth, on_value=1.0, off_value=0.0, axis=-1, dtype=None, name=None):
    found = K.one_hot(indices, depth)
    found = found * on_value + (1.0 - found) * off_value if (on_value, off_value) != (1.0, 0.0) else found
    found = found if axis == -1 else _array("moveaxis")(found, -1, axis)
    return found if dtype is None else K.cast(found, dtype_name(dtype))


def _clip_by_norm(t, clip_norm, axes=None, name=None):
    norm = K.sqrt(K.sum(K.square(t), axis=axes, keepdims=axes is not None))
    return t * (clip_norm / K.maximum(norm, clip_norm))


def _global_norm(t_list, name=None):
    return K.sqrt(add_n([K.sum(K.square(each)) for each in t_list if each is not None]))


def _clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    norm = _global_norm(t_list) if use_norm is None else use_norm
    return [each if each is None else each * (clip_norm / K.maximum(norm, clip_norm)) for each in t_list], norm


def add_n(inputs: Sequence[Any], name: str | None = None) -> Any:
    """The sum of tensors."""
    total = inputs[0]
    for each in inputs[1:]:
        total = total + each
    return total


def _cond(pred, true_fn=None, false_fn=None, fn1=None, fn2=None, **ignored):
    found = [branch() if callable(branch) else branch for branch in (true_fn or fn1, false_fn or fn2)]
    if isinstance(found[0], (list, tuple)):
        return [K.switch(pred, *pair) for pair in zip(*found)]
    return K.switch(pred, *found)


def _scan(fn, elems, initializer=None, reverse=False, name=None, **ignored):
    if initializer is None:
        raise ValueError("tf.scan: give `initializer`, what comes before the first step.")
    return scanned(lambda x, total: fn(total, x), [elems], [initializer], backwards=reverse)


def _gradients(ys, xs, grad_ys=None, name=None, **ignored):
    several = isinstance(xs, (list, tuple))
    ys = list(ys) if isinstance(ys, (list, tuple)) else [ys]
    if grad_ys is not None:
        factors = grad_ys if isinstance(grad_ys, (list, tuple)) else [grad_ys]
        ys = [y if factor is None else y * K.stop_gradient(factor) for y, factor in zip(ys, factors)]
    total = add_n([K.sum(y) for y in ys])
    return K.gradients(total, list(xs) if several else [xs])


def _range(start, limit=None, delta=1, dtype=None, name="range"):
    begin, end = (0, start) if limit is None else (start, limit)
    return _array("arange")(begin, end, delta, dtype=dtype_name(dtype))


def _made(name):
    def make(shape, dtype="float32", name_=None, **ignored):
        return _array(name)(shape, dtype=dtype_name(dtype))

    return make


def _argument(function):
    def find(x, axis=None, output_type=None, **ignored):
        found = function(x, axis=0 if axis is None else axis)
        return found if output_type is None else K.cast(found, dtype_name(output_type))

    return _words(find)


def _cast_to(dtype):
    return lambda x, name=None: K.cast(x, dtype)


def _comparison(name):
    def compare(x, y):
        return _array(name)(*(np.asarray(each) if isinstance(each, (list, tuple)) else each for each in (x, y)))

    return _words(compare)


def _norm(tensor, ord="euclidean", axis=None, keepdims=False, keep_dims=None, name=None):  # noqa: A002
    keep = bool(keepdims or keep_dims)
    if ord in ("euclidean", 2):
        return K.sqrt(K.sum(K.square(tensor), axis=axis, keepdims=keep))
    if ord == 1:
        return K.sum(K.abs(tensor), axis=axis, keepdims=keep)
    if ord == np.inf:
        return K.max(K.abs(tensor), axis=axis, keepdims=keep)
    raise ValueError(f"tf.norm: ord must be 'euclidean', 1, 2 or infinity; received {ord!r}.")


def _asserted(*args, **kwargs):
    """Nothing: what programs assert is not checked."""


TABLE: dict[str, Any] = {
    **{
        f"reduce_{name}": _reduction(getattr(K, name))
        for name in ["sum", "mean", "max", "min", "prod", "any", "all", "logsumexp"]
    },
    "reduce_std": _reduction(K.std),
    "reduce_variance": _reduction(K.var),
    **{f"to_{short}": _cast_to(name) for short, name in (("float", "float32"), ("double", "float64"))},
    **{f"to_{name}": _cast_to(name) for name in ("int32", "int64", "bfloat16")},
    **{name: _comparison(name) for name in ["greater", "greater_equal", "less", "less_equal", "equal", "not_equal"]},
    **TYPES,
    **matrices.TABLE,
    **named(GradientTape, function, constant, convert_to_tensor, concat, transpose, matmul, where, add_n),
    **named(_split, _unstack, _cumsum, _stack, _gather, _boolean_mask, _py_func, _strided_slice, _pad, _one_hot),
    **named(_clip_by_norm, _clip_by_global_norm, _global_norm, _cond, _scan, _gradients, _range, _eye, _norm),
    **named(extract_image_patches),
    "batch_matmul": lambda x, y, adj_x=False, adj_y=False, name=None: matmul(x, y, adjoint_a=adj_x, adjoint_b=adj_y),
    "unpack": _unstack,
    "pack": _stack,
    "gather_nd": lambda params, indices, name=None: _gather_nd(params, indices),
    "scatter_nd": lambda indices, updates, shape, name=None: ops.scatter(indices, updates, shape),
    "select": where,
    "dynamic_partition": lambda data, partitions, num_partitions, name=None: [
        _rows_where(data, np.equal(partitions, i)) for i in range(num_partitions)
    ],
    "slice": lambda x, begin, size, name=None: K.slice(x, begin, size),
    "tile": lambda input, multiples, name=None: K.tile(input, multiples),  # noqa: A006
    "reverse": _words(lambda x, axis: K.reverse(x, axis)),
    "clip_by_value": lambda t, clip_value_min, clip_value_max, name=None: K.clip(t, clip_value_min, clip_value_max),
    "accumulate_n": add_n,
    "map_fn": lambda fn, elems, dtype=None, **ignored: K.map_fn(fn, elems, dtype=dtype_name(dtype)),
    "foldl": lambda fn, elems, initializer=None, **ignored: K.foldl(fn, elems, initializer),
    "depth_to_space": lambda input, block_size, **ignored: ops.depth_to_space(input, block_size),
    "space_to_depth": lambda input, block_size, **ignored: ops.space_to_depth(input, block_size),
    "fill": lambda dims, value, name=None: _array("full")(dims, value),
    "zeros": _made("zeros"),
    "ones": _made("ones"),
    "div": lambda x, y, name=None: _div(x, y),
    "unique": lambda x, out_idx=None, name=None: _Unique(*_firsts(x)),
    "zeros_like": _words(lambda x, dtype=None, optimize=True: K.zeros_like(x, dtype_name(dtype))),
    "ones_like": _words(lambda x, dtype=None, optimize=True: K.ones_like(x, dtype_name(dtype))),
    **dict.fromkeys(["argmax", "arg_max"], _argument(K.argmax)),
    **dict.fromkeys(["argmin", "arg_min"], _argument(K.argmin)),
    "size": lambda x, name=None, out_type=None: K.size(x),
    "shape": _words(lambda x, out_type=None: K.shape(x)),
    "rank": _words(lambda x: K.ndim(x)),
    **dict.fromkeys(["cast", "saturate_cast"], lambda x, dtype, name=None: K.cast(x, dtype_name(dtype))),
    "expand_dims": _words(lambda x, axis=-1: K.expand_dims(x, axis)),
    "squeeze": _words(lambda x, axis=None: _array("squeeze")(x, tuple(axis) if isinstance(axis, list) else axis)),
    "pow": _words(lambda x, y: x**y),
    "rsqrt": lambda x, name=None: 1.0 / K.sqrt(x),
    "squared_difference": lambda x, y, name=None: K.square(x - y),
    "sequence_mask": lambda lengths, maxlen=None, dtype=None, name=None: K.cast(
        K.arange(maxlen or 0) < K.expand_dims(lengths, -1), dtype_name(dtype) or "bool"
    ),
    "random_normal": lambda shape, mean=0.0, stddev=1.0, dtype="float32", seed=None, name=None: K.random_normal(
        shape, mean, stddev, dtype_name(dtype)
    ),
    "random_uniform": lambda shape, minval=0, maxval=1.0, dtype="float32", seed=None, name=None: _uniform(
        shape, minval, maxval, dtype_name(dtype)
    ),
    "truncated_normal": lambda shape, mean=0.0, stddev=1.0, dtype="float32", seed=None, name=None: K.truncated_normal(
        shape, mean, stddev, dtype_name(dtype)
    ),
    "Print": lambda input_, data=None, message=None, **ignored: input_,
    "Assert": _asserted,
    **{f"assert_{name}": _asserted for name in ["equal", "greater", "less", "rank", "positive", "non_negative"]},
    "newaxis": None,
    "Tensor": K.Tensor,
    "stop_gradient": _words(lambda x: K.stop_gradient(x)),
    "check_numerics": lambda tensor, message, name=None: tensor,
    "einsum": lambda equation, *inputs, **ignored: _array("einsum")(equation, *inputs),
}
MATH: Lent = Lent("tensorflow.math", TABLE, by_rule)


def _uniform(shape, low, high, dtype):
    if dtype and "int" in dtype:
        return K.cast(_array("floor")(K.random_uniform(shape, low, high)), dtype)
    return K.random_uniform(shape, low, high, dtype)
