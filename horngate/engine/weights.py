"""How a layer makes a weight."""

import functools
from typing import Any

import numpy as np

from horngate import constraints, initializations, regularizers
from horngate.backend import config
from horngate.backend.graph import Variable, active_scope
from horngate.backend.names import path_of
from horngate.engine.axes import declared, turned, windows_first
from horngate.engine.names import is_ours
from horngate.engine.penalties import Penalty
from horngate.engine.precision import kept_in
from horngate.utils import budget

_NUMBER_TYPES = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")
AGGREGATIONS = ("none", "mean", "sum", "only_first_replica", None)


def made_weight(
    layer: Any, shape: Any, initializer: Any, name: str | None, trainable: bool, more: dict[str, Any]
) -> Variable:
    """Make a weight of a layer; the arguments are those of `Layer.add_weight`, `more` those that follow by name."""
    if name in _NUMBER_TYPES:  # Keras 3 has the number type in this place
        name, more = None, {**more, "dtype": name}
    shape = () if shape is None else shape if isinstance(shape, (tuple, list)) else (shape,)
    what = f"Layer {layer.name} ({type(layer).__name__})"
    if active_scope() is not None:
        raise RuntimeError(
            f"{what} makes the weight {name!r} while its call runs, and would make another one each time. Make weights "
            "once, in build(input_shape)."
        )
    if None in shape:
        raise ValueError(
            f"{what}: the shape {tuple(shape)} of weight {name} has a size of the input that is unknown. Give the "
            "model's first layer a full input_shape."
        )
    dtype = _checked(what, name, more)
    budget.spend(layer, shape)
    if initializer is None:  # as in Keras 3
        initializer = "glorot_uniform" if dtype is None or "float" in dtype else "zeros"
    make = initializations.get(initializer)
    axes, role = declared(layer, name, shape, more.get("axes"), more.get("role"))
    ordering, stored = role == "kernel" and layer.fans or getattr(layer, "dim_ordering", None), axes
    if axes is not None and getattr(layer, "has_kernels", False) and layer._era.windows_first:
        stored, ordering = windows_first(axes, role), "window first"
        shape = turned(np.broadcast_to(np.int8(0), tuple(shape)), axes, stored).shape
    draw = functools.partial(_drawn, kept_in(layer), make, shape, name, ordering)
    weight = draw()
    weight.drawn, weight.axes, weight.role, weight.used_axes = draw, stored, role, axes
    weight.short, weight.trainable = _short_name(layer, weight), bool(trainable)
    if dtype is not None:
        weight.value = np.asarray(weight.get_value(), dtype)
    weight.narrows = bool(more.get("autocast", True))
    (layer._trainable_weights if trainable else layer._non_trainable_weights).append(weight)
    if more.get("regularizer") is not None:
        layer.add_loss(Penalty(regularizers.get(more["regularizer"]), weight))
    if more.get("constraint") is not None:
        layer.constraints[weight] = weight.constraint = constraints.get(more["constraint"])
    return weight


def _drawn(floatx, *told):
    with config.within_floatx(floatx):  # also where a constructor makes the weight
        return initializations.weight_of(*told)


def _short_name(layer, weight):
    """Return the name of a weight without that of its layer, in the era of Keras 3; None if it holds no other."""
    own = weight.label.removeprefix(f"{layer.name}_")
    if layer._era.generation != "3" or own == weight.label and not is_ours(type(layer)):
        return None
    path = weight.path if own == weight.label else path_of(f"layer_1_{own}", weight.role)  # whatever its layer's name
    return path.rpartition("/")[2]


def _checked(what, name, more):
    """Return the dtype of a weight, or None; refuse what has no meaning here."""
    if more.get("aggregation") not in AGGREGATIONS:
        raise ValueError(
            f"{what}, weight {name}: aggregation must be one of {AGGREGATIONS[:-1]}; received "
            f"{more['aggregation']!r}. There is one copy of each weight, so that all of them mean the same."
        )
    if more.get("overwrite_with_gradient"):
        raise ValueError(
            f"{what}, weight {name}: overwrite_with_gradient must be False. To set a weight in each step, make it with "
            "trainable=False and call self.add_update((weight, value)) in `call`."
        )
    dtype = more.get("dtype")
    return None if dtype is None else str(np.dtype(getattr(dtype, "name", dtype)))


def noted(layer: Any, value: Variable) -> Variable:
    """Return the variable `value`, an attribute of a `layer`; one that Keras 3 would note becomes a weight."""
    if value.trainable is not None and value.drawn is None:  # not made by `add_weight`
        weights = layer._trainable_weights if value.trainable else layer._non_trainable_weights
        if not any(each is value for each in weights):
            weights.append(value)
    return value
