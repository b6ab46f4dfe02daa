"""Variables of TensorFlow 1: by name within scopes, with collections; their assignments."""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any

import numpy as np

from horngate import backend as K
from horngate.backend.graph import ancestors
from horngate.backend.lazy import named
from horngate.backend.running import active_scope
from horngate.dialects.tensorflow.functions import dtype_name
from horngate.utils.blocks import within

_named: dict[str, Any] = {}
_all: list[Any] = []
_untrainable: set[int] = set()
_scope: contextvars.ContextVar[str] = contextvars.ContextVar("scope", default="")


class Operation:
    """What `Session.run` does without a result: updates of variables."""

    def __init__(self, updates: Any, name: str | None = None) -> None:
        self.updates, self.name = list(updates), name

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Do it; `feed_dict`: placeholder -> value. `session` has no effect."""
        given = feed_dict or {}
        K.function(list(given), [], updates=self.updates)(list(given.values()))


def variable(
    initial_value: Any = None,
    trainable: bool = True,
    collections: Any = None,
    validate_shape: bool = True,
    caching_device: Any = None,
    name: str | None = None,
    variable_def: Any = None,
    dtype: Any = None,
    **ignored: Any,
) -> Any:
    """Make a variable.

    # Arguments
        initial_value: an array, a tensor that depends on no placeholder, or a function that returns one.
        trainable: whether optimizers change it unless they are told what to change.
        name: its name within the scope.
        dtype: its number type.
        collections, validate_shape, caching_device, variable_def, ignored: have no effect.
    """
    value = initial_value() if callable(initial_value) else initial_value
    value = np.asarray(K.eval(value) if hasattr(value, "_keras_shape") else value)
    kind = dtype_name(dtype) or (str(value.dtype) if value.dtype.kind in "biu" else K.floatx())
    kind = "int32" if kind == "int64" and dtype is None else kind
    made = K.variable(value.astype(kind), dtype=kind, name=_scope.get() + (name or "Variable"))
    _all.append(made)
    if not trainable:
        _untrainable.add(id(made))
    return made


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    **ignored: Any,
) -> Any:
    """The variable `name` of the scope; made where there is none.

    # Arguments
        name: its name.
        shape: its sizes.
        dtype: its number type.
        initializer: a function of the shape, or its value; None for Glorot's.
        regularizer: must be None.
        trainable: whether optimizers change it.
        ignored: have no effect.
    """
    full = _scope.get() + name
    if full in _named:
        return _named[full]
    if regularizer is not None:
        raise ValueError("tf.get_variable: regularizer is not lent to programs; add the penalty to the loss.")
    if initializer is None:
        from horngate import initializers

        initializer = initializers.glorot_uniform() if len(shape or ()) > 1 else np.zeros
    value = initializer(tuple(shape)) if callable(initializer) else initializer
    value = value if shape is None else np.broadcast_to(np.asarray(K.eval(value)), shape)
    _named[full] = made = variable(value, trainable, name=name, dtype=dtype)
    return made


class _VariableScope:
    def __init__(self, name: str) -> None:
        self.name = self.original_name_scope = name

    def reuse_variables(self) -> None:
        """Nothing: variables of one name are always shared."""


@contextlib.contextmanager
def variable_scope(
    name_or_scope: Any = None, default_name: str | None = None, *args: Any, **ignored: Any
) -> Iterator[Any]:
    """A block in which the names of variables begin with that of the scope."""
    name = getattr(name_or_scope, "name", name_or_scope) or default_name or ""
    with within(_scope, f"{_scope.get()}{name}/" if name else _scope.get()):
        yield _VariableScope(name)


def trainable_variables(scope: str | None = None) -> list[Any]:
    """The variables that optimizers change; those whose name begins with `scope`."""
    found = [v for v in _all if id(v) not in _untrainable]
    return [v for v in found if scope is None or v.name.startswith(scope)]


def variables_behind(loss: Any) -> list[Any]:
    """The trainable variables on which `loss` depends, those of layers among them."""
    nodes = ancestors([loss], strict=False) if isinstance(loss, K.Tensor) else []
    of_layers = [w for n in nodes for w in getattr(getattr(n, "outbound_layer", None), "trainable_weights", ())]
    read = [v for n in nodes for v in n.variables() if any(v is each for each in trainable_variables())]
    return list(dict.fromkeys([*of_layers, *read]))


def assign(
    ref: Any, value: Any, validate_shape: bool = True, use_locking: bool = False, name: str | None = None
) -> Any:
    """The operation that gives the variable `ref` a `value`; within a call, do it. The others have no effect."""
    scope = active_scope()
    if scope is None:
        return Operation([(ref, value)], name)
    new = K.cast(scope.resolve(value), ref.dtype)
    scope.frame.assign(ref, new)
    return new


def reset() -> None:
    """Forget all variables, as a new graph has none."""
    _named.clear()
    _all.clear()
    _untrainable.clear()


TABLE: dict[str, Any] = {
    **named(get_variable, variable_scope, trainable_variables, assign),
    "Variable": variable,
    "variable_op_scope": variable_scope,
    "name_scope": lambda name, *args, **ignored: K.name_scope(name),
    "get_variable_scope": lambda: _VariableScope(_scope.get().rstrip("/")),
    "global_variables": lambda scope=None: list(_all),
    "all_variables": lambda: list(_all),
    "local_variables": list,
    "assign_add": lambda ref, value, **ignored: assign(ref, ref + value),
    "assign_sub": lambda ref, value, **ignored: assign(ref, ref - value),
    "group": lambda *inputs, **ignored: Operation([pair for each in inputs for pair in each.updates]),
    "no_op": lambda name=None: Operation([]),
    "reset_default_graph": reset,
}
