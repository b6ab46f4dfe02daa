"""A `predict_step` of one's own: recorded on symbols once for each shape of its batches, or run by Python."""

from collections.abc import Callable, Sequence
from typing import Any

from horngate.engine.arrangement import Structure, arranged, flattened, names_in
from horngate.training.functions import CompiledFunction


class OwnPredictStep:
    """The `predict_step` of a model in the place of a `PredictStep`.

    # Arguments
        method: the `predict_step`.
        structure: how the arrays make up its data.
        by_python: whether it runs on arrays, by Python, and is never compiled.
    """

    method: Callable[..., Any]
    structure: Structure
    by_python: bool
    collect: str | None = None  # "state" if the model carries states from batch to batch
    layout: Any = None  # it runs on one device
    found: Structure | None = None  # that of the outputs, once there are some

    def __init__(self, method: Callable[..., Any], structure: Structure, by_python: bool) -> None:
        self.method, self.structure, self.by_python = CompiledFunction(method, by_python), structure, by_python
        self.names: list[str] = []

    @property
    def function(self) -> Any:
        """Itself: what a `PredictStep` asks of its function, it knows."""
        return self

    def outputs(self, feeds: Sequence[Any], proven: Any, size: int) -> list[Any]:
        """Return the outputs for the arrays of a batch."""
        tensors, self.found = flattened(self.method(arranged(self.structure, list(feeds))))
        self.names[:] = names_in(self.found)
        return [getattr(x, "computed", x) for x in tensors]

    def as_returned(self, outputs: Sequence[Any]) -> Any:
        """Return `outputs` in the structure in which `predict_step` returns them."""
        return outputs if self.found is None else arranged(self.found, outputs)
