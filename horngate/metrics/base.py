"""Metric: a quantity whose state adds up over batches, within the compiled step of `fit` or standing alone."""

# mypy: disable-error-code="override"
# The mean of a function is told targets and predictions, the mean of values one array.

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from horngate import backend as K
from horngate.backend import config
from horngate.backend.graph import Variable
from horngate.backend.orders import dialect, of_eras
from horngate.backend.running import recorder
from horngate.engine.arguments import Part, argument
from horngate.losses import NumberType, OfFunction, check_name, in_type
from horngate.metrics.recorded import recordable, states_of

NAMED = "by which the logs know it; None for the name of its class"
_OPERATORS = "add radd sub rsub mul rmul truediv rtruediv pow rpow neg abs lt le gt ge eq ne matmul getitem"


class MetricVariable:
    """An array of a metric's state, which its methods read, and assign to.

    # Arguments
        initial: the array with which each epoch begins.
        name: its name.
    """

    state: Any = None  # the variable that holds it, once a recorded step has used it

    def __init__(self, initial: np.ndarray, name: str) -> None:
        self.initial: Any = initial
        self.name: str = name
        self.now: Any = initial

    @property
    def value(self) -> Any:
        """The array. Within a step it is `now`; else the variable holds it, where there is one."""
        return self.state.get_value() if self.now is None else self.now

    @value.setter
    def value(self, value: Any) -> None:
        if self.now is None:
            self.state.set_value(value)
        else:
            self.now = value

    def in_variable(self) -> Variable:
        """Return the variable that holds the array from now on."""
        if self.state is None:
            self.state, self.now = Variable(self.now, self.dtype, self.name), None
        return self.state

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.initial.shape)

    @property
    def dtype(self) -> str:
        return str(self.initial.dtype)

    def assign(self, value: Any) -> Any:
        """Replace the array by `value`, which is returned."""
        self.value = K.cast(value, self.dtype) + K.cast(self.initial * 0, self.dtype)
        return self.value

    def assign_add(self, value: Any) -> Any:
        """Add `value`; returns the sum."""
        return self.assign(self.value + value)

    def assign_sub(self, value: Any) -> Any:
        """Subtract `value`; returns the difference."""
        return self.assign(self.value - value)

    def numpy(self) -> np.ndarray:
        """The array, as NumPy."""
        return np.asarray(self.value)

    def __jax_array__(self) -> Any:
        return K.array_function("asarray")(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype)

    def __float__(self) -> float:
        return float(self.value)

    __hash__: ClassVar[Any] = object.__hash__


def _operator(name):
    def of_array(self, *other):
        others = [each.value if isinstance(each, MetricVariable) else each for each in other]
        return getattr(self.__jax_array__(), name)(*others)

    return of_array


for _name in _OPERATORS.split():
    setattr(MetricVariable, f"__{_name}__", _operator(f"__{_name}__"))


