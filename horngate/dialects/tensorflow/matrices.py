"""TensorFlow's functions of matrices, of segments and of sparse tensors, and what it draws or counts."""

from typing import Any, NamedTuple

import numpy as np

from horngate import backend as K
from horngate import ops, random
from horngate.dialects.lent import Lent, known

_array = K.array_function


def _transposed(x):
    return _array("swapaxes")(x, -1, -2)


def _svd(tensor, full_matrices=False, compute_uv=True, name=None):
    """s, u and v: NumPy has u first, and v transposed."""
    if not compute_uv:
        return ops.svd(tensor, full_matrices, False)
    u, s, v = ops.svd(tensor, full_matrices, True)
    return s, u, _transposed(v)


def _solve(matrix, rhs, adjoint=False, name=None):
    return ops.solve(_transposed(matrix) if adjoint else matrix, rhs)


def _matrix_inverse(input, adjoint=False, name=None):  # noqa: A002  TensorFlow's name
    return ops.inv(_transposed(input) if adjoint else input)


def _matrix_diag(diagonal, name=None):
    return K.expand_dims(diagonal, -1) * _array("eye")(K.int_shape(diagonal)[-1])


def _matrix_diag_part(input, name=None):  # noqa: A002
    return _array("diagonal")(input, axis1=-2, axis2=-1)


def _trace(x, name=None):
    return K.sum(_matrix_diag_part(x), axis=-1)


def _band(input, num_lower, num_upper, name=None):  # noqa: A002
    """Keep the diagonals from `num_lower` below to `num_upper` above; a negative number keeps all."""
    rows, columns = K.int_shape(input)[-2:]
    below = np.arange(rows)[:, None] - np.arange(columns)
    kept = ((num_lower < 0) | (below <= num_lower)) & ((num_upper < 0) | (-below <= num_upper))
    return _array("where")(kept, input, K.zeros_like(input))


def _diag(diagonal, name=None):
    values = diagonal if hasattr(diagonal, "shape") else np.asarray(diagonal, K.floatx())
    if K.ndim(values) != 1:
        raise ValueError(f"tf.diag: needs one axis here; received {K.ndim(values)}. tf.matrix_diag takes several.")
    return _matrix_diag(values)


def _segments(name, counted=False):
    """A function of segments: `counted` ones are told how many there are, the others read it from their numbers."""

    def reduce(data: Any, segment_ids: Any, num_segments: Any = None, name_: Any = None, **ignored: Any) -> Any:
        if not counted:
            num_segments = int(known(segment_ids, f"tf.segment_{name}").max()) + 1
        if name == "mean":
            sums, ones = ops.segment_sum(data, segment_ids, num_segments), K.ones_like(data)
            return sums / K.maximum(ops.segment_sum(ones, segment_ids, num_segments), 1.0)
        return getattr(ops, f"segment_{name}")(data, segment_ids, num_segments)

    return reduce if counted else K.op(reduce)


class _SparseTensor(NamedTuple):
    """The places and numbers of a tensor whose other numbers are zero."""

    indices: Any
    values: Any
    dense_shape: Any


def _to_dense(indices, shape, values, default_value=0, *args, **ignored):
    places = np.asarray(indices, "int32") if isinstance(indices, (list, tuple)) else indices
    places = K.expand_dims(places, -1) if K.ndim(places) == 1 else places
    size = tuple(int(each) for each in np.asarray(shape))
    values = values if hasattr(values, "shape") else np.asarray(values)
    values = values if K.ndim(values) else np.broadcast_to(values, K.int_shape(places)[:1])
    return ops.scatter(places, values - default_value, size) + default_value


def _dense(sparse, default_value=0, *args, **ignored):
    return _to_dense(sparse.indices, sparse.dense_shape, sparse.values, default_value)


def _sparse_matmul(sp_a, b, adjoint_a=False, adjoint_b=False, name=None):
    a = _dense(sp_a)
    return _array("matmul")(_transposed(a) if adjoint_a else a, _transposed(b) if adjoint_b else b)


def _confusion_matrix(labels, predictions, num_classes=None, dtype="int32", name=None, weights=None):
    labels, predictions = (
        np.asarray(each, "int32") if isinstance(each, list) else each for each in (labels, predictions)
    )
    if num_classes is None:
        numbers = [known(each, "tf.confusion_matrix without num_classes") for each in (labels, predictions)]
        num_classes = int(max(each.max() for each in numbers)) + 1
    rows, columns = K.one_hot(labels, num_classes), K.one_hot(predictions, num_classes)
    rows = rows if weights is None else rows * K.expand_dims(weights, -1)
    return K.cast(K.dot(K.transpose(rows), columns), str(dtype))


def _reverse_sequence(x, seq_lengths, seq_axis=None, batch_axis=0, name=None, seq_dim=None, batch_dim=0):
    """Reverse the first steps of each sample, as many as `seq_lengths` says."""
    steps, rows = seq_dim if seq_axis is None else seq_axis, batch_dim or batch_axis
    if (steps, rows) != (1, 0):
        raise ValueError(f"tf.reverse_sequence: needs seq_axis=1 and batch_axis=0; received {steps} and {rows}.")
    lengths = np.asarray(seq_lengths) if isinstance(seq_lengths, list) else seq_lengths
    lengths, step = K.expand_dims(K.cast(lengths, "int32"), -1), np.arange(K.int_shape(x)[1], dtype="int32")
    places = _array("where")(step < lengths, lengths - 1 - step, step + 0 * lengths)
    for _ in range(K.ndim(x) - 2):
        places = K.expand_dims(places, -1)
    return _array("take_along_axis")(x, places, 1)


