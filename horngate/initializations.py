"""Initial values of weights, drawn from NumPy's global generator."""

import functools
import inspect
import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.graph import Variable
from horngate.backend.orders import as_written, dialect
from horngate.utils.generic_utils import deserialized, get_custom_objects, get_from_module, public_in, serialized


def get_fans(shape: Sequence[int], dim_ordering: Any = "th") -> tuple[float, float]:
    """Return (fan_in, fan_out) of a weight of this shape; each element of a kernel's window counts.

    # Arguments
        shape: the weight's sizes.
        dim_ordering: `'th'` for a kernel (outputs, inputs, window), `'tf'` for one (window, inputs, outputs). With
            `'window first'`, as Keras 3 has it, all axes but the last two are the window. A tuple holds the places of
            the axes of the inputs; the others are those of the outputs.

    >>> get_fans((64, 32, 3, 3), dim_ordering='th')
    (288, 576)
    """
    if isinstance(dim_ordering, tuple):
        inputs = float(np.prod([shape[place] for place in dim_ordering]))
        return inputs, float(np.prod(shape)) / max(inputs, 1.0)
    if len(shape) == 2:
        return shape[0], shape[1]
    if dim_ordering == "window first" and len(shape) > 2:
        size = int(np.prod(shape[:-2]))
        return shape[-2] * size, shape[-1] * size
    if len(shape) in (4, 5):
        # Keras 1.2 took the first two axes for the window of channels-last kernels of any rank; so do we.
        first, window = (2, shape[2:]) if dim_ordering == "th" else (None, shape[:2])
        inputs, outputs = (shape[1], shape[0]) if first else (shape[-2], shape[-1])
        size = int(np.prod(window))
        return inputs * size, outputs * size
    fan = float(np.sqrt(np.prod(shape)))
    return fan, fan


