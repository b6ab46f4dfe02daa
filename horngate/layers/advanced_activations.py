"""Activations that have parameters, fixed or learned."""

from typing import Any

import numpy as np

from horngate import activations
from horngate.engine.for_layers import InputSpec, K, Shapes, TensorLike, Variable, argument
from horngate.engine.kinds import Constraint, Indices, Initializer, InitialWeights, Numbers, Regularizer, SomeAxes
from horngate.layers.elementwise import Elementwise


class LeakyReLU(Elementwise):
    """x where it is positive, else alpha * x.

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Source
        Maas et al., "Rectifier nonlinearities improve neural network acoustic models", 2013.

    >>> LeakyReLU(0.5)(np.array([-2., 2.])).tolist()
    [-1.0, 2.0]
    """

    alpha: Numbers = argument("the slope below 0", default=0.3)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.relu(x, self.alpha)


class ELU(Elementwise):
    """x where it is positive, else alpha * (exp(x) - 1).

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Source
        Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2015.
    """

    alpha: Numbers = argument("minus the limit far below 0", default=1.0)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.elu(x, self.alpha)


class ThresholdedReLU(Elementwise):
    """x where it is above theta, else 0.

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Source
        Konda et al., "Zero-bias autoencoders and the benefits of co-adapting features", 2014.
    """

    theta: float = argument("the threshold", default=1.0, at_least=0)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.switch(K.lesser_equal(x, self.theta), K.zeros_like(x), x)


class ThresholdedLinear(Elementwise):
    """x where |x| is above theta, else 0. From Keras 0.3.

    # Input shape
        Any.

    # Output shape
        That of the input.

    # Source
        Konda et al., "Zero-bias autoencoders and the benefits of co-adapting features", 2014.
    """

    theta: float = argument("the threshold", default=1.0, at_least=0)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.switch(K.lesser_equal(K.abs(x), self.theta), K.zeros_like(x), x)


class _OfSharing:
    """The attribute `shared_axes`, which each public subclass declares at its own place in the signature."""

    shared_axes: Indices


class _Learned(Elementwise, _OfSharing):
    """An activation with a learned parameter for each element of a sample, or one shared along `shared_axes`."""

    def parameter(self, input_shape: Shapes, name: str, init: Any, role: str = "slope", **rules: Any) -> Variable:
        """A weight that broadcasts against the input."""
        shape = list(input_shape[1:])
        for axis in self.shared_axes or ():
            if axis > len(shape):
                raise ValueError(
                    f"{type(self).__name__} {self.name}: shared_axes must be axes of the input, from 1 to {len(shape)} "
                    f"for shape {tuple(input_shape)}; received {axis}."
                )
            shape[axis - 1] = 1
        sizes = {axis: size for axis, size in enumerate(shape, 1) if axis not in (self.shared_axes or ())}
        self._expect(InputSpec(ndim=len(input_shape), axes=sizes))
        axes = ("elements",) * len(shape)
        return self.add_weight(tuple(shape), init, f"{self.name}_{name}", axes=axes, role=role, **rules)


class PReLU(_Learned):
    """x where it is positive, else alphas * x, with learned alphas.

    # Input shape
        Any; sizes must be known where parameters are not shared.

    # Output shape
        That of the input.

    # Source
        He et al., "Delving deep into rectifiers", 2015.
    """

    init: Initializer = argument("how the alphas begin", default="zero")
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    shared_axes: Indices = argument(
        "axes along which a parameter is shared, the batch being axis 0: (2, 3) for one parameter a channel "
        "where channels come first",
        default=None,
    )
    alpha_regularizer: Regularizer = argument(default=None, kw_only=True, later=True)
    alpha_constraint: Constraint = argument(default=None, kw_only=True, later=True)

    def build(self, input_shape: Shapes) -> None:
        rules: dict[str, Any] = {"regularizer": self.alpha_regularizer, "constraint": self.alpha_constraint}
        self.alphas: Variable = self.parameter(input_shape, "alphas", self.init, **rules)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.relu(x, self.alphas)


