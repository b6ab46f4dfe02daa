"""Regularizers that take their weight or layer, as before Keras 1.1, and constraints in the order of weights."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from horngate.backend.graph import Variable
from horngate.backend.types import TensorLike
from horngate.engine.layer import Layer


def penalty(regularizer: Any, of: Any, value: Any) -> TensorLike:
    """Return the penalty on `value`, a weight or the output of a layer, by a regularizer that maps loss to loss."""
    if not isinstance(of, Layer):
        regularizer.set_param(of)
        return regularizer(0.0)
    regularizer.set_layer(_Giving(of, value))
    try:
        return regularizer(0.0)
    finally:
        regularizer.set_layer(of)


class _Giving:
    """A layer as seen by its regularizer: its output is that of the running call."""

    def __init__(self, layer: Layer, output: Any) -> None:
        self.layer, self.output = layer, output

    def get_output(self, train: bool = False) -> Any:
        return self.output

    def __getattr__(self, name: str) -> Any:
        return getattr(self.layer, name)


class ConstraintsInOrder(dict[Any, Any]):
    """Weight -> constraint; iterates over one constraint for each of `params`, as Keras 0.3 gave them to optimizers."""

    params: list[Variable]

    def __init__(self, params: Iterable[Variable], constraints: Mapping[Variable, Any]) -> None:
        super().__init__(constraints)
        self.params = list(params)

    def __iter__(self) -> Iterator[Any]:
        return (self.get(p, _as_it_is) for p in self.params)


def _as_it_is(p):
    return p
