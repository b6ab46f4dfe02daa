"""The array functions of Keras 3 (`keras.ops`), for arrays and symbolic tensors: those of NumPy and of networks."""

from typing import Any

from horngate import backend as K

_OTHERS = {  # name -> K's, where it is not NumPy's
    "cast": K.cast,
    "convert_to_tensor": K.array_function("asarray"),
    "shape": K.int_shape,
    "relu": K.relu,
    "elu": K.elu,
    "sigmoid": K.sigmoid,
    "softplus": K.softplus,
    "softsign": K.softsign,
    "hard_sigmoid": K.hard_sigmoid,
    "rsqrt": lambda x: 1 / K.sqrt(x),
}


def convert_to_numpy(x: Any) -> Any:
    """The numbers of an array, or of a tensor that depends on variables alone."""
    return K.eval(x)


def __getattr__(name: str) -> Any:
    """Find a function by its name; raises AttributeError for an unknown one, and lists those there are."""
    if name.startswith("__"):
        raise AttributeError(name)
    return _OTHERS.get(name) or K.array_function(name)