class ParametricSoftplus(_Learned):
    """alphas * log(1 + exp(betas * x)), with learned alphas and betas.

    # Input shape
        Any; sizes must be known where parameters are not shared.

    # Output shape
        That of the input.

    # Source
        McFarland et al., "Inferring nonlinear neuronal computation based on physiologically plausible inputs", 2013.
    """

    alpha_init: float = argument("the initial value of all alphas", default=0.2)
    beta_init: float = argument("the initial value of all betas", default=5.0)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    shared_axes: Indices = argument("axes along which a parameter is shared, the batch being axis 0", default=None)

    def build(self, input_shape: Shapes) -> None:
        self.alphas: Variable = self.parameter(
            input_shape, "alphas", lambda shape: self.alpha_init * np.ones(shape), "scale"
        )
        self.betas: Variable = self.parameter(input_shape, "betas", lambda shape: self.beta_init * np.ones(shape))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return self.alphas * K.softplus(self.betas * x)


class SReLU(_Learned):
    """Three straight pieces, all learned.

    With t_r = t_left + |t_right|: t_left + a_left * (x - t_left) below t_left, x between t_left and t_r, and
    t_r + a_right * (x - t_r) above t_r.

    # Input shape
        Any; sizes must be known where parameters are not shared.

    # Output shape
        That of the input.

    # Source
        Jin et al., "Deep learning with S-shaped rectified linear activation units", 2015.
    """

    t_left_init: Initializer = argument(default="zero")
    a_left_init: Initializer = argument(default="glorot_uniform")
    t_right_init: Initializer = argument(default="glorot_uniform")
    a_right_init: Initializer = argument(default="one")
    shared_axes: Indices = argument("axes along which a parameter is shared, the batch being axis 0", default=None)

    def build(self, input_shape: Shapes) -> None:
        self.t_left: Variable = self.parameter(input_shape, "t_left", self.t_left_init, "threshold")
        self.a_left: Variable = self.parameter(input_shape, "a_left", self.a_left_init)
        self.t_right: Variable = self.parameter(input_shape, "t_right", self.t_right_init, "threshold")
        self.a_right: Variable = self.parameter(input_shape, "a_right", self.a_right_init)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        t_right = self.t_left + K.abs(self.t_right)
        left_and_middle = self.t_left + K.relu(x - self.t_left, self.a_left, t_right - self.t_left)
        return left_and_middle + self.a_right * K.relu(x - t_right)


class ReLU(Elementwise):
    """max(x, 0), optionally with an upper limit, and a slope below 0 or another threshold."""

    max_value: float | None = argument("the cap, or None", default=None, at_least=0)
    negative_slope: Numbers = argument("the slope below the threshold", default=0.0)
    threshold: float = argument(
        "the value below which the slope applies", default=0.0, at_least=0, kw_only=True, later=True
    )

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        if self.threshold == 0:
            return K.relu(x, self.negative_slope, self.max_value)
        y = K.switch(K.greater_equal(x, self.threshold), x, self.negative_slope * (x - self.threshold))
        return y if self.max_value is None else K.minimum(y, self.max_value)


class Softmax(Elementwise):
    """exp(x) / sum(exp(x)) along an axis.

    A mask with the shape of the input says which entries take part; the others are 0. A mask of fewer axes is only
    passed on.
    """

    axis: SomeAxes = argument("along which axis, or over which axes together", default=-1)

    activation = staticmethod(activations.softmax)  # as in a layer that ends with it

    @property
    def output_order(self) -> str:  # type: ignore[override]  # depends on the axis
        """The order of the output."""
        return "last kept" if self.axis == -1 else "unknown"

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        mask = mask if mask is not None and K.ndim(mask) == K.ndim(x) else None
        if self.axis == -1:
            return K.softmax(x) if mask is None else K.masked_softmax(x, mask)
        rank = K.ndim(x)
        axes = [axis % rank for axis in (self.axis if isinstance(self.axis, tuple) else (self.axis,))]
        order = [*(axis for axis in range(rank) if axis not in axes), *axes]

        def turned(x):
            x = K.permute_dimensions(x, order)
            return K.reshape(x, (*x.shape[: rank - len(axes)], -1))

        y = K.masked_softmax(turned(x), None if mask is None else turned(mask))
        y = K.reshape(y, [x.shape[axis] for axis in order])
        return K.permute_dimensions(y, [order.index(axis) for axis in range(rank)])
