"""`keras.Variable`, `keras.KerasTensor` and `keras.remat`: how programs of Keras 3 make our variables and symbols."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from horngate import initializations
from horngate.backend import config
from horngate.backend.graph import Tensor, Variable
from horngate.engine.layer import Layer
from horngate.engine.stateless import rematerialized_call
from horngate.engine.weights import AGGREGATIONS


def variable(
    initializer: Any,
    shape: Any = None,
    dtype: Any = None,
    trainable: bool = True,
    autocast: bool = True,
    aggregation: Any = "none",
    synchronization: Any = "auto",
    name: str | None = None,
    layout: Any = None,
) -> Variable:
    """Make a variable.

    # Arguments
        initializer: an array or number; with a `shape`, the name of an initializer, or a function of shape and dtype.
        shape: its sizes.
        dtype: its number type; None for that of the array, or `floatx`.
        trainable: whether layers that hold it train it.
        autocast: whether a layer that computes in 16 bits reads it so.
        aggregation, synchronization: say nothing, as there is one copy.
        name: what it is called.
        layout: must be None: the layout of a model places its variables.
    """
    if aggregation not in AGGREGATIONS or layout is not None:
        raise ValueError(
            f"Variable: aggregation must be one of {AGGREGATIONS[:-1]} and layout None, since there is one copy of "
            f"each variable, which the layout of the model places; received {aggregation!r}, {layout!r}."
        )
    kind = None if dtype is None else str(np.dtype(getattr(dtype, "name", dtype)))
    if isinstance(initializer, str) or callable(initializer):
        if shape is None:
            raise ValueError("Variable: an initializer needs a shape, as in Variable('zeros', shape=(3,)).")
        value = np.asarray(initializations.get(initializer)(tuple(shape)), kind or config.floatx())
    else:
        value = np.asarray(initializer)
        plain = "int32" if value.dtype == np.int64 else str(value.dtype)
        kind = kind or (config.floatx() if value.dtype.kind == "f" else plain)
        value = value if shape is None else np.broadcast_to(value, tuple(shape))
    made = Variable(value, dtype=kind or str(value.dtype), name=name)
    made.trainable, made.narrows = bool(trainable), bool(autocast)
    return made


def keras_tensor(
    shape: Any,
    dtype: Any = "float32",
    sparse: bool = False,
    ragged: bool = False,
    record_history: bool = True,
    name: str | None = None,
) -> Tensor:
    """Make a symbol of a value that is not known yet.

    # Arguments
        shape: its sizes, None where unknown.
        dtype: its number type.
        sparse, ragged: must be False.
        record_history: must be True: what is computed of it is always recorded.
        name: what it is called.
    """
    if sparse or ragged or not record_history:
        raise ValueError("KerasTensor: sparse and ragged must be False and record_history True: symbols are dense.")
    return Tensor(tuple(shape), str(np.dtype(getattr(dtype, "name", dtype))), name=name)


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function `f`, so that training computes its intermediate values anew: less memory, more time."""
    owner = getattr(f, "__self__", None)
    if not isinstance(owner, Layer):
        owner = Layer(name=getattr(f, "__name__", "function"))
    return functools.wraps(f)(rematerialized_call(owner, f))
