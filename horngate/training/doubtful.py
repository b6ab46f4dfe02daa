"""What trains without an error and is hardly ever meant: outputs, targets and data of which one warning tells."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from horngate import activations, objectives
from horngate.backend import notices
from horngate.backend.graph import Tensor
from horngate.training.arrays import is_stream
from horngate.training.labels import function_of

_INSTEAD = "Use 'binary_crossentropy' with a sigmoid, or give the output a column for each class."
_LOOKED_AT = 1 << 16  # numbers of targets that are looked at
_SQUASHED = {  # losses that take probabilities -> the activation that gives them, and the loss as a class
    objectives.categorical_crossentropy: ("softmax", "CategoricalCrossentropy"),
    objectives.sparse_categorical_crossentropy: ("softmax", "SparseCategoricalCrossentropy"),
    objectives.binary_crossentropy: ("sigmoid", "BinaryCrossentropy"),
}
_NO_PROBABILITIES = (activations.linear, activations.relu, activations.tanh)
_ABOVE_0 = (0, math.inf, "")
_FROM_0_TO_1 = (
    0,
    1,
    " Scale them; for classes -1 and 1 use y > 0; for class numbers a softmax and 'sparse_categorical_crossentropy'.",
)
_TAKEN: dict[Callable[..., Any], tuple[float, float, str]] = {  # loss -> least and largest target, what to do
    objectives.binary_crossentropy: _FROM_0_TO_1,
    objectives.binary_focal_crossentropy: _FROM_0_TO_1,
    objectives.categorical_crossentropy: _ABOVE_0,
    objectives.categorical_focal_crossentropy: _ABOVE_0,
    objectives.poisson: _ABOVE_0,
    objectives.mean_squared_logarithmic_error: _ABOVE_0,
}


def remark_on_output(loss: Any, name: str, output: Tensor) -> None:
    """Warn if the `output` called `name` does not suit its `loss`: one column for several, or no probabilities.

    Raises TypeError if the loss is a metric.
    """
    _refuse_metric(loss)
    function, activation = function_of(loss), _activation_of(output)
    if output.shape and output.shape[-1] == 1 and function is objectives.categorical_crossentropy:
        told = f"loss: categorical_crossentropy of output {name!r}, which has one column, is always 0. {_INSTEAD}"
    elif output.shape and output.shape[-1] == 1 and activation is activations.softmax:
        told = f"output {name!r}: softmax over one column is always 1. {_INSTEAD}"
    elif function not in _SQUASHED:
        return
    else:
        squash, by_logits = _SQUASHED[function]
        if not getattr(loss, "from_logits", False) and activation in _NO_PROBABILITIES:
            told = (
                f"loss: {function.__name__} takes probabilities, but output {name!r} has the activation "
                f"{activation.__name__!r}, whose numbers are clipped. Give the last layer activation={squash!r}, or "
                f"use the loss losses.{by_logits}(from_logits=True)."
            )
        elif getattr(loss, "from_logits", False) and activation is getattr(activations, squash):
            told = (
                f"loss: {by_logits}(from_logits=True) takes what comes before the {squash}, but output {name!r} has it "
                f"already. Leave out from_logits=True, or the activation of the last layer."
            )
        else:
            return
    notices.remark(told)


def remark_on_metric(metric: Any, name: str, output: Tensor) -> None:
    """Warn if `metric`, which the logs call `name`, takes probabilities that the `output` does not give."""
    if getattr(metric, "from_logits", True) is False and _activation_of(output) in _NO_PROBABILITIES:
        notices.remark(
            f"metrics: {name} takes probabilities, but the activation of its output is "
            f"{_activation_of(output).__name__!r}. Give it from_logits=True, or the last layer a sigmoid or softmax."
        )


def _activation_of(output: Any) -> Any:
    """Return the activation of the layer that made `output`, within models and wrappers; None if it has none."""
    layer, _, i = output._keras_history or (None, 0, 0)
    while (inner := getattr(layer, "outputs", None)) and inner[i] is not output and inner[i]._keras_history:
        output = inner[i]  # a model as a class makes its outputs itself
        layer, _, i = output._keras_history
    return getattr(getattr(layer, "layer", layer), "activation", None)


def remark_on_targets(loss: Any, name: str, y: Any, weights: Any = None) -> None:
    """Warn if targets `y` of the output called `name` lie beyond what `loss` takes, unless their weight is 0."""
    function = function_of(loss)
    if function not in _TAKEN or not isinstance(y, np.ndarray) or not y.size:
        return
    least, most, instead = _TAKEN[function]
    some = y[: max(1, _LOOKED_AT * len(y) // y.size)]
    if not (some.min() < least or some.max() > most):  # NaN is told of when the loss is NaN
        return
    wrong = ((some < least) | (some > most)).reshape(len(some), -1)
    if weights is not None:
        wrong &= (np.asarray(weights)[: len(some)].reshape(len(some), -1) != 0).any(axis=1, keepdims=True)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        limits = f"from {least} to {most}" if most < math.inf else f"at least {least}"
        notices.remark(
            f"loss: {function.__name__} takes targets {limits}; those of output {name!r} hold "
            f"{some.reshape(len(some), -1)[row, column]} in row {row}.{instead}"
        )


def remark_on_accuracy(metric: str, name: str, y: Any) -> None:
    """Warn if `metric` counts the targets `y` that are met exactly, in one column, where they are no whole numbers."""
    if metric not in ("acc", "accuracy", "binary_accuracy") or not isinstance(y, np.ndarray) or y.dtype.kind != "f":
        return
    some = y[:_LOOKED_AT]
    if np.ndim(y) == 2 and y.shape[1] == 1 and (wrong := (some != np.round(some)) & np.isfinite(some)).any():
        notices.remark(
            f"metrics: {metric} counts targets that are met exactly, 0 or 1; those of output {name!r} are others, such "
            f"as {some[wrong][0]}, which count as missed. Measure numbers by 'mae' or 'mse'."
        )


def remark_on_loss(logs: dict[str, Any], where: str, spec: Any, sources: dict[str, Any], taken: Sequence[Any]) -> bool:
    """Warn if a loss in `logs` is not finite, and name the arrays and rows of the data that are not.

    # Arguments
        logs: those of an epoch, or of `evaluate`.
        where: what the warning begins with, such as 'epoch 1'.
        spec: the `Spec` of the data.
        sources: what precedes names in the logs, '' or 'val_' -> the `Source` of the data, or None.
        taken: batches in memory, for a first source that is a stream.

    # Returns
        Whether there was something to tell.
    """
    for prefix, source in sources.items():
        value = logs.get(f"{prefix}loss", 0.0)
        if source is None or np.ndim(value) or math.isfinite(value):
            continue
        parts = [source.data] if source.data else [] if prefix else taken
        names = [*(f"input {name!r}" for name in spec.names), *(f"target {name!r}" for name in spec.target_names)]
        found = [told for part in parts for told in _not_finite(names, [*part[0], *part[1]])]
        why = (
            f"{found[0]}. Drop these rows, or fill them: np.nan_to_num(x)."
            if found
            else "No data in memory hold NaN or infinity; fit with callbacks=[TerminateOnNaN()] names where it arises."
        )
        notices.warn(f"{where}: {prefix}loss is {value}. {why}")
        return True
    return False


def holds_nan(y: Any) -> bool:
    """Return whether an array holds NaN, by one reduction, which passes NaN on."""
    return isinstance(y, np.ndarray) and y.dtype.kind == "f" and y.size > 0 and (largest := y.max()) != largest


def _refuse_metric(loss):
    if hasattr(loss, "stateless_update_state"):
        told = type(loss).__name__
        raise TypeError(
            f"loss: {told} is a metric, whose state adds up over batches. Give it in metrics=[...], and as loss one of "
            f"keras.losses, such as losses.{told} if there is one, or a name such as 'mse'."
        )


def remark_on_outputs(outputs: Sequence[Any], names: Sequence[str], spec: Any, x: Any) -> None:
    """Warn if `outputs` of `predict`, called `names`, hold NaN; `spec`: that of the inputs `x`, or of a stream."""
    found = _not_finite([f"output {name!r}" for name in names], outputs, np.isnan, "NaN")
    if found:
        given = [] if x is None or is_stream(x) else spec.checked_inputs(x)
        blamed = _not_finite([f"input {name!r}" for name in spec.names], given)
        why = f" {blamed[0]}. Drop these rows, or fill them: np.nan_to_num(x)." if blamed else ""
        why = why or (" The inputs hold none: look at model.get_weights()." if given else "")
        notices.warn(f"predict: {found[0]}.{why}")


def _not_finite(
    names: Sequence[str],
    arrays: Sequence[Any],
    wrong: Callable[[Any], Any] = lambda x: ~np.isfinite(x),
    what: str = "NaN or infinity",
) -> list[str]:
    """Say of each array that holds numbers that are `wrong`, and is called `what`, in which rows."""
    found = []
    for name, array in zip(names, arrays):
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            continue
        rows = np.flatnonzero(wrong(array).reshape(len(array), -1).any(axis=1))
        if len(rows):
            listed = ", ".join(map(str, rows[:3])) + (", …" if len(rows) > 3 else "")
            found.append(f"{name} holds {what} in {len(rows)} of {len(array)} rows ({listed})")
    return found
