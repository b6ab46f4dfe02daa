"""NumPy tools: class labels, norms, sizes of convolutions, kernels, and scores that old scripts use."""

from typing import TYPE_CHECKING, Any

import numpy as np

from horngate.backend import config
from horngate.backend.config import EraDefault, of_era
from horngate.backend.orders import of_eras

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@of_eras(same=1)
def to_categorical(
    y: "ArrayLike",
    nb_classes: int | None = None,
    num_classes: int | None = None,
    dtype: Any = EraDefault("categories_dtype"),
) -> np.ndarray:
    """Convert class numbers to one-hot rows, with a column for each class.

    # Arguments
        y: whole numbers from 0.
        nb_classes: number of columns; None for the largest class number plus 1.
        num_classes: the name of `nb_classes` in Keras 2.
        dtype: the number type; by default float32 in Keras 2, else float64.

    >>> to_categorical([0, 2], 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    shape, given = np.shape(y), np.asarray(y).ravel()
    if given.dtype.kind == "f" and not (given == np.floor(given)).all():
        wrong = given[given != np.floor(given)][0]
        raise ValueError(f"to_categorical: labels must be whole numbers; received {wrong}.")
    try:
        y = given.astype("int64")
    except (TypeError, ValueError):
        raise ValueError(f"to_categorical: labels must be whole numbers; received {given[0]!r}.") from None
    if y.size == 0:
        raise ValueError("to_categorical: there are no labels.")
    count = nb_classes or num_classes or int(y.max()) + 1
    if y.min() < 0 or y.max() >= count:
        raise ValueError(f"to_categorical: labels must lie in 0..{count - 1}; received {y.min()} to {y.max()}.")
    columns = np.zeros((len(y), count), of_era(dtype))
    columns[np.arange(len(y)), y] = 1.0
    return columns.reshape(*_kept_axes(shape), count)


def _kept_axes(shape):
    """The axes of labels that one-hot rows keep: all in Keras 2, without a last one of size 1; one before."""
    if len(shape) < 2 or config.era().generation not in ("2", "3"):
        return (-1,)
    return shape[:-1] if shape[-1] == 1 else shape


@of_eras(same=3)
def normalize(a: "ArrayLike", axis: int = -1, order: float = 2) -> np.ndarray:
    """Divide the array `a` by its norms of the given `order` along `axis`; zero vectors stay zero."""
    values = np.asarray(a)
    norms = np.atleast_1d(np.linalg.norm(values, order, axis))
    norms[norms == 0] = 1
    return values / np.expand_dims(norms, axis)


def binary_logloss(p: "ArrayLike", y: "ArrayLike") -> float:
    """-mean(y log p + (1 - y) log(1 - p)), `p` clipped away from 0 and 1; `y` are the targets 0 and 1."""
    clipped, y = np.clip(np.asarray(p, dtype="float64"), 1e-15, 1 - 1e-15), np.asarray(y)
    return float(-np.mean(y * np.log(clipped) + (1 - y) * np.log(1 - clipped)))


@of_eras
def multiclass_logloss(p: "ArrayLike", y: "ArrayLike") -> float:
    """The cross-entropy of predictions `p` (samples, classes) with class numbers `y`, here counted from 1."""
    p, labels = np.asarray(p), np.asarray(y)
    return -float(np.mean(np.log(np.clip(p[np.arange(len(labels)), labels - 1], 1e-15, None))))


def accuracy(p: "ArrayLike", y: "ArrayLike") -> float:
    """The fraction of equal entries in `p` and `y`."""
    return float(np.mean(np.asarray(p) == np.asarray(y)))


def probas_to_classes(y_pred: np.ndarray) -> np.ndarray:
    """The most probable class of each row of `y_pred`; for a single column, whether it exceeds 0.5."""
    if len(y_pred.shape) > 1 and y_pred.shape[1] > 1:
        return categorical_probas_to_classes(y_pred)
    return np.array([1 if p > 0.5 else 0 for p in np.ravel(y_pred)])


def categorical_probas_to_classes(p: "ArrayLike") -> np.ndarray:
    """The most probable class of each row of `p`."""
    return np.argmax(p, axis=1)


def convert_kernel(kernel: np.ndarray, dim_ordering: str | None = None) -> np.ndarray:
    """Flip the window of a convolution kernel, from Theano's convention to TensorFlow's or back.

    # Arguments
        kernel: array of 3, 4 or 5 axes.
        dim_ordering: `'th'` if its window axes come last, `'tf'` if they come first, None for the current ordering.
    """
    from horngate import backend as K

    ordering = dim_ordering if dim_ordering not in (None, "default") else K.image_dim_ordering()
    rank = kernel.ndim
    if rank not in (3, 4, 5):
        raise ValueError(f"convert_kernel: a kernel has 3, 4 or 5 axes; received shape {kernel.shape}")
    window = tuple(range(2, rank)) if ordering == "th" else tuple(range(rank - 2))
    return np.copy(np.flip(kernel, window))


def conv_output_length(
    input_length: int | None, filter_size: int, border_mode: str, stride: int, dilation: int = 1
) -> int | None:
    """The length of a convolution's output along one axis; None if that of the input is unknown.

    # Arguments
        input_length: length of the input, or None.
        filter_size: size of the window.
        border_mode: `'valid'`, `'same'`, `'full'` or `'causal'`.
        stride: places from one window to the next.
        dilation: places from one entry of the window to the next.

    >>> conv_output_length(10, 3, 'valid', 2)
    4
    """
    if input_length is None:
        return None
    window = filter_size + (filter_size - 1) * (dilation - 1)
    lengths = {"same": input_length, "valid": input_length - window + 1, "full": input_length + window - 1}
    lengths["causal"] = input_length
    if border_mode not in lengths:
        raise ValueError(f"border_mode must be 'valid', 'same' or 'full'; received {border_mode!r}")
    return (lengths[border_mode] + stride - 1) // stride


def conv_input_length(output_length: int | None, filter_size: int, border_mode: str, stride: int) -> int | None:
    """The length of a convolution's input along one axis that gives an output of `output_length`.

    `filter_size`, `border_mode` and `stride` as for `conv_output_length`.
    """
    if output_length is None:
        return None
    padding = {"same": filter_size // 2, "valid": 0, "full": filter_size - 1}
    if border_mode not in padding:
        raise ValueError(f"border_mode must be 'valid', 'same' or 'full'; received {border_mode!r}")
    return (output_length - 1) * stride - 2 * padding[border_mode] + filter_size


def set_random_seed(seed: int) -> None:
    """Seed NumPy's global generator, from which all random numbers here follow, and Python's `random` with `seed`."""
    import random

    from horngate.backend.function import seeded  # imports JAX, which the rest does not need

    np.random.seed(seed)
    seeded()
    random.seed(seed)
