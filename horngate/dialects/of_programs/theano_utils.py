"""`keras.utils.theano_utils` of Keras 0.3: shared variables."""

from typing import Any

import numpy as np

from horngate import backend as K


def floatX(X: Any) -> np.ndarray:  # noqa: N802, N803  Keras's names
    """`X` as an array of the default number type."""
    return np.asarray(X, K.floatx())


def sharedX(X: Any, dtype: Any = None, name: str | None = None) -> Any:  # noqa: N802, N803
    """A variable with the value `X`. `dtype`: its number type, floatx if None. `name`: for messages."""
    return K.variable(X, dtype, name)


def shared_zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros in the given `shape`. `dtype`: its number type. `name`: for messages."""
    return K.zeros(shape, dtype, name)


def shared_ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones in the given `shape`. `dtype`: its number type. `name`: for messages."""
    return K.ones(shape, dtype, name)


def shared_scalar(val: float = 0.0, dtype: Any = None, name: str | None = None) -> Any:
    """A variable with the number `val`. `dtype`: its number type. `name`: for messages."""
    return K.variable(val, dtype, name)


def alloc_zeros_matrix(*dims: Any) -> Any:
    """Zeros of the sizes `dims`."""
    return K.zeros(dims)


def ndim_tensor(ndim: int) -> Any:
    """A placeholder of `ndim` axes."""
    return K.placeholder(ndim=ndim)
