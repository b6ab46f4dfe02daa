"""Variables and placeholders of K: making them, reading and setting their values, updates, sessions."""

from collections.abc import Iterable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from horngate.backend import config, memory
from horngate.backend.function import evaluate, forget_learning_phase
from horngate.backend.graph import Tensor, Variable, active_scope, jax_dtype, op, reset_uids
from horngate.backend.locks import lock_of, set_values
from horngate.backend.notices import warn
from horngate.backend.orders import of_eras
from horngate.backend.types import DType, Shape, Sizes, TensorLike


def variable(value: Any, dtype: DType | None = None, name: str | None = None, constraint: Any = None) -> Variable:
    """A variable that holds `value`: an array, a number, or a SciPy matrix (held dense).

    `dtype`: its number type, floatx if None. `name`: for messages and files. `constraint`: a function that optimizers
    apply to it after each step. In a layer's `call`, each call of the layer in the graph gets one variable, however
    often it runs.
    """
    if isinstance(value, (Tensor, Tracer)):
        raise TypeError(f"K.variable needs a value; received {value!r}, which is symbolic. Use K.eval for its value.")
    made, scope = Variable(value, dtype, name), active_scope()
    made.is_sparse = hasattr(value, "tocoo")
    made.constraint = constraint
    return made if scope is None else scope.frame.kept(made)


