"""Normalization of each sample separately: independent of the batch, and equal in training and testing."""

from collections.abc import Sequence
from typing import Any

from horngate.engine.for_layers import InputSpec, K, Shapes, TensorLike, Variable, argument
from horngate.engine.kinds import Constraint, Initializer, Regularizer, SomeAxes
from horngate.layers.elementwise import Elementwise
from horngate.layers.normalization import meaning_of


class _OfScale:
    """Attributes of normalizations that each public class declares at its own place in the signature."""

    axis: Any
    center: bool
    scale: Any
    beta_initializer: Initializer
    gamma_initializer: Initializer
    beta_regularizer: Regularizer
    gamma_regularizer: Regularizer
    beta_constraint: Constraint
    gamma_constraint: Constraint


class _Normalizing(Elementwise, _OfScale):
    """Base of normalizations: output of the input's shape, computed in full precision, then gamma y + beta."""

    full_precision = True

    def axes_of(self, shape: Shapes) -> list[int]:
        """Return the axes given by `axis`, sorted and counted from the first axis."""
        rank = len(shape)
        given = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        if wrong := [axis for axis in given if not -rank < axis < rank or axis == 0]:
            raise ValueError(
                f"{type(self).__name__} {self.name}: axis must name axes of a sample, from 1 to {rank - 1} or from -1 "
                f"to {1 - rank} for an input of shape {tuple(shape)}; received {wrong[0]}."
            )
        return sorted({axis % rank for axis in given})

    def add_scale(self, shape: Shapes, axes: Sequence[int]) -> None:
        """Make gamma and beta, with an entry for each index along `axes` of an input of `shape`."""
        self._expect(InputSpec(ndim=len(shape), axes={axis: shape[axis] for axis in axes}))
        sizes, words = [shape[axis] for axis in axes], [meaning_of(axis, len(shape)) for axis in axes]
        self._spread = [shape[axis] if axis in axes else 1 for axis in range(len(shape))]
        self.gamma: Variable | None = self._weight("gamma", "scale", sizes, words) if self.scale else None
        self.beta: Variable | None = self._weight("beta", "offset", sizes, words) if self.center else None

    def _weight(self, name, role, sizes, words):
        told = {part: getattr(self, f"{name}_{part}") for part in ("initializer", "regularizer", "constraint")}
        return self.add_weight(sizes, name=f"{self.name}_{name}", axes=words, role=role, **told)

    def scaled(self, y: TensorLike) -> TensorLike:
        """Return gamma y + beta."""
        y = y if self.gamma is None else y * K.reshape(self.gamma, self._spread)
        return y if self.beta is None else y + K.reshape(self.beta, self._spread)


class LayerNormalization(_Normalizing):
    """Normalize each sample to mean 0 and variance 1 along its last axis, then apply a learned scale and offset.

    y = gamma * (x - mean) / sqrt(var + epsilon) + beta, with the mean and variance of each sample over `axis`.

    # Input shape
        (samples, ..., features)

    # Output shape
        That of the input.

    # Source
        Ba, Kiros, Hinton, Layer normalization (arXiv:1607.06450).
    """

    axis: SomeAxes = argument("the axis, or several, over which samples are normalized", default=-1)
    epsilon: float = argument("what is added to the variance", default=1e-3, above=0)
    center: bool = argument("whether there is a beta", default=True)
    scale: bool = argument("whether there is a gamma", default=True)
    beta_initializer: Initializer = argument(default="zeros")
    gamma_initializer: Initializer = argument(default="ones")
    beta_regularizer: Regularizer = argument(default=None)
    gamma_regularizer: Regularizer = argument(default=None)
    beta_constraint: Constraint = argument(default=None)
    gamma_constraint: Constraint = argument(default=None)

    def build(self, input_shape: Shapes) -> None:
        self.add_scale(input_shape, self.axes_of(input_shape))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return self.scaled(K.normalized(x, self.axes_of(x.shape), self.epsilon))


