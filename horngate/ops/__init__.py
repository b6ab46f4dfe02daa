"""The array functions of Keras 3 (`keras.ops`), for arrays, symbolic tensors and tapes; else those of NumPy."""

import importlib
import sys
from typing import Any

from horngate import activations
from horngate import backend as K
from horngate.backend import arrays

_ACTIVATIONS = (  # those that `activations` has by the same name
    "celu elu gelu glu hard_shrink hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax mish relu6 selu "
    "silu soft_shrink sparse_plus sparse_sigmoid sparsemax squareplus swish tanh_shrink threshold"
)
_OTHERS = {  # name -> K's, where it is not NumPy's
    "shape": K.int_shape,
    "ndim": K.ndim,
    "relu": K.relu,
    "sigmoid": K.sigmoid,
    "softplus": K.softplus,
    "softsign": K.softsign,
    "hard_sigmoid": activations.hard_sigmoid_of_keras_3,
    **{name: getattr(activations, name) for name in _ACTIVATIONS.split()},
}


PARTS = ("linalg", "nn", "numpy")  # modules of Keras 3's ops that hold a part of the functions that ops has itself


def convert_to_numpy(x: Any) -> Any:
    """The numbers of an array, or of a tensor that depends on variables alone."""
    return K.eval(x)


def __getattr__(name: str) -> Any:
    """Find a function by its name; raises AttributeError for an unknown one, and lists those there are."""
    if name.startswith("__"):
        raise AttributeError(name)
    if name in PARTS:
        return sys.modules[__name__]
    if name == "image":
        return importlib.import_module(f"{__name__}.image")
    return _OTHERS.get(name) or arrays.found(name) or K.array_function(name)
