"""Labels: targets that are class numbers, which ones count, and the accuracy that fits targets and outputs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from horngate import metrics, objectives
from horngate.backend import notices, ranges
from horngate.engine.names import is_ours


def function_of(loss: Any) -> Any:
    """The function of a loss that is one of the classes in `losses`; any other loss itself."""
    return getattr(type(loss), "function", loss)


class Labels:
    """What is known, before data come, of the targets of an output as class numbers.

    `certain`: the loss takes them as such, and weights alone say which of them count; else the program finds out, but
    for data that are in range throughout.
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
        self.classes = shape[-1]
        self.range = ranges.classes(f"output {name!r}", shape[-1]) if shape[-1] and (sparse or own) else None

    def refuse(self, y: Any, weights: Any) -> None:
        """Raise where a label that counts is out of range."""
        if self.certain and self.range is not None and isinstance(y, np.ndarray):
            ranges.refuse(y, self.range, weights, self.ignored)

    def prove(self, y: Any) -> bool:
        """Whether the host knows that all labels that count are in range."""
        if self.range is None or not isinstance(y, np.ndarray):
            return False
        return self.certain or self._are_numbers(y) and ranges.outlier(y, self.range) is None

    def _are_numbers(self, y):
        return y.ndim < self.rank or y.shape[-1] == 1


def accuracy(name: str, shape: Sequence[int | None], loss: Any, class_mode: str | None, era: str) -> Any:
    """The accuracy that fits an output: its loss, or the `class_mode` of Keras 0.3, says which, else the shapes do.

    Where that is not what the Keras of the `era` reported, it is said.
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
    """Say that the accuracy is not what Keras 1 reported."""
    targets, outputs = (f"(samples, {', '.join(map(str, shape[1:]))})" for shape in (targets, outputs))
    notices.remark(
        f"metrics=['accuracy']: output {name!r} has shape {outputs}, so targets of shape {targets} count as class "
        "numbers. Keras 1 took them for one-hot rows here: metrics=['categorical_accuracy'] gives its number."
    )