class RMSNormalization(_Normalizing):
    """Normalize each sample to root mean square 1 along its last axis, then apply a learned scale.

    y = scale * x / sqrt(mean(x^2) + epsilon), with the mean of each sample over `axis`.

    # Input shape
        (samples, ..., features)

    # Output shape
        That of the input.

    # Source
        Zhang, Sennrich, Root mean square layer normalization (arXiv:1910.07467).
    """

    axis: SomeAxes = argument("the axis, or several, over which samples are normalized", default=-1)
    epsilon: float = argument("what is added to the mean square", default=1e-6, above=0)

    def build(self, input_shape: Shapes) -> None:
        axes = self.axes_of(input_shape)
        self._expect(InputSpec(ndim=len(input_shape), axes={axis: input_shape[axis] for axis in axes}))
        words = [meaning_of(axis, len(input_shape)) for axis in axes]
        sizes = [input_shape[axis] for axis in axes]
        self.scale: Variable = self.add_weight(sizes, "ones", f"{self.name}_scale", axes=words, role="scale")

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        axes = self.axes_of(x.shape)
        spread = [size if axis in axes else 1 for axis, size in enumerate(x.shape)]
        return K.normalized(x, axes, self.epsilon, centered=False) * K.reshape(self.scale, spread)


class GroupNormalization(_Normalizing):
    """Normalize groups of features of each sample to mean 0 and variance 1, then apply a learned scale and offset.

    y = gamma * (x - mean) / sqrt(var + epsilon) + beta, with the mean and variance of each sample and group over all
    positions. With one group per feature, this is instance normalization.

    # Input shape
        (samples, ..., features)

    # Output shape
        That of the input.

    # Raises
        ValueError: if the number of features is unknown or not a multiple of `groups`.

    # Source
        Wu, He, Group normalization (arXiv:1803.08494).
    """

    groups: int = argument("into how many groups the features fall; -1: as many as there are", default=32, at_least=-1)
    axis: int = argument("axis of the features: 1 for images with channels first", default=-1)
    epsilon: float = argument("what is added to the variance", default=1e-3, above=0)
    center: bool = argument("whether there is a beta", default=True)
    scale: bool = argument("whether there is a gamma", default=True)
    beta_initializer: Initializer = argument(default="zeros")
    gamma_initializer: Initializer = argument(default="ones")
    beta_regularizer: Regularizer = argument(default=None)
    gamma_regularizer: Regularizer = argument(default=None)
    beta_constraint: Constraint = argument(default=None)
    gamma_constraint: Constraint = argument(default=None)

    def build(self, input_shape: Shapes) -> None:
        (axis,) = self.axes_of(input_shape)
        features = input_shape[axis]
        groups = features if self.groups == -1 else self.groups
        if not features or not groups or features % groups:
            raise ValueError(
                f"GroupNormalization {self.name}: the number of features must be a multiple of groups; received groups="
                f"{self.groups} for {features} features on axis {axis}. Choose groups that divide them, or other axes."
            )
        self.add_scale(input_shape, [axis])

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        (axis,) = self.axes_of(x.shape)
        features = x.shape[axis]
        groups = features if self.groups == -1 else self.groups
        apart = K.reshape(x, (*x.shape[:axis], groups, features // groups, *x.shape[axis + 1 :]))
        others = [place for place in range(1, len(apart.shape)) if place != axis]
        return self.scaled(K.reshape(K.normalized(apart, others, self.epsilon), x.shape))


class UnitNormalization(_Normalizing):
    """Scale each vector of a sample to length 1: y = x / sqrt(sum(x^2)), with the sum over `axis`.

    # Input shape
        (samples, ..., features)

    # Output shape
        That of the input. Vectors of zeros stay zeros.
    """

    axis: SomeAxes = argument("the axis, or several, along which vectors stand", default=-1)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.unit_length(x, self.axes_of(x.shape))
