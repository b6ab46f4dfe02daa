"""Several tensors to one, a layer and a function for each way, as Keras 2 has them; Keras 1 has `Merge(mode=...)`."""

from collections.abc import Sequence
from typing import Any

from horngate.backend.types import TensorLike
from horngate.engine.merge import Merge


class _Merging(Merge):
    """A `Merge` whose rule is that of its class."""

    rule = "sum"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"mode": self.rule, **kwargs})


class Add(_Merging):
    """The sum of tensors of one shape."""


class Subtract(_Merging):
    """The first of two tensors less the second."""

    rule = "sub"


class Multiply(_Merging):
    """The product of tensors of one shape, element by element."""

    rule = "mul"


class Average(_Merging):
    """The mean of tensors of one shape."""

    rule = "ave"


class Maximum(_Merging):
    """The largest of tensors of one shape, element by element."""

    rule = "max"


class Minimum(_Merging):
    """The smallest of tensors of one shape, element by element."""

    rule = "min"


class Concatenate(_Merging):
    """Tensors side by side.

    # Arguments
        axis: along which; the others must agree.
    """

    rule = "concat"

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**{"concat_axis": axis, **kwargs})


class Dot(_Merging):
    """Products of two tensors, sample by sample.

    # Arguments
        axes: int or pair of ints, what is summed over.
        normalize: make the vectors one long first, so that the product is their cosine.
    """

    rule = "dot"

    def __init__(self, axes: Any = -1, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**{"dot_axes": axes, "mode": "cos" if normalize else "dot", **kwargs})


def add(inputs: Sequence[TensorLike], **kwargs: Any) -> TensorLike:
    """See `Add`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[TensorLike], **kwargs: Any) -> TensorLike:
    """See `Subtract`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[TensorLike], **kwargs: Any) -> TensorLike:
    """See `Multiply`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[TensorLike], **kwargs: Any) -> TensorLike:
    """See `Average`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Sequence[TensorLike], **kwargs: Any) -> TensorLike:
    """See `Maximum`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[TensorLike], **kwargs: Any) -> TensorLike:
    """See `Minimum`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Sequence[TensorLike], axis: int = -1, **kwargs: Any) -> TensorLike:
    """See `Concatenate`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Sequence[TensorLike], axes: Any, normalize: bool = False, **kwargs: Any) -> TensorLike:
    """See `Dot`."""
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
