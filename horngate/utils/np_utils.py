"""NumPy tools: class labels, norms, convolution lengths and kernels, and the scores of old scripts."""

from typing import TYPE_CHECKING

import numpy as np

from horngate.backend.orders import of_eras

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def to_categorical(y: "ArrayLike", nb_classes: int | None = None, num_classes: int | None = None) -> np.ndarray:
    """Class numbers as one column for each class.

    # Arguments
        y: whole numbers from 0.
        nb_classes: how many columns there are; as many as the largest number asks for where None.
        num_classes: what Keras 2 calls `nb_classes`.

    >>> to_categorical([0, 2], 3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    given = np.asarray(y).ravel()
    if given.dtype.kind == "f" and not (given == np.floor(given)).all():
        wrong = given[given != np.floor(given)][0]
        raise ValueError(f"to_categorical: labels must be whole numbers; received {wrong}.")
    y = given.astype("int64")
    if y.size == 0:
        raise ValueError("to_categorical: there are no labels.")
    count = nb_classes or num_classes or int(y.max()) + 1
    if y.min() < 0 or y.max() >= count:
        raise ValueError(f"to_categorical: labels must lie in 0..{count - 1}; received {y.min()} to {y.max()}.")
    columns = np.zeros((len(y), count))
    columns[np.arange(len(y)), y] = 1.0
    return columns


def normalize(a: "ArrayLike", axis: int = -1, order: float = 2) -> np.ndarray:
    """The array `a` divided by its norms of that `order` along `axis`; what is all zero stays so."""
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
    """Part of the entries of `p` and `y` that are equal."""
    return float(np.mean(np.asarray(p) == np.asarray(y)))


def probas_to_classes(y_pred: np.ndarray) -> np.ndarray:
    """The likeliest class of each row of `y_pred`; for a single column, whether it exceeds 0.5."""
    if len(y_pred.shape) > 1 and y_pred.shape[1] > 1:
        return categorical_probas_to_classes(y_pred)
    return np.array([1 if p > 0.5 else 0 for p in np.ravel(y_pred)])


def categorical_probas_to_classes(p: "ArrayLike") -> np.ndarray:
    """The likeliest class of each row of `p`."""
    return np.argmax(p, axis=1)


def convert_kernel(kernel: np.ndarray, dim_ordering: str | None = None) -> np.ndarray:
    """A convolution kernel turned from Theano's convention to TensorFlow's, or back: its window is flipped.

    # Arguments
        kernel: array of 3, 4 or 5 axes.
        dim_ordering: `'th'` where its window stands last, `'tf'` where it stands first, None for that in force.
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
    """The length of a convolution's output along one axis; None where the input's is unknown.

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
    """Make what comes repeatable: `seed` is for NumPy, of which all random numbers here are made, and for `random`."""
    import random

    np.random.seed(seed)
    random.seed(seed)
