"""Metrics of whole arrays: functions that cannot be traced get an epoch's targets and predictions on the host."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import io_callback

from horngate.backend import config, notices
from horngate.backend.graph import Tensor
from horngate.backend.inference import infer
from horngate.engine.calls import NEED_VALUES
from horngate.engine.names import is_ours

_OF_NUMPY = ("sklearn", "scipy", "numpy")  # their functions take arrays of the host alone


def must_wait(function: Any, shape: Any) -> bool:
    """Return whether a metric cannot be traced, because it needs the numbers themselves.

    # Arguments
        function: the metric, of targets and predictions.
        shape: that of the output.
    """
    if is_ours(function):
        return False
    if (getattr(function, "__module__", None) or "").partition(".")[0] in _OF_NUMPY:
        return True
    inputs = [Tensor(shape, config.floatx()), Tensor(shape, config.floatx())]
    try:
        infer(lambda scope: function(*scope.resolve(inputs)), inputs)
    except Exception as error:  # any other error is reported when it runs on real data
        return _needs_numbers(error)
    return False


def _needs_numbers(error):
    while error is not None:
        if isinstance(error, NEED_VALUES):
            return True
        error = error.__cause__ or error.__context__
    return False


class WholeArrays:
    """The targets, predictions and weights of an epoch, as the compiled steps hand them out, and a metric of them.

    # Arguments
        function: the metric, of arrays of NumPy; with weights it is called with `sample_weight`.
        name: its name in the logs.
    """

    function: Callable[..., Any]
    name: str

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        if jax.process_count() > 1:
            raise ValueError(
                f"metrics: {name} needs the whole arrays of an epoch, which no process of several has. Compute it from "
                "what predict returns."
            )
        self.function, self.name = function, name
        self._parts: list[tuple[np.ndarray, ...]] = []
        notices.remark(
            f"metrics: {name} cannot become part of the compiled step. It is given the targets and predictions of the "
            "whole epoch, once, at its end."
        )

    def begin(self) -> None:
        """Forget all batches."""
        jax.effects_barrier()
        self._parts.clear()

    def collect(self, y_true: Any, y_pred: Any, weights: Any = None) -> None:
        """Within a step, hand out targets `y_true`, predictions `y_pred` and `weights` of the batch, or None."""
        given = [jax.lax.stop_gradient(jnp.asarray(x)) for x in (y_true, y_pred, weights) if x is not None]
        io_callback(self._add, None, *given, ordered=False)

    def _add(self, *arrays):
        self._parts.append(tuple(np.array(each) for each in arrays))

    def value(self) -> Any:
        """Return the metric of all batches since `begin`."""
        jax.effects_barrier()
        y, p, *weights = (np.concatenate(each) for each in zip(*self._parts))
        y, p = (each[..., 0] if each.ndim > 1 and each.shape[-1] == 1 else each for each in (y, p))
        return self.function(y, p, sample_weight=weights[0]) if weights else self.function(y, p)