@of_eras
def placeholder(
    shape: Sequence[int | None] | None = None,
    ndim: int | None = None,
    dtype: DType | None = None,
    sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """A tensor whose value is given later.

    `shape`: sizes, None where unknown; or only `ndim`, the number of axes. `dtype`: the number type, floatx if None.
    `sparse`: SciPy matrices are expected; they are made dense. `name`: for messages.

    >>> placeholder(shape=(None, 3)).shape
    (None, 3)
    """
    if shape is None:
        if ndim is None:
            raise ValueError("K.placeholder needs a shape, such as (None, 10), or ndim, the number of axes")
        shape = (None,) * ndim
    made = Tensor(shape, dtype or config.floatx(), name=name)
    made.is_sparse = bool(sparse)
    return made


def is_sparse(tensor: Any) -> bool:
    """Whether `tensor` is a SciPy matrix, or was made from one or for one."""
    return hasattr(tensor, "tocoo") or getattr(tensor, "is_sparse", False)


def to_dense(tensor: TensorLike) -> TensorLike:
    """`tensor` as one that is not sparse."""
    if hasattr(tensor, "tocoo"):
        return tensor.toarray()
    return _dense(tensor) if is_sparse(tensor) else tensor


@op
def _dense(tensor):
    return jnp.asarray(tensor)


def _filled(make, dtype, name):
    """A variable of the array from `make`; in a running graph, which cannot keep variables, the array itself."""
    value = make(jax_dtype(dtype or config.floatx()))
    return Variable(value, value.dtype, name) if active_scope() is None else jnp.asarray(value)


def _plain(shape):
    """Return sizes as numbers, as those of `K.shape(variable)` can be known."""
    return evaluate(shape) if isinstance(shape, Tensor) else shape


def zeros(shape: Sizes, dtype: DType | None = None, name: str | None = None) -> TensorLike:
    """A variable of the given `shape` full of zeros. `dtype`: its number type, floatx if None. `name`: for messages."""
    return _filled(lambda kind: np.zeros(_plain(shape), kind), dtype, name)


def ones(shape: Sizes, dtype: DType | None = None, name: str | None = None) -> TensorLike:
    """A variable of the given `shape` full of ones. `dtype`: its number type, floatx if None. `name`: for messages."""
    return _filled(lambda kind: np.ones(_plain(shape), kind), dtype, name)


def eye(size: int, dtype: DType | None = None, name: str | None = None) -> TensorLike:
    """A variable that holds the identity matrix (size, size).

    `dtype`: its number type, floatx if None. `name`: for messages.
    """
    return _filled(lambda kind: np.eye(size, dtype=kind), dtype, name)


def _generator(seed):
    return np.random if seed is None else np.random.RandomState(seed)


def random_uniform_variable(
    shape: Sizes, low: float, high: float, dtype: DType | None = None, name: str | None = None, seed: int | None = None
) -> Variable:
    """A variable of the given `shape` with uniform values from [low, high).

    `seed`: of the draws; None for NumPy's global generator. `dtype`: the number type, floatx if None. `name`:
    for messages.
    """
    return variable(_generator(seed).uniform(low, high, shape), dtype, name)


def random_normal_variable(
    shape: Sizes,
    mean: float,
    scale: float,
    dtype: DType | None = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """A variable of the given `shape` with normal values of the given `mean` and the standard deviation `scale`.

    `seed`: of the draws; None for NumPy's global generator. `dtype`: the number type, floatx if None. `name`:
    for messages.
    """
    return variable(_generator(seed).normal(mean, scale, shape), dtype, name)


# `eval` is Keras's name for it.
eval = evaluate  # noqa: A001


def get_value(x: TensorLike) -> np.ndarray:
    """The value of the variable `x`, as NumPy."""
    if isinstance(x, Tensor):
        raise TypeError(f"K.get_value reads variables; received {x!r}. Use K.eval for what can be computed.")
    return x.get_value() if isinstance(x, Variable) else np.asarray(x)


@of_eras(key="backend.batch_get_value", same=1)
def batch_get_value(xs: Iterable[TensorLike]) -> list[np.ndarray]:
    """The values of the variables in the list `xs`, as NumPy."""
    xs = list(xs)
    with lock_of(xs):
        return [get_value(x) for x in xs]


def set_value(x: Variable, value: Any) -> None:
    """Give the variable `x` another `value` of the same shape."""
    _check_variable(x)
    x.set_value(value)


def _check_variable(x):
    if not isinstance(x, Variable):
        raise TypeError(f"K.set_value sets variables; received {x!r}")


def batch_set_value(tuples: Iterable[tuple[Variable, Any]]) -> None:
    """Give each variable of the pairs (variable, value) in the list `tuples` its value."""
    tuples = list(tuples)
    for x, _ in tuples:
        _check_variable(x)
    set_values([x for x, _ in tuples], [value for _, value in tuples])


def get_variable_shape(x: TensorLike) -> Shape:
    """The shape of the variable `x`."""
    return tuple(x.shape)


# Updates


def update(x: Variable, new_x: TensorLike) -> tuple[Variable, TensorLike]:
    """The update that gives the variable `x` the value `new_x`: a pair for `K.function(updates=...)`."""
    return (x, new_x)


def update_add(x: Variable, increment: TensorLike) -> tuple[Variable, TensorLike]:
    """The update x + increment: a pair for `K.function(updates=...)`."""
    return (x, x + increment)


def update_sub(x: Variable, decrement: TensorLike) -> tuple[Variable, TensorLike]:
    """The update x - decrement: a pair for `K.function(updates=...)`."""
    return (x, x - decrement)


@of_eras(key="backend.moving_average_update", same=3)
def moving_average_update(variable: Variable, value: TensorLike, momentum: TensorLike) -> tuple[Variable, TensorLike]:
    """The update variable * momentum + value * (1 - momentum): a pair for `K.function(updates=...)`."""
    return (variable, variable * momentum + value * (1.0 - momentum))


# Sessions, of which there are none


def clear_session() -> None:
    """Reset the numbers in names and the fixed phase, and return free memory to the system."""
    reset_uids()
    forget_learning_phase()
    memory.give_back()


def get_session() -> None:
    """Return None: there are no sessions here."""
    warn("There are no sessions: variables hold their values themselves.")


def set_session(session: Any) -> None:
    """Do nothing with `session`: there are no sessions here."""
    warn("There are no sessions: variables hold their values themselves.")


def manual_variable_initialization(value: bool) -> None:
    """Do nothing, whatever `value` is: variables hold a value from the start."""
    warn("Variables hold a value from the start: there is nothing to initialize by hand.")


_legacy_weight_ordering = False


def legacy_weight_ordering() -> bool:
    """Whether `set_legacy_weight_ordering(True)` was called. Files tell their own order of weights."""
    return _legacy_weight_ordering


def set_legacy_weight_ordering(value: bool) -> None:
    """Use the order of weights of Keras before 1.0 if `value` is True."""
    global _legacy_weight_ordering
    if value not in (True, False):
        raise ValueError(f"set_legacy_weight_ordering expects True or False; received {value!r}")
    _legacy_weight_ordering = bool(value)