class Metric(Part):
    """Base of metrics. A metric adds up its state over batches, and computes its value from the state.

    A subclass makes its state by `add_variable` in its constructor, and defines `update_state(y_true, y_pred,
    sample_weight)`, of functions of K or jax.numpy, and `result()`. In `compile(metrics=[...])`, both run within the
    compiled step, and the state begins anew in each epoch.
    """

    dtype: NumberType = argument(default=None)
    name: str | None = argument(NAMED, default=None)

    _room: ClassVar[str] = "metrics."

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for method, changes in (("update_state", True), ("result", False)):
            if method in vars(cls):
                setattr(cls, method, recordable(vars(cls)[method], changes))

    def __post_init__(self) -> None:
        super().__post_init__()
        check_name(self)
        self.dtype = self.dtype or K.floatx()
        if self.name is None:
            word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower().removeprefix("_")
            number = K.get_uid(f"metric {word}")
            self.name = word if number == 1 else f"{word}_{number - 1}"

    @property
    def variables(self) -> list[MetricVariable]:
        """The arrays of the state."""
        return vars(self).setdefault("_state", [])

    def add_variable(
        self,
        shape: Sequence[int | None] = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> MetricVariable:
        """Make an array of the state.

        # Arguments
            shape: its sizes.
            initializer: with what it begins: 'zeros', 'ones' or a function of the shape.
            dtype: its number type; None for that of the metric.
            aggregation: what Keras 3 does with the arrays of several devices; no effect, since a mesh has one array.
            name: its name.
        """
        if isinstance(shape, str):  # as Keras 2 has it
            shape, name = (), shape
        sizes = tuple(size for size in shape if size is not None)
        if len(sizes) < len(shape):
            raise ValueError(f"{type(self).__name__} needs outputs of a known shape; received {tuple(shape)}.")
        if aggregation not in ("sum", "mean", "only_first_replica"):
            raise ValueError(
                f"add_variable: aggregation must be 'sum', 'mean' or 'only_first_replica'; received {aggregation!r}"
            )
        dtype = dtype or vars(self).get("dtype") or K.floatx()
        known: dict[Any, Any] = {"zeros": np.zeros, "ones": np.ones, None: np.zeros}
        found = known.get(initializer, initializer)(sizes)
        initial = np.broadcast_to(np.asarray(found, dtype), sizes).copy()
        self.variables.append(MetricVariable(initial, name or f"{self.name}_{len(self.variables)}"))
        return self.variables[-1]

    @of_eras
    def add_weight(
        self, shape: Sequence[int] = (), initializer: Any = None, dtype: Any = None, name: str | None = None
    ) -> MetricVariable:
        """Make an array of the state of this `shape`; `initializer`, `dtype` and `name` as for `add_variable`."""
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)

    def build(self, y_shape: Sequence[int | None], p_shape: Sequence[int | None]) -> None:
        """Make the state that depends on the shapes of targets, `y_shape`, and predictions, `p_shape`."""

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Add a batch to the state: targets, predictions and weights in `args` and `kwargs`."""
        raise TypeError(f"{type(self).__name__} must define update_state(y_true, y_pred, sample_weight=None).")

    def result(self) -> Any:
        """Return the value, computed from the state."""
        raise TypeError(f"{type(self).__name__} must define result().")

    def known(self) -> list[Any]:
        """Return the values of the state. Raises RuntimeError if its shapes are not known, since no batch was added."""
        if not self.variables:
            raise RuntimeError(f"{type(self).__name__}: nothing is measured yet. Call update_state before result.")
        return [variable.value for variable in self.variables]

    def reset_state(self) -> None:
        """Begin anew."""
        by = recorder()
        if by is not None and not by.computes:
            by.assign(list(zip(states_of(self), [variable.initial for variable in self.variables])))
            return
        for variable in self.variables:
            variable.value = variable.initial

    def reset_states(self) -> None:
        """See `reset_state`; the name in Keras 2."""
        self.reset_state()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add a batch, `args` and `kwargs`, to the state, and return the value."""
        self.update_state(*args, **kwargs)
        return self.result()

    def _within(self, values, method, *args, **kwargs):
        """Call a method with the state `values`. Returns its result and the new state."""
        if len(values) != len(self.variables):
            raise ValueError(f"{self.name}: the state has {len(self.variables)} arrays; received {len(values)}.")
        before = [variable.now for variable in self.variables]
        for variable, value in zip(self.variables, values):
            variable.now = value
        try:
            found = method(*args, **kwargs)
            if isinstance(found, dict):  # it may hold variables, whose values are these
                found = {name: K.array_function("asarray")(value) for name, value in found.items()}
            return found, [variable.now for variable in self.variables]
        finally:
            for variable, value in zip(self.variables, before):
                variable.now = value

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Return the state after a batch, `args` and `kwargs`; `metric_variables`: the state before it."""
        return self._within(metric_variables, self.update_state, *args, **kwargs)[1]

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """Return the value for the state `metric_variables`."""
        return self._within(metric_variables, self.result)[0]

    def stateless_reset_state(self) -> list[Any]:
        """Return the state at the beginning."""
        return [variable.initial for variable in self.variables]

    def check_rows(self, y: Any, p: Any, weights: Any = None) -> None:
        """Raise ValueError unless targets `y` and predictions `p` have as many rows, and `weights` too or a single one.

        Numbers without an axis, and weights that are None, stand for any number of rows.
        """
        rows = [np.shape(each)[:1] for each in (y, p, 1.0 if weights is None else weights)]
        if rows[0] and rows[1] and (rows[0] != rows[1] or rows[2] not in (rows[0], (1,), ())):
            names = ("y_true", "y_pred", "sample_weight")
            counts = ", ".join(f"{count[0]} in {name}" for name, count in zip(names, rows) if count)
            raise ValueError(
                f"{type(self).__name__}.update_state: targets, predictions and weights must have as many rows; "
                f"received {counts}."
            )

    def check_columns(self, y: Any, p: Any, weights: Any = None) -> None:
        """Raise ValueError unless targets `y` and predictions `p` are (samples, columns); `weights` as `check_rows`."""
        self.check_rows(y, p, weights)
        if len(np.shape(y)) != 2 or np.shape(y) != np.shape(p):
            raise ValueError(
                f"{type(self).__name__}.update_state: targets and predictions must have one shape (samples, columns); "
                f"received {np.shape(y)} and {np.shape(p)}. For targets of one column, give y[:, None]."
            )

    def read(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[Any, Any, Any]:
        """Return targets `y_true`, predictions `y_pred` and `sample_weight` as arrays of the number type of the metric.

        Where one of targets and predictions lacks a last axis of size 1, the other loses it.
        """
        asarray = K.array_function("asarray")
        y, p = (in_type(asarray(x), self.dtype) for x in (y_true, y_pred))
        self.check_rows(y, p, sample_weight)
        if y.ndim == p.ndim + 1 and y.shape[-1] == 1:
            y = y[..., 0]
        elif p.ndim == y.ndim + 1 and p.shape[-1] == 1:
            p = p[..., 0]
        return y, p, None if sample_weight is None else asarray(sample_weight).astype(self.dtype)


def quotient(a: Any, b: Any) -> Any:
    """a / b, or 0 where b is 0."""
    none = K.equal(b, 0)
    return K.switch(none, 0.0 * a, a / K.switch(none, 1.0 + 0.0 * b, b))


def weighed(values: Any, weights: Any, reduce: Callable[..., Any]) -> tuple[Any, Any]:
    """Return values times weights, and the weights, one for each sample; further axes are reduced by `reduce`."""
    if weights is None:
        values = reduce(values, axis=tuple(range(1, values.ndim))) if values.ndim > 1 else values
        return values, K.ones_like(values)
    if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if values.ndim > weights.ndim:
        values = reduce(values, axis=tuple(range(weights.ndim, values.ndim)))
    weights = weights + K.zeros_like(values)
    further = tuple(range(1, values.ndim))
    if not further:
        return values * weights, weights
    return reduce(values * weights, axis=further), reduce(weights, axis=further)


class Sum(Metric):
    """The sum of all values, by their weights."""

    name: str | None = argument(NAMED, default="sum")
    dtype: NumberType = argument(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.total: MetricVariable = self.add_variable(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add `values`, each times its `sample_weight`."""
        values, _, weights = self.read(values, values, sample_weight)
        self.total.assign_add(K.sum(weighed(K.cast(values, self.dtype), weights, K.sum)[0]))

    def result(self) -> Any:
        return self.total.value


