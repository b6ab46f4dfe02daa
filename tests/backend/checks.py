"""What the tests of K share: evaluating a call in three ways, and gradients by finite differences."""

import numpy as np

from horngate import backend as K


def is_data(value):
    return isinstance(value, np.ndarray)


def replaced(value, make):
    """`value` with `make` applied to the arrays in it."""
    if is_data(value):
        return make(value)
    if type(value) in (list, tuple):
        return type(value)(replaced(item, make) for item in value)
    return value


def on_arrays(name, args, kwargs):
    return listed(getattr(K, name)(*args, **kwargs))


def on_placeholders(name, args, kwargs):
    """The function of symbols, run by K.function; samples are of unknown number, the sizes of weights are known."""
    feeds = []

    def placeholder(value):
        batch = feeds[0][1].shape[:1] if feeds else value.shape[:1]
        shape = (None, *value.shape[1:]) if batch and value.shape[:1] == batch else value.shape
        symbol = K.placeholder(shape=shape, dtype=str(value.dtype))
        feeds.append((symbol, value))
        return symbol

    args, kwargs = replaced(list(args), placeholder), {k: replaced(v, placeholder) for k, v in kwargs.items()}
    outputs = getattr(K, name)(*args, **kwargs)
    symbols, values = zip(*feeds)
    results = K.function(list(symbols), flat(outputs))(list(values))
    for output, result in zip(flat(outputs), results):
        fits = [want in (None, got) for want, got in zip(output.shape, result.shape)]
        assert len(output.shape) == result.ndim and all(fits), (output, result.shape)
    return results


def on_variables(name, args, kwargs):
    def variable(value):
        return K.variable(value, dtype=str(value.dtype))

    args, kwargs = replaced(list(args), variable), {k: replaced(v, variable) for k, v in kwargs.items()}
    return [K.eval(output) for output in flat(getattr(K, name)(*args, **kwargs))]


def flat(outputs):
    if isinstance(outputs, (list, tuple)) and not all(isinstance(item, int) for item in outputs):
        return [item for output in outputs for item in flat(output)]
    return [outputs]


def listed(outputs):
    return [np.asarray(output) for output in flat(outputs)]


WAYS = {"arrays": on_arrays, "placeholders": on_placeholders, "variables": on_variables}


def numerical_gradient(function, x, step=1e-6):
    """The gradient of sum(function(x)) by central differences, in double precision."""
    x = np.array(x, "float64")
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            ends.append(np.sum(np.asarray(function(moved), "float64")))
        gradient[place] = (ends[0] - ends[1]) / (2 * step)
    return gradient
