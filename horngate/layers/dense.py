"""Fully connected layers: Dense and its relatives."""

from typing import Any, ClassVar

from horngate.backend import EraDefault
from horngate.engine.for_layers import InputSpec, K, Layer, OfEra, Shapes, TensorLike, Variable, argument
from horngate.engine.kinds import Activation, Constraint, Initializer, InitialWeights, NotHere, Regularizer


class Dense(Layer):
    """Every output is connected to every input: y = activation(x W + b).

    # Input shape
        (samples, ..., input_dim)

    # Output shape
        (samples, ..., output_dim)

    >>> from horngate.layers import Dense, Input
    >>> Dense(32)(Input((784,))).shape
    (None, 32)
    """

    output_dim: int = argument("number of outputs", at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    input_dim: int | None = argument(default=None, at_least=1)
    bias_initializer: Initializer = argument(default="zero", kw_only=True, later=True)
    lora_rank: NotHere = argument(default=None, kw_only=True, later=True)
    lora_alpha: NotHere = argument(default=None, kw_only=True, later=True)
    quantization_config: NotHere = argument(default=None, kw_only=True, later=True)

    supports_masking: Any = OfEra("later_masks")
    shape_arguments: ClassVar[tuple[str, ...]] = ("input_dim",)

    def build(self, input_shape: Shapes) -> None:
        self.input_dim = input_shape[-1]
        self._expect(InputSpec(ndim="2+", axes={-1: self.input_dim}))
        self.W: Variable = kernel_of(self, (self.input_dim, self.output_dim), ("features", "units"))
        self.b: Variable | None = bias_of(self, (self.output_dim,), ("units",))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return self.activation(affine(x, self.W, self.b))

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return (*input_shape[:-1], self.output_dim)


class TimeDistributedDense(Dense):
    """The same Dense at every time step: y[t] = activation(x[t] W + b). Later written `TimeDistributed(Dense(n))`.

    # Input shape
        (samples, steps, input_dim)

    # Output shape
        (samples, steps, output_dim)
    """

    input_length: int | None = argument(default=None, at_least=1)

    supports_masking = True
    shape_arguments: ClassVar[tuple[str, ...]] = ("input_length", "input_dim")
    input_ndim: ClassVar[int | str | None] = 3


class MaxoutDense(Layer):
    """The largest of several affine maps, output by output: y = max over k of (x W[k] + b[k]).

    Learns a convex, piecewise linear activation.

    # Input shape
        (samples, input_dim)

    # Output shape
        (samples, output_dim)

    # Source
        Goodfellow et al., "Maxout networks", 2013.
    """

    output_dim: int = argument("number of outputs", at_least=1)
    nb_feature: int = argument("number of maps k", default=4, at_least=1)
    init: Initializer = argument(default="glorot_uniform")
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument(default=True)
    input_dim: int | None = argument(default=None, at_least=1)

    shape_arguments: ClassVar[tuple[str, ...]] = ("input_dim",)
    input_ndim: ClassVar[int | str | None] = 2

    def build(self, input_shape: Shapes) -> None:
        self._expect(InputSpec(shape=(None, input_shape[1])))
        maps, units = self.nb_feature, self.output_dim
        self.W: Variable = kernel_of(self, (maps, input_shape[1], units), ("maps", "features", "units"))
        self.b: Variable | None = bias_of(self, (maps, units), ("maps", "units"))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return K.max(affine(x, self.W, self.b), axis=1)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return (input_shape[0], self.output_dim)


class Highway(Layer):
    """A dense layer that a learned gate mixes with its own input: y = t * activation(x W + b) + (1 - t) * x.

    The gate is t = sigmoid(x W_carry + b_carry).

    # Input shape
        (samples, input_dim)

    # Output shape
        That of the input.

    # Source
        Srivastava et al., "Highway networks", 2015.
    """

    init: Initializer = argument(default="glorot_uniform")
    activation: Activation = argument(default=None)
    initial_weights: InitialWeights = argument(default=None, alias="weights")
    W_regularizer: Regularizer = argument(default=None)
    b_regularizer: Regularizer = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None)
    W_constraint: Constraint = argument(default=None)
    b_constraint: Constraint = argument(default=None)
    bias: bool = argument("whether there are b and b_carry", default=True)
    input_dim: int | None = argument(default=None, at_least=1)
    transform_bias: float = argument(
        "initial value of b_carry; below 0, the layer at first passes its input through. -2 in Keras 0.3 "
        "and 1.0, 1 in 1.2",
        default=EraDefault("highway_transform_bias"),
    )

    shape_arguments: ClassVar[tuple[str, ...]] = ("input_dim",)
    input_ndim: ClassVar[int | str | None] = 2

    def build(self, input_shape: Shapes) -> None:
        size = input_shape[1]
        self._expect(InputSpec(shape=(None, size)))
        both, each = ("features", "features"), ("features",)  # the outputs have the order of the inputs
        self.W: Variable = kernel_of(self, (size, size), both)
        name = f"{self.name}_W_carry"
        self.W_carry: Variable = self.add_weight((size, size), self.init, name, axes=both, role="kernel")
        self.b: Variable | None = bias_of(self, (size,), each)
        self.b_carry: Variable | None = None
        if self.bias:
            self.b_carry = self.add_weight((size,), self._gate_bias, f"{self.name}_b_carry", axes=each, role="bias")

    def _gate_bias(self, shape, name=None):
        return K.variable([self.transform_bias] * shape[0], name=name)

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        gate = K.sigmoid(affine(x, self.W_carry, self.b_carry))
        return gate * self.activation(affine(x, self.W, self.b)) + (1 - gate) * x

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return tuple(input_shape)


def affine(x: TensorLike, W: TensorLike, b: TensorLike) -> TensorLike:
    """x W + b, where b may be None."""
    y = K.dot(x, W)
    return y if b is None else y + b


def kernel_of(layer: Any, shape: Any, axes: tuple[str, ...], role: str = "kernel") -> Variable:
    """The weight W of a layer, with its penalty and constraint."""
    told = {"regularizer": layer.W_regularizer, "constraint": layer.W_constraint, "axes": axes}
    return layer.add_weight(shape, layer.init, f"{layer.name}_W", **told, role=role)


def own_kernel(layer: Any, name: str, shape: Any, axes: tuple[str, ...]) -> Variable:
    """The kernel `name` of a layer, with the initializer, penalty and constraint that the layer declares for it."""
    told = {part: getattr(layer, f"{name}_{part}") for part in ("initializer", "regularizer", "constraint")}
    told["initializer"] = layer.init if told["initializer"] is None else told["initializer"]
    return layer.add_weight(shape, name=f"{layer.name}_{name}_kernel", **told, axes=axes, role="kernel")


def bias_of(layer: Any, shape: Any, axes: tuple[str, ...], called: str = "b") -> Variable | None:
    """The weight b of a layer, which begins as its `bias_initializer` says; None for a layer without bias.

    `called`: the end of its name.
    """
    if not layer.bias:
        return None
    told = {"regularizer": layer.b_regularizer, "constraint": layer.b_constraint, "axes": axes}
    init = getattr(layer, "bias_initializer", "zero")
    return layer.add_weight(shape, init, f"{layer.name}_{called}", **told, role="bias")
