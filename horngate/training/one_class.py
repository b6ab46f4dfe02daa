"""Outputs of one column that are made for several: they can teach nothing, and nothing else would tell."""

from typing import Any

from horngate import activations, objectives
from horngate.backend import notices
from horngate.backend.graph import Tensor
from horngate.training.labels import function_of

_INSTEAD = "Use 'binary_crossentropy' with a sigmoid, or give the output a column for each class."


def remark_on_one_class(loss: Any, name: str, output: Tensor) -> None:
    """Warn if the `loss` of the `output` called `name`, or that output itself, is the same whatever the weights are."""
    if not output.shape or output.shape[-1] != 1:
        return
    if function_of(loss) is objectives.categorical_crossentropy:
        notices.remark(
            f"loss: categorical_crossentropy of output {name!r}, which has one column, is always 0. {_INSTEAD}"
        )
    elif output._keras_history and getattr(output._keras_history[0], "activation", None) is activations.softmax:
        notices.remark(f"output {name!r}: softmax over one column is always 1. {_INSTEAD}")
