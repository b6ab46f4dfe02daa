"""Labels: targets that are class indices, which of them count, and the accuracy for targets and outputs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate import metrics, objectives
from horngate.backend import notices, ranges
from horngate.engine.names import is_ours


def function_of(loss: Any) -> Any:
    """Return the function of a loss that is an instance of a class in `losses`; any other loss unchanged."""
    return getattr(type(loss), "function", loss)


class Labels:
    """What the model knows about the targets of an output as class indices, before it sees data.

    `certain`: whether the loss takes class indices, and only weights decide which of them count. If not, the compiled
    program decides, unless all of the data are in range.
    """

    certain: bool
    rank: int
    ignored: int | None
    classes: int | None
    range: ranges.Range | None

    def __init__(self, name: str, shape: Sequence[int | None], loss: Any, masked: bool) -> None:
        sparse = function_of(loss) is objectives.sparse_categorical_crossentropy
        self.certain, self.rank = sparse and not masked, len(shape)
        self.ignored = getattr(loss, "ignore_class", None)
        own = not is_ours(loss)
        self.classes = shape[-1] if shape else None
        self.range = ranges.classes(f"output {name!r}", self.classes) if self.classes and (sparse or own) else None

    def refuse(self, y: Any, weights: Any) -> None:
        """Raise ValueError if a label that counts is out of range."""
        if self.certain and self.range is not None and isinstance(y, np.ndarray):
            ranges.refuse(y, self.range, weights, self.ignored)

    def prove(self, y: Any) -> bool:
        """Return whether the host knows that all labels that count are in range."""
        if self.range is None or not isinstance(y, np.ndarray):
            return False
        return self.certain or self._are_numbers(y) and ranges.outlier(y, self.range) is None

    def _are_numbers(self, y):
        return y.ndim < self.rank or y.shape[-1] == 1


def with_axis(y: Any, output: Any, loss: Any) -> Any:
    """Return targets with the last axis of size 1 that they lack beside an `output`; a user's `loss` may want none."""
    rank, single = output.ndim - 1, output.shape[-1:] == (1,)
    sparse = function_of(loss) is objectives.sparse_categorical_crossentropy
    lacks = y.ndim == rank and (single or is_ours(loss) and (sparse or rank == 1))
    return y[..., None] if lacks else y


def accuracy(name: str, shape: Sequence[int | None], loss: Any, class_mode: str | None, era: str) -> Any:
    """Return the accuracy for an output: by its loss or the `class_mode` of Keras 0.3, else by the shapes.

    Warns if the Keras of the `era` reported another accuracy.
    """
    loss = function_of(loss)
    if shape[-1] == 1 or loss is objectives.binary_crossentropy or class_mode == "binary":
        return metrics.binary_accuracy
    if loss is objectives.sparse_categorical_crossentropy:
        return metrics.sparse_categorical_accuracy
    if loss is objectives.categorical_crossentropy:
        return metrics.categorical_accuracy

    def by_shapes(y_true, y_pred):
        if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] != 1:
            return metrics.categorical_accuracy(y_true, y_pred)
        if era in ("0.3", "1.0", "1.2"):
            _tell(name, y_true.shape, y_pred.shape)
        return metrics.sparse_categorical_accuracy(y_true, y_pred)

    by_shapes.__module__ = __name__
    return by_shapes


def _tell(name, targets, outputs):
    """Warn that the accuracy is not the one reported by Keras 1."""
    targets, outputs = (f"(samples, {', '.join(map(str, shape[1:]))})" for shape in (targets, outputs))
    notices.remark(
        f"metrics=['accuracy']: output {name!r} has shape {outputs}, so targets of shape {targets} count as class "
        "numbers. Keras 1 took them for one-hot rows here: metrics=['categorical_accuracy'] gives its number."
    )
