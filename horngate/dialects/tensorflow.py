"""The part of TensorFlow that Keras programs use, on K: operations, empty sessions and configurations, tf.keras."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

import horngate as keras  # noqa: F401  tf.keras
from horngate import backend as K
from horngate.dialects.lent import Lent, missing

__path__: list[str] = []  # so that tensorflow.keras can be imported
float16: str = "float16"
float32: str = "float32"
float64: str = "float64"
int32: str = "int32"
int64: str = "int64"
uint8: str = "uint8"
bool: str = "bool"  # noqa: A001
__version__ = "1.0.0 (lent by horngate)"


class Shell:
    """An object without effect, in the place of objects such as `tf.ConfigProto()` in old programs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        vars(self).update(kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Shell()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return Shell()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exception: Any) -> Literal[False]:
        return False


class Session(Shell):
    """Evaluate tensors: `run` takes a tensor or a list, and a dictionary of feeds."""

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        """Return the values of the fetched tensors."""
        if isinstance(fetches, Shell):
            return None
        feeds = feed_dict or {}
        return K.function(list(feeds), fetches)(list(feeds.values()))


ConfigProto = GPUOptions = Graph = Shell
InteractiveSession = Session
logging: Shell = Shell()
compat: Shell = logging
config: Shell = logging


def _axis(function):
    """Wrap a reduction so that it takes TensorFlow's names of the axis and of `keepdims`."""

    def reduce(x, axis=None, keep_dims=False, keepdims=False, reduction_indices=None, name=None):
        chosen = axis if reduction_indices is None else reduction_indices
        return function(x, axis=chosen, keepdims=keep_dims or keepdims)

    return reduce


stop_gradient: Any
reduce_sum: Callable[..., Any]
reduce_mean: Callable[..., Any]
reduce_max: Callable[..., Any]
reduce_min: Callable[..., Any]
reduce_prod: Callable[..., Any]
reduce_any: Callable[..., Any]
reduce_all: Callable[..., Any]
abs: Callable[..., Any]  # noqa: A001
exp: Callable[..., Any]
log: Callable[..., Any]
sqrt: Callable[..., Any]
square: Callable[..., Any]
sign: Callable[..., Any]
tanh: Callable[..., Any]
sin: Callable[..., Any]
cos: Callable[..., Any]
maximum: Callable[..., Any]
minimum: Callable[..., Any]
clip_by_value: Callable[..., Any]
pow: Callable[..., Any]  # noqa: A001
matmul: Callable[..., Any]
reshape: Callable[..., Any]
expand_dims: Callable[..., Any]
squeeze: Callable[..., Any]
cast: Callable[..., Any]
tile: Callable[..., Any]
zeros_like: Callable[..., Any]
ones_like: Callable[..., Any]
one_hot: Callable[..., Any]
gather: Callable[..., Any]
equal: Callable[..., Any]
not_equal: Callable[..., Any]
shape: Callable[..., Any]
argmax: Callable[..., Any]
argmin: Callable[..., Any]
where: Callable[..., Any]
Variable: Callable[..., Any]
sigmoid: Callable[..., Any]
add: Callable[..., Any]
subtract: Callable[..., Any]
multiply: Callable[..., Any]
divide: Callable[..., Any]
greater: Callable[..., Any]
less: Callable[..., Any]
greater_equal: Callable[..., Any]
less_equal: Callable[..., Any]
random_normal: Callable[..., Any]
random_uniform: Callable[..., Any]
reduce_sum, reduce_mean, reduce_max, reduce_min = _axis(K.sum), _axis(K.mean), _axis(K.max), _axis(K.min)
reduce_prod, reduce_any, reduce_all = _axis(K.prod), _axis(K.any), _axis(K.all)
abs, exp, log, sqrt, square, sign, tanh, sin, cos = (  # noqa: A001
    K.abs,
    K.exp,
    K.log,
    K.sqrt,
    K.square,
    K.sign,
    K.tanh,
    K.sin,
    K.cos,
)
maximum, minimum, clip_by_value, pow = K.maximum, K.minimum, K.clip, K.pow  # noqa: A001
matmul, reshape, expand_dims, squeeze, cast, tile = K.dot, K.reshape, K.expand_dims, K.squeeze, K.cast, K.tile
zeros_like, ones_like, one_hot, gather, equal, not_equal = (
    K.zeros_like,
    K.ones_like,
    K.one_hot,
    K.gather,
    K.equal,
    K.not_equal,
)
shape, argmax, argmin, where = K.shape, K.argmax, K.argmin, K.switch
Variable, stop_gradient, sigmoid = K.variable, getattr(K, "stop_gradient", None), K.sigmoid
add, subtract, multiply, divide = (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b)
greater, less, greater_equal, less_equal = (
    lambda a, b: a > b,
    lambda a, b: a < b,
    lambda a, b: a >= b,
    lambda a, b: a <= b,
)
nn: Lent = Lent(
    "tensorflow.nn",
    {
        "relu": K.relu,
        "softmax": K.softmax,
        "sigmoid": K.sigmoid,
        "tanh": K.tanh,
        "softplus": K.softplus,
        "elu": K.elu,
        "l2_normalize": lambda x, axis: K.l2_normalize(x, axis),
        "dropout": K.dropout,
        "leaky_relu": lambda x, alpha=0.2: K.relu(x, alpha),
    },
)
random: Lent = Lent(
    "tensorflow.random",
    {
        "set_seed": lambda seed: np.random.seed(seed),
        "normal": lambda shape, mean=0.0, stddev=1.0: K.random_normal(shape, mean, stddev),
        "uniform": lambda shape, minval=0.0, maxval=1.0: K.random_uniform(shape, minval, maxval),
    },
)
random_normal, random_uniform = random.normal, random.uniform
test: Lent = Lent("tensorflow.test", {"is_gpu_available": lambda *args, **kwargs: False})


def set_random_seed(seed: Any) -> None:
    """Set NumPy's seed, on which the random numbers of horngate depend."""
    np.random.seed(seed)


def constant(value: Any, dtype: Any = None, shape: Any = None) -> Any:
    """Make an array."""
    array = np.asarray(value, dtype=dtype or "float32")
    return array if shape is None else np.broadcast_to(array, shape)


convert_to_tensor = constant


def concat(values: Any, axis: Any) -> Any:
    """Concatenate tensors; before TensorFlow 1.0, the axis came first."""
    values, axis = (axis, values) if isinstance(values, int) else (values, axis)
    return K.concatenate(values, axis=axis)


def transpose(x: Any, perm: Any = None) -> Any:
    """Permute the axes; by default, reverse them."""
    return K.transpose(x) if perm is None else K.permute_dimensions(x, perm)


def get_default_graph() -> Any:
    """Return a `Shell`: horngate has no global graph."""
    return Shell()


def global_variables_initializer() -> Any:
    """Return a `Shell`: variables have values from the start."""
    return Shell()


initialize_all_variables = global_variables_initializer


def __getattr__(name: str) -> Any:
    raise AttributeError(missing("tensorflow", name, globals()))
