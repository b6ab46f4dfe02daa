"""The part of Theano that Keras programs use, on K: shared variables, functions, and common operations."""

from typing import Any

from horngate import backend as K
from horngate.dialects.lent import Lent, missing


def shared(value: Any, name: str | None = None, **ignored: Any) -> Any:
    """Make a variable, like `K.variable`."""
    return K.variable(value, name=name)


def function(inputs: Any, outputs: Any, updates: Any = (), **ignored: Any) -> Any:
    """Return a compiled function with one argument for each input."""
    run = K.function(list(inputs), outputs, updates=list(getattr(updates, "items", lambda: updates)()))
    return lambda *values: run(list(values))


def _concatenate(tensor_list, axis=0):
    return K.concatenate(tensor_list, axis=axis)


def _stack(tensors, axis=0):
    stacked = K.stack(tensors)
    place = axis % len(stacked.shape)
    order = [*range(1, place + 1), 0, *range(place + 1, len(stacked.shape))]
    return stacked if place == 0 else K.permute_dimensions(stacked, order)


def _dimshuffle(x, *pattern):
    return x.dimshuffle(*pattern)


_nnet = Lent(
    "theano.tensor.nnet",
    {
        "softmax": K.softmax,
        "sigmoid": K.sigmoid,
        "hard_sigmoid": K.hard_sigmoid,
        "softplus": K.softplus,
        "relu": lambda x, alpha=0: K.relu(x, alpha),
        "elu": K.elu,
        "ultra_fast_sigmoid": K.sigmoid,
        "binary_crossentropy": lambda output, target: K.binary_crossentropy(output, target),
        "categorical_crossentropy": lambda coding, true: K.categorical_crossentropy(coding, true),
    },
)

tensor: Lent = Lent(
    "theano.tensor",
    {
        "nnet": _nnet,
        "dot": K.dot,
        "batched_dot": lambda a, b: K.batch_dot(a, b, axes=(2, 1)),
        "sum": K.sum,
        "mean": K.mean,
        "std": K.std,
        "var": K.var,
        "max": K.max,
        "min": K.min,
        "prod": K.prod,
        "argmax": K.argmax,
        "argmin": K.argmin,
        "sqr": K.square,
        "square": K.square,
        "sqrt": K.sqrt,
        "exp": K.exp,
        "log": K.log,
        "abs_": K.abs,
        "sgn": K.sign,
        "pow": K.pow,
        "tanh": K.tanh,
        "sin": K.sin,
        "cos": K.cos,
        "clip": K.clip,
        "maximum": K.maximum,
        "minimum": K.minimum,
        "switch": K.switch,
        "eq": K.equal,
        "neq": K.not_equal,
        "gt": lambda a, b: a > b,
        "ge": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "le": lambda a, b: a <= b,
        "zeros_like": K.zeros_like,
        "ones_like": K.ones_like,
        "cast": K.cast,
        "concatenate": _concatenate,
        "stack": _stack,
        "reshape": K.reshape,
        "flatten": K.batch_flatten,
        "tile": K.tile,
        "any": K.any,
        "all": K.all,
        "grad": K.gradients,
        "transpose": K.permute_dimensions,
        "shape_padright": lambda x: K.expand_dims(x, -1),
        "matrix": lambda name=None, dtype=None: K.placeholder(ndim=2, name=name),
        "vector": lambda name=None, dtype=None: K.placeholder(ndim=1, name=name),
        "tensor3": lambda name=None, dtype=None: K.placeholder(ndim=3, name=name),
        "tensor4": lambda name=None, dtype=None: K.placeholder(ndim=4, name=name),
    },
)

config: Lent = Lent("theano.config", {"floatX": "float32", "device": "jax", "optimizer": "fast_run", "mode": "JAX"})


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("theano", name, globals()))
