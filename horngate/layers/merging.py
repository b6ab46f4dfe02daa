"""Merging layers of Keras 2: a class and a function for each mode of Keras 1's `Merge(mode=...)`."""

from collections.abc import Sequence
from typing import Any, Self

from horngate.engine.for_layers import Layer, TensorLike, argument, fixed
from horngate.engine.kinds import Axes
from horngate.engine.merge import Merge


class _Merging(Merge):
    """A `Merge` whose class decides the mode."""

    layers: Any = fixed(None)
    mode: Any = fixed("sum")
    concat_axis: int = fixed(-1)
    dot_axes: Any = fixed(-1)
    output_shape_: Any = fixed(None)
    output_mask_: Any = fixed(None)
    arguments: Any = fixed(None)
    node_indices: Any = fixed(None)
    tensor_indices: Any = fixed(None)

    get_config = Layer.get_config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """A layer from the result of `get_config`, also in the form of horngate 0.1, which was that of `Merge`."""
        if "mode_type" in config:
            told = {"axis": config["concat_axis"], "axes": config["dot_axes"], "normalize": config["mode"] == "cos"}
            config = {"name": config["name"], **{key: told[key] for key in cls.__declared__ if key in told}}
        return cls(**config)


class Add(_Merging):
    """The sum of tensors of one shape."""


class Subtract(_Merging):
    """The first of two tensors minus the second."""

    mode: Any = fixed("sub")


class Multiply(_Merging):
    """The elementwise product of tensors of one shape."""

    mode: Any = fixed("mul")


class Average(_Merging):
    """The mean of tensors of one shape."""

    mode: Any = fixed("ave")


class Maximum(_Merging):
    """The elementwise maximum of tensors of one shape."""

    mode: Any = fixed("max")


class Minimum(_Merging):
    """The elementwise minimum of tensors of one shape."""

    mode: Any = fixed("min")


class Concatenate(_Merging):
    """Tensors joined along an axis."""

    mode: Any = fixed("concat")
    concat_axis: int = argument("the axis along which to join; all other sizes must agree", default=-1, alias="axis")


class Dot(_Merging):
    """Dot products of two tensors, for each sample."""

    dot_axes: Axes = argument("int or pair of ints: the axes to sum over", default=-1, alias="axes")
    normalize: bool = argument(
        "divide the vectors by their norms first, so that the product is their cosine", default=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mode: Any = "cos" if self.normalize else "dot"


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
