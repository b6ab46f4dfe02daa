"""What programs ask of a tensor in a layer's `call`, where it is an array of JAX: `x.get_shape()`, `x.shape.as_list()`.

Only programs that the launcher runs see these attributes: they are set on JAX's own classes.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import core

from horngate.backend import static_shape
from horngate.backend.operators import _dimshuffle
from horngate.backend.static_shape import StaticShape

_METHODS = {
    "get_shape": lambda x: StaticShape(x.shape),
    "set_shape": lambda x, shape: None,
    "dimshuffle": _dimshuffle,
    "eval": lambda x, *args, **kwargs: x,
    "norm": lambda x, L, axis=None: jnp.sum(jnp.abs(x) ** L, axis) ** (1.0 / L),  # noqa: N803  Theano's name
}
_PROPERTIES = {
    "_keras_shape": lambda x: StaticShape(x.shape),
    "_uses_learning_phase": lambda x: False,
    "_keras_mask": lambda x: None,
}


def answer_as_tensors() -> None:
    """Give JAX's arrays and tracers the attributes, from now on, that tensors of Theano and TensorFlow had."""
    aval_method: Any = _from_core("aval_method")
    aval_property: Any = _from_core("aval_property")
    concrete = type(jnp.zeros(()))
    static_shape.kind = StaticShape
    changed: Any = core.Tracer
    changed.shape = property(lambda x: StaticShape(x.aval.shape))
    for name, method in _METHODS.items():
        setattr(core.ShapedArray, name, aval_method(method))
        setattr(concrete, name, method)
    for name, get in _PROPERTIES.items():
        setattr(core.ShapedArray, name, aval_property(get))
        setattr(concrete, name, property(get))


def _from_core(name: str) -> Any:
    """A name of JAX's core, which newer versions keep private."""
    found = getattr(core, name, None)
    private: Any = jax
    return found or getattr(private._src.core, name)