def _cumprod(x, axis=0, exclusive=False, reverse=False, name=None):
    if exclusive:
        raise ValueError("tf.cumprod: exclusive=True is not lent to programs; pad with a one, and leave out the last.")
    found = K.cumprod(K.reverse(x, axis) if reverse else x, axis)
    return K.reverse(found, axis) if reverse else found


def _sort(values, axis=-1, direction="ASCENDING", name=None):
    rising = _array("sort")(values, axis=axis)
    return K.reverse(rising, axis) if direction == "DESCENDING" else rising


def _argsort(values, axis=-1, direction="ASCENDING", stable=False, name=None):
    return _array("argsort")(-values if direction == "DESCENDING" else values, axis=axis)


def _multinomial(logits, num_samples, seed=None, name=None, output_dtype="int64"):
    return K.cast(random.categorical(logits, num_samples), str(output_dtype or "int64"))


def _random_crop(value, size, seed=None, name=None):
    room = [whole - part for whole, part in zip(K.int_shape(value), size)]
    start = [K.cast(_array("floor")(K.random_uniform((), 0.0, each + 1.0)), "int32") for each in room]
    return ops.slice(value, _array("stack")(start), size)


def _fourier(inverse, axes):
    """The transform of complex numbers along the last axes, or its inverse: the conjugate of that of conjugates."""
    transform = "fft2" if axes == 2 else "fft"

    def transformed(input: Any, name: Any = None) -> Any:  # noqa: A002
        imaginary = _array("imag")(input)
        pair = _array("real")(input), -imaginary if inverse else imaginary
        real, imaginary = getattr(ops, transform)(pair)
        if not inverse:
            return real + 1j * imaginary
        return (real - 1j * imaginary) / float(np.prod(K.int_shape(input)[-axes:]))

    return transformed


_LISTS = "bincount searchsorted broadcast_to invert_permutation"


def _of_lists(name: str) -> Any:
    """NumPy's function, which takes lists of numbers too."""
    function = _array({"invert_permutation": "argsort"}.get(name, name))

    def call(*args: Any, name: Any = None, **kwargs: Any) -> Any:
        return function(*(np.asarray(each) if isinstance(each, (list, tuple)) else each for each in args), **kwargs)

    return call


TABLE: dict[str, Any] = {
    **{name: _of_lists(name) for name in _LISTS.split()},
    **{f"segment_{name}": _segments(name) for name in ("sum", "mean", "max", "min", "prod")},
    **{f"unsorted_segment_{name}": _segments(name, True) for name in ("sum", "mean", "max", "min", "prod")},
    "svd": _svd,
    "qr": lambda x, full_matrices=False, name=None: ops.qr(x, "complete" if full_matrices else "reduced"),
    "cholesky": lambda input, name=None: ops.cholesky(input),  # noqa: A006
    "matrix_inverse": _matrix_inverse,
    "matrix_determinant": lambda input, name=None: ops.det(input),  # noqa: A006
    "matrix_solve": _solve,
    "matrix_transpose": lambda a, name=None: _transposed(a),
    "matrix_diag": _matrix_diag,
    "matrix_diag_part": _matrix_diag_part,
    "matrix_band_part": _band,
    "self_adjoint_eig": lambda tensor, name=None: ops.eigh(tensor),
    "self_adjoint_eigvals": lambda tensor, name=None: ops.eigh(tensor)[0],
    "trace": _trace,
    "diag": _diag,
    "diag_part": lambda input, name=None: _matrix_diag_part(input),  # noqa: A006
    "SparseTensor": _SparseTensor,
    "sparse_to_dense": _to_dense,
    "sparse_tensor_to_dense": _dense,
    "sparse_tensor_dense_matmul": _sparse_matmul,
    "confusion_matrix": _confusion_matrix,
    "reverse_sequence": _reverse_sequence,
    "cumprod": _cumprod,
    "sort": _sort,
    "argsort": _argsort,
    "multinomial": _multinomial,
    "random_gamma": lambda shape, alpha, beta=1.0, dtype="float32", seed=None, name=None: (
        random.gamma(shape, alpha) / beta
    ),
    "random_shuffle": lambda value, seed=None, name=None: random.shuffle(value),
    "random_crop": _random_crop,
    "fft": _fourier(False, 1),
    "ifft": _fourier(True, 1),
    "fft2d": _fourier(False, 2),
    "ifft2d": _fourier(True, 2),
}
SPARSE: Lent = Lent(
    "tensorflow.sparse", {"SparseTensor": _SparseTensor, "to_dense": _dense, "sparse_dense_matmul": _sparse_matmul}
)
_OF_LINALG = {"inv": "matrix_inverse", "det": "matrix_determinant", "solve": "matrix_solve", "diag": "matrix_diag"}
_OF_LINALG |= {"diag_part": "matrix_diag_part", "band_part": "matrix_band_part", "eigh": "self_adjoint_eig"}
_OF_LINALG |= {name: name for name in ("svd", "qr", "cholesky", "trace")}
_OF_LINALG |= {"transpose": "matrix_transpose", "eigvalsh": "self_adjoint_eigvals"}
LINALG: dict[str, Any] = {name: TABLE[word] for name, word in _OF_LINALG.items()}