class Mean(Metric):
    """The mean of all values, by their weights."""

    name: str | None = argument(NAMED, default="mean")
    dtype: NumberType = argument(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.total: MetricVariable = self.add_variable(name="total")
        self.count: MetricVariable = self.add_variable(name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add `values`, each as often as its `sample_weight` says."""
        values, _, weights = self.read(values, values, sample_weight)
        values, weights = weighed(K.cast(values, self.dtype), weights, K.mean)
        self.total.assign_add(K.sum(values))
        self.count.assign_add(K.sum(weights))

    def result(self) -> Any:
        return quotient(self.total.value, self.count.value)


class MeanMetricWrapper(Mean):
    """The mean of a function of targets and predictions, which gives a value for each sample.

    # Arguments
        fn: the function.
        name: by which the logs know it; None for the name of the function.
        dtype: the number type in which it is computed; None for `K.floatx()`.
        kwargs: more arguments of the function.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        if not callable(fn):
            raise TypeError(
                f"{type(self).__name__}, argument 'fn': must be a function of targets and predictions; received {fn!r}"
            )
        super().__init__(name=name, dtype=dtype)
        self._fn, self._options = fn, kwargs

    takes_mask = True  # whether steps that the output's mask leaves out do not count in training

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add the values for targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p, weights = self.read(y_true, y_pred, sample_weight)
        super().update_state(self._fn(y, p, **self._options), weights)

    def _settings(self) -> dict[str, Any]:
        """Return the arguments that make the metric again."""
        return {"name": self.name, "dtype": self.dtype, "fn": self._fn, **self._options}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        described = isinstance(config["fn"], dict)  # as files describe functions
        fn = dialect("keras3.objects").deserialize_keras_object(config["fn"]) if described else config["fn"]
        return cls(**{**config, "fn": fn})


class _OfFunction(Mean, OfFunction):
    """Base of means of a function with declared arguments."""

    takes_mask: ClassVar[bool] = True  # as above

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add the values for targets `y_true` and predictions `y_pred`, each as often as its `sample_weight` says."""
        y, p, weights = self.read(y_true, y_pred, sample_weight)
        own = {name: getattr(self, name) for name in self.__declared__ if name not in Mean.__declared__}
        with config.within_era("3"):
            super().update_state(type(self).function(y, p, **own), weights)