def uniform(shape: Sequence[int], scale: float = 0.05, name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Uniform in [-scale, scale].

    # Arguments
        shape: the weight's sizes.
        scale: the largest absolute value, at least 0.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand; it makes no difference.
    """
    return K.random_uniform_variable(shape, -scale, scale, name=name)


def normal(shape: Sequence[int], scale: float = 0.05, name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Normal with standard deviation `scale`.

    # Arguments
        shape: the weight's sizes.
        scale: the standard deviation, at least 0.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand; it makes no difference.
    """
    return K.random_normal_variable(shape, 0.0, scale, name=name)


def lecun_uniform(shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Uniform in [-s, s], s = sqrt(3 / fan_in).

    # Arguments
        shape: the weight's sizes.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand: fans depend on it.

    # Source
        LeCun et al., Efficient BackProp (1998), section 4.6.
    """
    return uniform(shape, np.sqrt(3.0 / get_fans(shape, dim_ordering)[0]), name=name)


def glorot_normal(shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Normal with standard deviation sqrt(2 / (fan_in + fan_out)).

    # Arguments
        shape: the weight's sizes.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand: fans depend on it.

    # Source
        Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), equation 12.
    """
    return normal(shape, np.sqrt(2.0 / sum(get_fans(shape, dim_ordering))), name=name)


def glorot_uniform(shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Uniform in [-s, s], s = sqrt(6 / (fan_in + fan_out)).

    # Arguments
        shape: the weight's sizes.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand: fans depend on it.

    # Source
        Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), equation 16.
    """
    return uniform(shape, np.sqrt(6.0 / sum(get_fans(shape, dim_ordering))), name=name)


def he_normal(shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Normal with standard deviation sqrt(2 / fan_in).

    # Arguments
        shape: the weight's sizes.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand: fans depend on it.

    # Source
        He et al., Delving Deep into Rectifiers (arXiv:1502.01852), equation 10.
    """
    return normal(shape, np.sqrt(2.0 / get_fans(shape, dim_ordering)[0]), name=name)


def he_uniform(shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Uniform in [-s, s], s = sqrt(6 / fan_in).

    # Arguments
        shape: the weight's sizes.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand: fans depend on it.

    # Source
        He et al., Delving Deep into Rectifiers (arXiv:1502.01852), equation 10.
    """
    return uniform(shape, np.sqrt(6.0 / get_fans(shape, dim_ordering)[0]), name=name)


def orthogonal(shape: Sequence[int], scale: float = 1.1, name: str | None = None, dim_ordering: str = "th") -> Variable:
    """A matrix with orthogonal rows or columns, times `scale`; further axes are joined with the second.

    # Arguments
        shape: the weight's sizes.
        scale: what the matrix is multiplied by.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand; it makes no difference.

    # Source
        Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning (arXiv:1312.6120).
    """
    flat = (shape[0], int(np.prod(shape[1:])))
    u, _, v = np.linalg.svd(np.random.normal(0.0, 1.0, flat), full_matrices=False)
    q = (u if u.shape == flat else v).reshape(shape)
    return K.variable(scale * q, name=name)


def identity(shape: Sequence[int], scale: float = 1, name: str | None = None, dim_ordering: str = "th") -> Variable:
    """The identity matrix times `scale`.

    # Arguments
        shape: the weight's sizes.
        scale: what the matrix is multiplied by.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand; it makes no difference.
    """
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"identity makes square matrices only; received shape {tuple(shape)}")
    return K.variable(scale * np.identity(shape[0]), name=name)


def zero(shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Zeros.

    # Arguments
        shape: the weight's sizes.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand; it makes no difference.
    """
    return K.zeros(shape, name=name)


def one(shape: Sequence[int], name: str | None = None, dim_ordering: str = "th") -> Variable:
    """Ones.

    # Arguments
        shape: the weight's sizes.
        name: the weight's name.
        dim_ordering: `'th'` or `'tf'`, where the channels of a kernel stand; it makes no difference.
    """
    return K.ones(shape, name=name)


_BY_NAME = public_in(vars(), "get_fans")
_BY_NAME.update(zeros=zero, ones=one, random_uniform=uniform, random_normal=normal)  # the names of Keras 2


def get(identifier: Any, **kwargs: Any) -> Callable[..., Any]:
    """Return the initialization that `identifier` stands for.

    # Arguments
        identifier: a name, a configuration of one of `initializers`, or a function of a shape, returned as it is.
        kwargs: arguments for each of its calls, such as `dim_ordering`.

    >>> get('zero')((2,)).shape
    (2,)
    >>> get('he_normal', dim_ordering='tf').__name__
    'he_normal'
    """
    names = _IN_CLASSES | _DRAWN_OTHERWISE if K.era().initializers == "classes" else _IN_CLASSES
    if isinstance(identifier, str) and identifier in names and identifier not in get_custom_objects():
        identifier = {"class_name": identifier, "config": {}}
    if not isinstance(identifier, (str, dict)) and not callable(identifier):
        raise TypeError(f"an initialization is a name or a function of a shape; received {identifier!r}")
    found = get_from_module(identifier, _classes() if isinstance(identifier, dict) else _BY_NAME, "initialization")
    if not kwargs or not isinstance(identifier, str):
        return found
    return functools.update_wrapper(functools.partial(found, **kwargs), found)


_DRAWN_OTHERWISE = frozenset(("glorot_normal", "he_normal", "orthogonal"))  # by the classes of Keras 2 and 3
_NAMES = (
    "lecun_normal truncated_normal variance_scaling constant stft Constant GlorotNormal GlorotUniform HeNormal "
    "HeUniform Identity LecunNormal LecunUniform Ones Orthogonal RandomNormal RandomUniform STFT "
    "TruncatedNormal VarianceScaling Zeros"
)
_IN_CLASSES = frozenset(_NAMES.split())  # names that only classes have


def serialize(initializer: Any) -> Any:
    """Describe an `initializer` as plain data: the name of a function, or the class and configuration of an object."""
    return serialized(initializer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Callable[..., Any]:
    """Return the initializer that `config`, of `serialize`, describes; `custom_objects`: the user's own by name."""
    return deserialized(config, custom_objects, get)


def _classes() -> dict[str, Callable[..., Any]]:
    """The classes of `initializers` by name."""
    initializers = dialect("keras2.initializers")
    found = {name: item for name, item in vars(initializers).items() if isinstance(item, type)}
    return {name: item for name, item in found.items() if issubclass(item, initializers.Initializer)}


_taken: weakref.WeakKeyDictionary[Callable[..., Any], list[str]] = (
    weakref.WeakKeyDictionary()
)  # function -> the options that it takes


def _options_taken(initializer: Callable[..., Any]) -> list[str]:
    """Which of the options `name` and `dim_ordering` an initialization takes; a user's function may take neither."""
    is_function = isinstance(initializer, types.FunctionType)
    if is_function and initializer in _taken:
        return _taken[initializer]
    known = as_written(initializer).parameters
    free = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in known.values())
    taken = [name for name in ("name", "dim_ordering") if free or name in known]
    if is_function:
        _taken[initializer] = taken
    return taken


def weight_of(initializer: Callable[..., Any], shape: Sequence[int], name: str | None, dim_ordering: Any) -> Variable:
    """Make a weight by an initialization.

    # Arguments
        initializer: the initialization, a function of a shape.
        shape: the weight's sizes.
        name: its name; None for none.
        dim_ordering: `'th'` or `'tf'` for a kernel, or what else `get_fans` takes, else None.
    """
    options = {"name": name, "dim_ordering": dim_ordering}
    given = {name: options[name] for name in _options_taken(initializer) if options[name] is not None}
    weight = initializer(shape, **given)
    return weight if isinstance(weight, Variable) else Variable(weight, name=name)
