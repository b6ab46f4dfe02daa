"""Initializers, regularizers, constraints and functions, as Keras 3 describes them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from horngate import activations, constraints, initializations, regularizers
from horngate.dialects.keras2 import initializers
from horngate.dialects.keras3 import tables
from horngate.dialects.words import Words
from horngate.engine import constructors, function_keys
from horngate.engine.names import is_ours
from horngate.utils.generic_utils import get_custom_objects, get_registered_name

# Functions of Keras 1 -> (class of Keras 3, its arguments) that draw alike.
_PLAIN: dict[str, Any] = {"seed": None, "input_axes": None, "output_axes": None}
_NORMAL: dict[str, Any] = {"distribution": "untruncated_normal", **_PLAIN}
_FUNCTIONS: dict[Any, tuple[str, dict[str, Any]]] = {
    initializations.zero: ("Zeros", {}),
    initializations.one: ("Ones", {}),
    initializations.uniform: ("RandomUniform", {"minval": -0.05, "maxval": 0.05, "seed": None}),
    initializations.normal: ("RandomNormal", {"mean": 0.0, "stddev": 0.05, "seed": None}),
    initializations.orthogonal: ("Orthogonal", {"gain": 1.1, "seed": None}),
    initializations.identity: ("Identity", {"gain": 1.0}),
    initializations.glorot_uniform: ("GlorotUniform", _PLAIN),
    initializations.he_uniform: ("HeUniform", _PLAIN),
    initializations.lecun_uniform: ("LecunUniform", _PLAIN),
    initializations.glorot_normal: ("VarianceScaling", {"scale": 1.0, "mode": "fan_avg", **_NORMAL}),
    initializations.he_normal: ("VarianceScaling", {"scale": 2.0, "mode": "fan_in", **_NORMAL}),
}
_CLASSES = (  # base -> module of Keras 3
    (initializers.Initializer, "keras.initializers"),
    (regularizers.Regularizer, "keras.regularizers"),
    (constraints.Constraint, "keras.constraints"),
)


def described(value: Any, kind: Any, inner: Callable[[Any], Any]) -> Any:
    """Describe a function or an object that a layer was given; None if Keras 3 has nothing like it.

    # Arguments
        value: the function or object.
        kind: the declared type of the argument, or None.
        inner: function that describes the values in it.
    """
    if isinstance(value, regularizers.L1L2Regularizer):
        return _penalty(value)
    function = getattr(value, "func", value)  # an initialization may hold its ordering
    if function in _FUNCTIONS if callable(function) and not hasattr(function, "get_config") else False:
        name, given = _FUNCTIONS[function]
        return item("keras.initializers", name, given)
    if activations.name_of(value) is not None and kind is None:
        return activations.name_of(value)
    if not hasattr(value, "get_config") or isinstance(value, type):
        return named(value)
    cls = type(value)
    if not is_ours(cls):
        return item(cls.__module__, cls.__name__, inner(value.get_config()), get_registered_name(cls))
    module = next((module for base, module in _CLASSES if isinstance(value, base)), None)
    if module is None or cls.__name__ == "EigenvalueRegularizer":
        return None
    return item(module, cls.__name__, arguments(value, inner))


def arguments(value: Any, inner: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the arguments of an object of the library under their words in Keras 3."""
    return {word: inner(constructors._current(value, name)) for word, name in words_of(type(value)).items()}


def words_of(cls: Any) -> dict[str, str]:
    """Return word of Keras 3 -> our name for the arguments of a class of the library."""
    targets = Words(cls, cls.__name__, "3").targets
    return {word: name for word, name in targets.items() if isinstance(name, str) and name in cls.__declared__}


def named(function: Any) -> dict[str, Any]:
    """Describe a function of the user by its name; its key is for this process alone."""
    name = function_keys.name_of(function)
    registered = get_registered_name(function) if hasattr(function, "__name__") else name
    registered = tables.FUNCTIONS.get(registered, registered)
    told = item("builtins", "function", registered, "function")
    known = is_ours(function) or get_custom_objects().get(name) is function
    key = {} if known else {"horngate_key": function_keys.keyed_name(function)}
    return {**told, **key}


def _penalty(value: Any) -> dict[str, Any]:
    given = {"l1": short(value.l1), "l2": short(value.l2)}
    for alone, other in (("l1", "l2"), ("l2", "l1")):
        if given[alone] and not given[other]:
            return item("keras.regularizers", alone.upper(), {alone: given[alone]})
    return item("keras.regularizers", "L1L2", given)


def short(number: Any) -> float:
    """Return a number as the shortest that stands for it: 0.1, and not what 32 bits make of it."""
    value = np.asarray(getattr(number, "value", number)).item()
    narrow = np.float32(value)
    return float(str(narrow)) if float(narrow) == value else value


def item(module: str, name: str, config: Any, registered: str | None = None) -> dict[str, Any]:
    """Describe an object of the class `name` in `module` by its `config` and the name under which it is registered."""
    return {"module": module, "class_name": name, "config": config, "registered_name": registered}
